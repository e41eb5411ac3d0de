"""Writing a dose grid as an RT Dose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import RTDoseStorage

from reirrad.core.dose import DoseGrid
from reirrad.core.sources import ObjectReference
from reirrad.dicom.identity import Study, decimal, new_object, reference_to, stable_uid
from reirrad.dicom.write_grid import place_plane, slice_step_mm

__all__ = ["Bits", "DoseMeaning", "rtdose_dataset"]

Bits = Literal[16, 32]

# Of 32 bits, below the largest number by more than the rounding of the scaling's ten
# digits.
LARGEST_STORED: Mapping[Bits, float] = MappingProxyType({16: 65535.0, 32: 4.29e9})
FRAME_OFFSETS = 0x3004000C


@dataclass(frozen=True, slots=True)
class DoseMeaning:
    """What the numbers of a written dose are.

    Parameters
    ----------
    dose_type
        EFFECTIVE for EQD2 and BED.
    summation
        BEAM if it is the dose of one beam, MULTI_PLAN if of several plans.
    beam_number
        Beam of a BEAM dose.
    comment
        Dose Comment; empty for none.
    """

    dose_type: Literal["PHYSICAL", "EFFECTIVE"] = "PHYSICAL"
    summation: Literal["PLAN", "MULTI_PLAN", "BEAM"] = "PLAN"
    beam_number: int | None = None
    comment: str = ""


def rtdose_dataset(
    grid: DoseGrid,
    *,
    study: Study,
    plans: Sequence[ObjectReference] = (),
    meaning: DoseMeaning | None = None,
    series_name: str = "dose",
    bits: Bits = 32,
) -> Dataset:
    """A dose grid as an RT Dose in gray.

    The scaling is chosen first, as the decimal string that is written, and the doses
    are rounded to its multiples: what is read back differs by half a step at most.

    Parameters
    ----------
    grid
        The dose.
    study
        Study that it joins.
    plans
        RT Plans to refer to.
    meaning
        What the numbers are; physical dose of a plan if None.
    series_name
        Its series.
    bits
        Of a stored value. The validator ``dciodvfy`` cannot read 32.

    Raises
    ------
    ValueError
        If the axes of the grid are not at right angles.
    """
    meaning = meaning or DoseMeaning()
    scaling, stored = _quantised(grid, bits)
    offsets = slice_step_mm(grid.geometry) * np.arange(grid.geometry.shape[0])
    place = np.ascontiguousarray(grid.geometry.affine).tobytes()
    dataset = new_object(
        RTDoseStorage,
        instance_uid=stable_uid(
            "rtdose", study.uid, str(meaning), place, scaling, stored
        ),
        modality="RTDOSE",
        study=study,
        series_name=series_name,
    )
    place_plane(dataset, grid.geometry, slice_index=0)
    dataset.NumberOfFrames = len(offsets)
    dataset.FrameIncrementPointer = FRAME_OFFSETS
    dataset.GridFrameOffsetVector = [decimal(value) for value in offsets]
    dataset.DoseUnits = "GY"
    dataset.DoseType = meaning.dose_type
    dataset.DoseSummationType = meaning.summation
    if meaning.comment:
        dataset.DoseComment = meaning.comment
    dataset.DoseGridScaling = scaling
    if plans:
        dataset.ReferencedRTPlanSequence = [
            _plan_reference(plan, meaning) for plan in plans
        ]
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = 0
    dataset.add_new("PixelData", "OW", stored)
    return dataset


def _quantised(grid: DoseGrid, bits: Bits) -> tuple[str, bytes]:
    """Dose Grid Scaling as written, and the stored values."""
    largest = float(grid.values_gy.max())
    scaling = f"{largest / LARGEST_STORED[bits]:.9e}" if largest > 0 else "1"
    stored = np.rint(grid.values_gy / float(scaling))
    return scaling, stored.astype(f"<u{bits // 8}").tobytes()


def _plan_reference(plan: ObjectReference, meaning: DoseMeaning) -> Dataset:
    item = reference_to(plan.sop_class_uid, plan.sop_instance_uid)
    if meaning.summation == "BEAM":
        beam = Dataset()
        beam.ReferencedBeamNumber = meaning.beam_number
        group = Dataset()
        group.ReferencedFractionGroupNumber = 1
        group.ReferencedBeamSequence = [beam]
        item.ReferencedFractionGroupSequence = [group]
    return item
