from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from reirrad.core.geometry import FloatArray
from reirrad.dicom.deformable_registration import (
    DeformableObject,
    deformable_between,
    deformable_rivals,
    read_deformable,
)
from reirrad.errors import DicomError
from tests.dicom.exports import bare, decimals, found_file, found_object, item

CLASS = UID("1.2.840.10008.5.1.4.1.1.66.3")
REFERENCE, SOURCE = "1.2.1", "1.2.2"
DIMENSIONS = (4, 3, 2)
STEPS = (2.0, 3.0, 5.0)
ORIGIN = np.array([10.0, -20.0, 30.0])
ROW, COLUMN = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
DEPTH = np.array([1.0, 0.0, 0.0])
QUARTER = np.array(
    [[0.0, -1.0, 0.0, 7.0], [1.0, 0.0, 0.0, -3.0], [0, 0, 1, 11.0], [0, 0, 0, 1]]
)
# Every vector another: no exchange of axes goes unnoticed. In order x, then y, then z.
VECTORS = np.arange(72, dtype=np.float32).reshape(2, 3, 4, 3) / 8.0


def matrix_item(matrix: FloatArray) -> Dataset:
    return item(
        FrameOfReferenceTransformationMatrixType="RIGID",
        FrameOfReferenceTransformationMatrix=decimals(matrix.tolist()),
    )


def deformable(
    *,
    before: FloatArray | None = None,
    after: FloatArray | None = None,
    syntax: str = ExplicitVRLittleEndian,
    uid: str = "1.2.9",
    frames: tuple[str, str] = (REFERENCE, SOURCE),
    **grid: Any,
) -> Dataset:
    """An object of one item; attributes of its grid can be replaced or left out."""
    order = ">f4" if syntax == ExplicitVRBigEndian else "<f4"
    attributes = {
        "ImagePositionPatient": ORIGIN.tolist(),
        "ImageOrientationPatient": [*ROW, *COLUMN],
        "GridDimensions": list(DIMENSIONS),
        "GridResolution": list(STEPS),
        "VectorGridData": VECTORS.astype(order).tobytes(),
        **grid,
    }
    kept = {key: value for key, value in attributes.items() if value is not None}
    one = item(
        SourceFrameOfReferenceUID=frames[1],
        DeformableRegistrationGridSequence=[item(**kept)],
    )
    if before is not None:
        one.PreDeformationMatrixRegistrationSequence = [matrix_item(before)]
    if after is not None:
        one.PostDeformationMatrixRegistrationSequence = [matrix_item(after)]
    dataset = bare("REG", uid, FrameOfReferenceUID=frames[0])
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = CLASS
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.DeformableRegistrationSequence = [one]
    return dataset


def read(folder: Path, dataset: Dataset) -> DeformableObject:
    (one,) = read_deformable(found_object(folder, dataset))
    return one


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_the_equation_of_the_standard_holds_at_every_grid_point(
    tmp_path: Path, syntax: str
) -> None:
    back = np.linalg.inv(QUARTER)
    one = read(tmp_path, deformable(before=QUARTER, after=back, syntax=syntax))
    found = one.deformable
    assert (found.from_frame, found.to_frame) == (REFERENCE, SOURCE)
    for k in range(2):
        for j in range(3):
            for i in range(4):
                start = (
                    ORIGIN + i * STEPS[0] * ROW + j * STEPS[1] * COLUMN
                ) + k * STEPS[2] * DEPTH
                moved = QUARTER[:3, :3] @ start + QUARTER[:3, 3] + VECTORS[k, j, i]
                expected = back[:3, :3] @ moved + back[:3, 3]
                assert found.apply(start) == pytest.approx(expected, abs=1e-5)


def test_without_matrices_the_vectors_are_all(tmp_path: Path) -> None:
    one = read(tmp_path, deformable())
    assert one.deformable.apply(ORIGIN) == pytest.approx(ORIGIN + VECTORS[0, 0, 0])
    assert (one.other_reading_mm, one.is_ambiguous) == (0.0, False)


def test_a_matrix_before_the_vectors_is_ambiguous_where_they_differ(
    tmp_path: Path,
) -> None:
    assert read(tmp_path, deformable(before=QUARTER)).is_ambiguous
    assert not read(tmp_path, deformable(before=np.eye(4))).is_ambiguous
    alike = np.zeros_like(VECTORS).tobytes()
    assert not read(
        tmp_path, deformable(before=QUARTER, VectorGridData=alike)
    ).is_ambiguous


def test_one_direction_is_not_the_other(tmp_path: Path) -> None:
    one = read(tmp_path, deformable())
    assert deformable_between([one], REFERENCE, SOURCE) is one
    assert deformable_between([one], SOURCE, REFERENCE) is None


def test_two_objects_for_the_same_frames_are_rivals(tmp_path: Path) -> None:
    first = read(tmp_path, deformable())
    second = read(tmp_path, deformable(uid="1.2.10"))
    back = read(tmp_path, deformable(uid="1.2.11", frames=(SOURCE, REFERENCE)))
    assert len(deformable_rivals([first, second, back])) == 1
    assert deformable_rivals([first, back]) == ()


def with_nan(value: float) -> bytes:
    vectors = VECTORS.copy()
    vectors[1, 2, 3] = value
    return vectors.tobytes()


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ({"VectorGridData": None}, r"0 bytes.* needs 288"),
        ({"VectorGridData": VECTORS.tobytes()[:-12]}, r"276 bytes.* needs 288"),
        ({"VectorGridData": VECTORS.tobytes() + bytes(12)}, "300 bytes"),
        ({"VectorGridData": with_nan(np.nan)}, "1 vectors that are undefined"),
        ({"VectorGridData": with_nan(np.inf)}, "undefined"),
        ({"VectorGridData": with_nan(1e6)}, "moves tissue by 1e"),
        ({"GridDimensions": None}, r"\(0064,0007\)"),
        ({"GridDimensions": [4, 6, 1]}, "from 2 on"),
        ({"GridDimensions": [4, 3]}, "three numbers"),
        ({"GridDimensions": [2**31, 2**31, 2**31]}, "288 bytes"),
        ({"GridResolution": [2.0, 0.0, 5.0]}, r"\(0064,0008\)"),
        ({"GridResolution": [2.0, -3.0, 5.0]}, r"\(0064,0008\)"),
        ({"GridResolution": [2.0, float("nan"), 5.0]}, r"\(0064,0008\)"),
        ({"ImagePositionPatient": None}, r"\(0020,0032\)"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "right angles"),
        ({"ImageOrientationPatient": [1, 0, 0]}, "right angles"),
    ],
)
def test_a_grid_that_is_none_is_refused(
    tmp_path: Path, grid: dict[str, Any], said: str
) -> None:
    with pytest.raises(DicomError, match=said):
        read(tmp_path, deformable(**grid))


def test_a_matrix_that_is_not_rigid_is_refused(tmp_path: Path) -> None:
    scaling = np.diag([1.1, 1.0, 1.0, 1.0])
    for dataset in (deformable(before=scaling), deformable(after=scaling)):
        with pytest.raises(DicomError, match="rotation with a translation"):
            read(tmp_path, dataset)


@pytest.mark.parametrize("frames", [("", SOURCE), (REFERENCE, "")])
def test_a_frame_without_name_is_refused(
    tmp_path: Path, frames: tuple[str, str]
) -> None:
    with pytest.raises(DicomError, match="is empty"):
        read(tmp_path, deformable(frames=frames))


def test_two_grids_or_matrices_in_one_item_are_refused(tmp_path: Path) -> None:
    two_grids = deformable()
    (one,) = two_grids.DeformableRegistrationSequence
    one.DeformableRegistrationGridSequence.append(Dataset())
    with pytest.raises(DicomError, match="2 grids"):
        read(tmp_path, two_grids)
    two_matrices = deformable(before=QUARTER)
    (one,) = two_matrices.DeformableRegistrationSequence
    one.PreDeformationMatrixRegistrationSequence.append(Dataset())
    with pytest.raises(DicomError, match="2 matrices"):
        read(tmp_path, two_matrices)


def test_an_object_without_any_grid_is_refused(tmp_path: Path) -> None:
    dataset = deformable()
    del dataset.DeformableRegistrationSequence[0].DeformableRegistrationGridSequence
    with pytest.raises(DicomError, match="no grid of vectors"):
        read(tmp_path, dataset)


def test_an_object_cut_short_is_refused(tmp_path: Path) -> None:
    found_object(tmp_path, deformable())
    file = tmp_path / "x.dcm"
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(DicomError, match="cut short"):
        read_deformable(found_file(file))
