"""Numbers that judge a registration, whoever made it.

The optimiser's own measure is not asked: the two images are laid on one another anew
and compared over the part of the body that both show, or over one organ's surroundings.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from reirrad.core.geometry import FloatArray, require_same_frame
from reirrad.core.images import Image
from reirrad.core.transforms import RigidTransform
from reirrad.registration.appearance import Appearance, appearance
from reirrad.registration.contrast import (
    local_correlation,
    local_mean,
    normalised_mutual_information,
)
from reirrad.registration.volumes import carried, inverted

__all__ = ["ImageAgreement", "Meeting", "image_agreement", "meeting", "near_points"]

BoolArray = npt.NDArray[np.bool_]
Float32Array = npt.NDArray[np.float32]

SPACING_MM = 4.0
FOCUS_REACH_MM = 30.0
LEAST_VOXELS = 500
LEAST_START_OVERLAP_PERCENT = 10.0
WINDOW_MM = 8.0
FLATTENING_MM = 40.0


@dataclass(frozen=True, slots=True)
class ImageAgreement:
    """How well two images agree, before and after a transform.

    Parameters
    ----------
    metric
        "local correlation" (-1 to 1; images of one modality) or "normalised mutual
        information" (1 for unrelated images, 2 for identical ones).
    before
        With the coordinates as they were exported, as if both images had one frame;
        with the bodies' centres laid on one another where a tenth or less would meet.
    after
        With the transform.
    overlap_percent
        Share of the smaller body that lies inside the other after the transform.
    """

    metric: str
    before: float
    after: float
    overlap_percent: float


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """The moving image carried onto the fixed grid.

    ``both`` marks voxels in both bodies; ``overlap_percent`` is their share of the
    smaller body.
    """

    fixed: Float32Array
    moving: Float32Array
    both: BoolArray
    overlap_percent: float


def image_agreement(
    fixed: Image,
    moving: Image,
    transform: RigidTransform,
    *,
    fixed_focus_mm: FloatArray | None = None,
) -> ImageAgreement:
    """Judge any transform between two planning images.

    Parameters
    ----------
    fixed, moving
        Planning images.
    transform
        From moving's frame of reference into fixed's.
    fixed_focus_mm : ndarray, shape (n, 3), optional
        Points inside an organ: the images are compared within 30 mm of them.
        The overlap is that of the bodies all the same.

    Raises
    ------
    FrameMismatchError
        If the transform links other frames than those of the images.
    RegistrationError
        If an image shows no body.
    """
    _require_frames(fixed, moving, transform)
    seen = appearance(fixed, spacing_mm=SPACING_MM, name="The fixed image")
    other = appearance(moving, spacing_mm=SPACING_MM, name="The moving image")
    same_modality = fixed.modality == moving.modality
    focus = None if fixed_focus_mm is None else near_points(seen, fixed_focus_mm)
    start = np.eye(4)
    if meeting(seen, other, start).overlap_percent <= LEAST_START_OVERLAP_PERCENT:
        start[:3, 3] = seen.centre_mm - other.centre_mm
    before = meeting(seen, other, start)
    after = meeting(seen, other, transform.matrix)
    values = [
        _measured(met, seen.spacing_mm, focus, same_modality=same_modality)
        for met in (before, after)
    ]
    return ImageAgreement(
        "local correlation" if same_modality else "normalised mutual information",
        values[0],
        values[1],
        after.overlap_percent,
    )


def meeting(fixed: Appearance, moving: Appearance, matrix: FloatArray) -> Meeting:
    """Carry the moving image onto the fixed grid by a moving-to-fixed matrix."""
    inverse = inverted(matrix)
    values = carried(moving.volume, fixed.volume, inverse)
    inside = carried(moving.mask, fixed.volume, inverse)
    both = fixed.body & (inside > 0.5)
    volumes = [
        np.count_nonzero(image.body) * float(np.prod(image.spacing_mm))
        for image in (fixed, moving)
    ]
    shared = np.count_nonzero(both) * float(np.prod(fixed.spacing_mm))
    percent = float(min(100.0 * shared / min(volumes), 100.0))
    return Meeting(fixed.volume.values, values, both, percent)


def near_points(
    image: Appearance, points_mm: FloatArray, *, reach_mm: float = FOCUS_REACH_MM
) -> BoolArray:
    """Voxels within a distance of any of some points, on an image's grid.

    Raises
    ------
    ValueError
        If no point lies inside the image.
    """
    affine = inverted(image.volume.affine)
    nearest = np.rint(points_mm @ affine[:3, :3].T + affine[:3, 3]).astype(np.int64)
    shape = image.body.shape
    nearest = nearest[np.all((nearest >= 0) & (nearest < shape), axis=1)]
    if len(nearest) == 0:
        msg = "none of the focus points lies inside the image; are they in its frame?"
        raise ValueError(msg)
    reach = np.ceil(reach_mm / image.spacing_mm).astype(np.int64)
    low = np.maximum(nearest.min(axis=0) - reach, 0)
    high = np.minimum(nearest.max(axis=0) + reach + 1, shape)
    away = np.ones(high - low, dtype=np.bool_)
    away[tuple((nearest - low).T)] = False
    distance = ndimage.distance_transform_edt(away, sampling=image.spacing_mm)
    near = np.zeros(shape, dtype=np.bool_)
    near[tuple(map(slice, low, high))] = distance <= reach_mm
    return near


def _require_frames(fixed: Image, moving: Image, transform: RigidTransform) -> None:
    for end, image, name in (
        (transform.from_frame, moving, "moving"),
        (transform.to_frame, fixed, "fixed"),
    ):
        require_same_frame(
            end,
            image.geometry.frame_of_reference_uid,
            left_name=f"the transform's end at the {name} image",
            right_name=f"the {name} image",
        )


def _measured(
    met: Meeting,
    spacing_mm: FloatArray,
    focus: BoolArray | None,
    *,
    same_modality: bool,
) -> float:
    region = met.both if focus is None else met.both & focus
    if np.count_nonzero(region) < LEAST_VOXELS:
        return 0.0 if same_modality else 1.0
    if same_modality:
        sigma = WINDOW_MM / spacing_mm
        return local_correlation(met.fixed, met.moving, region, sigma=sigma)
    sigma = FLATTENING_MM / spacing_mm
    flat = [
        values - local_mean(values, met.both, sigma=sigma)
        for values in (met.fixed, met.moving)
    ]
    return normalised_mutual_information(flat[0][region], flat[1][region])
