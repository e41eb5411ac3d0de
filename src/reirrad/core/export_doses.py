"""Doses of courses on one regular grid of the reference frame.

A voxel of a written dose always has a value, although what no course calculated is
unknown. So a grid is the box around the points that all its courses calculated; where a
corner of the box lies beyond a course's grid, the nearest dose on that grid's border
stands, as for a structure there (``docs/decisions/0006-unknown-dose.md`` and
``0023-dicom-export.md``).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reirrad.core.accumulation import CourseDose, PlacedCourse, course_dose
from reirrad.core.dose import DoseGrid
from reirrad.core.exportable import ExportedDose
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.half_spaces import covered_half_spaces, holds

__all__ = [
    "accumulated_eqd2",
    "known_box",
    "lattice_of",
    "mapped_dose",
    "omitted_gy",
]

FEWEST_VOXELS = 2


def lattice_of(placed: PlacedCourse) -> GridGeometry:
    """The grid on which doses are written: that of a course of the reference frame.

    The largest grid where there are several, with axes exactly at right angles and
    slices ordered along rows x columns.
    """
    grids = [grid for one in placed.course.deliveries for grid in one.doses]
    largest = max(
        (grid.geometry for grid in grids),
        key=lambda g: float(np.prod(g.shape)) * g.voxel_volume_cc,
    )
    k_mm, j_mm, i_mm = largest.spacing_mm
    affine = largest.affine.copy()
    row = affine[:3, 2] / i_mm
    column = affine[:3, 1] - (affine[:3, 1] @ row) * row
    column /= np.linalg.norm(column)
    normal = np.cross(row, column)
    if normal @ affine[:3, 0] < 0.0:
        affine[:3, 3] += (largest.shape[0] - 1) * affine[:3, 0]
    affine[:3, :3] = np.column_stack([normal * k_mm, column * j_mm, row * i_mm])
    return GridGeometry(largest.shape, affine, largest.frame_of_reference_uid)


def known_box(
    lattice: GridGeometry, placed: Sequence[PlacedCourse]
) -> GridGeometry | None:
    """The box of lattice nodes around those at which every course's dose is known.

    The lattice has no end; the box may reach beyond the grid that it is taken from.

    Returns
    -------
    GridGeometry or None
        None where there is no box of two voxels along each axis.
    """
    low, shape = _common_range(lattice, placed)
    if min(shape) < FEWEST_VOXELS:
        return None
    known = _known(lattice.points_mm(_nodes(shape) + low), placed).reshape(shape)
    if not known.any():
        return None
    at = np.argwhere(known)
    first, last = at.min(axis=0), at.max(axis=0)
    count = last - first + 1
    if min(count) < FEWEST_VOXELS:
        return None
    affine = lattice.affine.copy()
    affine[:3, 3] = lattice.points_mm(low + first)
    box = (int(count[0]), int(count[1]), int(count[2]))
    return GridGeometry(box, affine, lattice.frame_of_reference_uid)


def accumulated_eqd2(
    box: GridGeometry, placed: Sequence[PlacedCourse], *, alpha_beta_gy: float
) -> ExportedDose:
    """Sum of the EQD2 of courses at every voxel of a box.

    Formed per course and delivery with their own fractions, then added.
    """
    total = np.zeros(box.shape)
    for dose in _doses(box, placed):
        total += dose.eqd2_gy(alpha_beta_gy).reshape(box.shape)
    return _exported(box, total, placed, alpha_beta_gy)


def mapped_dose(box: GridGeometry, placed: PlacedCourse) -> ExportedDose:
    """Physical dose of one course at every voxel of a box."""
    (dose,) = _doses(box, [placed])
    return _exported(box, dose.physical_gy().reshape(box.shape), [placed], None)


def omitted_gy(box: GridGeometry, placed: PlacedCourse) -> float:
    """Highest dose that any voxel of a course's grids has outside a box."""
    highest = 0.0
    to_reference = placed.from_reference.inverse()
    for delivery in placed.course.deliveries:
        for grid in delivery.doses:
            nodes = _nodes(grid.geometry.shape)
            points = to_reference.apply(grid.geometry.points_mm(nodes))
            at = box.indices(points)
            last = np.asarray(box.shape) - 0.5
            outside = ~np.all((at >= -0.5) & (at <= last), axis=1)
            if outside.any():
                highest = max(highest, float(grid.values_gy.ravel()[outside].max()))
    return highest


def _doses(box: GridGeometry, placed: Sequence[PlacedCourse]) -> list[CourseDose]:
    points = box.points_mm(_nodes(box.shape))
    return [course_dose(one, points) for one in placed]


def _nodes(shape: tuple[int, ...]) -> FloatArray:
    return np.moveaxis(np.indices(shape), 0, -1).reshape(-1, 3).astype(np.float64)


def _exported(
    box: GridGeometry,
    values_gy: FloatArray,
    placed: Sequence[PlacedCourse],
    alpha_beta_gy: float | None,
) -> ExportedDose:
    known = _known(box.points_mm(_nodes(box.shape)), placed).reshape(box.shape)
    unknown_gy = values_gy[~known]
    return ExportedDose(
        grid=DoseGrid(values_gy, box),
        courses=tuple(one.course.number for one in placed),
        alpha_beta_gy=alpha_beta_gy,
        unknown_percent=100.0 * float(1.0 - known.mean()),
        unknown_max_gy=float(unknown_gy.max()) if len(unknown_gy) else 0.0,
    )


def _known(
    points_mm: FloatArray, placed: Sequence[PlacedCourse]
) -> npt.NDArray[np.bool_]:
    """Whether every grid of all courses covers points, shape (n, 3)."""
    half_spaces = [half for one in placed for half in covered_half_spaces(one)]
    return holds(half_spaces, points_mm)


def _common_range(
    lattice: GridGeometry, placed: Sequence[PlacedCourse]
) -> tuple[npt.NDArray[np.intp], tuple[int, int, int]]:
    """First node and number of nodes of the range that the grids' boxes share."""
    lows, highs = [], []
    for one in placed:
        to_reference = one.from_reference.inverse()
        for delivery in one.course.deliveries:
            for grid in delivery.doses:
                corners = to_reference.apply(grid.geometry.corners_mm())
                at = lattice.indices(corners)
                lows.append(at.min(axis=0))
                highs.append(at.max(axis=0))
    low = np.ceil(np.max(lows, axis=0)).astype(np.intp)
    count = np.floor(np.min(highs, axis=0)).astype(np.intp) - low + 1
    return low, (int(count[0]), int(count[1]), int(count[2]))
