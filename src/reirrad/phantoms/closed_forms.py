"""Volumes of balls, caps and lenses in closed form.

References
----------
.. [1] Weisstein EW. Sphere-sphere intersection; spherical cap. MathWorld.
"""

import math

__all__ = ["cap_volume_cc", "cylinder_volume_cc", "lens_volume_cc", "sphere_volume_cc"]

MM3_PER_CC = 1000.0


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


def _checked_length(length_mm: float) -> float:
    if not (length_mm >= 0 and math.isfinite(length_mm)):
        msg = f"a length must be finite and 0 mm or more, got {length_mm}"
        raise ValueError(msg)
    return length_mm
