"""Maps of points from one frame of reference into another; the rigid ones."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray, affine_map, require_same_frame

__all__ = [
    "PointMap",
    "RigidTransform",
    "identity",
    "is_rigid",
    "nearest_rigid",
    "turn_degrees",
]

ORTHONORMAL_TOLERANCE = 1e-3


class PointMap(Protocol):
    """What carries points of one frame into another, rigidly or not."""

    @property
    def stretch(self) -> float:
        """Upper bound of how much longer a short way may become; 1 if rigid."""

    def apply(self, points_mm: npt.ArrayLike) -> FloatArray:
        """Carry points, shape (..., 3)."""


@dataclass(frozen=True, slots=True, eq=False)
class RigidTransform:
    """Rotation and translation that carry points of one frame into another.

    Parameters
    ----------
    matrix
        ``(4, 4)`` homogeneous matrix: ``matrix @ (x, y, z, 1)`` of a point in
        `from_frame` is the same anatomical point in `to_frame`, in mm.
    from_frame, to_frame
        DICOM Frame of Reference UIDs.

    Raises
    ------
    ValueError
        If the matrix is not a rotation with a translation.
    """

    matrix: FloatArray
    from_frame: str
    to_frame: str

    def __post_init__(self) -> None:
        matrix = np.array(self.matrix, dtype=np.float64)
        if not is_rigid(matrix):
            msg = f"matrix is not a rotation with a translation: {matrix.tolist()}"
            raise ValueError(msg)
        matrix.flags.writeable = False
        object.__setattr__(self, "matrix", matrix)

    @property
    def rotation_degrees(self) -> float:
        """Angle of the rotation about its own axis, 0 to 180."""
        return turn_degrees(self.matrix)

    @property
    def stretch(self) -> float:
        """A rigid map keeps every length."""
        return 1.0

    def apply(self, points_mm: npt.ArrayLike) -> FloatArray:
        """Carry points, shape (..., 3), from `from_frame` into `to_frame`."""
        points = np.asarray(points_mm, dtype=np.float64)
        return affine_map(points, self.matrix)

    def inverse(self) -> "RigidTransform":
        """Map back from `to_frame` into `from_frame`."""
        return RigidTransform(
            np.linalg.inv(self.matrix).astype(np.float64),
            self.to_frame,
            self.from_frame,
        )

    def then(self, following: "RigidTransform") -> "RigidTransform":
        """Map points by this transform, then by one that starts where it ends."""
        require_same_frame(
            self.to_frame,
            following.from_frame,
            left_name="the first transform's target",
            right_name="the following transform's source",
        )
        return RigidTransform(
            following.matrix @ self.matrix, self.from_frame, following.to_frame
        )


def identity(frame_of_reference_uid: str) -> RigidTransform:
    """The map of a frame onto itself."""
    return RigidTransform(np.eye(4), frame_of_reference_uid, frame_of_reference_uid)


def turn_degrees(matrix: npt.ArrayLike) -> float:
    """Angle of the rotation in a (4, 4) matrix about its own axis, 0 to 180."""
    rotation = np.asarray(matrix, dtype=np.float64)[:3, :3]
    skew = rotation - rotation.T
    sine = np.linalg.norm([skew[2, 1], skew[0, 2], skew[1, 0]]) / 2.0
    cosine = (np.trace(rotation) - 1.0) / 2.0
    return float(np.degrees(np.arctan2(sine, cosine)))


def nearest_rigid(matrix: npt.ArrayLike) -> FloatArray:
    """The rotation nearest to that of a (4, 4) matrix, with its translation.

    Products of rounded matrices drift away from rotations, those of nearest ones not.

    References
    ----------
    Schonemann PH. Psychometrika 1966;31:1-10 (the orthogonal factor of the polar
    decomposition is the nearest in the Frobenius norm).
    """
    result = np.array(matrix, dtype=np.float64)
    left, _, right = np.linalg.svd(result[:3, :3])
    result[:3, :3] = left @ right
    return result


def is_rigid(matrix: npt.ArrayLike) -> bool:
    """Whether a (4, 4) matrix is a proper rotation with a translation.

    Axes may be off unit length or right angles by 0.001, which is what ten digits of a
    DICOM decimal string and a rounded export cost.
    """
    array = np.asarray(matrix, dtype=np.float64)
    if array.shape != (4, 4) or not np.all(np.isfinite(array)):
        return False
    rotation = array[:3, :3]
    last_row_off = np.abs(array[3] - np.array([0.0, 0.0, 0.0, 1.0])).max()
    axes_off = np.abs(rotation @ rotation.T - np.eye(3)).max()
    return bool(
        last_row_off <= 1e-9
        and axes_off <= ORTHONORMAL_TOLERANCE
        and np.linalg.det(rotation) > 0
    )
