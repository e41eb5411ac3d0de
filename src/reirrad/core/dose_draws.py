"""Dose metrics of a structure in every draw of a perturbed registration.

A structure moves with the course in which it was drawn, and so does that course's dose;
the doses of the other courses are looked up at points moved by the draw. Metrics are
taken on few points (:mod:`reirrad.core.thinning`); only their *change* against the
unperturbed registration counts and is added to the value that is reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.accumulation import (
    TOLERATED_CHANGE,
    TOLERATED_MORE_GY,
    TOLERATED_RATIO,
    CourseDose,
    PlacedCourse,
    summed_gy,
)
from reirrad.core.curve_metrics import CurveRequest, curve_metrics, curve_request
from reirrad.core.dose_lookup import looked_up
from reirrad.core.geometry import FloatArray
from reirrad.core.perturbations import (
    Motions,
    farthest_mm,
    moved_points,
    relative_motions,
)
from reirrad.core.sections import Sections, is_inside

__all__ = [
    "DrawnBody",
    "DrawnMetric",
    "RemovedBody",
    "anchored",
    "drawn_metrics",
    "perturbed_dose",
]

DRAWS_AT_ONCE = 24


@dataclass(frozen=True, slots=True, eq=False)
class RemovedBody:
    """A structure that is taken out of another, such as a GTV out of the liver.

    ``box_mm`` has its lowest and highest corner, shape (2, 3); all as registered.
    It is taken out for ``since`` and later courses only, which is the course that it is
    a target of.
    """

    sections: Sections
    drawn_in: int
    box_mm: FloatArray
    since: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class DrawnBody:
    """A structure as few points in the reference frame.

    Parameters
    ----------
    points_mm
        ``(n, 3)`` as registered.
    volumes_cc
        ``(n,)`` what each point stands for.
    drawn_in
        Course whose anatomy it moves with.
    removed
        What "minus GTV" takes out.
    """

    points_mm: FloatArray
    volumes_cc: FloatArray
    drawn_in: int
    removed: tuple[RemovedBody, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawnMetric:
    """A metric that is asked of every draw.

    Parameters
    ----------
    courses
        Numbers of the courses whose doses count.
    quantity, alpha_beta_gy
        As in :class:`reirrad.core.constraints.Query`.
    metric
        TG-263 name.
    minus_gtv
        Whether the removed bodies of these courses and earlier ones are taken out.
    """

    courses: tuple[int, ...]
    quantity: str
    alpha_beta_gy: float | None
    metric: str
    minus_gtv: bool = False

    @property
    def curve(self) -> tuple[tuple[int, ...], str, float | None, bool]:
        """Metrics with the same of these are read from one dose-volume curve."""
        return self.courses, self.quantity, self.alpha_beta_gy, self.minus_gtv


def perturbed_dose(
    placed: PlacedCourse, points_mm: FloatArray, motions: FloatArray
) -> CourseDose:
    """Dose of a course at points (n, 3) of the reference frame, for m motions.

    Returns
    -------
    CourseDose
        Of m times n points: all of the first motion, then all of the second ...
    """
    count, size = len(motions), len(points_mm)
    points = np.ascontiguousarray(points_mm, dtype=np.float64)
    covered = np.ones((count, size), dtype=np.bool_)
    delivered = []
    for delivery in placed.course.deliveries:
        total = np.zeros((count, size))
        for grid in delivery.doses:
            to_grid = np.linalg.inv(grid.geometry.affine) @ placed.from_reference.matrix
            coefficients = grid.coefficients
            for row, motion in enumerate(motions):
                to_indices = np.ascontiguousarray((to_grid @ motion)[:3])
                dose, inside = looked_up(
                    grid.values_gy, coefficients, to_indices, points
                )
                total[row] += dose
                covered[row] &= inside
        delivered.append((total.ravel(), delivery.n_fractions))
    return CourseDose(tuple(delivered), covered.ravel())


def drawn_metrics(
    body: DrawnBody,
    courses: Mapping[int, PlacedCourse],
    motions: Motions,
    metrics: Sequence[DrawnMetric],
) -> FloatArray:
    """Metrics of a structure in every draw.

    Parameters
    ----------
    body
        The structure.
    courses
        Course number to course, of those that could be related.
    motions
        Of every moving course; all have the same number m of draws.
    metrics
        What is asked.

    Returns
    -------
    ndarray, shape (m, len(metrics))
        NaN where a value hangs on dose that nobody calculated, by the rule of
        :class:`reirrad.core.accumulation.KnownDose`.
    """
    by_curve: dict[tuple[tuple[int, ...], str, float | None, bool], list[int]] = {}
    for at, metric in enumerate(metrics):
        by_curve.setdefault(metric.curve, []).append(at)
    requests = [curve_request(metric.metric) for metric in metrics]
    relative = {
        number: relative_motions(motions, number, drawn_in=body.drawn_in)
        for number in {n for metric in metrics for n in metric.courses}
    }
    still = {
        number: perturbed_dose(courses[number], body.points_mm, np.eye(4)[None])
        for number, moves in relative.items()
        if moves is None
    }
    n_draws = len(next(iter(motions.values())))
    result = np.empty((n_draws, len(metrics)))
    for curve in [one for one in by_curve if set(one[0]) <= set(still) and not one[3]]:
        columns = by_curve.pop(curve)
        result[:, columns] = _known_metrics(
            still, curve, body.volumes_cc[None], [requests[n] for n in columns]
        )
    for first in range(0, n_draws, DRAWS_AT_ONCE):
        rows = slice(first, min(first + DRAWS_AT_ONCE, n_draws))
        count = rows.stop - rows.start
        doses = {
            number: _repeated(still[number], count)
            if moves is None
            else perturbed_dose(courses[number], body.points_mm, moves[rows])
            for number, moves in relative.items()
        }
        volumes = np.tile(body.volumes_cc, (count, 1))
        for curve, columns in by_curve.items():
            kept = volumes
            if curve[3]:
                kept = np.where(
                    _removed(body, motions, rows, max(curve[0])), 0.0, volumes
                )
            result[rows, columns] = _known_metrics(
                doses, curve, kept, [requests[n] for n in columns]
            )
    return result


def _repeated(dose: CourseDose, count: int) -> CourseDose:
    return CourseDose(
        tuple((np.tile(gy, count), n) for gy, n in dose.delivered_gy),
        np.tile(dose.covered, count),
    )


def _known_metrics(
    doses: Mapping[int, CourseDose],
    curve: tuple[tuple[int, ...], str, float | None, bool],
    volumes_cc: FloatArray,
    requests: Sequence[CurveRequest],
) -> FloatArray:
    """Metrics of some draws, NaN where not known; shape (draws, len(requests))."""
    numbers, quantity, ratio, _ = curve
    wanted = [doses[n] for n in numbers]
    shape = volumes_cc.shape
    values = summed_gy(wanted, quantity, ratio).reshape(shape)
    found = curve_metrics(values, volumes_cc, requests)
    covered = np.logical_and.reduce([dose.covered for dose in wanted])
    covered = covered.reshape(shape) | (volumes_cc <= 0.0)
    doubtful = ~covered.all(axis=1)
    if doubtful.any():
        outside = [dose.more_outside() for dose in wanted]
        more = summed_gy(outside, quantity, ratio).reshape(shape)
        sure = found[doubtful]
        more_by = [
            TOLERATED_MORE_GY if request.is_dose else TOLERATED_CHANGE
            for request in requests
        ]
        known = np.ones(sure.shape, dtype=np.bool_)
        for other, by in (
            (np.where(covered, values, 0.0), np.full(len(requests), TOLERATED_CHANGE)),
            (more, np.array(more_by)),
        ):
            changed = curve_metrics(other[doubtful], volumes_cc[doubtful], requests)
            tolerated = np.maximum(by, TOLERATED_RATIO * np.abs(sure))
            known &= np.abs(sure - changed) <= tolerated
        found[doubtful] = np.where(known, sure, np.nan)
    return found


def _removed(
    body: DrawnBody, motions: Motions, rows: slice, latest: int
) -> npt.NDArray[np.bool_]:
    """Which points lie in a removed body in some draws, shape (draws, n).

    Bodies that are removed for courses after the latest one only are left there.
    """
    count = rows.stop - rows.start
    inside = np.zeros((count, len(body.points_mm)), dtype=np.bool_)
    for removed in [one for one in body.removed if one.since <= latest]:
        moves = relative_motions(motions, removed.drawn_in, drawn_in=body.drawn_in)
        if moves is None:
            inside |= is_inside(removed.sections, body.points_mm)
            continue
        reach_mm = farthest_mm(moves, removed.box_mm) + farthest_mm(
            np.asarray(np.linalg.inv(moves), dtype=np.float64), removed.box_mm
        )
        low, high = removed.box_mm[0] - reach_mm, removed.box_mm[1] + reach_mm
        near = np.flatnonzero(
            np.all((body.points_mm >= low) & (body.points_mm <= high), axis=1)
        )
        for row, motion in enumerate(moves[rows]):
            points = moved_points(motion, body.points_mm[near])
            inside[row, near] |= is_inside(removed.sections, points)
    return inside


def anchored(drawn: FloatArray, reported: Sequence[float | None]) -> FloatArray:
    """Draws as changes of what is reported.

    Parameters
    ----------
    drawn
        ``(1 + m, k)`` metrics; the first row is of the registration as it is.
    reported
        The k reported values.

    Returns
    -------
    ndarray, shape (m, k)
        Not below zero; NaN where a draw's value, or the reported one, is not known.
    """
    values = np.array([np.nan if v is None else v for v in reported], dtype=np.float64)
    return np.asarray(np.maximum(values + (drawn[1:] - drawn[0]), 0.0))
