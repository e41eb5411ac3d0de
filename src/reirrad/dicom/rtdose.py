"""RT Dose: what a dose grid claims to be, and its voxels in gray."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from pydicom.dataset import Dataset

from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.dicom.audit import FoundObject
from reirrad.dicom.elements import (
    day,
    integer,
    items,
    named,
    number,
    text,
)
from reirrad.dicom.frame_offsets import plane_offsets_mm
from reirrad.dicom.pixels import stored_values
from reirrad.dicom.plane import read_plane
from reirrad.errors import DicomError

__all__ = ["DoseHeader", "DoseVoxels", "header_faults", "read_dose", "read_dose_header"]

# A calculation engine may leave noise below zero; a hundredth of the maximum is more.
NEGATIVE_SHARE = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class DoseHeader:
    """What an RT Dose says about itself.

    Parameters
    ----------
    found
        The object itself.
    units, dose_type, summation
        Dose Units, Dose Type and Dose Summation Type as written.
    frame_of_reference_uid
        Frame in which it lies.
    plan_uids, structure_set_uid
        What it refers to; empty where it does not say.
    beams
        Numbers of the beams it holds the dose of, for a beam dose.
    study_date
        Study Date, or None.
    """

    found: FoundObject
    units: str
    dose_type: str
    summation: str
    frame_of_reference_uid: str
    plan_uids: tuple[str, ...]
    structure_set_uid: str
    beams: tuple[int, ...]
    study_date: date | None


@dataclass(frozen=True, slots=True, eq=False)
class DoseVoxels:
    """Physical dose on a grid, before any interpolation is prepared.

    Parameters
    ----------
    values_gy
        ``(k, j, i)`` array, 0 or more.
    geometry
        Where the voxels lie.
    clipped_gy
        The most negative dose that was set to zero; 0 if there was none.
    """

    values_gy: FloatArray
    geometry: GridGeometry
    clipped_gy: float


def read_dose_header(found: FoundObject) -> DoseHeader:
    """Read everything but the voxels.

    Raises
    ------
    DicomError
        If a reference cannot be read.
    """
    dataset, where = found.dataset, found.where
    plans = items(dataset, "ReferencedRTPlanSequence", where)
    beams: list[int] = []
    for plan in plans:
        for group in items(plan, "ReferencedFractionGroupSequence", where):
            for beam in items(group, "ReferencedBeamSequence", where):
                beam_number = integer(beam, "ReferencedBeamNumber", where)
                beams.extend([] if beam_number is None else [beam_number])
    structure_sets = items(dataset, "ReferencedStructureSetSequence", where)
    plan_uids = [text(plan, "ReferencedSOPInstanceUID") for plan in plans]
    return DoseHeader(
        found=found,
        units=text(dataset, "DoseUnits").upper(),
        dose_type=text(dataset, "DoseType").upper(),
        summation=text(dataset, "DoseSummationType").upper(),
        frame_of_reference_uid=text(dataset, "FrameOfReferenceUID"),
        plan_uids=tuple(dict.fromkeys(uid for uid in plan_uids if uid)),
        structure_set_uid=next(
            (text(one, "ReferencedSOPInstanceUID") for one in structure_sets), ""
        ),
        beams=tuple(beams),
        study_date=day(dataset, "StudyDate"),
    )


def header_faults(header: DoseHeader) -> tuple[str, ...]:
    """One sentence for each reason why this dose must not be used."""
    where = header.found.where
    faults: list[str] = []
    if header.units != "GY":
        faults.append(
            f"{where}: {named('DoseUnits')} must be GY, found "
            f"{header.units or 'nothing'}. Export the dose in absolute units (gray)."
        )
    if header.dose_type != "PHYSICAL":
        faults.append(
            f"{where}: {named('DoseType')} must be PHYSICAL, found "
            f"{header.dose_type or 'nothing'}. Export the physical dose."
        )
    if header.summation not in {"PLAN", "BEAM"}:
        faults.append(
            f"{where}: {named('DoseSummationType')} must be PLAN, or BEAM for every "
            f"beam of the plan, found {header.summation or 'nothing'}. Export the dose "
            f"of each plan over all its fractions."
        )
    if len(header.plan_uids) > 1:
        faults.append(
            f"{where}: {named('ReferencedRTPlanSequence')} must name one plan, found "
            f"{len(header.plan_uids)}. Export the dose of each plan."
        )
    if not header.frame_of_reference_uid:
        faults.append(
            f"{where}: {named('FrameOfReferenceUID')} is empty, so the place of the "
            f"dose is unknown. Export the dose again with its frame of reference."
        )
    faults.extend(_scaling_faults(header.found.dataset, where))
    faults.extend(_size_faults(header.found.dataset, where))
    if header.found.truncation is not None:
        faults.append(
            f"{where}: the file is cut short ({header.found.truncation}). Export or "
            f"copy the dose again."
        )
    return tuple(faults)


def read_dose(header: DoseHeader) -> DoseVoxels:
    """Read the voxels of a dose whose header has no faults.

    Planes are put in the order of growing distance along the normal of the slices.

    Raises
    ------
    DicomError
        With every reason why the voxels cannot be placed or read.
    """
    found = header.found
    dataset, where = found.dataset, found.where
    problems: list[str] = []
    affine, order = np.eye(4), slice(None)
    try:
        affine, order = _placed(dataset, where)
    except DicomError as error:
        problems.extend(error.problems)
    stored = np.zeros((1, 1, 1))
    try:
        stored = stored_values(found.with_pixels(), where)[order]
    except DicomError as error:
        problems.extend(error.problems)
    if problems:
        raise DicomError(*problems)
    scaling = number(dataset, "DoseGridScaling", where) or 0.0
    values_gy: FloatArray = np.multiply(stored, scaling, dtype=np.float64)
    clipped_gy = _checked_sign(values_gy, where)
    shape = (values_gy.shape[0], values_gy.shape[1], values_gy.shape[2])
    geometry = GridGeometry(shape, affine, header.frame_of_reference_uid)
    if clipped_gy < 0:
        np.maximum(values_gy, 0.0, out=values_gy)
    return DoseVoxels(values_gy, geometry, clipped_gy)


def _placed(dataset: Dataset, where: str) -> tuple[FloatArray, slice]:
    """Affine of the sorted planes, and the order that sorts them."""
    plane = read_plane(dataset, where)
    offsets = plane_offsets_mm(dataset, plane, where)
    step = float(offsets[-1] - offsets[0]) / (len(offsets) - 1)
    order = slice(None, None, -1) if step < 0 else slice(None)
    return plane.affine(float(offsets.min()), abs(step)), order


def _scaling_faults(dataset: Dataset, where: str) -> list[str]:
    """Without a scaling, stored numbers are not doses; no default is assumed."""
    try:
        scaling = number(dataset, "DoseGridScaling", where)
    except DicomError as error:
        return list(error.problems)
    if scaling is not None and scaling > 0:
        return []
    found = "nothing" if scaling is None else f"{scaling:g}"
    fault = (
        f"{where}: {named('DoseGridScaling')} must be above 0, found {found}. Export "
        f"the dose again with its scaling."
    )
    return [fault]


def _checked_sign(values_gy: FloatArray, where: str) -> float:
    """The lowest dose if it is slightly negative, else 0."""
    lowest, highest = float(values_gy.min()), float(values_gy.max())
    if highest <= 0:
        msg = (
            f"{where}: no voxel has a dose above 0 Gy. Export the dose again after "
            f"calculation."
        )
        raise DicomError(msg)
    if lowest < -NEGATIVE_SHARE * highest:
        msg = (
            f"{where}: holds doses down to {lowest:.3g} Gy; a physical dose is never "
            f"below 0. {named('PixelRepresentation')} may be wrong; export it again."
        )
        raise DicomError(msg)
    return min(lowest, 0.0)


def _size_faults(dataset: Dataset, where: str) -> list[str]:
    """Between fewer than two rows or columns no dose can be interpolated."""
    faults: list[str] = []
    for keyword in ("Rows", "Columns"):
        try:
            count = integer(dataset, keyword, where)
        except DicomError as error:
            faults.extend(error.problems)
            continue
        if count is not None and count < 2:
            faults.append(
                f"{where}: {named(keyword)} must be 2 or more, found {count}. Export "
                f"the dose again on a grid."
            )
    return faults
