"""Diffeomorphic demons on two images of one grid, from wide to fine.

Vercauteren T, Pennec X, Perchant A, Ayache N. Diffeomorphic demons: efficient
non-parametric image registration. NeuroImage 2009;45:S61-S72; the implementation is
SimpleITK's. What it takes for one tissue must have one grey value: images are compared
after :func:`~reirrad.registration.contrast.normalised_locally`.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk  # noqa: N813
from scipy import ndimage

__all__ = ["displacement"]

Float32Array = npt.NDArray[np.float32]

N_THREADS = 2
LONGEST_STEP = 2.0
"""Of one iteration, in voxels."""
UPDATE_SMOOTHING = 1.0
"""Standard deviation, in voxels, over which each step is smoothed."""
BLUR_PER_STEP = 0.5


class _Level(NamedTuple):
    """How closely is looked, how often, and how smooth the field stays (in voxels)."""

    spacing_mm: float
    n_iterations: int
    field_smoothing: float


LEVELS = (_Level(12.0, 60, 2.0), _Level(6.0, 60, 2.0), _Level(3.0, 30, 2.0))


def displacement(
    fixed: Float32Array, moving: Float32Array, *, spacing_mm: tuple[float, float, float]
) -> Float32Array:
    """Vectors from the voxels of one image to where the other shows the same.

    The number of threads is fixed: the same images give the same vectors.

    Parameters
    ----------
    fixed, moving : ndarray, shape (k, j, i)
        Locally normalised, on one grid.
    spacing_mm
        Voxel size along k, j and i.

    Returns
    -------
    ndarray, shape (k, j, i, 3)
        Along the axes i, j and k, in mm.
    """
    images = [_image(values, spacing_mm) for values in (fixed, moving)]
    field = sitk.Image(images[0].GetSize(), sitk.sitkVectorFloat64, 3)
    field.CopyInformation(images[0])
    for level in LEVELS:
        here, there = (
            _coarser(values, spacing_mm, level.spacing_mm) for values in (fixed, moving)
        )
        start = sitk.Resample(field, here, sitk.Transform(), sitk.sitkLinear, 0.0)
        demons = sitk.DiffeomorphicDemonsRegistrationFilter()
        demons.SetNumberOfThreads(N_THREADS)
        demons.SetNumberOfIterations(level.n_iterations)
        demons.SetMaximumUpdateStepLength(LONGEST_STEP)
        demons.SmoothDisplacementFieldOn()
        demons.SetStandardDeviations(level.field_smoothing)
        demons.SmoothUpdateFieldOn()
        demons.SetUpdateFieldStandardDeviations(UPDATE_SMOOTHING)
        field = demons.Execute(here, there, start)
    whole = sitk.Resample(field, images[0], sitk.Transform(), sitk.sitkLinear, 0.0)
    return np.asarray(sitk.GetArrayFromImage(whole), dtype=np.float32)


def _image(values: Float32Array, spacing_mm: tuple[float, float, float]) -> sitk.Image:
    image = sitk.GetImageFromArray(np.ascontiguousarray(values))
    image.SetSpacing(spacing_mm[::-1])
    return image


def _coarser(
    values: Float32Array, spacing_mm: tuple[float, float, float], wanted_mm: float
) -> sitk.Image:
    """The image blurred and thinned out, or as it is where it is as coarse already."""
    steps = [max(1, round(wanted_mm / spacing)) for spacing in spacing_mm]
    # Demons look at neighbours along each axis.
    steps = [
        min(step, max(1, size // 8))
        for step, size in zip(steps, values.shape, strict=True)
    ]
    if steps == [1, 1, 1]:
        return _image(values, spacing_mm)
    sigma = [BLUR_PER_STEP * step if step > 1 else 0.0 for step in steps]
    blurred = ndimage.gaussian_filter(values, sigma)
    smaller: sitk.Image = sitk.Shrink(_image(blurred, spacing_mm), steps[::-1])
    return smaller
