"""The solid that a structure's sections were taken from, as far as they tell it.

A solid is made of *stretches*, in which one section follows from the one below; a
stretch is a sequence of *pieces*, each between two neighbouring sections or beyond the
last one. Bodies are stretches that add, holes are stretches that are taken away from
the bodies they pierce.

Between two planes the outline is the zero level of the blended signed distances of both
sections. Where it makes them more alike, they are first moved onto a common centre and
scaled to a common area, so that a ball, a tilted ellipsoid or a cone comes out exactly.
Area and centre are polynomials of the height, and where points are sampled the blended
outline is shifted to have that area: volumes do not depend on any lattice.

Everything is kept in a few tables, so that the loops over it can be compiled.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray
from reirrad.core.signed_distance import level_at

__all__ = [
    "AREA",
    "BODY",
    "BOTTOM",
    "CENTRE_U",
    "CENTRE_V",
    "LARGEST",
    "PIECE",
    "SHEET",
    "TOP",
    "Solid",
    "Tables",
    "area_at",
    "below",
    "frame_at",
    "integrals",
    "lattice_of",
    "piece_at",
    "piece_level",
    "polynomial",
    "sheet_level",
]

BODY, BOTTOM, TOP = 0, 1, 2
AREA, LARGEST, CENTRE_U, CENTRE_V = 0, 1, 2, 3

SHEET = np.dtype(
    [
        ("height_mm", "f8"),
        ("area_mm2", "f8"),
        ("u_mm", "f8"),
        ("v_mm", "f8"),
        ("thickness_mm", "f8"),
        ("low_u", "f8"),
        ("low_v", "f8"),
        ("high_u", "f8"),
        ("high_v", "f8"),
        ("first_node", "i8"),
        ("rows", "i8"),
        ("columns", "i8"),
        ("corner_u", "f8"),
        ("corner_v", "f8"),
        ("pitch_mm", "f8"),
    ]
)
"""One section: height, area and centre; thickness (twice the area by the length of the
outline: the width of a strip, the radius of a disc); the box around it; and the lattice
of its signed distances: first node in the table of nodes, rows, columns, place,
pitch."""

PIECE = np.dtype(
    [
        ("low_mm", "f8"),
        ("high_mm", "f8"),
        ("lower", "i8"),
        ("upper", "i8"),
        ("aligned", "i8"),
        ("end", "i8"),
        ("volume_below", "f8"),
        ("moment_below", "f8"),
        ("largest_below", "f8"),
    ]
)
"""A stretch between two heights: the sheets that are blended (the same one twice beyond
the last plane), whether they are moved and scaled onto each other, BODY between planes
or BOTTOM or TOP beyond them; and of what lies below it in the stretch the volume, its
first moment along the normal, and the volume of the largest plausible solid."""


Record = Any
"""One record of SHEET or PIECE; compiled loops know its fields."""


class Tables(NamedTuple):
    """The tables of a solid.

    Parameters
    ----------
    nodes_mm
        Signed distances of all sheets, lattice after lattice.
    sheets, pieces
        Records of SHEET and PIECE.
    curves
        ``(pieces, 4, 4)``: AREA, LARGEST plausible area, CENTRE_U and CENTRE_V of each
        piece, as coefficients of the powers 0 to 3 of the share of the way up.
    starts
        First piece of each stretch, bodies before holes, and the number of pieces.
    """

    nodes_mm: npt.NDArray[np.float32]
    sheets: npt.NDArray[np.void]
    pieces: npt.NDArray[np.void]
    curves: FloatArray
    starts: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """Bodies and the holes in them.

    Parameters
    ----------
    tables
        Stretches of bodies first, then those of holes.
    holes_of
        For each body, the stretches of the holes that pierce it.
    """

    tables: Tables
    holes_of: tuple[npt.NDArray[np.int64], ...]

    @property
    def volume_cc(self) -> float:
        """Volume of the bodies less that of the holes."""
        return self._volumes_mm3()[0] / 1000.0

    def volume_interval_cc(self) -> tuple[float, float]:
        """Least and largest volume that the contours allow."""
        _, least, most = self._volumes_mm3()
        return least / 1000.0, most / 1000.0

    def _volumes_mm3(self) -> tuple[float, float, float]:
        pairs = [(body, hole) for body, of in enumerate(self.holes_of) for hole in of]
        pierced = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return _volumes_mm3(self.tables, len(self.holes_of), pierced)

    def contains(self, points: FloatArray) -> npt.NDArray[np.bool_]:
        """Whether points (u, v, height), shape (n, 3), lie inside."""
        inside = np.zeros(len(points), dtype=np.bool_)
        points = np.ascontiguousarray(points)
        for body, holes in enumerate(self.holes_of):
            _mark_inside(inside, points, self.tables, body, holes)
        return inside


@compiled
def polynomial(coefficients: FloatArray, at: float) -> float:
    """Value of a cubic given by its four coefficients, lowest power first."""
    value = coefficients[3]
    for n in range(2, -1, -1):
        value = value * at + coefficients[n]
    return float(value)


@compiled
def integrals(tables: Tables, piece: int, share: float) -> tuple[float, float, float]:
    """Volume, first moment along the normal and largest volume of a piece's lower part.

    Parameters
    ----------
    share
        Of the piece's length, 1 for the whole.
    """
    low = tables.pieces[piece].low_mm
    length = tables.pieces[piece].high_mm - low
    volume, moment, largest = 0.0, 0.0, 0.0
    power = share
    for n in range(4):
        volume += tables.curves[piece, AREA, n] * power / (n + 1)
        largest += tables.curves[piece, LARGEST, n] * power / (n + 1)
        power *= share
        moment += tables.curves[piece, AREA, n] * power / (n + 2)
    return length * volume, length * (low * volume + length * moment), length * largest


@compiled
def _volumes_mm3(
    tables: Tables, n_bodies: int, pierced: npt.NDArray[np.int64]
) -> tuple[float, float, float]:
    """Volume, least and largest plausible volume.

    ``pierced`` has a row (body, hole) for each hole in each body. A hole that ends
    within its body ends independently of it; one that is open at the body's end has
    the same cap.
    """
    volume, least, most = 0.0, 0.0, 0.0
    for stretch in range(len(tables.starts) - 1):
        for n in range(tables.starts[stretch], tables.starts[stretch + 1]):
            own, _, largest = integrals(tables, n, 1.0)
            certain = own if tables.pieces[n].end == BODY else 0.0
            if stretch < n_bodies:
                volume, least, most = volume + own, least + certain, most + largest
                continue
            middle = (tables.pieces[n].low_mm + tables.pieces[n].high_mm) / 2.0
            within = False
            for body, hole in pierced:
                around = tables.pieces[piece_at(tables, body, middle)]
                within = within or (
                    hole == stretch
                    and around.end == BODY
                    and around.low_mm <= middle <= around.high_mm
                )
            if within:
                certain, largest = largest, certain
            volume, least, most = volume - own, least - certain, most - largest
    return volume, least, most


@compiled
def piece_at(tables: Tables, stretch: int, height_mm: float) -> int:
    """Piece of a stretch around a height, the first or last one beyond the ends."""
    first, last = tables.starts[stretch], tables.starts[stretch + 1] - 1
    while first < last:
        middle = (first + last) // 2
        if height_mm >= tables.pieces[middle].high_mm:
            first = middle + 1
        else:
            last = middle
    return int(first)


@compiled
def below(tables: Tables, stretch: int, height_mm: float) -> tuple[float, float, float]:
    """What a stretch has below a height.

    Returns
    -------
    volume, moment, largest
        Volume (mm3), its first moment along the normal (mm4), and volume of the
        largest plausible solid (mm3).
    """
    n = piece_at(tables, stretch, height_mm)
    piece = tables.pieces[n]
    share = (height_mm - piece.low_mm) / (piece.high_mm - piece.low_mm)
    volume, moment, largest = integrals(tables, n, min(max(share, 0.0), 1.0))
    return (
        piece.volume_below + volume,
        piece.moment_below + moment,
        piece.largest_below + largest,
    )


@compiled
def area_at(tables: Tables, stretch: int, height_mm: float) -> float:
    """Area of a stretch at a height."""
    n = piece_at(tables, stretch, height_mm)
    piece = tables.pieces[n]
    share = (height_mm - piece.low_mm) / (piece.high_mm - piece.low_mm)
    if not 0.0 <= share <= 1.0:
        return 0.0
    return max(polynomial(tables.curves[n, AREA], share), 0.0)


@compiled
def frame_at(
    tables: Tables, piece: int, share: float, area_mm2: float
) -> tuple[float, float, float]:
    """Centre (u, v) and size that the sections of a piece are carried to."""
    if not tables.pieces[piece].aligned:
        return 0.0, 0.0, 1.0
    return (
        polynomial(tables.curves[piece, CENTRE_U], share),
        polynomial(tables.curves[piece, CENTRE_V], share),
        np.sqrt(area_mm2),
    )


@compiled
def lattice_of(
    nodes_mm: npt.NDArray[np.float32], sheet: Record
) -> npt.NDArray[np.float32]:
    """Signed distances of a sheet, ``(rows, columns)``."""
    nodes = nodes_mm[sheet.first_node : sheet.first_node + sheet.rows * sheet.columns]
    return nodes.reshape((sheet.rows, sheet.columns))


@compiled
def sheet_level(
    nodes_mm: npt.NDArray[np.float32],
    sheet: Record,
    frame: tuple[float, float, float],
    point: tuple[float, float],
    aligned: bool,
) -> float:
    """Level of a sheet that is carried to a frame.

    Parameters
    ----------
    nodes_mm, sheet
        Table of nodes, and one of the records of SHEET.
    frame
        Centre (u, v) and size.
    point
        Where it is asked, (u, v).
    aligned
        Whether the sheet is moved and scaled to the frame; else it stays where it is.
    """
    u, v, ratio = point[0], point[1], 1.0
    if aligned:
        ratio = np.sqrt(sheet.area_mm2) / frame[2]
        u = sheet.u_mm + (u - frame[0]) * ratio
        v = sheet.v_mm + (v - frame[1]) * ratio
    corner = (sheet.corner_u, sheet.corner_v)
    lattice = lattice_of(nodes_mm, sheet)
    return level_at(lattice, corner, sheet.pitch_mm, u, v) / ratio


@compiled
def piece_level(
    tables: Tables,
    piece: int,
    share: float,
    frame: tuple[float, float, float],
    point: tuple[float, float],
) -> float:
    """Blended level of a piece's sections at a point (u, v)."""
    own = tables.pieces[piece]
    aligned = own.aligned != 0
    nodes, lower = tables.nodes_mm, tables.sheets[own.lower]
    level = sheet_level(nodes, lower, frame, point, aligned)
    if own.upper != own.lower:
        upper = sheet_level(nodes, tables.sheets[own.upper], frame, point, aligned)
        level = (1.0 - share) * level + share * upper
    return level


@compiled
def _is_within(
    tables: Tables, stretch: int, u: float, v: float, height_mm: float
) -> bool:
    n = piece_at(tables, stretch, height_mm)
    piece = tables.pieces[n]
    share = (height_mm - piece.low_mm) / (piece.high_mm - piece.low_mm)
    if not 0.0 <= share < 1.0:
        return False
    area = polynomial(tables.curves[n, AREA], share)
    if area <= 0.0:
        return False
    frame = frame_at(tables, n, share, area)
    return piece_level(tables, n, share, frame, (u, v)) >= 0.0


@compiled
def _mark_inside(
    inside: npt.NDArray[np.bool_],
    points: FloatArray,
    tables: Tables,
    body: int,
    holes: npt.NDArray[np.int64],
) -> None:
    """Mark the points that lie in a body and in none of its holes."""
    first, last = tables.starts[body], tables.starts[body + 1] - 1
    low, high = tables.pieces[first].low_mm, tables.pieces[last].high_mm
    for n in range(len(points)):
        u, v, height = points[n, 0], points[n, 1], points[n, 2]
        # Most points lie above or below most bodies.
        if inside[n] or not low <= height < high:
            continue
        if not _is_within(tables, body, u, v, height):
            continue
        within = True
        for hole in holes:
            within = within and not _is_within(tables, hole, u, v, height)
        inside[n] = within
