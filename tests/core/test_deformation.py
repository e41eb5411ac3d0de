import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.deformation import (
    DeformableMap,
    inverse_consistency_mm,
    jacobian_range,
)
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.transforms import RigidTransform, identity
from reirrad.errors import FrameMismatchError
from tests.strategies import rigid_transforms

SHAPE = (6, 8, 10)
POINTS = np.random.default_rng(1).uniform((-15, -10, -5), (15, 10, 15), (50, 3))


def grid(frame: str = "1.1") -> GridGeometry:
    """Spacing 8, 6 and 5 mm along z, y and x; wholly around the points."""
    affine = np.array([[0, 0, 5.0, -22], [0, 6.0, 0, -20], [8.0, 0, 0, -14]])
    return GridGeometry(SHAPE, np.vstack([affine, [0, 0, 0, 1.0]]), frame)


def vectors(linear: FloatArray, constant: FloatArray) -> FloatArray:
    """A field that is linear in space, which a trilinear map keeps exactly."""
    geometry = grid()
    points = geometry.points_mm(np.moveaxis(np.indices(SHAPE), 0, -1))
    return points @ linear.T + constant


def a_map(
    linear: FloatArray | None = None,
    constant: FloatArray | None = None,
    after: RigidTransform | None = None,
) -> DeformableMap:
    field = vectors(
        np.zeros((3, 3)) if linear is None else linear,
        np.zeros(3) if constant is None else constant,
    )
    return DeformableMap(
        identity("1.1"), grid(), field.astype(np.float32), after or identity("1.1")
    )


@given(rigid_transforms())
def test_without_vectors_it_is_its_rigid_parts(after: RigidTransform) -> None:
    deformable = a_map(after=after)
    assert deformable.apply(POINTS) == pytest.approx(after.apply(POINTS), abs=1e-9)
    assert deformable.stretch == 1.0
    assert (deformable.from_frame, deformable.to_frame) == ("1.1", after.to_frame)


@given(st.lists(st.floats(-0.1, 0.1), min_size=9, max_size=9))
def test_a_linear_field_is_met_exactly(entries: list[float]) -> None:
    linear = np.array(entries).reshape(3, 3)
    deformable = a_map(linear, np.array([1.0, -2.0, 3.0]))
    expected = POINTS + POINTS @ linear.T + [1.0, -2.0, 3.0]
    assert deformable.apply(POINTS) == pytest.approx(expected, abs=1e-5)
    found = jacobian_range(deformable, POINTS)
    assert found is not None
    determinant = np.linalg.det(np.eye(3) + linear)
    assert found.least == pytest.approx(determinant, abs=1e-4)
    assert found.largest == pytest.approx(determinant, abs=1e-4)
    assert found.folded_percent == 0.0
    assert np.linalg.norm(np.eye(3) + linear, 2) <= deformable.stretch + 1e-5


def test_the_rigid_part_before_moves_the_point_but_not_its_vector() -> None:
    turn = np.eye(4)
    turn[:2, :2] = [[0.0, -1.0], [1.0, 0.0]]
    turn[:3, 3] = [300.0, 0.0, 0.0]
    linear = np.diag([0.1, 0.0, 0.0])
    deformable = DeformableMap(
        RigidTransform(turn, "1.1", "1.1"),
        grid(),
        vectors(linear, np.zeros(3)).astype(np.float32),
        identity("1.1"),
    )
    expected = [[300.0 - 5.0 + 0.1 * 10.0, 10.0, 2.0]]
    assert deformable.apply([[10.0, 5.0, 2.0]]) == pytest.approx(
        np.array(expected), abs=1e-5
    )


def test_between_grid_points_it_is_trilinear() -> None:
    random = np.random.default_rng(3)
    field = random.normal(0.0, 1.0, (*SHAPE, 3)).astype(np.float32)
    deformable = DeformableMap(identity("1.1"), grid(), field, identity("1.1"))
    point = POINTS[7]
    index = grid().indices(point)
    low = np.floor(index).astype(int)
    slow = np.zeros(3)
    for k in (0, 1):
        for j in (0, 1):
            for i in (0, 1):
                corner = np.array([k, j, i])
                weight = np.prod(np.where(corner, index - low, 1 - (index - low)))
                slow += weight * field[tuple(low + corner)]
    assert deformable.apply(point) - point == pytest.approx(slow, abs=1e-6)


@given(rigid_transforms())
def test_back_and_there_again(after: RigidTransform) -> None:
    linear = np.array([[0.1, 0.05, 0.0], [0.0, -0.1, 0.05], [0.05, 0.0, 0.1]])
    deformable = a_map(linear, after=after)
    back = deformable.unapplied(deformable.apply(POINTS))
    assert back == pytest.approx(POINTS, abs=2e-3)


@given(rigid_transforms())
def test_what_grows_to_more_than_twice_its_size_is_found_again(
    after: RigidTransform,
) -> None:
    linear = np.diag([1.5, 1.2, 1.3])
    deformable = a_map(linear, np.array([4.0, 0.0, -2.0]), after)
    back = deformable.unapplied(deformable.apply(POINTS))
    assert back == pytest.approx(POINTS, abs=2e-3)


@given(rigid_transforms(), st.integers(0, 20))
def test_a_rough_map_that_does_not_fold_is_turned_round(
    turn: RigidTransform, seed: int
) -> None:
    before = RigidTransform(turn.matrix, "1.1", "1.1")
    random = np.random.default_rng(seed)
    # Two points come nearer by four fifths at most: no two are carried to one.
    field = random.uniform(-0.8, 0.8, (*SHAPE, 3)).astype(np.float32)
    deformable = DeformableMap(before, grid(), field, identity("1.1"))
    assert deformable.stretch < 1.8
    back = deformable.unapplied(deformable.apply(POINTS))
    assert back == pytest.approx(POINTS, abs=5e-3)


def test_an_origin_in_the_grid_is_preferred_to_one_outside_of_it() -> None:
    # The grid ends at x = 23: the point that is carried to x = 70 is the one at 0,
    # not the one at 70 that the rigid parts leave where it is.
    deformable = a_map(constant=np.array([70.0, 0.0, 0.0]))
    there = [[70.0, 0.0, 0.0], [88.0, 5.0, 5.0], [120.0, 0.0, 0.0]]
    assert deformable.unapplied(there) == pytest.approx(
        np.array([[0.0, 0.0, 0.0], [18.0, 5.0, 5.0], [120.0, 0.0, 0.0]]), abs=1e-3
    )


def test_a_map_that_gathers_everything_at_one_place_has_no_origins() -> None:
    deformable = a_map(-np.eye(3))
    assert np.isnan(deformable.unapplied([[5.0, 1.0, 1.0]])).all()


def test_no_points_have_no_origins() -> None:
    assert a_map().unapplied(np.empty((0, 3))).shape == (0, 3)


def test_what_nothing_is_carried_to_has_no_origin() -> None:
    # Everything in the grid is carried 100 mm away: nothing arrives beside it.
    deformable = a_map(constant=np.array([100.0, 0.0, 0.0]))
    assert np.isnan(deformable.unapplied([[0.0, 0.0, 0.0]])).all()
    assert deformable.unapplied([[-500.0, 0.0, 0.0]]) == pytest.approx(
        np.array([[-500.0, 0.0, 0.0]])
    )


def test_outside_the_grid_nothing_is_deformed_and_it_is_told() -> None:
    deformable = a_map(constant=np.array([3.0, 0.0, 0.0]))
    corners = grid().points_mm([[0, 0, 0], [5, 7, 9]])
    outside = corners + np.array([[-0.1, 0, 0], [0.1, 0, 0]])
    assert deformable.covers(corners).all()
    assert not deformable.covers(outside).any()
    assert deformable.apply(corners) == pytest.approx(
        corners + np.array([3.0, 0.0, 0.0])
    )
    assert deformable.apply(outside) == pytest.approx(outside)
    assert jacobian_range(deformable, outside) is None


def test_distance_from_the_border_of_the_grid() -> None:
    # x from -22 to 23, y from -20 to 22, z from -14 to 26.
    points = np.array([[0.0, 0.0, 0.0], [22.0, 0.0, 0.0], [0.0, 25.0, 0.0]])
    assert a_map().clearance_mm(points) == pytest.approx([14.0, 1.0, -3.0])


def test_a_fold_is_found_where_it_is() -> None:
    field = np.zeros((*SHAPE, 3), dtype=np.float32)
    field[3, 4, 5, 0] = 5.5
    deformable = DeformableMap(identity("1.1"), grid(), field, identity("1.1"))
    folded = grid().points_mm([[2.5, 3.5, 5.5], [0.5, 0.5, 0.5]])
    found = jacobian_range(deformable, folded)
    assert found is not None
    assert found.folded_percent == 50.0
    assert found.least == pytest.approx(1.0 - 5.5 / 5.0, abs=1e-6)
    away = jacobian_range(deformable, folded[1:])
    assert away is not None
    assert away.folded_percent == 0.0


def test_two_inverse_maps_bring_every_point_home() -> None:
    shift = np.array([2.0, -1.0, 0.5])
    there, back = a_map(constant=shift), a_map(constant=-shift)
    inner = POINTS * 0.5
    assert inverse_consistency_mm(there, back, inner) == pytest.approx(0.0, abs=1e-5)
    lazy = inverse_consistency_mm(there, a_map(), inner)
    assert lazy == pytest.approx(np.linalg.norm(shift), abs=1e-5)


def test_maps_of_other_frames_are_no_inverses() -> None:
    away = a_map(after=RigidTransform(np.eye(4), "1.1", "1.2"))
    with pytest.raises(FrameMismatchError):
        inverse_consistency_mm(away, a_map(), POINTS)


def test_parts_of_other_frames_make_no_map() -> None:
    field = np.zeros((*SHAPE, 3), dtype=np.float32)
    with pytest.raises(FrameMismatchError, match="grid of vectors"):
        DeformableMap(identity("1.1"), grid("1.9"), field, identity("1.1"))
    with pytest.raises(FrameMismatchError, match="after them"):
        DeformableMap(identity("1.1"), grid(), field, identity("1.9"))


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (np.zeros((6, 8, 9, 3)), "shape"),
        (np.full((*SHAPE, 3), np.nan), "not finite"),
    ],
)
def test_vectors_that_do_not_fit_are_refused(field: FloatArray, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        DeformableMap(
            identity("1.1"), grid(), field.astype(np.float32), identity("1.1")
        )


def test_a_grid_of_one_plane_is_refused() -> None:
    flat = GridGeometry((1, 8, 10), grid().affine, "1.1")
    with pytest.raises(ValueError, match="two points along each axis"):
        DeformableMap(
            identity("1.1"), flat, np.zeros((1, 8, 10, 3), np.float32), identity("1.1")
        )
