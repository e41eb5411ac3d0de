"""Logistic regression with Firth's penalty, and dose-response of a toxicity.

With few events, the largest likelihood is biased away from no effect, and where the
exposure separates those with the outcome from those without, it has no maximum. Firth
(Biometrika 1993;80:27-38) adds half the logarithm of the determinant of the information;
Heinze and Schemper (Stat Med 2002;21:2409-2419) take intervals and tests from the profile
of that penalised likelihood, as R's `logistf`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, log_expit
from scipy.stats import chi2

from reirrad.core.geometry import FloatArray
from reirrad.stats.results import Association

__all__ = ["PenalisedFit", "dose_response", "firth"]

_MOST_STEPS = 1000
_SMALLEST_SCORE = 1e-10
_METHOD = (
    "logistic regression, penalised likelihood (Firth), "
    "95 % profile interval, likelihood ratio test"
)


@dataclass(frozen=True, slots=True)
class PenalisedFit:
    """Coefficients of the log odds, the intercept first.

    Parameters
    ----------
    coefficients
        At the maximum of the penalised likelihood.
    low, high
        95 % interval of each from the profile of the penalised likelihood.
    p
        Penalised likelihood ratio test of each against 0.
    """

    coefficients: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    p: tuple[float, ...]


def dose_response(
    *,
    outcome: str,
    exposure: str,
    unit: str,
    pairs: Sequence[tuple[float | None, bool | None]],
    step: float,
    fewest_events: int = 5,
) -> Association:
    """Odds of an outcome against one exposure.

    Parameters
    ----------
    outcome, exposure, unit
        Names and the unit of the exposure.
    pairs
        Exposure and outcome of each unit of analysis; None where it is not known.
    step
        Increase of the exposure that the odds ratio is for, above 0.
    fewest_events
        Units with the outcome, and as many without it, that a fit needs. 5 for one
        exposure by the simulations of Vittinghoff and McCulloch (Am J Epidemiol
        2007;165:710-718): below 5 to 9 events for each variable, intervals and bias
        become problematic.

    Returns
    -------
    The association, or why there is none: too few units with or without the outcome, or
    all exposures are equal.

    Raises
    ------
    ValueError
        If an exposure is not finite, or `step` is not above 0.
    """
    points = tuple(sorted((x, y) for x, y in pairs if x is not None and y is not None))
    if not step > 0 or not np.isfinite([x for x, _ in points]).all():
        msg = "exposures are finite or None, and the step is above 0"
        raise ValueError(msg)
    events = sum(y for _, y in points)
    note = _refusal(points, events, outcome=outcome, fewest=fewest_events)
    per_unit = None if note else _fitted(points)
    return Association(
        outcome=outcome,
        exposure=exposure,
        exposure_unit=unit,
        n=len(points),
        events=events,
        missing=len(pairs) - len(points),
        odds_ratio=None if per_unit is None else _odds(per_unit.coefficients[1], step),
        low=None if per_unit is None else _odds(per_unit.low[1], step),
        high=None if per_unit is None else _odds(per_unit.high[1], step),
        p=None if per_unit is None else per_unit.p[1],
        step=step,
        intercept=None if per_unit is None else per_unit.coefficients[0],
        slope=None if per_unit is None else per_unit.coefficients[1],
        points=points,
        method=_METHOD,
        note=note,
    )
