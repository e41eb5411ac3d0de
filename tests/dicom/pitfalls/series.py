"""Image series as a test wants them: orientation, slices, one object or many."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import UID

from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.workflows.gather import Survey
from tests.dicom.exports import (
    COLUMNS,
    ROOT,
    ROWS,
    SLICES,
    CourseExport,
    bare,
    course_export,
    item,
)
from tests.dicom.pitfalls.drawn import surveyed

__all__ = [
    "AXIAL",
    "as_modality",
    "brightness",
    "enhanced",
    "image_of",
    "place",
    "placed",
    "planning_image",
    "points_of_voxels",
    "slices_of",
]

AXIAL: FloatArray = np.eye(3)
ENHANCED = {
    "CT": "1.2.840.10008.5.1.4.1.1.2.1",
    "MR": "1.2.840.10008.5.1.4.1.1.4.1",
    "PT": "1.2.840.10008.5.1.4.1.1.130",
}
SINGLE = {"MR": "1.2.840.10008.5.1.4.1.1.4", "PT": "1.2.840.10008.5.1.4.1.1.128"}
CORNER = np.array([-7.0, -8.0, 0.0])


def brightness(points_mm: FloatArray) -> FloatArray:
    """Stored value of a place: linear in x, y and z, whole numbers on the slices."""
    weights = np.array([1.0, 10.0, 100.0])
    return np.asarray(1000.0 + points_mm @ weights)


def slices_of(export: CourseExport) -> list[Dataset]:
    return [one for name, one in export.objects.items() if name.startswith("ct")]


def place(
    export: CourseExport,
    *,
    axes: FloatArray = AXIAL,
    heights: Sequence[float] = (0.0, 4.0, 8.0, 12.0, 16.0),
) -> None:
    """Put slices at heights along the third of three axes, with values of their place.

    Parameters
    ----------
    axes
        Columns are the directions of growing column and row index, and the normal.
    """
    stored = zip(slices_of(export), heights, strict=True)
    for one, height in stored:
        corner = axes @ (CORNER + np.array([0.0, 0.0, height]))
        one.ImagePositionPatient = [round(float(v), 6) for v in corner]
        one.ImageOrientationPatient = [
            round(float(v), 8) for v in axes[:, :2].T.ravel()
        ]
        rows, columns = np.indices((ROWS, COLUMNS))
        steps = np.stack([columns * 2.0, rows * 3.0, 0.0 * rows], axis=-1)
        values = brightness(steps @ axes.T + corner)
        one.PixelData = np.round(values).astype("<i2").tobytes()
        one.RescaleSlope, one.RescaleIntercept = 1, 0


def as_modality(export: CourseExport, modality: str) -> None:
    """Make MR or PT images of the slices of a course."""
    for one in slices_of(export):
        _as_class(one, SINGLE[modality], modality)


def _as_class(dataset: Dataset, sop_class_uid: str, modality: str) -> None:
    dataset.SOPClassUID = sop_class_uid
    dataset.file_meta.MediaStorageSOPClassUID = UID(sop_class_uid)
    dataset.Modality = modality


def enhanced(
    export: CourseExport,
    modality: str = "CT",
    *,
    change: Callable[[int, Dataset], None] = lambda _, __: None,
) -> Dataset:
    """Bring the slices of a course into one object of several frames.

    What differs from frame to frame stands in the groups of the frames, what does not
    in the shared ones. `change` is given each frame's number and group.
    """
    singles = slices_of(export)
    frames = []
    for number, one in enumerate(singles):
        group = item(
            PlanePositionSequence=[item(ImagePositionPatient=one.ImagePositionPatient)],
            PixelValueTransformationSequence=[
                item(
                    RescaleSlope=one.RescaleSlope,
                    RescaleIntercept=one.RescaleIntercept,
                    RescaleType="US",
                )
            ],
            FrameContentSequence=[item(StackID="1", InStackPositionNumber=number + 1)],
        )
        change(number, group)
        frames.append(group)
    first = singles[0]
    shared = item(
        PlaneOrientationSequence=[
            item(ImageOrientationPatient=first.ImageOrientationPatient)
        ],
        PixelMeasuresSequence=[item(PixelSpacing=first.PixelSpacing)],
    )
    made = bare(
        "CT",
        f"{ROOT}.{export.number}.9",
        StudyDate=first.StudyDate,
        SeriesInstanceUID=export.series,
        FrameOfReferenceUID=export.frame,
        NumberOfFrames=len(singles),
        SharedFunctionalGroupsSequence=[shared],
        PerFrameFunctionalGroupsSequence=frames,
        Rows=ROWS,
        Columns=COLUMNS,
        BitsAllocated=16,
        BitsStored=16,
        HighBit=15,
        PixelRepresentation=1,
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        PixelData=b"".join(one.PixelData for one in singles),
    )
    _as_class(made, ENHANCED[modality], modality)
    for k in range(SLICES):
        export.objects.pop(f"ct{k}.dcm", None)
    export.objects["enhanced.dcm"] = made
    (frame,) = export["rs.dcm"].ReferencedFrameOfReferenceSequence
    (series,) = frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence
    series.ContourImageSequence = [item(ReferencedSOPInstanceUID=made.SOPInstanceUID)]
    return made


def image_of(found: Survey) -> Image:
    """Planning image of the only course."""
    assert found.problems == ()
    (course,) = found.courses
    assert course.image is not None, [one.message for one in found.findings]
    return course.image


def planning_image(folder: Path, export: CourseExport) -> Image:
    return image_of(surveyed(folder, export))


def points_of_voxels(image: Image) -> FloatArray:
    """Positions of all voxels, shape (k, j, i, 3)."""
    indices = np.moveaxis(np.indices(image.geometry.shape), 0, -1)
    return image.geometry.points_mm(indices)


def placed(axes: FloatArray = AXIAL, **how: Sequence[float]) -> CourseExport:
    """A course whose image is placed; its contours are left where they are."""
    export = course_export(1)
    place(export, axes=axes, **how)
    return export
