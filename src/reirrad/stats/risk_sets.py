"""Who is under observation at each time, and what happens then."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray
from reirrad.stats.times import CENSORED, COMPETING, EVENT, Observed

__all__ = ["IntArray", "RiskSets", "checked", "risk_sets"]

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class RiskSets:
    """Counts of a group at each time.

    Parameters
    ----------
    times_months
        Increasing; the first is 0, and every time of the group is among them.
    at_risk
        Units under observation just before each: those whose time is not earlier.
    events, competing, censored
        Units to which that happens at each time.
    """

    times_months: FloatArray
    at_risk: IntArray
    events: IntArray
    competing: IntArray
    censored: IntArray


def risk_sets(observed: Observed, times_months: FloatArray | None = None) -> RiskSets:
    """Counts of a group at 0 and at its times, or at given times that hold them all.

    Raises
    ------
    ValueError
        As `checked`.
    """
    months, outcome = checked(observed)
    times = np.union1d(0.0, months) if times_months is None else times_months
    at = np.searchsorted(times, months)

    def counted(what: int) -> IntArray:
        return np.bincount(at[outcome == what], minlength=len(times))

    return RiskSets(
        times_months=times,
        at_risk=len(months) - np.searchsorted(np.sort(months), times, side="left"),
        events=counted(EVENT),
        competing=counted(COMPETING),
        censored=counted(CENSORED),
    )


def checked(observed: Observed) -> tuple[FloatArray, IntArray]:
    """Times and outcomes of a group as arrays.

    Raises
    ------
    ValueError
        If a time is negative or not finite, an outcome is none of the three, or there
        is not one outcome for each time.
    """
    months = np.array(observed.months, dtype=np.float64)
    outcome = np.array(observed.outcome, dtype=np.int64)
    if len(months) != len(outcome):
        msg = f"{len(months)} times, but {len(outcome)} outcomes"
        raise ValueError(msg)
    if not (np.isfinite(months) & (months >= 0)).all():
        msg = "times are finite and 0 or more; what cannot be told counts as missing"
        raise ValueError(msg)
    if not np.isin(outcome, (CENSORED, EVENT, COMPETING)).all():
        found = sorted(set(observed.outcome) - {CENSORED, EVENT, COMPETING})
        msg = f"outcomes are {CENSORED}, {EVENT} or {COMPETING}, found {found}"
        raise ValueError(msg)
    return months, outcome
