"""Volumes of balls, caps and lenses in closed form, and what has a given volume.

References
----------
.. [1] Weisstein EW. Sphere-sphere intersection; spherical cap. MathWorld.
"""

import math

from scipy.optimize import brentq

__all__ = [
    "cap_height_mm",
    "cap_volume_cc",
    "cylinder_volume_cc",
    "lens_distance_mm",
    "lens_volume_cc",
    "sphere_volume_cc",
]

MM3_PER_CC = 1000.0
TOLERATED_MM = 1e-9


def sphere_volume_cc(radius_mm: float) -> float:
    """Volume of a ball."""
    return 4.0 / 3.0 * math.pi * _checked_length(radius_mm) ** 3 / MM3_PER_CC


def cylinder_volume_cc(radius_mm: float, length_mm: float) -> float:
    """Volume of a straight circular cylinder."""
    area = math.pi * _checked_length(radius_mm) ** 2
    return area * _checked_length(length_mm) / MM3_PER_CC


def cap_volume_cc(radius_mm: float, height_mm: float) -> float:
    """Volume of the part of a ball that a plane cuts off.

    Parameters
    ----------
    radius_mm
        Radius of the ball.
    height_mm
        Height of the cap: 0 is nothing, twice the radius the whole ball; values beyond
        are taken as these.

    Examples
    --------
    >>> round(cap_volume_cc(10.0, 10.0), 6)
    2.094395
    """
    radius = _checked_length(radius_mm)
    height = min(max(height_mm, 0.0), 2.0 * radius)
    return math.pi * height**2 * (3.0 * radius - height) / 3.0 / MM3_PER_CC


def cap_height_mm(radius_mm: float, volume_cc: float) -> float:
    """Height of the cap of a ball that has a volume, at most that of the ball.

    Examples
    --------
    >>> round(cap_height_mm(10.0, cap_volume_cc(10.0, 3.0)), 6)
    3.0
    """
    _check_part(volume_cc, radius_mm)

    def excess_cc(height_mm: float) -> float:
        return cap_volume_cc(radius_mm, height_mm) - volume_cc

    return float(brentq(excess_cc, 0.0, 2.0 * radius_mm, xtol=TOLERATED_MM))


def lens_volume_cc(
    first_radius_mm: float, second_radius_mm: float, *, distance_mm: float
) -> float:
    """Volume that two balls share: two caps, or the smaller ball, or nothing.

    Parameters
    ----------
    first_radius_mm, second_radius_mm
        Radii of the balls.
    distance_mm
        Distance of their centres.

    Examples
    --------
    >>> round(lens_volume_cc(25.0, 25.0, distance_mm=45.0), 6)
    0.949023
    """
    first, second = _checked_length(first_radius_mm), _checked_length(second_radius_mm)
    distance = _checked_length(distance_mm)
    if distance >= first + second:
        return 0.0
    if distance <= abs(first - second):
        return sphere_volume_cc(min(first, second))
    plane = (distance**2 + first**2 - second**2) / (2.0 * distance)
    return cap_volume_cc(first, first - plane) + cap_volume_cc(
        second, second - (distance - plane)
    )


def lens_distance_mm(radius_mm: float, volume_cc: float) -> float:
    """Distance of two equal balls that share a volume, at most that of one.

    Examples
    --------
    >>> round(lens_distance_mm(25.0, lens_volume_cc(25.0, 25.0, distance_mm=45.0)), 6)
    45.0
    """
    _check_part(volume_cc, radius_mm)

    def excess_cc(distance_mm: float) -> float:
        shared = lens_volume_cc(radius_mm, radius_mm, distance_mm=distance_mm)
        return shared - volume_cc

    return float(brentq(excess_cc, 0.0, 2.0 * radius_mm, xtol=TOLERATED_MM))


def _check_part(volume_cc: float, radius_mm: float) -> None:
    whole_cc = sphere_volume_cc(radius_mm)
    if not 0.0 <= volume_cc <= whole_cc:
        msg = f"a ball of {radius_mm:g} mm radius has {whole_cc:g} cc, not {volume_cc}"
        raise ValueError(msg)


def _checked_length(length_mm: float) -> float:
    if not (length_mm >= 0 and math.isfinite(length_mm)):
        msg = f"a length must be finite and 0 mm or more, got {length_mm}"
        raise ValueError(msg)
    return length_mm
