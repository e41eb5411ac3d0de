"""Where structures are hottest, for a viewer that goes there."""

from collections.abc import Sequence

import numpy as np

from reirrad.core.accumulation import CourseDose
from reirrad.core.geometry import FloatArray
from reirrad.core.radiobiology import summed_eqd2
from reirrad.core.scene import HottestPoint
from reirrad.core.structure_doses import PlacedStructure, StructureDoses

__all__ = ["hottest_points"]


def hottest_points(
    placed: PlacedStructure, doses: StructureDoses
) -> tuple[HottestPoint, ...]:
    """Hottest sampled point of a structure in each course and in the summed EQD2.

    Points without a calculated dose do not count. No sum where a course is lacking.
    """
    scopes: list[tuple[str, Sequence[CourseDose]]] = [
        (f"course {number}", [doses.doses[number]])
        for number in doses.all_courses
        if number in doses.doses
    ]
    if len(scopes) == len(doses.all_courses):
        scopes.append(("cumulative", [doses.doses[n] for n in doses.all_courses]))
    found = []
    for scope, several in scopes:
        covered = np.logical_and.reduce([one.covered for one in several])
        if not covered.any():
            continue
        values = _values_gy(several, scope, placed.alpha_beta_gy)
        hottest = int(np.argmax(np.where(covered, values, -1.0)))
        x, y, z = (float(value) for value in doses.samples.points_mm[hottest])
        found.append(HottestPoint(placed.label, scope, (x, y, z)))
    return tuple(found)


def _values_gy(
    several: Sequence[CourseDose], scope: str, alpha_beta_gy: float
) -> FloatArray:
    if scope != "cumulative":
        return several[0].physical_gy()
    deliveries = [delivery for one in several for delivery in one.delivered_gy]
    return summed_eqd2(deliveries, alpha_beta_gy=alpha_beta_gy)
