"""What registration looks at: coarser copies of an image, and the body in it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import ndimage

from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.errors import RegistrationError
from reirrad.registration.itk import (
    affine_of,
    array_of,
    inverted,
    itk_from_array,
    itk_image,
)

__all__ = [
    "Appearance",
    "appearance",
    "body_mask",
    "centre_of",
    "closer",
    "shrunk",
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
    values
        Grey values windowed to 0 to 1 as a SimpleITK image.
    body
        ``(k, j, i)`` mask of the patient on the same grid.
    window
        The two values of the image that became 0 and 1.
    """

    values: sitk.Image
    body: BoolArray
    window: tuple[float, float]

    @property
    def spacing_mm(self) -> FloatArray:
        """Voxel size along k, j and i."""
        return np.array(self.values.GetSpacing()[::-1])

    @property
    def centre_mm(self) -> FloatArray:
        """Centre of mass of the body."""
        return centre_of(self.body, affine_of(self.values))

    @property
    def points_mm(self) -> FloatArray:
        """Every tenth voxel of the body, (n, 3)."""
        affine = affine_of(self.values)
        indices = np.argwhere(self.body)[::10]
        return np.asarray(indices @ affine[:3, :3].T + affine[:3, 3])


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
    _require_contrast(image, name=name)
    values = shrunk(itk_image(image), spacing_mm=spacing_mm)
    coarse = shrunk(values, spacing_mm=BODY_SPACING_MM)
    found = body_mask(
        array_of(coarse),
        spacing_mm=coarse.GetSpacing()[::-1],
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
        low, high = np.percentile(array_of(coarse)[found], [0.5, 99.5])
        window = float(low), float(max(high, low + 1e-6))
    mask = itk_from_array(found.astype(np.float32), affine_of(coarse))
    return Appearance(_windowed(values, window), _on_grid(mask, values), window)


def closer(
    image: Image, seen: Appearance, region_mm: FloatArray, *, spacing_mm: float
) -> Appearance:
    """Finer copy of the part of an image around some points.

    Parameters
    ----------
    image
        Planning image.
    seen
        The same image, already seen as a whole: gives window and body.
    region_mm
        ``(n, 3)`` points whose bounding box is cut out.
    spacing_mm
        Voxel size aimed at; no axis is made finer than it is.

    Raises
    ------
    RegistrationError
        If the box lies outside the image.
    """
    whole = itk_image(image)
    affine = inverted(affine_of(whole))
    indices = (region_mm @ affine[:3, :3].T + affine[:3, 3])[:, ::-1]
    size = np.array(whole.GetSize())
    low = np.clip(np.floor(indices.min(axis=0)), 0, size - 1).astype(int)
    high = np.clip(np.ceil(indices.max(axis=0)), 0, size - 1).astype(int)
    if np.any(high - low < 8):
        msg = (
            "The organ lies outside one of the planning images once they are laid on "
            "one another. Check that both show it, or supply a DICOM spatial "
            "registration object."
        )
        raise RegistrationError(msg)
    part = sitk.RegionOfInterest(whole, (high - low + 1).tolist(), low.tolist())
    values = shrunk(part, spacing_mm=spacing_mm)
    mask = itk_from_array(seen.body.astype(np.float32), affine_of(seen.values))
    return Appearance(
        _windowed(values, seen.window), _on_grid(mask, values), seen.window
    )


def centre_of(mask: BoolArray, affine: FloatArray) -> FloatArray:
    """Centre of mass of a mask in mm."""
    middle = np.argwhere(mask).mean(axis=0)
    return np.asarray(affine[:3, :3] @ middle + affine[:3, 3], dtype=np.float64)


def shrunk(itk: sitk.Image, *, spacing_mm: float) -> sitk.Image:
    """Mean over whole blocks of voxels, so that voxels reach about `spacing_mm`.

    Blocks keep the exact place of what they average; nothing is interpolated.
    """
    factors = [
        int(min(max(round(spacing_mm / step), 1), max(size // 8, 1)))
        for step, size in zip(itk.GetSpacing(), itk.GetSize(), strict=True)
    ]
    smaller: sitk.Image = sitk.BinShrink(sitk.Cast(itk, sitk.sitkFloat32), factors)
    return smaller


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


def _windowed(values: sitk.Image, window: tuple[float, float]) -> sitk.Image:
    low, high = window
    grey = (np.clip(array_of(values), low, high) - low) / (high - low)
    return itk_from_array(grey.astype(np.float32), affine_of(values))


def _on_grid(mask: sitk.Image, grid: sitk.Image) -> BoolArray:
    resampled = sitk.Resample(mask, grid, sitk.Transform(), sitk.sitkLinear, 0.0)
    return np.asarray(array_of(resampled) > 0.5)


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


def _require_contrast(image: Image, *, name: str) -> None:
    if min(image.geometry.shape) < 8:
        msg = (
            f"{name} has {' x '.join(map(str, image.geometry.shape))} voxels; "
            f"registration needs at least 8 along each axis. Supply a DICOM spatial "
            f"registration object or a matrix instead."
        )
        raise RegistrationError(msg)
    if not np.all(np.isfinite(image.values)):
        msg = (
            f"{name} holds values that are not finite numbers. Export it again, or "
            f"supply a DICOM spatial registration object."
        )
        raise RegistrationError(msg)
    if float(np.ptp(image.values)) == 0.0:
        msg = (
            f"{name} has the same value everywhere ({float(image.values.flat[0]):g}), "
            f"so there is nothing to register. Check that it is the planning image, "
            f"or supply a DICOM spatial registration object."
        )
        raise RegistrationError(msg)
