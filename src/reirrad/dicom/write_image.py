"""Writing a planning image as a series of single slices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, MRImageStorage

from reirrad.core.geometry import GridGeometry
from reirrad.core.images import Image
from reirrad.core.sources import ObjectReference, SeriesReference
from reirrad.dicom.identity import Study, new_object, stable_uid
from reirrad.dicom.write_grid import place_plane

__all__ = ["image_datasets", "series_reference"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What an image series of one modality needs."""

    sop_class_uid: str
    image_kind: str
    lowest: int
    attributes: Mapping[str, Any]


KINDS = MappingProxyType(
    {
        "MR": _Kind(
            MRImageStorage,
            "OTHER",
            0,
            {
                "ScanningSequence": "RM",
                "SequenceVariant": "NONE",
                "ScanOptions": "",
                "MRAcquisitionType": "3D",
                "RepetitionTime": None,
                "EchoTime": None,
                "EchoTrainLength": None,
            },
        ),
        "CT": _Kind(
            CTImageStorage,
            "AXIAL",
            -1024,
            {
                "KVP": None,
                "AcquisitionNumber": None,
                "RescaleIntercept": "-1024",
                "RescaleSlope": "1",
                "RescaleType": "HU",
            },
        ),
    }
)


def image_datasets(image: Image, *, study: Study) -> list[Dataset]:
    """One dataset for each slice, in the order of the slices.

    Values are stored as whole numbers: Hounsfield units for CT, the rounded signal for
    MR.

    Parameters
    ----------
    image
        MR or CT image.
    study
        Study that the series joins.

    Raises
    ------
    ValueError
        If the modality is another one, the axes are not at right angles, or a value
        does not fit into 16 bits.
    """
    kind = KINDS.get(image.modality)
    if kind is None:
        msg = f"only MR and CT images can be written, not {image.modality}"
        raise ValueError(msg)
    stored = np.rint(image.values) - kind.lowest
    if not (stored.min() >= 0 and stored.max() <= 65535):
        msg = (
            f"values of {image.modality} must lie between {kind.lowest} and "
            f"{kind.lowest + 65535} to be written, found "
            f"{image.values.min():g} to {image.values.max():g}"
        )
        raise ValueError(msg)
    return [
        _slice(image, index, plane.astype("<u2").tobytes(), study=study)
        for index, plane in enumerate(stored)
    ]


def series_reference(
    slices: Sequence[Dataset], geometry: GridGeometry
) -> SeriesReference:
    """What refers to a written series.

    Parameters
    ----------
    slices
        Its datasets, in the order of the slices of `geometry`.
    geometry
        Its grid.
    """
    _, j_mm, i_mm = geometry.spacing_mm
    indices = [[float(k), 0.0, 0.0] for k in range(len(slices))]
    return SeriesReference(
        study_uid=slices[0].StudyInstanceUID,
        series_uid=slices[0].SeriesInstanceUID,
        slices=tuple(
            ObjectReference(one.SOPClassUID, one.SOPInstanceUID) for one in slices
        ),
        positions_mm=geometry.points_mm(indices),
        along_row=geometry.affine[:3, 2] / i_mm,
        along_column=geometry.affine[:3, 1] / j_mm,
    )


def _slice(image: Image, index: int, pixels: bytes, *, study: Study) -> Dataset:
    kind = KINDS[image.modality]
    place = np.ascontiguousarray(image.geometry.affine).tobytes()
    dataset = new_object(
        kind.sop_class_uid,
        instance_uid=stable_uid("image", study.uid, place, str(index), pixels),
        modality=image.modality,
        study=study,
        series_name=f"planning {image.modality}",
    )
    dataset.ImageType = ["ORIGINAL", "PRIMARY", kind.image_kind]
    dataset.PatientPosition = "HFS"
    dataset.BodyPartExamined = "ABDOMEN"
    dataset.InstanceNumber = index + 1
    for keyword, value in kind.attributes.items():
        setattr(dataset, keyword, value)
    place_plane(dataset, image.geometry, slice_index=index)
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = 0
    dataset.add_new("PixelData", "OW", pixels)
    return dataset
