import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from reirrad.core.transforms import RigidTransform
from reirrad.dicom.spatial_registration import (
    SpatialRegistration,
    contradictions,
    read_registration,
    route_between,
    transform_between,
)
from reirrad.errors import DicomError
from tests.dicom.exports import decimals, found_file, found_object, item, registration

Matrix = list[list[float]]


def moved(x: float, y: float = 0.0, z: float = 0.0, degrees: float = 0.0) -> Matrix:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return [[c, -s, 0, x], [s, c, 0, y], [0, 0, 1, z], [0, 0, 0, 1]]


def read(folder: Path, *links: tuple[str, str, Matrix]) -> list[SpatialRegistration]:
    maps: list[SpatialRegistration] = []
    for n, (start, end, matrix) in enumerate(links):
        dataset = registration(f"1.2.{n + 1}", start, end, matrix)
        maps += read_registration(found_object(folder, dataset, f"reg{n}.dcm"))
    return maps


def test_the_item_frame_is_mapped_into_the_objects_frame(tmp_path: Path) -> None:
    maps = read(tmp_path, ("1.1", "1.2", moved(10, 20, 30, 90)))
    transform = transform_between(maps, "1.1", "1.2")
    assert transform is not None
    np.testing.assert_allclose(transform.apply([1, 0, 0]), [10, 21, 30], atol=1e-8)


def test_a_registration_serves_both_ways(tmp_path: Path) -> None:
    maps = read(tmp_path, ("1.1", "1.2", moved(10, 20, 30, 40)))
    there = transform_between(maps, "1.1", "1.2")
    back = transform_between(maps, "1.2", "1.1")
    assert there is not None
    assert back is not None
    point = [3.0, -5.0, 8.0]
    np.testing.assert_allclose(back.apply(there.apply(point)), point, atol=1e-7)


def test_frames_are_linked_through_others_in_any_direction(tmp_path: Path) -> None:
    maps = read(
        tmp_path, ("1.1", "1.2", moved(10)), ("1.3", "1.2", moved(0, 5, degrees=90))
    )
    transform = transform_between(maps, "1.1", "1.3")
    assert transform is not None
    assert (transform.from_frame, transform.to_frame) == ("1.1", "1.3")
    np.testing.assert_allclose(transform.apply([0, 0, 0]), [-5, -10, 0], atol=1e-8)
    assert len(route_between(maps, "1.1", "1.3") or ()) == 2


def test_unrelated_frames_have_no_transform(tmp_path: Path) -> None:
    maps = read(tmp_path, ("1.1", "1.2", moved(10)))
    assert transform_between(maps, "1.1", "1.9") is None
    assert transform_between([], "1.1", "1.2") is None


def test_a_frame_is_where_it_is() -> None:
    transform = transform_between([], "1.1", "1.1")
    assert transform is not None
    np.testing.assert_array_equal(transform.matrix, np.eye(4))


@pytest.mark.parametrize(
    ("matrix", "kind"),
    [
        pytest.param(np.diag([1.1, 1.1, 1.1, 1]).tolist(), "RIGID_SCALE", id="scale"),
        pytest.param(np.diag([-1, 1, 1, 1]).tolist(), "RIGID", id="mirror"),
        pytest.param([[1, 0.2, 0, 0], *np.eye(4)[1:].tolist()], "AFFINE", id="shear"),
    ],
)
def test_what_is_not_rigid_is_refused(
    tmp_path: Path, matrix: Matrix, kind: str
) -> None:
    dataset = registration("1.2.1", "1.1", "1.2", matrix)
    step = dataset.RegistrationSequence[1].MatrixRegistrationSequence[0]
    step.MatrixSequence[0].FrameOfReferenceTransformationMatrixType = kind
    with pytest.raises(DicomError, match=f"type {kind} that is not"):
        read_registration(found_object(tmp_path, dataset))


def test_a_matrix_of_type_affine_that_is_rigid_is_accepted(tmp_path: Path) -> None:
    dataset = registration("1.2.1", "1.1", "1.2", moved(3, degrees=5))
    step = dataset.RegistrationSequence[1].MatrixRegistrationSequence[0]
    step.MatrixSequence[0].FrameOfReferenceTransformationMatrixType = "AFFINE"
    assert len(read_registration(found_object(tmp_path, dataset))) == 1


def test_several_matrices_are_accepted_only_if_their_order_is_the_same(
    tmp_path: Path,
) -> None:
    dataset = registration("1.2.1", "1.1", "1.2", moved(3))
    matrices = dataset.RegistrationSequence[1].MatrixRegistrationSequence[0]
    extra = item(FrameOfReferenceTransformationMatrix=decimals(moved(0, 4)))
    matrices.MatrixSequence.append(extra)
    (one,) = read_registration(found_object(tmp_path, dataset))
    np.testing.assert_allclose(one.transform.matrix[:3, 3], [3, 4, 0])
    extra.FrameOfReferenceTransformationMatrix = decimals(moved(0, degrees=30))
    with pytest.raises(DicomError, match="depends on their order"):
        read_registration(found_object(tmp_path, dataset))


def turned(degrees: float, axis: int) -> Matrix:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("xyz"[axis], degrees, degrees=True).as_matrix()
    rows: Matrix = matrix.tolist()
    return rows


@pytest.mark.parametrize(
    ("first", "second", "accepted"),
    [
        pytest.param(turned(8, 0), turned(6, 1), False, id="about two axes"),
        pytest.param(turned(180, 0), turned(90, 2), False, id="large"),
        pytest.param(turned(0.5, 0), turned(0.5, 1), True, id="too small to matter"),
        pytest.param(turned(8, 0), turned(-30, 0), True, id="about one axis"),
        pytest.param(turned(8, 0), np.eye(4).tolist(), True, id="one of them is none"),
    ],
)
def test_turns_are_accepted_only_if_their_order_moves_no_point(
    tmp_path: Path, first: Matrix, second: Matrix, *, accepted: bool
) -> None:
    """Turns about the origin leave it where it is in any order."""
    dataset = registration("1.2.1", "1.1", "1.2", first)
    steps = dataset.RegistrationSequence[1].MatrixRegistrationSequence[0]
    steps.MatrixSequence.append(
        item(FrameOfReferenceTransformationMatrix=decimals(second))
    )
    found = found_object(tmp_path, dataset)
    if not accepted:
        with pytest.raises(DicomError, match="depends on their order, by up to"):
            read_registration(found)
        return
    (one,) = read_registration(found)
    product_of_both = np.array(second) @ np.array(first)
    np.testing.assert_allclose(one.transform.matrix, product_of_both, atol=1e-4)


@pytest.mark.parametrize("missing", ["object", "item"])
def test_a_frame_without_name_is_refused(tmp_path: Path, missing: str) -> None:
    dataset = registration("1.2.1", "1.1", "1.2", moved(3))
    target = dataset if missing == "object" else dataset.RegistrationSequence[1]
    target.FrameOfReferenceUID = ""
    with pytest.raises(DicomError, match="is empty"):
        read_registration(found_object(tmp_path, dataset))


def test_a_chain_of_rounded_matrices_is_still_a_rotation(tmp_path: Path) -> None:
    """Each is off by less than is accepted, their product would be by more."""
    rough = moved(5.0, degrees=30.0)
    rough[0] = [1.0004 * one for one in rough[0]]
    maps = read(tmp_path, ("1.1", "1.2", rough), ("1.2", "1.3", rough))
    transform = transform_between(maps, "1.1", "1.3")
    assert transform is not None
    rotation = transform.matrix[:3, :3]
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(
        rotation, np.array(moved(0, degrees=60))[:3, :3], atol=1e-3
    )
    assert contradictions(read(tmp_path, *[("1.1", "1.2", rough)] * 2)) == ()


def test_a_matrix_of_many_digits_stays_as_it_is(tmp_path: Path) -> None:
    exact = moved(5.0, degrees=30.0)
    (one,) = read(tmp_path, ("1.1", "1.2", exact))
    np.testing.assert_allclose(one.transform.matrix, exact, rtol=0, atol=1e-13)


def test_a_registration_of_a_frame_with_itself_is_refused(tmp_path: Path) -> None:
    dataset = registration("1.2.1", "1.2", "1.2", moved(3))
    with pytest.raises(DicomError, match="relates no two frames"):
        read_registration(found_object(tmp_path, dataset))


@pytest.mark.parametrize(
    ("second", "contradict"),
    [
        pytest.param(("1.1", "1.2", moved(10)), False, id="same"),
        pytest.param(("1.1", "1.2", moved(10.4)), False, id="rounded"),
        pytest.param(("1.2", "1.1", moved(-10)), False, id="same the other way"),
        pytest.param(("1.1", "1.2", moved(11)), True, id="1 mm off"),
        pytest.param(("1.1", "1.2", moved(10, degrees=0.2)), True, id="0.2 degrees"),
        pytest.param(("1.2", "1.1", moved(10)), True, id="wrong way"),
        pytest.param(("1.1", "1.3", moved(99)), False, id="other frames"),
    ],
)
def test_two_maps_between_the_same_frames_must_agree(
    tmp_path: Path, second: tuple[str, str, Matrix], *, contradict: bool
) -> None:
    problems = contradictions(read(tmp_path, ("1.1", "1.2", moved(10)), second))
    assert bool(problems) is contradict
    if contradict:
        assert "reg0.dcm" in problems[0]
        assert "reg1.dcm" in problems[0]


@given(x=st.floats(-300, 300), y=st.floats(-300, 300), degrees=st.floats(-180, 180))
def test_writing_and_reading_keeps_the_map(
    x: float, y: float, degrees: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    matrix = moved(x, y, degrees=degrees)
    folder = tmp_path_factory.mktemp("reg")
    (one,) = read(folder, ("1.1", "1.2", matrix))
    wanted = RigidTransform(np.array(matrix), "1.1", "1.2")
    points = [[0, 0, 0], [200, -150, 90]]
    np.testing.assert_allclose(
        one.transform.apply(points), wanted.apply(points), atol=1e-5
    )


def test_the_real_registration_is_the_exact_move(shared: Path) -> None:
    folder = shared / "data/liver_ct_two_course"
    maps = read_registration(found_file(folder / "reg.dcm"))
    (one,) = maps
    exact = json.loads((folder / "truth.json").read_text())
    first_to_second = transform_between(
        maps, one.transform.to_frame, one.transform.from_frame
    )
    assert first_to_second is not None
    np.testing.assert_allclose(
        first_to_second.matrix, exact["matrix_course1_to_course2"], atol=1e-5
    )
