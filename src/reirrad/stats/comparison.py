"""Which groups a test can compare, and what it comes to."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import chdtrc

from reirrad.stats.results import GroupTest
from reirrad.stats.risk_sets import checked
from reirrad.stats.times import EVENT, Observed

__all__ = ["compared"]


def compared(
    name: str,
    groups: Sequence[Observed],
    statistic: Callable[[Sequence[Observed]], float],
) -> GroupTest:
    """A test of the groups that can be compared, or the reason why there is none.

    A group takes part if some of its units are still under observation at the first
    event of all. One that does not is named in the note and adds no degree of freedom,
    as in R's `survdiff`.

    Parameters
    ----------
    name
        "log-rank" or "Gray".
    groups
        At least one; of the same endpoint, each of another stratum.
    statistic
        Chi-square of two or more groups with an event.

    Raises
    ------
    ValueError
        If the groups are not of one endpoint, or two have the same name.
    """
    endpoint = _common_endpoint(groups)
    counts = {group.stratum: len(group.months) for group in groups}
    events = sum(group.outcome.count(EVENT) for group in groups)
    taking_part, note = _taking_part(groups)
    if len(taking_part) < 2:
        return GroupTest(endpoint, name, counts, None, None, None, note, events)
    try:
        chi_square = statistic(taking_part)
    except np.linalg.LinAlgError:
        chi_square = np.nan
    if not np.isfinite(chi_square):
        note = "not made: the events are too few to tell how much they vary by chance"
        return GroupTest(endpoint, name, counts, None, None, None, note, events)
    degrees = len(taking_part) - 1
    p = float(chdtrc(degrees, chi_square))
    return GroupTest(
        endpoint, name, counts, float(chi_square), degrees, p, note, events
    )


def _common_endpoint(groups: Sequence[Observed]) -> str:
    endpoints = {group.endpoint for group in groups}
    if len(endpoints) != 1 or len({group.stratum for group in groups}) < len(groups):
        found = [(group.endpoint, group.stratum) for group in groups]
        msg = f"groups are of one endpoint and have names of their own, found {found}"
        raise ValueError(msg)
    return groups[0].endpoint


def _taking_part(groups: Sequence[Observed]) -> tuple[list[Observed], str]:
    arrays = [checked(group) for group in groups]
    events = np.concatenate([months[outcome == EVENT] for months, outcome in arrays])
    if len(events) == 0:
        return [], "not made: no event in any group"
    first = events.min()
    taking_part = [group for group in groups if max(group.months, default=-1) >= first]
    names = ", ".join(g.stratum for g in groups if g not in taking_part)
    if len(taking_part) < 2:
        only = taking_part[0].stratum
        return [], f"not made: only {only} has units under observation at an event"
    if names:
        return (
            taking_part,
            f"left out, as nobody is under observation at an event: {names}",
        )
    return taking_part, ""
