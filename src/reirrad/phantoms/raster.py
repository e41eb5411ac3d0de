"""Shapes on voxel grids: their level there, and their contours on its slices."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.structures import Contour
from reirrad.phantoms.level_curves import zero_curves
from reirrad.phantoms.shapes import Grown, Shape, by_pieces

__all__ = ["Deformation", "LevelBlock", "Raster", "contours_of"]

IndexArray = npt.NDArray[np.intp]

SHORTEST_CONTOUR_MM = 3.0
RIM_MM = 8.0
# A voxel is up to 5 mm from the centre of its block: one nearer than 5 mm to the
# surface is always computed by itself.
BLOCK_MM = 6.0
BAND_MM = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class LevelBlock:
    """Level of a shape on the part of a grid around it.

    Parameters
    ----------
    level_mm
        ``(k, j, i)`` level, negative inside.
    window
        Slices that cut this part out of an array of the whole grid.
    """

    level_mm: npt.NDArray[np.float32]
    window: tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True, eq=False)
class Deformation:
    """A movement within the anatomy, on top of the rigid one.

    Parameters
    ----------
    displacement_mm
        Points ``(n, 3)`` of the anatomy to the way ``(n, 3)`` from each to the point
        whose tissue is found there.
    reach_mm
        Longest way.
    """

    displacement_mm: Callable[[FloatArray], FloatArray]
    reach_mm: float


class Raster:
    """Levels of shapes on one grid, each shape asked once.

    Parameters
    ----------
    geometry
        Voxels.
    anatomy_from_image
        ``(4, 4)`` matrix that carries points of the grid's frame into the shapes'.
    deformation
        How parts of the anatomy have moved besides; None where it is all rigid.
    """

    def __init__(
        self,
        geometry: GridGeometry,
        anatomy_from_image: FloatArray,
        *,
        deformation: Deformation | None = None,
    ) -> None:
        self.geometry = geometry
        self.anatomy_from_image = anatomy_from_image
        self.deformation = deformation
        # The shapes are kept with their levels: an id is unique only among the living.
        self._blocks: dict[int, tuple[Shape, LevelBlock | None]] = {}

    def level(self, shape: Shape) -> LevelBlock | None:
        """Level of a shape at the voxels near it; None if there are none."""
        margin_mm = 0.0
        while isinstance(shape, Grown):
            margin_mm += shape.margin_mm
            shape = shape.shape
        if id(shape) not in self._blocks:
            self._blocks[id(shape)] = (shape, self._sampled(shape))
        if margin_mm >= RIM_MM:
            msg = f"a shape cannot grow by {RIM_MM} mm or more, got {margin_mm}"
            raise ValueError(msg)
        block = self._blocks[id(shape)][1]
        if block is None or margin_mm == 0.0:
            return block
        return LevelBlock(block.level_mm - np.float32(margin_mm), block.window)

    def anatomy_mm(self, indices: FloatArray) -> FloatArray:
        """Points of the anatomy seen at fractional voxel indices ``(n, 3)``."""
        points = _carried(indices, self.anatomy_from_image @ self.geometry.affine)
        if self.deformation is None:
            return points
        return points + self.deformation.displacement_mm(points)

    def _sampled(self, shape: Shape) -> LevelBlock | None:
        anatomy_from_index = self.anatomy_from_image @ self.geometry.affine
        whole = _carried(self.geometry.corners_mm(), self.anatomy_from_image)
        rim_mm = RIM_MM + (self.deformation.reach_mm if self.deformation else 0.0)
        low_mm = np.maximum(shape.bounds_mm[0] - rim_mm, whole.min(axis=0))
        high_mm = np.minimum(shape.bounds_mm[1] + rim_mm, whole.max(axis=0))
        if np.any(low_mm >= high_mm):
            return None
        choice = np.indices((2, 2, 2)).reshape(3, -1).T
        corners = _carried(
            np.where(choice == 1, high_mm, low_mm),
            np.asarray(np.linalg.inv(anatomy_from_index), dtype=np.float64),
        )
        low = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
        end = np.ceil(corners.max(axis=0)).astype(int) + 1
        high = np.minimum(end, self.geometry.shape)
        if np.any(low >= high):
            return None
        level = self._banded(shape, low, high - low)
        k, j, i = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
        return LevelBlock(level, (k, j, i))

    def _banded(
        self, shape: Shape, low: IndexArray, size: IndexArray
    ) -> npt.NDArray[np.float32]:
        """Level in blocks of some 6 mm, and voxel by voxel near the surface."""
        step = np.maximum(np.rint(BLOCK_MM / np.array(self.geometry.spacing_mm)), 1)
        step = step.astype(np.intp)
        n_blocks = tuple((-(-size // step)).tolist())
        blocks = np.indices(n_blocks).reshape(3, -1).T
        centres = low + (blocks + 0.5) * step - 0.5

        def level_at(indices: FloatArray) -> FloatArray:
            return shape.level_mm(self.anatomy_mm(indices))

        coarse = by_pieces(level_at, centres)
        level = coarse.astype(np.float32).reshape(n_blocks)
        for axis in range(3):
            level = np.repeat(level, step[axis], axis).take(range(size[axis]), axis)
        near = np.flatnonzero(np.abs(level.ravel()) < BAND_MM)
        indices = np.column_stack(np.unravel_index(near, tuple(size))) + low
        level.ravel()[near] = by_pieces(level_at, indices.astype(np.float64))
        return level


def contours_of(
    block: LevelBlock | None, geometry: GridGeometry
) -> tuple[Contour, ...]:
    """Closed contours of a sampled shape on every slice that cuts it.

    Holes and separate parts are contours of their own; rings shorter than 3 mm are
    left out.
    """
    if block is None:
        return ()
    contours = []
    k, j, i = (window.start for window in block.window)
    for slice_number, level in enumerate(block.level_mm):
        for curve in zero_curves(level.astype(np.float64)):
            index = np.column_stack(
                [np.full(len(curve), k + slice_number), curve + np.array([j, i])]
            )
            points = geometry.points_mm(index)
            around = np.linalg.norm(np.roll(points, 1, axis=0) - points, axis=1).sum()
            if around >= SHORTEST_CONTOUR_MM:
                contours.append(Contour(points))
    return tuple(contours)


def _carried(points: npt.ArrayLike, matrix: FloatArray) -> FloatArray:
    return np.asarray(points, dtype=np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
