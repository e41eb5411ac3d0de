import numpy as np
import pytest
from scipy import ndimage

from reirrad.core.spline import spline_coefficients


@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 5, 40), (30, 25, 24), (2, 50, 3)])
def test_coefficients_are_those_of_a_library(shape: tuple[int, int, int]) -> None:
    values = np.random.default_rng(1).uniform(0, 60, shape)
    expected = ndimage.spline_filter(values, order=3, mode="mirror")
    assert spline_coefficients(values) == pytest.approx(expected, abs=5e-4)


def test_coefficients_far_from_any_dose_are_nothing() -> None:
    """Numbers too small for full precision would cost a hundred times as much."""
    values = np.zeros((90, 80, 70))
    values[:4, :4, :4] = 50.0
    found = np.abs(spline_coefficients(values))
    assert found.max() > 50.0
    tiny = np.finfo(np.float32).tiny
    assert not ((found > 0.0) & (found < tiny)).any()
