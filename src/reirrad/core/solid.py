"""The solid that a structure's sections were taken from, as far as they tell it.

Sections that overlap in neighbouring planes belong together. As long as one part faces
one part they form a *stretch*; where parts split or merge, the planes on both sides form
a short stretch of their own. Holes are stretches too, taken away from the bodies whose
sections they pierce.

Between two planes the outline is the zero level of the blended signed distances of both
sections. Where it makes them more alike, they are first moved onto a common centre and
scaled to a common area, so that a ball, a tilted ellipsoid or a cone comes out exactly.
Area and centre follow the cubic through the nearest four planes, and the blended outline
is shifted to have that area: volumes do not depend on any lattice.

Beyond the last plane nothing is drawn, and the contours decide little
(``docs/decisions/0013-between-and-beyond-slices.md``). :mod:`reirrad.core.caps` states
what is assumed there, and how far the solid may plausibly reach instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray
from reirrad.core.signed_distance import Frame, Levels, point_levels

__all__ = [
    "BODY",
    "BOTTOM",
    "TOP",
    "Piece",
    "Section",
    "Sheet",
    "Solid",
    "Stretch",
    "body_pieces",
    "polynomial",
]

BODY, BOTTOM, TOP = 0, 1, 2
PLAIN = Frame(0.0, 0.0, 1.0)
LEAST_AREA, MOST_AREA = 0.25, 1.5
"""Bounds of the area between two planes, in units of the smaller and the larger."""
COMPARED_VERTICES = 48

Section = tuple[Levels, Frame, Frame, float]
"""Levels, their own frame, the frame they are carried to, and their weight."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """What one plane of a stretch holds.

    Parameters
    ----------
    height_mm
        Position along the normal.
    ring
        ``(n, 2)`` vertices of all outlines.
    low_mm, high_mm
        ``(2,)`` corners of the box around them.
    levels
        Signed distances around them.
    area_mm2, u_mm, v_mm
        Area and centre.
    thickness_mm
        Twice the area by the length of the outline: the width of a strip, the radius of
        a disc.
    parts
        Plane and number of the parts that it is made of.
    """

    height_mm: float
    ring: FloatArray
    low_mm: FloatArray
    high_mm: FloatArray
    levels: Levels
    area_mm2: float
    u_mm: float
    v_mm: float
    thickness_mm: float
    parts: frozenset[tuple[int, int]]

    @property
    def frame(self) -> Frame:
        """Centre, and square root of the area."""
        return Frame(self.u_mm, self.v_mm, float(np.sqrt(self.area_mm2)))


class Piece(NamedTuple):
    """A stretch between two heights, with area and centre as polynomials.

    Coefficients are those of the powers 0 to 3 of the share of the way up.

    Parameters
    ----------
    low_mm, high_mm
        Heights.
    area, largest
        Area, and area of the largest plausible solid, mm2.
    u, v
        Centre.
    lower, upper
        Sheets that are blended; the same sheet twice beyond the last plane.
    aligned
        Whether they are moved and scaled onto each other.
    end
        BODY between planes, BOTTOM or TOP beyond them.
    """

    low_mm: float
    high_mm: float
    area: FloatArray
    largest: FloatArray
    u: FloatArray
    v: FloatArray
    lower: Sheet
    upper: Sheet
    aligned: bool
    end: int

    @property
    def length_mm(self) -> float:
        """Distance of its ends."""
        return self.high_mm - self.low_mm

    def centre(self, height_mm: float) -> tuple[float, float]:
        """Centre (u, v) of the section at a height."""
        at = (height_mm - self.low_mm) / self.length_mm
        return float(polynomial(self.u, at)), float(polynomial(self.v, at))

    def sections(self, height_mm: float, area_mm2: float) -> tuple[Section, ...]:
        """What is blended at a height, carried to its centre there and to an area."""
        at = (height_mm - self.low_mm) / self.length_mm
        there = PLAIN
        if self.aligned:
            there = Frame(*self.centre(height_mm), float(np.sqrt(area_mm2)))
        own = (self.lower.frame, self.upper.frame) if self.aligned else (PLAIN, PLAIN)
        if self.lower is self.upper:
            return ((self.lower.levels, own[0], there, 1.0),)
        return (
            (self.lower.levels, own[0], there, 1.0 - at),
            (self.upper.levels, own[1], there, at),
        )


@dataclass(frozen=True, eq=False)
class Stretch:
    """Part of a solid in which one section follows from the one below.

    ``pieces`` are ordered along the normal and follow one another without a gap.
    """

    pieces: tuple[Piece, ...]
    parts: frozenset[tuple[int, int]]

    @cached_property
    def _table(self) -> tuple[FloatArray, FloatArray]:
        """Heights of the joints, and what lies below each, ``(n, 3)``."""
        heights = np.array([p.low_mm for p in self.pieces] + [self.high_mm])
        whole = [_integrals(piece, 1.0) for piece in self.pieces]
        return heights, np.vstack([np.zeros(3), np.cumsum(whole, axis=0)])

    @property
    def low_mm(self) -> float:
        """Lowest height that it could reach."""
        return self.pieces[0].low_mm

    @property
    def high_mm(self) -> float:
        """Highest height that it could reach."""
        return self.pieces[-1].high_mm

    @property
    def volume_mm3(self) -> float:
        """Volume."""
        return float(self._table[1][-1, 0])

    def piece_at(self, height_mm: float) -> Piece:
        """Piece around a height, the first or last one beyond the ends."""
        number = np.searchsorted(self._table[0][1:-1], height_mm, side="right")
        return self.pieces[int(number)]

    def below(self, height_mm: float) -> FloatArray:
        """What lies below a height.

        Returns
        -------
        ndarray, shape (3,)
            Volume (mm3), its first moment along the normal (mm4), and volume of the
            largest plausible solid (mm3).
        """
        heights, sums = self._table
        inside = min(max(height_mm, heights[0]), heights[-1])
        number = int(np.searchsorted(heights[1:-1], inside, side="right"))
        piece = self.pieces[number]
        share = (inside - piece.low_mm) / piece.length_mm
        return np.asarray(sums[number] + _integrals(piece, share))

    def area_at(self, height_mm: float) -> float:
        """Area of the section at a height."""
        if not self.low_mm <= height_mm <= self.high_mm:
            return 0.0
        piece = self.piece_at(height_mm)
        at = (height_mm - piece.low_mm) / piece.length_mm
        return max(float(polynomial(piece.area, at)), 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """Bodies and the holes in them.

    Parameters
    ----------
    bodies, holes
        Stretches; a hole is taken away from the bodies that share a part with it.
    """

    bodies: tuple[Stretch, ...]
    holes: tuple[Stretch, ...]

    @property
    def volume_cc(self) -> float:
        """Volume of the bodies less that of the holes."""
        volume = sum(body.volume_mm3 for body in self.bodies)
        return float(volume - sum(hole.volume_mm3 for hole in self.holes)) / 1000.0

    def volume_interval_cc(self) -> tuple[float, float]:
        """Volume with no cap at all, and with the largest plausible ones."""
        least, most = 0.0, 0.0
        for sign, stretches in ((1.0, self.bodies), (-1.0, self.holes)):
            for piece in (p for s in stretches for p in s.pieces):
                length = sign * piece.length_mm / 1000.0
                most += length * float(_mean(piece.largest))
                if piece.end == BODY:
                    least += length * float(_mean(piece.area))
        return least, most

    def holes_of(self, body: Stretch) -> tuple[Stretch, ...]:
        """Holes that pierce a body."""
        return tuple(hole for hole in self.holes if hole.parts & body.parts)

    def contains(self, points: FloatArray) -> npt.NDArray[np.bool_]:
        """Whether points (u, v, height), shape (n, 3), lie inside."""
        inside = np.zeros(len(points), dtype=np.bool_)
        for body in self.bodies:
            within = _within(body, points)
            for hole in self.holes_of(body):
                asked = np.flatnonzero(within)
                within[asked] &= ~_within(hole, points[asked])
            inside |= within
        return inside


def polynomial(coefficients: FloatArray, at: npt.ArrayLike) -> FloatArray:
    """Value of a polynomial given by its coefficients, lowest power first."""
    x = np.asarray(at, dtype=np.float64)
    value = np.full(x.shape, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        value = value * x + coefficient
    return value


def body_pieces(sheets: Sequence[Sheet]) -> list[Piece]:
    """The pieces between neighbouring sheets."""
    heights = np.array([sheet.height_mm for sheet in sheets])
    known = np.array([[s.area_mm2, s.u_mm, s.v_mm] for s in sheets])
    pieces = []
    for n in range(len(sheets) - 1):
        lower, upper = sheets[n], sheets[n + 1]
        nearest = slice(max(n - 1, 0), min(n + 3, len(sheets)))
        share = (heights[nearest] - heights[n]) / (heights[n + 1] - heights[n])
        # Lagrange through the nearest sheets, two on each side where there are two.
        powers = share[:, None] ** np.arange(len(share))
        curve = np.zeros((4, 3))
        curve[: len(share)] = np.linalg.solve(powers, known[nearest])
        area = _bounded(curve[:, 0], lower.area_mm2, upper.area_mm2)
        pieces.append(
            Piece(
                float(heights[n]),
                float(heights[n + 1]),
                area,
                area,
                curve[:, 1],
                curve[:, 2],
                lower,
                upper,
                _are_alike(lower, upper),
                BODY,
            )
        )
    return pieces


def _bounded(area: FloatArray, lower: float, upper: float) -> FloatArray:
    """The area curve, or the straight line where the curve swings too far."""
    values = polynomial(area, np.linspace(0.0, 1.0, 9))
    least, most = LEAST_AREA * min(lower, upper), MOST_AREA * max(lower, upper)
    if values.min() >= least and values.max() <= most:
        return area
    return np.array([lower, upper - lower, 0.0, 0.0])


def _are_alike(lower: Sheet, upper: Sheet) -> bool:
    """Whether two sections fit better when moved and scaled onto each other."""
    moved = _misfit(lower, upper, lower.frame, upper.frame)
    return moved <= _misfit(lower, upper, PLAIN, PLAIN)


def _misfit(lower: Sheet, upper: Sheet, low: Frame, high: Frame) -> float:
    """Mean distance of the outlines from each other."""
    total = 0.0
    for own, there, sheet, other in (
        (high, low, upper, lower),
        (low, high, lower, upper),
    ):
        step = max(1, len(other.ring) // COMPARED_VERTICES)
        vertices = other.ring[::step]
        count = len(vertices)
        out = np.zeros(count)
        frames = np.tile(np.array(there), (count, 1))
        point_levels(out, vertices, (sheet.levels, own, frames, np.ones(count)))
        total += float(np.abs(out).mean())
    return total


def _integrals(piece: Piece, share: float) -> FloatArray:
    """Volume, first moment and largest volume of the lowest part of a piece."""
    powers = share ** np.arange(1, 6)
    length = piece.length_mm
    volume = length * float(np.sum(piece.area * powers[:4] / np.arange(1, 5)))
    moment = length**2 * float(np.sum(piece.area * powers[1:] / np.arange(2, 6)))
    largest = length * float(np.sum(piece.largest * powers[:4] / np.arange(1, 5)))
    return np.array([volume, piece.low_mm * volume + moment, largest])


def _mean(coefficients: FloatArray) -> float:
    return float(np.sum(coefficients / np.arange(1, 5)))


def _within(stretch: Stretch, points: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether points (u, v, height) lie in a stretch."""
    inside = np.zeros(len(points), dtype=np.bool_)
    for piece in stretch.pieces:
        here = np.flatnonzero(
            (points[:, 2] >= piece.low_mm) & (points[:, 2] < piece.high_mm)
        )
        if len(here):
            inside[here] = _piece_levels(piece, points[here]) >= 0.0
    return inside


def _piece_levels(piece: Piece, points: FloatArray) -> FloatArray:
    at = (points[:, 2] - piece.low_mm) / piece.length_mm
    area = polynomial(piece.area, at)
    out = np.where(area > 0.0, 0.0, -np.inf)
    there = np.tile(np.array(PLAIN), (len(points), 1))
    own = (PLAIN, PLAIN)
    if piece.aligned:
        own = (piece.lower.frame, piece.upper.frame)
        size = np.sqrt(np.maximum(area, 1e-12))
        there = np.stack([polynomial(piece.u, at), polynomial(piece.v, at), size], 1)
    plane = np.ascontiguousarray(points[:, :2])
    shares = (np.ones(len(at)), np.zeros(len(at)))
    if piece.lower is not piece.upper:
        shares = (1.0 - at, at)
    for sheet, frame, weight in zip(
        (piece.lower, piece.upper), own, shares, strict=True
    ):
        point_levels(out, plane, (sheet.levels, frame, there, weight))
    return out
