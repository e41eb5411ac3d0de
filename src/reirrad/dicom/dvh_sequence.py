"""Dose-volume histograms that a planning system stored in an RT Dose.

DVH Sequence (3004,0050), DICOM PS3.3 C.8.8.4. DVH Data holds pairs of the width of a
dose bin and a volume. In a cumulative histogram the volume is what receives the dose of
the bin's lower edge or more; in a differential one it is what receives a dose in the
bin. Minimum, mean and maximum that stand beside the curve are not used: systems write
them in other units than they claim.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reirrad.core.geometry import FloatArray
from reirrad.dicom.elements import (
    Elements,
    integer,
    items,
    named,
    number,
    numbers,
    text,
)
from reirrad.dicom.reading import parse_object
from reirrad.errors import DicomError

__all__ = ["DvhFile", "PlanningDvh", "read_dvh_file"]

ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class PlanningDvh:
    """A cumulative histogram as the planning system gives it.

    Parameters
    ----------
    roi_number
        ROI Number of the region; None where a name says it.
    name
        Drawn name of the region; None where the number says it.
    dose_gy
        ``(n,)`` rising, from 0.
    volume
        ``(n,)`` volume that receives each dose or more, never rising; in cc, or in
        per cent of the region.
    in_cc
        Whether `volume` is in cc.
    """

    roi_number: int | None
    name: str | None
    dose_gy: FloatArray
    volume: FloatArray
    in_cc: bool


@dataclass(frozen=True, slots=True, eq=False)
class DvhFile:
    """Histograms of one RT Dose, and what they belong to.

    Parameters
    ----------
    patient_id
        Patient ID as written.
    frame_of_reference_uid
        Frame of the dose.
    histograms
        Those that can be compared.
    remarks
        One sentence for each of the others.
    """

    patient_id: str
    frame_of_reference_uid: str
    histograms: tuple[PlanningDvh, ...]
    remarks: tuple[str, ...]


def read_dvh_file(path: Path) -> DvhFile:
    """Read the histograms of an RT Dose.

    Raises
    ------
    DicomError
        If it cannot be read, is no RT Dose, or has no histogram that can be compared.
    """
    where = f"DVHs of {path.as_posix()}"
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        msg = f"{where}: cannot be read ({reason}). Check the path."
        raise DicomError(msg) from error
    dataset = parse_object(content, where).dataset
    modality = text(dataset, "Modality")
    if modality != "RTDOSE":
        msg = (
            f"{where}: {named('Modality')} must be RTDOSE, found "
            f"{modality or 'nothing'}. Give the RT Dose that holds the histograms."
        )
        raise DicomError(msg)
    sequence = items(dataset, "DVHSequence", where)
    if not sequence:
        msg = (
            f"{where}: {named('DVHSequence')} is missing or empty. Export the dose "
            f"with its histograms, or write a CSV (docs/commissioning.md)."
        )
        raise DicomError(msg)
    histograms = []
    remarks: list[str] = []
    for position, item in enumerate(sequence, start=1):
        try:
            histograms.append(_histogram(item, f"{where}, histogram {position}"))
        except DicomError as fault:
            remarks += fault.problems
    if not histograms:
        raise DicomError(*remarks)
    return DvhFile(
        text(dataset, "PatientID"),
        text(dataset, "FrameOfReferenceUID"),
        tuple(histograms),
        tuple(remarks),
    )


def _histogram(item: Elements, where: str) -> PlanningDvh:
    roi_number = _region(item, where)
    for keyword, wanted in (("DoseUnits", ("GY",)), ("DoseType", ("PHYSICAL",))):
        _require(item, keyword, wanted, where)
    kind = _require(item, "DVHType", ("CUMULATIVE", "DIFFERENTIAL"), where)
    unit = _require(item, "DVHVolumeUnits", ("CM3", "PERCENT"), where)
    scaling = number(item, "DVHDoseScaling", where)
    if scaling is None or scaling <= 0:
        found = "nothing" if scaling is None else f"{scaling:g}"
        msg = f"{where}: {named('DVHDoseScaling')} must be above 0, found {found}."
        raise DicomError(msg)
    widths, volumes = _pairs(item, where)
    edges = np.concatenate([[0.0], np.cumsum(widths * scaling)])
    if kind == "DIFFERENTIAL":
        volumes = np.cumsum(volumes[::-1])[::-1]
    elif np.any(np.diff(volumes) > ROUNDING * volumes.max()):
        msg = (
            f"{where}: the volumes of a cumulative histogram must not rise with dose. "
            f"{named('DVHType')} may be wrong; export it again."
        )
        raise DicomError(msg)
    volume = np.minimum.accumulate(np.concatenate([volumes, [0.0]]))
    return PlanningDvh(roi_number, None, edges, volume, unit == "CM3")


def _region(item: Elements, where: str) -> int:
    """The one region that a histogram is of."""
    regions = items(item, "DVHReferencedROISequence", where)
    included = [
        one
        for one in regions
        if text(one, "DVHROIContributionType").upper() != "EXCLUDED"
    ]
    found = integer(included[0], "ReferencedROINumber", where) if included else None
    if len(regions) != 1 or found is None:
        msg = (
            f"{where}: {named('DVHReferencedROISequence')} must name one region, found "
            f"{len(regions)}; it is not compared."
        )
        raise DicomError(msg)
    return found


def _require(item: Elements, keyword: str, wanted: tuple[str, ...], where: str) -> str:
    found = text(item, keyword).upper()
    if found not in wanted:
        msg = (
            f"{where}: {named(keyword)} must be {' or '.join(wanted)}, found "
            f"{found or 'nothing'}; it is not compared."
        )
        raise DicomError(msg)
    return found


def _pairs(item: Elements, where: str) -> tuple[FloatArray, FloatArray]:
    """Widths of the dose bins, unscaled, and volumes."""
    data = numbers(item, "DVHData", where)
    if data is None or len(data) < 4 or len(data) % 2:
        found = 0 if data is None else len(data)
        msg = (
            f"{where}: {named('DVHData')} must hold two or more pairs of bin width and "
            f"volume, found {found} numbers; it is not compared."
        )
        raise DicomError(msg)
    widths, volumes = data[::2], data[1::2]
    # The end of a sum that a system formed by subtraction.
    noise = ROUNDING * volumes.max()
    if widths.min() < 0 or volumes.min() < -noise or volumes.max() <= 0:
        msg = (
            f"{where}: {named('DVHData')} holds widths or volumes below 0, or no "
            f"volume at all; it is not compared."
        )
        raise DicomError(msg)
    return widths, np.maximum(volumes, 0.0)
