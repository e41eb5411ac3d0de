import numpy as np
import pytest
from scipy import ndimage

from reirrad.registration.contrast import (
    local_correlation,
    local_mean,
    normalised_locally,
    normalised_mutual_information,
)

SHAPE = (24, 28, 30)
SIGMA = np.array([3.0, 3.0, 3.0])
ALL = np.ones(SHAPE, dtype=np.bool_)


def blobs(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    noise = np.random.default_rng(seed).normal(size=SHAPE)
    smooth = ndimage.gaussian_filter(noise, 1.5)
    return np.asarray(0.5 + smooth / smooth.std() * 0.15, dtype=np.float32)


def test_the_mean_of_a_constant_is_that_constant_up_to_the_edge_of_the_mask() -> None:
    mask = ALL.copy()
    mask[:, :, 15:] = False
    values = np.where(mask, 0.7, 99.0).astype(np.float32)

    mean = local_mean(values, mask, sigma=SIGMA)

    np.testing.assert_allclose(mean[mask], 0.7, rtol=1e-4)


def test_normalisation_takes_away_gain_and_offset_that_vary_slowly() -> None:
    image = blobs(1)
    drift = np.linspace(0.7, 1.5, SHAPE[2], dtype=np.float32)

    plain = normalised_locally(image, ALL, sigma=SIGMA)
    drifted = normalised_locally(image * drift + 0.2 * drift, ALL, sigma=SIGMA)

    assert np.corrcoef(plain.ravel(), drifted.ravel())[0, 1] > 0.98


def test_nothing_counts_outside_the_mask() -> None:
    mask = ALL.copy()
    mask[:5] = False
    assert not normalised_locally(blobs(1), mask, sigma=SIGMA)[:5].any()


def test_an_image_correlates_with_itself_and_not_with_another() -> None:
    image = blobs(1)
    itself = local_correlation(image, image, ALL, sigma=SIGMA)
    other = local_correlation(image, blobs(2), ALL, sigma=SIGMA)
    assert 0.9 < itself <= 1.0
    assert abs(other) < 0.1


def test_an_inverted_image_correlates_negatively() -> None:
    image = blobs(1)
    assert local_correlation(image, 1.0 - image, ALL, sigma=SIGMA) < -0.9


def test_correlation_is_symmetric() -> None:
    left, right = blobs(1), blobs(1) + 0.3 * blobs(2)
    assert local_correlation(left, right, ALL, sigma=SIGMA) == pytest.approx(
        local_correlation(right, left, ALL, sigma=SIGMA), abs=1e-6
    )


def test_what_lies_far_from_the_mask_does_not_count() -> None:
    mask = np.zeros((60, 60, 60), dtype=np.bool_)
    inner = (slice(15, 39), slice(16, 44), slice(12, 42))
    mask[inner] = True
    left, right = (np.zeros(mask.shape, dtype=np.float32) for _ in range(2))
    left[inner], right[inner] = blobs(5), blobs(5) + 0.3 * blobs(6)
    left[0, 0, 0] = right[-1, -1, -1] = 1e6

    far = local_correlation(left, right, mask, sigma=SIGMA)

    near = local_correlation(left[inner], right[inner], ALL, sigma=SIGMA)
    assert far == pytest.approx(near, rel=1e-5)


def test_mutual_information_is_two_for_itself_and_for_any_relabelling() -> None:
    image = np.random.default_rng(1).integers(0, 8, 20000).astype(np.float64)
    relabelled = np.array([5, 1, 7, 0, 3, 2, 6, 4], dtype=np.float64)[image.astype(int)]
    assert normalised_mutual_information(image, image) == pytest.approx(2.0)
    assert normalised_mutual_information(image, relabelled) == pytest.approx(2.0)


def test_mutual_information_is_one_for_unrelated_images() -> None:
    left, right = np.random.default_rng(1).normal(size=(2, 200_000))
    assert normalised_mutual_information(left, right) == pytest.approx(1.0, abs=2e-3)


def test_mutual_information_of_a_constant_is_one() -> None:
    assert normalised_mutual_information(np.ones(50), np.ones(50)) == 1.0
