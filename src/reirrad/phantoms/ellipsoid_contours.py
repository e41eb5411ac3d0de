"""Contours of ellipsoids in any position: their exact sections with planes."""

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray
from reirrad.core.structures import Contour
from reirrad.phantoms.analytic import SliceStack

__all__ = ["ellipsoid_contours"]


def ellipsoid_contours(
    centre_mm: npt.ArrayLike,
    semi_axes_mm: npt.ArrayLike,
    *,
    slices: SliceStack,
    n_vertices: int = 256,
) -> tuple[Contour, ...]:
    """Contours of an ellipsoid: polygons whose vertices are on its surface.

    The ellipsoid is a ball carried by the matrix of its semi-axes, and so is its
    section with a plane: a circle of that ball.

    Parameters
    ----------
    centre_mm
        Centre, ``(3,)``.
    semi_axes_mm
        ``(3, 3)``; each column is a semi-axis as a vector.
    slices
        Planes to draw on; those that only touch the ellipsoid stay empty.
    n_vertices
        Vertices of each polygon.
    """
    centre = np.asarray(centre_mm, dtype=np.float64)
    axes = np.asarray(semi_axes_mm, dtype=np.float64)
    normal = np.asarray(slices.axes, dtype=np.float64)[2]
    across = axes.T @ normal
    reach = float(np.linalg.norm(across))
    pole, first, second = _frame(across / reach)
    angle = np.linspace(0.0, 2.0 * np.pi, n_vertices, endpoint=False)[:, None]
    ring = np.cos(angle) * first + np.sin(angle) * second
    height = float(normal @ centre)
    contours = []
    for at in slices.heights_mm(height - reach, height + reach):
        position = (at - height) / reach
        circle = position * pole + np.sqrt(1.0 - position**2) * ring
        contours.append(Contour(centre + circle @ axes.T))
    return tuple(contours)


def _frame(pole: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A unit vector and two that are at right angles to it and each other."""
    helper = np.eye(3)[int(np.argmin(np.abs(pole)))]
    first = np.cross(pole, helper)
    first /= np.linalg.norm(first)
    return pole, first, np.cross(pole, first)
