"""The level of a solid on a whole lattice at once.

The same level as :func:`reirrad.core.solid_level.level_mm`, for pictures: every stretch
is looked at only where it can be inside, and what its sections have in common is worked
out once for each plane.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray, linear_map
from reirrad.core.sections import Sections, is_inside
from reirrad.core.signed_distance import level_at
from reirrad.core.solid import (
    AREA,
    Tables,
    frame_at,
    lattice_of,
    piece_at,
    polynomial,
)

__all__ = ["Lattice", "inside_lattice", "lattice_levels"]

DOUBTFUL_MM = 1e-3

SingleArray = npt.NDArray[np.float32]
Window = tuple[int, int, int, int]
"""First row, row after the last, first column, column after the last."""


class Lattice(NamedTuple):
    """Nodes at all combinations of ascending x, y and z, mm."""

    x_mm: FloatArray
    y_mm: FloatArray
    z_mm: FloatArray

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of nodes along z, y and x."""
        return len(self.z_mm), len(self.y_mm), len(self.x_mm)

    def plane_mm(self, number: int) -> FloatArray:
        """Points (x, y, z) of the nodes at one z, shape (y, x, 3)."""
        plane = np.empty((len(self.y_mm), len(self.x_mm), 3))
        plane[..., 0], plane[..., 1] = self.x_mm, self.y_mm[:, None]
        plane[..., 2] = self.z_mm[number]
        return plane


class _Cut(NamedTuple):
    """A stretch at a height; piece -1 where it has no area there."""

    piece: int
    share: float
    frame: tuple[float, float, float]


def lattice_levels(
    sections: Sections, lattice: Lattice, *, outside_mm: float
) -> SingleArray:
    """Level of a structure at the nodes of a lattice along the patient axes.

    Parameters
    ----------
    sections
        The structure.
    lattice
        Nodes in its frame of reference.
    outside_mm
        Below zero: the level is no lower than this anywhere, and this beyond the ends.

    Returns
    -------
    ndarray, shape (z, y, x)
        In mm, positive inside. Where the sections do not lie across z, it is
        interpolated between nodes of a lattice along the sections' own axes.
    """
    if _is_axial(sections):
        return _along_sections(sections, lattice, outside_mm)
    own = _turned(lattice, sections.axes)
    levels = _along_sections(sections, own, outside_mm)
    first = np.array([nodes[0] for nodes in own])
    step = np.array([nodes[1] - nodes[0] for nodes in own])
    found = np.empty(lattice.shape, dtype=np.float32)
    for number in range(len(found)):
        at = (linear_map(lattice.plane_mm(number), sections.axes) - first) / step
        ndimage.map_coordinates(
            levels,
            np.moveaxis(at[..., ::-1], -1, 0),
            output=found[number],
            order=1,
            cval=outside_mm,
        )
    return found


def inside_lattice(sections: Sections, lattice: Lattice) -> npt.NDArray[np.bool_]:
    """Whether nodes lie inside a structure, shape (z, y, x).

    The same as :func:`reirrad.core.sections.is_inside` says of each, sooner.
    """
    planes = range(len(lattice.z_mm))
    if not _is_axial(sections):
        points = [lattice.plane_mm(number).reshape(-1, 3) for number in planes]
        return is_inside(sections, np.concatenate(points)).reshape(lattice.shape)
    levels = _along_sections(sections, lattice, -1.0)
    inside = levels > 0.0
    k, j, i = np.nonzero(np.abs(levels) < DOUBTFUL_MM)
    if not len(k):
        return inside
    doubtful = np.stack([lattice.x_mm[i], lattice.y_mm[j], lattice.z_mm[k]], axis=1)
    inside[k, j, i] = is_inside(sections, doubtful)
    return inside


def _is_axial(sections: Sections) -> bool:
    return bool(np.array_equal(sections.axes, np.eye(3)))


def _turned(lattice: Lattice, axes: FloatArray) -> Lattice:
    """Nodes along the sections' own axes around all nodes of a lattice, as fine."""
    ends = [(float(nodes[0]), float(nodes[-1])) for nodes in lattice]
    corners = np.stack(np.meshgrid(*ends, indexing="ij"), axis=-1).reshape(-1, 3)
    own = linear_map(corners, axes)
    low, high = own.min(axis=0), own.max(axis=0)
    steps = [float(np.diff(nodes).min()) for nodes in lattice if len(nodes) > 1]
    x, y, z = (
        np.arange(low[n], high[n] + 2 * min(steps), min(steps)) for n in range(3)
    )
    return Lattice(x, y, z)


def _along_sections(
    sections: Sections, lattice: Lattice, outside_mm: float
) -> SingleArray:
    solid = sections.solid
    levels = np.full(lattice.shape, outside_mm, dtype=np.float32)
    for body, holes in enumerate(solid.holes_of):
        stretches = np.concatenate([np.array([body]), holes])
        _raise_levels(levels, solid.tables, stretches, (lattice, -outside_mm))
    return levels


@compiled
def _raise_levels(
    levels: SingleArray,
    tables: Tables,
    stretches: npt.NDArray[np.int64],
    wide: tuple[Lattice, float],
) -> None:
    """Raise levels to those of a body, ``stretches[0]``, less its holes, the others.

    ``wide`` has how far around the sections levels are wanted.
    """
    lattice, _ = wide
    whole = (0, levels.shape[1], 0, levels.shape[2])
    for plane in range(len(levels)):
        height_mm = lattice.z_mm[plane]
        cut = _cut(tables, stretches[0], height_mm)
        if cut.piece < 0:
            continue
        window = _window(tables, cut, wide, whole)
        own = _filled(tables, cut, lattice, window)
        for hole in stretches[1:]:
            cut = _cut(tables, hole, height_mm)
            if cut.piece >= 0:
                part = _window(tables, cut, wide, window)
                inner = _filled(tables, cut, lattice, part)
                _take_away(own, inner, window, part)
        shown = levels[plane, window[0] : window[1], window[2] : window[3]]
        for row in range(shown.shape[0]):
            for column in range(shown.shape[1]):
                shown[row, column] = max(shown[row, column], own[row, column])


@compiled
def _take_away(
    own: FloatArray, inner: FloatArray, window: Window, part: Window
) -> None:
    """Lower the levels of a window where a part of it is inside a hole."""
    for row in range(inner.shape[0]):
        for column in range(inner.shape[1]):
            at = (row + part[0] - window[0], column + part[2] - window[2])
            own[at] = min(own[at], -inner[row, column])


@compiled
def _cut(tables: Tables, stretch: int, height_mm: float) -> _Cut:
    piece = piece_at(tables, stretch, height_mm)
    low_mm, high_mm = tables.pieces[piece].low_mm, tables.pieces[piece].high_mm
    share = (height_mm - low_mm) / (high_mm - low_mm)
    area = 0.0
    if 0.0 <= share < 1.0:
        area = polynomial(tables.curves[piece, AREA], share)
    if area <= 0.0:
        return _Cut(-1, 0.0, (0.0, 0.0, 1.0))
    return _Cut(piece, share, frame_at(tables, piece, share, area))


@compiled
def _window(
    tables: Tables, cut: _Cut, wide: tuple[Lattice, float], within: Window
) -> Window:
    """The nodes around the sections of a cut, with a margin."""
    nodes, margin = wide
    piece = tables.pieces[cut.piece]
    low_u, low_v, high_u, high_v = np.inf, np.inf, -np.inf, -np.inf
    for sheet in (tables.sheets[piece.lower], tables.sheets[piece.upper]):
        scale, own_u, own_v, at_u, at_v = 1.0, 0.0, 0.0, 0.0, 0.0
        if piece.aligned:
            scale = cut.frame[2] / np.sqrt(sheet.area_mm2)
            own_u, own_v = sheet.u_mm, sheet.v_mm
            at_u, at_v = cut.frame[0], cut.frame[1]
        low_u = min(low_u, at_u + (sheet.low_u - own_u) * scale)
        low_v = min(low_v, at_v + (sheet.low_v - own_v) * scale)
        high_u = max(high_u, at_u + (sheet.high_u - own_u) * scale)
        high_v = max(high_v, at_v + (sheet.high_v - own_v) * scale)
    top, end = np.searchsorted(nodes.y_mm, np.array([low_v - margin, high_v + margin]))
    left, right = np.searchsorted(
        nodes.x_mm, np.array([low_u - margin, high_u + margin])
    )
    # One node more on each side, so that the level falls below zero in the window.
    top, end = max(top - 1, within[0]), min(end + 1, within[1])
    left, right = max(left - 1, within[2]), min(right + 1, within[3])
    return top, max(end, top), left, max(right, left)


@compiled
def _filled(tables: Tables, cut: _Cut, lattice: Lattice, window: Window) -> FloatArray:
    """Blended level of a cut's sections at the nodes of a window."""
    levels = np.zeros((window[1] - window[0], window[3] - window[2]))
    piece = tables.pieces[cut.piece]
    weight = 1.0 if piece.lower == piece.upper else 1.0 - cut.share
    _add_sheet(levels, (tables, piece.lower), (cut, weight), (lattice, window))
    if piece.lower != piece.upper:
        _add_sheet(levels, (tables, piece.upper), (cut, cut.share), (lattice, window))
    return levels


@compiled
def _add_sheet(
    levels: FloatArray,
    sheets: tuple[Tables, int],
    weighted: tuple[_Cut, float],
    nodes: tuple[Lattice, Window],
) -> None:
    """Add the level of a sheet carried to the frame of a cut, times a weight."""
    tables, number = sheets
    (cut, weight), (lattice, window) = weighted, nodes
    sheet = tables.sheets[number]
    ratio, own_u, own_v, at_u, at_v = 1.0, 0.0, 0.0, 0.0, 0.0
    if tables.pieces[cut.piece].aligned:
        ratio = np.sqrt(sheet.area_mm2) / cut.frame[2]
        own_u, own_v = sheet.u_mm, sheet.v_mm
        at_u, at_v = cut.frame[0], cut.frame[1]
    distances = lattice_of(tables.nodes_mm, sheet)
    corner = (sheet.corner_u, sheet.corner_v)
    for row in range(levels.shape[0]):
        v = own_v + (lattice.y_mm[window[0] + row] - at_v) * ratio
        for column in range(levels.shape[1]):
            u = own_u + (lattice.x_mm[window[2] + column] - at_u) * ratio
            level = level_at(distances, corner, sheet.pitch_mm, u, v)
            levels[row, column] += weight * (level / ratio)
