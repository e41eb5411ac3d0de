"""Where structures are hottest, for a viewer that goes there."""

import numpy as np

from reirrad.core.accumulation import summed_gy
from reirrad.core.scene import HottestPoint
from reirrad.core.structure_doses import PlacedStructure, StructureDoses

__all__ = ["hottest_points"]


def hottest_points(
    placed: PlacedStructure, doses: StructureDoses
) -> tuple[HottestPoint, ...]:
    """Hottest sampled point of a structure in each course and in the summed EQD2.

    Points without a calculated dose do not count. No sum where a course is lacking.
    """
    scopes = [
        (f"course {number}", "physical", [doses.doses[number]])
        for number in doses.all_courses
        if number in doses.doses
    ]
    if len(scopes) == len(doses.all_courses):
        together = [doses.doses[number] for number in doses.all_courses]
        scopes.append(("cumulative", "EQD2", together))
    found = []
    for scope, quantity, several in scopes:
        covered = np.logical_and.reduce([one.covered for one in several])
        if not covered.any():
            continue
        values = summed_gy(several, quantity, placed.alpha_beta_gy)
        hottest = int(np.argmax(np.where(covered, values, -1.0)))
        x, y, z = (float(value) for value in doses.samples.points_mm[hottest])
        found.append(HottestPoint(placed.label, scope, (x, y, z)))
    return tuple(found)
