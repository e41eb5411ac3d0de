"""Treatments become courses: grouped, dated, numbered, prescribed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from reirrad.core.courses import (
    Course,
    Delivery,
    Prescription,
    TargetPrescription,
)
from reirrad.core.dose import DoseGrid
from reirrad.core.images import Image
from reirrad.core.settings import Settings
from reirrad.core.structures import Structure
from reirrad.dicom.audit import Audit
from reirrad.dicom.images import read_image
from reirrad.dicom.treatments import Treatment, objects_of
from reirrad.dicom.rtdose import read_dose
from reirrad.dicom.rtplan import PRESCRIPTION_SOURCE
from reirrad.dicom.rtstruct import Understand, read_structure_set
from reirrad.errors import DicomError

__all__ = ["CourseLinks", "assembled", "grouped"]


@dataclass(frozen=True, slots=True, eq=False)
class CourseLinks:
    """How the objects of one course hang together, for people to check.

    Parameters
    ----------
    number
        Course number.
    start_date, date_source
        Its date and the attribute or setting that gave it.
    treatments
        Its plans, or doses without plan.
    """

    number: int
    start_date: date | None
    date_source: str
    treatments: tuple[Treatment, ...]


def grouped(
    treatments: Sequence[Treatment],
    settings: Settings,
    *,
    same_course_days: float,
    audit: Audit,
) -> tuple[CourseLinks, ...]:
    """Treatments of one frame of reference and one period, ordered by date.

    Parameters
    ----------
    same_course_days
        Plans in one frame belong to one course unless dated further apart than this.
    """
    courses: list[list[tuple[date | None, str, Treatment]]] = []
    frames: dict[str, list[tuple[date | None, str, Treatment]]] = {}
    for treatment in treatments:
        day, source = _date(treatment, settings)
        entry = (day, source, treatment)
        frames.setdefault(treatment.frame_of_reference_uid, []).append(entry)
    for entries in frames.values():
        ordered = sorted(entries, key=lambda entry: entry[0] or date.min)
        courses.append([ordered[0]])
        for before, entry in pairwise(ordered):
            apart = (entry[0] - before[0]).days if entry[0] and before[0] else 0
            if apart > same_course_days:
                courses.append([entry])
            else:
                courses[-1].append(entry)
    courses.sort(key=lambda course: course[0][0] or date.min)
    _check_dates(courses, audit)
    return tuple(
        CourseLinks(number, course[0][0], course[0][1], tuple(e[2] for e in course))
        for number, course in enumerate(courses, start=1)
    )


def assembled(
    links: CourseLinks,
    settings: Settings,
    *,
    understand: Understand,
    limits: Mapping[str, float],
    audit: Audit,
) -> Course | None:
    """Read the voxels of a course and put it together.

    Returns
    -------
    Course or None
        None where something stops the import; the audit then says what.
    """
    about = f"course {links.number}"
    for treatment in links.treatments:
        for role, objects in objects_of(treatment):
            audit.use(objects, f"{role} of {about}")
    structures = _structures(links, understand, audit)
    prescription = _prescription(links, structures, settings, audit)
    deliveries = _deliveries(links, settings, audit) if prescription else None
    if not structures:
        audit.stop(
            f"{about} ({links.treatments[0].where}): has no RTSTRUCT with contours in "
            f"its frame of reference. Export the structure set of its planning image."
        )
    complete = structures and prescription and deliveries
    if not complete or prescription is None or links.start_date is None:
        return None
    _check_dose(about, deliveries or (), prescription, limits=limits, audit=audit)
    _note_date(links, audit)
    return Course(
        number=links.number,
        start_date=links.start_date,
        plan_label=" + ".join(_label(treatment) for treatment in links.treatments),
        frame_of_reference_uid=links.treatments[0].frame_of_reference_uid,
        prescription=prescription,
        deliveries=deliveries or (),
        structures=structures,
        image=_image(links, audit),
    )


def _date(treatment: Treatment, settings: Settings) -> tuple[date | None, str]:
    for key in (_label(treatment), treatment.frame_of_reference_uid):
        if key in settings.start_date:
            return settings.start_date[key], "the settings (start_date)"
    return treatment.dated()


def _label(treatment: Treatment) -> str:
    return treatment.plan.label if treatment.plan else "dose without plan"


def _check_dates(
    courses: Sequence[Sequence[tuple[date | None, str, Treatment]]], audit: Audit
) -> None:
    for course in courses:
        if course[0][0] is None:
            treatment = course[0][2]
            audit.stop(
                f"{treatment.where}: carries no date, and courses are ordered by date. "
                f"Give it in the settings under [start_date], for the plan label "
                f"{_label(treatment)!r} or the frame of reference "
                f"{treatment.frame_of_reference_uid}."
            )
    for earlier, later in pairwise(courses):
        if earlier[0][0] is not None and earlier[0][0] == later[0][0]:
            audit.stop(
                f"{earlier[0][2].where} and {later[0][2].where}: belong to different "
                f"courses of the same date ({earlier[0][0].isoformat()}), so that "
                f"their order is unknown. Give the dates in the settings under "
                f"[start_date], for the plan labels or frames of reference "
                f"{earlier[0][2].frame_of_reference_uid} and "
                f"{later[0][2].frame_of_reference_uid}."
            )


def _note_date(links: CourseLinks, audit: Audit) -> None:
    if links.start_date is None:
        return
    audit.note(
        "course-date",
        "info",
        f"course {links.number}",
        f"Dated {links.start_date.isoformat()} by {links.date_source}.",
    )


def _structures(
    links: CourseLinks, understand: Understand, audit: Audit
) -> tuple[Structure, ...]:
    """Structures of all sets of a course; a name of an earlier set is not repeated."""
    merged: dict[str, Structure] = {}
    seen = set()
    for treatment in reversed(links.treatments):
        chosen = treatment.structure_set
        if chosen is None or chosen.found.sop_instance_uid in seen:
            continue
        seen.add(chosen.found.sop_instance_uid)
        try:
            drawn = read_structure_set(
                chosen,
                understand=understand,
                fallback_frame=treatment.frame_of_reference_uid,
            )
        except DicomError as error:
            audit.refuse([chosen.found], " ".join(error.problems))
            audit.stop(*error.problems)
            continue
        for finding in drawn.findings:
            audit.note(finding.code, finding.severity, finding.about, finding.message)
        for structure in drawn.structures:
            merged.setdefault(structure.name.casefold(), structure)
    if len(seen) > 1:
        audit.note(
            "several-structure-sets",
            "warning",
            f"course {links.number}",
            f"Its plans were made on {len(seen)} structure sets; where a name is in "
            f"several, the one of the latest plan is used.",
        )
    numbers = [structure.number for structure in merged.values()]
    if len(set(numbers)) == len(numbers):
        return tuple(merged.values())
    return tuple(
        Structure(
            number,
            s.name,
            s.standard_name,
            s.role,
            s.contours,
            s.frame_of_reference_uid,
        )
        for number, s in enumerate(merged.values(), start=1)
    )


def _prescription(
    links: CourseLinks,
    structures: Sequence[Structure],
    settings: Settings,
    audit: Audit,
) -> Prescription | None:
    plans = [t.plan for t in links.treatments if t.plan is not None]
    targets = tuple(
        _located(target, structures) for plan in plans for target in plan.targets
    )
    fractions = {plan.n_fractions for plan in plans} or {None}
    stated = max((target.dose_gy for target in targets), default=None)
    own = settings.prescription.get(links.number)
    about = f"course {links.number}"
    if own is not None:
        if (stated is not None and stated != own.dose_gy) or (
            fractions not in ({None}, {own.n_fractions})
        ):
            audit.note(
                "prescription-overridden",
                "warning",
                about,
                f"The settings prescribe {own.dose_gy:g} Gy in {own.n_fractions} "
                f"fractions, the plan says otherwise; the settings are used.",
            )
        source = f"settings prescription.{links.number}"
        return Prescription(own.dose_gy, own.n_fractions, source, targets)
    remedy = (
        f"Give it in the settings: [prescription.{links.number}] dose_gy = ..., "
        f"n_fractions = ..."
    )
    n_fractions = next(iter(fractions)) if len(fractions) == 1 else None
    if stated is None or n_fractions is None:
        missing = " and ".join(
            what
            for what, absent in (
                ("a prescribed dose", stated is None),
                ("one number of fractions", n_fractions is None),
            )
            if absent
        )
        audit.stop(
            f"{about} ({links.treatments[0].where}): its plan does not carry "
            f"{missing}. {remedy}"
        )
        return None
    return Prescription(stated, n_fractions, PRESCRIPTION_SOURCE, targets)


def _located(
    target: TargetPrescription, structures: Sequence[Structure]
) -> TargetPrescription:
    """A target with its ROI number, found by its description where none is given."""
    if target.roi_number is not None:
        return target
    wanted = target.description.strip().casefold()
    for structure in structures:
        if wanted and structure.name.casefold() == wanted:
            return TargetPrescription(
                target.dose_gy, structure.number, target.description
            )
    return target


def _deliveries(
    links: CourseLinks, settings: Settings, audit: Audit
) -> tuple[Delivery, ...] | None:
    """Doses by number of fractions; plans of the same number share their sessions."""
    own = settings.prescription.get(links.number)
    groups: dict[int, list[DoseGrid]] = {}
    for treatment in links.treatments:
        stated = treatment.plan.n_fractions if treatment.plan else None
        if own is not None and (stated is None or len(links.treatments) == 1):
            stated = own.n_fractions
        if stated is None:
            audit.stop(
                f"{treatment.where}: the number of fractions is not known. Give it in "
                f"the settings: [prescription.{links.number}] dose_gy = ..., "
                f"n_fractions = ..."
            )
            return None
        groups.setdefault(stated, []).extend(_grids(treatment, settings, audit))
        if treatment.plan and treatment.plan.caution:
            audit.note(
                "plan-caution",
                "warning",
                f"course {links.number}",
                f"{treatment.plan.found.where} {treatment.plan.caution}.",
            )
    if len(links.treatments) > 1:
        counts = " and ".join(str(n) for n in groups)
        how = (
            "in the same sessions: their doses add up before conversion to EQD2"
            if len(groups) == 1
            else "one after the other: each is converted to EQD2 by itself"
        )
        audit.note(
            "several-plans",
            "warning" if len(groups) > 1 else "info",
            f"course {links.number}",
            f"{len(links.treatments)} plans of {counts} fractions, taken as given "
            f"{how}.",
        )
    if not all(groups.values()):
        return None
    return tuple(Delivery(tuple(grids), n) for n, grids in groups.items())


def _grids(treatment: Treatment, settings: Settings, audit: Audit) -> list[DoseGrid]:
    grids = []
    for header in treatment.doses:
        try:
            voxels = read_dose(header)
        except DicomError as error:
            audit.refuse([header.found], " ".join(error.problems))
            audit.stop(*error.problems)
            continue
        if voxels.clipped_gy < 0:
            audit.note(
                "negative-dose",
                "info",
                header.found.where,
                f"Doses down to {voxels.clipped_gy:.2g} Gy were set to zero.",
            )
        grids.append(
            DoseGrid(voxels.values_gy, voxels.geometry, settings.interpolation)
        )
    return grids


def _check_dose(
    about: str,
    deliveries: Sequence[Delivery],
    prescription: Prescription,
    *,
    limits: Mapping[str, float],
    audit: Audit,
) -> None:
    """Whether dose and prescription can belong together."""
    grids = [grid for delivery in deliveries for grid in delivery.doses]
    highest_gy = sum(float(grid.values_gy.max()) for grid in grids)
    share = highest_gy / prescription.dose_gy
    if share < limits["lowest_max_over_prescription"]:
        audit.stop(
            f"{about}: its highest dose is {highest_gy:.1f} Gy, the prescription "
            f"{prescription.dose_gy:g} Gy in {prescription.n_fractions} fractions. The "
            f"RTDOSE looks like that of one fraction or of one beam; export the dose "
            f"of the whole plan, or correct [prescription.N] in the settings."
        )
    elif len(grids) == 1 and share > limits["highest_max_over_prescription"]:
        audit.note(
            "dose-above-prescription",
            "warning",
            about,
            f"The highest dose, {highest_gy:.1f} Gy, is {share:.1f} times the "
            f"prescription of {prescription.dose_gy:g} Gy; do they belong together?",
        )


def _image(links: CourseLinks, audit: Audit) -> Image | None:
    about = f"course {links.number}"
    series = next((t.series for t in reversed(links.treatments) if t.series), None)
    if series is None:
        audit.note(
            "image-missing",
            "warning",
            about,
            "No planning image: no picture, and no registration by images.",
        )
        return None
    try:
        return read_image(series)
    except DicomError as error:
        reason = "; ".join(error.problems)
        audit.refuse(series.slices, reason)
        audit.note(
            "image-unusable",
            "warning",
            about,
            f"The planning image is not used: {reason}.",
        )
        return None
