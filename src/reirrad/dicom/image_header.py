"""What an import keeps of the header of an image slice.

An export has hundreds of slices, each with a hundred elements about its acquisition.
"""

from functools import lru_cache
from typing import Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID

from reirrad.dicom.elements import text

__all__ = ["without_acquisition"]

# Object, patient, series and place, pixels, tracer, functional groups of frames.
KEPT_GROUPS: Final = frozenset({0x0008, 0x0010, 0x0020, 0x0028, 0x0054, 0x5200})
# Echo Time, Trigger Time, Patient Position, Diffusion b-value: they tell phases apart.
KEPT_ELEMENTS: Final = frozenset({0x00180081, 0x00181060, 0x00185100, 0x00189087})
# Sequences of these groups name other objects and procedures.
IDENTIFYING_GROUPS: Final = frozenset({0x0008, 0x0010})


def without_acquisition(dataset: Dataset) -> Dataset:
    """The elements that identify, place and scale an image; values stay undecoded."""
    kept = {
        tag: element
        for tag, element in dataset.items()
        if tag in KEPT_ELEMENTS
        or (
            tag >> 16 in KEPT_GROUPS
            and not (element.VR == "SQ" and tag >> 16 in IDENTIFYING_GROUPS)
        )
    }
    slim = Dataset(kept)
    implicit, little_endian = dataset.original_encoding
    slim.set_original_encoding(implicit, little_endian, dataset.original_character_set)
    slim.file_meta = _meta(text(dataset.file_meta, "TransferSyntaxUID"))
    return slim


@lru_cache(maxsize=64)
def _meta(transfer_syntax_uid: str) -> FileMetaDataset:
    """What is needed to decode pixels, one for all slices."""
    meta = FileMetaDataset()
    if transfer_syntax_uid:
        meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    return meta
