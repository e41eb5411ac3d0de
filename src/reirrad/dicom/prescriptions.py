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
from reirrad.dicom.linking import LinkedPlan
from reirrad.dicom.rtplan import PRESCRIPTION_SOURCE

__all__ = ["PlanDose", "course_prescription", "named_targets"]


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


def course_prescription(
    group: PlanGroup,
    plans: Sequence[PlanDose],
    *,
    number: int,
    own: PrescribedDose | None,
    audit: Audit,
) -> Prescription | None:
    """Prescription of a course from its plans, or from the settings.

    Parameters
    ----------
    group, plans
        The plans of the course, and their doses.
    number
        Of the course.
    own
        The user's own prescription, which goes before the plans'.
    audit
        Receives a missing prescription as a problem.
    """
    ordered = _ordered(plans)
    about = f"course {number}"
    if own is not None:
        if ordered is not None and not _agree(ordered, own):
            audit.note(
                "prescription-overridden",
                "warning",
                about,
                f"{about}: settings prescription.{number} says {own.dose_gy:g} Gy in "
                f"{own.n_fractions} fractions and is used; the plan says "
                f"{ordered.dose_gy:g} Gy in {ordered.n_fractions}.",
            )
        targets = () if ordered is None else ordered.targets
        source = f"settings prescription.{number}"
        return Prescription(own.dose_gy, own.n_fractions, source, targets)
    if ordered is None:
        audit.stop(_missing(group, number))
        return None
    if len(plans) > 1:
        audit.note(
            "several-plans",
            "warning",
            about,
            f"{about} has {len(plans)} plans ({group.label}); together they prescribe "
            f"{ordered.dose_gy:g} Gy in {ordered.n_fractions} fractions, judged by "
            f"where their doses add up. Settings prescription.{number} overrides this.",
        )
    return ordered


def _agree(ordered: Prescription, own: PrescribedDose) -> bool:
    return (
        abs(ordered.dose_gy - own.dose_gy) < 0.005
        and ordered.n_fractions == own.n_fractions
    )


def _ordered(plans: Sequence[PlanDose]) -> Prescription | None:
    """What the plans say together; None where one of them does not say enough.

    Plans for one target add up: the highest dose of their sum is then near the sum of
    their highest doses. Plans for different targets do not: it is then near the higher
    of them. The middle between both decides.
    """
    doses_gy = [one.dose_gy for one in plans if one.dose_gy is not None]
    fractions = [one.n_fractions for one in plans if one.n_fractions is not None]
    if not plans or len(doses_gy) < len(plans) or len(fractions) < len(plans):
        return None
    targets = tuple(
        target
        for one in plans
        if one.linked.plan is not None
        for target in one.linked.plan.targets
    )
    highest = int(np.argmax(doses_gy))
    dose_gy, n_fractions = doses_gy[highest], fractions[highest]
    if len(plans) > 1:
        peaks = [highest_gy(one.doses) for one in plans]
        together = highest_gy(grid for one in plans for grid in one.doses)
        if together > (max(peaks) + sum(peaks)) / 2:
            dose_gy = sum(doses_gy)
            n_fractions = sum(fractions) if len(set(fractions)) > 1 else fractions[0]
    return Prescription(dose_gy, n_fractions, PRESCRIPTION_SOURCE, targets)


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
