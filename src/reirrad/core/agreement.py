"""How well one structure, drawn in two courses, coincides after registration.

Surfaces are those of the modelled solids; distances are taken from points on each of
them to the other surface, both ways (TG-132, Med Phys 2017;44:e43).
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from reirrad.core.assessment import StructureAgreement
from reirrad.core.geometry import FloatArray
from reirrad.core.sampling import sample, sampling_spacing_mm
from reirrad.core.sections import Sections, is_inside
from reirrad.core.solid_surface import distances_mm, surface_of
from reirrad.core.transforms import RigidTransform

__all__ = ["agreement", "agreement_between"]

Carry = Callable[[FloatArray], FloatArray]

COARSENING = 1.7
"""Dice needs fewer points than a near-maximum dose."""
PROBE_MM = 1.0


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
    surface, other = surface_of(first), surface_of(second)
    carried = to_second(surface.points_mm)
    arrived = np.asarray(np.isfinite(carried).all(axis=1))
    asked = arrived[surface.asked]
    one_cc, first_cc = one.volumes_cc, first.volume_cc
    if not keeps_volumes:
        one_cc = one_cc * _swelling(one.points_mm, one_carried, to_second)
        first_cc = float(one_cc.sum())
    if not one_cc[known].sum() > 0.0 or not asked.any():
        msg = f"nothing of {name} can be carried into the other frame"
        raise ValueError(msg)
    one_in_two = _inside_where_known(second, one_carried)
    two_in_one = _inside_where_known(first, to_first(two.points_mm))
    shared = (one_cc[one_in_two].sum() + two.volumes_cc[two_in_one].sum()) / 2.0
    centroids = [
        np.average(one_carried[known], 0, weights=one_cc[known]),
        np.average(two.points_mm, 0, weights=two.volumes_cc),
    ]
    ways = (
        (
            distances_mm(carried[surface.asked[asked]], other.points_mm),
            surface.weights[asked],
        ),
        (
            distances_mm(other.points_mm[other.asked], carried[arrived]),
            other.weights,
        ),
    )
    return StructureAgreement(
        name=name,
        dice=float(2.0 * shared / (first_cc + second.volume_cc)),
        mean_distance_mm=float(np.mean([np.average(d, weights=w) for d, w in ways])),
        hausdorff95_mm=max(_percentile(d, w, 95.0) for d, w in ways),
        centroid_distance_mm=float(np.linalg.norm(centroids[0] - centroids[1])),
    )


def _swelling(
    points_mm: FloatArray, carried_mm: FloatArray, carry: Carry
) -> FloatArray:
    """How much larger a small volume is where it arrives, shape (n,); 0 if unknown."""
    columns = [
        (carry(points_mm + PROBE_MM * way) - carried_mm) / PROBE_MM for way in np.eye(3)
    ]
    slopes = np.stack(columns, axis=-1)
    known = np.isfinite(slopes).all(axis=(1, 2))
    swelling = np.zeros(len(points_mm))
    swelling[known] = np.maximum(np.linalg.det(slopes[known]), 0.0)
    return swelling


def _inside_where_known(
    sections: Sections, points_mm: FloatArray
) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(points_mm), dtype=np.bool_)
    known = np.flatnonzero(np.isfinite(points_mm).all(axis=1))
    inside[known] = is_inside(sections, points_mm[known])
    return inside


def _percentile(values: FloatArray, weights: FloatArray, percent: float) -> float:
    order = np.argsort(values)
    share = np.cumsum(weights[order])
    at = np.searchsorted(share, percent / 100.0 * share[-1])
    return float(values[order[min(at, len(values) - 1)]])
