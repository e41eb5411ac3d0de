"""Maps of points that are not rigid: a grid of vectors between two rigid parts.

The form is that of the DICOM Deformable Spatial Registration (PS3.3, C.20.3.1.1): a
point is moved by the rigid part before; the vector that the grid holds *at the point
itself* is added; the rigid part after leads into the other frame.

Between the points of the grid vectors are trilinear: never longer than their
neighbours. Outside the grid the vector is zero, so that the rigid parts alone act
there, which may lead to a wrong place; :meth:`DeformableMap.covers` says where that is.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import cKDTree

from reirrad.core.geometry import FloatArray, GridGeometry, require_same_frame
from reirrad.core.transforms import RigidTransform

__all__ = [
    "DeformableMap",
    "JacobianRange",
    "inverse_consistency_mm",
    "jacobian_range",
]

BoolArray = npt.NDArray[np.bool_]

EDGE_TOLERANCE = 1e-6
CONVERGED_MM = 1e-3
INVERSE_STEPS = 60
INVERSE_STARTS = 8
LEAST_DAMPING = 1e-9
MOST_DAMPING = 1e9


@dataclass(frozen=True, slots=True, eq=False)
class DeformableMap:
    """A map of points from one frame of reference into another that may deform.

    Parameters
    ----------
    before
        Rigid part applied first; starts in the frame of the grid.
    geometry
        Where the vectors stand.
    displacement_mm
        ``(k, j, i, 3)`` vectors (x, y, z), added after the first rigid part.
    after
        Rigid part applied last.

    Raises
    ------
    FrameMismatchError
        If one part does not start where the one before it ends.
    ValueError
        If the vectors do not fit the grid, are not finite, or an axis of the grid has
        a single point.
    """

    before: RigidTransform
    geometry: GridGeometry
    displacement_mm: npt.NDArray[np.float32]
    after: RigidTransform

    def __post_init__(self) -> None:
        require_same_frame(
            self.geometry.frame_of_reference_uid,
            self.before.from_frame,
            left_name="the grid of vectors",
            right_name="the rigid part before it",
        )
        require_same_frame(
            self.before.to_frame,
            self.after.from_frame,
            left_name="the rigid part before the vectors",
            right_name="the rigid part after them",
        )
        vectors = np.array(self.displacement_mm, dtype=np.float32)
        expected = (*self.geometry.shape, 3)
        if vectors.shape != expected:
            msg = f"displacement_mm has shape {vectors.shape}, its grid {expected}"
            raise ValueError(msg)
        if min(self.geometry.shape) < 2:
            msg = f"a grid needs two points along each axis, has {expected[:3]}"
            raise ValueError(msg)
        if not np.all(np.isfinite(vectors)):
            msg = "displacement_mm holds vectors that are not finite"
            raise ValueError(msg)
        vectors.flags.writeable = False
        object.__setattr__(self, "displacement_mm", vectors)

    @property
    def from_frame(self) -> str:
        """Frame of reference in which points are given."""
        return self.before.from_frame

    @property
    def to_frame(self) -> str:
        """Frame of reference into which points are carried."""
        return self.after.to_frame

    @property
    def rigid(self) -> RigidTransform:
        """The map without its vectors."""
        return self.before.then(self.after)

    @property
    def longest_mm(self) -> float:
        """Length of the longest vector."""
        return float(np.linalg.norm(self.displacement_mm, axis=-1).max())

    @property
    def stretch(self) -> float:
        """Upper bound of how much longer a short way may become within the grid."""
        steps = self.geometry.spacing_mm
        square = sum(
            float(np.square(np.diff(self.displacement_mm, axis=n) / step).sum(-1).max())
            for n, step in enumerate(steps)
        )
        return 1.0 + float(np.sqrt(square))

    def apply(self, points_mm: npt.ArrayLike) -> FloatArray:
        """Carry points, shape (..., 3), from `from_frame` into `to_frame`."""
        points = np.asarray(points_mm, dtype=np.float64)
        moved = self.before.apply(points) + self._vectors_mm(points)
        return self.after.apply(moved)

    def covers(self, points_mm: npt.ArrayLike) -> BoolArray:
        """Whether points, shape (..., 3) of `from_frame`, lie inside the grid."""
        indices = self.geometry.indices(points_mm)
        last = np.asarray(self.geometry.shape) - 1
        inside = (indices >= -EDGE_TOLERANCE) & (indices <= last + EDGE_TOLERANCE)
        return np.asarray(np.all(inside, axis=-1), dtype=np.bool_)

    def clearance_mm(self, points_mm: FloatArray) -> FloatArray:
        """Distance of points, (n, 3), from the border of the grid; above 0 inside."""
        indices = self.geometry.indices(points_mm)
        last = np.asarray(self.geometry.shape) - 1
        lengths = np.minimum(indices, last - indices) * self.geometry.spacing_mm
        return np.asarray(lengths.min(axis=-1), dtype=np.float64)

    def unapplied(self, points_mm: npt.ArrayLike) -> FloatArray:
        """Points, shape (..., 3), carried back from `to_frame` into `from_frame`.

        Found step by step to a thousandth of a millimetre. What comes from inside the
        grid is preferred to what the rigid parts alone would carry there from outside
        of it; NaN where neither is found, as beside a fold or at a jump on the grid's
        border.
        """
        points = np.asarray(points_mm, dtype=np.float64)
        target = self.after.inverse().apply(points).reshape(-1, 3)
        outside = self.before.inverse().apply(target)
        inside = self._origins_mm(target)
        known = np.isfinite(inside).all(axis=1) | self.covers(outside)
        found = np.where(known[:, None], inside, outside)
        return found.reshape(points.shape)

    def _origins_mm(self, target: FloatArray) -> FloatArray:
        """Points inside the grid that are moved to targets, shape (n, 3), else NaN."""
        found = np.full(target.shape, np.nan)
        distances, starts = self._starts(target)
        for distance, start in zip(distances.T, np.moveaxis(starts, 1, 0), strict=True):
            lost = np.flatnonzero(np.isnan(found[:, 0]) & np.isfinite(distance))
            if len(lost):
                found[lost] = self._solved_mm(target[lost], start[lost])
        return found

    def _starts(self, target: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Distances (n, m) and indices (n, m, 3) of the nodes moved nearest to targets.

        A distance is infinite where nothing between the nodes can be moved there.
        """
        half_cell_mm = float(np.linalg.norm(self.geometry.spacing_mm)) / 2.0
        reach_mm = self.stretch * half_cell_mm + CONVERGED_MM
        nodes = np.moveaxis(np.indices(self.geometry.shape), 0, -1).reshape(-1, 3)
        moved = self.before.apply(self.geometry.points_mm(nodes))
        moved += self.displacement_mm.reshape(-1, 3)
        low = target.min(axis=0, initial=np.inf) - reach_mm
        high = target.max(axis=0, initial=-np.inf) + reach_mm
        near = np.all((moved >= low) & (moved <= high), axis=1)
        if not near.any():
            return np.empty((len(target), 0)), np.empty((len(target), 0, 3))
        nodes = nodes[near]
        tree = cKDTree(moved[near], balanced_tree=False)
        ranks = np.arange(1, min(INVERSE_STARTS, len(nodes)) + 1)
        distances, which = tree.query(target, ranks, distance_upper_bound=reach_mm)
        return distances, nodes[np.minimum(which, len(nodes) - 1)].astype(np.float64)

    def _solved_mm(self, target: FloatArray, start: FloatArray) -> FloatArray:
        """Follow the slopes from indices, shape (n, 3), to targets; NaN where lost.

        Levenberg and Marquardt's damping of Newton's steps (Marquardt, J Soc Ind Appl
        Math 1963;11:431): no step leads farther away, and none leaves the grid.
        """
        last = np.asarray(self.geometry.shape) - 1
        found, damping = start.copy(), np.full(len(start), LEAST_DAMPING)
        moved, slopes = self._moved(found)
        rest = target - moved
        for _ in range(INVERSE_STEPS):
            off_mm = np.linalg.norm(rest, axis=1)
            far = (off_mm > CONVERGED_MM / 10.0) & (damping < MOST_DAMPING)
            left = np.flatnonzero(far)
            if not len(left):
                break
            step = _damped_step(slopes[left], rest[left], damping[left])
            tried = np.clip(found[left] + step, 0, last)
            moved, tried_slopes = self._moved(tried)
            tried_rest = target[left] - moved
            better = np.linalg.norm(tried_rest, axis=1) < off_mm[left]
            taken = left[better]
            found[taken], rest[taken] = tried[better], tried_rest[better]
            slopes[taken] = tried_slopes[better]
            eased = damping[left] * np.where(better, 0.1, 10.0)
            damping[left] = np.maximum(eased, LEAST_DAMPING)
        lost = np.linalg.norm(rest, axis=1) > CONVERGED_MM
        return np.where(lost[:, None], np.nan, self.geometry.points_mm(found))

    def _moved(self, indices: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Where indices (n, 3) in the grid are before the last rigid part, and slopes.

        The slopes, ``(n, 3, 3)``, are the changes of x, y and z per index.
        """
        last = np.asarray(self.geometry.shape) - 2
        cells = np.clip(np.floor(indices).astype(np.intp), 0, last)
        part = indices - cells
        moved = self.before.apply(self.geometry.points_mm(indices))
        rigid = self.before.matrix[:3, :3] @ self.geometry.affine[:3, :3]
        slopes = np.tile(rigid, (len(indices), 1, 1))
        for corner in product((0, 1), repeat=3):
            at = np.array(corner)
            shares = np.where(at == 1, part, 1.0 - part)
            vectors = self.displacement_mm[tuple((cells + at).T)].astype(np.float64)
            moved += shares.prod(axis=1)[:, None] * vectors
            for axis in range(3):
                beside = np.delete(shares, axis, axis=1).prod(axis=1)[:, None]
                slopes[:, :, axis] += (2 * at[axis] - 1) * beside * vectors
        return moved, slopes

    def _vectors_mm(self, points: FloatArray) -> FloatArray:
        flat = points.reshape(-1, 3)
        covered = self.covers(flat)
        last = np.asarray(self.geometry.shape) - 1
        indices = np.clip(self.geometry.indices(flat[covered]), 0, last).T
        vectors = np.zeros(flat.shape)
        for axis in range(3):
            vectors[covered, axis] = ndimage.map_coordinates(
                self.displacement_mm[..., axis],
                indices,
                order=1,
                mode="nearest",
                output=np.float64,
            )
        return vectors.reshape(points.shape)


def _damped_step(
    slopes: FloatArray, rest: FloatArray, damping: FloatArray
) -> FloatArray:
    """Steps, shape (n, 3), that lessen a rest; the shorter the more they are damped."""
    turned = np.swapaxes(slopes, 1, 2)
    square = turned @ slopes
    size = np.trace(square, axis1=1, axis2=2) / 3.0 + LEAST_DAMPING
    square += (damping * size)[:, None, None] * np.eye(3)
    step = np.linalg.solve(square, turned @ rest[..., None])
    return np.asarray(step[..., 0], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class JacobianRange:
    """How much a map swells and shrinks tissue in a region.

    Parameters
    ----------
    least, largest
        Of the Jacobian determinant: 1 keeps the volume, 0 or less folds tissue over.
    folded_percent
        Share of the region's grid cells in which tissue is folded.
    """

    least: float
    largest: float
    folded_percent: float


def jacobian_range(
    deformable: DeformableMap, points_mm: FloatArray
) -> JacobianRange | None:
    """Jacobian determinant of a map in the grid cells that hold given points.

    A trilinear map is asked at the eight corners of a cell from inside, where its
    determinant is most extreme in practice.

    Parameters
    ----------
    deformable
        The map.
    points_mm
        ``(n, 3)`` points of the region, in the frame the map starts from.

    Returns
    -------
    JacobianRange or None
        None where no point lies inside the grid.
    """
    inside = points_mm[deformable.covers(points_mm)]
    if not len(inside):
        return None
    geometry = deformable.geometry
    last = np.asarray(geometry.shape) - 2
    found = np.floor(geometry.indices(inside) + EDGE_TOLERANCE).astype(np.intp)
    cells = np.unique(np.clip(found, 0, last), axis=0)
    to_index = np.linalg.inv(geometry.affine[:3, :3])
    rotation = deformable.before.matrix[:3, :3]
    corners = []
    for corner in product((0, 1), repeat=3):
        slopes = _slopes(deformable.displacement_mm, cells, corner)
        rows = rotation + slopes @ to_index
        across = np.cross(rows[:, 1], rows[:, 2])
        corners.append(np.sum(rows[:, 0] * across, axis=1))
    determinants = np.array(corners)
    folded = np.any(determinants <= 0.0, axis=0)
    return JacobianRange(
        float(determinants.min()),
        float(determinants.max()),
        float(100.0 * folded.mean()),
    )


def _slopes(
    vectors: npt.NDArray[np.float32],
    cells: npt.NDArray[np.intp],
    corner: tuple[int, ...],
) -> FloatArray:
    """Change of the vector per index at one corner of each cell, shape (n, 3, 3)."""
    slopes = np.empty((len(cells), 3, 3))
    for axis in range(3):
        low, high = np.array(corner), np.array(corner)
        low[axis], high[axis] = 0, 1
        step = vectors[tuple((cells + high).T)] - vectors[tuple((cells + low).T)]
        slopes[:, :, axis] = step
    return slopes


def inverse_consistency_mm(
    forward: DeformableMap, backward: DeformableMap, points_mm: FloatArray
) -> FloatArray:
    """How far points come back from where they were, there by one map, back by another.

    Parameters
    ----------
    forward, backward
        Two maps between the same frames, in opposite ways.
    points_mm
        ``(n, 3)`` in the frame that `forward` starts from.

    Returns
    -------
    ndarray, shape (n,)
        In mm; TG-132 (Med Phys 2017;44:e43) asks for its mean and a high percentile.

    Raises
    ------
    FrameMismatchError
        If one map does not end where the other starts.
    """
    for ends in (
        (forward.to_frame, backward.from_frame),
        (backward.to_frame, forward.from_frame),
    ):
        require_same_frame(
            *ends, left_name="the map's end", right_name="the other map's start"
        )
    home = backward.apply(forward.apply(points_mm))
    return np.asarray(np.linalg.norm(home - points_mm, axis=-1), dtype=np.float64)
