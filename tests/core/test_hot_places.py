"""Hot parts of an organ, their distance to a target, and where they lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.hot_places import (
    PlacedTarget,
    direction_words,
    hottest,
    place_of,
    placed_target,
)
from reirrad.core.sections import sections_of
from reirrad.phantoms.analytic import SliceStack, analytic_structure, sphere_contours


def ball(label: str, x_mm: float, radius_mm: float = 10.0) -> PlacedTarget:
    contours = sphere_contours(
        np.array([x_mm, 0.0, 0.0]),
        radius_mm,
        slices=SliceStack(spacing_mm=2.0),
        n_vertices=96,
    )
    structure = analytic_structure(label, contours, frame_of_reference_uid="1")
    return placed_target(label, sections_of(structure, slice_spacing_mm=2.0))


@pytest.fixture(scope="module")
def targets() -> list[PlacedTarget]:
    return [ball("far", 200.0), ball("near", 0.0)]


def test_the_nearest_target_is_named_with_distance_and_direction(
    targets: list[PlacedTarget],
) -> None:
    points = np.array([[22.0, -14.0, 0.0], [24.0, -16.0, 0.0]])
    place = place_of(points, np.array([0.1, 0.3]), targets)
    assert place.target == "near"
    assert place.distance_mm == pytest.approx(np.hypot(22, 14) - 10, abs=0.5)
    assert place.direction == "left, anterior"
    assert place.centroid_mm == pytest.approx((23.5, -15.5, 0.0))
    assert place.volume_cc == pytest.approx(0.4)


def test_a_part_inside_the_target_has_no_distance(targets: list[PlacedTarget]) -> None:
    place = place_of(np.array([[2.0, 0.0, 0.0]]), np.ones(1), targets)
    assert place.distance_mm == 0.0


def test_the_distance_is_that_of_the_nearest_point(targets: list[PlacedTarget]) -> None:
    points = np.array([[30.0, 0.0, 0.0], [500.0, 0.0, 0.0]])
    assert targets[1].distance_mm(points) == pytest.approx(20, abs=0.5)


def test_the_hottest_points_up_to_a_volume() -> None:
    values = np.array([3.0, 9.0, 1.0, 7.0])
    volumes = np.full(4, 0.1)
    assert hottest(values, volumes, 0.25).tolist() == [False, True, False, True]
    assert hottest(values, volumes, 0.0).tolist() == [False, True, False, False]
    assert hottest(values, volumes, None).all()


@given(
    st.tuples(*[st.floats(min_value=-50, max_value=50)] * 3).filter(
        lambda offset: max(map(abs, offset)) > 0
    )
)
def test_opposite_offsets_have_opposite_words(
    offset: tuple[float, float, float],
) -> None:
    opposite = {
        "left": "right",
        "anterior": "posterior",
        "superior": "inferior",
    }
    opposite |= {there: here for here, there in opposite.items()}
    words = direction_words(offset).split(", ")
    back = direction_words([-value for value in offset]).split(", ")
    assert [opposite[word] for word in words] == back
    assert 1 <= len(words) <= 3
