"""RT Structure Set: regions as they were drawn."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from pydicom.dataset import Dataset

from reirrad.core.findings import Finding
from reirrad.core.geometry import FloatArray
from reirrad.core.structures import Contour, ContourKind, Role, Structure
from reirrad.dicom.audit import FoundObject
from reirrad.dicom.elements import Elements, day, integer, items, named, numbers, text
from reirrad.errors import DicomError

__all__ = [
    "StructureSet",
    "StructureSetHeader",
    "Understand",
    "read_structure_set",
    "read_structure_set_header",
    "roi_names",
]

Understand = Callable[[str, str], tuple[str | None, Role]]
"""Drawn name and RT ROI Interpreted Type to standard name (or None) and role."""

KINDS = {kind.value: kind for kind in ContourKind}
WITHOUT_AREA = {"POINT", "OPEN_PLANAR", "OPEN_NONPLANAR"}


@dataclass(frozen=True, slots=True, eq=False)
class StructureSetHeader:
    """What a structure set says about itself, without its contours.

    Parameters
    ----------
    found
        The object itself.
    frame_of_reference_uid
        Frame of the images it was drawn on; empty where it does not say.
    series_uids
        Image series it was drawn on.
    image_uids
        SOP Instance UIDs of the images it was drawn on.
    structure_set_date
        Structure Set Date, or None.
    """

    found: FoundObject
    frame_of_reference_uid: str
    series_uids: tuple[str, ...]
    image_uids: frozenset[str]
    structure_set_date: date | None


@dataclass(frozen=True, slots=True, eq=False)
class StructureSet:
    """Every region with at least one closed contour, and what was not used."""

    structures: tuple[Structure, ...]
    findings: tuple[Finding, ...]


@dataclass(slots=True, eq=False)
class _Reading:
    """Contours of one structure set as they come, with what could not be used."""

    where: str
    contours: dict[int, list[Contour]] = field(default_factory=dict)
    unused: Counter[tuple[int, str]] = field(default_factory=Counter)
    unknown: Counter[tuple[int, str]] = field(default_factory=Counter)
    miscounted: Counter[int] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def read_structure_set_header(found: FoundObject) -> StructureSetHeader:
    """Read what a structure set refers to.

    Raises
    ------
    DicomError
        If the file is cut short or a sequence cannot be read.
    """
    dataset, where = found.dataset, found.where
    if found.truncation is not None:
        msg = (
            f"{where}: the file is cut short ({found.truncation}). Export or copy the "
            f"structure set again."
        )
        raise DicomError(msg)
    frames: list[str] = []
    series_uids: list[str] = []
    images: list[str] = []
    for frame in items(dataset, "ReferencedFrameOfReferenceSequence", where):
        frames.append(text(frame, "FrameOfReferenceUID"))
        for study in items(frame, "RTReferencedStudySequence", where):
            for series in items(study, "RTReferencedSeriesSequence", where):
                series_uids.append(text(series, "SeriesInstanceUID"))
                images.extend(
                    text(image, "ReferencedSOPInstanceUID")
                    for image in items(series, "ContourImageSequence", where)
                )
    frames += [
        text(roi, "ReferencedFrameOfReferenceUID")
        for roi in items(dataset, "StructureSetROISequence", where)
    ]
    frames.append(text(dataset, "FrameOfReferenceUID"))
    if not any(images):
        images = _drawn_images(dataset, where)
    return StructureSetHeader(
        found=found,
        frame_of_reference_uid=next((frame for frame in frames if frame), ""),
        series_uids=tuple(dict.fromkeys(uid for uid in series_uids if uid)),
        image_uids=frozenset(images) - {""},
        structure_set_date=day(dataset, "StructureSetDate"),
    )


def roi_names(header: StructureSetHeader) -> dict[int, str]:
    """ROI Number to ROI Name, as written.

    Raises
    ------
    DicomError
        If a number cannot be read.
    """
    found = header.found
    names = {}
    for roi in items(found.dataset, "StructureSetROISequence", found.where):
        roi_number = integer(roi, "ROINumber", found.where)
        if roi_number is not None:
            names[roi_number] = text(roi, "ROIName")
    return names


def _drawn_images(dataset: Dataset, where: str) -> list[str]:
    """SOP Instance UIDs of the images that contours name one by one."""
    return [
        text(image, "ReferencedSOPInstanceUID")
        for group in items(dataset, "ROIContourSequence", where)
        for drawn in items(group, "ContourSequence", where)
        for image in items(drawn, "ContourImageSequence", where)
    ]


def read_structure_set(
    header: StructureSetHeader, *, understand: Understand, fallback_frame: str
) -> StructureSet:
    """Read the contours of a structure set.

    Parameters
    ----------
    header : StructureSetHeader
    understand : callable
        Gives the meaning of a name; see :data:`Understand`.
    fallback_frame : str
        Frame of reference where neither the region nor the set states one.

    Raises
    ------
    DicomError
        With every contour whose numbers are missing or not in threes, every ROI Number
        used twice, and a set without regions.
    """
    found = header.found
    dataset, where = found.dataset, found.where
    rois = items(dataset, "StructureSetROISequence", where)
    by_number: dict[int, Elements] = {}
    reading = _Reading(where)
    for roi in rois:
        roi_number = integer(roi, "ROINumber", where)
        if roi_number is None or roi_number in by_number:
            reading.problems.append(
                f"{where}: {named('ROINumber')} must be there and different for every "
                f"region, found {roi_number} for {text(roi, 'ROIName')!r}. Export the "
                f"structure set again."
            )
            continue
        by_number[roi_number] = roi
    if not rois:
        reading.problems.append(f"{where}: holds no regions. Export it with contours.")
    names = _distinct_names(by_number)
    _read_contours(dataset, names, reading)
    if reading.problems:
        raise DicomError(*reading.problems)
    types = _interpreted_types(dataset, where)
    default_frame = header.frame_of_reference_uid or fallback_frame
    unclear = {roi_number for roi_number, _ in reading.unknown}
    structures = []
    for roi_number, roi in by_number.items():
        drawn_name = text(roi, "ROIName")
        standard_name, role = understand(drawn_name, types.get(roi_number, ""))
        frame = text(roi, "ReferencedFrameOfReferenceUID") or default_frame
        contours = tuple(reading.contours.get(roi_number, ()))
        structures.append(
            Structure(
                roi_number,
                names[roi_number],
                standard_name,
                role,
                contours,
                frame,
            )
        )
    return StructureSet(
        tuple(one for one in structures if one.contours and one.number not in unclear),
        tuple(_findings(structures, names, by_number, reading)),
    )


def _distinct_names(by_number: Mapping[int, Elements]) -> dict[int, str]:
    """Drawn names; where one occurs again, with its ROI Number."""
    drawn = {key: text(roi, "ROIName") or "unnamed" for key, roi in by_number.items()}
    count = Counter(drawn.values())
    return {
        key: name if count[name] == 1 else f"{name} (ROI {key})"
        for key, name in drawn.items()
    }


def _interpreted_types(dataset: Dataset, where: str) -> dict[int, str]:
    """ROI Number to the first RT ROI Interpreted Type that is not empty."""
    types: dict[int, str] = {}
    for observation in items(dataset, "RTROIObservationsSequence", where):
        roi_number = integer(observation, "ReferencedROINumber", where)
        kind = text(observation, "RTROIInterpretedType")
        if roi_number is not None and kind:
            types.setdefault(roi_number, kind.upper())
    return types


def _read_contours(
    dataset: Dataset, names: Mapping[int, str], reading: _Reading
) -> None:
    for group in items(dataset, "ROIContourSequence", reading.where):
        roi_number = integer(group, "ReferencedROINumber", reading.where)
        if roi_number is None or roi_number not in names:
            reading.unused[-1, "of a region that is not listed"] += 1
            continue
        for item in items(group, "ContourSequence", reading.where):
            where = f"{reading.where}, region {names[roi_number]!r}"
            try:
                contour = _contour(item, roi_number, where, reading)
            except DicomError as error:
                reading.problems.extend(error.problems)
                continue
            if contour is not None:
                reading.contours.setdefault(roi_number, []).append(contour)


def _contour(
    item: Elements, roi_number: int, where: str, reading: _Reading
) -> Contour | None:
    """A closed contour, or None for one that encloses no area."""
    kind = text(item, "ContourGeometricType").upper()
    values = numbers(item, "ContourData", where)
    if values is None:
        reading.unused[roi_number, "without points"] += 1
        return None
    if len(values) % 3:
        msg = (
            f"{where}: {named('ContourData')} must hold three numbers for each point, "
            f"found {len(values)} numbers. The contour is damaged; export it again."
        )
        raise DicomError(msg)
    points = values.reshape(-1, 3)
    claimed = integer(item, "NumberOfContourPoints", where)
    if claimed is not None and claimed != len(points):
        reading.miscounted[roi_number] += 1
    if kind in WITHOUT_AREA:
        reading.unused[roi_number, f"of type {kind}"] += 1
        return None
    if kind not in KINDS:
        reading.unknown[roi_number, kind] += 1
        return None
    points = _open_ring(points)
    if len(points) < 3:
        reading.unused[roi_number, "with fewer than three points"] += 1
        return None
    return Contour(points, KINDS[kind])


def _open_ring(points: FloatArray) -> FloatArray:
    """Without a last point that repeats the first."""
    closed = len(points) > 1 and points[0].tolist() == points[-1].tolist()
    return points[:-1] if closed else points


def _findings(
    structures: list[Structure],
    names: Mapping[int, str],
    by_number: Mapping[int, Elements],
    reading: _Reading,
) -> list[Finding]:
    unclear = {roi_number for roi_number, _ in reading.unknown}
    findings = [
        Finding(
            "structure-empty",
            "info",
            one.name,
            f"{reading.where}: region {one.name!r} has no closed contour and is not "
            f"used.",
        )
        for one in structures
        if not one.contours and one.number not in unclear
    ]
    findings += [
        Finding(
            "contours-of-unknown-type",
            "warning",
            names[roi_number],
            f"{reading.where}: {count} contour(s) of {names[roi_number]!r} have the "
            f"{named('ContourGeometricType')} {kind!r}, which does not say what they "
            f"enclose; the region is not used. Export it as CLOSED_PLANAR.",
        )
        for (roi_number, kind), count in sorted(reading.unknown.items())
    ]
    for (roi_number, reason), count in sorted(reading.unused.items()):
        name = names.get(roi_number, "unlisted region")
        findings.append(
            Finding(
                "contours-not-used",
                "info",
                name,
                f"{reading.where}: {count} contour(s) {reason} of {name!r} enclose no "
                f"area and are not used.",
            )
        )
    for roi_number, count in sorted(reading.miscounted.items()):
        findings.append(
            Finding(
                "contour-points-miscounted",
                "warning",
                names[roi_number],
                f"{reading.where}: {count} contour(s) of {names[roi_number]!r} state "
                f"another number of points than they hold; the points are used.",
            )
        )
    repeated = [key for key in names if names[key] != text(by_number[key], "ROIName")]
    if any(text(by_number[key], "ROIName") for key in repeated):
        listed = ", ".join(repr(names[key]) for key in repeated)
        findings.append(
            Finding(
                "structure-name-repeated",
                "warning",
                reading.where,
                f"{reading.where}: regions share a name and are told apart by their "
                f"number: {listed}.",
            )
        )
    return findings
