"""Find the changes of :mod:`reirrad.core.reduction_results`, limit by limit."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from reirrad.core.budget import DecidingPlace, NamedLimit
from reirrad.core.constraint_rows import Constraint, limit_kind
from reirrad.core.constraints import holds
from reirrad.core.dvh import metric_value
from reirrad.core.geometry import FloatArray
from reirrad.core.hot_places import PlacedTarget, place_of
from reirrad.core.isotoxic import largest_scale, surely_meets
from reirrad.core.isotoxic_prescription import PlannedTarget, target_effects
from reirrad.core.isotoxic_results import Isotoxic
from reirrad.core.limit_questions import LimitedOrgan, limit_questions
from reirrad.core.organ_doses import OrganDoses, ScaledDose
from reirrad.core.organ_limits import (
    DecidingDose,
    OrganLimit,
    deciding_dose,
    organ_limits,
)
from reirrad.core.reduction_results import (
    CroppedTarget,
    LowerPrescription,
    MoreFractions,
    Reduction,
    ReductionRules,
    SparedVolume,
)

__all__ = ["PlanToReduce", "reductions"]

GRADIENT_POINTS = 300
ALL = 99.95
"""Per cent; less than a twentieth of a per cent is no target."""
MEAN_HAS_NO_PLACE = "a mean hangs on the whole organ, not on a part of it"
BEFORE = "the earlier courses alone exceed it"


@dataclass(frozen=True, slots=True, eq=False)
class PlanToReduce:
    """The new course as planned, and what a change of it is judged by.

    Parameters
    ----------
    plan
        Its prescription.
    constraints
        Rows of the sets to evaluate.
    targets
        Its PTVs with their doses.
    placed
        The same as solids, for distances.
    dose_gy
        Physical dose of the course at points ``(n, 3)`` of the reference frame.
    rules
        Bounds of the search.
    """

    plan: Isotoxic
    constraints: Collection[Constraint]
    targets: Sequence[PlannedTarget]
    placed: Sequence[PlacedTarget]
    dose_gy: Callable[[FloatArray], FloatArray]
    rules: ReductionRules


@dataclass(frozen=True, slots=True, eq=False)
class _Exceeded:
    """An exceeded limit with its dose and the part of the organ above its level."""

    organ: OrganDoses
    limit: OrganLimit
    scaled: ScaledDose
    deciding: DecidingDose
    hot: npt.NDArray[np.bool_]
    place: DecidingPlace | None


def reductions(
    organs: Sequence[LimitedOrgan], plan: PlanToReduce
) -> tuple[Reduction, ...]:
    """Every binding limit that the plan exceeds, with the changes that meet it.

    Limits that cannot be evaluated are not among them, nor are they met.
    """
    found = []
    for organ in organs:
        for question in limit_questions(
            organ, plan.constraints, n_fractions=plan.plan.n_fractions, planned=True
        ):
            row, scaled = question.limit.constraint, question.scaled
            doses = organ.basis(row)
            if scaled is None or doses is None or question.reason:
                continue
            if surely_meets(scaled, row, 1.0):
                continue
            value = metric_value(row.metric, scaled.curve(1.0))
            if not holds(value, row.relation, row.limit):
                case = _exceeded(doses, question.limit, scaled, plan)
                found.append(_reduction(case, question.named, value, plan))
    return tuple(found)


def _exceeded(
    organ: OrganDoses, limit: OrganLimit, scaled: ScaledDose, plan: PlanToReduce
) -> _Exceeded:
    deciding = deciding_dose(limit.constraint, organ.volume_cc)
    hot = scaled.at(1.0) >= deciding.level_gy
    place = None
    if deciding.volume_cc is not None and hot.any():
        place = place_of(organ.points_mm[hot], organ.volumes_cc[hot], plan.placed)
    return _Exceeded(organ, limit, scaled, deciding, hot, place)


def _reduction(
    case: _Exceeded, named: NamedLimit, value: float, plan: PlanToReduce
) -> Reduction:
    return Reduction(
        limit=named,
        value=value,
        lower_prescription=_lower_prescription(case, plan),
        more_fractions=_more_fractions(case, plan),
        spared_volume=_spared_volume(case),
        cropped_target=_cropped_target(case, plan),
    )


def _cannot(case: _Exceeded) -> str:
    """Why no change of the new course meets the limit; empty where one may."""
    row = case.limit.constraint
    if case.deciding.never:
        return "the organ is smaller than the volume to be spared"
    without = metric_value(row.metric, case.scaled.curve(0.0))
    return "" if holds(without, row.relation, row.limit) else BEFORE


def _lower_prescription(case: _Exceeded, plan: PlanToReduce) -> LowerPrescription:
    scale = largest_scale(case.scaled, case.limit.constraint)
    if scale is None or not math.isfinite(scale):
        return LowerPrescription(None, None, (), _cannot(case))
    return LowerPrescription(
        scale=scale,
        prescription_gy=scale * plan.plan.prescription_gy,
        targets=target_effects(plan.targets, scale, plan.plan.n_fractions),
        reason="",
    )


def _more_fractions(case: _Exceeded, plan: PlanToReduce) -> MoreFractions:
    most = plan.rules.most_fractions
    reason = _cannot(case) or _no_fractions(case)
    last_limited = plan.plan.n_fractions
    numbers = range(plan.plan.n_fractions + 1, most + 1) if not reason else range(0)
    for number in numbers:
        limit = _same_limit(case, plan.constraints, number)
        if limit is None:
            continue
        last_limited = number
        row = limit.constraint
        scaled = case.organ.scaled(
            limit.scope, row.quantity, row.alpha_beta_gy, n_fractions=number
        )
        value = metric_value(row.metric, scaled.curve(1.0))
        known = scaled.is_known(row.metric, 1.0)
        if known and holds(value, row.relation, row.limit):
            effects = target_effects(plan.targets, 1.0, number)
            return MoreFractions(
                number, row.metric, value, row.limit, most, effects, ""
            )
    if not reason:
        reason = f"none up to {most} fractions"
        if last_limited < most:
            reason += (
                f"; {case.limit.constraint.set} has no limit for more than "
                f"{last_limited}, and one that is missing is not met"
            )
    return MoreFractions(None, None, None, None, most, (), reason)


def _no_fractions(case: _Exceeded) -> str:
    limit = case.limit
    if limit.constraint.quantity == "physical" and not limit.depends_on_fractions:
        return "the limit is one of physical dose in any number of fractions"
    new = case.organ.new
    if new is not None and len(new.delivered_gy) > 1:
        return "parts of the course are given in different numbers of fractions"
    return ""


def _same_limit(
    case: _Exceeded, constraints: Collection[Constraint], n_fractions: int
) -> OrganLimit | None:
    """The same row for another number of fractions; None where it has none."""
    if not case.limit.depends_on_fractions:
        return case.limit
    limits = organ_limits(
        constraints,
        case.organ.standard_name or "",
        n_fractions=n_fractions,
        alpha_beta_gy=case.organ.alpha_beta_gy,
    )
    own = case.limit.constraint
    same = (
        x
        for x in limits
        if x.applicable
        and x.scope == case.limit.scope
        and limit_kind(x.constraint) == limit_kind(own)
        # Several volumes of one kind are limits of their own.
        and (own.metric.endswith("[Gy]") or x.constraint.limit == own.limit)
    )
    return next(same, None)


def _spared_volume(case: _Exceeded) -> SparedVolume:
    level, quantity = case.deciding.level_gy, case.limit.constraint.quantity
    allowed = case.deciding.volume_cc
    if allowed is None:
        return SparedVolume(None, level, quantity, None, None, None, MEAN_HAS_NO_PLACE)
    at_level = f"V{level:.9f}Gy[cc]"
    hot_cc = metric_value(at_level, case.scaled.curve(1.0))
    reason = _cannot(case)
    return SparedVolume(
        volume_cc=None if reason else max(hot_cc - allowed, 0.0),
        level_gy=level,
        quantity=quantity,
        hot_cc=hot_cc,
        allowed_cc=allowed,
        place=case.place,
        reason=reason,
    )


def _cropped_target(case: _Exceeded, plan: PlanToReduce) -> CroppedTarget:
    name = None if case.place is None else case.place.target
    target = next((t for t in plan.targets if t.name == name), None)
    reason = _cannot(case) or _not_at_the_edge(case, plan)
    if reason or target is None:
        return CroppedTarget(
            name, None, None, None, None, None, None, reason or "no target is drawn"
        )
    excess = _excess_gy(case)
    points = case.organ.points_mm[case.hot]
    some = points[:: max(len(points) // GRADIENT_POINTS, 1)]
    gradient = float(np.median(_gradient(some, plan)))
    if gradient < plan.rules.least_gradient_gy_per_mm:
        flat = "the dose is flat in the part above the level: no distance follows"
        return CroppedTarget(name, None, excess, gradient, None, None, None, flat)
    distance = excess / gradient
    gap, lost_cc = _stepped_back(target.doses, points, distance)
    lost_percent = 100.0 * lost_cc / target.doses.volume_cc
    return CroppedTarget(
        target=name,
        distance_mm=distance,
        excess_gy=excess,
        gradient_gy_per_mm=gradient,
        gap_mm=gap,
        lost_percent=lost_percent,
        lost_cc=lost_cc,
        reason="nothing of the target would be left" if lost_percent >= ALL else "",
    )


def _not_at_the_edge(case: _Exceeded, plan: PlanToReduce) -> str:
    """Why the dose that is too much does not hang on the edge of a target."""
    if case.deciding.volume_cc is None or case.place is None:
        return MEAN_HAS_NO_PLACE
    distance = case.place.distance_mm
    if distance is not None and distance > plan.rules.largest_gap_mm:
        return (
            f"the part above the level lies {distance:.0f} mm from the target, not at "
            f"its edge"
        )
    return ""


def _excess_gy(case: _Exceeded) -> float:
    """Physical dose too much at the last point that must come below the level.

    The hottest points, up to the volume that may stay above it, are left aside.
    """
    new = case.organ.new
    if new is None:
        return 0.0
    allowed = case.scaled.scale_reaching(case.deciding.level_gy)[case.hot]
    excess = new.physical_gy()[case.hot] * (1.0 - np.minimum(allowed, 1.0))
    order = np.argsort(excess)[::-1]
    left = np.cumsum(case.organ.volumes_cc[case.hot][order])
    place = int(np.searchsorted(left, case.deciding.volume_cc or 0.0, side="right"))
    return float(excess[order[min(place, len(order) - 1)]])


def _gradient(points_mm: FloatArray, plan: PlanToReduce) -> FloatArray:
    """Length of the dose gradient in Gy/mm, central differences, shape (n,)."""
    step = plan.rules.gradient_step_mm
    parts = []
    for axis in np.eye(3):
        ahead = plan.dose_gy(points_mm + step * axis)
        behind = plan.dose_gy(points_mm - step * axis)
        parts.append((ahead - behind) / (2.0 * step))
    return np.asarray(np.linalg.norm(parts, axis=0))


def _stepped_back(
    target: OrganDoses, points_mm: FloatArray, distance_mm: float
) -> tuple[float, float]:
    """Gap between a target and points, and the volume lost if its edge steps back."""
    away, _ = cKDTree(points_mm).query(target.points_mm)
    gap = float(away.min())
    return gap, float(target.volumes_cc[away <= gap + distance_mm].sum())
