"""The hottest part of an organ, and how hot it may be if the courses meet otherwise.

Point by point accumulation trusts the registration. Two estimates that trust it less
stand beside it, as RADAR (Mechalakos et al., Pract Radiat Oncol 2024;15:187) and the
ESTRO focus group on re-irradiation (Appelt et al., Radiother Oncol 2026;214:111313) ask
for: every point takes the highest dose of each moving course nearby, but inside the
organ only; and the near-maxima of the single courses are added. Where an organ does not
keep its shape, the courses' whole dose-volume curves are added, hottest on hottest.

A sum of the hottest parts is an upper estimate, not a bound: where two courses each
heat another 0.06 cc, the hottest 0.1 cc of the sum is hotter than its parts tell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.accumulation import CourseDose, known_dose
from reirrad.core.compiled import compiled
from reirrad.core.dvh import DoseVolume
from reirrad.core.geometry import FloatArray
from reirrad.core.sampling import SamplePoints

__all__ = [
    "NEAR_MAXIMA",
    "NearMaximum",
    "WorstCaseLimit",
    "highest_within",
    "hottest_on_hottest",
    "searched_maxima",
]

NEAR_MAXIMA = ("D0.1cc[Gy]", "Max[Gy]")


@dataclass(frozen=True, slots=True)
class WorstCaseLimit:
    """How a limit of the sum reads if the hottest parts of all courses met.

    ``value`` is the worse of the sum of the curves and of the value as registered; None
    where the curve of a course is not known.
    """

    metric: str
    quantity: str
    alpha_beta_gy: float | None
    relation: str
    limit: float
    level: str
    set: str
    registered: float | None
    registered_verdict: str
    value: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class NearMaximum:
    """Near-maximum of the accumulated EQD2 of one organ, three ways.

    Each mapping has the keys "D0.1cc[Gy]" and "Max[Gy]"; None where a value is not
    known. ``sum_of_maxima`` adds the near-maxima of the courses, each the larger one in
    the drawing here and in the course's own; ``own_drawings`` are the courses that have
    one. ``worst_case`` says whether the organ is one that does not keep its shape,
    ``worst_case_limits`` how the limits of its sum then read.
    """

    name: str
    alpha_beta_gy: float
    distance_mm: float
    registered: Mapping[str, float | None]
    searched: Mapping[str, float | None]
    sum_of_maxima: Mapping[str, float | None]
    own_drawings: tuple[int, ...]
    worst_case: bool
    worst_case_limits: tuple[WorstCaseLimit, ...]


def searched_maxima(
    samples: SamplePoints,
    doses: Mapping[int, CourseDose],
    alpha_beta_gy: float,
    *,
    distances_mm: Mapping[int, float],
) -> dict[str, float | None]:
    """Near-maxima if each point takes the highest dose nearby, inside the organ.

    Parameters
    ----------
    samples
        The organ.
    doses
        Course number to dose at its points.
    alpha_beta_gy
        For the EQD2.
    distances_mm
        Course number to distance of the search; a course that is not in it is taken at
        the point itself. At 0 mm the result is that as registered, and it never falls
        with the distance.
    """
    present = samples.volumes_cc > 0.0
    points = samples.points_mm[present]

    def total_gy(doses: Mapping[int, CourseDose]) -> FloatArray:
        total = np.zeros(len(points))
        for number, course in doses.items():
            values = course.eqd2_gy(alpha_beta_gy)[present]
            total += highest_within(points, values, distances_mm.get(number, 0.0))
        return total

    known = known_dose(
        total_gy(doses),
        samples.volumes_cc[present],
        np.logical_and.reduce([course.covered[present] for course in doses.values()]),
        more_gy=lambda: total_gy({n: dose.more_outside() for n, dose in doses.items()}),
    )
    return {name: known.metric(name) for name in NEAR_MAXIMA}


def highest_within(
    points_mm: FloatArray, values: FloatArray, distance_mm: float
) -> FloatArray:
    """Highest value within a distance of each point, among the points themselves.

    Parameters
    ----------
    points_mm
        ``(n, 3)``.
    values
        ``(n,)``.
    distance_mm
        Zero or more.

    Returns
    -------
    ndarray, shape (n,)
    """
    if distance_mm <= 0.0 or len(points_mm) < 2:
        return values.copy()
    boxes = np.floor((points_mm - points_mm.min(axis=0)) / distance_mm)
    steps = boxes.astype(np.int64) + 1
    sides = steps.max(axis=0) + 2
    keys = (steps[:, 0] * sides[1] + steps[:, 1]) * sides[2] + steps[:, 2]
    # The hottest of a box come first: what is found first need not be searched for.
    order = np.lexsort((-values, keys))
    return _highest(
        np.ascontiguousarray(points_mm[order]),
        values[order],
        keys[order],
        (int(sides[1]), int(sides[2])),
        distance_mm,
    )[np.argsort(order)]


@compiled
def _highest(
    points: FloatArray,
    values: FloatArray,
    keys: npt.NDArray[np.int64],
    sides: tuple[int, int],
    distance: float,
) -> FloatArray:
    highest = values.copy()
    starts = np.empty(27, dtype=np.int64)
    last_key = -1
    for n in range(len(points)):
        if keys[n] != last_key:
            last_key = keys[n]
            for box in range(27):
                a, b, c = box // 9 - 1, box // 3 % 3 - 1, box % 3 - 1
                key = last_key + (a * sides[0] + b) * sides[1] + c
                start = np.searchsorted(keys, key)
                found = start < len(keys) and keys[start] == key
                starts[box] = start if found else -1
        for box in range(27):
            at = starts[box]
            if at < 0:
                continue
            key = keys[at]
            while at < len(keys) and keys[at] == key and values[at] > highest[n]:
                square = 0.0
                for axis in range(3):
                    square += (points[at, axis] - points[n, axis]) ** 2
                if square <= distance * distance:
                    highest[n] = values[at]
                    break
                at += 1
    return highest


def hottest_on_hottest(curves: Sequence[DoseVolume], volume_cc: float) -> DoseVolume:
    """Add dose-volume curves, the hottest of each on the hottest of the others.

    Parameters
    ----------
    curves
        One for each course, in the same kind of dose.
    volume_cc
        Volume of the sum. A curve of a smaller drawing goes on with its lowest dose, of
        a larger one its coldest part is left out.
    """
    ends = []
    for curve in curves:
        end = np.cumsum(curve.volumes_cc)
        end[-1] = max(end[-1], volume_cc)
        ends.append(end)
    borders = np.unique(np.concatenate(ends))
    borders = np.append(borders[borders < volume_cc], volume_cc)
    volumes = np.diff(borders, prepend=0.0)
    middles = borders - volumes / 2.0
    total = np.zeros(len(borders))
    for curve, end in zip(curves, ends, strict=True):
        at = np.searchsorted(end, middles, side="left")
        total += curve.values_gy[np.minimum(at, len(end) - 1)]
    return DoseVolume(total, volumes, np.cumsum(volumes) - volumes / 2.0)
