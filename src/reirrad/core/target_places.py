"""How the targets of a course lie to each other.

See ``docs/decisions/0037-what-plans-and-settings-say-of-targets.md``.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog

from reirrad.core.geometry import FloatArray
from reirrad.core.sampling import SamplePoints, sample
from reirrad.core.sections import Sections, is_inside, sections_of
from reirrad.core.structures import Structure

__all__ = ["encloses", "groups_apart", "lie_apart", "lies_within"]

INSIDE_RATIO = 0.99
STEEPEST_PER_MM = 1_000.0
"""Of a separating plane, so that targets nearer than a thousandth of a mm touch."""


def lie_apart(one: Structure, other: Structure) -> bool:
    """Whether a plane separates the contours of two targets.

    Without one, an end of either reaches into or around the other, and the points
    nearest to the centre of a target are not the points around it. The plane
    ``w x = c`` is found, or shown not to exist, by linear programming:
    ``w a <= c - 1`` for the points of one, ``w b >= c + 1`` for those of the other.
    """
    if one is other or not one.contours or not other.contours:
        return False
    left, right = _points_mm(one), _points_mm(other)
    low = np.maximum(left.min(axis=0), right.min(axis=0))
    high = np.minimum(left.max(axis=0), right.max(axis=0))
    if np.any(low > high):
        return True
    middle = np.concatenate([left, right]).mean(axis=0)
    rows = np.concatenate(
        [
            np.column_stack([left - middle, -np.ones(len(left))]),
            np.column_stack([middle - right, np.ones(len(right))]),
        ]
    )
    found = linprog(
        np.zeros(4),
        A_ub=rows,
        b_ub=-np.ones(len(rows)),
        bounds=[(-STEEPEST_PER_MM, STEEPEST_PER_MM)] * 3 + [(None, None)],
    )
    return bool(found.status == 0)


def lies_within(inner: Structure, outer: Structure) -> bool:
    """Whether a target lies in another, but for a hundredth of its volume.

    Raises
    ------
    InputError
        If the contours of one make no volume.
    """
    return encloses(sections_of(outer), sample(sections_of(inner), centred=True))


def encloses(outer: Sections, samples: SamplePoints) -> bool:
    """Whether points lie in a solid, but for a hundredth of their volume.

    Points beyond the last contour of their structure may stand for no volume at all.
    """
    inside = is_inside(outer, samples.points_mm)
    return bool(np.average(inside, weights=samples.volumes_cc) >= INSIDE_RATIO)


def groups_apart(targets: Sequence[Structure]) -> tuple[int, ...]:
    """Number of the group of each target; only groups lie apart from each other."""
    groups = list(range(len(targets)))
    for place, one in enumerate(targets):
        for before in range(place):
            if groups[before] != groups[place] and not lie_apart(targets[before], one):
                joined, gone = sorted((groups[before], groups[place]))
                groups = [joined if group == gone else group for group in groups]
    return tuple(groups)


def _points_mm(target: Structure) -> FloatArray:
    return np.concatenate([contour.points_mm for contour in target.contours])
