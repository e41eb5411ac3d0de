"""Whether a rigid move is right: where patches are found again, searched for anew.

The fit asks every patch only for a small step, and edges that may slide along
themselves agree with moves that are wrong by centimetres. Here patches spread over the
whole body are compared with every place in a wide neighbourhood of where the move sends
them. If it is right, many are found exactly there; if it is wrong, they are found
anywhere.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray
from reirrad.registration.patches import LEAST_SPREAD
from reirrad.registration.volumes import Volume, carried, in_pieces

__all__ = ["Evidence", "Landmarks", "evidence", "landmarks"]

Float32Array = npt.NDArray[np.float32]
IndexArray = npt.NDArray[np.int64]

HALF_PATCH_MM = 7.5
CELL_MM = 15.0
N_PATCHES = 400
WINDOW_STEPS = 5
LEAST_SHOWN = 30


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """Places of the fixed image that could be told from their neighbourhood.

    Parameters
    ----------
    image
        The fixed image.
    centres
        ``(n, 3)`` index of each patch's middle voxel.
    radius
        Voxels of a patch beside its middle along k, j and i.
    """

    image: Volume
    centres: IndexArray
    radius: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many landmarks are found again where a move sends them.

    Parameters
    ----------
    n_shown
        Landmarks most of whose neighbourhood the moving image shows.
    found
        Share of these that are found within one voxel.
    least_half
        The same for the worst of six halves of the body: left and right, front and
        back, head and feet.
    """

    n_shown: int
    found: float
    least_half: float


def landmarks(fixed: Volume, mask: Volume) -> Landmarks:
    """The 400 clearest corners of an image, at most one in each cell of 15 mm.

    Parameters
    ----------
    fixed
        Grey values.
    mask
        Landmarks lie where it is above 0.5.
    """
    k, j, i = np.maximum(np.rint(HALF_PATCH_MM / fixed.spacing_mm), 2).astype(int)
    radius = (int(k), int(j), int(i))
    return Landmarks(fixed, _corners(fixed, mask, radius), radius)


def evidence(marks: Landmarks, moving: Volume, matrix: FloatArray) -> Evidence:
    """Search for landmarks around their place in the moving image.

    Parameters
    ----------
    marks
        Of the fixed image.
    moving
        The other image at a like resolution.
    matrix
        ``(4, 4)`` fixed point to moving point.
    """
    fixed, centres = marks.image, marks.centres
    there = carried(moving, fixed, matrix, outside=np.nan)
    best = np.zeros((len(centres), 3), dtype=np.int64)
    squares = np.full(len(centres), np.nan)
    reach, window = np.array(marks.radius), np.full(3, WINDOW_STEPS)

    def task(start: int, stop: int) -> None:
        _search(fixed.values, there, centres, reach, window, best, squares, start, stop)

    in_pieces(task, len(centres))
    shown = np.isfinite(squares)
    n_shown = int(np.count_nonzero(shown))
    if n_shown < LEAST_SHOWN:
        return Evidence(n_shown, 0.0, 0.0)
    near = np.abs(best[shown]).max(axis=1) <= 1
    upper = centres[shown] > np.median(centres[shown], axis=0)
    shares = [
        float(near[half].mean())
        for axis in range(3)
        for half in (upper[:, axis], ~upper[:, axis])
        if half.any()
    ]
    return Evidence(n_shown, float(near.mean()), min(shares))


def _corners(volume: Volume, mask: Volume, radius: tuple[int, int, int]) -> IndexArray:
    """Where the image changes along every direction; one place in a cell."""
    shape = np.array(volume.values.shape)
    slopes = [
        np.asarray(slope / step, dtype=np.float32)
        for slope, step in zip(
            np.gradient(volume.values), volume.spacing_mm, strict=True
        )
    ]
    size = [2 * r + 1 for r in radius]
    kk, jj, ii, kj, ki, ji = (
        ndimage.uniform_filter(slopes[a] * slopes[b], size)
        for a, b in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
    )
    minors = (jj * ii - ji * ji) + (kk * ii - ki * ki) + (kk * jj - kj * kj)
    determinant = (
        kk * (jj * ii - ji * ji) - kj * (kj * ii - ji * ki) + ki * (kj * ji - jj * ki)
    )
    strength = np.where(minors > 0.0, determinant / np.maximum(minors, 1e-30), 0.0)
    onto = carried(mask, volume, np.eye(4))
    strength[onto <= 0.5] = 0.0
    for axis, r in enumerate(radius):
        rim = np.moveaxis(strength, axis, 0)
        rim[: r + 1] = 0.0
        rim[-r - 1 :] = 0.0
    cell = np.maximum(np.rint(CELL_MM / volume.spacing_mm), 1).astype(int)
    padded = -(-shape // cell) * cell
    cells = np.pad(strength, [(0, int(n)) for n in padded - shape])
    n_cells = padded // cell
    cells = cells.reshape(
        n_cells[0], cell[0], n_cells[1], cell[1], n_cells[2], cell[2]
    ).transpose(0, 2, 4, 1, 3, 5)
    cells = cells.reshape(-1, int(cell.prod()))
    place = cells.argmax(axis=1)
    most = cells.max(axis=1)
    inside = np.stack(np.unravel_index(place, tuple(cell)), axis=1)
    corner = np.stack(np.unravel_index(np.arange(len(cells)), tuple(n_cells)), axis=1)
    centres = corner * cell + inside
    order = np.argsort(-most, kind="stable")[:N_PATCHES]
    order = order[most[order] > 0.0]
    return np.asarray(centres[order], dtype=np.int64)


@compiled
def _search(
    fixed: Float32Array,
    moving: Float32Array,
    centres: IndexArray,
    reach: IndexArray,
    window: IndexArray,
    best: IndexArray,
    squares: FloatArray,
    start: int,
    stop: int,
) -> None:
    """Shift of the highest squared correlation; NaN where a neighbourhood leaves."""
    rk, rj, ri = reach[0], reach[1], reach[2]
    wk, wj, wi = window[0], window[1], window[2]
    nk, nj, ni = moving.shape
    size = (2 * rk + 1) * (2 * rj + 1) * (2 * ri + 1)
    patch = np.empty(size, dtype=np.float32)
    for n in range(start, stop):
        k0, j0, i0 = centres[n, 0], centres[n, 1], centres[n, 2]
        p, total = 0, np.float32(0.0)
        for k in range(k0 - rk, k0 + rk + 1):
            for j in range(j0 - rj, j0 + rj + 1):
                for i in range(i0 - ri, i0 + ri + 1):
                    patch[p] = fixed[k, j, i]
                    total += patch[p]
                    p += 1
        mean = total / np.float32(size)
        spread = np.float32(0.0)
        for p in range(size):
            patch[p] -= mean
            spread += patch[p] * patch[p]
        if spread <= LEAST_SPREAD or not np.isfinite(moving[k0, j0, i0]):
            continue
        most = np.float32(-1.0)
        n_seen = 0
        for dk in range(-wk, wk + 1):
            if k0 + dk - rk < 0 or k0 + dk + rk >= nk:
                continue
            for dj in range(-wj, wj + 1):
                if j0 + dj - rj < 0 or j0 + dj + rj >= nj:
                    continue
                for di in range(-wi, wi + 1):
                    if i0 + di - ri < 0 or i0 + di + ri >= ni:
                        continue
                    p = 0
                    first = moving[k0 + dk, j0 + dj, i0 + di]
                    shared, along, own = (
                        np.float32(0.0),
                        np.float32(0.0),
                        np.float32(0.0),
                    )
                    for k in range(k0 + dk - rk, k0 + dk + rk + 1):
                        for j in range(j0 + dj - rj, j0 + dj + rj + 1):
                            for i in range(i0 + di - ri, i0 + di + ri + 1):
                                value = moving[k, j, i] - first
                                shared += value * patch[p]
                                along += value
                                own += value * value
                                p += 1
                    own -= along * along / np.float32(size)
                    if not np.isfinite(own):
                        continue
                    n_seen += 1
                    if own <= LEAST_SPREAD:
                        continue
                    square = shared * shared / (own * spread)
                    if square > most:
                        most = square
                        best[n, 0], best[n, 1], best[n, 2] = dk, dj, di
        # Most of the neighbourhood must have been seen.
        if 2 * n_seen > (2 * wk + 1) * (2 * wj + 1) * (2 * wi + 1):
            squares[n] = max(float(most), 0.0)
