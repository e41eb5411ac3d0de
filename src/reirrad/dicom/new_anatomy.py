"""A structure set without dose: the anatomy for which a course is to be planned."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from reirrad.core.contour_findings import DrawnOn, contour_findings
from reirrad.core.findings import Finding
from reirrad.core.new_anatomy import NewAnatomy
from reirrad.dicom.audit import Audit
from reirrad.dicom.dating import PlanGroup
from reirrad.dicom.elements import text
from reirrad.dicom.export import Export
from reirrad.dicom.images import ImageSeries, read_image
from reirrad.dicom.linking import referenced_series
from reirrad.dicom.rtstruct import (
    StructureSetHeader,
    Understand,
    read_structure_set,
)
from reirrad.dicom.sources import image_source
from reirrad.errors import DicomError

__all__ = ["BareStructures", "newest_bare_structures", "read_new_anatomy"]

USED = "new anatomy, for which a course is to be planned"


@dataclass(frozen=True, slots=True, eq=False)
class BareStructures:
    """A structure set that no dose belongs to, with its image.

    Parameters
    ----------
    header
        The structure set.
    series
        The image that it was drawn on, or the only one of its frame of reference.
    day
        Structure Set Date, else the date of the image; None where neither is stated.
    """

    header: StructureSetHeader
    series: ImageSeries
    day: date | None

    @property
    def frame_of_reference_uid(self) -> str:
        """Frame of the structures, else of their image."""
        return self.header.frame_of_reference_uid or self.series.frame_of_reference_uid


def newest_bare_structures(
    export: Export, groups: Sequence[PlanGroup], audit: Audit
) -> BareStructures | None:
    """The structure set that can be meant as the new anatomy.

    It has an image, belongs to no dose, and is later than the start of every course.

    Parameters
    ----------
    export, groups
        Everything that was read, and the courses with dose.
    audit
        Receives two structure sets of one date, or one without date, as problems.

    Returns
    -------
    BareStructures or None
        None where there is none, or where it is not clear which; `audit` then says so.
    """
    linked = {id(one.linked.structure_set) for group in groups for one in group.plans}
    bare = [one for one in export.structure_sets.values() if id(one) not in linked]
    found = [
        one
        for header in bare
        if (one := _with_image(header, export, audit)) is not None
    ]
    latest = max((g.start_date for g in groups if g.start_date), default=date.min)
    candidates = []
    for one in found:
        if one.day is None:
            audit.stop(
                f"{one.header.found.where}: has no dose and could be the new anatomy, "
                f"but neither it nor its image has a date. Export it again with its "
                f"Structure Set Date (3006,0008), or leave it out."
            )
            return None
        if one.day > latest:
            candidates.append(one)
            continue
        audit.ignore(
            [one.header.found],
            f"has no dose and is dated {one.day}, not after the latest course "
            f"({latest}): no new anatomy",
        )
    return _newest(candidates, audit)


def _with_image(
    header: StructureSetHeader, export: Export, audit: Audit
) -> BareStructures | None:
    series = referenced_series(header, export.series)
    frame = header.frame_of_reference_uid
    if series is None:
        same = [one for one in export.series if one.frame_of_reference_uid == frame]
        series = same[0] if len(same) == 1 and frame else None
    if series is None:
        audit.ignore(
            [header.found], "has no dose, and the image it was drawn on is not here"
        )
        return None
    if frame and series.frame_of_reference_uid != frame:
        audit.ignore(
            [header.found],
            "has no dose, and its image lies in another frame of reference",
        )
        return None
    return BareStructures(
        header, series, header.structure_set_date or series.image_date
    )


def _newest(
    candidates: Sequence[BareStructures], audit: Audit
) -> BareStructures | None:
    if not candidates:
        return None
    days = [one.day for one in candidates if one.day is not None]
    newest = [one for one in candidates if one.day == max(days)]
    if len(newest) > 1:
        listed = ", ".join(sorted(one.header.found.path for one in newest))
        audit.stop(
            f"{len(newest)} structure sets without dose have the same date "
            f"{newest[0].day}, so which one is the new anatomy is not clear: {listed}. "
            f"Leave only the right one."
        )
        return None
    for one in candidates:
        if one is not newest[0]:
            reason = (
                f"has no dose; the later {newest[0].header.found.path} is the new "
                f"anatomy"
            )
            audit.ignore([one.header.found], reason)
            audit.note(
                "older-structures-without-dose",
                "warning",
                one.header.found.path,
                f"{one.header.found.where}: {reason} (dated {newest[0].day}, this one "
                f"{one.day}). Check that this is meant.",
            )
    return newest[0]


def read_new_anatomy(
    bare: BareStructures, number: int, *, understand: Understand, audit: Audit
) -> NewAnatomy | None:
    """Read contours and image of the new anatomy.

    Parameters
    ----------
    bare
        Of :func:`newest_bare_structures`.
    number
        The number that its course would have.
    understand
        Meaning of a structure's name.
    audit
        Receives problems and findings.

    Returns
    -------
    NewAnatomy or None
        None where something required cannot be used; `audit` then says why.
    """
    header, frame = bare.header, bare.frame_of_reference_uid
    try:
        reading = read_image(bare.series)
        drawn = read_structure_set(header, understand=understand, fallback_frame=frame)
    except DicomError as error:
        audit.refuse([header.found], str(error))
        audit.stop(*error.problems)
        return None
    _note([*reading.findings, *drawn.findings], audit)
    inside = tuple(s for s in drawn.structures if s.frame_of_reference_uid == frame)
    if bare.day is None or not inside:
        audit.stop(
            f"{header.found.where}: holds no closed contour in the frame of reference "
            f"of its image. Export the structures with contours."
        )
        return None
    audit.use(bare.series.slices, f"image of the {USED}")
    audit.use([header.found], USED)
    image = reading.image
    drawn_on = DrawnOn(image.geometry, reading.on_slices)
    where = header.found.where
    _note(contour_findings(inside, drawn_on, course=number, where=where), audit)
    return NewAnatomy(
        day=bare.day,
        label=text(header.found.dataset, "StructureSetLabel"),
        frame_of_reference_uid=frame,
        structures=inside,
        image=image,
        source=image_source(bare.series),
    )


def _note(findings: Iterable[Finding], audit: Audit) -> None:
    for one in findings:
        audit.note(one.code, one.severity, one.about, one.message)
