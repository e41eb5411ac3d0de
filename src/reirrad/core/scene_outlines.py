"""Outlines of structures in all planes of a scene.

In the planes in which a structure was drawn its polygons are shown as they are. All
other outlines are the zero of the solid's level on one lattice around the structure, so
that they are smooth across slices.
"""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import contourpy
import numpy as np
import numpy.typing as npt
import shapely

from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.processors import processors
from reirrad.core.scene import (
    PlanePolygon,
    PlanePositions,
    SceneOutline,
    ScenePlanes,
)
from reirrad.core.scene_grids import Box, origin_mm, points_box, spacing_xyz_mm
from reirrad.core.sections import Sections, rings_of
from reirrad.core.solid_lattice import Lattice, lattice_levels
from reirrad.core.structure_doses import PlacedStructure
from reirrad.core.structures import Role

__all__ = ["outline_colours", "outlines_of", "scene_planes"]

ACROSS_STEP_MM = 2.0
FINEST_ALONG_MM = 1.5
THIN_MM = 5.0
SAME_PLANE_MM = 0.05
MOST_OTHER_NODES = 15_000_000
SIMPLIFIED_MM = 0.1
BEYOND_STEPS = 1.5
"""How far outside, in steps of the lattice, a point is taken to be beyond the ends."""

EXTERNAL_COLOUR = "#b9bec6"
COLOURS: Mapping[str, tuple[str, ...]] = {
    "target": ("#ff8fa3", "#ffffff", "#ffc9f0", "#ffd9a8", "#f7a8ff", "#e8e1ff"),
    "organ": (
        *("#8ee59b", "#ffe27a", "#c99bff", "#4fd6c2", "#e0a070", "#b7e04f"),
        *("#9fc3ff", "#f2b8a0", "#4fb36b", "#d7c4ff", "#d9a441", "#7ad0ff"),
        *("#d7f2a8", "#c98fb4", "#a3b86c", "#88e0d0"),
    ),
    "other": ("#8c99a8", "#a89c8c", "#8ca893", "#a08ca8"),
}


class _Nodes(NamedTuple):
    """A lattice around one structure, and which of its nodes lie in planes of a scene.

    ``planes`` has for each axis x, y, z pairs of the plane's and of the node's index.
    """

    lattice: Lattice
    planes: tuple[list[tuple[int, int]], ...]


def scene_planes(grid: GridGeometry) -> ScenePlanes:
    """The planes of a grid across z, and planes 2 mm apart across x and y."""
    first, spacing = origin_mm(grid), spacing_xyz_mm(grid)
    length = [(n - 1) * s for n, s in zip(grid.shape[::-1], spacing, strict=True)]
    sagittal, coronal = (
        PlanePositions(first[n], ACROSS_STEP_MM, int(length[n] / ACROSS_STEP_MM) + 1)
        for n in range(2)
    )
    return ScenePlanes(
        PlanePositions(first[2], spacing[2], grid.shape[0]), sagittal, coronal
    )


def outline_colours(structures: Sequence[PlacedStructure]) -> Mapping[str, str]:
    """A colour for each label: told apart on black, the same for the same order."""
    colours = {}
    counts = {"target": 0, "organ": 0, "other": 0}
    for one in structures:
        if one.structure.role is Role.EXTERNAL:
            colours[one.label] = EXTERNAL_COLOUR
            continue
        kind = _kind(one.structure.role)
        listed = COLOURS[kind]
        colours[one.label] = listed[counts[kind] % len(listed)]
        counts[kind] += 1
    return colours


def _kind(role: Role) -> str:
    if role.is_target:
        return "target"
    return "organ" if role is Role.ORGAN else "other"


def outlines_of(
    structures: Sequence[PlacedStructure], planes: ScenePlanes
) -> tuple[SceneOutline, ...]:
    """Outlines of all structures, in their order.

    Structures that are neither organ nor target nor body, such as rings and couches
    from planning, may be many and large: beyond a number of nodes in all, the largest
    of them are shown in the planes in which they were drawn, and in no others.
    """
    colours = outline_colours(structures)
    flat = _shown_as_drawn(structures, planes)
    # The largest first: none is left alone at the end.
    by_size = sorted(structures, key=lambda one: -one.sections.volume_cc)
    with ThreadPoolExecutor(processors()) as pool:
        found = {
            one.label: pool.submit(
                _as_drawn if one.label in flat else _outlined,
                one,
                planes,
                colours[one.label],
            )
            for one in by_size
        }
        return tuple(found[one.label].result() for one in structures)


def _outlined(
    placed: PlacedStructure, planes: ScenePlanes, colour: str
) -> SceneOutline:
    nodes = _nodes(placed, planes)
    levels = _levels(placed.sections, nodes.lattice)
    x_mm, y_mm, z_mm = nodes.lattice
    across_x, across_y, across_z = nodes.planes
    drawn = _drawn(placed, planes.axial)
    axial = [
        (plane, ring)
        for plane, node in across_z
        for ring in (
            drawn[plane] if plane in drawn else _traced(x_mm, y_mm, levels[node])
        )
    ]
    sagittal = [
        (plane, ring)
        for plane, node in across_x
        for ring in _traced(y_mm, z_mm, levels[:, :, node])
    ]
    coronal = [
        (plane, ring)
        for plane, node in across_y
        for ring in _traced(x_mm, z_mm, levels[:, node, :])
    ]
    return _outline(placed, colour, (axial, sagittal, coronal))


def _as_drawn(
    placed: PlacedStructure, planes: ScenePlanes, colour: str
) -> SceneOutline:
    axial = [
        (plane, ring)
        for plane, rings in _drawn(placed, planes.axial).items()
        for ring in rings
    ]
    return _outline(placed, colour, (axial, [], []))


def _outline(
    placed: PlacedStructure,
    colour: str,
    polygons: tuple[list[PlanePolygon], list[PlanePolygon], list[PlanePolygon]],
) -> SceneOutline:
    axial, sagittal, coronal = polygons
    return SceneOutline(
        placed.label,
        placed.structure.role.value,
        placed.source_course,
        placed.transferred,
        colour,
        placed.sections.volume_cc,
        tuple(axial),
        tuple(sagittal),
        tuple(coronal),
    )


def _shown_as_drawn(
    structures: Sequence[PlacedStructure], planes: ScenePlanes
) -> set[str]:
    """Labels of the structures for which no lattice is made."""
    others = [
        (math.prod(_nodes(one, planes).lattice.shape), one.label)
        for one in structures
        if one.structure.role is Role.OTHER
    ]
    others.sort()
    total = np.cumsum([count for count, _ in others])
    return {
        label
        for (_, label), so_far in zip(others, total, strict=True)
        if so_far > MOST_OTHER_NODES
    }


def _box(placed: PlacedStructure) -> Box:
    """The box around a structure with its ends beyond the outermost contours."""
    contours = placed.structure.contours
    box = points_box(np.concatenate([contour.points_mm for contour in contours]))
    ends = max(slab.thickness_mm for slab in placed.sections.slabs)
    return box.widened(ends)


def _nodes(placed: PlacedStructure, planes: ScenePlanes) -> _Nodes:
    """Nodes in the planes of the scene, and between them where they are too far."""
    box = _box(placed)
    sheets = placed.sections.solid.tables.sheets
    thin = float(np.median(sheets["thickness_mm"])) < THIN_MM
    across = 2 if thin else 1
    along = max(math.ceil(planes.axial.step_mm / FINEST_ALONG_MM - 1e-6), 1)
    coordinates, shared = [], []
    for low, high, axis, factor in (
        (box.low_mm[0], box.high_mm[0], planes.sagittal, across),
        (box.low_mm[1], box.high_mm[1], planes.coronal, across),
        (box.low_mm[2], box.high_mm[2], planes.axial, along),
    ):
        step = axis.step_mm / factor
        # One node beyond the scene closes the outlines of what reaches further.
        end = (axis.count - 1) * factor
        first = math.floor((low - axis.first_mm) / step) - 1
        first = min(max(first, -1), end)
        last = math.ceil((high - axis.first_mm) / step) + 1
        last = max(min(last, end + 1), first + 1)
        coordinates.append(axis.first_mm + step * np.arange(first, last + 1))
        shared.append(
            [
                (n // factor, n - first)
                for n in range(first + 1, last)
                if n % factor == 0
            ]
        )
    return _Nodes(Lattice(*coordinates), tuple(shared))


def _levels(sections: Sections, lattice: Lattice) -> npt.NDArray[np.float32]:
    """Level at the nodes, ``(z, y, x)``; outside at the outermost of them."""
    steps = [float(nodes[1] - nodes[0]) for nodes in lattice]
    outside_mm = -BEYOND_STEPS * max(steps)
    levels = lattice_levels(sections, lattice, outside_mm=outside_mm)
    for axis in range(3):
        ends = np.moveaxis(levels, axis, 0)
        ends[0] = ends[-1] = outside_mm
    return levels


def _traced(
    u_mm: FloatArray, v_mm: FloatArray, levels: npt.NDArray[np.float32]
) -> list[FloatArray]:
    """Closed curves on which levels, shape (v, u), are zero."""
    if levels.max() <= 0.0:
        return []
    inside_v = np.flatnonzero((levels > 0.0).any(axis=1))
    inside_u = np.flatnonzero((levels > 0.0).any(axis=0))
    part_v = slice(max(inside_v[0] - 1, 0), inside_v[-1] + 2)
    part_u = slice(max(inside_u[0] - 1, 0), inside_u[-1] + 2)
    generator = contourpy.contour_generator(
        u_mm[part_u], v_mm[part_v], levels[part_v, part_u]
    )
    lines = [np.asarray(line) for line in generator.lines(0.0)]
    return _simplified([line[:-1] for line in lines if len(line) > 3])


def _drawn(
    placed: PlacedStructure, axial: PlanePositions
) -> dict[int, list[FloatArray]]:
    """Rings of the sections that lie in axial planes of the scene."""
    sections = placed.sections
    if not np.allclose(sections.axes, np.eye(3), rtol=0.0, atol=1e-9):
        return {}
    heights = np.unique(
        [contour.points_mm[:, 2].mean() for contour in placed.structure.contours]
    )
    planes = np.rint((heights - axial.first_mm) / axial.step_mm).astype(int)
    off = np.abs(axial.first_mm + planes * axial.step_mm - heights)
    drawn: dict[int, list[FloatArray]] = {}
    for plane, height in zip(planes.tolist(), heights.tolist(), strict=True):
        if not 0 <= plane < axial.count:
            continue
        if off[heights == height].max() > SAME_PLANE_MM or plane in drawn:
            continue
        for slab in sections.slabs:
            if slab.bottom_mm <= height <= slab.top_mm:
                drawn[plane] = _simplified(rings_of(slab.region))
                break
    return drawn


def _simplified(rings: Sequence[FloatArray]) -> list[FloatArray]:
    """Rings without vertices that move nothing by 0.1 mm."""
    if not rings:
        return []
    counts = [len(ring) for ring in rings]
    made = shapely.linearrings(
        np.concatenate(rings), indices=np.repeat(np.arange(len(rings)), counts)
    )
    fewer = shapely.simplify(made, SIMPLIFIED_MM, preserve_topology=False)
    points, at = shapely.get_coordinates(fewer, return_index=True)
    found = np.split(points, np.flatnonzero(np.diff(at)) + 1)
    return [ring[:-1] for ring in found if len(ring) > 3]
