"""Corrections next to isodoses: closed forms, a library, and where there are none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from scipy.special import ndtr

from reirrad.core.dose_lookup import looked_up
from reirrad.core.dose_roots import (
    DoseRoots,
    corrections,
    dose_roots,
    root_coefficients,
    smoothness,
)
from reirrad.core.geometry import FloatArray
from reirrad.core.spline import spline_coefficients

INNER = (slice(5, -5), slice(5, -5), slice(12, -12))
TO_INDICES = np.hstack([np.eye(3), np.zeros((3, 1))])


def cubic_dose(values: FloatArray, indices: FloatArray) -> FloatArray:
    coefficients = spline_coefficients(values)
    return looked_up(values, coefficients, TO_INDICES, indices)[0]


def corrected(values: FloatArray, indices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Dose of the cubic spline and what is added to it."""
    cubic = cubic_dose(values, indices)
    return cubic, corrections(values, dose_roots(values), indices=indices, cubic=cubic)


def inside(shape: tuple[int, ...], count: int, seed: int = 1) -> FloatArray:
    last = np.array(shape) - 1.0
    return np.random.default_rng(seed).uniform(0.0, 1.0, (count, 3)) * last


def penumbra(i: FloatArray) -> FloatArray:
    """50 Gy to nothing along i, in voxels: of 3 mm, 80 to 20 % within 5.5 mm."""
    return np.asarray(50.0 * ndtr(-(i - 11.3) / (5.5 / 3.0 / 1.6832)))


def waves(length: float) -> FloatArray:
    """Dose whose root is a sine wave along i."""
    root = 4.0 + np.sin(2.0 * np.pi * (np.arange(48.0) + 0.2) / length)
    return np.tile(root**2, (12, 13, 1))


def test_a_penumbra_of_two_voxels_is_nearer_to_the_truth() -> None:
    values = np.tile(penumbra(np.arange(24.0)), (13, 13, 1))
    indices = inside((3, 3, 24), 5_000) + np.array([5.0, 5.0, 0.0])
    cubic, added = corrected(values, indices)
    truth = penumbra(indices[:, 2])
    for level_gy in (2.0, 10.0, 20.0, 25.0, 40.0):
        near = np.abs(truth - level_gy) < 2.0
        left = np.abs(cubic[near] + added[near] - truth[near])
        before = np.abs(cubic[near] - truth[near])
        assert left.mean() < before.mean() / 5.0
        assert left.max() < before.max() / 5.0


def test_corrections_are_what_a_library_makes_of_smooth_roots() -> None:
    noise = np.random.default_rng(2).uniform(0, 60, (20, 22, 24))
    values = np.asarray(ndimage.gaussian_filter(noise, 3.0))
    indices = inside(values.shape, 2_000)
    cubic, added = corrected(values, indices)
    root = ndimage.map_coordinates(np.sqrt(values), indices.T, order=5, mode="mirror")
    far = np.all((indices >= 5) & (indices <= np.array(values.shape) - 6), axis=1)
    assert far.sum() > 100
    assert (cubic + added)[far] == pytest.approx(root[far] ** 2, abs=1e-4)


@given(st.integers(0, 10**6), st.tuples(*[st.integers(2, 14)] * 3))
def test_the_range_of_the_voxels_is_left_no_further_than_by_the_cubic(
    seed: int, shape: tuple[int, int, int]
) -> None:
    values = np.random.default_rng(seed).uniform(0, 60, shape)
    values[values < 20.0] = 0.0
    values = ndimage.gaussian_filter(values, seed % 3)
    indices = inside(shape, 100, seed)
    cubic, added = corrected(values, indices)
    for n, (k, j, i) in enumerate(np.minimum(indices.astype(int), np.array(shape) - 2)):
        around = values[k : k + 2, j : j + 2, i : i + 2]
        low, high = min(around.min(), cubic[n]), max(around.max(), cubic[n])
        assert low - 1e-9 <= cubic[n] + added[n] <= high + 1e-9
        assert cubic[n] + added[n] >= 0.0


def test_voxel_centres_keep_their_dose() -> None:
    values = waves(9.0)
    indices = np.indices(values.shape).reshape(3, -1).T.astype(float)
    _, added = corrected(values, indices)
    assert added == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize(
    ("length", "share"), [(12.0, 1.0), (6.5, 1.0), (4.0, 0.0), (3.0, 0.0)]
)
def test_the_share_falls_from_six_voxels_of_wavelength_to_four(
    length: float, share: float
) -> None:
    found = smoothness(waves(length))[INNER]
    assert found == pytest.approx(share, abs=1e-3)


def test_five_voxels_of_wavelength_have_a_part() -> None:
    found = smoothness(waves(5.0))[INNER]
    # A wave's fourth differences are 4 sin^2(pi / length) of its second.
    expected = 2.0 - 4.0 * np.sin(np.pi / 5.0) ** 2
    assert found.mean() == pytest.approx(expected, abs=0.02)


def test_kinks_and_noise_have_no_share() -> None:
    at = np.arange(24.0)
    for kink in (11.0, 11.3, 11.5):
        shoulder = np.tile(50.0 * np.clip((kink - at) / 4.0, 0.0, 1.0), (12, 12, 1))
        assert smoothness(shoulder)[..., 7:16].max() < 0.05
    random = np.random.default_rng(4)
    flat = 20.0 + 0.4 * random.normal(size=(20, 20, 20))
    assert smoothness(flat).mean() < 0.01


def test_smoothness_is_that_of_the_slow_and_obvious() -> None:
    values = np.random.default_rng(5).uniform(0, 60, (12, 15, 21))
    values = np.asarray(ndimage.gaussian_filter(values, 1.3))
    root = np.sqrt(values)

    def around(taps: list[int]) -> FloatArray:
        sizes = [
            np.abs(ndimage.correlate1d(root, taps, axis, mode="mirror"))
            for axis in range(3)
        ]
        return np.asarray(ndimage.uniform_filter(sum(sizes), 11, mode="mirror"))

    second, fourth = around([1, -2, 1]), around([1, -4, 6, -4, 1])
    expected = np.clip(2.0 - fourth / second, 0.0, 1.0)
    borders = np.pad(np.zeros((2, 5, 11)), 5, constant_values=1.0)
    expected[borders > 0.0] = 0.0
    assert smoothness(values) == pytest.approx(expected, abs=1e-3)
    inner = expected[borders == 0.0]
    assert 0.1 < inner.mean() < 0.9


def test_no_dose_supports_nothing_and_needs_nothing() -> None:
    values = np.zeros((4, 5, 6))
    indices = inside(values.shape, 50)
    cubic, added = corrected(values, indices)
    assert not added.any()
    assert not cubic.any()


def test_the_box_around_a_dose_answers_as_the_whole_grid_does() -> None:
    k, j, i = np.indices((50, 60, 45), dtype=float)
    far = np.sqrt((k - 20.2) ** 2 + (j - 33.7) ** 2 + (i - 22.4) ** 2)
    values = 50.0 / (1.0 + np.exp((far - 5.0) / 0.7))
    whole = DoseRoots(
        np.zeros(3, np.int64), root_coefficients(values), smoothness(values)
    )
    boxed = dose_roots(values)
    assert boxed.shares.size < 0.75 * values.size
    indices = inside(values.shape, 20_000)
    cubic = cubic_dose(values, indices)
    by_whole, by_box = (
        corrections(values, roots, indices=indices, cubic=cubic)
        for roots in (whole, boxed)
    )
    relevant = cubic >= 0.5
    assert np.abs(by_whole[relevant]).max() > 0.05
    assert by_box[relevant] == pytest.approx(by_whole[relevant], abs=1e-4)


@pytest.mark.parametrize("highest_gy", [0.4, 30.0, 5000.0])
def test_the_box_holds_every_dose_of_a_gray_or_of_a_fiftieth(highest_gy: float) -> None:
    values = np.zeros((60, 50, 55))
    values[30, 20, 25] = highest_gy
    lowest = min(1.0, highest_gy / 50.0)
    values[30, 20, 28], values[30, 20, 31] = lowest, 0.99 * lowest
    boxed = dose_roots(values)
    assert boxed.corner.tolist() == [17, 7, 12]
    assert boxed.shares.shape == (27, 27, 30)
    assert boxed.coefficients.shape == (31, 31, 34)
