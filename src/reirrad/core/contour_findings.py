"""What to know about the contours of a course before anything is asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from reirrad.core.drawn_planes import DrawnPlanes, planes_of
from reirrad.core.findings import Finding
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.structures import Structure
from reirrad.errors import InputError

__all__ = ["DrawnOn", "contour_findings", "unusable"]

BETWEEN_RATIO = 0.1
"""Share of a slice spacing from which a contour lies beside its slice."""
PARALLEL_COSINE = 0.999
"""Of one and a half degrees: half a slice at the rim of a large organ."""
TOLD_RATIO = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class DrawnOn:
    """The image that structures were drawn on.

    Parameters
    ----------
    geometry
        Its grid.
    on_slices
        Whether the planes of the grid are the slices as they were taken.
    """

    geometry: GridGeometry
    on_slices: bool = True

    @property
    def slice_spacing_mm(self) -> float:
        """Distance between slices."""
        return self.geometry.spacing_mm[0]


class _Drawn(NamedTuple):
    """A structure, its planes, and its vertices as indices of the image's voxels."""

    structure: Structure
    planes: DrawnPlanes
    indices: FloatArray

    @classmethod
    def on(
        cls, structure: Structure, planes: DrawnPlanes, geometry: GridGeometry
    ) -> "_Drawn":
        vertices = np.concatenate([one.points_mm for one in structure.contours])
        return cls(structure, planes, geometry.indices(vertices))


def contour_findings(
    structures: Sequence[Structure], image: DrawnOn | None, *, course: int, where: str
) -> list[Finding]:
    """What was decided about contours, and where they do not suit their image.

    Parameters
    ----------
    structures
        Of one course, each with a contour.
    image
        What they were drawn on, in the same frame of reference.
    course
        Number of the course.
    where
        The structure set in the reader's words.
    """
    findings: list[Finding] = []
    planes: dict[int, DrawnPlanes] = {}
    spacing = None if image is None else image.slice_spacing_mm

    for structure in structures:
        try:
            drawn = planes_of(structure, slice_spacing_mm=spacing)
        except InputError as fault:
            findings.append(unusable(structure, course, fault))
            continue
        planes[structure.number] = drawn
        findings += [
            Finding(
                f"contours-{remark.code}",
                remark.severity,
                f"{structure.name} of course {course}",
                f"{where}: {structure.name!r}: {remark.text}.",
            )
            for remark in drawn.remarks
        ]
    if image is None:
        return findings
    drawn_there = [
        _Drawn.on(one, planes[one.number], image.geometry)
        for one in structures
        if one.number in planes
    ]
    about = f"course {course}"
    return (
        findings
        + _beside_slices(drawn_there, image, about, where)
        + (_beyond_image(drawn_there, image.geometry, about, where))
    )


def unusable(structure: Structure, course: int, fault: InputError) -> Finding:
    """That the contours of a structure make no volume, and why."""
    about = f"{structure.name} of course {course}"
    message = f"{' '.join(fault.problems)}. It is left out."
    return Finding("structure-unusable", "warning", about, message)


def _beside_slices(
    drawn: Sequence[_Drawn], image: DrawnOn, about: str, where: str
) -> list[Finding]:
    """Structures that were not drawn on the slices of the image."""
    findings = []
    turned = [
        one.structure for one in drawn if not _is_parallel(one.planes, image.geometry)
    ]
    if turned:
        message = (
            f"{where}: contours lie in other planes than the slices of the planning "
            f"image: {_names(turned)}. Their own planes are used."
        )
        findings.append(Finding("contours-other-planes", "info", about, message))
    between = [
        one.structure
        for one in drawn
        if image.on_slices
        and one.structure not in turned
        and not any(remark.code == "moved" for remark in one.planes.remarks)
        and _lies_between(one, image.geometry)
    ]
    if between:
        message = (
            f"{where}: contours lie between the slices of the planning image and are "
            f"used where they lie: {_names(between)}."
        )
        findings.append(Finding("contours-between-slices", "info", about, message))
    return findings


def _beyond_image(
    drawn: Sequence[_Drawn], geometry: GridGeometry, about: str, where: str
) -> list[Finding]:
    """Structures that are larger than what the image shows."""
    shares = [(one.structure.name, _share_beyond(one, geometry)) for one in drawn]
    told = [
        f"{name!r} ({100.0 * share:.1f} %)"
        for name, share in shares
        if share > TOLD_RATIO
    ]
    if not told:
        return []
    message = (
        f"{where}: parts of structures lie beyond the planning image: "
        f"{', '.join(told)} of their volume. They count in full, but no picture shows "
        f"them. Make sure that the image is the one that they were drawn on."
    )
    return [Finding("contours-beyond-image", "warning", about, message)]


def _names(structures: Sequence[Structure]) -> str:
    return ", ".join(repr(one.name) for one in structures)


def _is_parallel(drawn: DrawnPlanes, geometry: GridGeometry) -> bool:
    normal = np.cross(geometry.affine[:3, 2], geometry.affine[:3, 1])
    cosine = drawn.axes[2] @ normal / np.linalg.norm(normal)
    return bool(abs(cosine) >= PARALLEL_COSINE)


def _lies_between(drawn: _Drawn, geometry: GridGeometry) -> bool:
    """Whether a contour lies beside the slices of a grid, within its reach."""
    counts = np.array([len(one.points_mm) for one in drawn.structure.contours])
    starts = np.cumsum(counts) - counts
    k = np.add.reduceat(drawn.indices[:, 0], starts) / counts
    within = (k >= 0.0) & (k <= geometry.shape[0] - 1)
    return bool(np.any(np.abs(k - np.rint(k))[within] > BETWEEN_RATIO))


def _share_beyond(drawn: _Drawn, geometry: GridGeometry) -> float:
    """Share of a structure's volume, taken as slabs, beyond the voxels of an image."""
    lowest, highest = drawn.indices.min(axis=0), drawn.indices.max(axis=0)
    if np.all(lowest >= -0.5) and np.all(highest <= np.array(geometry.shape) - 0.5):
        return 0.0
    corners = geometry.corners_mm() @ drawn.planes.axes.T
    whole = inside = 0.0
    for plane in drawn.planes.planes:
        thickness = plane.below_mm + plane.above_mm
        seen = plane.region.intersection(_cut(corners, plane.height_mm))
        whole += plane.region.area * thickness
        inside += seen.area * thickness
    return 1.0 - inside / whole


def _cut(corners: FloatArray, height_mm: float) -> BaseGeometry:
    """Polygon in which a plane cuts the box of eight corners, in the plane's (u, v)."""
    crossings = []
    for low, high in _EDGES:
        start, end = corners[low], corners[high]
        if (start[2] - height_mm) * (end[2] - height_mm) <= 0 and start[2] != end[2]:
            share = (height_mm - start[2]) / (end[2] - start[2])
            crossings.append(start[:2] + share * (end[:2] - start[:2]))
    return shapely.MultiPoint(crossings).convex_hull


def _edges() -> list[tuple[int, int]]:
    """Corners of a box, numbered in binary, that differ in one digit."""
    numbers: npt.NDArray[np.intp] = np.arange(8)
    return [(n, n | bit) for n in numbers.tolist() for bit in (1, 2, 4) if not n & bit]


_EDGES = _edges()
