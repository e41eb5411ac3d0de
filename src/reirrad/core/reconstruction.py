"""Reconstruct a solid from its sections.

:mod:`reirrad.core.runs` finds which parts of the planes belong together,
:mod:`reirrad.core.fitting` what lies between them; here both become the tables of a
:class:`~reirrad.core.solid.Solid`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reirrad.core.fitting import capped, fill_nodes, fitted, measure, sum_up
from reirrad.core.runs import Outlines, Part, Plane, Run, outlines_of, runs_of
from reirrad.core.solid import BOTTOM, PIECE, SHEET, TOP, Solid, Tables
from reirrad.errors import InputError

__all__ = ["reconstructed"]

NODES_IN_VOLUME = 20_000.0
# 200 MB; the largest of real structures has a hundredth of it.
MOST_NODES_IN_ALL = 50_000_000
FINEST_PITCH_MM, COARSEST_PITCH_MM = 0.2, 2.5


def reconstructed(planes: Sequence[Plane]) -> Solid:
    """Reconstruct the solid from its planes, ordered by their heights.

    Raises
    ------
    InputError
        If what the planes show is so long and thin that it needs too much memory.
    """
    volume_mm3 = sum(p.region.area * (p.below_mm + p.above_mm) / 2.0 for p in planes)
    pitch_mm = (volume_mm3 / NODES_IN_VOLUME) ** (1.0 / 3.0)
    pitch_mm = min(max(pitch_mm, FINEST_PITCH_MM), COARSEST_PITCH_MM)
    bodies, holes = outlines_of(planes)
    body_runs, hole_runs = runs_of(planes, bodies), runs_of(planes, holes)
    body_tables = _tables(planes, bodies, body_runs, pitch_mm)
    hole_tables = _tables(planes, holes, hole_runs, pitch_mm)
    pierced = [{holes.owner[p] for g in run.groups for p in g} for run in hole_runs]
    holes_of = tuple(
        np.array(
            [
                len(body_runs) + number
                for number, owners in enumerate(pierced)
                if not owners.isdisjoint(part for group in run.groups for part in group)
            ],
            dtype=np.int64,
        )
        for run in body_runs
    )
    return Solid(_joined(body_tables, hole_tables), holes_of)


def _tables(
    planes: Sequence[Plane], outlines: Outlines, runs: Sequence[Run], pitch_mm: float
) -> Tables:
    """Measure every sheet once, then fit the pieces of every stretch."""
    number: dict[tuple[Part, ...], int] = {}
    for run in runs:
        for group in run.groups:
            number.setdefault(group, len(number))
    vertices = np.concatenate([*outlines.rings, np.empty((0, 2))])
    first = np.cumsum([0, *(len(ring) for ring in outlines.rings)])
    members = np.array([p for group in number for p in group], dtype=np.int64)
    starts = np.cumsum([0, *(len(group) for group in number)])
    sheets = np.zeros(len(number), dtype=SHEET)
    sheets["height_mm"] = [planes[outlines.plane[g[0]]].height_mm for g in number]
    thickness = np.array(outlines.thickness_mm)
    measure(sheets, vertices, first, (members, starts), thickness, pitch_mm)
    nodes = _room_for(int((sheets["rows"] * sheets["columns"]).sum()))
    fill_nodes(nodes, sheets, vertices, first, (members, starts))
    pieces, curves, begins = [np.zeros(0, dtype=PIECE)], [np.empty((0, 4, 4))], [0]
    for run in runs:
        chain = np.array([number[group] for group in run.groups], dtype=np.int64)
        body, shape = fitted(nodes, sheets, chain, (vertices, first, members, starts))
        below = planes[outlines.plane[run.groups[0][0]]].below_mm
        above = planes[outlines.plane[run.groups[-1][0]]].above_mm
        parts = [(body, shape)]
        if not run.starts_below:
            follows = int(body[0]["aligned"]) if len(body) else 0
            up = np.ascontiguousarray(chain[::-1])
            parts.insert(0, capped(sheets, up, follows, below, BOTTOM))
        if not run.ends_above:
            follows = int(body[-1]["aligned"]) if len(body) else 0
            parts.append(capped(sheets, chain, follows, above, TOP))
        body = np.concatenate([part[0] for part in parts])
        shape = np.concatenate([part[1] for part in parts])
        pieces.append(body)
        curves.append(shape)
        begins.append(begins[-1] + len(body))
    tables = Tables(
        nodes, sheets, np.concatenate(pieces), np.concatenate(curves), np.array(begins)
    )
    sum_up(tables)
    return tables


def _room_for(n_nodes: int) -> npt.NDArray[np.float32]:
    if n_nodes > MOST_NODES_IN_ALL:
        msg = "its contours are too long and thin, or too many, to be reconstructed"
        raise InputError(msg)
    return np.empty(n_nodes, dtype=np.float32)


def _joined(bodies: Tables, holes: Tables) -> Tables:
    sheets, pieces = holes.sheets.copy(), holes.pieces.copy()
    sheets["first_node"] += len(bodies.nodes_mm)
    pieces["lower"] += len(bodies.sheets)
    pieces["upper"] += len(bodies.sheets)
    return Tables(
        np.concatenate([bodies.nodes_mm, holes.nodes_mm]),
        np.concatenate([bodies.sheets, sheets]),
        np.concatenate([bodies.pieces, pieces]),
        np.concatenate([bodies.curves, holes.curves]),
        np.concatenate([bodies.starts, holes.starts[1:] + len(bodies.pieces)]),
    )
