"""Doses and limits of every structure in every draw of the registrations."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.assessment import ConstraintResult, StructureAssessment
from reirrad.core.constraints import Measured, Query, holds
from reirrad.core.dose_draws import (
    DrawnBody,
    DrawnMetric,
    RemovedBody,
    anchored,
    drawn_metrics,
    perturbed_dose,
)
from reirrad.core.dvh import STANDARD_METRICS, metric_value
from reirrad.core.geometry import FloatArray
from reirrad.core.perturbations import (
    Motions,
    RegistrationAccuracy,
    drawn_motions,
    relative_motions,
    shifts,
    unmoved,
)
from reirrad.core.sampling import SamplePoints
from reirrad.core.settings import Settings
from reirrad.core.stability import DIRECTIONS
from reirrad.core.structure_doses import PlacedStructure, StructureDoses
from reirrad.core.thinning import thinned
from reirrad.core.uncertainty import (
    DoseBand,
    ShiftedMetrics,
    ShiftedVerdict,
    Spread,
    StructureUncertainty,
    VerdictUncertainty,
    no_spread,
    spread_of,
)
from reirrad.workflows.place import PlacedPatient
from reirrad.workflows.registration_accuracy import registration_accuracies

__all__ = [
    "DrawnStructure",
    "Draws",
    "drawn_structures",
    "kept_structure",
    "moves_with",
    "plausible_draws",
    "query_of",
    "shifted",
    "structure_uncertainty",
    "verdict_uncertainties",
]

TRIALS = 16
BAND_POINTS = 96
BAND_REACH = 1.4


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """The draws of an assessment.

    Parameters
    ----------
    accuracies
        Of every moving course.
    motions
        Of every moving course: first the registration as it is, then the draws.
    courses
        Course number to course, of those that could be related.
    reference
        Number of the course that does not move.
    """

    accuracies: Mapping[int, RegistrationAccuracy]
    motions: Motions
    courses: Mapping[int, PlacedCourse]
    reference: int

    def course_moving(self, placed: PlacedStructure) -> int:
        """The course that a structure moves with."""
        return moves_with(placed, self.reference)


@dataclass(frozen=True, slots=True, eq=False)
class DrawnStructure:
    """What is kept of a structure to ask it in every draw.

    Parameters
    ----------
    body
        Its thinned points.
    metrics, reported
        What is asked, and the reported values.
    band_gy
        ``(b,)`` doses of the band; the last metrics are the volumes there.
    columns
        Query of a limit to its position among the metrics.
    """

    placed: PlacedStructure
    body: DrawnBody
    metrics: tuple[DrawnMetric, ...]
    reported: tuple[float | None, ...]
    band_gy: FloatArray
    columns: Mapping[Query, int]


def moves_with(placed: PlacedStructure, reference: int) -> int:
    """The course that a structure moves with: that in which it was drawn."""
    return placed.source_course if placed.transferred else reference


def plausible_draws(
    patient: PlacedPatient, settings: Settings, organ: SamplePoints
) -> Draws | None:
    """Draw errors of every registration; None where no course moves.

    Parameters
    ----------
    organ
        In which overlap is measured; the courses turn about its centroid.
    """
    accuracies = registration_accuracies(patient, settings)
    if not accuracies:
        return None
    drawn = drawn_motions(
        accuracies,
        centre_mm=np.average(organ.points_mm, axis=0, weights=organ.volumes_cc),
        n_draws=settings.registration_draws,
        seed=settings.registration_seed,
    )
    return Draws(
        accuracies,
        {number: np.concatenate([unmoved(1), own]) for number, own in drawn.items()},
        {placed.course.number: placed for placed in patient.placed},
        patient.reference.course.number,
    )


def kept_structure(
    draws: Draws,
    doses: StructureDoses,
    assessed: StructureAssessment,
    *,
    placed: PlacedStructure,
    limits: Mapping[Query, Measured],
    gtvs: Sequence[PlacedStructure],
) -> DrawnStructure:
    """Thin a structure while its doses are at hand.

    Parameters
    ----------
    doses, assessed, limits
        All that was found of the structure.
    gtvs
        Every GTV, for limits on an organ without them.
    """
    ratio, drawn_in = placed.alpha_beta_gy, draws.course_moving(placed)
    everywhere = tuple(doses.all_courses)
    known = doses.known("cumulative", "EQD2", ratio)
    metrics: list[DrawnMetric] = []
    reported: list[float | None] = []
    columns = {}
    for query, measured in limits.items():
        columns[query] = len(metrics)
        metrics.append(
            DrawnMetric(
                everywhere if query.scope == "cumulative" else (query.scope,),
                query.quantity,
                query.alpha_beta_gy,
                query.metric,
                query.basis == "minus GTV",
            )
        )
        reported.append(measured.value)
    band_gy = np.empty(0)
    if known is not None:
        values = assessed.cumulative.eqd2
        highest_gy = float(known.curve.values_gy[0])
        band_gy = np.linspace(0.0, BAND_REACH * highest_gy + 1e-3, BAND_POINTS)
        band = [f"V{gy:.6f}Gy[%]" for gy in band_gy]
        metrics += [
            DrawnMetric(everywhere, "EQD2", ratio, name)
            for name in (*STANDARD_METRICS, *band)
        ]
        reported += [values[name] for name in STANDARD_METRICS]
        reported += [metric_value(name, known.curve) for name in band]
    points_mm, volumes_cc = thinned(
        doses.samples,
        placed.sections,
        lambda points: _tried(draws, drawn_in, points, ratio),
        np.sum([dose.eqd2_gy(ratio) for dose in doses.doses.values()], axis=0),
    )
    removed: tuple[RemovedBody, ...] = ()
    if any(metric.minus_gtv for metric in metrics):
        removed = tuple(_removed(draws, gtv) for gtv in gtvs)
    return DrawnStructure(
        placed,
        DrawnBody(points_mm, volumes_cc, drawn_in, removed),
        tuple(metrics),
        tuple(reported),
        band_gy,
        columns,
    )


def _tried(
    draws: Draws, drawn_in: int, points_mm: FloatArray, ratio: float
) -> FloatArray:
    """Doses in the first draws: of each course that moves, and of all together."""
    trials = min(1 + TRIALS, len(next(iter(draws.motions.values()))))
    total = np.zeros((trials, len(points_mm)))
    rows = []
    for number, placed in draws.courses.items():
        moves = relative_motions(draws.motions, number, drawn_in=drawn_in)
        tried = unmoved(1) if moves is None else moves[:trials]
        dose = perturbed_dose(placed, points_mm, tried)
        alone = dose.eqd2_gy(ratio).reshape(len(tried), -1)
        total += alone
        if moves is not None:
            rows.append(alone)
    return np.concatenate([total, *rows])


def _removed(draws: Draws, gtv: PlacedStructure) -> RemovedBody:
    points = np.concatenate([c.points_mm for c in gtv.structure.contours])
    slack_mm = max(slab.thickness_mm for slab in gtv.sections.slabs)
    box = np.array([points.min(axis=0) - slack_mm, points.max(axis=0) + slack_mm])
    return RemovedBody(gtv.sections, draws.course_moving(gtv), box, gtv.source_course)


def drawn_structures(
    draws: Draws, kept: Sequence[DrawnStructure], pool: Executor
) -> list[FloatArray]:
    """Metrics of every structure in every draw, shape (draws, metrics) each."""

    def asked(one: DrawnStructure) -> FloatArray:
        if not one.metrics:
            return np.empty((0, 0))
        found = drawn_metrics(one.body, draws.courses, draws.motions, one.metrics)
        return anchored(found, one.reported)

    return list(pool.map(asked, kept))


def shifted(draws: Draws, shift_mm: float) -> Draws:
    """Fixed shifts of all moving courses together, in 26 directions."""
    motions = shifts(DIRECTIONS, shift_mm)
    return replace(draws, motions=dict.fromkeys(draws.motions, motions))


def structure_uncertainty(
    one: DrawnStructure, drawn: FloatArray, moved: Mapping[float, FloatArray]
) -> tuple[StructureUncertainty, DoseBand | None]:
    """Spreads of the cumulative metrics of a structure, and the band of its curve.

    Parameters
    ----------
    drawn
        ``(draws, metrics)``.
    moved
        Length of a shift in mm to the metrics in its 26 directions.
    """
    label, ratio = one.placed.label, one.placed.alpha_beta_gy
    if not len(one.band_gy):
        reason = "A course has no dose here, so that there is no sum."
        spreads = dict.fromkeys(STANDARD_METRICS, no_spread(None))
        return StructureUncertainty(label, ratio, spreads, reason), None
    first = len(one.columns)
    last = first + len(STANDARD_METRICS)
    spreads = {
        name: spread_of(drawn[:, at], one.reported[at])
        for at, name in enumerate(STANDARD_METRICS, start=first)
    }
    unknown = [name for name, spread in spreads.items() if spread.median is None]
    reason = ""
    if unknown:
        reason = (
            f"No interval of {', '.join(unknown)}: in some draws, or as registered, "
            f"it depends on dose outside a grid."
        )
    percent = np.minimum(drawn[:, last:], 100.0)
    low, high = np.quantile(percent, [0.05, 0.95], axis=0)
    band = DoseBand(label, one.band_gy, low, high)
    ranges = tuple(
        ShiftedMetrics(
            shift_mm,
            {
                name: _ends(values[:, at])
                for at, name in enumerate(STANDARD_METRICS, start=first)
            },
        )
        for shift_mm, values in moved.items()
    )
    return StructureUncertainty(label, ratio, spreads, reason, ranges), band


def _ends(values: FloatArray) -> tuple[float, float] | None:
    if not np.isfinite(values).all():
        return None
    return float(values.min()), float(values.max())


def verdict_uncertainties(
    constraints: Sequence[ConstraintResult],
    kept: Sequence[DrawnStructure],
    drawn: Sequence[FloatArray],
    moved: Mapping[float, Sequence[FloatArray]],
) -> tuple[VerdictUncertainty, ...]:
    """In which share of the draws every evaluated limit is kept.

    Parameters
    ----------
    drawn
        Of each structure, ``(draws, metrics)``.
    moved
        Length of a shift in mm to the same in its 26 directions.
    """
    values = {
        query: (
            found[:, at],
            one.reported[at],
            {mm: metrics[n][:, at] for mm, metrics in moved.items()},
        )
        for n, (one, found) in enumerate(zip(kept, drawn, strict=True))
        for query, at in one.columns.items()
    }
    return tuple(
        _verdict(item, *values[query])
        for item in constraints
        if item.verdict != "not evaluable" and (query := query_of(item)) in values
    )


def query_of(item: ConstraintResult) -> Query:
    """What a limit asked of its structure."""
    scope = item.scope
    return Query(
        structure=item.structure.removesuffix("-GTV"),
        basis="minus GTV" if item.structure.endswith("-GTV") else "whole",
        metric=item.metric,
        quantity=item.quantity,
        alpha_beta_gy=item.alpha_beta_gy,
        scope="cumulative" if scope == "cumulative" else int(scope.split()[-1]),
    )


def _counted(item: ConstraintResult, values: FloatArray) -> tuple[int, int]:
    """How many of the values meet a limit, and how many exceed it."""
    known = values[np.isfinite(values)]
    met = sum(holds(float(value), item.relation, item.limit) for value in known)
    return met, len(known) - met


def _verdict(
    item: ConstraintResult,
    drawn: FloatArray,
    reported: float | None,
    moved: Mapping[float, FloatArray],
) -> VerdictUncertainty:
    met, exceeded = _counted(item, drawn)
    value: Spread = spread_of(drawn, reported)
    reason = ""
    if met + exceeded < len(drawn):
        reason = "In some draws the value depends on dose outside a grid."
    return VerdictUncertainty(
        structure=item.structure,
        metric=item.metric,
        quantity=item.quantity,
        scope=item.scope,
        alpha_beta_gy=item.alpha_beta_gy,
        relation=item.relation,
        limit=item.limit,
        level=item.level,
        set=item.set,
        verdict=item.verdict,
        value=value,
        met_percent=100.0 * met / len(drawn),
        exceeded_percent=100.0 * exceeded / len(drawn),
        reason=reason,
        shifted=tuple(
            ShiftedVerdict(mm, *_counted(item, values)) for mm, values in moved.items()
        ),
    )
