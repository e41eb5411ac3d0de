"""Parts of a structure that were drawn on different sets of planes.

Every plane tells of the whole structure: a part that it does not show is not there, up
to half way to the next plane. Contours drawn a little beside the slices of the other
parts would so cut a slice out of all of them. Parts that follow each other over the
planes form a body; the bodies, largest first, give the slices.

* *Moved:* a body whose planes lie between those of a larger one, or beside its last
  plane by at most half its slice distance, is moved onto them as a whole. It overlaps
  nothing there, or it would be of the same body.
* *Completed:* what both neighbours of a plane show, but not the plane itself although
  it lies within half a slice of one of them, is added to it. Whether a hole was meant
  is unknown, so the added volume is unsure.

Planes that follow each other evenly and show the same parts stay as they are, however
near they are (``docs/decisions/0041-contours-beside-slices.md``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from reirrad.core.enclosed_area import areal
from reirrad.core.geometry import FloatArray

__all__ = ["OnSlices", "Region", "on_slices"]

Region = tuple[float, BaseGeometry]
"""Height along the normal, and what is enclosed there."""

EVEN_RATIO = 0.6
"""Of the usual distance of planes: none is nearer where all is as it should be."""
HALF_RATIO, HALF_TOLERANCE_MM = 0.5, 0.1
GAP_RATIO = 1.5
ALIKE_RATIO = 0.5
OVERLAP_RATIO = 1e-3
LACKING_RATIO = 0.1
"""Share of what both neighbours show, from which its lack is no change of shape."""
REACH_PLANES = 6
REPEATED_STEPS, REPEATED_WITHIN = 3, 0.1
SAME_MM = 1e-6


@dataclass(frozen=True, slots=True)
class OnSlices:
    """Regions of a structure after their planes have been compared.

    Parameters
    ----------
    regions
        Ordered by height.
    moved_mm
        Largest distance that a part was moved along the normal; 0 if none was.
    moved_from_mm
        Heights that parts were moved from.
    unsure_mm2
        By height, area in planes that were completed which may be too much.
    """

    regions: tuple[Region, ...]
    moved_mm: float = 0.0
    moved_from_mm: tuple[float, ...] = ()
    unsure_mm2: tuple[tuple[float, float], ...] = ()


class _Parts(NamedTuple):
    """Parts of all planes, the plane of each, and which of them follow each other."""

    polygons: npt.NDArray[np.object_]
    plane: npt.NDArray[np.intp]
    low: npt.NDArray[np.intp]
    high: npt.NDArray[np.intp]
    shared_mm2: FloatArray


class _Body(NamedTuple):
    """Parts that follow each other: their numbers, heights, and usual distance."""

    parts: npt.NDArray[np.intp]
    heights_mm: FloatArray
    usual_mm: float


class _Lacking(NamedTuple):
    """What a plane lacks, and area that may be too much when it has been added."""

    height_mm: float
    area: BaseGeometry
    unsure_mm2: float


def on_slices(
    regions: Sequence[Region], *, slice_spacing_mm: float | None = None
) -> OnSlices:
    """Bring parts that were drawn beside the slices of the others onto these.

    Parameters
    ----------
    regions
        Ordered by height, none empty.
    slice_spacing_mm
        Distance between the slices of the image; tells for parts in a single plane.
    """
    heights = np.array([height for height, _ in regions])
    areas = np.array([region for _, region in regions])
    if _is_even(heights, areas, slice_spacing_mm):
        return OnSlices(tuple(regions))
    parts = _parts(heights, areas)
    usual = _usual_mm(parts, heights, slice_spacing_mm)
    if usual is None:
        return OnSlices(tuple(regions))
    bodies = _bodies(parts, heights, usual)
    placed = _moved(bodies, heights[parts.plane])
    moved_by = np.abs(placed - heights[parts.plane])
    gone = moved_by > SAME_MM
    together = _regrouped(parts.polygons, placed) if gone.any() else list(regions)
    shown = {height: [region] for height, region in together}
    unsure_mm2: dict[float, float] = {}
    for one in (
        *_skipped_by_bodies(together, bodies, placed, parts.polygons),
        *_skipped_by_planes(together, usual),
    ):
        shown[one.height_mm].append(one.area)
        unsure_mm2[one.height_mm] = unsure_mm2.get(one.height_mm, 0.0) + one.unsure_mm2
    return OnSlices(
        tuple(
            (height, areal(shapely.union_all(all_of)) if all_of[1:] else all_of[0])
            for height, all_of in shown.items()
        ),
        float(moved_by.max()),
        tuple(np.unique(heights[parts.plane][gone]).tolist()),
        tuple(unsure_mm2.items()),
    )


def _is_even(
    heights: FloatArray,
    areas: npt.NDArray[np.object_],
    slice_spacing_mm: float | None,
) -> bool:
    """Whether no plane is nearer to the next than slices are, or shows other parts."""
    steps = np.diff(heights)
    if not len(steps):
        return True
    usual = float(np.median(steps))
    if steps.min() < EVEN_RATIO * usual or _pause(areas):
        return False
    if steps.min() < EVEN_RATIO * (slice_spacing_mm or 0.0):
        mm2 = shapely.area(areas)
        if np.any(mm2[1:-1] < ALIKE_RATIO * np.minimum(mm2[:-2], mm2[2:])):
            return False
    return bool(shapely.intersects(areas[:-1], areas[1:]).all())


def _pause(areas: npt.NDArray[np.object_]) -> bool:
    """Whether a part is missing on a plane and there again on one of the next."""
    if shapely.get_num_geometries(areas).max() == 1:
        return False
    polygons, plane = shapely.get_parts(areas, return_index=True)
    low, high = shapely.STRtree(polygons).query(polygons)
    apart = plane[high] - plane[low]
    followed = np.zeros(len(polygons), dtype=np.bool_)
    for reach in range(1, REACH_PLANES + 1):
        asked = np.flatnonzero((apart == reach) & ~followed[low])
        met = shapely.intersects(polygons[low[asked]], polygons[high[asked]])
        if reach > 1 and met.any():
            return True
        followed[low[asked[met]]] = True
    return False


def _parts(heights: FloatArray, areas: npt.NDArray[np.object_]) -> _Parts:
    polygons, plane = shapely.get_parts(areas, return_index=True)
    low, high = shapely.STRtree(polygons).query(polygons)
    apart = plane[high] - plane[low]
    mm2 = shapely.area(polygons)
    found = []
    unseen, unmet = np.ones((2, len(polygons)), dtype=np.bool_)
    for reach in range(1, REACH_PLANES + 1):
        asked = np.flatnonzero((apart == reach) & unseen[low])
        one, other = low[asked], high[asked]
        shared = shapely.area(shapely.intersection(polygons[one], polygons[other]))
        linked = shared > OVERLAP_RATIO * np.minimum(mm2[one], mm2[other])
        found.append((one[linked], other[linked], shared[linked]))
        alike = shared >= ALIKE_RATIO * np.maximum(mm2[one], mm2[other])
        unseen[one[alike]] = unmet[other[alike]] = False
    low, high, shared = (np.concatenate(column) for column in zip(*found, strict=True))
    # As in the solid: the only part of a plane is followed by the only one of the next,
    # unless either is seen again on the other side of it.
    count = np.bincount(plane, minlength=len(heights))
    first = np.searchsorted(plane, np.arange(len(heights)))
    alone = np.flatnonzero((count[:-1] == 1) & (count[1:] == 1))
    one, next_one = first[alone], first[alone + 1]
    follows = (unseen[one] & unmet[next_one]) & (
        shapely.distance(polygons[one], polygons[next_one])
        <= heights[alone + 1] - heights[alone]
    )
    one, next_one = one[follows], next_one[follows]
    return _Parts(
        polygons,
        plane,
        np.concatenate([low, one]),
        np.concatenate([high, next_one]),
        np.concatenate([shared, np.zeros(len(one))]),
    )


def _usual_mm(
    parts: _Parts, heights: FloatArray, slice_spacing_mm: float | None
) -> float | None:
    """Distance after which a part is seen again, as most of the area has it.

    None where nothing tells that planes are nearer than slices.
    """
    area = shapely.area(parts.polygons)
    larger = np.maximum(area[parts.low], area[parts.high])
    alike = parts.shared_mm2 >= ALIKE_RATIO * larger
    low, high = parts.low[alike], parts.high[alike]
    if not len(low):
        steps = np.diff(heights)
        even = steps.max() <= (1.0 + REPEATED_WITHIN) * steps.min()
        finer = len(steps) >= REPEATED_STEPS and bool(even)
        return None if finer or len(parts.low) else slice_spacing_mm
    again = np.full(len(area), np.inf)
    np.minimum.at(again, low, heights[parts.plane[high]] - heights[parts.plane[low]])
    seen = np.flatnonzero(np.isfinite(again))
    order = seen[np.argsort(again[seen], kind="stable")]
    total = np.cumsum(area[order])
    return float(again[order[np.searchsorted(total, total[-1] / 2.0)]])


def _bodies(parts: _Parts, heights: FloatArray, usual_mm: float) -> list[_Body]:
    """Parts that are linked over the planes, the largest body first."""
    count = len(parts.polygons)
    links = coo_array(
        (np.ones(len(parts.low)), (parts.low, parts.high)), shape=(count, count)
    )
    n_bodies, label = connected_components(links, directed=False)
    bodies = []
    for number in range(n_bodies):
        own = np.flatnonzero(label == number)
        steps = np.diff(np.unique(heights[parts.plane[own]]))
        usual = usual_mm
        if len(steps):
            usual = float(np.sort(steps)[(len(steps) - 1) // 2])
        if len(steps) < 2:
            usual = min(usual, usual_mm)
        bodies.append(_Body(own, heights[parts.plane[own]], usual))
    area = shapely.area(parts.polygons)
    return sorted(bodies, key=lambda body: -float(area[body.parts].sum()))


def _moved(bodies: Sequence[_Body], heights: FloatArray) -> FloatArray:
    """Height of every part: on slices of a larger body if it lies beside them."""
    placed = heights.copy()
    kept: list[tuple[FloatArray, float]] = []
    for body in bodies:
        own, of = np.unique(body.heights_mm, return_inverse=True)
        ways = np.sort(_nearest_slices(own, kept) - own)
        n_near = int(np.isfinite(ways).sum())
        if n_near:
            # One distance for the whole body, so that it keeps its shape.
            own = own + ways[(n_near - 1) // 2]
            there = _nearest_slices(own, kept)
            own = np.where(np.isfinite(there), there, own)
            placed[body.parts] = own[of]
        kept.append((np.unique(own), body.usual_mm))
    return placed


def _nearest_slices(
    heights: FloatArray, kept: Sequence[tuple[FloatArray, float]]
) -> FloatArray:
    """Nearest plane of bodies that should have one at each height; NaN if none.

    Bodies are given by their planes and the usual distance of these.
    """
    best = np.full(len(heights), np.nan)
    nearest = np.full(len(heights), np.inf)
    for slices, usual_mm in kept:
        n = np.searchsorted(slices, heights)
        low = slices[np.maximum(n - 1, 0)]
        high = slices[np.minimum(n, len(slices) - 1)]
        found = np.where(heights - low <= high - heights, low, high)
        found = np.where(low == high, low, found)
        way = np.abs(found - heights)
        beside = way <= HALF_RATIO * usual_mm + HALF_TOLERANCE_MM
        beside = np.where(low < high, high - low <= GAP_RATIO * usual_mm, beside)
        better = (beside | (way <= SAME_MM)) & (way < nearest)
        best = np.where(better, found, best)
        nearest = np.where(better, way, nearest)
    return best


def _regrouped(polygons: npt.NDArray[np.object_], heights: FloatArray) -> list[Region]:
    """Regions of the parts at each height."""
    return [
        (float(height), areal(shapely.union_all(polygons[heights == height])))
        for height in np.unique(heights)
    ]


def _skipped_by_bodies(
    regions: Sequence[Region],
    bodies: Sequence[_Body],
    placed: FloatArray,
    polygons: npt.NDArray[np.object_],
) -> Iterator[_Lacking]:
    """What planes lack of bodies that are drawn evenly on planes below and above."""
    heights = np.array([height for height, _ in regions])
    for body in bodies:
        own = placed[body.parts]
        slices = np.unique(own)
        first, last = np.searchsorted(heights, slices[[0, -1]])
        if len(slices) <= REPEATED_STEPS or last - first + 1 == len(slices):
            continue
        for (low, below), (high, above) in pairwise(
            _regrouped(polygons[body.parts], own)
        ):
            if high - low > GAP_RATIO * body.usual_mm:
                continue
            both = areal(below.intersection(above))
            between = slice(*np.searchsorted(heights, [low + SAME_MM, high]))
            for height, region in regions[between]:
                missing = areal(both.difference(region))
                if missing.area > 0.0:
                    yield _Lacking(height, missing, missing.area)


def _skipped_by_planes(
    regions: Sequence[Region], usual_mm: float
) -> Iterator[_Lacking]:
    """What planes lack of what both neighbours show, half a slice away."""
    for n in range(1, len(regions) - 1):
        (low, below), (height, region), (high, above) = regions[n - 1 : n + 2]
        near, far = sorted((height - low, high - height))
        beside = near <= HALF_RATIO * usual_mm + HALF_TOLERANCE_MM
        if not beside or high - low > GAP_RATIO * usual_mm:
            continue
        # Even planes are finer slices, on which shapes may change.
        even = far <= (1.0 + REPEATED_WITHIN) * near
        both = areal(below.intersection(above))
        missing = areal(both.difference(region))
        if missing.area > (ALIKE_RATIO if even else LACKING_RATIO) * both.area:
            # A hole of the whole slice takes twice what it takes in its own slab.
            hole = 2.0 * (both.area - missing.area)
            yield _Lacking(height, missing, max(missing.area, hole))
