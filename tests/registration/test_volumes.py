import numpy as np
import pytest

from reirrad.core.geometry import FloatArray
from reirrad.registration.volumes import Volume, carried, in_pieces, shrunk

AFFINE = np.array(
    [
        [0.0, 0.0, 1.5, -20.0],
        [0.0, 1.5, 0.0, 10.0],
        [3.0, 0.0, 0.0, -7.0],
        [0.0, 0.0, 0.0, 1.0],
    ]
)
SLOPE = np.array([2.0, -1.0, 0.5])


def ramp(shape: tuple[int, int, int], affine: FloatArray) -> Volume:
    """A grey value that grows evenly in space: any linear map keeps it exactly."""
    index = np.moveaxis(np.indices(shape), 0, -1)
    points = index @ affine[:3, :3].T + affine[:3, 3]
    return Volume((points @ SLOPE).astype(np.float32), affine)


def test_shrinking_averages_whole_blocks_where_they_lie() -> None:
    values = np.zeros((16, 16, 16), dtype=np.float32)
    values[0:2, 0:2, 0:2] = 8.0
    affine = np.diag([1.0, 1.0, 1.0, 1.0])[:, [2, 1, 0, 3]]

    small = shrunk(Volume(values, affine), spacing_mm=2.0)

    assert small.values[0, 0, 0] == 8.0
    assert small.values.sum() == 8.0
    np.testing.assert_allclose(small.affine @ [0, 0, 0, 1], [0.5, 0.5, 0.5, 1.0])


def test_a_ramp_stays_the_same_ramp_when_shrunk() -> None:
    small = shrunk(ramp((17, 40, 33), AFFINE), spacing_mm=6.0)
    assert small.values.shape == (8, 10, 8)
    np.testing.assert_allclose(small.spacing_mm, [6.0, 6.0, 6.0])
    expected = ramp((8, 10, 8), small.affine).values
    np.testing.assert_allclose(small.values, expected, atol=1e-4)


def test_shrinking_makes_no_axis_finer_or_shorter_than_eight_blocks() -> None:
    volume = ramp((9, 40, 40), AFFINE)
    assert shrunk(volume, spacing_mm=1.0) is volume
    assert shrunk(volume, spacing_mm=12.0).values.shape == (9, 8, 8)


def test_a_ramp_is_carried_exactly_by_any_rigid_matrix() -> None:
    source = ramp((20, 40, 40), AFFINE)
    onto_affine = AFFINE.copy()
    onto_affine[:3, 3] += [8.0, 9.0, 10.0]
    onto = ramp((6, 8, 8), onto_affine)
    matrix = np.eye(4)
    matrix[:2, :2] = [[0.8, -0.6], [0.6, 0.8]]
    matrix[:3, 3] = [9.0, 20.0, 4.0]

    values = carried(source, onto, matrix)

    index = np.moveaxis(np.indices((6, 8, 8)), 0, -1)
    points = index @ onto_affine[:3, :3].T + onto_affine[:3, 3]
    expected = (points @ matrix[:3, :3].T + matrix[:3, 3]) @ SLOPE
    np.testing.assert_allclose(values, expected, atol=1e-4)


def test_beyond_the_faces_of_the_outermost_voxels_there_is_nothing() -> None:
    source = Volume(np.full((4, 4, 4), 5.0, dtype=np.float32), np.eye(4))
    onto = Volume(np.empty((1, 1, 8), dtype=np.float32), np.eye(4))
    matrix = np.eye(4)
    matrix[2, 3] = -2.4
    row = carried(source, onto, matrix, outside=-1.0)[0, 0]
    np.testing.assert_array_equal(row, [-1, -1, 5, 5, 5, 5, -1, -1])


@pytest.mark.parametrize("n", [0, 1, 15, 16, 1000])
def test_pieces_cover_a_range_once(n: int) -> None:
    times = np.zeros(n, dtype=np.int64)

    def count(start: int, stop: int) -> None:
        times[start:stop] += 1

    in_pieces(count, n)
    assert np.all(times == 1)


def test_a_failure_in_a_piece_is_raised() -> None:
    def fail(start: int, stop: int) -> None:
        msg = f"{start} {stop}"
        raise ValueError(msg)

    with pytest.raises(ValueError, match="0"):
        in_pieces(fail, 5)
