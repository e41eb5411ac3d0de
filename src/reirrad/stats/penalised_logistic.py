"""Logistic regression with Firth's penalty, and dose-response of a toxicity.

With few events, the largest likelihood is biased away from no effect, and where the
exposure separates those with the outcome from those without, it has no maximum. Firth
(Biometrika 1993;80:27-38) adds half the logarithm of the determinant of the
information; Heinze and Schemper (Stat Med 2002;21:2409-2419) take intervals and tests
from the profile of that penalised likelihood, as R's `logistf`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, log_expit
from scipy.stats import chi2

from reirrad.core.geometry import FloatArray
from reirrad.stats.results import Association
from reirrad.stats.risk_sets import IntArray

__all__ = ["PenalisedFit", "dose_response", "firth"]

_MOST_STEPS = 200
_MOST_HALVINGS = 40
_LONGEST_STEP = 5.0
_SMALLEST_SCORE = 1e-9
_LARGEST_LOG_ODDS = 700.0
_ROUNDING = 1e-11
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
    The association, or why there is none: too few units with or without the outcome,
    exposures that are all equal, or so close that the odds ratio for `step` is not a
    number.

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
    note = _refusal(points, unit, fewest=fewest_events)
    refused = Association(
        outcome=outcome,
        exposure=exposure,
        exposure_unit=unit,
        n=len(points),
        events=events,
        missing=len(pairs) - len(points),
        odds_ratio=None,
        low=None,
        high=None,
        p=None,
        step=step,
        intercept=None,
        slope=None,
        points=points,
        method=_METHOD,
        note=note,
    )
    return refused if note else _fitted(refused)


def firth(design: FloatArray, outcome: FloatArray) -> PenalisedFit:
    """Logistic regression with Firth's penalty and an intercept.

    Parameters
    ----------
    design
        One row for each unit, one column for each exposure, with full rank beside the
        intercept. Columns of similar spread converge best.
    outcome
        1 or 0 for each unit.
    """
    model = _Model(np.column_stack((np.ones(len(design)), design)), outcome)
    every = np.arange(model.design.shape[1])
    best = model.maximum(np.zeros(len(every)), free=every)
    profiles = [_Profile(model, best, int(which)) for which in every]
    return PenalisedFit(
        coefficients=tuple(best.tolist()),
        low=tuple(profile.bound(-1.0) for profile in profiles),
        high=tuple(profile.bound(1.0) for profile in profiles),
        p=tuple(float(chi2.sf(profile.ratio(0.0), 1)) for profile in profiles),
    )


def _refusal(points: tuple[tuple[float, bool], ...], unit: str, *, fewest: int) -> str:
    events = sum(happened for _, happened in points)
    without = len(points) - events
    if min(events, without) < fewest:
        return (
            f"no fit: {events} of {len(points)} have the outcome and {without} do not; "
            f"at least {fewest} of each are needed"
        )
    if points[0][0] == points[-1][0]:
        return f"no fit: the exposure is {points[0][0]:g} {unit} in all {len(points)}"
    return ""


def _fitted(refused: Association) -> Association:
    exposure, happened = np.array(refused.points, dtype=np.float64).T
    mean, spread = exposure.mean(), exposure.std()
    fit = firth(((exposure - mean) / spread)[:, np.newaxis], happened)
    slope, low, high = (
        float(values[1] / spread) for values in (fit.coefficients, fit.low, fit.high)
    )
    if max(abs(low), abs(high)) * refused.step > _LARGEST_LOG_ODDS:
        note = (
            f"no fit: exposures from {exposure[0]:.9g} to {exposure[-1]:.9g} "
            f"{refused.exposure_unit} cannot tell what {refused.step:g} more would do"
        )
        return replace(refused, note=note)
    return replace(
        refused,
        odds_ratio=math.exp(slope * refused.step),
        low=math.exp(low * refused.step),
        high=math.exp(high * refused.step),
        p=fit.p[1],
        intercept=float(fit.coefficients[0] - slope * mean),
        slope=slope,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """Penalised likelihood of coefficients, one for each column of `design`."""

    design: FloatArray
    outcome: FloatArray

    def likelihood(self, coefficients: FloatArray) -> float:
        sign = 2.0 * self.outcome - 1.0
        plain = log_expit(sign * (self.design @ coefficients)).sum()
        return float(plain + np.linalg.slogdet(self.information(coefficients))[1] / 2)

    def information(self, coefficients: FloatArray) -> FloatArray:
        risk = expit(self.design @ coefficients)
        return np.asarray((self.design.T * (risk * (1.0 - risk))) @ self.design)

    def score(self, coefficients: FloatArray) -> FloatArray:
        risk = expit(self.design @ coefficients)
        spread = np.linalg.solve(self.information(coefficients), self.design.T)
        leverage = risk * (1.0 - risk) * np.sum(self.design.T * spread, axis=0)
        residual = self.outcome - risk + leverage * (0.5 - risk)
        return np.asarray(self.design.T @ residual)

    def maximum(self, start: FloatArray, *, free: IntArray) -> FloatArray:
        """Coefficients of the largest likelihood; those that are not `free` stay."""
        found = start.copy()
        value = self.likelihood(found)
        for _ in range(_MOST_STEPS):
            score = self.score(found)[free]
            if np.abs(score).max() < _SMALLEST_SCORE:
                break
            information = self.information(found)[np.ix_(free, free)]
            step = np.asarray(np.linalg.solve(information, score), dtype=np.float64)
            step *= min(1.0, _LONGEST_STEP / float(np.abs(step).max()))
            found, value, moved = self._uphill(found, value, (free, step))
            if not moved:
                break
        return found

    def _uphill(
        self, found: FloatArray, value: float, along: tuple[IntArray, FloatArray]
    ) -> tuple[FloatArray, float, bool]:
        free, step = along
        for halving in range(_MOST_HALVINGS):
            tried = found.copy()
            tried[free] += step / 2.0**halving
            # Near the maximum, rounding hides what the last steps still gain.
            if (there := self.likelihood(tried)) > value - _ROUNDING:
                return tried, there, True
        return found, value, False


@dataclass(frozen=True, slots=True, eq=False)
class _Profile:
    """Likelihood of one coefficient, the others wherever they are best."""

    model: _Model
    best: FloatArray
    which: int

    def ratio(self, coefficient: float) -> float:
        """Twice the logarithm of the likelihood ratio against the maximum."""
        held = self.best.copy()
        held[self.which] = coefficient
        free = np.delete(np.arange(len(held)), self.which)
        there = self.model.likelihood(self.model.maximum(held, free=free))
        return max(0.0, 2.0 * (self.model.likelihood(self.best) - there))

    def bound(self, side: float) -> float:
        """Where the ratio test just rejects at 5 %, below (-1) or above (1)."""
        limit = float(chi2.ppf(0.95, 1))
        variance = np.linalg.inv(self.model.information(self.best))
        step = side * math.sqrt(variance[self.which, self.which])
        inner = float(self.best[self.which])
        outer = inner + step
        while self.ratio(outer) < limit:
            inner, outer = outer, outer + step
        return float(brentq(lambda b: self.ratio(b) - limit, inner, outer, xtol=1e-10))
