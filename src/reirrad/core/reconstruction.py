"""Reconstruct a solid from its sections.

:mod:`reirrad.core.runs` finds which parts of the planes belong together,
:mod:`reirrad.core.fitting` what lies between them; here both become the tables of a
:class:`~reirrad.core.solid.Solid`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reirrad.core.fitting import fill_nodes, measure, stretches, sum_up
from reirrad.core.runs import Outlines, Part, Plane, Run, outlines_of, runs_of
from reirrad.core.solid import SHEET, Solid, Tables
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
    tables = _tables(planes, bodies, body_runs, pitch_mm)
    if not hole_runs:
        nothing = np.zeros(0, dtype=np.int64)
        return Solid(tables, (nothing,) * len(body_runs))
    tables = _joined(tables, _tables(planes, holes, hole_runs, pitch_mm))
    pierced = [{holes.owner[part] for part in run.parts} for run in hole_runs]
    holes_of = tuple(
        np.array(
            [
                len(body_runs) + number
                for number, owners in enumerate(pierced)
                if not owners.isdisjoint(parts)
            ],
            dtype=np.int64,
        )
        for parts in (run.parts for run in body_runs)
    )
    return Solid(tables, holes_of)


def _tables(
    planes: Sequence[Plane], outlines: Outlines, runs: Sequence[Run], pitch_mm: float
) -> Tables:
    """Measure every sheet once, then fit the pieces of every stretch."""
    number: dict[tuple[Part, ...], int] = {}
    for run in runs:
        for group in run.groups:
            number.setdefault(group, len(number))
    vertices, first = outlines.vertices, outlines.starts
    members = np.array([p for group in number for p in group], dtype=np.int64)
    starts = np.cumsum([0, *(len(group) for group in number)])
    sheets = np.zeros(len(number), dtype=SHEET)
    sheets["height_mm"] = [planes[outlines.plane[g[0]]].height_mm for g in number]
    thickness = np.array(outlines.thickness_mm)
    measure(sheets, vertices, first, (members, starts), thickness, pitch_mm)
    nodes = _room_for(int((sheets["rows"] * sheets["columns"]).sum()))
    fill_nodes(nodes, sheets, vertices, first, (members, starts))
    chain = np.array([number[group] for run in runs for group in run.groups])
    begins = np.cumsum([0, *(len(run.groups) for run in runs)])
    reaches = np.zeros((len(runs), 2))
    for n, run in enumerate(runs):
        if not run.starts_below:
            reaches[n, 0] = planes[outlines.plane[run.groups[0][0]]].below_mm
        if not run.ends_above:
            reaches[n, 1] = planes[outlines.plane[run.groups[-1][0]]].above_mm
    drawn = (vertices, first, members, starts)
    fitted = stretches(nodes, sheets, (chain, begins), reaches, drawn)
    tables = Tables(nodes, sheets, *fitted)
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
