"""Where to start: every shift, for a grid of rotations, by Fourier transform.

Two images of one body share edges whatever the contrast. At each voxel the direction of
the grey value gradient is written as the traceless tensor n n^T - |n|^2/3, which does
not know light from dark; the product of two tensors is the squared cosine of the angle
between the edges, less its chance value. Summed over the overlap and divided by the
strength of the edges there, it is a correlation for every shift at once [1]_, [2]_.

References
----------
.. [1] Haber E, Modersitzki J. Intensity gradient based registration and fusion of
   multi-modal images. MICCAI 2006:726-733.
.. [2] Padfield D. Masked object registration in the Fourier domain. IEEE Trans Image
   Process 2012;21:2706-2718.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from scipy import fft, ndimage
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import FloatArray
from reirrad.registration.appearance import Appearance
from reirrad.registration.contrast import normalised_locally
from reirrad.registration.itk import (
    affine_of,
    array_of,
    inverted,
    itk_from_array,
    itk_rigid,
)

__all__ = ["Start", "likely_starts"]

Float32Array = npt.NDArray[np.float32]
ComplexArray = npt.NDArray[np.complex64]

SPACING_MM = 12.0
NEIGHBOURHOOD_MM = 40.0
ANGLES_DEGREES = (0.0, -14.0, 14.0)
LEAST_SHARED_EDGES = 0.25
EDGE_FLOOR = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """A guess from which to refine.

    Parameters
    ----------
    matrix
        ``(4, 4)`` moving point to fixed point, mm.
    score
        Correlation of edge directions, -1 to 1.
    """

    matrix: FloatArray
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Fourier transforms of edge tensors, their energy and the field of view."""

    tensors: list[ComplexArray]
    energy: ComplexArray
    seen: ComplexArray
    total_energy: float


def likely_starts(
    fixed: Appearance, moving: Appearance, *, n_starts: int
) -> list[Start]:
    """The best shift for each of 27 rotations, best rotations first.

    Parameters
    ----------
    fixed, moving
        Images with their bodies.
    n_starts
        How many to return.

    Returns
    -------
    list of Start
        Empty if no shift lets a quarter of the edges meet.
    """
    fixed_image, fixed_seen = _contrast(fixed)
    moving_image, moving_seen = _contrast(moving)
    centre = moving.centre_mm
    fixed_affine, fixed_shape = _aligned_grid(fixed_image, np.eye(3))
    rotations = [
        np.asarray(Rotation.from_euler("zyx", angles, degrees=True).as_matrix())
        for angles in product(ANGLES_DEGREES, repeat=3)
    ]
    grids = [_aligned_grid(moving_image, r, about=centre) for r in rotations]
    largest = np.max([shape for _, shape in grids], axis=0) + fixed_shape
    padded = tuple(fft.next_fast_len(int(n), real=True) for n in largest)
    target = _edges(
        fixed_image, fixed_seen, np.eye(4), (fixed_affine, fixed_shape), padded=padded
    )
    starts = []
    for rotation, grid in zip(rotations, grids, strict=True):
        turn = np.eye(4)
        turn[:3, :3] = rotation
        turn[:3, 3] = centre - rotation @ centre
        edges = _edges(moving_image, moving_seen, turn, grid, padded=padded)
        shift, score = _best_shift(target, edges, padded, fixed_shape)
        matrix = turn.copy()
        matrix[:3, 3] += fixed_affine[:3, 3] - grid[0][:3, 3] + SPACING_MM * shift
        starts.append(Start(matrix, score))
    starts.sort(key=lambda start: -start.score)
    return [start for start in starts if start.score > 0.0][:n_starts]


def _contrast(image: Appearance) -> tuple[sitk.Image, sitk.Image]:
    """Locally normalised image inside the body, and where it sees anything."""
    sigma = NEIGHBOURHOOD_MM / image.spacing_mm
    values = array_of(image.values)
    near = ndimage.distance_transform_edt(~image.body, sampling=image.spacing_mm)
    contrast = normalised_locally(values, near <= SPACING_MM, sigma=sigma)
    blur = 0.5 * SPACING_MM / image.spacing_mm
    smooth = ndimage.gaussian_filter(contrast, blur, truncate=2.5)
    affine = affine_of(image.values)
    seen = np.ones(values.shape, dtype=np.float32)
    return itk_from_array(smooth, affine), itk_from_array(seen, affine)


def _aligned_grid(
    image: sitk.Image, rotation: FloatArray, *, about: FloatArray | None = None
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Grid along x, y and z that holds an image turned about a point."""
    size = np.array(image.GetSize()[::-1])
    affine = affine_of(image)
    corners = np.indices((2, 2, 2)).reshape(3, -1).T * (size - 1)
    points = corners @ affine[:3, :3].T + affine[:3, 3]
    if about is not None:
        points = (points - about) @ rotation.T + about
    low, high = points.min(axis=0), points.max(axis=0)
    grid = np.eye(4)
    grid[:3, :3] = SPACING_MM * np.eye(3)
    grid[:3, 3] = low
    return grid, np.ceil((high - low) / SPACING_MM).astype(np.int64) + 1


def _edges(
    image: sitk.Image,
    seen: sitk.Image,
    turn: FloatArray,
    grid: tuple[FloatArray, npt.NDArray[np.int64]],
    *,
    padded: tuple[int, ...],
) -> _Edges:
    affine, shape = grid
    # Array axes are (x, y, z) here, so index steps are steps in space.
    reference = sitk.Image([int(n) for n in shape], sitk.sitkFloat32)
    reference.SetSpacing([SPACING_MM] * 3)
    reference.SetOrigin(affine[:3, 3].tolist())
    inverse = itk_rigid(inverted(turn), centre_mm=affine[:3, 3])
    values, field = (
        array_of(sitk.Resample(part, reference, inverse, sitk.sitkLinear, 0.0)).T
        for part in (image, seen)
    )
    inside = ndimage.minimum_filter(field, 3, mode="constant") > 0.5
    slope = np.stack([np.gradient(values, axis=n) for n in range(3)]) * inside
    slope /= np.sqrt((slope**2).sum(axis=0) + EDGE_FLOOR**2)
    square = (slope**2).sum(axis=0)
    tensors = [slope[n] ** 2 - square / 3.0 for n in range(3)]
    tensors += [np.sqrt(2.0) * slope[a] * slope[b] for a, b in ((0, 1), (0, 2), (1, 2))]
    energy = np.maximum(sum(t**2 for t in tensors), 0.0)
    return _Edges(
        [_forward(tensor, padded) for tensor in tensors],
        _forward(energy, padded),
        _forward(inside, padded),
        float(energy.sum(dtype=np.float64)),
    )


def _forward(values: npt.NDArray[np.generic], padded: tuple[int, ...]) -> ComplexArray:
    spectrum = fft.rfftn(values.astype(np.float32), s=padded)
    return np.asarray(spectrum, dtype=np.complex64)


def _best_shift(
    fixed: _Edges,
    moving: _Edges,
    padded: tuple[int, ...],
    fixed_shape: npt.NDArray[np.int64],
) -> tuple[FloatArray, float]:
    """Shift of the moving grid in voxels with the best score, and that score."""

    def at_every_shift(spectrum: ComplexArray) -> Float32Array:
        return np.asarray(fft.irfftn(spectrum, s=padded), dtype=np.float32)

    pairs = zip(fixed.tensors, moving.tensors, strict=True)
    shared = at_every_shift(
        np.asarray(sum(f * m.conj() for f, m in pairs), dtype=np.complex64)
    )
    fixed_energy = at_every_shift(fixed.energy * moving.seen.conj())
    moving_energy = at_every_shift(fixed.seen * moving.energy.conj())
    least = LEAST_SHARED_EDGES * min(fixed.total_energy, moving.total_energy)
    enough = (fixed_energy > least) & (moving_energy > least)
    score = np.where(
        enough,
        shared / np.sqrt(np.maximum(fixed_energy * moving_energy, 1e-12)),
        np.float32(-1.0),
    )
    best = np.array(np.unravel_index(int(np.argmax(score)), score.shape))
    wrapped = np.where(best >= fixed_shape, best - np.array(padded), best)
    return wrapped.astype(np.float64), float(score.max())
