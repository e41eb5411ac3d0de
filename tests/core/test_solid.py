"""Reconstructed solids against closed forms: shapes, branches, holes, slices."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from reirrad.core.sampling import sample
from reirrad.core.sections import Sections, is_inside, sections_of
from reirrad.core.structures import Contour
from reirrad.phantoms.analytic import SliceStack, analytic_structure
from reirrad.phantoms.closed_forms import lens_volume_cc, sphere_volume_cc
from reirrad.phantoms.solids import Frustum, TiltedEllipsoid, ball


def sections(*contours: Contour, spacing_mm: float = 3.0) -> Sections:
    structure = analytic_structure("organ", contours, frame_of_reference_uid="1")
    return sections_of(structure, slice_spacing_mm=spacing_mm)


def ellipsoid(seed: int, volume_cc: float) -> TiltedEllipsoid:
    random = np.random.default_rng(seed)
    rotation = Rotation.random(random_state=seed).as_matrix()
    axes = np.array([1.0, random.uniform(1, 1.6), random.uniform(1, 2)])
    axes *= (volume_cc * 1000 / (4 / 3 * np.pi * axes.prod())) ** (1 / 3)
    return TiltedEllipsoid(random.uniform(-1, 1, 3), axes[:, None] * rotation)


@given(
    st.integers(0, 10**6),
    st.sampled_from([1.0, 5.0, 30.0]),
    st.sampled_from([1.0, 2.0, 3.0]),
)
def test_tilted_ellipsoids_have_their_volume(
    seed: int, volume_cc: float, spacing_mm: float
) -> None:
    slices = SliceStack(spacing_mm, offset_mm=(seed % 97) / 97 * spacing_mm)
    drawn = sections(
        *ellipsoid(seed, volume_cc).contours(slices), spacing_mm=spacing_mm
    )
    assert drawn.volume_cc == pytest.approx(volume_cc, rel=1e-3)
    low, high = drawn.solid.volume_interval_cc()
    assert low < volume_cc < high


@given(st.integers(0, 10**6))
def test_inside_is_inside(seed: int) -> None:
    shape = ellipsoid(seed, 8.0)
    drawn = sections(*shape.contours(SliceStack(2.0, offset_mm=0.3)))
    points = np.random.default_rng(seed).uniform(-25, 25, (3000, 3)) + shape.centre_mm
    unit = np.linalg.norm(
        (points - shape.centre_mm) @ np.linalg.inv(shape.axes_mm), axis=1
    )
    decided = np.abs(unit - 1.0) > 0.02
    assert np.array_equal(is_inside(drawn, points)[decided], (unit < 1.0)[decided])


@given(st.integers(0, 10**6))
def test_the_orientation_of_the_slices_does_not_matter(seed: int) -> None:
    rotation = Rotation.random(random_state=seed).as_matrix()
    shape = ellipsoid(seed, 4.0)
    upright = sections(*shape.contours(SliceStack(2.0)))
    moved = [Contour(c.points_mm @ rotation.T) for c in shape.contours(SliceStack(2.0))]
    assert sections(*moved).volume_cc == pytest.approx(upright.volume_cc, rel=1e-6)


@pytest.mark.parametrize("offset_mm", [0.2, 0.9, 1.7, 2.6])
def test_a_cone_ends_in_its_tip(offset_mm: float) -> None:
    cone = Frustum(np.array([0.0, 0, 1e-3]), 30.0, 12.0, 0.0)
    contours = cone.contours(SliceStack(3.0, offset_mm=offset_mm))
    top = max(c.points_mm[0, 2] for c in contours)
    points = np.array([[0.0, 0, z] for z in np.arange(top, 36, 0.1)])
    drawn = sections(*contours)
    highest = points[is_inside(drawn, points)][-1, 2]
    assert highest == pytest.approx(30.0, abs=0.3)


def dumbbell_contours(distance_mm: float, slices: SliceStack) -> list[Contour]:
    """Two balls of 12 mm side by side that merge where their sections meet."""
    contours = []
    for z in slices.heights_mm(-12.0, 12.0):
        radius = np.sqrt(144 - z**2)
        union = shapely.union_all(
            [
                shapely.Point(side * distance_mm / 2, 0).buffer(radius, quad_segs=64)
                for side in (-1, 1)
            ]
        )
        for part in shapely.get_parts(union):
            flat = shapely.get_coordinates(part.exterior)[:-1]
            contours.append(Contour(np.column_stack([flat, np.full(len(flat), z)])))
    return contours


@pytest.mark.parametrize("distance_mm", [14.0, 18.0, 22.0])
@pytest.mark.parametrize("spacing_mm", [1.0, 2.0, 3.0])
def test_parts_that_split_and_merge_keep_their_volume(
    distance_mm: float, spacing_mm: float
) -> None:
    drawn = sections(
        *dumbbell_contours(distance_mm, SliceStack(spacing_mm, offset_mm=0.4)),
        spacing_mm=spacing_mm,
    )
    true = 2 * sphere_volume_cc(12) - lens_volume_cc(12, 12, distance_mm=distance_mm)
    assert drawn.volume_cc == pytest.approx(true, rel=0.012)
    assert sample(drawn).volume_cc == pytest.approx(drawn.volume_cc, rel=1e-9)
    ends = np.array(
        [[s * distance_mm / 2, 0.0, z] for s in (-1, 1) for z in (-9, 0, 9)]
    )
    assert is_inside(drawn, ends).all()


def shell_contours(slices: SliceStack) -> list[Contour]:
    return [
        *ball([0, 0, 0], 18.0).contours(slices),
        *ball([2, 1, 1], 9.0).contours(slices),
    ]


@pytest.mark.parametrize("spacing_mm", [1.0, 2.0, 3.0])
def test_a_hollow_ball_is_hollow(spacing_mm: float) -> None:
    drawn = sections(*shell_contours(SliceStack(spacing_mm)), spacing_mm=spacing_mm)
    true = sphere_volume_cc(18) - sphere_volume_cc(9)
    assert drawn.volume_cc == pytest.approx(true, rel=1e-3)
    points = np.array([[2.0, 1, 1], [2, 1, 9.5], [2, 1, 10.6], [0, 0, 17], [-12, 0, 0]])
    assert is_inside(drawn, points).tolist() == [False, False, True, True, True]
    low, high = drawn.solid.volume_interval_cc()
    assert low < true < high
    points_in = sample(drawn).points_mm
    assert np.linalg.norm(points_in - [2, 1, 1], axis=1).min() > 8.5


def test_an_island_in_a_hole_stays() -> None:
    slices = SliceStack(2.0)
    island = ball([2, 1, 1], 5.0)
    drawn = sections(*shell_contours(slices), *island.contours(slices), spacing_mm=2.0)
    true = sphere_volume_cc(18) - sphere_volume_cc(9) + sphere_volume_cc(5)
    assert drawn.volume_cc == pytest.approx(true, rel=1e-3)
    assert sample(drawn).volume_cc == pytest.approx(true, rel=1e-3)
    assert is_inside(drawn, [[2.0, 1, 1]])[0]


def test_slices_may_be_uneven() -> None:
    heights = np.array([-13.1, -12, -10.5, -9, -6, -3, 0, 4, 8, 10, 11.5, 12.9])
    shape = ball([0, 0, 0], 14.0)
    rings = [shape.contours(SliceStack(100.0, offset_mm=z))[0] for z in heights]
    assert sections(*rings).volume_cc == pytest.approx(sphere_volume_cc(14), rel=1e-3)


def test_a_missing_slice_leaves_a_gap_that_the_interval_spans() -> None:
    tube = Frustum(np.array([0.0, 0, 0]), 40.0, 10.0, 10.0)
    rings = tube.contours(SliceStack(2.0, offset_mm=1.0))
    gap = [ring for ring in rings if ring.points_mm[0, 2] != 21.0]
    drawn = sections(*gap, spacing_mm=2.0)
    assert drawn.volume_cc == pytest.approx(tube.volume_cc * 38 / 40, rel=2e-3)
    low, high = drawn.solid.volume_interval_cc()
    assert low < tube.volume_cc * 38 / 40 < tube.volume_cc < high
    assert not is_inside(drawn, [[0.0, 0, 21]])[0]
    assert "no contour between" in drawn.remarks[0].text


def test_a_part_that_ends_beside_another_is_capped() -> None:
    slices = SliceStack(2.0, offset_mm=0.5)
    long, short = ball([-20, 0, 0], 15.0), ball([20, 0, 0], 8.0)
    drawn = sections(*long.contours(slices), *short.contours(slices), spacing_mm=2.0)
    true = long.volume_cc + short.volume_cc
    assert drawn.volume_cc == pytest.approx(true, rel=1e-3)
    assert is_inside(drawn, [[20.0, 0, 7.8], [20, 0, 8.3]]).tolist() == [True, False]


def test_a_lobe_that_ends_does_not_bend_the_rest() -> None:
    """A large square with a lobe on every second half: the far wall stays straight."""
    square = np.array([[-30.0, -30], [30, -30], [30, 30], [-30, 30]])
    lobed = np.array(
        [
            [-30.0, -30],
            [30, -30],
            [30, -10],
            [60, -10],
            [60, 10],
            [30, 10],
            [30, 30],
            [-30, 30],
        ]
    )
    rings = [
        np.column_stack([lobed if z > 9 else square, np.full(8 if z > 9 else 4, z)])
        for z in np.arange(0.0, 19, 3)
    ]
    drawn = sections(*[Contour(ring) for ring in rings])
    wall = np.array(
        [[-29.7, y, z] for y in (-20.0, 0, 20) for z in np.arange(0, 18, 0.5)]
    )
    assert is_inside(drawn, wall).all()
    assert not is_inside(drawn, wall - [0.6, 0, 0]).any()
