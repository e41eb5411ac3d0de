"""Compute what other systems are given, and say what they are not given."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.export_doses import (
    accumulated_eqd2,
    known_box,
    lattice_of,
    mapped_dose,
    omitted_gy,
)
from reirrad.core.export_regions import CoursePair, exported_regions
from reirrad.core.exportable import (
    Exportable,
    ExportedCourse,
    ExportedDose,
    ExportedRegion,
    ExportedRegistration,
)
from reirrad.core.findings import Finding
from reirrad.core.geometry import GridGeometry
from reirrad.core.isodose_areas import LEVELS, beyond_slices
from reirrad.core.settings import Settings
from reirrad.core.slice_planes import slice_planes
from reirrad.core.structures import Role
from reirrad.knowledge.alpha_beta import load_alpha_beta
from reirrad.workflows.budget_maps import course_budget_map
from reirrad.workflows.place import PlacedPatient

__all__ = ["Export", "computed_export"]

ABOUT = "DICOM export"
TOLD_GY = 0.05
"""Less is told as 0.0 Gy, and means nothing."""


class Export(NamedTuple):
    """What is exported, and what its reader must know."""

    exportable: Exportable
    findings: list[Finding]


def computed_export(
    patient: PlacedPatient, settings: Settings, pairs: Sequence[CoursePair]
) -> Export:
    """Everything that DICOM objects are made of.

    Nothing that depends on a rejected registration is in it.

    Parameters
    ----------
    patient
        Everything in the reference frame.
    settings
        What the user decided.
    pairs
        Every pair of courses that is assessed.
    """
    findings = [*_withheld(patient), *_study_unknown(patient)]
    regions, about_regions = _regions(patient, pairs)
    eqd2, about_eqd2 = _eqd2(patient, settings)
    mapped, about_mapped = _mapped(patient)
    budget, about_budget = course_budget_map(patient, settings)
    reference = patient.reference.course
    exportable = Exportable(
        reference_course=reference.number,
        frame_of_reference_uid=reference.frame_of_reference_uid,
        day=reference.start_date,
        study=None if reference.source is None else reference.source.study,
        courses=dict(_courses(patient)),
        registrations=tuple(_registrations(patient)),
        regions=regions,
        eqd2=eqd2,
        mapped=mapped,
        budgets=() if budget is None else (budget,),
    )
    findings += [*about_regions, *about_eqd2, *about_mapped, *about_budget]
    return Export(exportable, findings)


def _courses(patient: PlacedPatient) -> Iterator[tuple[int, ExportedCourse]]:
    for outlined in patient.outlined:
        course = outlined.course
        yield (
            course.number,
            ExportedCourse(
                label=course.plan_label,
                dose_gy=course.prescription.dose_gy,
                n_fractions=course.prescription.n_fractions,
                source=course.source,
                series=None if course.image is None else course.image.series,
            ),
        )


def _registrations(patient: PlacedPatient) -> Iterator[ExportedRegistration]:
    """Maps between different frames; two courses of one frame share theirs."""
    frames = {patient.reference.course.frame_of_reference_uid}
    for number, alignment in patient.alignments.items():
        transform = alignment.to_reference
        if transform is None or transform.from_frame in frames:
            continue
        frames.add(transform.from_frame)
        summary = alignment.summary
        yield ExportedRegistration(
            number, transform, f"{summary.method}, {summary.verdict}"
        )


def _withheld(patient: PlacedPatient) -> Iterator[Finding]:
    for number, alignment in patient.alignments.items():
        if alignment.to_reference is None:
            message = (
                f"The registration of course {number} is rejected: no registration "
                f"object, no isodose, overlap or mapped dose of course {number} and no "
                f"accumulated EQD2 is exported."
            )
            yield Finding("dicom-withheld", "warning", ABOUT, message)


def _study_unknown(patient: PlacedPatient) -> Iterator[Finding]:
    source = patient.reference.course.source
    if source is None or not source.study.uid:
        number = patient.reference.course.number
        message = (
            f"The objects of course {number} state no Study Instance UID (0020,000D): "
            f"the exported objects form a study of their own, and a planning system "
            f"does not show them with the image."
        )
        yield Finding("dicom-study-unknown", "warning", ABOUT, message)


def _regions(
    patient: PlacedPatient, pairs: Sequence[CoursePair]
) -> tuple[tuple[ExportedRegion, ...], list[Finding]]:
    image = patient.reference.course.image
    if image is None or image.series is None:
        message = (
            f"Course {patient.reference.course.number} has no planning image on whose "
            f"slices contours could lie (there is none, its slices are uneven, or one "
            f"object holds several): isodoses and overlaps are not exported."
        )
        return (), [Finding("dicom-without-image", "warning", ABOUT, message)]
    planes = slice_planes(image.series)
    placed = {one.course.number for one in patient.placed}
    possible = [one for one in pairs if placed.issuperset({*one.earlier, one.later})]
    regions = exported_regions(planes, patient.placed, possible, organ=patient.organ)
    cut = [
        f"{level} of course {one.course.number}"
        for one in patient.placed
        for level in LEVELS
        if beyond_slices(planes, one, level)
    ]
    findings = []
    if cut:
        message = (
            f"Isodoses continue beyond the first or last slice of the reference image, "
            f"where no contour can be exported: {', '.join(cut)}. Volumes of the "
            f"exported contours are smaller than those reported."
        )
        findings.append(Finding("dicom-isodose-cut", "warning", ABOUT, message))
    return regions, findings


def _eqd2(
    patient: PlacedPatient, settings: Settings
) -> tuple[tuple[ExportedDose, ...], list[Finding]]:
    if len(patient.placed) < len(patient.outlined):
        return (), []
    box = known_box(_lattice(patient), patient.placed)
    if box is None:
        message = (
            "The dose grids of the courses have no box of voxels in common: no "
            "accumulated EQD2 is exported. Export larger grids."
        )
        return (), [Finding("dicom-no-common-dose", "warning", ABOUT, message)]
    ratios = settings.eqd2_alpha_beta_gy or (_usual_alpha_beta_gy(settings),)
    doses = tuple(
        accumulated_eqd2(box, patient.placed, alpha_beta_gy=ratio) for ratio in ratios
    )
    what = "accumulated EQD2"
    return doses, [*_border_dose(doses[:1], what), *_left_out(patient, box)]


def _mapped(
    patient: PlacedPatient,
) -> tuple[tuple[ExportedDose, ...], list[Finding]]:
    doses: list[ExportedDose] = []
    findings: list[Finding] = []
    reference = patient.reference.course
    lattice = _lattice(patient)
    for one in patient.placed:
        number = one.course.number
        if number == reference.number:
            continue
        box = known_box(lattice, [one])
        if box is None:
            continue
        doses.append(mapped_dose(box, one))
        what = f"mapped dose of course {number}"
        findings += _border_dose(doses[-1:], what)
    return tuple(doses), findings


def _lattice(patient: PlacedPatient) -> GridGeometry:
    return lattice_of(_placed_reference(patient))


def _placed_reference(patient: PlacedPatient) -> PlacedCourse:
    number = patient.reference.course.number
    return next(one for one in patient.placed if one.course.number == number)


def _usual_alpha_beta_gy(settings: Settings) -> float:
    """Ratio of an organ without one of its own."""
    ratio, _ = load_alpha_beta().ratio_for(None, Role.ORGAN, settings.alpha_beta_gy)
    return ratio


def _border_dose(doses: Sequence[ExportedDose], what: str) -> Iterator[Finding]:
    for dose in doses:
        if dose.unknown_percent > 0.0:
            message = (
                f"The exported {what} is a box. At its corners "
                f"{dose.unknown_percent:.1f} % of the voxels lie beyond the dose grid "
                f"of a course; the nearest dose on the border of that grid stands "
                f"there, up to {dose.unknown_max_gy:.1f} Gy in all."
            )
            yield Finding("dicom-border-dose", "info", ABOUT, message)


def _left_out(patient: PlacedPatient, box: GridGeometry) -> Iterator[Finding]:
    """Dose of one course where another one has none: it cannot be accumulated."""
    omitted = {one.course.number: omitted_gy(box, one) for one in patient.placed}
    listed = ", ".join(
        f"up to {dose_gy:.1f} Gy of course {number}"
        for number, dose_gy in omitted.items()
        if dose_gy >= TOLD_GY
    )
    if listed:
        message = (
            f"The accumulated EQD2 is exported only where every course was calculated; "
            f"beyond that box it is unknown, not zero. Outside lie {listed} (physical "
            f"dose)."
        )
        yield Finding("dicom-eqd2-limited", "warning", ABOUT, message)
