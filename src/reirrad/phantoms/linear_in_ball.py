"""How much of a ball or ellipsoid lies on one side of a plane.

Along any direction, an ellipsoid is filled like a ball: the share below a plane depends
only on where the plane cuts the way from one tangent plane to the other. A dose that
is linear in space, or any rising function of it, has its dose-volume metrics from here.
"""

import math

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

__all__ = ["half_width_mm", "position_of_share", "share_below", "variance_of_position"]


def share_below(position: float) -> float:
    """Share of a ball of radius 1 that lies below a plane at `position`, -1 to 1.

    Examples
    --------
    >>> share_below(-1.0), share_below(0.0), share_below(1.0)
    (0.0, 0.5, 1.0)
    """
    at = min(max(position, -1.0), 1.0)
    return (1.0 + at) ** 2 * (2.0 - at) / 4.0


def position_of_share(share: float) -> float:
    """Position below which a share of a ball of radius 1 lies; inverts the above.

    Examples
    --------
    >>> round(position_of_share(0.5), 12)
    0.0
    >>> round(share_below(position_of_share(0.02)), 12)
    0.02
    """
    return float(brentq(lambda at: share_below(at) - share, -1.0, 1.0, xtol=1e-14))


def variance_of_position() -> float:
    """Mean square of the position in a ball of radius 1: one fifth."""
    return 1.0 / 5.0


def half_width_mm(semi_axes_mm: npt.ArrayLike, direction: npt.ArrayLike) -> float:
    """Distance from the centre of an ellipsoid to its tangent plane.

    Parameters
    ----------
    semi_axes_mm
        ``(3, 3)``; each column is a semi-axis as a vector.
    direction
        ``(3,)`` normal of the plane, of any length.
    """
    along = np.asarray(direction, dtype=np.float64)
    axes = np.asarray(semi_axes_mm, dtype=np.float64)
    return math.dist(axes.T @ along, (0.0, 0.0, 0.0)) / math.dist(along, (0.0,) * 3)
