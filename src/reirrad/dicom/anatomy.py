"""Planning image and structures of a course."""

from collections.abc import Iterable, Sequence

from reirrad.core.contour_findings import DrawnOn, contour_findings
from reirrad.core.findings import Finding
from reirrad.core.structures import Structure
from reirrad.dicom.audit import Audit
from reirrad.dicom.dating import PlanGroup
from reirrad.dicom.elements import named
from reirrad.dicom.images import ImageSeries, SeriesReading, read_image
from reirrad.dicom.rtstruct import (
    StructureSetHeader,
    Understand,
    read_structure_set,
)
from reirrad.errors import DicomError

__all__ = [
    "planning_series",
    "read_planning_image",
    "read_structures",
    "shown_structure_set",
]


def read_planning_image(
    group: PlanGroup, number: int, audit: Audit
) -> SeriesReading | None:
    """Planning image of the latest plan; a bad one is a finding."""
    series = planning_series(group)
    if series is None:
        return None
    try:
        reading = read_image(series)
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
    _note(reading.findings, audit)
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
    return reading


def read_structures(
    group: PlanGroup,
    number: int,
    series: SeriesReading | None,
    *,
    understand: Understand,
    audit: Audit,
) -> tuple[Structure, ...] | None:
    """Structures of the latest plan that has any, in the frame of the dose.

    Parameters
    ----------
    group
        The plans of the course.
    number
        Number of the course.
    series
        Its planning image.
    understand
        Meaning of a structure's name.
    audit
        Receives problems and findings.

    Returns
    -------
    tuple of Structure or None
        None where there are none that can be used; `audit` then says why.
    """
    header = _shown(group, number, audit)
    if header is None or not _frame_is_known(header, group, number, audit):
        return None
    frame = group.frame_of_reference_uid
    try:
        drawn = read_structure_set(header, understand=understand, fallback_frame=frame)
    except DicomError as error:
        audit.refuse([header.found], str(error))
        audit.stop(*error.problems)
        return None
    _note(drawn.findings, audit)
    inside = _in_frame(drawn.structures, header, number, frame=frame, audit=audit)
    if not inside:
        audit.stop(
            f"{header.found.where}: holds no closed contour in the frame of reference "
            f"of the dose of course {number}. Export the structures with contours."
        )
        return None
    audit.use([header.found], f"structures of course {number}")
    drawn_on = (
        None if series is None else DrawnOn(series.image.geometry, series.on_slices)
    )
    where = header.found.where
    _note(contour_findings(inside, drawn_on, course=number, where=where), audit)
    return inside


def planning_series(group: PlanGroup) -> ImageSeries | None:
    """Series of the latest plan that has one."""
    series = [one.linked.series for one in group.plans]
    return next((one for one in reversed(series) if one is not None), None)


def shown_structure_set(group: PlanGroup) -> StructureSetHeader | None:
    """Structure set of the latest plan that has one."""
    headers = [one.linked.structure_set for one in group.plans]
    return next((one for one in reversed(headers) if one is not None), None)


def _shown(group: PlanGroup, number: int, audit: Audit) -> StructureSetHeader | None:
    """The structure set that counts where the plans of a course have several."""
    header = shown_structure_set(group)
    headers = [one.linked.structure_set for one in group.plans]
    for other in dict.fromkeys(headers):
        if header is not None and other is not None and other is not header:
            reason = f"course {number} is shown with the later {header.found.path}"
            audit.ignore([other.found], reason)
            audit.note(
                "several-structure-sets",
                "warning",
                f"course {number}",
                f"{other.found.where}: not used; {reason}.",
            )
    return header


def _frame_is_known(
    header: StructureSetHeader, group: PlanGroup, number: int, audit: Audit
) -> bool:
    """Whether a structure set, or else the images it names, state a frame."""
    if header.frame_of_reference_uid:
        return True
    series = planning_series(group)
    stated = f"{header.found.where}: states no {named('FrameOfReferenceUID')}"
    if series is not None and _refers_to(header, series):
        audit.note(
            "structures-frame-from-image",
            "warning",
            f"course {number}",
            f"{stated}; that of the images it was drawn on was taken ({series.where}).",
        )
        return True
    message = (
        f"{stated}, neither in {named('ReferencedFrameOfReferenceSequence')} nor for "
        f"its regions ({named('ReferencedFrameOfReferenceUID')}), and the images it "
        f"was drawn on are not in the given paths. Where its contours lie is not "
        f"known; add those images, or export the structure set again."
    )
    audit.refuse([header.found], message)
    audit.stop(message)
    return False


def _refers_to(header: StructureSetHeader, series: ImageSeries) -> bool:
    uids = {one.sop_instance_uid for one in series.slices}
    return series.uid in header.series_uids or bool(uids & header.image_uids)


def _in_frame(
    structures: Sequence[Structure],
    header: StructureSetHeader,
    number: int,
    *,
    frame: str,
    audit: Audit,
) -> tuple[Structure, ...]:
    inside = tuple(one for one in structures if one.frame_of_reference_uid == frame)
    if len(inside) < len(structures):
        others = [one.name for one in structures if one not in inside]
        audit.note(
            "structure-other-frame",
            "warning",
            f"course {number}",
            f"{header.found.where}: regions in another frame of reference than the "
            f"dose are not used: {', '.join(map(repr, others))}.",
        )
    return inside


def _note(findings: Iterable[Finding], audit: Audit) -> None:
    for one in findings:
        audit.note(one.code, one.severity, one.about, one.message)
