from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from reirrad.core.dvh import (
    coldest_between_gy,
    coldest_gy,
    cumulative_curve,
    dose_volume,
    dose_volumes,
    is_metric,
    metric_bounds,
    metric_value,
)
from reirrad.core.geometry import FloatArray

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


def points_of_cube(n: int) -> tuple[FloatArray, FloatArray]:
    """Evenly scattered points, ``(n, 3)``, of a cube of 20 mm, and their volumes."""
    scattered = qmc.Halton(3, seed=3).random(n)
    return scattered * 20.0 - 10.0, np.full(n, 8.0 / n)


SHAPES: dict[str, Callable[[FloatArray], npt.NDArray[np.bool_]]] = {
    "ball": lambda points: np.linalg.norm(points, axis=1) <= 10.0,
    "cube": lambda points: np.ones(len(points), dtype=np.bool_),
    "cone": lambda points: (
        np.linalg.norm(points[:, :2], axis=1) <= (10.0 - points[:, 2]) / 2.0
    ),
}


@pytest.mark.parametrize("n", [15_000, 200_000])
@pytest.mark.parametrize(
    ("shape", "direction", "coldest"),
    [
        ("ball", (1.0, 0.0, 0.0), 40.0 - 10.0),
        ("ball", (0.6, 0.0, 0.8), 40.0 - 10.0),
        ("cube", (1.0, 0.0, 0.0), 40.0 - 10.0),
        ("cube", (3**-0.5, 3**-0.5, 3**-0.5), 40.0 - 10.0 * 3**0.5),
        ("cone", (0.0, 0.0, -1.0), 40.0 - 10.0),
    ],
)
def test_nothing_is_colder_than_the_coldest(
    shape: str, direction: tuple[float, float, float], coldest: float, n: int
) -> None:
    """Dose falls evenly: the closed form is the dose at the lowest corner."""
    points, volumes = points_of_cube(n)
    inside = SHAPES[shape](points)
    curve = dose_volume(40.0 + points[inside] @ np.array(direction), volumes[inside])
    lowest_sampled = curve.values_gy[-1]
    assert coldest_gy(curve) <= coldest < lowest_sampled
    assert coldest - coldest_gy(curve) < 60.0 / n ** (1.0 / 3.0)


@given(points)
def test_the_coldest_is_a_dose_and_no_higher_than_any(
    data: list[tuple[float, float]],
) -> None:
    dose, volume = np.array(data).T
    assert 0.0 <= coldest_gy(dose_volume(dose, volume)) <= dose.min()


def test_the_dose_at_the_whole_volume_may_be_that_of_the_coldest_corner() -> None:
    for name in ("D100%[Gy]", "D10cc[Gy]", "D12cc[Gy]"):
        low, high = metric_bounds(name, LINEAR)
        assert low == pytest.approx(coldest_gy(LINEAR) * 0.999)
        assert high >= metric_value(name, LINEAR)


def test_a_structure_of_just_the_volume_asked_has_its_lowest_dose_there() -> None:
    # A rod in a dose that falls along it; 0.08 cc are drawn, and 0.12 plausible.
    solids = [(0.08, 12.0), (0.12, 8.0)]
    assert coldest_between_gy("D0.1cc[Gy]", solids) == pytest.approx(10.0)
    # One more end that is hotter changes nothing: the rod may end at the cold one.
    more = [*solids, (0.09, 12.0)]
    assert coldest_between_gy("D0.1cc[Gy]", more) == pytest.approx(10.0)


@pytest.mark.parametrize(
    "name", ["D0.05cc[Gy]", "D0.12cc[Gy]", "D50%[Gy]", "V10Gy[cc]", "Mean[Gy]"]
)
def test_nothing_lies_between_where_no_solid_has_the_volume(name: str) -> None:
    assert coldest_between_gy(name, [(0.08, 12.0), (0.12, 8.0)]) is None
