"""Planes through the reference image, with everything that is drawn on them.

A raster of one millimetre covers the reference image. Images are interpolated linearly,
doses as everywhere else; a structure is shown as the share of each pixel inside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from reirrad.core.accumulation import PlacedCourse, course_dose
from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.core.overlap import drawn_levels_gy
from reirrad.core.planar_view import PlanarView
from reirrad.core.sections import Sections
from reirrad.core.solid_lattice import Lattice, inside_lattice
from reirrad.core.transforms import RigidTransform

__all__ = ["DrawnStructure", "planar_views", "plane_points"]

PIXEL_MM = 1.0
SMOOTHING_PIXELS = 0.8

Plane = Literal["axial", "sagittal", "coronal"]

# Across the picture, down the picture, and the fixed coordinate: x, y, z = 0, 1, 2.
_LAYOUT: Mapping[Plane, tuple[int, int, int]] = {
    "axial": (0, 1, 2),
    "sagittal": (1, 2, 0),
    "coronal": (0, 2, 1),
}


@dataclass(frozen=True, slots=True, eq=False)
class DrawnStructure:
    """A structure to be outlined: name, role and where it is in the reference frame."""

    name: str
    role: str
    sections: Sections


def planar_views(
    image: Image,
    placed: Sequence[PlacedCourse],
    structures: Sequence[DrawnStructure],
    *,
    centre_mm: FloatArray,
    other: tuple[Image, RigidTransform] | None,
    organ: str,
) -> tuple[PlanarView, ...]:
    """Axial, sagittal and coronal plane through a point.

    Parameters
    ----------
    image : Image
        Of the reference course.
    placed : sequence of PlacedCourse
        Every course that could be related to the reference frame.
    structures : sequence of DrawnStructure
    centre_mm : ndarray, shape (3,)
        Where the planes cross.
    other : (Image, RigidTransform), optional
        An earlier course's image and the way from the reference frame into its frame.
    organ : str
        Name of the structure in which overlap is measured.
    """
    corners = image.geometry.corners_mm()
    low, high = corners.min(axis=0), corners.max(axis=0)
    views = []
    for plane, (across, down, fixed) in _LAYOUT.items():
        shape, points, extent = _raster(low, high, centre_mm, (across, down, fixed))
        nodes = Lattice(*(np.unique(points[:, axis]) for axis in range(3)))
        doses = {
            p.course.number: _dose(p, points).reshape(shape).astype(np.float32)
            for p in placed
        }
        views.append(
            PlanarView(
                plane=plane,
                position_mm=float(centre_mm[fixed]),
                extent_mm=extent,
                image=_looked_up(image, points).reshape(shape),
                other_image=None
                if other is None
                else _looked_up(other[0], other[1].apply(points)).reshape(shape),
                doses_gy=doses,
                isodoses_gy={
                    p.course.number: drawn_levels_gy(p.course) for p in placed
                },
                structures={s.name: _share(s, nodes, shape) for s in structures},
                roles={s.name: s.role for s in structures},
                organ=organ,
            )
        )
    return tuple(views)


def plane_points(view: PlanarView) -> FloatArray:
    """Centres of the pixels of a view, row by row, shape (n, 3)."""
    across, down, fixed = _LAYOUT[view.plane]
    left, right, bottom, top = view.extent_mm
    rows, columns = view.image.shape
    points = np.empty((rows, columns, 3))
    points[..., across] = left + (np.arange(columns) + 0.5) * (right - left) / columns
    points[..., down] = (top + (np.arange(rows) + 0.5) * (bottom - top) / rows)[:, None]
    points[..., fixed] = view.position_mm
    return points.reshape(-1, 3)


def _raster(
    low: FloatArray, high: FloatArray, centre: FloatArray, axes: tuple[int, int, int]
) -> tuple[tuple[int, int], FloatArray, tuple[float, float, float, float]]:
    """Shape, points (n, 3) and extent (left, right, bottom, top) of a raster."""
    across, down, fixed = axes
    columns = np.arange(low[across] + PIXEL_MM / 2, high[across], PIXEL_MM)
    rows = np.arange(low[down] + PIXEL_MM / 2, high[down], PIXEL_MM)
    if down == 2:
        rows = rows[::-1]
    points = np.empty((len(rows), len(columns), 3))
    points[..., across] = columns
    points[..., down] = rows[:, None]
    points[..., fixed] = centre[fixed]
    half = PIXEL_MM / 2 * np.sign(rows[-1] - rows[0])
    extent = (
        float(columns[0] - PIXEL_MM / 2),
        float(columns[-1] + PIXEL_MM / 2),
        float(rows[-1] + half),
        float(rows[0] - half),
    )
    return (len(rows), len(columns)), points.reshape(-1, 3), extent


def _dose(placed: PlacedCourse, points: FloatArray) -> FloatArray:
    dose = course_dose(placed, points)
    return np.where(dose.covered, dose.physical_gy(), np.nan)


def _looked_up(image: Image, points: FloatArray) -> npt.NDArray[np.float32]:
    values = ndimage.map_coordinates(
        image.values, image.geometry.indices(points).T, order=1, cval=np.nan
    )
    return np.asarray(values, dtype=np.float32)


def _share(
    structure: DrawnStructure, nodes: Lattice, shape: tuple[int, int]
) -> npt.NDArray[np.float32]:
    inside = inside_lattice(structure.sections, nodes).reshape(shape)
    if len(nodes.z_mm) > 1:
        # Pictures have z upwards.
        inside = inside[::-1]
    share = ndimage.gaussian_filter(inside.astype(np.float32), SMOOTHING_PIXELS)
    return np.asarray(share, dtype=np.float32)
