"""RT Dose: what a dose grid claims to be, and its voxels in gray."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import UID, JPEGBaseline8Bit, JPEGExtended12Bit

from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.uneven_planes import is_even, n_even_planes, on_even_planes
from reirrad.dicom.audit import FoundObject
from reirrad.dicom.dose_planes import read_planes
from reirrad.dicom.elements import (
    day,
    integer,
    items,
    named,
    number,
    text,
)
from reirrad.dicom.pixels import transfer_syntax
from reirrad.errors import DicomError

__all__ = [
    "DoseHeader",
    "DoseVoxels",
    "header_faults",
    "objects_of",
    "read_dose",
    "read_dose_header",
    "spatial_transform",
]

# A calculation engine may leave noise below zero; a hundredth of the maximum is more.
NEGATIVE_SHARE = 0.01
# Half a gigabyte; a fine grid of the whole trunk has a tenth of it.
MOST_VOXELS = 2**26
LOSSY_ALWAYS = frozenset({JPEGBaseline8Bit, JPEGExtended12Bit})


@dataclass(frozen=True, slots=True, eq=False)
class DoseHeader:
    """What an RT Dose says about itself.

    Parameters
    ----------
    found
        The object itself; the first one where each plane has its own.
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
    n_frames
        Number of Frames; 1 where it is absent.
    objects
        Every object it consists of: `found`, or one for each plane.
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
    n_frames: int
    objects: tuple[FoundObject, ...]

    @property
    def where(self) -> str:
        """The dose in the reader's words."""
        count = len(self.objects)
        of_planes = f"RTDOSE in {count} objects, the first {self.found.path}"
        return self.found.where if count == 1 else of_planes


@dataclass(frozen=True, slots=True, eq=False)
class DoseVoxels:
    """Dose on a regular grid.

    Parameters
    ----------
    values_gy
        ``(k, j, i)`` array, 0 or more.
    geometry
        Where the voxels lie.
    clipped_gy
        The most negative dose that was set to zero; 0 if there was none.
    steps_mm
        The smallest and the largest distance of the planes as they were exported; they
        differ where planes were interpolated.
    """

    values_gy: FloatArray
    geometry: GridGeometry
    clipped_gy: float
    steps_mm: tuple[float, float]


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
        n_frames=integer(dataset, "NumberOfFrames", where) or 1,
        objects=(found,),
    )


def objects_of(doses: Iterable[DoseHeader]) -> list[FoundObject]:
    """Every object of some doses."""
    return [one for dose in doses for one in dose.objects]


def spatial_transform(header: DoseHeader) -> str:
    """How a dose was carried onto its image: NONE, RIGID, NON_RIGID or empty."""
    return text(header.found.dataset, "SpatialTransformOfDose").upper()


def header_faults(header: DoseHeader) -> tuple[str, ...]:
    """One sentence for each reason why this dose must not be used."""
    faults = _faults_of_meaning(header)
    for one in header.objects:
        faults.extend(_faults_of_object(one))
    return tuple(faults)


def _faults_of_meaning(header: DoseHeader) -> list[str]:
    where = header.where
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
    if spatial_transform(header) == "NON_RIGID":
        faults.append(
            f"{where}: {named('SpatialTransformOfDose')} is NON_RIGID: the dose was "
            f"deformed from another image, so it is not as it was calculated. Export "
            f"the dose of the plan on its own planning image."
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
    return faults


def _faults_of_object(found: FoundObject) -> list[str]:
    faults = _scaling_faults(found) + _size_faults(found.dataset, found.where)
    syntax = transfer_syntax(found.dataset)
    marked = text(found.dataset, "LossyImageCompression") == "01"
    if marked or syntax in LOSSY_ALWAYS:
        how = f" ({UID(syntax).name})" if syntax else ""
        faults.append(
            f"{found.where}: its values were compressed with loss{how}, so they are "
            f"not the doses that were calculated. Export the dose uncompressed."
        )
    if found.truncation is not None:
        faults.append(
            f"{found.where}: the file is cut short ({found.truncation}). Export or "
            f"copy the dose again."
        )
    return faults


def read_dose(header: DoseHeader) -> DoseVoxels:
    """Read the voxels of a dose whose header has no faults.

    Planes are put in the order of growing distance along the normal of the slices, and
    uneven ones are interpolated onto planes with one step.

    Raises
    ------
    DicomError
        With every reason why the voxels cannot be placed or read.
    """
    values_gy, plane, offsets_mm = read_planes(header.objects, header.where)
    clipped_gy = _checked_sign(values_gy, header.where)
    if clipped_gy < 0:
        values_gy = np.maximum(values_gy, 0.0)
    steps = np.diff(offsets_mm)
    if not is_even(offsets_mm):
        n_planes = n_even_planes(offsets_mm)
        _require_memory(values_gy, n_planes, header.where)
        even_mm = np.linspace(offsets_mm[0], offsets_mm[-1], n_planes)
        values_gy = on_even_planes(values_gy, offsets_mm, even_mm)
        offsets_mm = even_mm
    step_mm = float(offsets_mm[-1] - offsets_mm[0]) / (len(offsets_mm) - 1)
    shape = (values_gy.shape[0], values_gy.shape[1], values_gy.shape[2])
    # What cannot be written to need not be copied by whoever keeps it.
    values_gy.flags.writeable = False
    return DoseVoxels(
        values_gy,
        GridGeometry(
            shape,
            plane.affine(float(offsets_mm[0]), step_mm),
            header.frame_of_reference_uid,
        ),
        clipped_gy,
        (float(steps.min()), float(steps.max())),
    )


def _require_memory(values_gy: FloatArray, n_planes: int, where: str) -> None:
    voxels = n_planes * values_gy[0].size
    if voxels > MOST_VOXELS:
        msg = (
            f"{where}: {named('GridFrameOffsetVector')} is so uneven that a regular "
            f"grid through its planes needs {voxels} voxels, more than {MOST_VOXELS}. "
            f"Export the dose on a regular grid."
        )
        raise DicomError(msg)


def _scaling_faults(one: FoundObject) -> list[str]:
    """Without a scaling, stored numbers are not doses; no default is assumed."""
    try:
        scaling = number(one.dataset, "DoseGridScaling", one.where)
    except DicomError as error:
        return list(error.problems)
    if scaling is not None and scaling > 0:
        return []
    found = "nothing" if scaling is None else f"{scaling:g}"
    fault = (
        f"{one.where}: {named('DoseGridScaling')} must be above 0, found {found}. "
        f"Export the dose again with its scaling."
    )
    return [fault]


def _checked_sign(values_gy: FloatArray, where: str) -> float:
    """The lowest dose if it is slightly negative, else 0."""
    lowest, highest = float(values_gy.min()), float(values_gy.max())
    if lowest < -NEGATIVE_SHARE * max(highest, 0.0):
        msg = (
            f"{where}: holds doses down to {lowest:.3g} Gy; a physical dose is never "
            f"below 0. {named('PixelRepresentation')} may be wrong; export it again."
        )
        raise DicomError(msg)
    if highest <= 0:
        msg = (
            f"{where}: no voxel has a dose above 0 Gy. Export the dose again after "
            f"calculation."
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
