import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.geometry import FloatArray
from reirrad.core.sampling import sample
from reirrad.core.sections import sections_of
from reirrad.core.structures import Contour, Role, Structure
from reirrad.core.target_places import encloses, groups_apart, lie_apart, lies_within
from reirrad.phantoms.analytic import SliceStack, analytic_structure, sphere_contours

UNIT = st.floats(-1.0, 1.0)


def target(number: int, *contours: FloatArray) -> Structure:
    drawn = tuple(Contour(points) for points in contours)
    return Structure(number, f"PTV{number}", None, Role.PTV, drawn, "1.1")


def ball(number: int, x_mm: float, radius_mm: float) -> Structure:
    stack = SliceStack(spacing_mm=1.0)
    return analytic_structure(
        f"PTV{number}",
        sphere_contours((x_mm, 0.0, 0.0), radius_mm, slices=stack),
        frame_of_reference_uid="1.1",
        number=number,
        role=Role.PTV,
    )


def square(half_mm: float, z_mm: float, x_mm: float = 0.0) -> FloatArray:
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    return np.array([(x_mm + half_mm * x, half_mm * y, z_mm) for x, y in corners])


@pytest.mark.parametrize(
    ("distance_mm", "apart"),
    [(0.0, False), (4.0, False), (14.5, False), (15.5, True), (60.0, True)],
)
def test_balls_lie_apart_beyond_the_sum_of_their_radii(
    distance_mm: float, *, apart: bool
) -> None:
    one, other = ball(1, 0.0, 10.0), ball(2, distance_mm, 5.0)
    assert lie_apart(one, other) is apart
    assert lie_apart(other, one) is apart


@given(
    points=st.lists(st.tuples(UNIT, UNIT, UNIT), min_size=3, max_size=12),
    direction=st.tuples(UNIT, UNIT, UNIT).filter(lambda v: np.linalg.norm(v) > 0.1),
    gap_mm=st.floats(0.01, 50.0),
)
def test_what_lies_on_both_sides_of_any_plane_lies_apart(
    points: list[tuple[float, float, float]],
    direction: tuple[float, float, float],
    gap_mm: float,
) -> None:
    one = np.array(points)
    along = np.array(direction) / np.linalg.norm(direction)
    width = float(np.ptp(one @ along))
    assert lie_apart(target(1, one), target(2, one + (width + gap_mm) * along))


def test_a_plane_between_need_not_lie_along_the_axes() -> None:
    # Two bars along the diagonal whose boxes are almost one.
    bar = np.array([[0.0, 0, 0], [40, 40, 0], [40, 40, 4], [0, 0, 4]])
    beside = bar + np.array([6.0, -6.0, 0.0])
    assert lie_apart(target(1, bar), target(2, beside))


def test_what_lies_in_the_hollow_of_a_target_does_not_lie_apart_from_it() -> None:
    # Drawn around the inner one, of which it holds nothing.
    shell = target(1, square(20.0, 0.0), square(8.0, 0.0))
    inner = target(2, square(6.0, 0.0))
    assert not lie_apart(shell, inner)


def test_a_target_does_not_lie_apart_from_itself() -> None:
    one = ball(1, 0.0, 10.0)
    assert not lie_apart(one, one)


@pytest.mark.parametrize(
    ("x_mm", "within"), [(0.0, True), (4.5, True), (6.5, False), (40.0, False)]
)
def test_a_ball_lies_within_a_larger_one_up_to_its_surface(
    x_mm: float, *, within: bool
) -> None:
    outer, inner = ball(1, 0.0, 10.0), ball(2, x_mm, 5.0)
    assert lies_within(inner, outer) is within
    assert not lies_within(outer, inner)


def test_a_part_on_the_same_slices_lies_within() -> None:
    whole = target(1, *(square(10.0, z) for z in (0.0, 4.0, 8.0)))
    part = target(2, *(square(5.0, z, x_mm=4.9) for z in (0.0, 4.0, 8.0)))
    assert lies_within(part, whole)
    assert lies_within(whole, whole)
    assert not lies_within(whole, part)


def test_targets_that_hang_together_are_one_group() -> None:
    row = [ball(1, 0.0, 10.0), ball(2, 60.0, 5.0), ball(3, 24.0, 8.0)]
    assert groups_apart(row) == (0, 1, 2)
    # The fourth reaches from the first to the third.
    assert groups_apart([*row, ball(4, 12.0, 6.0)]) == (0, 1, 0, 0)
    assert groups_apart([]) == ()


def test_a_target_that_ends_on_the_same_slices_is_enclosed() -> None:
    """Its sample points beyond the last contours stand for next to no volume."""
    heights = np.arange(-6.0, 7.0, 3.0)
    inner = sections_of(target(1, *(square(4.0, z) for z in heights)))
    outer = sections_of(target(2, *(square(9.0, z) for z in heights)))
    assert encloses(outer, sample(inner))
    assert not encloses(inner, sample(outer))
