"""A structure plane by plane: which contours share one, and which planes are joined.

How contours become areas (``docs/decisions/0002-from-contours-to-volume.md`` and
``0022-structures-and-image-series.md``):

* Contours may lie at any orientation, all of one structure in parallel planes. One that
  leaves its plane by up to the distance of two planes is flattened, with a remark.
* What the contours of one plane enclose is in :mod:`reirrad.core.enclosed_area`.
* Planes further apart than one and a half times their neighbours leave a gap: nothing
  joins its two sides. A wider distance that repeats itself is a wider spacing, of the
  whole structure or of a part of it; that of the image's slices is no gap.
* What lies beside the slices of the rest is in :mod:`reirrad.core.stray_contours`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from reirrad.core.compiled import compiled
from reirrad.core.enclosed_area import DECIDED, Outline, areal, enclosed_area
from reirrad.core.findings import Severity
from reirrad.core.geometry import FloatArray, linear_map
from reirrad.core.runs import Plane
from reirrad.core.stray_contours import OnSlices, on_slices
from reirrad.core.structures import Structure
from reirrad.errors import InputError

__all__ = ["DrawnPlanes", "Remark", "planes_of"]

SAME_PLANE_MM = 0.1
FLAT_WITHIN_MM = 0.5
SEEN_RATIO = 0.9
"""Share of a contour's area that its plane shows; less is another orientation."""
LARGE_RATIO = 0.1
GAP_RATIO = 1.5
ISOLATED_RATIO = 2.5
REPEATED_STEPS, REPEATED_WITHIN = 3, 0.1
PLACES_TOLD = 3


class Remark(NamedTuple):
    """What was decided about contours that do not speak for themselves.

    ``code`` is what findings are called after "contours-"; ``text`` has no full stop.
    """

    code: str
    severity: Severity
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class DrawnPlanes:
    """Areas of one structure in parallel planes.

    Parameters
    ----------
    axes
        ``(3, 3)``: rows are the directions u and v in the plane and the normal, as unit
        vectors in patient coordinates.
    planes
        Ordered along the normal.
    remarks
        What was decided.
    unsure_cc
        Volume that was added because planes lack it, which may be a hole.
    """

    axes: FloatArray
    planes: tuple[Plane, ...]
    remarks: tuple[Remark, ...]
    unsure_cc: float = 0.0


def planes_of(
    structure: Structure, *, slice_spacing_mm: float | None = None
) -> DrawnPlanes:
    """Combine the contours of a structure plane by plane.

    Parameters
    ----------
    structure : Structure
        With at least one contour.
    slice_spacing_mm : float, optional
        Distance between the slices of the image it was drawn on; needed where a
        structure has a single plane, and tells isolated planes from wide spacing.

    Raises
    ------
    InputError
        If its contours are not flat, not parallel, enclose nothing, or if the thickness
        of a single plane is unknown.
    """
    if not structure.contours:
        msg = f"structure {structure.name!r} has no closed contour"
        raise InputError(msg)
    vertices = _Vertices.of(structure)
    axes = _axes(structure, vertices)
    turned = _Vertices(linear_map(vertices.points_mm, axes), vertices.starts)
    remarks = _flattened(structure, turned, slice_spacing_mm)
    drawn = _planes(structure, turned)
    places: dict[str, list[float]] = {}
    regions = []
    for height, contours in drawn:
        region, decided = enclosed_area(contours)
        for one in decided:
            places.setdefault(one, []).append(height)
        if not region.is_empty:
            regions.append((height, region))
    if not regions:
        msg = f"structure {structure.name!r}: its contours enclose no area"
        raise InputError(msg)
    for one, (severity, text) in DECIDED.items():
        if one in places:
            told = f"{text}, in {len(places[one])} plane(s): {_listed(places[one])}"
            remarks.append(Remark(one, severity, told))
    compared = on_slices(regions, slice_spacing_mm=slice_spacing_mm)
    heights = np.array([height for height, _ in compared.regions])
    spacing = _usual_spacing_mm(structure, heights, slice_spacing_mm)
    planes = _neighbours(compared.regions, spacing, slice_spacing_mm)
    unsure_cc = _unsure_cc(planes, dict(compared.unsure_mm2))
    remarks += _beside_slices(compared, unsure_cc)
    remarks += _gaps(planes) + _skipped(planes, slice_spacing_mm or spacing)
    return DrawnPlanes(axes, tuple(planes), tuple(remarks), unsure_cc)


class _Vertices(NamedTuple):
    """Vertices of all contours of a structure, ``(n, 3)``, and where each begins."""

    points_mm: FloatArray
    starts: npt.NDArray[np.intp]

    @classmethod
    def of(cls, structure: Structure) -> "_Vertices":
        points = [contour.points_mm for contour in structure.contours]
        return cls(np.concatenate(points), np.cumsum([0, *map(len, points)]))

    @property
    def heights_mm(self) -> FloatArray:
        """Mean third coordinate of each contour."""
        sums = np.add.reduceat(self.points_mm[:, 2], self.starts[:-1])
        return np.asarray(sums / np.diff(self.starts))


def _axes(structure: Structure, vertices: _Vertices) -> FloatArray:
    """Plane directions and normal, from the vector areas of the contours.

    The normal is the middle one of all large contours, so that a single contour that is
    tilted does not tilt the planes of the others.
    """
    areas = _vector_areas(*vertices)
    sizes = np.linalg.norm(areas, axis=1)
    if sizes.max() == 0:
        msg = f"structure {structure.name!r}: its contours enclose no area"
        raise InputError(msg)
    large = sizes >= LARGE_RATIO * sizes.max()
    normals = areas[large] / sizes[large, None]
    normals *= np.where(normals @ normals[np.argmax(sizes[large])] < 0, -1, 1)[:, None]
    normal = np.median(normals, axis=0)
    normal *= np.sign(normal[np.argmax(np.abs(normal))])
    normal /= np.linalg.norm(normal)
    normal[np.abs(normal) < 1e-6] = 0.0
    normal /= np.linalg.norm(normal)
    # The patient axis that lies flattest in the plane gives the first direction, so
    # that axial contours keep x and y.
    flattest = np.eye(3)[np.argmin(np.abs(normal))]
    u = flattest - (flattest @ normal) * normal
    u /= np.linalg.norm(u)
    return np.array([u, np.cross(normal, u), normal])


@compiled
def _vector_areas(points: FloatArray, starts: npt.NDArray[np.intp]) -> FloatArray:
    """Area of each polygon in space, times its normal."""
    areas = np.zeros((len(starts) - 1, 3))
    for contour in range(len(areas)):
        begin, end = starts[contour], starts[contour + 1]
        x, y, z = points[begin]
        a0 = a1 = a2 = 0.0
        for n in range(begin + 1, end):
            b0, b1, b2 = points[n, 0] - x, points[n, 1] - y, points[n, 2] - z
            areas[contour, 0] += (a1 * b2 - a2 * b1) / 2.0
            areas[contour, 1] += (a2 * b0 - a0 * b2) / 2.0
            areas[contour, 2] += (a0 * b1 - a1 * b0) / 2.0
            a0, a1, a2 = b0, b1, b2
    return areas


def _flattened(
    structure: Structure, turned: _Vertices, slice_spacing_mm: float | None
) -> list[Remark]:
    """Whether contours leave their planes: a remark if a little, refused if much.

    A contour that rises by the distance of two planes has its vertices moved by half of
    that at most; its area hardly changes.
    """
    starts, heights = turned.starts[:-1], turned.heights_mm
    rises = np.maximum.reduceat(turned.points_mm[:, 2], starts)
    rises -= np.minimum.reduceat(turned.points_mm[:, 2], starts)
    uneven = rises > FLAT_WITHIN_MM
    if not uneven.any():
        return []
    steps = np.diff(np.sort(heights))
    steps = steps[steps > SAME_PLANE_MM]
    spacing = slice_spacing_mm or (float(np.median(steps)) if len(steps) else 0.0)
    areas = _vector_areas(*turned)
    seen = np.abs(areas[:, 2]) >= SEEN_RATIO * np.linalg.norm(areas, axis=1)
    worst = float(rises.max())
    if worst > spacing or not seen[uneven].all():
        msg = (
            f"structure {structure.name!r}: a contour deviates by {worst:.1f} mm "
            f"from the plane of the others. All contours of a structure must lie in "
            f"parallel planes; export it again, drawn in one orientation"
        )
        raise InputError(msg)
    text = (
        f"{int(uneven.sum())} contour(s) rise by up to {worst:.1f} mm from the plane "
        f"of the others and were flattened, at {_listed(heights[uneven])}"
    )
    return [Remark("flattened", "warning", text)]


def _planes(
    structure: Structure, turned: _Vertices
) -> list[tuple[float, list[Outline]]]:
    """Contours grouped by their height along the normal, lowest first."""
    counts, heights = np.diff(turned.starts), turned.heights_mm
    rings = shapely.linearrings(
        turned.points_mm[:, :2], indices=np.repeat(range(len(counts)), counts)
    )
    polygons = shapely.polygons(rings)
    valid = shapely.is_valid(polygons)
    planes: list[tuple[float, list[Outline]]] = []
    for n in np.argsort(heights, kind="stable").tolist():
        polygon = polygons[n] if valid[n] else areal(shapely.make_valid(polygons[n]))
        outline = Outline(polygon, structure.contours[n].kind)
        if planes and heights[n] - planes[-1][0] <= SAME_PLANE_MM:
            planes[-1][1].append(outline)
        else:
            planes.append((float(heights[n]), [outline]))
    return planes


def _usual_spacing_mm(
    structure: Structure, heights: FloatArray, slice_spacing_mm: float | None
) -> float:
    """Distance of planes that belong together: that of slices, or one that repeats."""
    if len(heights) > 1:
        steps = np.sort(np.diff(heights))
        usual = float(steps[(len(steps) - 1) // 2])
        n_alike = np.count_nonzero(np.abs(steps - usual) <= REPEATED_WITHIN * usual)
        if slice_spacing_mm is None:
            return usual
        wide = usual / slice_spacing_mm
        if (
            wide <= GAP_RATIO
            or (wide <= ISOLATED_RATIO and n_alike > 1)
            or n_alike >= REPEATED_STEPS
        ):
            return usual
    if slice_spacing_mm is None:
        msg = (
            f"structure {structure.name!r} is drawn in a single plane and the distance "
            f"between image slices is unknown. Supply the planning image"
        )
        raise InputError(msg)
    return slice_spacing_mm


def _neighbours(
    regions: Sequence[tuple[float, BaseGeometry]],
    spacing: float,
    slice_spacing_mm: float | None,
) -> list[Plane]:
    """Planes with the distances of those next to them, drawn or not."""
    steps = np.diff(np.array([height for height, _ in regions]))
    joined = _joined(steps, spacing, slice_spacing_mm)
    # Nothing is near beyond the ends.
    steps_mm = [math.inf, *steps.tolist(), math.inf]
    near = [False, *joined.tolist(), False]
    planes = []
    for n, (height, region) in enumerate(regions):
        below, above = steps_mm[n : n + 2]
        near_below, near_above = near[n : n + 2]
        usual = below if near_below else above if near_above else spacing
        if not near_below:
            below = min(above if near_above else spacing, below / 2.0)
        if not near_above:
            above = min(usual, above / 2.0)
        planes.append(Plane(height, region, below, above, near_above))
    return planes


def _joined(
    steps: FloatArray, spacing: float, slice_spacing_mm: float | None
) -> npt.NDArray[np.bool_]:
    """Whether what lies over each step between planes continues what lies below it."""
    # A wider distance that repeats itself is a wider spacing and no gap.
    repeated = np.zeros(len(steps), dtype=np.bool_)
    if len(steps) >= REPEATED_STEPS:
        rows = np.lib.stride_tricks.sliding_window_view(steps, REPEATED_STEPS)
        alike = rows.max(axis=1) <= (1.0 + REPEATED_WITHIN) * rows.min(axis=1)
        for n in range(REPEATED_STEPS):
            repeated[n : n + len(alike)] |= alike
    joined: npt.NDArray[np.bool_] = repeated | (steps <= GAP_RATIO * spacing)
    joined |= (steps <= GAP_RATIO * _beside(steps)) & (
        steps <= ISOLATED_RATIO * spacing
    )
    joined |= steps <= GAP_RATIO * _beside(np.where(repeated, steps, 0.0))
    if slice_spacing_mm is not None:
        joined |= steps <= (1.0 + REPEATED_WITHIN) * slice_spacing_mm
    return joined


def _beside(steps: FloatArray) -> FloatArray:
    """The larger of both neighbours of each step."""
    above, below = np.append(steps[1:], 0.0), np.insert(steps[:-1], 0, 0.0)
    return np.asarray(np.maximum(above, below)[: len(steps)])


def _unsure_cc(planes: Sequence[Plane], unsure_mm2: Mapping[float, float]) -> float:
    """Volume of the slabs of what was added and may be too much."""
    return sum(
        unsure_mm2.get(plane.height_mm, 0.0) * (plane.below_mm + plane.above_mm) / 2e3
        for plane in planes
    )


def _beside_slices(compared: OnSlices, unsure_cc: float) -> list[Remark]:
    remarks = []
    if compared.moved_from_mm:
        text = (
            f"parts drawn between the planes of the others, at "
            f"{_listed(compared.moved_from_mm)}, were moved onto these by up to "
            f"{compared.moved_mm:.1f} mm"
        )
        remarks.append(Remark("moved", "warning", text))
    if compared.unsure_mm2:
        lacking = [height for height, _ in compared.unsure_mm2]
        text = (
            f"planes less than a slice from others, at {_listed(lacking)}, lack "
            f"what those below and above show. It was added; if holes were meant, the "
            f"volume is up to {unsure_cc:.2f} cc too large"
        )
        remarks.append(Remark("completed", "warning", text))
    return remarks


def _gaps(planes: Sequence[Plane]) -> list[Remark]:
    gaps = [
        f"{low.height_mm:.1f} and {high.height_mm:.1f} mm"
        for low, high in pairwise(planes)
        if not low.joined
    ]
    if not gaps:
        return []
    more = f" and {len(gaps) - PLACES_TOLD} more" if len(gaps) > PLACES_TOLD else ""
    text = (
        f"no contour between {', between '.join(gaps[:PLACES_TOLD])}{more} although "
        f"planes beside are nearer to each other; nothing is assumed there"
    )
    return [Remark("gap", "warning", text)]


def _skipped(planes: Sequence[Plane], spacing: float) -> list[Remark]:
    """Planes that are joined over more than the distance of two slices."""
    wide = [
        (low.height_mm, high.height_mm - low.height_mm)
        for low, high in pairwise(planes)
        if low.joined and high.height_mm - low.height_mm > GAP_RATIO * spacing
    ]
    if not wide:
        return []
    text = (
        f"contours are up to {max(step for _, step in wide):.1f} mm apart where "
        f"{spacing:.1f} mm are usual, from {_listed([low for low, _ in wide])}; the "
        f"distance repeats itself, and what lies between was interpolated"
    )
    return [Remark("skip-slices", "warning", text)]


def _listed(heights: Sequence[float] | FloatArray) -> str:
    told = sorted(heights)
    more = f" and {len(told) - PLACES_TOLD} more" if len(told) > PLACES_TOLD else ""
    return ", ".join(f"{height:.1f}" for height in told[:PLACES_TOLD]) + f" mm{more}"
