import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.dvh import (
    cumulative_curve,
    dose_volume,
    dose_volumes,
    is_metric,
    metric_bounds,
    metric_value,
)

N = 100_000
LINEAR = dose_volume((np.arange(N) + 0.5) * 100.0 / N, np.full(N, 10.0 / N))
"""Dose rising evenly from 0 to 100 Gy over 10 cc."""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("D2%[Gy]", 98.0),
        ("D50%[Gy]", 50.0),
        ("D95%[Gy]", 5.0),
        ("D98%[Gy]", 2.0),
        ("D0.1cc[Gy]", 99.0),
        ("Mean[Gy]", 50.0),
        ("Max[Gy]", 100.0),
        ("Min[Gy]", 0.0),
        ("V15Gy[cc]", 8.5),
        ("V15Gy[%]", 85.0),
        ("CV15Gy[cc]", 1.5),
        ("V100.5Gy[cc]", 0.0),
        ("V0Gy[cc]", 10.0),
    ],
)
def test_metrics_of_a_linear_curve(name: str, expected: float) -> None:
    assert metric_value(name, LINEAR) == pytest.approx(expected, abs=1e-3)


def test_a_volume_larger_than_the_structure_gives_its_lowest_dose() -> None:
    curve = dose_volume(np.array([5.0, 9.0]), np.array([0.01, 0.01]))
    assert metric_value("D0.1cc[Gy]", curve) == 5.0


def test_plateaus_are_interpolated() -> None:
    curve = dose_volume(np.array([10.0, 10.0, 0.0, 0.0]), np.ones(4))
    assert metric_value("V5Gy[cc]", curve) == pytest.approx(2.0)
    assert metric_value("D98%[Gy]", curve) == 0.0
    assert metric_value("V10Gy[cc]", curve) == pytest.approx(1.5)


points = st.lists(
    st.tuples(st.floats(0, 80), st.floats(0.01, 1)), min_size=1, max_size=40
)


@given(points, st.floats(0, 80))
def test_hot_and_cold_volumes_add_up(
    data: list[tuple[float, float]], level: float
) -> None:
    dose, volume = np.array(data).T
    curve = dose_volume(dose, volume)
    name = f"V{level:.3f}Gy[cc]"
    both = metric_value(name, curve) + metric_value("C" + name, curve)
    assert both == pytest.approx(volume.sum())


@given(points)
def test_the_curve_falls_from_all_to_nothing(data: list[tuple[float, float]]) -> None:
    dose, volume = np.array(data).T
    axis, percent = cumulative_curve(dose_volume(dose, volume))
    assert percent[0] == pytest.approx(100.0)
    assert np.all(np.diff(percent) <= 1e-9)
    assert np.all(np.diff(axis) > 0)
    assert percent[-1] == 0.0


@pytest.mark.parametrize("name", ["D5", "Dmax", "V15[cc]", "D0.1cc", "mean[Gy]", ""])
def test_other_spellings_are_refused(name: str) -> None:
    assert not is_metric(name)
    with pytest.raises(ValueError, match="not a dose metric"):
        metric_value(name, LINEAR)


def test_a_curve_needs_finite_values() -> None:
    with pytest.raises(ValueError, match="finite"):
        dose_volume(np.array([np.nan]), np.ones(1))
    with pytest.raises(ValueError, match="at least one"):
        dose_volume(np.empty(0), np.empty(0))


def test_bounds_hold_the_metric_and_shrink_with_more_points() -> None:
    random = np.random.default_rng(5)
    widths = []
    for count in (1_000, 30_000):
        curve = dose_volume(random.uniform(10, 50, count), np.full(count, 30.0 / count))
        names = ("Mean[Gy]", "D98%[Gy]", "D0.5cc[Gy]", "V28Gy[cc]", "V28Gy[%]")
        bounds = [metric_bounds(name, curve) for name in names]
        for name, (low, high) in zip(names, bounds, strict=True):
            assert low <= metric_value(name, curve) <= high
        widths.append([high - low for low, high in bounds])
    assert all(fine < coarse for coarse, fine in zip(*widths, strict=True))


def test_the_largest_dose_has_no_bounds_of_its_own() -> None:
    curve = dose_volume(np.array([1.0, 2.0, 3.0]), np.ones(3))
    assert metric_bounds("Max[Gy]", curve) == (3.0, 3.0)


def test_points_of_no_volume_are_left_out() -> None:
    curve = dose_volume(np.array([9.0, 2.0, 3.0]), np.array([0.0, 1.0, 1.0]))
    assert metric_value("Max[Gy]", curve) == 3.0
    with pytest.raises(ValueError, match="no point has a volume"):
        dose_volume(np.array([9.0]), np.zeros(1))


def test_the_same_values_with_other_volumes() -> None:
    one, two = dose_volumes(
        np.array([1.0, 3.0, 2.0]), [np.ones(3), np.array([3.0, 1.0, 0.0])]
    )
    assert metric_value("Mean[Gy]", one) == pytest.approx(2.0)
    assert metric_value("Mean[Gy]", two) == pytest.approx(1.5)
