"""One stage of refinement: SimpleITK's optimiser, tamed to give the same answer twice.

Samples lie on a regular raster and one thread adds them up, so no sum depends on the
number of processors or on a seed.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import ndimage

from reirrad.core.geometry import FloatArray
from reirrad.registration.appearance import Appearance, centre_of
from reirrad.registration.contrast import normalised_locally
from reirrad.registration.itk import (
    affine_of,
    array_of,
    inverted,
    itk_from_array,
    itk_rigid,
    matrix_of,
)

__all__ = ["Likeness", "Stage", "Views", "refined", "views"]

HISTOGRAM_BINS = 32
SKIN_MM = 5.0
CORRELATION_RADIUS = 2


class Likeness(Enum):
    """What the optimiser makes large.

    The squared local correlation does not mind contrast that turns over from place to
    place. It looks at every voxel of the region, whatever the number of samples, and
    takes seconds.
    """

    CORRELATION = "local correlation"
    MUTUAL_INFORMATION = "mutual information"
    SQUARED_CORRELATION = "squared local correlation"


@dataclass(frozen=True, slots=True)
class Stage:
    """How one stage is run.

    Parameters
    ----------
    n_samples
        About how many voxels of the fixed image are compared.
    first_step_mm, last_step_mm
        Longest and shortest movement of a voxel in one iteration.
    n_iterations
        At most.
    """

    n_samples: int
    first_step_mm: float
    last_step_mm: float
    n_iterations: int


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """The two locally normalised images of a stage, and where each counts."""

    fixed: sitk.Image
    moving: sitk.Image
    fixed_mask: sitk.Image
    moving_mask: sitk.Image
    n_fixed: int
    centre_mm: FloatArray


def views(
    fixed: Appearance,
    moving: Appearance,
    *,
    neighbourhood_mm: float,
    smoothing_mm: float,
    fixed_region: npt.NDArray[np.bool_] | None = None,
) -> Views:
    """Prepare two images for any number of refinements.

    Parameters
    ----------
    fixed, moving
        Images with their bodies.
    neighbourhood_mm
        Standard deviation of the neighbourhood against which a voxel is measured.
    smoothing_mm
        Standard deviation of a Gaussian against noise; 0 for none.
    fixed_region
        Voxels of the fixed image to compare; the body by default. A skin of 5 mm,
        where neighbourhoods are cut off, is left out.

    Raises
    ------
    RuntimeError
        If nothing is left to compare.
    """
    deep = ndimage.distance_transform_edt(fixed.body, sampling=fixed.spacing_mm)
    region = deep > SKIN_MM
    if fixed_region is not None:
        region &= fixed_region
    if not region.any():
        msg = "none of the region to compare lies inside the body"
        raise RuntimeError(msg)
    fixed_image, fixed_mask = _prepared(fixed, region, neighbourhood_mm, smoothing_mm)
    moving_image, moving_mask = _prepared(
        moving, moving.body, neighbourhood_mm, smoothing_mm
    )
    return Views(
        fixed_image,
        moving_image,
        fixed_mask,
        moving_mask,
        int(np.count_nonzero(region)),
        centre_of(region, affine_of(fixed.values)),
    )


def refined(
    shown: Views, start: FloatArray, *, likeness: Likeness, stage: Stage
) -> FloatArray:
    """Improve a (4, 4) matrix, moving point to fixed point.

    Raises
    ------
    RuntimeError
        From SimpleITK, if the images do not meet.
    """
    # SimpleITK's transform goes the other way: from fixed points to moving points.
    transform = itk_rigid(inverted(start), centre_mm=shown.centre_mm)
    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)
    method.SetNumberOfWorkUnits(1)
    if likeness is Likeness.SQUARED_CORRELATION:
        method.SetMetricAsANTSNeighborhoodCorrelation(CORRELATION_RADIUS)
    else:
        if likeness is Likeness.CORRELATION:
            method.SetMetricAsCorrelation()
        else:
            method.SetMetricAsMattesMutualInformation(HISTOGRAM_BINS)
        method.SetMetricSamplingStrategy(method.REGULAR)
        method.SetMetricSamplingPercentage(min(1.0, stage.n_samples / shown.n_fixed), 1)
    method.SetMetricFixedMask(shown.fixed_mask)
    method.SetMetricMovingMask(shown.moving_mask)
    method.SetInterpolator(sitk.sitkLinear)
    # The smoothed gradient is not the slope of what is interpolated: it misleads.
    method.MetricUseMovingImageGradientFilterOff()
    method.MetricUseFixedImageGradientFilterOff()
    method.SetOptimizerAsRegularStepGradientDescent(
        stage.first_step_mm,
        stage.last_step_mm,
        stage.n_iterations,
        gradientMagnitudeTolerance=1e-8,
    )
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInitialTransform(transform, inPlace=True)
    method.Execute(shown.fixed, shown.moving)
    return inverted(matrix_of(transform))


def _prepared(
    image: Appearance,
    region: npt.NDArray[np.bool_],
    neighbourhood_mm: float,
    smoothing_mm: float,
) -> tuple[sitk.Image, sitk.Image]:
    affine = affine_of(image.values)
    contrast = normalised_locally(
        array_of(image.values), image.body, sigma=neighbourhood_mm / image.spacing_mm
    )
    itk = itk_from_array(contrast, affine)
    if smoothing_mm > 0.0:
        itk = sitk.DiscreteGaussian(itk, [smoothing_mm**2] * 3, 9)
    return itk, itk_from_array(region.astype(np.uint8), affine)
