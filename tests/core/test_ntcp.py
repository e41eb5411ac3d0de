import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from reirrad.core.ntcp import (
    effective_volume_share,
    geud_gy,
    lkb_ntcp,
    lkb_ntcp_by_effective_volume,
    m_from_gamma50,
    probit_ntcp,
)

histograms = st.lists(
    st.tuples(st.floats(0.1, 100), st.floats(0.01, 50)), min_size=1, max_size=20
)
exponents = st.floats(0.05, 2)


def parts(histogram: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [dose for dose, _ in histogram], [volume for _, volume in histogram]


@given(histograms, exponents)
def test_geud_is_the_sum_of_powers(
    histogram: list[tuple[float, float]], n: float
) -> None:
    doses, volumes = parts(histogram)
    total = sum(volumes)
    slow = sum(v / total * d ** (1 / n) for d, v in histogram) ** n
    assert geud_gy(doses, volumes, n=n) == pytest.approx(slow, rel=1e-9)


@given(histograms, exponents)
def test_geud_lies_between_least_and_largest_dose(
    histogram: list[tuple[float, float]], n: float
) -> None:
    doses, volumes = parts(histogram)
    found = geud_gy(doses, volumes, n=n)
    assert min(doses) * (1 - 1e-9) <= found <= max(doses) * (1 + 1e-9)


@given(histograms, exponents, st.floats(0.1, 4))
def test_geud_is_proportional_to_dose(
    histogram: list[tuple[float, float]], n: float, factor: float
) -> None:
    doses, volumes = parts(histogram)
    scaled = geud_gy(np.multiply(doses, factor), volumes, n=n)
    assert scaled == pytest.approx(factor * geud_gy(doses, volumes, n=n), rel=1e-9)


def test_geud_goes_from_mean_to_maximum() -> None:
    doses, volumes = [10.0, 20.0, 30.0], [1.0, 1.0, 1.0]
    assert geud_gy(doses, volumes, n=1.0) == pytest.approx(20.0)
    assert geud_gy(doses, volumes, n=0.001) == pytest.approx(30.0, rel=2e-3)
    assert geud_gy([0.0, 0.0], [1.0, 2.0], n=0.5) == 0.0


@given(histograms, exponents, st.floats(1, 100))
def test_both_forms_of_the_model_agree(
    histogram: list[tuple[float, float]], n: float, reference: float
) -> None:
    doses, volumes = parts(histogram)
    share = effective_volume_share(doses, volumes, n=n, reference_gy=reference)
    by_dose = lkb_ntcp(geud_gy(doses, volumes, n=n), td50_gy=45.8, m=0.12)
    by_volume = lkb_ntcp_by_effective_volume(
        share, reference_gy=reference, td50_gy=45.8, m=0.12, n=n
    )
    assert by_volume == pytest.approx(by_dose, rel=1e-6, abs=1e-12)


@given(st.floats(0, 200), st.floats(0.05, 1))
def test_the_probability_is_a_normal_distribution(dose: float, m: float) -> None:
    expected = float(norm.cdf(dose, loc=40.0, scale=40.0 * m))
    found = lkb_ntcp(dose, td50_gy=40.0, m=m)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-300)


@given(st.floats(0.2, 5))
def test_gamma50_is_the_slope_at_td50(gamma50: float) -> None:
    step = 1e-5
    low, high = (
        probit_ntcp(40.0 * (1 + sign * step), td50_gy=40.0, gamma50=gamma50)
        for sign in (-1, 1)
    )
    assert (high - low) / (2 * step) == pytest.approx(gamma50, rel=1e-4)
    assert m_from_gamma50(gamma50) == pytest.approx(
        1 / (gamma50 * math.sqrt(2 * math.pi))
    )


@pytest.mark.parametrize(
    ("doses", "volumes", "n"),
    [
        ([], [], 1.0),
        ([1.0], [1.0, 2.0], 1.0),
        ([-1.0], [1.0], 1.0),
        ([np.nan], [1.0], 1.0),
        ([1.0], [0.0], 1.0),
        ([1.0, 2.0], [1.0, -0.5], 1.0),
        ([1.0], [np.inf], 1.0),
        ([1.0], [1.0], 0.0),
    ],
)
def test_an_impossible_histogram_is_refused(
    doses: list[float], volumes: list[float], n: float
) -> None:
    with pytest.raises(ValueError, match=r"must be|are needed"):
        geud_gy(doses, volumes, n=n)


def test_impossible_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="td50_gy"):
        lkb_ntcp(10.0, td50_gy=0.0, m=0.1)
    with pytest.raises(ValueError, match="m must"):
        lkb_ntcp(10.0, td50_gy=40.0, m=-0.1)
    with pytest.raises(ValueError, match="reference_gy"):
        effective_volume_share([1.0], [1.0], n=1.0, reference_gy=0.0)
    with pytest.raises(ValueError, match="volume_share"):
        lkb_ntcp_by_effective_volume(0.0, reference_gy=10.0, td50_gy=40.0, m=0.1, n=1.0)
    with pytest.raises(ValueError, match="gamma50"):
        m_from_gamma50(0.0)
