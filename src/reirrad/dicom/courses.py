"""Courses as values, made from linked and dated plans."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reirrad.core.courses import Course, Delivery, Prescription
from reirrad.core.dose import DoseGrid
from reirrad.core.settings import PrescribedDose, Settings
from reirrad.core.summed_grids import highest_gy
from reirrad.dicom.anatomy import (
    planning_series,
    read_planning_image,
    read_structures,
    shown_structure_set,
)
from reirrad.dicom.audit import Audit
from reirrad.dicom.dating import PlanGroup
from reirrad.dicom.dose_choice import chosen_doses
from reirrad.dicom.dose_plausibility import DoseRules, check_dose
from reirrad.dicom.linking import LinkedPlan
from reirrad.dicom.prescriptions import (
    PlanDose,
    course_prescription,
    fractions_of_plans,
    ordered_by,
)
from reirrad.dicom.rtdose import objects_of
from reirrad.dicom.rtstruct import Understand
from reirrad.dicom.sources import course_source
from reirrad.dicom.target_doses import CourseTargets, course_targets

__all__ = ["CourseReading", "read_course"]


@dataclass(frozen=True, slots=True, eq=False)
class CourseReading:
    """What is needed to read the contents of a course.

    Parameters
    ----------
    settings
        The user's decisions.
    understand
        Meaning of a structure's name.
    rules
        Limits of plausible doses.
    audit
        Receives problems, findings and what became of each object.
    """

    settings: Settings
    understand: Understand
    rules: DoseRules
    audit: Audit


def read_course(group: PlanGroup, number: int, reading: CourseReading) -> Course | None:
    """Read doses, structures and image of a course.

    Returns
    -------
    Course or None
        None where something required is missing; the audit then has every reason.
    """
    audit = reading.audit
    plans = [_plan_dose(one.linked, number, reading) for one in group.plans]
    series = read_planning_image(group, number, audit)
    structures = read_structures(
        group, number, series, understand=reading.understand, audit=audit
    )
    own = reading.settings.prescription.get(number)
    prescription, ordered = None, ordered_by(plans)
    if not _refuse_loose(group, number, audit):
        prescription = course_prescription(
            group, ordered, number=number, own=own, audit=audit
        )
    _note_sources(group, plans, number, audit)
    _mark_used(group, number, audit)
    if prescription is None or not all(one.doses for one in plans):
        return None
    fractions = fractions_of_plans(
        plans, prescription, ordered, number=number, audit=audit
    )
    plausible = _plausible(plans, prescription, own, reading)
    if not plausible or structures is None or group.start_date is None:
        return None
    if fractions is None:
        return None
    shown = shown_structure_set(group)
    about = CourseTargets(number, prescription.dose_gy, ordered, structures, shown)
    targets = course_targets(plans, about, audit)
    return Course(
        number=number,
        start_date=group.start_date,
        plan_label=group.label,
        frame_of_reference_uid=group.frame_of_reference_uid,
        prescription=replace(prescription, targets=targets),
        deliveries=_deliveries(
            plans, fractions, prescription, number=number, audit=audit
        ),
        structures=structures,
        image=None if series is None else series.image,
        source=course_source(
            [one.linked for one in group.plans],
            None if series is None else planning_series(group),
        ),
    )


def _refuse_loose(group: PlanGroup, number: int, audit: Audit) -> bool:
    """Whether a dose without plan lies beside the dose of a plan; it may replace it."""
    linked = [one.linked for one in group.plans]
    of_plan = next((one for one in linked if one.plan is not None), None)
    loose = [one for one in linked if one.plan is None]
    if of_plan is None or not loose:
        return False
    for one in loose:
        message = (
            f"{one.where}: refers to no plan of the export, and course {number} has "
            f"the dose of a plan beside it ({of_plan.doses[0].where}); whether it was "
            f"given in addition is not known. Add its RTPLAN, or leave this dose out."
        )
        audit.refuse(objects_of(one.doses), message)
        audit.stop(message)
    return True


def _plan_dose(linked: LinkedPlan, number: int, reading: CourseReading) -> PlanDose:
    chosen = chosen_doses(linked, reading.rules, reading.audit)
    used = objects_of(dose for dose, _ in chosen)
    reading.audit.use(used, f"dose of course {number}")
    interpolation = reading.settings.interpolation
    plan = linked.plan
    return PlanDose(
        linked,
        tuple(
            DoseGrid(one.values_gy, one.geometry, interpolation) for _, one in chosen
        ),
        None if plan is None else plan.dose_gy,
        None if plan is None else plan.n_fractions,
    )


def _deliveries(
    plans: Sequence[PlanDose],
    fractions: Sequence[int],
    prescription: Prescription,
    *,
    number: int,
    audit: Audit,
) -> tuple[Delivery, ...]:
    """Plans of equal numbers of fractions together; they share their sessions.

    Unless the course has as many fractions as they have in all: then each has its own.
    """
    doses: dict[tuple[int, int], tuple[DoseGrid, ...]] = {}
    in_turn = prescription.n_fractions == sum(fractions) and len(set(fractions)) == 1
    for place, (one, n_fractions) in enumerate(zip(plans, fractions, strict=True)):
        key = (n_fractions, place if in_turn else 0)
        doses[key] = (*doses.get(key, ()), *one.doses)
    if len(doses) > 1:
        audit.note(
            "plans-in-different-fractions",
            "warning",
            f"course {number}",
            f"course {number}: its plans have "
            f"{' and '.join(str(n_fractions) for n_fractions, _ in doses)} "
            f"fractions; each is converted with its own dose per fraction, and their "
            f"equivalent doses are added.",
        )
    return tuple(Delivery(grids, n) for (n, _), grids in doses.items())


def _plausible(
    plans: Sequence[PlanDose],
    prescription: Prescription,
    own: PrescribedDose | None,
    reading: CourseReading,
) -> bool:
    """Check every plan's dose against its own prescription."""
    verdicts = []
    for one in plans:
        single = len(plans) == 1
        prescribed_gy = prescription.dose_gy if single or own else one.dose_gy
        together = list(plans) if own is not None else [one]
        n_fractions = prescription.n_fractions if single or own else one.n_fractions
        grids = tuple(grid for each in together for grid in each.doses)
        verdicts.append(
            check_dose(
                highest_gy(grids),
                prescribed_gy=prescribed_gy or prescription.dose_gy,
                n_fractions=n_fractions or prescription.n_fractions,
                about=one.linked.doses[0].where,
                rules=_rules_for(together, reading.rules),
                audit=reading.audit,
            )
        )
    return all(verdicts)


def _rules_for(plans: Iterable[PlanDose], rules: DoseRules) -> DoseRules:
    """Limits of a dose to which plans of brachytherapy may add."""
    ordered = (one.linked.plan for one in plans)
    if any(plan is not None and plan.is_brachytherapy for plan in ordered):
        return rules.for_brachytherapy()
    return rules


def _note_sources(
    group: PlanGroup, plans: Sequence[PlanDose], number: int, audit: Audit
) -> None:
    """Where the date comes from, and what to know about a plan."""
    first = group.plans[0]
    if first.start_date is not None:
        audit.note(
            "course-date-source",
            "info",
            f"course {number}",
            f"course {number}: its date {first.start_date} is the {first.source} "
            f"({first.linked.where}).",
        )
    for one in plans:
        plan = one.linked.plan
        if plan is not None and plan.caution:
            audit.note(
                "plan-caution",
                "warning",
                f"course {number}",
                f"{plan.found.where}: {plan.caution}.",
            )


def _mark_used(group: PlanGroup, number: int, audit: Audit) -> None:
    for one in group.plans:
        if one.linked.plan is not None:
            audit.use([one.linked.plan.found], f"plan of course {number}")
