"""The isotoxic prescription as it is reported, and what it means for the target."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from reirrad.core.accumulation import KnownDose, known_dose
from reirrad.core.budget import NamedLimit
from reirrad.core.constraints import Constraint
from reirrad.core.isotoxic import LimitedOrgan, ScaleBounds, scale_bounds
from reirrad.core.organ_doses import OrganDoses
from reirrad.core.radiobiology import bed

__all__ = [
    "Isotoxic",
    "IsotoxicPrescription",
    "LargestPrescription",
    "PlannedTarget",
    "TargetEffect",
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


@dataclass(frozen=True, slots=True)
class TargetEffect:
    """What a scaled prescription means for one target.

    Parameters
    ----------
    name
        As drawn.
    prescription_gy
        Its scaled prescription.
    d95_gy
        D95% of the scaled plan; None where it is not known.
    v95_percent, v100_percent
        Share that still receives 95 % and 100 % of the *original* prescription.
    bed_gy, bed_d95_gy
        BED of the scaled prescription and of D95%, in the given fractions.
    alpha_beta_gy
        Ratio for both.
    """

    name: str
    prescription_gy: float
    d95_gy: float | None
    v95_percent: float | None
    v100_percent: float | None
    bed_gy: float
    bed_d95_gy: float | None
    alpha_beta_gy: float


@dataclass(frozen=True, slots=True)
class LargestPrescription:
    """The largest prescription that a set of limits leaves.

    Parameters
    ----------
    scale
        Factor on the dose of the planned course.
    prescription_gy
        The scaled prescription of the course.
    limiting
        The limit that is then met with equality.
    targets
        What it means for every PTV of the course.
    """

    scale: float
    prescription_gy: float
    limiting: NamedLimit
    targets: tuple[TargetEffect, ...]


@dataclass(frozen=True, slots=True)
class IsotoxicPrescription:
    """The largest prescription in one number of fractions.

    Parameters
    ----------
    n_fractions
        Number of fractions.
    planned
        Whether that is how the course was planned.
    largest
        None where there is none: `reason` says why.
    reason
        Empty where there is one.
    exceeded_before
        Binding limits that the earlier courses alone exceed.
    ignoring_exceeded
        The largest prescription if just those are left aside; None where none is
        exceeded before, or no other limit bounds it.
    evaluated
        How many binding limits were evaluated.
    not_evaluated
        Binding limits that were not: the prescription does not respect them.
    note
        What the number of fractions implies.
    """

    n_fractions: int
    planned: bool
    largest: LargestPrescription | None
    reason: str
    exceeded_before: tuple[NamedLimit, ...]
    ignoring_exceeded: LargestPrescription | None
    evaluated: int
    not_evaluated: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Isotoxic:
    """The largest prescriptions of the planned course, its own fractions first.

    Parameters
    ----------
    new_course, prescription_gy, n_fractions
        The course as planned.
    targets
        What the plan as it is means for its targets.
    by_fractions
        Empty where they are withheld.
    withheld
        Why; empty where they are given.
    """

    new_course: int
    prescription_gy: float
    n_fractions: int
    targets: tuple[TargetEffect, ...]
    by_fractions: tuple[IsotoxicPrescription, ...]
    withheld: str = ""


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
    targets: Sequence[PlannedTarget], scale: float, n_fractions: int
) -> tuple[TargetEffect, ...]:
    """What a scale of the plan means for its targets, in a number of fractions."""
    return tuple(_effect(target, scale, n_fractions) for target in targets)


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
    own = plan.n_fractions
    deliveries = max(
        (len(o.whole.new.delivered_gy) for o in organs if o.whole.new), default=1
    )
    results = []
    for number in (own, *(n for n in fractions if n != own)):
        bounds = scale_bounds(
            organs, constraints, n_fractions=number, planned=number == own
        )
        note = ""
        if deliveries > 1:
            note = (
                "each part of the course keeps its own number of fractions"
                if number == own
                else f"all parts of the course are taken to be given in {number}"
            )
        results.append(
            _prescription(bounds, targets, plan, number, note=note, also=not_evaluated)
        )
    return replace(plan, by_fractions=tuple(results))


def _prescription(
    bounds: ScaleBounds,
    targets: Sequence[PlannedTarget],
    plan: Isotoxic,
    number: int,
    *,
    note: str,
    also: Sequence[str],
) -> IsotoxicPrescription:
    def largest(
        scale: float | None, limiting: NamedLimit | None
    ) -> LargestPrescription | None:
        if scale is None or limiting is None or not math.isfinite(scale):
            return None
        return LargestPrescription(
            scale=scale,
            prescription_gy=scale * plan.prescription_gy,
            limiting=limiting,
            targets=target_effects(targets, scale, number),
        )

    reason = ""
    if bounds.exceeded_before:
        reason = "; ".join(map(_exceeded, bounds.exceeded_before))
    elif not bounds.evaluated:
        reason = "no binding limit could be evaluated, so nothing can be said"
    elif bounds.limiting is None:
        reason = "none of the limits that could be evaluated bounds the prescription"
    return IsotoxicPrescription(
        n_fractions=number,
        planned=number == plan.n_fractions,
        largest=largest(bounds.scale, bounds.limiting),
        reason=reason,
        exceeded_before=bounds.exceeded_before,
        ignoring_exceeded=largest(bounds.ignoring_exceeded, bounds.limiting_others)
        if bounds.exceeded_before
        else None,
        evaluated=bounds.evaluated,
        not_evaluated=(*bounds.not_evaluated, *also),
        note=note,
    )


def _exceeded(named: NamedLimit) -> str:
    limit = f"{named.metric.partition('[')[0]} {named.relation} {named.limit:.4g}"
    what = f"{named.structure}, {limit} {named.quantity} ({named.set})"
    if named.scope == "new course":
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
