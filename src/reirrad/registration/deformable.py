"""Deformable registration of two planning images, from a rigid start.

Both images are brought to about 3 mm, cut to the patient, and each voxel is measured
against its neighbourhood, which takes away the uneven sensitivity of an MR coil. The
rest is diffeomorphic demons (:mod:`~reirrad.registration.demons`), once from each
image to the other: how well the two agree is a part of the answer. See decision 0028.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from reirrad.core.deformation import DeformableMap
from reirrad.core.geometry import FloatArray, GridGeometry, require_same_frame
from reirrad.core.images import Image
from reirrad.core.transforms import RigidTransform, identity
from reirrad.errors import RegistrationError
from reirrad.registration.appearance import Appearance, appearance
from reirrad.registration.contrast import local_correlation, normalised_locally
from reirrad.registration.volumes import Volume, carried

__all__ = ["DeformableRegistration", "Inside", "register_deformable"]

Inside = Callable[[FloatArray], npt.NDArray[np.bool_]]
"""Points (n, 3) to whether each lies in the patient."""
BoolArray = npt.NDArray[np.bool_]
Float32Array = npt.NDArray[np.float32]

SPACING_MM = 3.0
NEIGHBOURHOOD_MM = 8.0
MARGIN_MM = 15.0
LEAST_SHARED_RATIO = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class DeformableRegistration:
    """What a deformable registration has found.

    Parameters
    ----------
    forward
        From the fixed image's frame into the moving one's.
    backward
        From the moving image's frame into the fixed one's, found independently.
    similarity_before, similarity_after
        Mean local correlation of the images in the patient under the rigid start and
        under `forward`, -1 to 1.
    """

    forward: DeformableMap
    backward: DeformableMap
    similarity_before: float
    similarity_after: float


def register_deformable(
    fixed: Image,
    moving: Image,
    start: RigidTransform,
    *,
    fixed_body: Inside | None = None,
    moving_body: Inside | None = None,
) -> DeformableRegistration:
    """Find the deformable maps between two planning images, both ways.

    The same images give the same vectors to the last digit.

    Parameters
    ----------
    fixed, moving
        Planning images of one modality.
    start
        Rigid map from the moving image's frame into the fixed one's.
    fixed_body, moving_body
        The patient, as the drawn outline says; by default found by a threshold.

    Raises
    ------
    RegistrationError
        If SimpleITK is not installed, the modalities differ, an image is unusable, or
        too little of the patient lies in both images.
    FrameMismatchError
        If the start does not lead from the one frame into the other.
    """
    for image, frame, name in (
        (moving, start.from_frame, "moving"),
        (fixed, start.to_frame, "fixed"),
    ):
        require_same_frame(
            image.geometry.frame_of_reference_uid,
            frame,
            left_name=f"the {name} image",
            right_name="the rigid start",
        )
    if fixed.modality != moving.modality:
        msg = (
            f"A deformable registration needs two images of one modality, these are "
            f"{fixed.modality} and {moving.modality}. Supply a DICOM Deformable "
            f"Spatial Registration, or go by the rigid result."
        )
        raise RegistrationError(msg)
    fixed_seen = _seen(fixed, fixed_body, "The reference course's image")
    moving_seen = _seen(moving, moving_body, "The moving course's image")
    forward, similarity = _one_way(fixed_seen, moving_seen, start.inverse())
    backward, _ = _one_way(moving_seen, fixed_seen, start)
    return DeformableRegistration(forward, backward, *similarity)


def _seen(image: Image, body: Inside | None, name: str) -> Appearance:
    """The image at working resolution, cut to the patient and a margin."""
    seen = appearance(image, spacing_mm=SPACING_MM, name=name)
    mask = seen.body
    if body is not None:
        indices = np.indices(mask.shape).reshape(3, -1).T
        affine = seen.volume.affine
        mask = body(indices @ affine[:3, :3].T + affine[:3, 3]).reshape(mask.shape)
    if not mask.any():
        msg = f"{name} shows nothing inside the patient's outline. Check External."
        raise RegistrationError(msg)
    margin = np.ceil(MARGIN_MM / seen.spacing_mm).astype(int)
    found = np.argwhere(mask)
    low = np.maximum(found.min(axis=0) - margin, 0)
    high = np.minimum(found.max(axis=0) + margin + 1, mask.shape)
    window = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    affine = seen.volume.affine.copy()
    affine[:3, 3] += affine[:3, :3] @ low
    values = np.ascontiguousarray(seen.volume.values[window])
    return Appearance(Volume(values, affine), np.ascontiguousarray(mask[window]))


def _one_way(
    fixed: Appearance, moving: Appearance, to_moving: RigidTransform
) -> tuple[DeformableMap, tuple[float, float]]:
    """Vectors on the grid of the fixed image, and the similarity before and after."""
    try:
        # An extra of the installation: asked for only here.
        from reirrad.registration.demons import displacement  # noqa: PLC0415
    except ImportError as missing:
        msg = (
            "A deformable registration needs SimpleITK. Install it with "
            "pip install 'reirrad[deformable]', or go by the rigid result."
        )
        raise RegistrationError(msg) from missing
    values = carried(moving.volume, fixed.volume, to_moving.matrix)
    body = carried(moving.mask, fixed.volume, to_moving.matrix) > 0.5
    both = fixed.body & body
    if both.sum() < LEAST_SHARED_RATIO * min(fixed.body.sum(), moving.body.sum()):
        msg = (
            "Too little of the patient lies in both images for a deformable "
            "registration. Check the rigid registration."
        )
        raise RegistrationError(msg)
    sigma = NEIGHBOURHOOD_MM / fixed.spacing_mm
    k, j, i = fixed.spacing_mm.tolist()
    along_axes = displacement(
        normalised_locally(fixed.volume.values, fixed.body, sigma=sigma),
        normalised_locally(values, body, sigma=sigma),
        spacing_mm=(k, j, i),
    )
    directions = (fixed.volume.affine[:3, :3] / fixed.spacing_mm)[:, ::-1]
    vectors = (along_axes @ directions.T).astype(np.float32)
    geometry = GridGeometry(
        (vectors.shape[0], vectors.shape[1], vectors.shape[2]),
        fixed.volume.affine,
        to_moving.from_frame,
    )
    before = identity(to_moving.from_frame)
    found = DeformableMap(before, geometry, vectors, to_moving)
    warped = _warped(values, along_axes, fixed.spacing_mm)
    similarity = (
        local_correlation(fixed.volume.values, values, both, sigma=sigma),
        local_correlation(fixed.volume.values, warped, both, sigma=sigma),
    )
    return found, similarity


def _warped(
    values: Float32Array, along_axes: Float32Array, spacing_mm: FloatArray
) -> Float32Array:
    """The other image as the vectors say."""
    indices = np.indices(values.shape, dtype=np.float32)
    for axis in range(3):
        indices[axis] += along_axes[..., 2 - axis] / np.float32(spacing_mm[axis])
    return np.asarray(
        ndimage.map_coordinates(values, indices, order=1, mode="nearest"),
        dtype=np.float32,
    )
