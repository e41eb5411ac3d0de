"""Images and doses on the grids of a scene.

Images are interpolated linearly. Doses are looked up as everywhere else, so that what
is shown of them differs from the truth only between the nodes.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from reirrad.core.accumulation import CourseDose, PlacedCourse, course_dose
from reirrad.core.budget_map import LimitedSolid, remaining_inside
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.core.overlap import TargetLevel, iso50_levels
from reirrad.core.processors import processors
from reirrad.core.scene import SceneVolume
from reirrad.core.scene_grids import origin_mm, spacing_xyz_mm
from reirrad.core.solid_lattice import Lattice, inside_lattice
from reirrad.core.transforms import RigidTransform

__all__ = ["budget_volume", "course_volumes", "image_volume"]

CT_WINDOW_HU = (-160.0, 240.0)
WINDOW_PERCENTILES = (1.0, 99.5)
SLAB_POINTS = 100_000
WHOLE_DIGITS = 6
"""Of maps from index to index: an error of 1/1000 voxel at most, and whole numbers
stay whole, so that the outermost voxels are not lost."""

SingleArray = npt.NDArray[np.float32]


def image_volume(
    course: int, image: Image, from_reference: RigidTransform, grid: GridGeometry
) -> SceneVolume:
    """An image on a grid of the reference frame; NaN beyond its outermost voxels."""
    to_frame = from_reference.matrix @ grid.affine
    to_index = np.linalg.inv(image.geometry.affine) @ to_frame
    to_index = np.round(to_index, WHOLE_DIGITS)
    values = np.empty(grid.shape, dtype=np.float32)

    def fill(slab: slice) -> None:
        offset = to_index[:3, 3] + to_index[:3, 0] * slab.start
        ndimage.affine_transform(
            image.values,
            to_index[:3, :3],
            offset,
            output=values[slab],
            output_shape=values[slab].shape,
            order=1,
            cval=np.nan,
        )

    with ThreadPoolExecutor(processors()) as pool:
        list(pool.map(fill, _slabs(grid)))
    is_ct = image.modality == "CT"
    return SceneVolume(
        f"image-{course}",
        "image",
        course,
        values,
        origin_mm(grid),
        spacing_xyz_mm(grid),
        unit="HU" if is_ct else "",
        window=CT_WINDOW_HU if is_ct else _window(values),
        modality=image.modality,
    )


def _window(values: SingleArray) -> tuple[float, float]:
    """Grey window of an image without units, from the values that it has."""
    sparse = values[::2, ::2, ::2]
    known = sparse[np.isfinite(sparse)]
    if not len(known):
        return 0.0, 1.0
    black, white = np.percentile(known, WINDOW_PERCENTILES)
    return float(black), float(max(white, black + 1.0))


def course_volumes(
    placed: PlacedCourse, grid: GridGeometry, *, alpha_beta_gy: float
) -> list[SceneVolume]:
    """Physical dose and EQD2 of a course; NaN where it was not calculated.

    Where the targets of the course have different prescriptions, the dose follows as a
    multiple of the 50 % level of the nearest target.
    """
    levels, _ = iso50_levels(placed.course)
    local = len(levels) > 1

    def asked(points: FloatArray) -> list[FloatArray]:
        there = course_dose(placed, points)
        physical = _covered(there, there.physical_gy())
        found = [physical, _covered(there, there.eqd2_gy(alpha_beta_gy))]
        if local:
            found.append(physical / _local_level_gy(placed, levels, points))
        return found

    values = _on_grid(grid, asked, count=3 if local else 2)
    number = placed.course.number
    origin, spacing = origin_mm(grid), spacing_xyz_mm(grid)
    volumes = [
        SceneVolume(
            f"dose-{number}", "dose", number, values[0], origin, spacing, unit="Gy"
        ),
        SceneVolume(
            f"eqd2-{number}",
            "eqd2",
            number,
            values[1],
            origin,
            spacing,
            unit="Gy",
            alpha_beta_gy=alpha_beta_gy,
        ),
    ]
    if local:
        volumes.append(
            SceneVolume(f"half-{number}", "half", number, values[2], origin, spacing)
        )
    return volumes


def budget_volume(
    grid: GridGeometry,
    solids: Sequence[LimitedSolid],
    background: Sequence[PlacedCourse],
    *,
    n_fractions: int,
) -> SceneVolume | None:
    """Largest dose of a new course in organs with limits; None where none is shown."""
    n_k, n_j, n_i = grid.shape
    nodes = Lattice(
        grid.points_mm([(0, 0, i) for i in range(n_i)])[:, 0],
        grid.points_mm([(0, j, 0) for j in range(n_j)])[:, 1],
        grid.points_mm([(k, 0, 0) for k in range(n_k)])[:, 2],
    )

    def asked(solid: LimitedSolid) -> tuple[npt.NDArray[np.intp], FloatArray]:
        inside = np.argwhere(inside_lattice(solid.sections, nodes))
        points = grid.points_mm(inside)
        return inside, remaining_inside(
            solid, points, background, n_fractions=n_fractions
        )

    values = np.full(grid.shape, np.nan, dtype=np.float32)
    with ThreadPoolExecutor(processors()) as pool:
        for inside, left in pool.map(asked, solids):
            at = tuple(inside.T)
            values[at] = np.fmin(values[at], left)
    if not np.isfinite(values).any():
        return None
    return SceneVolume(
        "budget",
        "budget",
        None,
        values,
        origin_mm(grid),
        spacing_xyz_mm(grid),
        unit="Gy",
        n_fractions=n_fractions,
    )


def _on_grid(
    grid: GridGeometry, asked: Callable[[FloatArray], list[FloatArray]], *, count: int
) -> list[SingleArray]:
    """Several functions of points (n, 3) at every voxel of a grid."""
    values = [np.empty(grid.shape, dtype=np.float32) for _ in range(count)]

    def fill(slab: slice) -> None:
        shape = (slab.stop - slab.start, *grid.shape[1:])
        indices = np.moveaxis(np.indices(shape, dtype=np.float64), 0, -1).reshape(-1, 3)
        indices[:, 0] += slab.start
        for into, found in zip(values, asked(grid.points_mm(indices)), strict=True):
            into[slab] = found.reshape(shape)

    with ThreadPoolExecutor(processors()) as pool:
        list(pool.map(fill, _slabs(grid)))
    return values


def _slabs(grid: GridGeometry) -> list[slice]:
    """Ranges of planes with about equally many points."""
    n_planes, rows, columns = grid.shape
    thickness = max(SLAB_POINTS // (rows * columns), 1)
    return [
        slice(first, min(first + thickness, n_planes))
        for first in range(0, n_planes, thickness)
    ]


def _covered(there: CourseDose, values_gy: FloatArray) -> FloatArray:
    return np.where(there.covered, values_gy, np.nan)


def _local_level_gy(
    placed: PlacedCourse, levels: Sequence[TargetLevel], points_mm: FloatArray
) -> FloatArray:
    """The 50 % level of the target nearest to each point, shape (n,)."""
    own = placed.from_reference.apply(points_mm)
    squares = [
        np.sum((own - level.centre_mm) ** 2, axis=1)
        for level in levels
        if level.centre_mm is not None
    ]
    level_gy = np.array([level.level_gy for level in levels])
    return np.asarray(level_gy[np.argmin(squares, axis=0)])
