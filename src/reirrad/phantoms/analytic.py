"""Spheres, cylinders and doses of known shape, as the project's own values.

Contours lie on the planes of a :class:`SliceStack`, which may be tilted in any way; a
dose is a function of points until it is put on a grid, so that its true value is known
between voxels too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

from reirrad.core.dose import DoseGrid
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.structures import Contour, Role, Structure

__all__ = [
    "AXIAL_AXES",
    "RadialDose",
    "SliceStack",
    "analytic_structure",
    "box_geometry",
    "cylinder_contours",
    "sampled_dose",
    "shoulder_dose",
    "sphere_contours",
    "sphere_dose",
]

AXIAL_AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))

AXES_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class SliceStack:
    """Equidistant parallel planes on which structures are drawn.

    Parameters
    ----------
    spacing_mm
        Distance between planes.
    offset_mm
        Position of one of the planes along the normal.
    axes
        ``(3, 3)`` orthonormal rows: the direction along a row of the image, the one
        along a column, and the normal.
    """

    spacing_mm: float
    offset_mm: float = 0.0
    axes: npt.ArrayLike = AXIAL_AXES

    def __post_init__(self) -> None:
        axes = np.array(self.axes, dtype=np.float64)
        square = axes.shape == (3, 3)
        if not square or np.abs(axes @ axes.T - np.eye(3)).max() > AXES_TOLERANCE:
            msg = f"axes must be three orthonormal rows, got {axes.tolist()}"
            raise ValueError(msg)
        if not self.spacing_mm > 0:
            msg = f"spacing_mm must be above 0, got {self.spacing_mm}"
            raise ValueError(msg)
        axes.flags.writeable = False
        object.__setattr__(self, "axes", axes)

    def heights_mm(self, low_mm: float, high_mm: float) -> FloatArray:
        """Positions along the normal of the planes strictly between two heights."""
        first = np.floor((low_mm - self.offset_mm) / self.spacing_mm) + 1
        last = np.ceil((high_mm - self.offset_mm) / self.spacing_mm) - 1
        return self.offset_mm + self.spacing_mm * np.arange(first, last + 1)


def sphere_contours(
    centre_mm: npt.ArrayLike,
    radius_mm: float,
    *,
    slices: SliceStack,
    n_vertices: int = 256,
) -> tuple[Contour, ...]:
    """Contours of a sphere: circles as polygons whose vertices are on the sphere.

    Parameters
    ----------
    centre_mm
        Centre, ``(3,)``.
    radius_mm
        Radius.
    slices
        Planes to draw on; those that only touch the sphere stay empty.
    n_vertices
        Vertices of each polygon; 256 lose 0.01 % of a circle's area.
    """
    height = _height(centre_mm, slices)
    return tuple(
        _circle(
            centre_mm,
            at,
            float(np.sqrt(radius_mm**2 - (at - height) ** 2)),
            slices=slices,
            n_vertices=n_vertices,
        )
        for at in slices.heights_mm(height - radius_mm, height + radius_mm)
    )


def cylinder_contours(
    centre_mm: npt.ArrayLike,
    radius_mm: float,
    *,
    length_mm: float,
    slices: SliceStack,
    n_vertices: int = 256,
) -> tuple[Contour, ...]:
    """Contours of a circular cylinder that stands upright on the planes."""
    height = _height(centre_mm, slices)
    low, high = height - length_mm / 2.0, height + length_mm / 2.0
    return tuple(
        _circle(centre_mm, at, radius_mm, slices=slices, n_vertices=n_vertices)
        for at in slices.heights_mm(low, high)
    )


def analytic_structure(
    name: str,
    contours: tuple[Contour, ...],
    *,
    frame_of_reference_uid: str,
    number: int = 1,
    role: Role = Role.ORGAN,
) -> Structure:
    """Contours as a structure whose drawn name is its standard name."""
    return Structure(number, name, name, role, contours, frame_of_reference_uid)


@dataclass(frozen=True, slots=True, eq=False)
class RadialDose:
    """Dose that depends only on the distance from a centre, falling with it.

    Parameters
    ----------
    centre_mm
        Centre, ``(3,)``.
    profile_gy
        Distance in mm, an array, to dose in Gy; never rising.
    """

    centre_mm: npt.ArrayLike
    profile_gy: Callable[[FloatArray], FloatArray]

    def at(self, points_mm: npt.ArrayLike) -> FloatArray:
        """Dose in Gy at points ``(..., 3)``."""
        offset = np.asarray(points_mm, dtype=np.float64) - np.asarray(self.centre_mm)
        return self.profile_gy(np.linalg.norm(offset, axis=-1))


def sphere_dose(
    centre_mm: npt.ArrayLike, *, radius_at: Mapping[float, float]
) -> RadialDose:
    """Smooth dose whose isodoses are spheres of the radii asked for.

    With two levels this is the Gaussian through both; with more, the logarithm of the
    dose is a monotone cubic of the squared distance, and Gaussian beyond the ends.

    Parameters
    ----------
    centre_mm
        Centre, ``(3,)``.
    radius_at
        Isodose level in Gy to radius in mm; at least two, larger radii for lower doses.

    Raises
    ------
    ValueError
        If the levels are fewer than two or do not fall with the radius.
    """
    pairs = sorted((radius, level) for level, radius in radius_at.items())
    radii = np.array([radius for radius, _ in pairs], dtype=np.float64)
    levels = np.array([level for _, level in pairs], dtype=np.float64)
    falling = len(pairs) >= 2 and np.all(np.diff(radii) > 0)
    if not falling or not np.all(np.diff(levels) < 0) or levels[-1] <= 0:
        msg = f"radius_at needs two or more levels that fall outwards, got {radius_at}"
        raise ValueError(msg)
    curve = PchipInterpolator(radii**2, np.log(levels))
    slopes = curve.derivative()(radii[[0, -1]] ** 2)

    def profile_gy(distance_mm: FloatArray) -> FloatArray:
        square = distance_mm**2
        inner, outer = radii[0] ** 2, radii[-1] ** 2
        logarithm = curve(np.clip(square, inner, outer))
        logarithm += slopes[0] * np.minimum(square - inner, 0.0)
        logarithm += slopes[1] * np.maximum(square - outer, 0.0)
        return np.asarray(np.exp(logarithm), dtype=np.float64)

    return RadialDose(centre_mm, profile_gy)


def shoulder_dose(
    centre_mm: npt.ArrayLike,
    *,
    plateau_gy: float,
    plateau_radius_mm: float,
    zero_radius_mm: float,
) -> RadialDose:
    """Constant dose inside one radius, then a straight fall to zero at another."""
    if not 0 <= plateau_radius_mm < zero_radius_mm:
        msg = (
            f"plateau_radius_mm must be 0 or more and below zero_radius_mm, "
            f"got {plateau_radius_mm} and {zero_radius_mm}"
        )
        raise ValueError(msg)

    def profile_gy(distance_mm: FloatArray) -> FloatArray:
        fall = (zero_radius_mm - distance_mm) / (zero_radius_mm - plateau_radius_mm)
        return plateau_gy * np.clip(fall, 0.0, 1.0)

    return RadialDose(centre_mm, profile_gy)


def sampled_dose(
    dose_at_points: Callable[[FloatArray], FloatArray], geometry: GridGeometry
) -> DoseGrid:
    """A dose function, taken at the voxel centres of a grid."""
    indices = np.moveaxis(np.indices(geometry.shape), 0, -1).reshape(-1, 3)
    values = dose_at_points(geometry.points_mm(indices))
    return DoseGrid(values.reshape(geometry.shape), geometry)


def box_geometry(
    low_mm: npt.ArrayLike,
    high_mm: npt.ArrayLike,
    *,
    spacing_mm: tuple[float, float, float],
    frame_of_reference_uid: str,
    axes: npt.ArrayLike = AXIAL_AXES,
) -> GridGeometry:
    """A voxel grid whose centres reach at least from one corner to the other.

    Parameters
    ----------
    low_mm, high_mm
        Corners along `axes`: row direction, column direction, normal.
    spacing_mm
        Voxel distances along k, j and i.
    frame_of_reference_uid
        Frame of the grid.
    axes
        ``(3, 3)`` orthonormal rows as in :class:`SliceStack`.
    """
    low = np.asarray(low_mm, dtype=np.float64)
    kji_extent = (np.asarray(high_mm, dtype=np.float64) - low)[::-1]
    spacing = np.asarray(spacing_mm, dtype=np.float64)
    k, j, i = (int(n) + 1 for n in np.ceil(kji_extent / spacing - 1e-9))
    directions = np.asarray(axes, dtype=np.float64)
    affine = np.eye(4)
    affine[:3, :3] = directions[::-1].T * spacing
    affine[:3, 3] = low @ directions
    return GridGeometry((k, j, i), affine, frame_of_reference_uid)


def _height(centre_mm: npt.ArrayLike, slices: SliceStack) -> float:
    return float(np.asarray(slices.axes)[2] @ np.asarray(centre_mm, dtype=np.float64))


def _circle(
    centre_mm: npt.ArrayLike,
    height_mm: float,
    radius_mm: float,
    *,
    slices: SliceStack,
    n_vertices: int,
) -> Contour:
    row, column, normal = np.asarray(slices.axes, dtype=np.float64)
    angle = np.linspace(0.0, 2.0 * np.pi, n_vertices, endpoint=False)[:, None]
    centre = np.asarray(centre_mm, dtype=np.float64)
    middle = centre + (height_mm - normal @ centre) * normal
    ring = np.cos(angle) * row + np.sin(angle) * column
    return Contour(middle + radius_mm * ring)
