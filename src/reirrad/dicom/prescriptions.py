"""What was ordered for a course, and in how many fractions each plan was given.

See ``docs/decisions/0009-prescription-of-several-plans.md``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reirrad.core.courses import Prescription, TargetPrescription
from reirrad.core.dose import DoseGrid
from reirrad.core.settings import PrescribedDose
from reirrad.core.structures import Structure
from reirrad.core.summed_grids import highest_gy
from reirrad.dicom.audit import Audit
from reirrad.dicom.dating import PlanGroup
from reirrad.dicom.elements import named
from reirrad.dicom.linking import LinkedPlan
from reirrad.dicom.rtplan import PRESCRIPTION_SOURCE

__all__ = [
    "OrderedDose",
    "PlanDose",
    "course_prescription",
    "fractions_of_plans",
    "named_targets",
    "ordered_by",
    "same_gy",
]

EQUAL_GY = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class PlanDose:
    """A plan with its dose and prescription.

    Parameters
    ----------
    linked
        The plan.
    doses
        Its dose grids: one, or one for each beam.
    dose_gy, n_fractions
        What the plan orders; None where it does not say.
    """

    linked: LinkedPlan
    doses: tuple[DoseGrid, ...]
    dose_gy: float | None
    n_fractions: int | None


@dataclass(frozen=True, slots=True)
class OrderedDose:
    """What the plans of a course say together.

    Parameters
    ----------
    dose_gy
        The sum of their prescriptions where they add up, else the highest.
    n_fractions
        In how many fractions; None where one of them does not say.
    adds_up
        Whether several plans treat one target.
    """

    dose_gy: float
    n_fractions: int | None
    adds_up: bool


def named_targets(
    targets: Iterable[TargetPrescription], structures: Sequence[Structure]
) -> tuple[TargetPrescription, ...]:
    """Targets with their ROI number, from the description where the plan has none."""
    numbers: dict[str, list[int]] = {}
    for structure in structures:
        key = structure.name.strip().casefold()
        numbers.setdefault(key, []).append(structure.number)
    found = []
    for target in targets:
        same_name = numbers.get(target.description.strip().casefold(), [])
        if target.roi_number is None and len(same_name) == 1:
            found.append(replace(target, roi_number=same_name[0]))
        else:
            found.append(target)
    return tuple(found)


def ordered_by(plans: Sequence[PlanDose]) -> OrderedDose | None:
    """What the plans of a course say together; None where one of them has no dose.

    Plans for one target add up: the highest dose of their sum is then near the sum of
    their highest doses. Plans for different targets do not: it is then near the higher
    of them. The middle between both decides.
    """
    doses_gy = [one.dose_gy for one in plans if one.dose_gy is not None]
    if not plans or len(doses_gy) < len(plans):
        return None
    fractions = [one.n_fractions for one in plans if one.n_fractions is not None]
    known = len(fractions) == len(plans)
    highest = int(np.argmax(doses_gy))
    dose_gy, n_fractions = doses_gy[highest], plans[highest].n_fractions
    adds_up = len(plans) > 1 and _add_up(plans)
    if adds_up:
        dose_gy = sum(doses_gy)
        n_fractions = sum(fractions) if len(set(fractions)) > 1 else n_fractions
    return OrderedDose(dose_gy, n_fractions if known else None, adds_up)


def _add_up(plans: Sequence[PlanDose]) -> bool:
    peaks = [highest_gy(one.doses) for one in plans]
    together = highest_gy(grid for one in plans for grid in one.doses)
    return together > (max(peaks) + sum(peaks)) / 2


def course_prescription(
    group: PlanGroup,
    ordered: OrderedDose | None,
    *,
    number: int,
    own: PrescribedDose | None,
    audit: Audit,
) -> Prescription | None:
    """Prescription of a course from its plans, or from the settings; without targets.

    Parameters
    ----------
    group
        The plans of the course.
    ordered
        What they say together.
    number
        Of the course.
    own
        The user's own prescription, which goes before the plans'.
    audit
        Receives a missing prescription as a problem.
    """
    about = f"course {number}"
    if own is None and (ordered is None or ordered.n_fractions is None):
        audit.stop(_missing(group, number))
        return None
    if len(group.plans) > 1:
        audit.note("several-plans", "warning", about, _several(group, ordered, number))
    if own is not None:
        if ordered is not None and not _agree(ordered, own):
            message = _overridden(group, ordered, own, number)
            audit.note("prescription-overridden", "warning", about, message)
        source = f"settings prescription.{number}"
        return Prescription(own.dose_gy, own.n_fractions, source)
    if ordered is None or ordered.n_fractions is None:
        return None
    return Prescription(ordered.dose_gy, ordered.n_fractions, PRESCRIPTION_SOURCE)


def same_gy(left_gy: float, right_gy: float) -> bool:
    """Whether two prescriptions are one, to less than 0.005 Gy."""
    return abs(left_gy - right_gy) < EQUAL_GY


def _agree(ordered: OrderedDose, own: PrescribedDose) -> bool:
    return same_gy(ordered.dose_gy, own.dose_gy) and (
        ordered.n_fractions in {None, own.n_fractions}
    )


def _several(group: PlanGroup, ordered: OrderedDose | None, number: int) -> str:
    """How the plans of a course were put together."""
    about = f"course {number} has {len(group.plans)} plans ({group.label})"
    if ordered is None or ordered.n_fractions is None:
        return (
            f"{about}; their doses are added, and settings prescription.{number} says "
            f"what they prescribe together."
        )
    return (
        f"{about}; together they prescribe {ordered.dose_gy:g} Gy in "
        f"{ordered.n_fractions} fractions, judged by where their doses add up. "
        f"Settings prescription.{number} overrides this."
    )


def _overridden(
    group: PlanGroup, ordered: OrderedDose, own: PrescribedDose, number: int
) -> str:
    """What the settings say instead of the plan, of its targets too."""
    fractions = ordered.n_fractions or "an unclear number of fractions"
    message = (
        f"course {number}: settings prescription.{number} says {own.dose_gy:g} Gy in "
        f"{own.n_fractions} fractions and is used; the plan says "
        f"{ordered.dose_gy:g} Gy in {fractions}."
    )
    stated = {
        target.dose_gy
        for one in group.plans
        if one.linked.plan is not None
        for target in one.linked.plan.targets
    }
    if same_gy(ordered.dose_gy, own.dose_gy) or len(stated) < 2:
        return message
    listed = ", ".join(f"{dose_gy:g}" for dose_gy in sorted(stated, reverse=True))
    return (
        f"{message} Its targets have doses of their own ({listed} Gy); what becomes of "
        f"them is not known, and each is judged against {own.dose_gy:g} Gy."
    )


def fractions_of_plans(
    plans: Sequence[PlanDose],
    prescription: Prescription,
    ordered: OrderedDose | None,
    *,
    number: int,
    audit: Audit,
) -> tuple[int, ...] | None:
    """In how many fractions each plan of a course was given.

    Parameters
    ----------
    plans
        The plans of the course.
    prescription
        Of the course; its number of fractions holds for a single plan, and for plans
        of equal numbers, which share their sessions.
    ordered
        What the plans say together.
    number
        Of the course.
    audit
        Receives as a problem what the number of the course leaves open.

    Returns
    -------
    tuple of int or None
        None where it is not determined.
    """
    total = prescription.n_fractions
    if len(plans) == 1:
        return (total,)
    stated = tuple(one.n_fractions for one in plans if one.n_fractions is not None)
    if len(stated) < len(plans):
        audit.stop(_without_fractions(plans, number))
        return None
    fitting = {sum(stated)}
    fitting |= set(stated) if ordered is None else {ordered.n_fractions or total}
    if total not in fitting:
        listed = " and ".join(map(str, stated))
        choices = " or ".join(map(str, sorted(fitting)))
        audit.stop(
            f"settings prescription.{number}: n_fractions = {total} does not fit the "
            f"plans of course {number}, which are given in {listed} fractions "
            f"({named('NumberOfFractionsPlanned')}); in how many each was given is "
            f"then not known. Use {choices}, or export the plans as they were given."
        )
        return None
    return stated


def _without_fractions(plans: Sequence[PlanDose], number: int) -> str:
    lacking = [one.linked.where for one in plans if one.n_fractions is None]
    return (
        f"course {number} has {len(plans)} plans, and {', '.join(lacking)} "
        f"{'has' if len(lacking) == 1 else 'have'} no single "
        f"{named('NumberOfFractionsPlanned')}: the number of the whole course does not "
        f"say in how many fractions each plan was given. Export every plan with one."
    )


def _missing(group: PlanGroup, number: int) -> str:
    """Which attribute of which plan is missing, and the setting that gives it."""
    lacks: list[str] = []
    for one in group.plans:
        plan = one.linked.plan
        if plan is None:
            lacks.append(f"{one.linked.where} has no RTPLAN in the given paths")
            continue
        if plan.dose_gy is None:
            lacks.append(
                f"{plan.found.where} has no Target Prescription Dose (300A,0026) above "
                f"0 of a target"
            )
        if plan.n_fractions is None:
            groups = ", ".join(str(count) for count in plan.fraction_groups)
            lacks.append(
                f"{plan.found.where} must have one Number of Fractions Planned "
                f"(300A,0078), found {groups or 'nothing'}"
            )
    return (
        f"course {number} ({group.label}, {group.start_date or 'no date'}): no "
        f"prescription: {'; '.join(lacks)}. Give it in the settings: "
        f"[prescription.{number}] dose_gy = ..., n_fractions = ..."
    )
