"""Incidence of an event beside competing ones, and Gray's test."""

from collections.abc import Sequence

import numpy as np
from statsmodels.duration.survfunc import CumIncidenceRight

from reirrad.core.geometry import FloatArray
from reirrad.stats.comparison import compared
from reirrad.stats.curves import curve_of, summarised
from reirrad.stats.gray import gray_chi_square
from reirrad.stats.results import GroupTest, TimeToEvent
from reirrad.stats.risk_sets import IntArray, RiskSets, checked, risk_sets
from reirrad.stats.times import COMPETING, Observed

__all__ = ["cumulative_incidence", "gray", "incidence"]

_ROUNDING = 1e-12


def cumulative_incidence(
    observed: Observed,
    *,
    horizons_months: Sequence[float] = (12.0,),
    fewest_at_risk: int = 5,
) -> TimeToEvent:
    """Probability of the event in the presence of competing ones (Aalen-Johansen).

    The variance is that of R's `cmprsk::cuminc`, see `incidence`; the interval is
    log-log. There is no median.

    Parameters
    ----------
    observed
        The group.
    horizons_months
        Times at which a probability is wanted.
    fewest_at_risk
        Units that must be under observation there; with fewer it is not given. 5 by the
        outputs that this project asks of a cohort.
    """
    sets = risk_sets(observed)
    curve = None
    if observed.months:
        estimate, variance = incidence(observed)
        curve = curve_of(
            sets,
            estimate,
            np.sqrt(variance),
            events=sets.events,
            censored=sets.censored,
        )
    months, outcome = checked(observed)
    return summarised(
        observed,
        curve,
        method="cumulative incidence (Aalen-Johansen), 95 % log-log interval",
        horizons_months=horizons_months,
        fewest_at_risk=fewest_at_risk,
        until=months[outcome == COMPETING].tolist(),
    )


def incidence(observed: Observed) -> tuple[FloatArray, FloatArray]:
    r"""Cumulative incidence of the event and its variance.

    With :math:`F` the incidence, :math:`S` the probability to be without any event,
    :math:`n` the units at risk, and :math:`d_1, d_2` events and competing events at
    time :math:`s`, the variance at time :math:`t` is

    .. math:: \sum_{s \le t} \left(1 - \frac{F(t)-F(s)}{S(s)}\right)^2 v_1(s)
              + \left(\frac{F(t)-F(s)}{S(s)}\right)^2 v_2(s), \qquad
              v_k = S(s^-)^2 \frac{d_k}{n^2} \, \frac{n-d_k}{n-1}

    (delta method; Gray, Ann Stat 1988;16:1141-1154, as in R's `cmprsk`). The standard
    error that statsmodels gives is another.

    Parameters
    ----------
    observed
        A group with at least one unit.

    Returns
    -------
    Both at each of the times of `risk_sets`.
    """
    sets = risk_sets(observed)
    estimate, competing = _estimates(observed, sets)
    ends = sets.events + sets.competing == sets.at_risk
    event_free = np.where(ends, 0.0, 1.0 - estimate - competing)
    before = np.concatenate(([1.0], event_free[:-1]))
    own = _increment_variance(before, sets.at_risk, sets.events)
    other = _increment_variance(before, sets.at_risk, sets.competing)
    inverse = np.divide(
        1.0, event_free, out=np.zeros_like(event_free), where=event_free > 0
    )
    # The square of 1 + F(s)/S(s) - F(t)/S(s), multiplied out so that t stands outside.
    of_own, of_other = 1.0 + estimate * inverse, estimate * inverse
    constant = np.cumsum(of_own**2 * own + of_other**2 * other)
    linear = np.cumsum(inverse * (of_own * own + of_other * other))
    square = np.cumsum(inverse**2 * (own + other))
    variance = constant - 2.0 * estimate * linear + estimate**2 * square
    return estimate, np.maximum(variance, 0.0)


def gray(groups: Sequence[Observed]) -> GroupTest:
    """Whether the cumulative incidence of an event differs between groups.

    Gray's test with rho 0, two or more groups, as R's `cmprsk::cuminc`.

    Raises
    ------
    ValueError
        If the groups are not of one endpoint, or two have the same name.
    """
    return compared("Gray", groups, gray_chi_square)


def _estimates(observed: Observed, sets: RiskSets) -> tuple[FloatArray, FloatArray]:
    """Incidence of the event and of the competing ones at the times of the group."""
    months, outcome = checked(observed)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Its standard error divides by zero where everybody has had an event.
        fit = CumIncidenceRight(months, outcome)
    after = np.searchsorted(fit.times, sets.times_months, side="right")
    kinds = [np.concatenate(([0.0], kind))[after] for kind in fit.cinc]
    nothing = np.zeros(len(sets.times_months))
    own, competing, *_ = [*kinds, nothing, nothing]
    # The sum of a hundred hundredths is 1, so that it has no interval.
    return np.where(own > 1.0 - _ROUNDING, 1.0, own), competing


def _increment_variance(
    before: FloatArray, at_risk: IntArray, count: IntArray
) -> FloatArray:
    """Variance of S(t-) d/n, with d hypergeometric among n; 0 where d is 0."""
    of = np.maximum(at_risk, 1)
    ties = np.where(count > 1, (of - count) / np.maximum(of - 1, 1), 1.0)
    return np.asarray(before**2 * count / of**2 * ties)
