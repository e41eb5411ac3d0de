r"""Gray's test of cumulative incidences.

The risk set of group k is :math:`n_k (1 - F_k(t^-)) / S_k(t^-)`: its units at risk, and
those that a competing event has taken away as far as they would still be observed. The
score of a group is the sum of its events less those expected if all groups had one
hazard of the incidence. Under that hypothesis they share one incidence :math:`F` with
increments :math:`d_1 / \sum_k n_k / S_k(t^-)`, and the variance of the scores follows
from what each event of either kind adds to them, then and later (Gray, Ann Stat
1988;16:1141-1154, with rho 0).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reirrad.core.geometry import FloatArray
from reirrad.stats.risk_sets import risk_sets
from reirrad.stats.times import Observed

__all__ = ["gray_chi_square"]

_ROUNDING = 1e-12


def gray_chi_square(groups: Sequence[Observed]) -> float:
    """Statistic of Gray's test of two or more groups with an event among them.

    Its degrees of freedom are one fewer than there are groups.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the scores have no variance.
    """
    counted = _groups(groups)
    score, variance = _score(counted), _variance(counted)
    # The scores add up to zero; the last one says nothing new.
    score, variance = score[:-1], variance[:-1, :-1]
    if variance.diagonal().min() < _ROUNDING:
        msg = "the scores do not vary"
        raise np.linalg.LinAlgError(msg)
    return float(score @ np.linalg.solve(variance, score))


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Arrays with one row for each time and one column for each group.

    Parameters
    ----------
    at_risk, events, competing
        Counts.
    before, after
        Probability to be without any event just before and just after.
    incidence_before
        Cumulative incidence of the event just before.
    """

    at_risk: FloatArray
    events: FloatArray
    competing: FloatArray
    before: FloatArray
    after: FloatArray
    incidence_before: FloatArray


def _groups(groups: Sequence[Observed]) -> _Groups:
    times = np.unique(np.concatenate([np.array(group.months) for group in groups]))
    sets = [risk_sets(group, times) for group in groups]
    at_risk = np.column_stack([one.at_risk for one in sets]).astype(np.float64)
    events = np.column_stack([one.events for one in sets]).astype(np.float64)
    competing = np.column_stack([one.competing for one in sets]).astype(np.float64)
    stay = 1.0 - _ratio(events + competing, at_risk)
    after = np.asarray(np.cumprod(stay, axis=0), dtype=np.float64)
    # Ten units that leave one by one must leave exactly nobody.
    after[np.cumsum(events + competing == at_risk, axis=0) > 0] = 0.0
    before = _just_before(after, start=1.0)
    incidence = np.cumsum(before * _ratio(events, at_risk), axis=0)
    return _Groups(
        at_risk=at_risk,
        events=events,
        competing=competing,
        before=before,
        after=after,
        incidence_before=_just_before(incidence, start=0.0),
    )


def _score(counted: _Groups) -> FloatArray:
    """Events of each group less those expected."""
    risk_set = _ratio(counted.at_risk, counted.before) * (1 - counted.incidence_before)
    expected = _ratio(risk_set, risk_set.sum(axis=1, keepdims=True))
    events = counted.events.sum(axis=1, keepdims=True)
    score: FloatArray = (counted.events - events * expected).sum(axis=0)
    return score


def _variance(counted: _Groups) -> FloatArray:
    """Covariance of the scores.

    An event in group k adds `now` to the score of group i when it happens; through the
    estimates that it changes, it moves what is to come, `later`.
    """
    events = counted.events.sum(axis=1)[:, np.newaxis]
    weight = _ratio(counted.at_risk, counted.before)
    total = weight.sum(axis=1, keepdims=True)
    step = _ratio(events, total)
    common = np.cumsum(step, axis=0)
    left = 1.0 - common
    hazard = _ratio(step, _just_before(left, start=1.0))
    # Indices: time, score of which group, event in which group.
    own = np.eye(weight.shape[1])
    now = weight[:, :, np.newaxis] * (own - _ratio(weight, total)[:, np.newaxis, :])
    drift = np.cumsum(now * hazard[:, :, np.newaxis], axis=0)
    later = drift[-1] - drift
    lost = _ratio(np.broadcast_to(left, counted.after.shape), counted.after)
    own_share = now + (1.0 - lost)[:, np.newaxis, :] * later
    competing_share = lost[:, np.newaxis, :] * later
    own_variance = (
        counted.before
        * _ratio(step, counted.at_risk)
        * _ties(events, total * counted.before)
    )
    competing_variance = (
        counted.before**2
        * _ratio(counted.competing, counted.at_risk**2)
        * _ties(counted.competing, counted.at_risk)
    )
    return np.asarray(
        np.einsum("tik,tjk,tk->ij", own_share, own_share, own_variance)
        + np.einsum(
            "tik,tjk,tk->ij", competing_share, competing_share, competing_variance
        )
    )


def _ties(count: FloatArray, of: FloatArray) -> FloatArray:
    """Factor of the variance where several of a risk set have the event at once."""
    return 1.0 - np.where(count > 1, _ratio(count - 1.0, of - 1.0), 0.0)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Quotient, and 0 where the divisor is."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.divide(part, whole, out=np.zeros(whole.shape), where=whole != 0)


def _just_before(values: FloatArray, *, start: float) -> FloatArray:
    """What a step function is just before each time."""
    return np.concatenate((np.full((1, *values.shape[1:]), start), values[:-1]))
