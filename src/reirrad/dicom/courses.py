"""Courses as values, made from linked and dated plans."""

from collections.abc import Sequence
from dataclasses import dataclass

from reirrad.core.courses import Course, Delivery, Prescription
from reirrad.core.dose import DoseGrid, Interpolation
from reirrad.core.images import Image
from reirrad.core.settings import PrescribedDose, Settings
from reirrad.core.structures import Structure
from reirrad.dicom.audit import Audit
from reirrad.dicom.dating import PlanGroup
from reirrad.dicom.dose_choice import chosen_doses
from reirrad.dicom.dose_plausibility import DoseRules, check_dose
from reirrad.dicom.images import ImageSeries, read_image
from reirrad.dicom.linking import LinkedPlan
from reirrad.dicom.prescriptions import (
    PlanDose,
    course_prescription,
    highest_gy,
    named_targets,
)
from reirrad.dicom.rtstruct import Understand, read_structure_set
from reirrad.dicom.sources import course_source
from reirrad.errors import DicomError

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
    interpolation = reading.settings.interpolation
    plans = [
        _plan_dose(one.linked, number, interpolation, audit) for one in group.plans
    ]
    structures = _structures(group, number, reading)
    image = _image(group, number, audit)
    own = reading.settings.prescription.get(number)
    prescription = course_prescription(
        group, plans, number=number, own=own, audit=audit
    )
    _note_sources(group, plans, number, audit)
    _mark_used(group, number, audit)
    if prescription is None or not all(one.doses for one in plans):
        return None
    deliveries = _deliveries(plans, prescription, number, audit)
    plausible = _plausible(plans, prescription, own, reading)
    if not plausible or structures is None or group.start_date is None:
        return None
    return Course(
        number=number,
        start_date=group.start_date,
        plan_label=group.label,
        frame_of_reference_uid=group.frame_of_reference_uid,
        prescription=Prescription(
            prescription.dose_gy,
            prescription.n_fractions,
            prescription.source,
            named_targets(prescription.targets, structures),
        ),
        deliveries=deliveries,
        structures=structures,
        image=image,
        source=course_source(
            [one.linked for one in group.plans],
            None if image is None else _planning_series(group),
        ),
    )


def _plan_dose(
    linked: LinkedPlan, number: int, interpolation: Interpolation, audit: Audit
) -> PlanDose:
    chosen = chosen_doses(linked, audit)
    audit.use([dose.found for dose, _ in chosen], f"dose of course {number}")
    plan = linked.plan
    return PlanDose(
        linked,
        tuple(
            DoseGrid(one.values_gy, one.geometry, interpolation) for _, one in chosen
        ),
        None if plan is None else plan.dose_gy,
        None if plan is None else plan.n_fractions,
    )


def _structures(
    group: PlanGroup, number: int, reading: CourseReading
) -> tuple[Structure, ...] | None:
    """Structures of the latest plan that has any, in the frame of the dose."""
    audit = reading.audit
    headers = [one.linked.structure_set for one in group.plans]
    stated = [header for header in headers if header is not None]
    if not stated:
        return None
    header = stated[-1]
    for other in dict.fromkeys(stated):
        if other is not header:
            reason = f"course {number} is shown with the later {header.found.path}"
            audit.ignore([other.found], reason)
            audit.note(
                "several-structure-sets",
                "warning",
                f"course {number}",
                f"{other.found.where}: not used; {reason}.",
            )
    frame = group.frame_of_reference_uid
    try:
        drawn = read_structure_set(
            header, understand=reading.understand, fallback_frame=frame
        )
    except DicomError as error:
        audit.refuse([header.found], str(error))
        audit.stop(*error.problems)
        return None
    for finding in drawn.findings:
        audit.note(finding.code, finding.severity, finding.about, finding.message)
    inside = tuple(
        one for one in drawn.structures if one.frame_of_reference_uid == frame
    )
    if len(inside) < len(drawn.structures):
        others = [one.name for one in drawn.structures if one not in inside]
        audit.note(
            "structure-other-frame",
            "warning",
            f"course {number}",
            f"{header.found.where}: regions in another frame of reference than the "
            f"dose are not used: {', '.join(map(repr, others))}.",
        )
    if not inside:
        audit.stop(
            f"{header.found.where}: holds no closed contour in the frame of reference "
            f"of the dose of course {number}. Export the structures with contours."
        )
        return None
    audit.use([header.found], f"structures of course {number}")
    return inside


def _image(group: PlanGroup, number: int, audit: Audit) -> Image | None:
    """Planning image of the latest plan; a bad one is a finding."""
    series = _planning_series(group)
    if series is None:
        return None
    try:
        image = read_image(series)
    except DicomError as error:
        audit.refuse(series.slices, str(error))
        audit.note(
            "image-not-usable",
            "warning",
            f"course {number}",
            f"{error} Course {number} is assessed without its planning image.",
        )
        return None
    audit.use(series.slices, f"planning image of course {number}")
    header = group.plans[-1].linked.structure_set
    uids = {one.sop_instance_uid for one in series.slices}
    lacking = 0 if header is None else len(header.image_uids - uids - {""})
    if lacking:
        audit.note(
            "image-incomplete",
            "warning",
            f"course {number}",
            f"{series.where}: the structure set refers to {lacking} more image(s) that "
            f"are not in the given paths.",
        )
    return image


def _planning_series(group: PlanGroup) -> ImageSeries | None:
    series = [one.linked.series for one in group.plans]
    return next((one for one in reversed(series) if one is not None), None)


def _deliveries(
    plans: Sequence[PlanDose], prescription: Prescription, number: int, audit: Audit
) -> tuple[Delivery, ...]:
    """Plans of equal numbers of fractions together; they share their sessions."""
    stated = {one.n_fractions for one in plans}
    doses: dict[int, tuple[DoseGrid, ...]] = {}
    for one in plans:
        n_fractions = prescription.n_fractions
        if len(stated) > 1 and one.n_fractions is not None:
            n_fractions = one.n_fractions
        doses[n_fractions] = (*doses.get(n_fractions, ()), *one.doses)
    if len(doses) > 1:
        audit.note(
            "plans-in-different-fractions",
            "warning",
            f"course {number}",
            f"course {number}: its plans have {' and '.join(map(str, doses))} "
            f"fractions; each is converted with its own dose per fraction, and their "
            f"equivalent doses are added.",
        )
    return tuple(Delivery(grids, n_fractions) for n_fractions, grids in doses.items())


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
        n_fractions = prescription.n_fractions if single else one.n_fractions
        grids = one.doses
        if own is not None and not single:
            grids = tuple(grid for each in plans for grid in each.doses)
        verdicts.append(
            check_dose(
                highest_gy(grids),
                prescribed_gy=prescribed_gy or prescription.dose_gy,
                n_fractions=n_fractions or prescription.n_fractions,
                about=one.linked.doses[0].found.where,
                rules=reading.rules,
                audit=reading.audit,
            )
        )
    return all(verdicts)


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
