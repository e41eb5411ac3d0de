"""Step functions of time: their intervals, and what they are at fixed times."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from reirrad.core.geometry import FloatArray
from reirrad.stats.proportions import clopper_pearson
from reirrad.stats.results import AtHorizon, Curve, TimeToEvent
from reirrad.stats.risk_sets import IntArray, RiskSets
from reirrad.stats.times import COMPETING, EVENT, Observed

__all__ = ["curve_of", "log_log_interval", "summarised"]

_Z = float(ndtri(0.975))


def log_log_interval(
    estimate: FloatArray, standard_error: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """95 % interval of probabilities, symmetric in log(-log(probability)).

    Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, 2nd
    edition, section 1.4. It stays within 0 and 1. Not a number where the estimate is 0
    or 1.
    """
    inside = (estimate > 0) & (estimate < 1)
    p = np.where(inside, estimate, 0.5)
    step = np.where(inside, _Z * standard_error / np.abs(p * np.log(p)), np.nan)
    return p ** np.exp(step), p ** np.exp(-step)


def curve_of(
    sets: RiskSets,
    estimate: FloatArray,
    standard_error: FloatArray,
    *,
    events: IntArray,
    censored: IntArray,
) -> Curve:
    """Curve with log-log interval from its values at the times of a group.

    Parameters
    ----------
    sets
        Times and units at risk.
    estimate, standard_error
        From each time on.
    events, censored
        What happens at each time, in the sense of this curve.
    """
    low, high = log_log_interval(estimate, standard_error)
    return Curve(
        times_months=tuple(sets.times_months.tolist()),
        estimate=tuple(estimate.tolist()),
        low=_defined(low),
        high=_defined(high),
        at_risk=tuple(sets.at_risk.tolist()),
        events=tuple(events.tolist()),
        censored=tuple(censored.tolist()),
    )


def summarised(
    observed: Observed,
    curve: Curve | None,
    *,
    method: str,
    horizons_months: Sequence[float],
    fewest_at_risk: int,
    until: Sequence[float] = (),
) -> TimeToEvent:
    """Curve of a group and its values at fixed times, without a median.

    What happens at a fixed time is part of its value. Under observation at that time
    are the units whose time is not earlier, as in R's `summary(survfit(...), times=)`.
    Where fewer than `fewest_at_risk` are left, nothing is given.

    Parameters
    ----------
    observed
        The group.
    curve
        Survival or incidence; None where the group has no unit with a time.
    method
        Its name and that of its interval.
    horizons_months
        The fixed times, 0 or more.
    fewest_at_risk
        Units that must be left.
    until
        Times of the units that have had a competing event, so that it is known that the
        event can no longer come; none where they count as censored.
    """

    def at(months: float) -> AtHorizon:
        if curve is None:
            note = "not given: there is no unit with a time"
            return AtHorizon(months, None, None, None, 0, note)
        competed = sum(time < months for time in until)
        return _at_horizon(
            curve,
            months,
            fewest_at_risk=fewest_at_risk,
            unit=observed.unit,
            competed=competed,
        )

    return TimeToEvent(
        endpoint=observed.endpoint,
        stratum=observed.stratum,
        unit=observed.unit,
        method=method,
        n=len(observed.months),
        events=observed.outcome.count(EVENT),
        competing=observed.outcome.count(COMPETING),
        missing=observed.missing,
        curve=curve,
        median_months=None,
        median_low=None,
        median_high=None,
        at=tuple(at(months) for months in horizons_months),
    )


def _at_horizon(
    curve: Curve, months: float, *, fewest_at_risk: int, unit: str, competed: int
) -> AtHorizon:
    later = bisect_left(curve.times_months, months)
    at_risk = curve.at_risk[later] if later < len(curve.at_risk) else 0
    step = bisect_right(curve.times_months, months) - 1
    if at_risk < max(fewest_at_risk, 1):
        note = (
            f"not given: {_units(unit, at_risk)} under observation at {months:g} "
            f"months, fewer than {fewest_at_risk}"
            if at_risk
            else "not given: nobody is under observation beyond "
            f"{curve.times_months[-1]:.1f} months"
        )
        return AtHorizon(months, None, None, None, at_risk, note)
    estimate = curve.estimate[step]
    if curve.low[step] is not None:
        return AtHorizon(
            months, estimate, curve.low[step], curve.high[step], at_risk, ""
        )
    known = at_risk + competed
    low, high = clopper_pearson(round(estimate) * known, known)
    happened = f"every {unit}" if sum(curve.events[: step + 1]) else f"no {unit}"
    note = (
        f"{happened} had it by then; exact interval (Clopper-Pearson) "
        f"{100 * (low or 0.0):.1f} to {100 * (high or 0.0):.1f} %, of the "
        f"{_units(unit, known)} of which it is known"
    )
    return AtHorizon(months, estimate, None, None, at_risk, note, low, high)


def _defined(values: FloatArray) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else float(value) for value in values)


def _units(unit: str, count: int) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
