from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from reirrad.registration.patches import compared, described, strongest
from reirrad.registration.volumes import Volume

RADIUS = (1, 2, 2)
AFFINE = np.array(
    [[0, 0, 1.5, 0], [0, 1.5, 0, 0], [3.0, 0, 0, 0], [0, 0, 0, 1.0]], dtype=np.float64
)


def clouds(seed: int) -> Volume:
    noise = np.random.default_rng(seed).normal(size=(20, 36, 40))
    smooth = ndimage.gaussian_filter(noise, (1.5, 3.0, 3.0))
    return Volume((100.0 * smooth).astype(np.float32), AFFINE)


IMAGE = clouds(1)
WHOLE = replace(IMAGE, values=np.ones_like(IMAGE.values))
CENTRES = strongest(IMAGE, WHOLE, radius=RADIUS, cell_mm=12.0)
PATCHES = described(IMAGE, CENTRES, radius=RADIUS)


def test_every_cell_gives_one_patch_that_fits_into_the_image() -> None:
    cell = np.array([4, 8, 8])
    cells = (CENTRES - [2, 3, 3]) // cell
    assert len(np.unique(cells, axis=0)) == len(CENTRES) == 4 * 4 * 5
    assert np.all(CENTRES >= [2, 3, 3])
    assert np.all(np.array(IMAGE.values.shape) - [2, 3, 3] > CENTRES)


def test_a_patch_has_the_most_contrast_of_its_cell() -> None:
    values = np.zeros((20, 36, 40), dtype=np.float32)
    values[9, 17, 21] = 1.0
    found = strongest(Volume(values, AFFINE), WHOLE, radius=RADIUS, cell_mm=90.0)
    assert len(found) == 1
    assert np.all(np.abs(found[0] - [9, 17, 21]) <= RADIUS)


def test_only_the_mask_is_looked_at() -> None:
    half = np.zeros((10, 18, 20), dtype=np.float32)
    half[:, :, :10] = 1.0
    coarse = AFFINE.copy()
    coarse[:3, :3] *= 2.0
    coarse[:3, 3] = [0.75, 0.75, 1.5]
    found = strongest(IMAGE, Volume(half, coarse), radius=RADIUS, cell_mm=12.0)
    assert 0 < len(found) < len(CENTRES)
    assert found[:, 2].max() < 20


def test_a_flat_image_or_one_too_small_has_no_patch() -> None:
    assert len(strongest(WHOLE, WHOLE, radius=RADIUS, cell_mm=12.0)) == 0
    thin = Volume(IMAGE.values[:4].copy(), AFFINE)
    assert len(strongest(thin, WHOLE, radius=RADIUS, cell_mm=12.0)) == 0


@given(
    gain=st.floats(0.01, 100.0),
    offset=st.floats(-500.0, 500.0),
    sign=st.sampled_from([-1.0, 1.0]),
)
def test_correlation_knows_neither_brightness_nor_contrast(
    gain: float, offset: float, sign: float
) -> None:
    other = (IMAGE.values.astype(np.float64) * gain * sign + offset).astype(np.float32)
    seen = compared(PATCHES, Volume(other, AFFINE), np.eye(4))
    np.testing.assert_allclose(seen.correlation, sign, atol=0.01)
    assert np.abs(seen.pull).max() < 0.02


def test_unrelated_images_are_not_alike() -> None:
    seen = compared(PATCHES, clouds(2), np.eye(4))
    assert np.mean(seen.correlation**2) < 0.35


def test_patches_beyond_the_other_image_are_not_compared() -> None:
    matrix = np.eye(4)
    matrix[0, 3] = 30.0
    seen = compared(PATCHES, IMAGE, matrix)
    beyond = CENTRES[:, 2] + 20 + 2 >= 39
    np.testing.assert_array_equal(np.isnan(seen.correlation), beyond)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_pull_over_the_curvature_is_the_way_a_patch_has_moved(axis: int) -> None:
    way = np.zeros(3)
    way[axis] = 0.4
    matrix = np.eye(4)
    matrix[:3, 3] = way
    seen = compared(PATCHES, IMAGE, matrix)
    found = np.linalg.solve(PATCHES.curvature, seen.pull[:, :, None])[:, :, 0]
    np.testing.assert_allclose(np.median(found, axis=0), way, atol=0.06)


def test_the_middle_of_a_patch_is_where_its_voxel_lies() -> None:
    expected = CENTRES[:, ::-1] * np.array([1.5, 1.5, 3.0])
    np.testing.assert_allclose(PATCHES.points_mm, expected)
