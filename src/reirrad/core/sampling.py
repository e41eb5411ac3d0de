"""A structure as points, each standing for a volume.

The solid is cut into layers across its normal, each layer into square cells. A layer has
the volume and the centre of mass of the solid there, a cell that the outline cuts its
covered share as weight and the centroid of the covered part as position, so volumes and
first moments are those of the solid, whatever the spacing.

The lattice lies differently in each layer, and the points of a layer at different heights
in it: rows of points with the same dose would make steps in a dose-volume curve.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray, GridGeometry, linear_map
from reirrad.core.reconstruction import sampling_spacing_mm
from reirrad.core.sections import Sections
from reirrad.core.signed_distance import add_levels, cut_cells, level_shift
from reirrad.core.solid import BODY, BOTTOM, TOP, Piece, Stretch

__all__ = [
    "SamplePoints",
    "grid_cells",
    "plausible_volumes_cc",
    "sample",
    "sampling_spacing_mm",
    "split",
]

CELLS_ACROSS = 6.0
CELLS_IN_THICKNESS = 2.5
FINEST_RATIO = 0.25
FEWEST_CAP_LAYERS = 3
# Multiples of these, less their whole part, fill the unit interval, square and so on
# evenly, however many there are.
GOLDEN = 0.6180339887498949
PLASTIC = (0.7548776662466927, 0.5698402909980532)


@dataclass(frozen=True, slots=True, eq=False)
class SamplePoints:
    """Points that stand for a volume.

    Parameters
    ----------
    points_mm
        ``(n, 3)`` positions.
    volumes_cc
        ``(n,)`` volume that each point stands for.
    extents_mm
        ``(n, 3)`` size of each point's cell along `axes`.
    axes
        ``(3, 3)``: rows are the unit vectors of the cells' edges.
    largest_cc
        ``(n,)`` volume in the largest plausible solid; may be above zero where
        `volumes_cc` is zero. None where nothing is in doubt.
    ends
        ``(n,)`` BODY for points between the contours, BOTTOM and TOP for those beyond.
    """

    points_mm: FloatArray
    volumes_cc: FloatArray
    extents_mm: FloatArray
    axes: FloatArray
    largest_cc: FloatArray | None = None
    ends: npt.NDArray[np.int8] | None = None

    @property
    def volume_cc(self) -> float:
        """Total volume."""
        return float(self.volumes_cc.sum())

    @property
    def radii_mm(self) -> FloatArray:
        """Distance from each point to the corners of its cell, shape (n,)."""
        return np.asarray(np.linalg.norm(self.extents_mm, axis=1) / 2.0)

    def where(self, chosen: npt.NDArray[np.bool_]) -> "SamplePoints":
        """The chosen points alone."""
        return SamplePoints(
            self.points_mm[chosen],
            self.volumes_cc[chosen],
            self.extents_mm[chosen],
            self.axes,
            None if self.largest_cc is None else self.largest_cc[chosen],
            None if self.ends is None else self.ends[chosen],
        )


def plausible_volumes_cc(samples: SamplePoints) -> list[FloatArray]:
    """What the points stand for if the solid ends elsewhere, ``(n,)`` each.

    Without caps, with the largest ones, and with those at one end only; empty where
    nothing is in doubt.
    """
    if samples.largest_cc is None or samples.ends is None:
        return []
    result = []
    for present in ((), (BOTTOM, TOP), (BOTTOM,), (TOP,)):
        capped = np.isin(samples.ends, np.array([BODY, *present], dtype=np.int8))
        result.append(np.where(capped, samples.largest_cc, 0.0))
    return result


def sample(sections: Sections, *, spacing_mm: float | None = None) -> SamplePoints:
    """Sample the inside of a structure.

    Parameters
    ----------
    sections : Sections
    spacing_mm : float, optional
        Side of the cells; by default chosen from the volume.

    Returns
    -------
    SamplePoints
        In the frame of reference of the structure.
    """
    spacing = spacing_mm or sampling_spacing_mm(sections.volume_cc)
    solid = sections.solid
    parts = []
    for body in solid.bodies:
        holes = solid.holes_of(body)
        for number, layer in enumerate(_layers(body, spacing)):
            parts.append(_cells(body, holes, layer, number, spacing))
    cells = np.concatenate(parts)
    local = np.ascontiguousarray(cells[:, :3])
    return SamplePoints(
        points_mm=linear_map(local, sections.axes.T),
        volumes_cc=cells[:, 3].copy(),
        extents_mm=cells[:, 4:7].copy(),
        axes=sections.axes,
        largest_cc=cells[:, 7].copy(),
        ends=cells[:, 8].astype(np.int8),
    )


class _Layer(NamedTuple):
    """A range of heights, and where it lies: BODY, BOTTOM or TOP."""

    low_mm: float
    high_mm: float
    end: int

    @property
    def thickness_mm(self) -> float:
        return self.high_mm - self.low_mm

    @property
    def middle_mm(self) -> float:
        return (self.low_mm + self.high_mm) / 2.0


class _Slab(NamedTuple):
    """What a stretch has in a layer: mean areas, and height of the centre of mass."""

    piece: Piece
    height_mm: float
    area_mm2: float
    largest_mm2: float
    centroid_mm: float


class _Lattice(NamedTuple):
    """Square cells: centre (u, v) of the first, their side and their numbers."""

    corner: tuple[float, float]
    side_mm: float
    shape: tuple[int, int]


def _layers(body: Stretch, spacing: float) -> list[_Layer]:
    """Cut a stretch into layers of at most the spacing, each cap for itself."""
    zones: list[list[Piece]] = []
    for piece in body.pieces:
        if zones and piece.end == BODY == zones[-1][-1].end:
            zones[-1].append(piece)
        else:
            zones.append([piece])
    layers = []
    for zone in zones:
        low, high, end = zone[0].low_mm, zone[-1].high_mm, zone[0].end
        count = max(int(np.ceil((high - low) / spacing - 1e-6)), 1)
        if end != BODY:
            count = max(count, FEWEST_CAP_LAYERS)
        heights = np.linspace(low, high, count + 1).tolist()
        layers += [_Layer(a, b, end) for a, b in pairwise(heights)]
    return layers


def _slab(stretch: Stretch, layer: _Layer) -> _Slab:
    height = min(max(layer.middle_mm, stretch.low_mm), stretch.high_mm)
    volume, moment, largest = stretch.below(layer.high_mm) - stretch.below(layer.low_mm)
    return _Slab(
        stretch.piece_at(height),
        height,
        max(volume, 0.0) / layer.thickness_mm,
        max(largest, 0.0) / layer.thickness_mm,
        moment / volume if volume > 0.0 else layer.middle_mm,
    )


def _cells(
    body: Stretch, holes: Sequence[Stretch], layer: _Layer, number: int, spacing: float
) -> FloatArray:
    """Cells of one layer.

    Returns
    -------
    ndarray, shape (n, 9)
        Point (u, v, height), volume in cc, extents, largest plausible volume, end.
    """
    outer = _slab(body, layer)
    inner = [
        _slab(hole, layer)
        for hole in holes
        if hole.low_mm < layer.high_mm and hole.high_mm > layer.low_mm
    ]
    lattice = _lattice(outer, spacing, number)
    area = outer.area_mm2 - sum(hole.area_mm2 for hole in inner)
    most = outer.largest_mm2 - sum(hole.largest_mm2 for hole in inner)
    levels = _levels(
        lattice, [(s.piece, s.height_mm, s.area_mm2) for s in (outer, *inner)], area
    )
    largest = levels
    if layer.end != BODY:
        sections = [(s.piece, s.height_mm, s.largest_mm2) for s in (outer, *inner)]
        largest = _levels(lattice, sections, most)
    cut = cut_cells(levels, largest, lattice.corner, lattice.side_mm)
    cells = np.empty((len(cut), 9))
    cells[:, :2] = cut[:, :2]
    cells[:, 2] = _heights_mm(body, layer, len(cut))
    # Whatever the lattice makes of a section, the layer has the volume of the solid.
    for column, shares, wanted in ((3, cut[:, 2], area), (7, cut[:, 3], most)):
        total = shares.sum()
        volume_cc = max(wanted, 0.0) * layer.thickness_mm / 1000.0
        cells[:, column] = shares * (volume_cc / total if total > 0.0 else 0.0)
    if layer.end == BODY:
        cells[:, 7] = cells[:, 3]
    # A partly covered cell shrinks with its area, so that its parts stay inside.
    shown = np.where(cut[:, 2] > 0.0, cut[:, 2], cut[:, 3])
    cells[:, 4:6] = lattice.side_mm * np.sqrt(shown)[:, None]
    cells[:, 6] = layer.thickness_mm
    cells[:, 8] = layer.end
    if area > 0.0 and len(cells):
        _centre(cells, outer, inner)
    return cells


def _lattice(outer: _Slab, spacing: float, number: int) -> _Lattice:
    """Cells around a section, finer where it is small or thin."""
    shown = max(outer.area_mm2, outer.largest_mm2)
    sections = outer.piece.sections(outer.height_mm, shown)
    side = min(spacing, np.sqrt(shown) / CELLS_ACROSS)
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for sheet, (_, own, there, _) in zip(
        (outer.piece.lower, outer.piece.upper), sections, strict=False
    ):
        scale = there.size_mm / own.size_mm
        thin = scale * sheet.thickness_mm / CELLS_IN_THICKNESS
        side = min(side, max(thin, FINEST_RATIO * side))
        centre, there_centre = np.array(own[:2]), np.array(there[:2])
        low = np.minimum(low, there_centre + (sheet.low_mm - centre) * scale)
        high = np.maximum(high, there_centre + (sheet.high_mm - centre) * scale)
    shift = (np.array(PLASTIC) * (number + 1)) % 1.0
    corner = low - (1.5 + shift) * side
    columns, rows = (int(n) + 2 for n in np.ceil((high - corner) / side))
    return _Lattice((float(corner[0]), float(corner[1])), float(side), (rows, columns))


def _levels(
    lattice: _Lattice, sections: Sequence[tuple[Piece, float, float]], area_mm2: float
) -> FloatArray:
    """Levels of the first section less the others, shifted to have an area."""
    levels = np.full(lattice.shape, -np.inf)
    if area_mm2 <= 0.0:
        return levels
    for number, (piece, height_mm, own_area) in enumerate(sections):
        if own_area <= 0.0:
            continue
        here = np.zeros(lattice.shape)
        for section in piece.sections(height_mm, own_area):
            add_levels(here, lattice.corner, lattice.side_mm, section)
        levels = here if number == 0 else np.minimum(levels, -here)
    return levels + level_shift(levels, lattice.side_mm, area_mm2)


def _heights_mm(body: Stretch, layer: _Layer, count: int) -> FloatArray:
    """Heights in a layer, as frequent as the body's area there."""
    evenly = (GOLDEN * np.arange(1, count + 1)) % 1.0
    inset = 1e-6 * layer.thickness_mm
    low = body.area_at(layer.low_mm + inset)
    high = body.area_at(layer.high_mm - inset)
    if low + high > 0.0 and abs(high - low) > 1e-6 * (low + high):
        # The inverse of the share of the volume below, for an area that changes evenly.
        root = np.sqrt(low * low + (high * high - low * low) * evenly)
        evenly = (root - low) / (high - low)
    return layer.low_mm + layer.thickness_mm * evenly


def _centre(cells: FloatArray, outer: _Slab, inner: Sequence[_Slab]) -> None:
    """Move the cells of a layer so that its centre of mass is exact; in place."""
    weights = cells[:, 3]
    found = weights @ cells[:, :3] / weights.sum()
    areas = np.array([outer.area_mm2, *(-hole.area_mm2 for hole in inner)])
    slabs = (outer, *inner)
    height = areas @ [slab.centroid_mm for slab in slabs] / areas.sum()
    cells[:, 2] += height - found[2]
    if all(slab.piece.aligned for slab in slabs):
        centres = np.array([slab.piece.centre(slab.height_mm) for slab in slabs])
        cells[:, :2] += areas @ centres / areas.sum() - found[:2]


def grid_cells(geometry: GridGeometry, chosen: npt.NDArray[np.bool_]) -> SamplePoints:
    """The chosen voxels of a grid as sample points.

    Parameters
    ----------
    geometry : GridGeometry
    chosen : ndarray of bool, shape (k, j, i)
    """
    indices = np.argwhere(chosen)
    count = len(indices)
    spacing = np.asarray(geometry.spacing_mm)
    return SamplePoints(
        geometry.points_mm(indices),
        np.full(count, geometry.voxel_volume_cc),
        np.broadcast_to(spacing, (count, 3)),
        (geometry.affine[:3, :3] / spacing).T,
    )


def split(samples: SamplePoints) -> SamplePoints:
    """Halve every cell along each edge: eight points for one, of the same volume."""
    corners = (np.indices((2, 2, 2)).reshape(3, -1).T - 0.5) / 2.0
    offsets = linear_map(samples.extents_mm[:, None, :] * corners, samples.axes.T)
    largest, ends = samples.largest_cc, samples.ends
    return SamplePoints(
        (samples.points_mm[:, None, :] + offsets).reshape(-1, 3),
        np.repeat(samples.volumes_cc / 8.0, 8),
        np.repeat(samples.extents_mm / 2.0, 8, axis=0),
        samples.axes,
        None if largest is None else np.repeat(largest / 8.0, 8),
        None if ends is None else np.repeat(ends, 8),
    )
