"""Where voxels lie: index space, patient space and the frame of reference.

Conventions, for the whole package
----------------------------------
* A voxel index is ``(k, j, i)`` = (slice, row, column), the order of the array axes.
* A point is ``(x, y, z)`` in millimetres, DICOM patient axes (L, P, S), and belongs to
  exactly one frame of reference.
* ``affine @ (k, j, i, 1) == (x, y, z, 1)``; it maps voxel *centres*.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.errors import FrameMismatchError

__all__ = [
    "FloatArray",
    "GridGeometry",
    "affine_map",
    "linear_map",
    "require_same_frame",
    "same_grid",
]

FloatArray = npt.NDArray[np.float64]

GRID_TOLERANCE_MM = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class GridGeometry:
    """A regular voxel grid placed in one frame of reference.

    Parameters
    ----------
    shape
        Number of slices, rows and columns.
    affine
        ``(4, 4)`` float array, voxel index to point; see the module's conventions.
    frame_of_reference_uid
        DICOM Frame of Reference UID (0020,0052).
    """

    shape: tuple[int, int, int]
    affine: FloatArray
    frame_of_reference_uid: str
    to_indices: FloatArray = field(init=False, repr=False)
    """``(3, 4)``, point to fractional voxel index."""

    def __post_init__(self) -> None:
        affine = np.array(self.affine, dtype=np.float64)
        if affine.shape != (4, 4) or not np.array_equal(affine[3], [0, 0, 0, 1]):
            msg = f"affine must be (4, 4) with last row 0 0 0 1, got {affine.tolist()}"
            raise ValueError(msg)
        if abs(np.linalg.det(affine[:3, :3])) == 0:
            msg = "affine has no volume: two voxel axes are parallel"
            raise ValueError(msg)
        affine.flags.writeable = False
        object.__setattr__(self, "affine", affine)
        to_indices = np.linalg.inv(affine)[:3].astype(np.float64)
        to_indices.flags.writeable = False
        object.__setattr__(self, "to_indices", to_indices)

    @property
    def voxel_volume_cc(self) -> float:
        """Volume of one voxel in cubic centimetres."""
        return float(abs(np.linalg.det(self.affine[:3, :3])) / 1000.0)

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distances between voxel centres along k, j and i."""
        k, j, i = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(k), float(j), float(i)

    def points_mm(self, indices: npt.ArrayLike) -> FloatArray:
        """Positions of voxel indices.

        Parameters
        ----------
        indices : array_like, shape (..., 3)
            Voxel indices ``(k, j, i)``; fractions are allowed.

        Returns
        -------
        ndarray, shape (..., 3)
            Points ``(x, y, z)`` in mm.
        """
        kji = np.asarray(indices, dtype=np.float64)
        return affine_map(kji, self.affine)

    def indices(self, points_mm: npt.ArrayLike) -> FloatArray:
        """Inverse of :meth:`points_mm`; fractional and possibly outside the grid."""
        xyz = np.asarray(points_mm, dtype=np.float64) - self.affine[:3, 3]
        inverse = np.linalg.inv(self.affine[:3, :3]).astype(np.float64, copy=False)
        return linear_map(xyz, inverse)

    def corners_mm(self) -> FloatArray:
        """The eight outer corners of the grid, half a voxel beyond the centres.

        Returns
        -------
        ndarray, shape (8, 3)
        """
        low = np.full(3, -0.5)
        high = np.asarray(self.shape, dtype=np.float64) - 0.5
        choice = np.indices((2, 2, 2)).reshape(3, -1).T
        return self.points_mm(np.where(choice == 1, high, low))


def linear_map(vectors: FloatArray, matrix: FloatArray) -> FloatArray:
    """Multiply vectors, shape (..., 3), by a (3, 3) matrix.

    A loop instead of a matrix library: for millions of short vectors that starts
    threads that cost more than they save, and the sum's order, and so the last digit,
    depends on them.
    """
    rows = np.ascontiguousarray(vectors, dtype=np.float64).reshape(-1, 3)
    turn = np.ascontiguousarray(matrix)
    return _carried(rows, turn, np.zeros(3)).reshape(vectors.shape)


def affine_map(points: FloatArray, matrix: FloatArray) -> FloatArray:
    """Carry points, shape (..., 3), by a homogeneous (4, 4) matrix."""
    rows = np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 3)
    turn, shift = (
        np.ascontiguousarray(part) for part in (matrix[:3, :3], matrix[:3, 3])
    )
    return _carried(rows, turn, shift).reshape(points.shape)


@compiled
def _carried(points: FloatArray, matrix: FloatArray, shift: FloatArray) -> FloatArray:
    carried = np.empty(points.shape)
    for n in range(len(points)):
        x, y, z = points[n, 0], points[n, 1], points[n, 2]
        for row in range(3):
            turned = x * matrix[row, 0] + y * matrix[row, 1] + z * matrix[row, 2]
            carried[n, row] = turned + shift[row]
    return carried


def same_grid(left: GridGeometry, right: GridGeometry) -> bool:
    """Whether two geometries place the same voxels at the same points."""
    return (
        left.frame_of_reference_uid == right.frame_of_reference_uid
        and left.shape == right.shape
        and np.allclose(left.affine, right.affine, rtol=0.0, atol=GRID_TOLERANCE_MM)
    )


def require_same_frame(
    left_uid: str, right_uid: str, *, left_name: str, right_name: str
) -> None:
    """Raise :class:`~reirrad.errors.FrameMismatchError` unless both frames are one."""
    if left_uid != right_uid:
        raise FrameMismatchError(left_name, right_name)
