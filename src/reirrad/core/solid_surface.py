"""Points on the surface of a structure's solid, and distances to such a surface.

A lattice is laid over the solid; where one of two neighbouring nodes lies inside, the
point at which the way between them leaves the solid is found by halving. So the points
lie on the modelled solid, caps included, wherever its contours were drawn.

The distance to a surface is that to the plane through its nearest points: points three
millimetres apart tell a smooth surface to a tenth of that. At edges, where there is
no such plane, it is not less than the nearest point allows.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from reirrad.core.geometry import FloatArray, linear_map
from reirrad.core.sampling import sample
from reirrad.core.sections import Sections
from reirrad.core.solid import Solid
from reirrad.core.solid_lattice import Lattice, inside_lattice

__all__ = ["Surface", "distances_mm", "surface_of", "surface_points"]

NODES_ACROSS = 24.0
FINEST_MM, COARSEST_MM = 0.2, 3.0
NODES_IN_THICKNESS = 1.5
MOST_NODES = 1e6
MARGIN_RATIO = 0.15
HALVINGS = 5
NEIGHBOURS = 12
REACH_RATIO = 0.6
"""Of the distance to the last neighbour; near nodes some lie very close together."""
GOLDEN = 0.6180339887498949
ASKED = 2_500
"""Points of a surface from which distances are taken."""


class Surface(NamedTuple):
    """Points on a surface, and some of them that stand for it.

    Parameters
    ----------
    points_mm
        ``(n, 3)`` in the structure's frame of reference.
    asked
        ``(m,)`` numbers of points from which distances are taken.
    weights
        ``(m,)`` relative area that each of these stands for.
    """

    points_mm: FloatArray
    asked: npt.NDArray[np.intp]
    weights: FloatArray


def surface_of(sections: Sections) -> Surface:
    """Points on the surface of a structure, as close as its size asks for."""
    points = surface_points(sections)
    count = min(len(points), ASKED)
    # One of each stretch of the list, at another place in each: its rows are those of
    # the lattice.
    at = np.arange(count) + np.mod(GOLDEN * np.arange(count), 1.0)
    asked = (at * (len(points) / count)).astype(np.intp)
    normals, _ = _planes(cKDTree(points), points[asked])
    # The ways between nodes meet a surface more often where it lies oblique to them.
    density = np.abs(linear_map(normals, sections.axes)).sum(axis=1)
    return Surface(points, asked, 1.0 / density)


def distances_mm(points_mm: FloatArray, surface_mm: FloatArray) -> FloatArray:
    """Distance of each point to a surface.

    Parameters
    ----------
    points_mm
        ``(n, 3)``.
    surface_mm
        ``(m, 3)`` points on the surface, m above 0.

    Returns
    -------
    ndarray, shape (n,)
        For smooth surfaces accurate to a tenth of the spacing of their points; at
        edges too small by up to half the spacing where the point is that near.
    """
    tree = cKDTree(surface_mm)
    to_point, nearest = tree.query(points_mm)
    found, of = np.unique(nearest, return_inverse=True)
    normals, reach = _planes(tree, surface_mm[found])
    offsets = points_mm - surface_mm[nearest]
    to_plane = np.abs(np.einsum("ij,ij->i", offsets, normals[of]))
    least = np.sqrt(np.maximum(to_point**2 - reach[of] ** 2, 0.0))
    return np.asarray(np.minimum(np.maximum(to_plane, least), to_point))


def surface_points(
    sections: Sections, *, spacing_mm: float | None = None
) -> FloatArray:
    """Points on the surface of a structure.

    Parameters
    ----------
    spacing_mm
        Distance of the ways along which they are looked for; by default chosen from
        the structure's size.

    Returns
    -------
    ndarray, shape (n, 3)
        In the structure's frame of reference.
    """
    solid = sections.solid
    low, high = _box(solid)
    spacing = spacing_mm or _spacing_mm(solid, high - low)
    spacing = max(spacing, float(np.prod(high - low) / MOST_NODES) ** (1.0 / 3.0))
    counts = np.ceil((high - low) / spacing).astype(int) + 1
    nodes = [
        start + spacing * np.arange(count)
        for start, count in zip(low, counts, strict=True)
    ]
    local = Sections(np.eye(3), sections.slabs, solid, ())
    inside = inside_lattice(local, Lattice(*nodes))
    if not inside.any():
        # Thinner than the way between nodes: what lies inside is near the surface.
        return sample(sections).points_mm
    within, beyond = _ways(inside)
    found = _halved(solid, low + spacing * within, low + spacing * beyond)
    return linear_map(found, sections.axes.T)


def _ways(inside: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Indices (x, y, z) of nodes inside next to one outside, and of these."""
    within, beyond = [], []
    for axis in range(3):
        differs = np.diff(inside, axis=axis)
        one = np.argwhere(differs)
        other = one + (np.arange(3) == axis)
        first = inside[differs.nonzero()][:, None]
        within.append(np.where(first, one, other))
        beyond.append(np.where(first, other, one))
    return (
        np.concatenate(within)[:, ::-1].astype(np.float64),
        np.concatenate(beyond)[:, ::-1].astype(np.float64),
    )


def _halved(solid: Solid, within: FloatArray, beyond: FloatArray) -> FloatArray:
    """Where the ways from points inside to points outside leave the solid."""
    for _ in range(HALVINGS):
        middle = (within + beyond) / 2.0
        inside = solid.contains(middle)[:, None]
        within = np.where(inside, middle, within)
        beyond = np.where(inside, beyond, middle)
    return np.asarray((within + beyond) / 2.0)


def _box(solid: Solid) -> tuple[FloatArray, FloatArray]:
    """Corners (u, v, height) of a box around the solid, with a margin."""
    sheets, pieces = solid.tables.sheets, solid.tables.pieces
    low = np.array(
        [sheets["low_u"].min(), sheets["low_v"].min(), pieces["low_mm"].min()]
    )
    high = np.array(
        [sheets["high_u"].max(), sheets["high_v"].max(), pieces["high_mm"].max()]
    )
    margin = MARGIN_RATIO * (high - low)
    return low - margin, high + margin


def _spacing_mm(solid: Solid, size_mm: FloatArray) -> float:
    """Distance of nodes: some for the whole, and across what is thin."""
    spacing = (1000.0 * solid.volume_cc) ** (1.0 / 3.0) / NODES_ACROSS
    thin = min(float(np.median(solid.tables.sheets["thickness_mm"])), size_mm[2])
    return float(max(min(spacing, thin / NODES_IN_THICKNESS, COARSEST_MM), FINEST_MM))


def _planes(tree: cKDTree, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Plane through the neighbours of points on a surface.

    Returns
    -------
    normals : ndarray, shape (n, 3)
    reach : ndarray, shape (n,)
        How far other points of the surface may lie from the nearest of the cloud.
    """
    count = min(NEIGHBOURS, tree.n)
    apart, near = tree.query(points, k=np.arange(1, count + 1))
    around = tree.data[near]
    around = around - around.mean(axis=1, keepdims=True)
    _, ways = np.linalg.eigh(np.einsum("nki,nkj->nij", around, around))
    return ways[:, :, 0], REACH_RATIO * apart[:, -1]
