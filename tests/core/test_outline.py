import numpy as np
import pytest

from reirrad.core.geometry import FloatArray
from reirrad.core.outline import smooth_outline, smooth_outlines
from reirrad.core.signed_distance import ring_moments


def ellipse(n: int, a: float = 12.0, b: float = 9.0) -> FloatArray:
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([a * np.cos(angle), b * np.sin(angle)], axis=1)


def area(ring: FloatArray) -> float:
    return ring_moments(ring)[0]


@pytest.mark.parametrize("n", [40, 64, 100, 200])
def test_a_sampled_ellipse_encloses_its_area(n: int) -> None:
    assert area(smooth_outline(ellipse(n))) == pytest.approx(np.pi * 108, rel=3e-4)


def test_the_drawn_vertices_stay() -> None:
    ring = ellipse(40)
    assert np.array_equal(smooth_outline(ring)[::2], ring)


def test_the_sense_of_the_outline_does_not_matter() -> None:
    ring = ellipse(40)
    there, back = area(smooth_outline(ring)), area(smooth_outline(ring[::-1].copy()))
    assert back == pytest.approx(-there)


def test_a_hollow_is_rounded_inwards() -> None:
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    radius = 10 + 2 * np.cos(3 * angle)
    ring = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    true_area = np.pi * (100 + 2)
    assert abs(area(smooth_outline(ring)) - true_area) < 0.1 * abs(
        area(ring) - true_area
    )


@pytest.mark.parametrize("n", [3, 4, 6, 12, 18])
def test_corners_stay_corners(n: int) -> None:
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    ring = np.stack([10 * np.cos(angle), 10 * np.sin(angle)], axis=1)
    assert area(smooth_outline(ring)) == pytest.approx(area(ring))


def test_an_outline_of_pixels_stays_as_it_is() -> None:
    steps = [[0, 0], [1, 0], [2, 0], [2, 1], [3, 1], [3, 2], [2, 2], [2, 3], [0, 3]]
    ring = np.array(steps, dtype=np.float64)
    assert area(smooth_outline(ring)) == pytest.approx(area(ring))


def test_a_fine_outline_is_left_alone() -> None:
    ring = ellipse(400)
    assert smooth_outline(ring) is ring or len(smooth_outline(ring)) == 400


def test_many_outlines_are_smoothed_as_each_by_itself() -> None:
    rings = [ellipse(24), ellipse(400)[::-1] + 50.0, ellipse(6) - 50.0]
    closed = [np.concatenate([ring, ring[:1]]) for ring in rings]
    starts = np.cumsum([0, *map(len, closed)])
    clockwise = np.array([False, True, False])
    smooth, begins = smooth_outlines(np.concatenate(closed), starts, clockwise)
    rings[1] = rings[1][::-1].copy()
    for n, ring in enumerate(rings):
        found = smooth[begins[n] : begins[n + 1]]
        assert np.array_equal(found, smooth_outline(ring))
    assert len(smooth) == begins[-1]
