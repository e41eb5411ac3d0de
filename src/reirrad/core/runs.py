"""Which parts of a structure's planes belong together.

Every outer border is a part of a body, every hole a part of a hole. Parts of
neighbouring planes that overlap are linked; so is the only part of a plane with the
only part of the next, if it is no further away than the planes are. As long as one part
faces one part they form a run; where parts split or merge, the parts on both sides form
a short run of their own.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from reirrad.core.geometry import FloatArray
from reirrad.core.outline import smooth_outlines

__all__ = ["Outlines", "Part", "Plane", "Run", "outlines_of", "runs_of"]

Part = int
"""Number of an outline among all of its kind."""


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """What a structure encloses in one plane, and where its neighbours are.

    Parameters
    ----------
    height_mm
        Position along the normal.
    region
        Polygon or polygons in the plane's coordinates (u, v), mm; not empty.
    below_mm, above_mm
        Distance of the neighbouring planes, drawn or not.
    joined
        Whether the next plane above continues this one.
    """

    height_mm: float
    region: BaseGeometry
    below_mm: float
    above_mm: float
    joined: bool


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Borders of one kind, plane by plane; all lists run over the parts.

    ``vertices`` are those of one border after the other, counter-clockwise and of the
    curve they were taken from; each begins at its number in ``starts``, whose last
    number is that of all. ``polygons`` are what they enclose, holes left out; ``owner``
    numbers the part of a body that each belongs to.
    """

    vertices: FloatArray
    starts: npt.NDArray[np.int64]
    polygons: npt.NDArray[np.object_]
    plane: list[int]
    owner: list[int]
    thickness_mm: list[float]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch before it is measured: groups of parts, plane by plane."""

    groups: list[tuple[Part, ...]]
    starts_below: bool
    ends_above: bool

    @property
    def parts(self) -> set[Part]:
        """All of its parts."""
        return {part for group in self.groups for part in group}


def outlines_of(planes: Sequence[Plane]) -> tuple[Outlines, Outlines]:
    """Outer borders, and borders of holes."""
    regions = np.array([plane.region for plane in planes])
    parts, plane = shapely.get_parts(regions, return_index=True)
    thickness = 2.0 * shapely.area(parts) / shapely.length(parts)
    exteriors = shapely.get_exterior_ring(parts)
    bodies = Outlines(
        *_smoothed(exteriors),
        parts,
        plane.tolist(),
        list(range(len(parts))),
        thickness.tolist(),
    )
    owner = np.repeat(np.arange(len(parts)), shapely.get_num_interior_rings(parts))
    if not len(owner):
        nothing = np.empty((0, 2)), np.zeros(1, dtype=np.int64)
        return bodies, Outlines(*nothing, np.array([], dtype=object), [], [], [])
    interiors = np.concatenate(
        [
            shapely.get_interior_ring(
                part, np.arange(shapely.get_num_interior_rings(part))
            )
            for part in parts[np.unique(owner)]
        ]
    )
    return bodies, Outlines(
        *_smoothed(interiors),
        shapely.polygons(interiors),
        plane[owner].tolist(),
        owner.tolist(),
        thickness[owner].tolist(),
    )


def _smoothed(
    borders: npt.NDArray[np.object_],
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Vertices of all borders, and where each begins, as in :class:`Outlines`."""
    coordinates, of = shapely.get_coordinates(borders, return_index=True)
    starts = np.searchsorted(of, np.arange(len(borders) + 1))
    return smooth_outlines(coordinates, starts, ~shapely.is_ccw(borders))


def runs_of(planes: Sequence[Plane], outlines: Outlines) -> list[Run]:
    """Runs of linked parts, then the places where parts split or merge."""
    above, below = _links(planes, outlines)
    runs = []
    for part in range(len(outlines.plane)):
        if _one_to_one(below[part], above):
            continue
        run = [part]
        while _one_to_one(above[run[-1]], below):
            run.append(above[run[-1]][0])
        starts, ends = bool(below[run[0]]), bool(above[run[-1]])
        if len(run) > 1 or not (starts and ends):
            runs.append(Run([(p,) for p in run], starts, ends))
    return runs + [
        Run([low, high], starts_below=True, ends_above=True)
        for low, high in _junctions(above, below)
    ]


def _links(
    planes: Sequence[Plane], outlines: Outlines
) -> tuple[dict[Part, list[Part]], dict[Part, list[Part]]]:
    """Parts of the next plane above, and below, that overlap each part."""
    by_plane: dict[int, list[Part]] = defaultdict(list)
    for part, number in enumerate(outlines.plane):
        by_plane[number].append(part)
    pairs = np.array(
        [
            (low, high)
            for number, plane in enumerate(planes)
            if plane.joined
            for low in by_plane[number]
            for high in by_plane[number + 1]
        ],
        dtype=np.intp,
    ).reshape(-1, 2)
    above: dict[Part, list[Part]] = defaultdict(list)
    below: dict[Part, list[Part]] = defaultdict(list)
    lower, upper = outlines.polygons[pairs[:, 0]], outlines.polygons[pairs[:, 1]]
    overlap = shapely.intersects(lower, upper)
    for n, (low, high) in enumerate(pairs.tolist()):
        linked = bool(overlap[n])
        number = outlines.plane[low]
        if not linked and len(by_plane[number]) == len(by_plane[number + 1]) == 1:
            apart = planes[number + 1].height_mm - planes[number].height_mm
            linked = bool(shapely.distance(lower[n], upper[n]) <= apart)
        if linked:
            above[low].append(high)
            below[high].append(low)
    return above, below


def _one_to_one(linked: list[Part], back: dict[Part, list[Part]]) -> bool:
    return len(linked) == 1 and len(back[linked[0]]) == 1


def _junctions(
    above: dict[Part, list[Part]], below: dict[Part, list[Part]]
) -> list[tuple[tuple[Part, ...], tuple[Part, ...]]]:
    """Groups of linked parts, where not one faces one."""
    groups = []
    seen: set[Part] = set()
    for start in sorted(part for part, linked in above.items() if linked):
        if start in seen or _one_to_one(above[start], below):
            continue
        lower, upper = [start], list[Part]()
        for part in lower:
            upper += [high for high in above[part] if high not in upper]
            lower += [low for high in upper for low in below[high] if low not in lower]
        lower = list(dict.fromkeys(lower))
        seen.update(lower)
        groups.append((tuple(sorted(lower)), tuple(sorted(upper))))
    return groups
