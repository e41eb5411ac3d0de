"""From the largest scale of a plan to prescriptions and what they mean for targets."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from reirrad.core.accumulation import KnownDose, known_dose
from reirrad.core.budget import NamedLimit
from reirrad.core.constraints import Constraint
from reirrad.core.isotoxic import ScaleBounds, exceeded_beside, scale_bounds
from reirrad.core.isotoxic_results import (
    Isotoxic,
    IsotoxicPrescription,
    LargestPrescription,
    TargetEffect,
)
from reirrad.core.limit_questions import LimitedOrgan
from reirrad.core.organ_doses import OrganDoses
from reirrad.core.radiobiology import bed

__all__ = [
    "PlannedTarget",
    "isotoxic_prescriptions",
    "planned_target",
    "target_effects",
]

V95_SHARE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class PlannedTarget:
    """A target of the new course, with its dose as planned.

    Parameters
    ----------
    name
        As drawn.
    prescription_gy
        Its own prescribed dose.
    alpha_beta_gy
        Ratio of the tumour.
    doses
        Doses at its points.
    known
        Dose-volume curve of the physical dose.
    """

    name: str
    prescription_gy: float
    alpha_beta_gy: float
    doses: OrganDoses
    known: KnownDose


def planned_target(doses: OrganDoses, prescription_gy: float) -> PlannedTarget:
    """A target of the new course, ready to be asked what a scale means for it.

    Raises
    ------
    ValueError
        If no new course is planned.
    """
    new = doses.new
    if new is None:
        msg = "no new course is planned"
        raise ValueError(msg)
    return PlannedTarget(
        name=doses.label,
        prescription_gy=prescription_gy,
        alpha_beta_gy=doses.alpha_beta_gy,
        doses=doses,
        known=known_dose(new.physical_gy(), doses.volumes_cc, new.covered),
    )


def target_effects(
    targets: Sequence[PlannedTarget],
    scale: float,
    n_fractions: int,
    *,
    planned: bool = True,
) -> tuple[TargetEffect, ...]:
    """What a scale of the plan means for its targets, in a number of fractions.

    Parameters
    ----------
    targets, scale, n_fractions
        Of the new course, the factor on its dose, and the fractions it is given in.
    planned
        Whether that number is the planned one. In any other a share of the planned
        prescription in physical dose says nothing, so that it is left out.
    """
    effects = (_effect(target, scale, n_fractions) for target in targets)
    if planned:
        return tuple(effects)
    return tuple(
        replace(effect, v95_percent=None, v100_percent=None) for effect in effects
    )


def isotoxic_prescriptions(
    organs: Sequence[LimitedOrgan],
    constraints: Collection[Constraint],
    targets: Sequence[PlannedTarget],
    *,
    plan: Isotoxic,
    fractions: Sequence[int],
    not_evaluated: Sequence[str] = (),
) -> Isotoxic:
    """The largest prescription for the planned and for other numbers of fractions.

    Parameters
    ----------
    organs, constraints
        Drawn organs, and the rows of the sets to evaluate.
    targets
        Of the new course.
    plan
        The course as planned, without results.
    fractions
        Other numbers of fractions.
    not_evaluated
        Limits that cannot be asked at all, each with its reason.
    """
    question = _PlanQuestion(organs, constraints, targets, plan)
    numbers = (plan.n_fractions, *(n for n in fractions if n != plan.n_fractions))
    rows = tuple(_prescription(question, number, not_evaluated) for number in numbers)
    return replace(plan, by_fractions=rows)


@dataclass(frozen=True, slots=True, eq=False)
class _PlanQuestion:
    """Whose prescription is sought, and under which limits."""

    organs: Sequence[LimitedOrgan]
    constraints: Collection[Constraint]
    targets: Sequence[PlannedTarget]
    plan: Isotoxic

    def bounds(self, number: int) -> ScaleBounds:
        return scale_bounds(
            self.organs,
            self.constraints,
            n_fractions=number,
            planned=number == self.plan.n_fractions,
        )

    def largest(
        self, number: int, scale: float | None, limiting: NamedLimit | None
    ) -> LargestPrescription | None:
        if scale is None or limiting is None or not math.isfinite(scale):
            return None
        return LargestPrescription(
            scale=scale,
            prescription_gy=scale * self.plan.prescription_gy,
            limiting=limiting,
            targets=target_effects(
                self.targets, scale, number, planned=number == self.plan.n_fractions
            ),
            exceeded_beside=exceeded_beside(
                self.organs,
                self.constraints,
                scale,
                n_fractions=number,
                planned=number == self.plan.n_fractions,
            ),
        )

    def note(self, number: int) -> str:
        parts = {len(o.whole.new.delivered_gy) for o in self.organs if o.whole.new}
        if max(parts, default=1) == 1:
            return ""
        if number == self.plan.n_fractions:
            return "each part of the course keeps its own number of fractions"
        return f"all parts of the course are taken to be given in {number}"


def _prescription(
    question: _PlanQuestion, number: int, not_evaluated: Sequence[str]
) -> IsotoxicPrescription:
    bounds = question.bounds(number)
    ignoring = None
    if bounds.exceeded_before:
        ignoring = question.largest(
            number, bounds.ignoring_exceeded, bounds.limiting_others
        )
    return IsotoxicPrescription(
        n_fractions=number,
        planned=number == question.plan.n_fractions,
        largest=question.largest(number, bounds.scale, bounds.limiting),
        reason=_reason(bounds),
        exceeded_before=bounds.exceeded_before,
        ignoring_exceeded=ignoring,
        evaluated=bounds.evaluated,
        not_evaluated=(*bounds.not_evaluated, *not_evaluated),
        note=question.note(number),
    )


def _reason(bounds: ScaleBounds) -> str:
    """Why there is no largest prescription; empty where there is one."""
    if bounds.exceeded_before:
        return "; ".join(map(_exceeded, bounds.exceeded_before))
    if not bounds.evaluated:
        return "no binding limit could be evaluated, so nothing can be said"
    if bounds.limiting is None:
        return "none of the limits that could be evaluated bounds the prescription"
    return ""


def _exceeded(named: NamedLimit) -> str:
    limit = f"{named.metric.partition('[')[0]} {named.relation} {named.limit:.4g}"
    what = f"{named.structure}, {limit} {named.quantity} ({named.set})"
    if named.too_small:
        return f"{what} cannot be met: the organ is too small"
    return f"{what} is exceeded by the earlier courses alone: no dose is possible"


def _effect(target: PlannedTarget, scale: float, n_fractions: int) -> TargetEffect:
    d95 = target.known.metric("D95%[Gy]")
    scaled_d95 = None if d95 is None else scale * d95

    def equivalent(dose_gy: float) -> float:
        return float(
            bed(dose_gy, n_fractions=n_fractions, alpha_beta_gy=target.alpha_beta_gy)
        )

    def covered_percent(share: float) -> float | None:
        if scale == 0.0:
            return 0.0
        level = share * target.prescription_gy / scale
        return target.known.metric(f"V{level:.6f}Gy[%]")

    return TargetEffect(
        name=target.name,
        prescription_gy=scale * target.prescription_gy,
        d95_gy=scaled_d95,
        v95_percent=covered_percent(V95_SHARE),
        v100_percent=covered_percent(1.0),
        bed_gy=equivalent(scale * target.prescription_gy),
        bed_d95_gy=None if scaled_d95 is None else equivalent(scaled_d95),
        alpha_beta_gy=target.alpha_beta_gy,
    )
