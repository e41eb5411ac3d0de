import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.caps import cap_parts
from reirrad.core.geometry import FloatArray
from reirrad.phantoms.closed_forms import cap_volume_cc

MM3_PER_CC = 1000.0


def volumes(parts: FloatArray) -> tuple[float, float, float]:
    """Assumed volume, its certain part, and largest plausible volume, in mm3."""
    length = parts[:, 1] - parts[:, 0]
    weights = 1.0 / np.arange(1, 4)
    own, most = length * (parts[:, 2:5] @ weights), length * (parts[:, 5:8] @ weights)
    return float(own.sum()), float(own[parts[:, 8] == 0].sum()), float(most.sum())


def areas_of_a_ball(radius: float, last: float, spacing: float) -> FloatArray:
    heights = last - spacing * np.arange(2, -1, -1)
    return np.asarray(np.pi * (radius**2 - heights**2), dtype=np.float64)


@given(st.floats(6.0, 60.0), st.floats(0.02, 0.98), st.floats(1.0, 3.0))
def test_the_cap_of_a_ball_is_exact(
    radius: float, share: float, spacing: float
) -> None:
    last = radius - share * spacing
    areas = areas_of_a_ball(radius, last, spacing)
    parts = cap_parts(spacing * np.arange(2.0, -1, -1), areas, spacing)
    own, certain, most = volumes(parts)
    true = cap_volume_cc(radius, radius - last) * MM3_PER_CC
    assert own == pytest.approx(true, rel=1e-6, abs=1e-6)
    assert certain == 0.0
    assert most >= true * (1 - 1e-9)


@pytest.mark.parametrize("height", [0.4, 1.3, 2.9])
def test_the_tip_of_a_cone_is_exact(height: float) -> None:
    distance = height + 3.0 * np.arange(2.0, -1, -1)
    parts = cap_parts(3.0 * np.arange(2.0, -1, -1), 2.0 * distance**2, 3.0)
    assert volumes(parts)[0] == pytest.approx(2.0 * height**3 / 3.0)


def test_a_flat_end_is_cut_half_way_and_may_reach_the_next_plane() -> None:
    parts = cap_parts(np.array([6.0, 3.0, 0.0]), np.full(3, 100.0), 3.0)
    assert volumes(parts) == pytest.approx((150.0, 0.0, 300.0))


def test_a_shrinking_end_tapers_to_the_next_plane() -> None:
    parts = cap_parts(np.array([6.0, 3.0, 0.0]), np.array([180.0, 120, 70]), 3.0)
    own, _, most = volumes(parts)
    assert own == pytest.approx(70 * 3 / 2)
    assert most == pytest.approx(70 * 3 * 2 / 3)


def test_growth_is_not_followed_without_limit() -> None:
    parts = cap_parts(np.array([6.0, 3.0, 0.0]), np.array([10.0, 30.0, 90.0]), 3.0)
    own, _, most = volumes(parts)
    assert own <= 90 * 1.5 * 1.25
    assert most <= 90 * 3 * 1.25 + 1e-9


def test_a_single_section_is_a_slab_of_at_least_a_quarter_on_each_side() -> None:
    parts = cap_parts(np.array([0.0]), np.array([100.0]), 3.0)
    assert volumes(parts) == pytest.approx((150.0, 75.0, 300.0))


def test_two_sections_make_a_ball_if_they_can() -> None:
    radius, spacing = 3.6, 3.0
    heights = np.array([-1.5, 1.5])
    areas = np.pi * (radius**2 - heights**2)
    parts = cap_parts(np.array([spacing, 0.0]), areas, spacing)
    true = cap_volume_cc(radius, radius - 1.5) * MM3_PER_CC
    assert volumes(parts)[0] == pytest.approx(true)


def test_two_wide_sections_are_a_disc() -> None:
    parts = cap_parts(np.array([3.0, 0.0]), np.array([2000.0, 2000.0]), 3.0)
    assert volumes(parts) == pytest.approx((3000.0, 0.0, 6000.0))


@given(st.lists(st.floats(1.0, 5000.0), min_size=1, max_size=3), st.floats(0.5, 10.0))
def test_the_largest_holds_what_is_assumed(areas: list[float], spacing: float) -> None:
    depths = spacing * np.arange(len(areas) - 1.0, -1, -1)
    parts = cap_parts(depths, np.array(areas), spacing)
    own, certain, most = volumes(parts)
    assert 0.0 <= certain <= own <= most * (1 + 1e-9)
    assert np.all(np.diff(parts[:, 0]) > 0)
    assert parts[-1, 1] == pytest.approx(spacing)
