"""The largest prescription of a planned course that meets every binding limit.

The shape of the plan stays, its dose is multiplied by one factor. Metrics that limit an
organ only rise with it (spared volumes only fall), so that the largest factor that
meets a limit is the root of one equation; the largest for all limits is the least.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from scipy.optimize import brentq

from reirrad.core.budget import NamedLimit
from reirrad.core.constraints import Constraint, holds
from reirrad.core.dvh import metric_value
from reirrad.core.limit_questions import (
    UNCOVERED,
    LimitedOrgan,
    LimitQuestion,
    limit_questions,
)
from reirrad.core.organ_doses import ScaledDose
from reirrad.core.organ_limits import DecidingDose, deciding_dose

__all__ = [
    "ScaleBounds",
    "exceeded_beside",
    "largest_scale",
    "meets",
    "scale_bounds",
    "surely_meets",
]

LARGEST_SCALE = 1e4
SCALE_TOLERANCE = 1e-10
FIRST_STEP_DOWN = 1e-10


@dataclass(frozen=True, slots=True)
class ScaleBounds:
    """How far a plan may be scaled in a number of fractions.

    Parameters
    ----------
    scale
        Largest factor that meets every binding limit that could be evaluated; None
        where the background alone exceeds one, infinite where none bounds it.
    limiting
        The limit that is met with equality, if any.
    exceeded_before
        Binding limits that the earlier courses alone exceed.
    ignoring_exceeded
        Largest factor for the other limits; infinite where none of them bounds it.
    limiting_others
        The limit that is met with equality then.
    evaluated
        How many binding limits were evaluated.
    not_evaluated
        Binding limits that were not, each with its reason: they are not met by this.
        One that hangs on dose beyond a grid bounds the scale by the dose inside, which
        it cannot be below.
    """

    scale: float | None
    limiting: NamedLimit | None
    exceeded_before: tuple[NamedLimit, ...]
    ignoring_exceeded: float
    limiting_others: NamedLimit | None
    evaluated: int
    not_evaluated: tuple[str, ...]


def meets(scaled: ScaledDose, constraint: Constraint, scale: float) -> bool:
    """Whether a limit holds with the new course multiplied by a factor."""
    value = metric_value(constraint.metric, scaled.curve(scale))
    return holds(value, constraint.relation, constraint.limit)


def largest_scale(scaled: ScaledDose, constraint: Constraint) -> float | None:
    """Largest factor of the new course with which a limit still holds.

    At it, the dose that decides (:func:`~reirrad.core.organ_limits.deciding_dose`)
    equals its level but for rounding.

    Parameters
    ----------
    scaled
        The dose that the limit is about.
    constraint
        An upper limit of dose or of a volume, or a lower one of a spared volume.

    Returns
    -------
    float or None
        None where it does not hold even without the new course; infinite where no
        factor breaks it.
    """
    deciding = deciding_dose(constraint, scaled.volume_cc)
    if deciding.never or not meets(scaled, constraint, 0.0):
        return None
    if deciding.always:
        return math.inf
    scale = (
        _mean_scale(scaled, deciding.level_gy)
        if deciding.volume_cc is None
        else _volume_scale(scaled, deciding)
    )
    if not math.isfinite(scale):
        return scale
    # "<" is broken at the limit itself; rounding may also end just above it.
    step = FIRST_STEP_DOWN
    while scale > 0.0 and not meets(scaled, constraint, scale):
        scale = max(scale - step * max(scale, FIRST_STEP_DOWN), 0.0)
        step *= 4.0
    return scale


def scale_bounds(
    organs: Sequence[LimitedOrgan],
    constraints: Collection[Constraint],
    *,
    n_fractions: int,
    planned: bool,
) -> ScaleBounds:
    """How far the new course may be scaled, over all organs and binding limits.

    Parameters
    ----------
    organs
        Organs with a standard name.
    constraints
        Rows of the sets to evaluate.
    n_fractions
        Number of fractions whose limits hold.
    planned
        Whether the deliveries keep their own numbers of fractions; else the whole
        course is given in `n_fractions`.
    """
    asked = [
        question
        for organ in organs
        for question in limit_questions(
            organ, constraints, n_fractions=n_fractions, planned=planned
        )
    ]
    bounds = _bounds(asked)
    # A limit known for the plan as it is may hang on uncovered dose at another scale.
    while unknown := _unknown_at(asked, bounds):
        asked = [_inside_grids(one) if one in unknown else one for one in asked]
        bounds = _bounds(asked)
    return bounds


def _bounds(asked: Sequence[LimitQuestion]) -> ScaleBounds:
    best, limiting = math.inf, None
    exceeded: list[NamedLimit] = []
    skipped: dict[str, None] = {}
    evaluated = 0
    for question in asked:
        if question.reason:
            skipped[f"{_short(question.named)}: {question.reason}"] = None
        if question.scaled is None:
            continue
        evaluated += not question.reason
        scale, named = _least(question, best), question.named
        if scale is None:
            exceeded.append(named)
        elif scale < best:
            best, limiting = scale, named
    return ScaleBounds(
        scale=None if exceeded else best,
        limiting=exceeded[0] if exceeded else limiting,
        exceeded_before=tuple(exceeded),
        ignoring_exceeded=best,
        limiting_others=limiting,
        evaluated=evaluated,
        not_evaluated=tuple(skipped),
    )


def _unknown_at(
    asked: Sequence[LimitQuestion], bounds: ScaleBounds
) -> list[LimitQuestion]:
    """Limits that hang on uncovered dose at the largest scale.

    The volume at a level says nothing just below the scale at which the deciding dose
    reaches it; of the limiting limit that dose itself is asked.
    """
    scale = bounds.ignoring_exceeded
    if not math.isfinite(scale):
        return []
    unknown = []
    for question in asked:
        if question.scaled is None or question.reason:
            continue
        row = question.limit.constraint
        metric = row.metric
        if question.named is bounds.limiting_others:
            metric = _deciding_metric(deciding_dose(row, question.scaled.volume_cc))
        if not question.scaled.is_known(metric, scale):
            unknown.append(question)
    return unknown


def _inside_grids(question: LimitQuestion) -> LimitQuestion:
    """What the dose inside the grids allows at most; the limit is not evaluated."""
    scaled = question.scaled
    inside = None if scaled is None else scaled.inside_grids()
    return replace(question, scaled=inside, reason=UNCOVERED)


def _deciding_metric(deciding: DecidingDose) -> str:
    if deciding.volume_cc is None:
        return "Mean[Gy]"
    return f"D{deciding.volume_cc:.9f}cc[Gy]" if deciding.volume_cc else "Max[Gy]"


def exceeded_beside(
    organs: Sequence[LimitedOrgan],
    constraints: Collection[Constraint],
    scale: float,
    *,
    n_fractions: int,
    planned: bool,
) -> tuple[NamedLimit, ...]:
    """Limits that do not bind and are exceeded at a scale, to be named beside it.

    Other parameters are those of :func:`scale_bounds`.
    """
    return tuple(
        question.named
        for organ in organs
        for question in limit_questions(
            organ,
            constraints,
            n_fractions=n_fractions,
            planned=planned,
            binding=False,
        )
        if question.scaled is not None
        and question.scaled.is_known(question.limit.constraint.metric, scale)
        and not surely_meets(question.scaled, question.limit.constraint, scale)
        and not meets(question.scaled, question.limit.constraint, scale)
    )


def _least(question: LimitQuestion, best: float) -> float | None:
    """The scale for one limit, where it is below the best so far; else that."""
    row, scaled = question.limit.constraint, question.scaled
    if scaled is None or surely_meets(scaled, row, min(best, LARGEST_SCALE)):
        return best
    return largest_scale(scaled, row)


def _short(named: NamedLimit) -> str:
    return f"{named.structure} {named.metric.partition('[')[0]}"


def surely_meets(scaled: ScaledDose, row: Constraint, scale: float) -> bool:
    """A quick test that may say no for what does hold, never yes for what does not.

    The volume at or above the level, with the largest cell more for the interpolation
    between points, is below the volume that decides.
    """
    deciding = deciding_dose(row, scaled.volume_cc)
    if deciding.always or deciding.never or deciding.volume_cc is None:
        return deciding.always
    at_least = scaled.at(scale) >= deciding.level_gy
    if not at_least.any():
        return True
    hot = float(scaled.volumes_cc[at_least].sum() + scaled.volumes_cc.max())
    return hot < deciding.volume_cc


def _mean_scale(scaled: ScaledDose, level_gy: float) -> float:
    base, linear, square = scaled.mean_coefficients()
    room = max(level_gy - base, 0.0)
    below = linear + math.sqrt(linear**2 + 4.0 * square * room)
    return 2.0 * room / below if below > 0.0 else math.inf


def _volume_scale(scaled: ScaledDose, deciding: DecidingDose) -> float:
    """Where the dose at the deciding volume reaches its level."""
    metric = _deciding_metric(deciding)

    def above_gy(scale: float) -> float:
        return metric_value(metric, scaled.curve(scale)) - deciding.level_gy

    low, high = 0.0, _first_guess(scaled, deciding)
    if high > LARGEST_SCALE and above_gy(LARGEST_SCALE) < 0.0:
        return math.inf
    high = min(high, LARGEST_SCALE)
    if high > 0.0 and above_gy(0.99 * high) < 0.0:
        low = 0.99 * high
    high = max(1.01 * high, FIRST_STEP_DOWN)
    while above_gy(high) < 0.0:
        low, high = high, 2.0 * high
        if high > LARGEST_SCALE:
            return math.inf
    if above_gy(low) >= 0.0:
        return low
    return float(brentq(above_gy, low, high, rtol=SCALE_TOLERANCE, xtol=1e-14))


def _first_guess(scaled: ScaledDose, deciding: DecidingDose) -> float:
    """Scale at which the deciding volume has reached the level, but for one cell."""
    reached = scaled.scale_reaching(deciding.level_gy)
    order = reached.argsort()
    hot = scaled.volumes_cc[order].cumsum()
    place = int(hot.searchsorted(deciding.volume_cc or 0.0, side="right"))
    return float(reached[order[min(place, len(order) - 1)]])
