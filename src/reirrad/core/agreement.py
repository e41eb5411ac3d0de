"""How well one structure, drawn in two courses, coincides after registration.

Surfaces are point clouds of the slabs' walls and of every face that a neighbouring slab
does not cover, about one point per square of the spacing. Distances are taken from each
surface to the other, both ways (TG-132, Med Phys 2017;44:e43).
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from reirrad.core.assessment import StructureAgreement
from reirrad.core.coverage import covered_cells
from reirrad.core.geometry import FloatArray
from reirrad.core.sampling import sample, sampling_spacing_mm
from reirrad.core.sections import Section, Sections, is_inside, rings_of
from reirrad.core.transforms import RigidTransform

__all__ = ["agreement", "agreement_between", "distances_mm", "surface_points"]

Carry = Callable[[FloatArray], FloatArray]

COARSENING = 1.7
"""Dice needs fewer points than a near-maximum dose."""
SURFACE_SPACING_MM = 1.5
"""Distances between two surfaces that coincide come out at up to 0.4 of this."""
ALIKE_RATIO = 0.8
PROBE_MM = 1.0
ASKED_EVERY = 4
"""Share of the surface points from which the distance is taken."""


def agreement(
    name: str, first: Sections, second: Sections, first_to_second: RigidTransform
) -> StructureAgreement:
    """Compare two delineations of one structure.

    Parameters
    ----------
    name : str
        What the structure is called in the result.
    first, second : Sections
        Each in its own frame of reference.
    first_to_second : RigidTransform
        Carries the first into the frame of the second.

    Returns
    -------
    StructureAgreement
        Dice, mean surface distance, 95th percentile of the surface distances (the
        larger of both ways) and distance of the centroids.
    """
    return agreement_between(
        name,
        (first, second),
        to_second=first_to_second.apply,
        to_first=first_to_second.inverse().apply,
        keeps_volumes=True,
    )


def agreement_between(
    name: str,
    drawn: tuple[Sections, Sections],
    *,
    to_second: Carry,
    to_first: Carry,
    keeps_volumes: bool = False,
) -> StructureAgreement:
    """Compare two delineations of one structure under any map of points.

    Parameters
    ----------
    name : str
        What the structure is called in the result.
    drawn : pair of Sections
        Each in its own frame of reference.
    to_second, to_first : callable
        Carry points, shape (n, 3), from the one frame into the other and back; NaN
        where they cannot, which counts as outside and as no surface.
    keeps_volumes : bool
        Whether nothing swells or shrinks on the way, as under a rigid map. Else what
        is carried is measured where it arrives.

    Raises
    ------
    ValueError
        If nothing of the first can be carried into the frame of the second.
    """
    first, second = drawn
    smaller = min(first.volume_cc, second.volume_cc)
    spacing = COARSENING * sampling_spacing_mm(smaller)
    one, two = (
        sample(sections, spacing_mm=spacing, centred=True)
        for sections in (first, second)
    )
    one_carried = to_second(one.points_mm)
    known = np.isfinite(one_carried).all(axis=1)
    surface = to_second(surface_points(first, spacing_mm=SURFACE_SPACING_MM))
    surface = surface[np.isfinite(surface).all(axis=1)]
    if not known.any() or len(surface) < ASKED_EVERY:
        msg = f"nothing of {name} can be carried into the other frame"
        raise ValueError(msg)
    one_in_two = _inside_where_known(second, one_carried)
    two_in_one = _inside_where_known(first, to_first(two.points_mm))
    one_cc, first_cc = one.volumes_cc, first.volume_cc
    if not keeps_volumes:
        one_cc = one_cc * _swelling(one.points_mm, one_carried, to_second)
        first_cc = float(one_cc.sum())
    shared = (one_cc[one_in_two].sum() + two.volumes_cc[two_in_one].sum()) / 2.0
    centroids = [
        np.average(one_carried[known], 0, weights=one_cc[known]),
        np.average(two.points_mm, 0, weights=two.volumes_cc),
    ]
    there, back = distances_mm(
        surface, surface_points(second, spacing_mm=SURFACE_SPACING_MM)
    )
    return StructureAgreement(
        name=name,
        dice=float(2.0 * shared / (first_cc + second.volume_cc)),
        mean_distance_mm=float((there.mean() + back.mean()) / 2.0),
        hausdorff95_mm=float(max(np.percentile(there, 95), np.percentile(back, 95))),
        centroid_distance_mm=float(np.linalg.norm(centroids[0] - centroids[1])),
    )


def _swelling(
    points_mm: FloatArray, carried_mm: FloatArray, carry: Carry
) -> FloatArray:
    """How much larger a small volume is where it arrives, shape (n,); 0 if unknown."""
    columns = [
        (carry(points_mm + PROBE_MM * way) - carried_mm) / PROBE_MM for way in np.eye(3)
    ]
    determinants = np.linalg.det(np.stack(columns, axis=-1))
    return np.asarray(np.nan_to_num(np.maximum(determinants, 0.0)), dtype=np.float64)


def _inside_where_known(
    sections: Sections, points_mm: FloatArray
) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(points_mm), dtype=np.bool_)
    known = np.flatnonzero(np.isfinite(points_mm).all(axis=1))
    inside[known] = is_inside(sections, points_mm[known])
    return inside


def distances_mm(
    first_mm: FloatArray, second_mm: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """From every fourth point of one cloud to the nearest of the other, both ways."""
    there, _ = cKDTree(second_mm).query(first_mm[::ASKED_EVERY])
    back, _ = cKDTree(first_mm).query(second_mm[::ASKED_EVERY])
    return there, back


def surface_points(sections: Sections, *, spacing_mm: float) -> FloatArray:
    """Points on the surface of a structure, about one per square of the spacing.

    Returns
    -------
    ndarray, shape (n, 3)
        In the structure's frame of reference.
    """
    clouds = []
    below: Section | None = None
    for slab in sections.slabs:
        clouds.append(_walls(slab, spacing_mm))
        attached = below is not None and below.top_mm >= slab.bottom_mm - 1e-6
        if below is not None and attached:
            if not _alike(slab, below):
                face = slab.region.symmetric_difference(below.region)
                clouds.append(_face(face, slab.bottom_mm, spacing_mm))
        else:
            clouds.append(_face(slab.region, slab.bottom_mm, spacing_mm))
            if below is not None:
                clouds.append(_face(below.region, below.top_mm, spacing_mm))
        below = slab
    last = sections.slabs[-1]
    clouds.append(_face(last.region, last.top_mm, spacing_mm))
    return np.concatenate(clouds) @ sections.axes


def _alike(slab: Section, below: Section) -> bool:
    """Whether two slabs are so alike that the face between them is a narrow rim."""
    smaller, larger = sorted((slab.region.area, below.region.area))
    return bool(smaller > ALIKE_RATIO * larger)


def _walls(slab: Section, spacing_mm: float) -> FloatArray:
    outline = shapely.segmentize(slab.region.boundary, spacing_mm)
    vertices = np.unique(shapely.get_coordinates(outline), axis=0)
    n_layers = max(1, int(np.ceil(slab.thickness_mm / spacing_mm)))
    layer_mm = slab.thickness_mm / n_layers
    heights = slab.bottom_mm + layer_mm * (np.arange(n_layers) + 0.5)
    points = np.empty((n_layers, len(vertices), 3))
    points[:, :, :2] = vertices
    points[:, :, 2] = heights[:, None]
    return points.reshape(-1, 3)


def _face(region: BaseGeometry, height_mm: float, spacing_mm: float) -> FloatArray:
    # A rim narrower than two spacings lies between walls that have points already.
    if region.is_empty or 2.0 * region.area < 2.0 * spacing_mm * region.length:
        return np.empty((0, 3))
    rings = [ring for ring in rings_of(_polygons(region)) if len(ring) > 2]
    if not rings:
        return np.empty((0, 3))
    cells = covered_cells(rings, spacing=spacing_mm)
    centroids = cells.centroids[cells.ratios > 0.5]
    return np.column_stack([centroids, np.full(len(centroids), height_mm)])


def _polygons(region: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(region)
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])
