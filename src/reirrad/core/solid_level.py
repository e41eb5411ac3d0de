"""How far inside the solid of a structure a point lies.

The level is the blended signed distance whose sign :meth:`Solid.contains
<reirrad.core.solid.Solid.contains>` tells; its zero is the outline at any height.
"""

import numpy as np

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray, linear_map
from reirrad.core.sections import Sections
from reirrad.core.solid import (
    AREA,
    Tables,
    frame_at,
    piece_at,
    piece_level,
    polynomial,
)

__all__ = ["level_mm"]

FAR_OUTSIDE_MM = -1e3


def level_mm(sections: Sections, points_mm: FloatArray) -> FloatArray:
    """Level of a structure at points of its frame.

    Parameters
    ----------
    sections
        The structure.
    points_mm
        ``(n, 3)``.

    Returns
    -------
    ndarray, shape (n,)
        In mm: about the distance to the outline at the point's height along the normal
        of the sections, positive inside.
    """
    solid = sections.solid
    local = np.ascontiguousarray(linear_map(points_mm, sections.axes))
    level = np.full(len(local), FAR_OUTSIDE_MM)
    for body, holes in enumerate(solid.holes_of):
        own = _levels(solid.tables, body, local)
        for hole in holes:
            own = np.minimum(own, -_levels(solid.tables, hole, local))
        level = np.maximum(level, own)
    return level


@compiled
def _levels(tables: Tables, stretch: int, points: FloatArray) -> FloatArray:
    """Level of one stretch at points (u, v, height), shape (n,)."""
    levels = np.full(len(points), FAR_OUTSIDE_MM)
    for n in range(len(points)):
        height_mm = points[n, 2]
        at = piece_at(tables, stretch, height_mm)
        piece = tables.pieces[at]
        share = (height_mm - piece.low_mm) / (piece.high_mm - piece.low_mm)
        if not 0.0 <= share < 1.0:
            continue
        area = polynomial(tables.curves[at, AREA], share)
        if area > 0.0:
            frame = frame_at(tables, at, share, area)
            point = (points[n, 0], points[n, 1])
            levels[n] = piece_level(tables, at, share, frame, point)
    return levels
