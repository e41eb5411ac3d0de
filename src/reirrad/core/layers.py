"""Cut a solid into cells: layers across its normal, and square cells in each layer.

A layer has the volume and the centre of mass of the solid there; a cell that the
outline cuts has its covered share as weight and the centroid of the covered part as
position. So volumes and first moments are those of the solid, whatever the spacing.

The lattice lies differently in each layer, and the points of a layer may lie at
different heights in it: rows of points with the same dose would make steps in a dose-
volume curve.
"""

import numpy as np
import numpy.typing as npt

from reirrad.core.cells import cut_cells, fraction, level_shift
from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray
from reirrad.core.signed_distance import between_nodes, node_below
from reirrad.core.solid import (
    BODY,
    CENTRE_U,
    CENTRE_V,
    Tables,
    area_at,
    below,
    frame_at,
    lattice_of,
    piece_at,
    polynomial,
)
from reirrad.core.solid_cells import (
    Cells,
    between,
    copied,
    kept_within,
    room_for,
)

__all__ = ["layer_cells"]

IntArray = npt.NDArray[np.int64]
Lattice = tuple[float, float, float, int, int]
"""Centre (u, v) of the first cell, side, rows, columns."""

CELLS_ACROSS = 6.0
CELLS_IN_THICKNESS = 2.5
FINEST_RATIO = 0.5
FEWEST_CAP_LAYERS = 3
MOST_CELLS = 5e5
# Multiples of these, less their whole part, fill the unit interval and square evenly,
# however many there are.
GOLDEN = 0.6180339887498949
PLASTIC_U, PLASTIC_V = 0.7548776662466927, 0.5698402909980532

# Columns of what is known of a body or hole in one layer.
PIECE_COLUMN, HEIGHT, OUTER_AREA, MOST_AREA, CENTROID = 0, 1, 2, 3, 4


@compiled
def layer_cells(
    tables: Tables,
    body: int,
    holes: IntArray,
    spacing_mm: float,
    centred: bool,
    box: FloatArray,
) -> Cells:
    """Cells of one body without its holes.

    Parameters
    ----------
    tables
        Of the solid.
    body
        Number of the body's stretch.
    holes
        Numbers of the stretches of its holes.
    spacing_mm
        Largest side of a cell and thickness of a layer.
    centred
        Whether points lie at half the height of their layer.
    box
        ``(2, 3)`` lowest and highest (u, v, height) of the cells wanted.

    Returns
    -------
    Cells
    """
    cells = room_for(4096)
    count, number = 0, 0
    first, last = tables.starts[body], tables.starts[body + 1]
    start = first
    while start < last:
        stop = start + 1
        end = tables.pieces[start].end
        # Pieces between planes are cut together, each piece of a cap for itself.
        while end == BODY and stop < last and tables.pieces[stop].end == BODY:
            stop += 1
        low, high = tables.pieces[start].low_mm, tables.pieces[stop - 1].high_mm
        n_layers = max(int(np.ceil((high - low) / spacing_mm - 1e-6)), 1)
        if end != BODY:
            n_layers = max(n_layers, FEWEST_CAP_LAYERS)
        thickness = (high - low) / n_layers
        for n in range(n_layers):
            heights = (low + n * thickness, low + (n + 1) * thickness)
            number += 1
            if heights[1] < box[0, 2] or heights[0] > box[1, 2]:
                continue
            here = _in_layer(tables, body, holes, heights)
            lattice = _lattice(tables, here[0], spacing_mm, number)
            cut = _cut(tables, here, lattice, end, not centred)
            while count + len(cut) > len(cells.volumes_cc):
                cells = copied(cells, count, 2 * len(cells.volumes_cc))
            new = between(cells, count, count + len(cut))
            _fill(new, cut, here, lattice[2], heights, end)
            if not centred and len(cut):
                _spread(tables, body, heights, new.points_mm)
                _centre(tables, here, new)
            count += kept_within(new, box)
        start = stop
    return copied(cells, count, count)


@compiled
def _in_layer(
    tables: Tables, body: int, holes: IntArray, heights: tuple[float, float]
) -> FloatArray:
    """The body, and every hole that reaches there, in a layer: a row each.

    Columns are the piece, the height at which it is cut, mean area, mean area of the
    largest, and height of the centre of mass.
    """
    low, high = heights
    rows = np.empty((1 + len(holes), 5))
    count = 0
    for n in range(1 + len(holes)):
        stretch = body if n == 0 else holes[n - 1]
        lowest = tables.pieces[tables.starts[stretch]].low_mm
        highest = tables.pieces[tables.starts[stretch + 1] - 1].high_mm
        if n > 0 and (lowest >= high or highest <= low):
            continue
        middle = (low + high) / 2.0
        height = min(max(middle, lowest), highest)
        volume, moment, largest = below(tables, stretch, high)
        below_volume, below_moment, below_largest = below(tables, stretch, low)
        volume, moment = volume - below_volume, moment - below_moment
        rows[count, PIECE_COLUMN] = piece_at(tables, stretch, height)
        rows[count, HEIGHT] = height
        rows[count, OUTER_AREA] = max(volume, 0.0) / (high - low)
        rows[count, MOST_AREA] = max(largest - below_largest, 0.0) / (high - low)
        rows[count, CENTROID] = moment / volume if volume > 0.0 else middle
        count += 1
    return rows[:count]


@compiled
def _share_of(tables: Tables, row: FloatArray) -> float:
    piece = tables.pieces[int(row[PIECE_COLUMN])]
    return float((row[HEIGHT] - piece.low_mm) / (piece.high_mm - piece.low_mm))


@compiled
def _lattice(tables: Tables, outer: FloatArray, spacing: float, number: int) -> Lattice:
    """Cells around a section, finer where it is small or thin."""
    shown = max(outer[OUTER_AREA], outer[MOST_AREA], 1e-12)
    n = int(outer[PIECE_COLUMN])
    piece = tables.pieces[n]
    frame = frame_at(tables, n, _share_of(tables, outer), shown)
    side = min(spacing, np.sqrt(shown) / CELLS_ACROSS)
    finest = FINEST_RATIO * side
    low_u, low_v, high_u, high_v = np.inf, np.inf, -np.inf, -np.inf
    for sheet in (tables.sheets[piece.lower], tables.sheets[piece.upper]):
        scale, own_u, own_v = 1.0, 0.0, 0.0
        if piece.aligned:
            scale = frame[2] / np.sqrt(sheet.area_mm2)
            own_u, own_v = sheet.u_mm, sheet.v_mm
        thin = scale * sheet.thickness_mm / CELLS_IN_THICKNESS
        side = min(side, max(thin, finest))
        low_u = min(low_u, frame[0] + (sheet.low_u - own_u) * scale)
        low_v = min(low_v, frame[1] + (sheet.low_v - own_v) * scale)
        high_u = max(high_u, frame[0] + (sheet.high_u - own_u) * scale)
        high_v = max(high_v, frame[1] + (sheet.high_v - own_v) * scale)
    # However long and thin a section is, its lattice fits in memory.
    side = max(side, np.sqrt((high_u - low_u) * (high_v - low_v) / MOST_CELLS))
    corner_u = low_u - (1.5 + fraction(PLASTIC_U * number)) * side
    corner_v = low_v - (1.5 + fraction(PLASTIC_V * number)) * side
    columns = int(np.ceil((high_u - corner_u) / side)) + 2
    rows = int(np.ceil((high_v - corner_v) / side)) + 2
    return corner_u, corner_v, side, rows, columns


@compiled
def _levels(
    tables: Tables, here: FloatArray, areas: FloatArray, lattice: Lattice
) -> FloatArray:
    """Levels of the body less its holes, shifted to have the area that remains."""
    _, _, side, rows, columns = lattice
    wanted = 2.0 * areas[0] - areas.sum()
    if wanted <= 0.0:
        return np.full((rows, columns), -np.inf)
    levels = np.empty((0, 0))
    for n in range(len(here)):
        if areas[n] <= 0.0:
            continue
        number = int(here[n, PIECE_COLUMN])
        piece = tables.pieces[number]
        share = _share_of(tables, here[n])
        frame = frame_at(tables, number, share, areas[n])
        own = np.zeros((rows, columns))
        if piece.lower == piece.upper:
            share = 0.0
        _add_sheet(own, lattice, tables, piece.lower, piece.aligned, frame, 1.0 - share)
        if share > 0.0:
            _add_sheet(own, lattice, tables, piece.upper, piece.aligned, frame, share)
        if n == 0:
            levels = own
            continue
        for row in range(rows):
            for column in range(columns):
                levels[row, column] = min(levels[row, column], -own[row, column])
    levels += level_shift(levels, side, wanted)
    return levels


@compiled
def _add_sheet(
    levels: FloatArray,
    lattice: Lattice,
    tables: Tables,
    number: int,
    aligned: int,
    frame: tuple[float, float, float],
    weight: float,
) -> None:
    """Add the levels of a sheet that is carried to a frame, times a weight."""
    corner_u, corner_v, side, rows, columns = lattice
    sheet = tables.sheets[number]
    nodes = lattice_of(tables.nodes_mm, sheet)
    corner, pitch = (sheet.corner_u, sheet.corner_v), sheet.pitch_mm
    start_u, start_v, ratio = corner_u, corner_v, 1.0
    if aligned:
        ratio = np.sqrt(sheet.area_mm2) / frame[2]
        start_u = sheet.u_mm + (corner_u - frame[0]) * ratio
        start_v = sheet.v_mm + (corner_v - frame[1]) * ratio
    step, scale = side * ratio, weight / ratio
    node, share, beyond = (
        np.empty(columns, np.int64),
        np.empty(columns),
        np.empty(columns),
    )
    for column in range(columns):
        at = (start_u + column * step - corner[0]) / pitch
        node[column], share[column], beyond[column] = node_below(at, sheet.columns)
    for row in range(rows):
        j, y, beyond_v = node_below(
            (start_v + row * step - corner[1]) / pitch, sheet.rows
        )
        for column in range(columns):
            level = between_nodes(nodes, j, node[column], y, share[column])
            if beyond_v != 0.0 or beyond[column] != 0.0:
                level -= pitch * np.hypot(beyond[column], beyond_v)
            levels[row, column] += scale * level


@compiled
def _cut(
    tables: Tables, here: FloatArray, lattice: Lattice, end: int, spread: bool
) -> FloatArray:
    """Cells of one layer at half its height, as :func:`cut_cells` gives them."""
    corner_u, corner_v, side, _, _ = lattice
    levels = _levels(tables, here, here[:, OUTER_AREA], lattice)
    largest = levels
    if end != BODY:
        largest = _levels(tables, here, here[:, MOST_AREA], lattice)
    return cut_cells(levels, largest, (corner_u, corner_v), side, spread)


@compiled
def _fill(
    cells: Cells,
    cut: FloatArray,
    here: FloatArray,
    side: float,
    heights: tuple[float, float],
    end: int,
) -> None:
    """Make cells of the cut ones of a layer, in place."""
    thickness, middle = heights[1] - heights[0], (heights[0] + heights[1]) / 2.0
    # Whatever the lattice makes of a section, the layer has the volume of the solid.
    each = _cc_of_whole(cut[:, 2], here[:, OUTER_AREA], thickness)
    each_largest = each
    if end != BODY:
        each_largest = _cc_of_whole(cut[:, 3], here[:, MOST_AREA], thickness)
    slope = _slope(here, heights)
    for n in range(len(cut)):
        share, most = cut[n, 2], cut[n, 3]
        cells.points_mm[n, 0], cells.points_mm[n, 1] = cut[n, 0], cut[n, 1]
        cells.points_mm[n, 2] = middle
        cells.volumes_cc[n] = each * share
        cells.largest_cc[n] = each_largest * (share if end == BODY else most)
        # A partly covered cell shrinks with its area, so that its parts stay inside.
        extent = side * np.sqrt(share if share > 0.0 else most)
        cells.extents_mm[n, 0], cells.extents_mm[n, 1] = extent, extent
        cells.extents_mm[n, 2] = thickness
        cells.ends[n] = end
        cells.boxes_mm[n, 0], cells.boxes_mm[n, 1] = cut[n, 4], cut[n, 5]
        cells.boxes_mm[n, 2] = middle
        cells.boxes_mm[n, 3], cells.boxes_mm[n, 4] = side, side
        cells.boxes_mm[n, 5] = thickness
        cells.slopes_per_mm[n] = slope


@compiled
def _slope(here: FloatArray, heights: tuple[float, float]) -> float:
    """Change of the area with the height that gives a layer its centre of mass.

    As a share of the mean area, per mm; no more than makes the area nothing at one end.
    """
    thickness, middle = heights[1] - heights[0], (heights[0] + heights[1]) / 2.0
    area, moment = 0.0, 0.0
    for n in range(len(here)):
        own = here[n, OUTER_AREA] if n == 0 else -here[n, OUTER_AREA]
        area += own
        moment += own * (here[n, CENTROID] - middle)
    if area <= 0.0:
        return 0.0
    steepest = 2.0 / thickness
    slope = 12.0 * moment / area / thickness**2
    return float(min(max(slope, -steepest), steepest))


@compiled
def _cc_of_whole(shares: FloatArray, areas: FloatArray, thickness: float) -> float:
    """Volume of a wholly covered cell of a layer, given its areas and all shares."""
    wanted, total = 2.0 * areas[0] - areas.sum(), shares.sum()
    if total <= 0.0:
        return 0.0
    return float(max(wanted, 0.0) * thickness / 1000.0 / total)


@compiled
def _spread(
    tables: Tables, body: int, heights: tuple[float, float], points: FloatArray
) -> None:
    """Put points at heights of their layer as frequent as the body's area there."""
    low, high = heights
    inset = 1e-6 * (high - low)
    at_low = area_at(tables, body, low + inset)
    at_high = area_at(tables, body, high - inset)
    changes = abs(at_high - at_low) > 1e-6 * (at_high + at_low)
    for n in range(len(points)):
        share = fraction(GOLDEN * (n + 1))
        if changes:
            # The inverse of the share of the volume below, for an evenly changing area.
            square = at_low**2 + (at_high**2 - at_low**2) * share
            share = (np.sqrt(square) - at_low) / (at_high - at_low)
        points[n, 2] = low + (high - low) * share


@compiled
def _centre(tables: Tables, here: FloatArray, cells: Cells) -> None:
    """Move the cells of a layer so that its centre of mass is exact; in place."""
    total, found_u, found_v, found_height = 0.0, 0.0, 0.0, 0.0
    points, volumes = cells.points_mm, cells.volumes_cc
    for n in range(len(points)):
        total += volumes[n]
        found_u += volumes[n] * points[n, 0]
        found_v += volumes[n] * points[n, 1]
        found_height += volumes[n] * points[n, 2]
    if total <= 0.0:
        return
    area, u, v, height, aligned = 0.0, 0.0, 0.0, 0.0, True
    for n in range(len(here)):
        piece = int(here[n, PIECE_COLUMN])
        share = _share_of(tables, here[n])
        own = here[n, OUTER_AREA] if n == 0 else -here[n, OUTER_AREA]
        area += own
        u += own * polynomial(tables.curves[piece, CENTRE_U], share)
        v += own * polynomial(tables.curves[piece, CENTRE_V], share)
        height += own * here[n, CENTROID]
        aligned = aligned and tables.pieces[piece].aligned != 0
    for n in range(len(points)):
        points[n, 2] += height / area - found_height / total
        if aligned:
            points[n, 0] += u / area - found_u / total
            points[n, 1] += v / area - found_v / total
