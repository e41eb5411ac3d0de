"""What registration looks at: coarser copies of an image, and the body in it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.errors import RegistrationError
from reirrad.registration.volumes import Volume, carried, shrunk

__all__ = [
    "Appearance",
    "appearance",
    "body_mask",
    "grey_values",
]

BoolArray = npt.NDArray[np.bool_]
Float32Array = npt.NDArray[np.float32]

CT_WINDOW_HU = (-200.0, 300.0)
CT_SKIN_HU = -300.0
BODY_SPACING_MM = 6.0
COUCH_GAP_MM = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """An image as registration sees it.

    Parameters
    ----------
    volume
        Grey values windowed to 0 to 1.
    body
        ``(k, j, i)`` mask of the patient on the same grid.
    """

    volume: Volume
    body: BoolArray

    @property
    def spacing_mm(self) -> FloatArray:
        """Voxel size along k, j and i."""
        return self.volume.spacing_mm

    @property
    def centre_mm(self) -> FloatArray:
        """Centre of mass of the body."""
        middle = np.argwhere(self.body).mean(axis=0)
        affine = self.volume.affine
        return np.asarray(affine[:3, :3] @ middle + affine[:3, 3])

    @property
    def mask(self) -> Volume:
        """The body as 0 and 1."""
        return Volume(self.body.astype(np.float32), self.volume.affine)


def appearance(image: Image, *, spacing_mm: float, name: str) -> Appearance:
    """Coarser copy of an image, windowed, with the body found.

    Parameters
    ----------
    image
        Planning image.
    spacing_mm
        Voxel size aimed at; no axis is made finer than it is.
    name
        How a message calls it: "the fixed image".

    Raises
    ------
    RegistrationError
        If the image is constant, not finite, too small or shows no body.
    """
    _require_size(image, name=name)
    seen = shrunk(Volume(image.values, image.geometry.affine), spacing_mm=spacing_mm)
    coarse = shrunk(seen, spacing_mm=BODY_SPACING_MM)
    _require_contrast(image, coarse, name=name)
    found = body_mask(
        coarse.values,
        spacing_mm=tuple(coarse.spacing_mm.tolist()),
        ct=image.modality == "CT",
    )
    if np.count_nonzero(found) < 200:
        msg = (
            f"{name} shows no body: only {np.count_nonzero(found)} blocks of "
            f"{BODY_SPACING_MM:g} mm stand out from air. Check that it is the planning "
            f"image, or supply a DICOM spatial registration object."
        )
        raise RegistrationError(msg)
    window = CT_WINDOW_HU
    if image.modality != "CT":
        low, high = np.percentile(coarse.values[found], [0.5, 99.5])
        window = float(low), float(max(high, low + 1e-6))
    body = found
    if coarse is not seen:
        mask = Volume(found.astype(np.float32), coarse.affine)
        body = carried(mask, seen, np.eye(4)) > 0.5
    return Appearance(_windowed(seen, window), body)


def grey_values(image: Image) -> Volume:
    """Grey values as they are; of a CT only what tells soft tissues and bone apart."""
    values = np.ascontiguousarray(image.values)
    if image.modality == "CT":
        values = np.clip(values, *CT_WINDOW_HU)
    return Volume(values, image.geometry.affine)


def body_mask(
    values: Float32Array, *, spacing_mm: tuple[float, ...], ct: bool
) -> BoolArray:
    """The patient without couch and air around; lungs and bowel gas belong to it.

    CT is cut at the skin by Hounsfield units, other images by Otsu's threshold of the
    square root, which still finds tissue far from a surface coil.
    """
    reach = [0.5 * BODY_SPACING_MM / step for step in spacing_mm]
    smooth = ndimage.gaussian_filter(values, reach, truncate=2.0)
    if ct:
        tissue = smooth > CT_SKIN_HU
    else:
        root = np.sqrt(np.maximum(smooth - np.percentile(smooth, 0.5), 0.0))
        tissue = root > 0.7 * _otsu_threshold(root)
    # A couch is thin: it does not survive being worn off by half its gap to the skin.
    gap = COUCH_GAP_MM / 2.0
    core = ndimage.distance_transform_edt(_framed(tissue), sampling=spacing_mm) > gap
    core = core[1:-1, 1:-1, 1:-1]
    labels, n_parts = ndimage.label(core)
    if n_parts == 0:
        return np.zeros(values.shape, dtype=np.bool_)
    largest = labels == 1 + int(np.argmax(np.bincount(labels.ravel())[1:]))
    outside = ndimage.distance_transform_edt(~largest, sampling=spacing_mm)
    body = outside <= gap + 0.5 * min(spacing_mm)
    return np.stack([ndimage.binary_fill_holes(plane) for plane in body])


def _windowed(volume: Volume, window: tuple[float, float]) -> Volume:
    low, high = window
    grey = (np.clip(volume.values, low, high) - low) / (high - low)
    return Volume(grey.astype(np.float32), volume.affine)


def _framed(tissue: BoolArray) -> BoolArray:
    """Repeat the border, so that a body cut by the edge is not worn off there."""
    return np.pad(tissue, 1, mode="edge")


def _otsu_threshold(values: Float32Array) -> float:
    """Threshold that splits a histogram with the largest variance between its parts.

    References
    ----------
    Otsu N. A threshold selection method from gray-level histograms. IEEE Trans Syst
    Man Cybern 1979;9:62-66.
    """
    counts, edges = np.histogram(values, bins=256)
    centres = 0.5 * (edges[:-1] + edges[1:])
    below, total = np.cumsum(counts), counts.sum()
    moment = np.cumsum(counts * centres)
    product = below * (total - below)
    difference = moment[-1] * below / total - moment
    variance = np.divide(difference**2, product, out=np.zeros(256), where=product > 0)
    return float(centres[int(np.argmax(variance))])


def _require_size(image: Image, *, name: str) -> None:
    if min(image.geometry.shape) < 8:
        msg = (
            f"{name} has {' x '.join(map(str, image.geometry.shape))} voxels; "
            f"registration needs at least 8 along each axis. Supply a DICOM spatial "
            f"registration object or a matrix instead."
        )
        raise RegistrationError(msg)


def _require_contrast(image: Image, coarse: Volume, *, name: str) -> None:
    """Means of blocks show both faults at a fraction of the voxels."""
    if not np.all(np.isfinite(coarse.values)):
        msg = (
            f"{name} holds values that are not finite numbers. Export it again, or "
            f"supply a DICOM spatial registration object."
        )
        raise RegistrationError(msg)
    if np.ptp(coarse.values) < 1e-6 and float(np.ptp(image.values)) == 0.0:
        msg = (
            f"{name} has the same value everywhere ({float(image.values.flat[0]):g}), "
            f"so there is nothing to register. Check that it is the planning image, "
            f"or supply a DICOM spatial registration object."
        )
        raise RegistrationError(msg)
