"""Kaplan-Meier survival, follow-up by its reverse, and the log-rank test."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from reirrad.core.geometry import FloatArray
from reirrad.stats.comparison import compared
from reirrad.stats.curves import curve_of, summarised
from reirrad.stats.results import GroupTest, TimeToEvent
from reirrad.stats.risk_sets import checked, risk_sets
from reirrad.stats.times import CENSORED, EVENT, Observed

__all__ = ["kaplan_meier", "log_rank", "product_limit", "reverse_kaplan_meier"]

_AT_HALF = 1e-8


def kaplan_meier(
    observed: Observed,
    *,
    horizons_months: Sequence[float] = (12.0,),
    fewest_at_risk: int = 5,
) -> TimeToEvent:
    """Survival of a group (Kaplan and Meier, JASA 1958;53:457-481).

    Units that are censored at the time of an event are still at risk of it. Competing
    events count as censored, and how many there were is told. The standard error is
    Greenwood's, the interval log-log. The median is the first time at which survival
    is 0.5 or less; where it is exactly 0.5 for a while, the middle of that while, as in
    R's `print(survfit(...))`. Its interval is where the bounds of the curve cross 0.5
    (Brookmeyer and Crowley, Biometrics 1982;38:29-41).

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
        curve = curve_of(
            sets,
            *product_limit(observed),
            events=sets.events,
            censored=sets.censored + sets.competing,
        )
    result = summarised(
        observed,
        curve,
        method="Kaplan-Meier, 95 % log-log interval",
        horizons_months=horizons_months,
        fewest_at_risk=fewest_at_risk,
    )
    return _with_median(result)


def reverse_kaplan_meier(
    observed: Observed,
    *,
    horizons_months: Sequence[float] = (),
    fewest_at_risk: int = 5,
) -> TimeToEvent:
    """Follow-up of a group (Schemper and Smith, Control Clin Trials 1996;17:343-346).

    The event is the end of observation without an event; events and competing events
    end the wait for it. Where both happen at the same time, the events come first, as
    in the survival that this follow-up belongs to: who had the event then is not at
    risk of being censored then. That is the rule of R's `prodlim(reverse=TRUE)`. R's
    `survfit` with the outcome turned round keeps them at risk; the two differ where
    events and censorings share a time.

    Parameters and result are those of `kaplan_meier`; `events` counts the censored
    units, and the curve's `censored` those with an event of either kind.
    """
    sets = risk_sets(observed)
    curve = None
    if observed.months:
        curve = curve_of(
            sets,
            *product_limit(observed, of=CENSORED),
            events=sets.censored,
            censored=sets.events + sets.competing,
        )
    result = summarised(
        observed,
        curve,
        method="reverse Kaplan-Meier, 95 % log-log interval",
        horizons_months=horizons_months,
        fewest_at_risk=fewest_at_risk,
    )
    censored = observed.outcome.count(CENSORED)
    return _with_median(replace(result, events=censored, competing=0))


def product_limit(
    observed: Observed, *, of: int = EVENT
) -> tuple[FloatArray, FloatArray]:
    """Probability to be without an outcome and its standard error (Greenwood).

    Parameters
    ----------
    observed
        A group with at least one unit.
    of
        `EVENT` for survival, `CENSORED` for follow-up.

    Returns
    -------
    Both at each of the times of `risk_sets`. The standard error is not a number where
    the probability is 0.
    """
    months, outcome = checked(observed)
    times = np.union1d(0.0, months)
    rank = np.searchsorted(times, months)
    # Order is all that the estimate takes of time: at each time, events come first.
    order = 2 * rank + (outcome == CENSORED)
    fit = SurvfuncRight(order, (outcome == of).astype(np.int64))
    after = np.searchsorted(fit.surv_times, 2 * np.arange(len(times)) + 1, side="right")
    estimate = np.concatenate(([1.0], fit.surv_prob))[after]
    standard_error = np.concatenate(([0.0], fit.surv_prob_se))[after]
    return estimate, standard_error


def log_rank(groups: Sequence[Observed]) -> GroupTest:
    """Whether the hazards of an event differ between groups (Mantel-Haenszel).

    Two or more groups, hypergeometric variance, as R's `survdiff`. Competing events
    count as censored.

    Raises
    ------
    ValueError
        If the groups are not of one endpoint, or two have the same name.
    """
    return compared("log-rank", groups, _log_rank_chi_square)


def _log_rank_chi_square(groups: Sequence[Observed]) -> float:
    arrays = [checked(group) for group in groups]
    months = np.concatenate([group_months for group_months, _ in arrays])
    happened = np.concatenate([outcome == EVENT for _, outcome in arrays])
    group = np.repeat(np.arange(len(groups)), [len(times) for times, _ in arrays])
    chi_square, _ = survdiff(months, happened.astype(np.int64), group)
    return float(chi_square)


def _with_median(result: TimeToEvent) -> TimeToEvent:
    curve = result.curve
    if curve is None:
        return result
    times = curve.times_months
    return replace(
        result,
        median_months=_time_at_half(times, curve.estimate),
        median_low=_time_at_half(times, curve.low),
        median_high=_time_at_half(times, curve.high),
    )


def _time_at_half(
    times_months: Sequence[float], values: Sequence[float | None]
) -> float | None:
    """When values that never grow come to 0.5, undefined ones left out."""
    below = [
        (time, value)
        for time, value in zip(times_months, values, strict=True)
        if value is not None and value < 0.5 + _AT_HALF
    ]
    if not below:
        return None
    first, value = below[0]
    lower = (time for time, later in below if later < value - _AT_HALF)
    if value > 0.5 - _AT_HALF:
        return (first + next(lower, first)) / 2
    return first
