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

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import FloatArray
from reirrad.core.processors import processors
from reirrad.registration.appearance import Appearance
from reirrad.registration.contrast import normalised_locally
from reirrad.registration.volumes import Volume, carried, inverted

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
    fixed: Appearance, moving: Appearance, *, n_starts: int, turned: bool = True
) -> list[Start]:
    """The best shift for each of 27 rotations, best rotations first.

    Parameters
    ----------
    fixed, moving
        Images with their bodies.
    n_starts
        How many to return.
    turned
        False for the best shift alone, without a rotation.

    Returns
    -------
    list of Start
        Empty if no shift lets a quarter of the edges meet.
    """
    target_image, source_image = _contrast(fixed), _contrast(moving)
    centre = moving.centre_mm
    turns = [
        _turn(angles, centre) for angles in product(ANGLES_DEGREES, repeat=3 * turned)
    ]
    fixed_grid = _aligned_grid(target_image, np.eye(4))
    grids = [_aligned_grid(source_image, turn) for turn in turns]
    largest = np.max([grid.values.shape for grid in grids], axis=0)
    padded = tuple(
        fft.next_fast_len(int(n), real=True)
        for n in largest + np.array(fixed_grid.values.shape)
    )
    target = _edges(target_image, np.eye(4), fixed_grid, padded=padded)

    def best_of(turn: FloatArray, grid: Volume) -> Start:
        edges = _edges(source_image, turn, grid, padded=padded)
        shift, score = _best_shift(target, edges, padded, fixed_grid.values.shape)
        matrix = turn.copy()
        matrix[:3, 3] += fixed_grid.affine[:3, 3] - grid.affine[:3, 3]
        matrix[:3, 3] += SPACING_MM * shift
        return Start(matrix, score)

    with ThreadPoolExecutor(processors()) as pool:
        starts = list(pool.map(best_of, turns, grids))
    starts.sort(key=lambda start: -start.score)
    return [start for start in starts if start.score > 0.0][:n_starts]


def _turn(angles: tuple[float, ...], centre: FloatArray) -> FloatArray:
    """Matrix of Euler angles z, y and x about a point; none for no angles."""
    matrix = np.eye(4)
    if angles:
        turn = Rotation.from_euler("zyx", angles, degrees=True)
        matrix[:3, :3] = turn.as_matrix()
    matrix[:3, 3] = centre - matrix[:3, :3] @ centre
    return matrix


def _contrast(image: Appearance) -> Volume:
    """Image locally normalised inside the body and smoothed."""
    near = ndimage.distance_transform_edt(~image.body, sampling=image.spacing_mm)
    contrast = normalised_locally(
        image.volume.values,
        near <= SPACING_MM,
        sigma=NEIGHBOURHOOD_MM / image.spacing_mm,
    )
    blur = 0.5 * SPACING_MM / image.spacing_mm
    smooth = ndimage.gaussian_filter(contrast, blur, truncate=2.5)
    return Volume(smooth, image.volume.affine)


def _aligned_grid(image: Volume, turn: FloatArray) -> Volume:
    """Empty grid along x, y and z, in this order, that holds an image after a turn."""
    corners = np.indices((2, 2, 2)).reshape(3, -1).T
    corners = corners * (np.array(image.values.shape) - 1)
    matrix = turn @ image.affine
    points = corners @ matrix[:3, :3].T + matrix[:3, 3]
    low, high = points.min(axis=0), points.max(axis=0)
    affine = np.eye(4)
    affine[:3, :3] *= SPACING_MM
    affine[:3, 3] = low
    shape = np.ceil((high - low) / SPACING_MM).astype(np.int64) + 1
    return Volume(np.empty(shape, dtype=np.float32), affine)


def _edges(
    image: Volume, turn: FloatArray, grid: Volume, *, padded: tuple[int, ...]
) -> _Edges:
    back = inverted(turn)
    values = carried(image, grid, back)
    whole = Volume(np.ones_like(image.values), image.affine)
    field = carried(whole, grid, back)
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
    fixed_shape: tuple[int, ...],
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
