"""Which grids a scene has: one for images and one for doses, along the patient axes.

The image grid shares its planes with the reference image where that lies along the
patient axes, so that no slice is interpolated across. Both are cropped to what there is
to see.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image

__all__ = [
    "Box",
    "body_box",
    "dose_box",
    "dose_grid",
    "image_box",
    "image_grid",
    "origin_mm",
    "points_box",
    "spacing_xyz_mm",
    "united",
]

FINEST_IMAGE_MM = 1.0
MOST_IMAGE_VOXELS = 16_000_000
FINEST_DOSE_MM, COARSEST_DOSE_MM = 1.5, 2.5
MOST_DOSE_VOXELS = 6_000_000
AIR_HU = -500.0
BACKGROUND_RATIO = 0.1
"""Of the brightest grey of an image without units."""
SPECKS_RATIO = 0.002
"""Share of a plane that is above background by chance."""
ALIGNED_COSINE = 1.0 - 1e-6
TOUCHING = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A box along the patient axes, ``(3,)`` lowest and highest x, y, z in mm."""

    low_mm: FloatArray
    high_mm: FloatArray

    def widened(self, margin_mm: float) -> "Box":
        """The box with a margin on every side."""
        return Box(self.low_mm - margin_mm, self.high_mm + margin_mm)

    def within(self, other: "Box") -> "Box | None":
        """What lies in another box as well; None where nothing does."""
        low = np.maximum(self.low_mm, other.low_mm)
        high = np.minimum(self.high_mm, other.high_mm)
        return Box(low, high) if bool(np.all(low <= high)) else None


def points_box(points_mm: FloatArray) -> Box:
    """The box around points, shape (n, 3)."""
    return Box(points_mm.min(axis=0), points_mm.max(axis=0))


def united(boxes: Iterable[Box]) -> Box:
    """The box around boxes, at least one."""
    known = list(boxes)
    return Box(
        np.min([box.low_mm for box in known], axis=0),
        np.max([box.high_mm for box in known], axis=0),
    )


def image_box(geometry: GridGeometry) -> Box:
    """The box around the voxel centres of an image."""
    corners = np.indices((2, 2, 2)).reshape(3, -1).T * (np.array(geometry.shape) - 1)
    return points_box(geometry.points_mm(corners))


def body_box(image: Image) -> Box:
    """The box around what is brighter than air, or than the background.

    A plane in which hardly anything is bright is left out.
    """
    values = image.values
    if image.modality == "CT":
        bright = values > AIR_HU
    else:
        bright = values > BACKGROUND_RATIO * np.percentile(values, 99.5)
    ends = []
    for axis in range(3):
        others = tuple(n for n in range(3) if n != axis)
        share = bright.mean(axis=others)
        inside = np.flatnonzero(share > SPECKS_RATIO)
        if not len(inside):
            return image_box(image.geometry)
        ends.append((inside[0], inside[-1]))
    return _index_box(image.geometry, np.array(ends), None)


def dose_box(placed: PlacedCourse, level_gy: float) -> Box | None:
    """The box in which a course may reach a dose, in the reference frame.

    None where it reaches it nowhere.
    """
    grids = [grid for one in placed.course.deliveries for grid in one.doses]
    boxes = []
    for grid in grids:
        reached = grid.values_gy >= level_gy / len(grids)
        ends = []
        for axis in range(3):
            others = tuple(n for n in range(3) if n != axis)
            inside = np.flatnonzero(reached.any(axis=others))
            if len(inside):
                last = grid.values_gy.shape[axis] - 1
                ends.append((max(inside[0] - 1, 0), min(inside[-1] + 1, last)))
        if len(ends) == 3:
            boxes.append(_index_box(grid.geometry, np.array(ends), placed))
    return united(boxes) if boxes else None


def _index_box(
    geometry: GridGeometry, ends: FloatArray, placed: PlacedCourse | None
) -> Box:
    """The box around a range of voxels: (3, 2) first and last k, j, i."""
    choice = np.indices((2, 2, 2)).reshape(3, -1).T
    corners = geometry.points_mm(ends[np.arange(3), choice])
    if placed is not None:
        corners = placed.from_reference.inverse().apply(corners)
    return points_box(corners)


def image_grid(image: Image, shown: Box) -> GridGeometry:
    """The grid on which images are shown: the part of the reference image in a box.

    Voxels have at least 1 mm and at least their own size. Planes along an axis that
    the image has are those of the image; across slices they stay so even where slices
    are nearer than 1 mm: every second or third one is shown then.
    """
    whole = image_box(image.geometry)
    part = shown.within(whole) or whole
    native = _native_spacing_mm(image.geometry)
    steps = np.maximum(native, FINEST_IMAGE_MM)
    aligned = _aligned_axes(image.geometry)
    if aligned[2]:
        steps[2] = native[2] * np.ceil(FINEST_IMAGE_MM / native[2] - TOUCHING)
    phase = np.where(aligned, image.geometry.affine[:3, 3], part.low_mm)
    grid = _grid(part, steps, phase, image.geometry.frame_of_reference_uid)
    excess = float(np.prod(grid.shape)) / MOST_IMAGE_VOXELS
    if excess > 1.0:
        steps[:2] *= np.sqrt(excess)
        grid = _grid(part, steps, phase, image.geometry.frame_of_reference_uid)
    return grid


def dose_grid(placed: Sequence[PlacedCourse], shown: Box, frame: str) -> GridGeometry:
    """The grid on which all doses are shown, in a box.

    As fine as the finest dose, but of 1.5 to 2.5 mm: between its nodes a viewer
    interpolates linearly.
    """
    finest = min(
        min(grid.geometry.spacing_mm)
        for one in placed
        for delivery in one.course.deliveries
        for grid in delivery.doses
    )
    step = min(max(finest, FINEST_DOSE_MM), COARSEST_DOSE_MM)
    n_voxels = float(np.prod((shown.high_mm - shown.low_mm) / step + 1.0))
    step *= max(n_voxels / MOST_DOSE_VOXELS, 1.0) ** (1.0 / 3.0)
    return _grid(shown, np.full(3, step), shown.low_mm, frame)


def origin_mm(grid: GridGeometry) -> tuple[float, float, float]:
    """(x, y, z) of a grid's first voxel."""
    x, y, z = (float(value) for value in grid.affine[:3, 3])
    return x, y, z


def spacing_xyz_mm(grid: GridGeometry) -> tuple[float, float, float]:
    """Spacing along x, y and z of a grid along the patient axes."""
    k, j, i = grid.spacing_mm
    return i, j, k


def _grid(box: Box, steps: FloatArray, phase: FloatArray, frame: str) -> GridGeometry:
    """Nodes phase + n step of each axis that lie in a box, at least one."""
    first = np.ceil((box.low_mm - phase) / steps - TOUCHING)
    last = np.floor((box.high_mm - phase) / steps + TOUCHING)
    count = np.maximum(last - first + 1, 1).astype(int)
    affine = np.zeros((4, 4))
    affine[[0, 1, 2], [2, 1, 0]] = steps
    affine[:3, 3] = phase + first * steps
    affine[3, 3] = 1.0
    return GridGeometry((int(count[2]), int(count[1]), int(count[0])), affine, frame)


def _native_spacing_mm(geometry: GridGeometry) -> FloatArray:
    """Spacing of the voxel axis that is nearest to x, to y and to z."""
    spacing = np.array(geometry.spacing_mm)
    cosines = np.abs(geometry.affine[:3, :3]) / spacing
    return np.asarray(spacing[cosines.argmax(axis=1)])


def _aligned_axes(geometry: GridGeometry) -> FloatArray:
    """Whether a voxel axis lies along x, along y and along z."""
    cosines = np.abs(geometry.affine[:3, :3]) / np.array(geometry.spacing_mm)
    return np.asarray(cosines.max(axis=1) >= ALIGNED_COSINE)
