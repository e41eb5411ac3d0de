"""Grey values freed of slow drifts, and measures of how two images resemble each other.

Bias fields of surface coils, drifting intensities and different windows change grey
values slowly over space. Measured against the mean and spread of its neighbourhood a
voxel keeps its contrast and loses these. Air is not part of any neighbourhood, so that
neither skin nor the padded edge of a resampled image counts as contrast.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from reirrad.core.geometry import FloatArray

__all__ = [
    "local_correlation",
    "local_mean",
    "normalised_locally",
    "normalised_mutual_information",
]

BoolArray = npt.NDArray[np.bool_]
Float32Array = npt.NDArray[np.float32]

SPREAD_FLOOR = 0.03
TRUNCATED_SIGMAS = 2.5
HISTOGRAM_BINS = 32


def normalised_locally(
    values: Float32Array, mask: BoolArray, *, sigma: FloatArray
) -> Float32Array:
    """Values minus the mean of their neighbourhood, over its spread.

    Parameters
    ----------
    values : ndarray, shape (k, j, i)
        Grey values from 0 to 1.
    mask : ndarray of bool, shape (k, j, i)
        Voxels that count; the result is 0 elsewhere.
    sigma
        Width of the neighbourhood in voxels along each axis.
    """
    weight = _weight(mask, sigma)
    mean = local_mean(values, mask, sigma=sigma, weight=weight)
    residual = np.where(mask, values - mean, 0.0).astype(np.float32)
    spread = np.sqrt(local_mean(residual**2, mask, sigma=sigma, weight=weight))
    return np.where(mask, residual / (spread + SPREAD_FLOOR), 0.0).astype(np.float32)


def local_mean(
    values: Float32Array,
    mask: BoolArray,
    *,
    sigma: FloatArray,
    weight: Float32Array | None = None,
) -> Float32Array:
    """Gaussian mean over the voxels of a mask; other voxels do not count."""
    weight = _weight(mask, sigma) if weight is None else weight
    total = ndimage.gaussian_filter(
        np.where(mask, values, 0.0).astype(np.float32),
        sigma,
        mode="constant",
        truncate=TRUNCATED_SIGMAS,
    )
    return np.asarray(np.maximum(total, 0.0) / weight, dtype=np.float32)


def local_correlation(
    left: Float32Array, right: Float32Array, mask: BoolArray, *, sigma: FloatArray
) -> float:
    """Mean correlation coefficient of two images over small neighbourhoods, -1 to 1."""
    within = _seen_from(mask, sigma)
    left, right, mask = left[within], right[within], mask[within]
    weight = _weight(mask, sigma)
    deviations = [
        np.where(mask, v - local_mean(v, mask, sigma=sigma, weight=weight), 0.0).astype(
            np.float32
        )
        for v in (left, right)
    ]
    a, b = deviations
    # local_mean serves squares; a product can be negative and is shifted by (a + b)^2.
    aa, bb, sums = (
        local_mean(v, mask, sigma=sigma, weight=weight)
        for v in (a * a, b * b, (a + b) ** 2)
    )
    covariance = 0.5 * (sums - aa - bb)
    coefficient = covariance / np.sqrt((aa + SPREAD_FLOOR**2) * (bb + SPREAD_FLOOR**2))
    return float(np.mean(coefficient[mask], dtype=np.float64))


def normalised_mutual_information(
    left: npt.NDArray[np.floating], right: npt.NDArray[np.floating]
) -> float:
    """Sum of two entropies over the joint one, 1 (unrelated) to 2 (identical).

    References
    ----------
    Studholme C, Hill DLG, Hawkes DJ. An overlap invariant entropy measure of 3D medical
    image alignment. Pattern Recognit 1999;32:71-86.
    """
    levels = [_levels(values) for values in (left, right)]
    pairs = levels[0] * HISTOGRAM_BINS + levels[1]
    counts = np.bincount(pairs, minlength=HISTOGRAM_BINS**2)
    joint = counts.reshape(HISTOGRAM_BINS, HISTOGRAM_BINS) / max(counts.sum(), 1)
    entropies = [
        -float(np.sum(p[p > 0] * np.log(p[p > 0])))
        for p in (joint.sum(axis=1), joint.sum(axis=0), joint.ravel())
    ]
    return (entropies[0] + entropies[1]) / entropies[2] if entropies[2] > 0 else 1.0


def _levels(values: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    """Number of the histogram bin of each value; one part in 200 is cut at each end."""
    low, high = np.percentile(values, [0.5, 99.5])
    scaled = (values - low) * (HISTOGRAM_BINS / max(high - low, 1e-12))
    within = np.clip(scaled, 0, HISTOGRAM_BINS - 1)
    return np.asarray(within, dtype=np.int64)


def _weight(mask: BoolArray, sigma: FloatArray) -> Float32Array:
    blurred = ndimage.gaussian_filter(
        mask.astype(np.float32), sigma, mode="constant", truncate=TRUNCATED_SIGMAS
    )
    return np.asarray(np.maximum(blurred, 1e-6), dtype=np.float32)


def _seen_from(mask: BoolArray, sigma: FloatArray) -> tuple[slice, ...]:
    """The box outside which no voxel is in the neighbourhood of any in the mask."""
    reach = np.ceil(TRUNCATED_SIGMAS * sigma).astype(np.int64) + 1
    (box,) = ndimage.find_objects(mask.astype(np.int8))
    return tuple(
        slice(max(side.start - more, 0), side.stop + more)
        for side, more in zip(box, reach, strict=True)
    )
