"""A structure as areas in parallel planes, and the solid that they tell of.

How contours become areas is in :mod:`reirrad.core.drawn_planes`, how areas become a
solid in :mod:`reirrad.core.reconstruction`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from reirrad.core.drawn_planes import Remark, planes_of
from reirrad.core.geometry import FloatArray, linear_map
from reirrad.core.reconstruction import reconstructed
from reirrad.core.solid import Solid
from reirrad.core.structures import Structure

__all__ = ["Section", "Sections", "is_inside", "rings_of", "sections_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """What a structure's contours enclose in one plane, and the slab around it.

    Parameters
    ----------
    region
        Polygon or polygons in the plane's own coordinates (u, v), mm.
    bottom_mm, top_mm
        Half way to the neighbouring planes along the normal.
    """

    region: BaseGeometry
    bottom_mm: float
    top_mm: float

    @property
    def thickness_mm(self) -> float:
        """Thickness of the slab."""
        return self.top_mm - self.bottom_mm


@dataclass(frozen=True, slots=True, eq=False)
class Sections:
    """All sections of one structure, along its normal, and the solid between them.

    Parameters
    ----------
    axes
        ``(3, 3)``: rows are the directions u and v in the plane and the normal, as unit
        vectors in patient coordinates.
    slabs
        Ordered along the normal.
    solid
        In the coordinates u, v and height.
    remarks
        What was decided about contours that do not speak for themselves.
    unsure_cc
        Part of the volume that contours beside the slices may have left out on purpose.
    """

    axes: FloatArray
    slabs: tuple[Section, ...]
    solid: Solid
    remarks: tuple[Remark, ...]
    unsure_cc: float = 0.0

    @property
    def volume_cc(self) -> float:
        """Volume of the solid."""
        return self.solid.volume_cc

    def volume_interval_cc(self) -> tuple[float, float]:
        """Least and largest volume that the contours allow."""
        least, most = self.solid.volume_interval_cc()
        return max(least - self.unsure_cc, 0.0), most


def sections_of(
    structure: Structure, *, slice_spacing_mm: float | None = None
) -> Sections:
    """Combine the contours of a structure into sections, and those into a solid.

    Parameters
    ----------
    structure : Structure
        With at least one contour.
    slice_spacing_mm : float, optional
        Distance between the slices of the image it was drawn on; needed where a
        structure has a single plane, and tells isolated planes from wide spacing.

    Raises
    ------
    InputError
        If its contours are not flat, not parallel, enclose nothing, or if the thickness
        of a single plane is unknown.
    """
    drawn = planes_of(structure, slice_spacing_mm=slice_spacing_mm)
    slabs = tuple(
        Section(
            plane.region,
            plane.height_mm - plane.below_mm / 2.0,
            plane.height_mm + plane.above_mm / 2.0,
        )
        for plane in drawn.planes
    )
    solid = reconstructed(drawn.planes)
    return Sections(drawn.axes, slabs, solid, drawn.remarks, drawn.unsure_cc)


def is_inside(sections: Sections, points_mm: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether points, shape (n, 3), lie inside the solid of a structure."""
    points = np.asarray(points_mm, dtype=np.float64)
    return sections.solid.contains(linear_map(points, sections.axes))


def rings_of(region: BaseGeometry) -> list[FloatArray]:
    """Borders of a region: counter-clockwise outside, clockwise around holes.

    Returns
    -------
    list of ndarray, shape (n, 2)
        Without a repeated last vertex.
    """
    rings = []
    for polygon in shapely.get_parts(region):
        oriented = shapely.orient_polygons(polygon)
        rings.append(shapely.get_coordinates(oriented.exterior)[:-1])
        rings += [shapely.get_coordinates(hole)[:-1] for hole in oriented.interiors]
    return rings
