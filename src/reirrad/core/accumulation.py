"""Doses of several courses at the same points, and their sum.

Each course keeps its own grid and frame: its dose is looked up once at every point,
through the transform into its frame. Equivalent doses are formed per delivery with that
delivery's number of fractions, and only then added (physical doses of different courses
are never summed).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reirrad.core.courses import Course
from reirrad.core.deformation import DeformableMap
from reirrad.core.dose import dose_there
from reirrad.core.dvh import (
    DoseVolume,
    coldest_between_gy,
    coldest_gy,
    dose_volume,
    dose_volumes,
    metric_bounds,
    metric_value,
)
from reirrad.core.geometry import FloatArray
from reirrad.core.radiobiology import summed_bed, summed_eqd2
from reirrad.core.transforms import PointMap, RigidTransform

__all__ = [
    "CourseDose",
    "DeformedCourse",
    "Interval",
    "KnownDose",
    "Placed",
    "PlacedCourse",
    "course_dose",
    "known_dose",
    "summed_gy",
]

Interval = tuple[float, float]
"""Least and largest value."""

TOLERATED_CHANGE = 0.1
TOLERATED_RATIO = 0.02
TOLERATED_MORE_GY = 0.5
"""By which twice the border dose may change a dose: no limit is so near to nothing."""
MORE_OUTSIDE = 2.0
"""Beyond a grid there may be so many times the nearest dose on its border
(``docs/decisions/0036-more-dose-outside-the-grid.md``)."""


class Placed(Protocol):
    """A course with the way from the reference frame into its own, of any kind."""

    @property
    def course(self) -> Course:
        """The course."""

    @property
    def from_reference(self) -> PointMap:
        """The way."""


@dataclass(frozen=True, slots=True, eq=False)
class PlacedCourse:
    """A course with the rigid way from the reference frame into its own."""

    course: Course
    from_reference: RigidTransform


@dataclass(frozen=True, slots=True, eq=False)
class DeformedCourse:
    """A course with a deformable way from the reference frame into its own.

    ``rigid_parts_hold`` says whether the way's rigid parts may be followed where its
    grid of vectors ends; otherwise it leads nowhere from there
    (``docs/decisions/0046-outside-the-grid-of-vectors.md``).
    """

    course: Course
    from_reference: DeformableMap
    rigid_parts_hold: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class CourseDose:
    """Physical dose of one course at points, delivery by delivery.

    Parameters
    ----------
    delivered_gy
        ``(n,)`` array and number of fractions of each delivery.
    covered
        ``(n,)`` whether every grid of the course covers the point. Elsewhere the dose
        is the nearest one on the border of the grid; where a deformable way leads
        nowhere, the highest of its voxels.
    """

    delivered_gy: tuple[tuple[FloatArray, int], ...]
    covered: npt.NDArray[np.bool_]

    def physical_gy(self) -> FloatArray:
        """Total physical dose, shape (n,)."""
        return np.asarray(np.sum([dose for dose, _ in self.delivered_gy], axis=0))

    def eqd2_gy(self, alpha_beta_gy: float) -> FloatArray:
        """EQD2 of the course, shape (n,)."""
        return summed_eqd2(self.delivered_gy, alpha_beta_gy=alpha_beta_gy)

    def bed_gy(self, alpha_beta_gy: float) -> FloatArray:
        """Biologically effective dose of the course, shape (n,)."""
        return summed_bed(self.delivered_gy, alpha_beta_gy=alpha_beta_gy)

    def more_outside(self) -> "CourseDose":
        """With twice the dose at the points that a grid does not cover."""
        factor = np.where(self.covered, 1.0, MORE_OUTSIDE)
        return CourseDose(
            tuple((factor * dose, n) for dose, n in self.delivered_gy), self.covered
        )

    def where(self, chosen: npt.NDArray[np.bool_]) -> "CourseDose":
        """The chosen points alone."""
        return CourseDose(
            tuple((dose[chosen], n) for dose, n in self.delivered_gy),
            self.covered[chosen],
        )

    def together_with(self, more: "CourseDose") -> "CourseDose":
        """These points, then more of the same course."""
        pairs = zip(self.delivered_gy, more.delivered_gy, strict=True)
        return CourseDose(
            tuple(
                (np.concatenate([here, there]), n) for (here, n), (there, _) in pairs
            ),
            np.concatenate([self.covered, more.covered]),
        )


def course_dose(placed: Placed, points_mm: FloatArray) -> CourseDose:
    """Dose of a course at points of the reference frame, shape (n, 3).

    Where a deformable way leads nowhere the dose may be anything: the highest dose is
    given, not covered, so that no metric is that would hang on it.
    """
    points = placed.from_reference.apply(points_mm)
    reached = _reached(placed, points_mm)
    covered = reached.copy()
    delivered = []
    for delivery in placed.course.deliveries:
        total = np.zeros(len(points))
        for grid in delivery.doses:
            there = dose_there(grid, points)
            total += there.dose_gy
            covered &= there.covered
        if not reached.all():
            most_gy = sum(float(grid.values_gy.max()) for grid in delivery.doses)
            total = np.where(reached, total, most_gy)
        delivered.append((total, delivery.n_fractions))
    return CourseDose(tuple(delivered), covered)


def _reached(placed: Placed, points_mm: FloatArray) -> npt.NDArray[np.bool_]:
    if isinstance(placed, DeformedCourse) and not placed.rigid_parts_hold:
        return placed.from_reference.covers(points_mm)
    return np.ones(len(points_mm), dtype=np.bool_)


def summed_gy(
    doses: Sequence[CourseDose], quantity: str, alpha_beta_gy: float | None
) -> FloatArray:
    """Dose of several courses together at each point, shape (n,).

    Parameters
    ----------
    doses
        Of the same points; of physical doses there is only one.
    quantity
        "physical", "BED" or "EQD2".
    alpha_beta_gy
        None for physical dose.
    """
    deliveries = [one for dose in doses for one in dose.delivered_gy]
    if quantity == "physical" or alpha_beta_gy is None:
        return np.asarray(np.sum([dose for dose, _ in deliveries], axis=0))
    if quantity == "BED":
        return summed_bed(deliveries, alpha_beta_gy=alpha_beta_gy)
    return summed_eqd2(deliveries, alpha_beta_gy=alpha_beta_gy)


@dataclass(frozen=True, slots=True, eq=False)
class KnownDose:
    """Dose-volume curve of a structure, aware of what no grid covers.

    Points outside a dose grid carry the nearest dose on its border.

    Parameters
    ----------
    curve
        With that border dose.
    without
        With no dose at the uncovered points; None where every point is covered.
    more
        With twice the dose there; None where every point is covered.
    plausible
        Makes the curves of the other solids that the contours may stand for, one after
        the other, whenever intervals are asked for: kept, they would be most of the
        memory of an assessment.
    """

    curve: DoseVolume
    without: DoseVolume | None
    more: DoseVolume | None
    plausible: Callable[[], Iterable[DoseVolume]]

    def metric(self, name: str) -> float | None:
        """A metric, or None where it hangs on dose that nobody calculated.

        It is given if neither leaving out the dose of a course where its grid does not
        reach nor doubling it changes it by more than 0.1 (Gy, cc or per cent; 0.5 Gy
        where it is doubled) or 2 %.
        """
        value = metric_value(name, self.curve)
        is_dose = name.endswith("[Gy]")
        more_by = TOLERATED_MORE_GY if is_dose else TOLERATED_CHANGE
        for other, by in ((self.without, TOLERATED_CHANGE), (self.more, more_by)):
            if other is None:
                continue
            tolerated = max(by, TOLERATED_RATIO * abs(value))
            if abs(value - metric_value(name, other)) > tolerated:
                return None
        return value

    def without_outside(self, name: str) -> float:
        """A metric if there were no dose at the uncovered points."""
        return metric_value(name, self.curve if self.without is None else self.without)

    def intervals(self, names: Collection[str]) -> dict[str, Interval | None]:
        """Least and largest value of metrics over all plausible solids.

        Includes what the sample points may be off; None where the metric is.
        """
        given = {name for name in names if self.metric(name) is not None}
        result: dict[str, Interval | None] = dict.fromkeys(names)
        if given:
            bounds, coldest = [], []
            for curve in chain([self.curve], self.plausible()):
                bounds.append({name: metric_bounds(name, curve) for name in given})
                coldest.append((curve.volume_cc, coldest_gy(curve)))
            for name in given:
                lows, highs = zip(*(one[name] for one in bounds), strict=True)
                between = coldest_between_gy(name, coldest)
                lows = lows if between is None else (*lows, between)
                result[name] = (min(lows), max(highs))
        return result


def known_dose(
    values_gy: FloatArray,
    volumes_cc: FloatArray,
    covered: npt.NDArray[np.bool_],
    *,
    more_gy: Callable[[], FloatArray] | None = None,
    plausible_cc: Callable[[], Iterable[FloatArray]] = tuple,
) -> KnownDose:
    """Order the values of points, shape (n,), into a dose-volume curve.

    Parameters
    ----------
    values_gy
        ``(n,)`` dose at each point.
    volumes_cc
        ``(n,)`` what each point stands for.
    covered
        ``(n,)`` whether its dose was calculated.
    more_gy
        Makes the values, ``(n,)``, of :meth:`CourseDose.more_outside`; asked where a
        point is not covered. None for the physical dose of one course, which is in
        proportion.
    plausible_cc
        Makes what the points may stand for instead, ``(n,)`` each.
    """
    curve = dose_volume(values_gy, volumes_cc)
    without = more = None
    if not covered.all():
        without = dose_volume(np.where(covered, values_gy, 0.0), volumes_cc)
        more_values = (
            np.where(covered, values_gy, MORE_OUTSIDE * values_gy)
            if more_gy is None
            else more_gy()
        )
        more = dose_volume(more_values, volumes_cc)
    return KnownDose(
        curve, without, more, lambda: dose_volumes(values_gy, plausible_cc())
    )
