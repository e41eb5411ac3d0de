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
from scipy.optimize import brentq, minimize
from scipy.special import chdtrc, chdtri, expit, log_expit

from reirrad.core.geometry import FloatArray
from reirrad.stats.results import Association
from reirrad.stats.risk_sets import IntArray

__all__ = ["PenalisedFit", "dose_response", "firth"]

_SMALLEST_SCORE = 1e-9
_LARGEST_LOG_ODDS = 700.0
_OTHER_STARTS = 33
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
        p=tuple(profile.p() for profile in profiles),
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
        """Logarithm of the penalised likelihood."""
        return self.likelihood_and_score(coefficients)[0]

    def likelihood_and_score(
        self, coefficients: FloatArray
    ) -> tuple[float, FloatArray]:
        """Logarithm of the penalised likelihood and its derivatives."""
        odds = self.design @ coefficients
        plain = log_expit((2.0 * self.outcome - 1.0) * odds).sum()
        orthogonal, triangle = np.linalg.qr(self.weighted(coefficients))
        with np.errstate(divide="ignore"):
            # Where every risk is 0 or 1, there is no information: minus infinity.
            penalty = np.log(np.abs(np.diag(triangle))).sum()
        leverage = np.sum(orthogonal**2, axis=1)
        risk = expit(odds)
        residual = self.outcome - risk + leverage * (0.5 - risk)
        return float(plain + penalty), np.asarray(self.design.T @ residual)

    def weighted(self, coefficients: FloatArray) -> FloatArray:
        """Root of the information, which is its product with itself."""
        odds = self.design @ coefficients
        # One less the risk would be 0 where the odds are large.
        weight = np.sqrt(expit(odds) * expit(-odds))
        return np.asarray(weight[:, np.newaxis] * self.design)

    def maximum(self, start: FloatArray, *, free: IntArray) -> FloatArray:
        """Coefficients of the largest likelihood; those that are not `free` stay."""

        def whole(part: FloatArray) -> FloatArray:
            coefficients = start.copy()
            coefficients[free] = part
            return coefficients

        def downhill(part: FloatArray) -> tuple[float, FloatArray]:
            likelihood, score = self.likelihood_and_score(whole(part))
            return -likelihood, -score[free]

        found = minimize(
            downhill,
            start[free],
            jac=True,
            method="BFGS",
            options={"gtol": _SMALLEST_SCORE},
        )
        return whole(found.x)


@dataclass(frozen=True, slots=True, eq=False)
class _Profile:
    """Likelihood of one coefficient, the others wherever they are best.

    Parameters
    ----------
    model
        The likelihood.
    best
        Its maximum.
    which
        Index of the coefficient.
    """

    model: _Model
    best: FloatArray
    which: int

    def p(self) -> float:
        """Likelihood ratio test against 0."""
        return float(chdtrc(1, self.ratio(self.at(0.0, near=self.best))))

    def bound(self, side: float) -> float:
        """Where that test just rejects at 5 %, below (-1) or above (1)."""
        limit = float(chdtri(1, 0.05))
        near = self.best
        step = side * math.sqrt(self.covariance(near)[self.which, self.which])
        # On in steps after which the best of the others is not far from what it was.
        while not limit <= self.ratio(there := self._after(step, near)) < 4.0 * limit:
            if self.ratio(there) < limit:
                near = there
            else:
                step /= 2.0
        inner = float(near[self.which])
        return float(
            brentq(
                lambda value: self.ratio(self.at(value, near=near)) - limit,
                inner,
                inner + step,
                xtol=1e-10,
            )
        )

    def ratio(self, coefficients: FloatArray) -> float:
        """Twice the logarithm of the likelihood ratio against the maximum."""
        difference = self.model.likelihood(self.best) - self.model.likelihood(
            coefficients
        )
        return max(0.0, 2.0 * difference)

    def at(self, value: float, *, near: FloatArray) -> FloatArray:
        """The best coefficients with this one at a value, from those at another."""
        covariance = self.covariance(near)
        along = covariance[:, self.which] / covariance[self.which, self.which]
        start = near + (value - near[self.which]) * along
        free = np.delete(np.arange(len(start)), self.which)
        found = [
            self.model.maximum(one, free=free)
            for one in (start, self._other_start(start))
            if self.model.likelihood(one) > -math.inf
        ]
        return max(found, key=self.model.likelihood, default=start)

    def _other_start(self, start: FloatArray) -> FloatArray:
        """The best intercept of many: separated data have profiles of several maxima.

        Those that give one of the units even odds, evenly spread over the units.
        """
        if self.which == 0:
            return start
        odds = self.model.design @ start - start[0]
        starts = np.tile(start, (_OTHER_STARTS, 1))
        starts[:, 0] = -np.quantile(odds, np.linspace(0.0, 1.0, _OTHER_STARTS))
        return max(starts, key=self.model.likelihood)

    def covariance(self, coefficients: FloatArray) -> FloatArray:
        """Of the coefficients, as far as the likelihood is a parabola there."""
        weighted = self.model.weighted(coefficients)
        return np.asarray(np.linalg.inv(weighted.T @ weighted))

    def _after(self, step: float, near: FloatArray) -> FloatArray:
        return self.at(float(near[self.which]) + step, near=near)
