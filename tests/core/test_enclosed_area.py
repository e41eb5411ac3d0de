"""What contours of one plane enclose, against counting how often they go round."""

import numpy as np
import numpy.typing as npt
import shapely
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.enclosed_area import HOLE, REPEATED, Outline, enclosed_area
from reirrad.core.structures import ContourKind

Discs = list[tuple[int, int, int]]


def disc(column: int, row: int, radius: int) -> Outline:
    """A polygon of 24 corners about a point of a grid."""
    angle = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
    corners = np.column_stack([np.cos(angle), np.sin(angle)]) * radius
    corners += 20.0 * np.array([column, row])
    return Outline(shapely.Polygon(corners), ContourKind.CLOSED_PLANAR)


def turns(outlines: list[Outline], points: npt.NDArray[np.float64]) -> list[int]:
    """How many of the contours go round each point."""
    return [
        sum(one.polygon.contains(shapely.Point(point)) for one in outlines)
        for point in points
    ]


# Radii of different size about a few centres: every two lie apart or one in the other.
APART_OR_INSIDE = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(2, 9)),
    min_size=2,
    max_size=9,
    unique=True,
)


@given(APART_OR_INSIDE)
def test_contours_in_others_are_holes_and_parts_in_turn(discs: Discs) -> None:
    outlines = [disc(*one) for one in discs]
    points = np.random.default_rng(1).uniform(-10.0, 50.0, (60, 2))

    region, decided = enclosed_area(outlines)

    inside = [bool(region.contains(shapely.Point(point))) for point in points]
    assert inside == [count % 2 == 1 for count in turns(outlines, points)]
    nested = len({one[:2] for one in discs}) < len(discs)
    assert decided == ({HOLE} if nested else set())
    assert region.is_valid


def test_nested_contours_keep_their_vertices() -> None:
    outlines = [disc(0, 0, radius) for radius in (9, 6, 3)]

    region, _ = enclosed_area(outlines)

    ring, core = region.geoms
    assert ring.exterior.equals(outlines[0].polygon.exterior)
    assert ring.interiors[0].equals(outlines[1].polygon.exterior)
    assert core.equals(outlines[2].polygon)


def test_a_contour_drawn_again_a_hair_smaller_is_no_hole() -> None:
    outer = Outline(shapely.box(0, 0, 100, 100), ContourKind.CLOSED_PLANAR)
    again = Outline(shapely.box(0.01, 0.01, 99.99, 99.99), ContourKind.CLOSED_PLANAR)

    region, decided = enclosed_area([again, outer])

    assert region.area == 10_000
    assert decided == {REPEATED}


def test_a_hole_that_touches_the_rim_is_still_cut() -> None:
    outer = Outline(shapely.box(0, 0, 10, 10), ContourKind.CLOSED_PLANAR)
    at_rim = Outline(shapely.box(0, 4, 3, 6), ContourKind.CLOSED_PLANAR)

    region, decided = enclosed_area([at_rim, outer])

    assert region.area == 100 - 6
    assert decided == {HOLE}
