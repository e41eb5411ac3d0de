"""Shares of units and their intervals."""

from collections import Counter
from collections.abc import Sequence

from statsmodels.stats.proportion import proportion_confint

from reirrad.stats.results import Share, Shares

__all__ = ["clopper_pearson", "share", "shares", "wilson"]


def clopper_pearson(
    count: int, of: int, level: float = 0.95
) -> tuple[float, float] | tuple[None, None]:
    """Exact interval of a share (Clopper and Pearson, Biometrika 1934;26:404-413).

    Two-sided with equal tails. With no event the lower bound is 0 and the upper bound
    is what the data cannot exclude; with events only it is the other way round.

    Parameters
    ----------
    count, of
        Numerator and denominator.
    level
        Coverage.

    Returns
    -------
    Lower and upper bound; None and None where the denominator is 0.
    """
    return _interval(count, of, level=level, method="beta")


def wilson(
    count: int, of: int, level: float = 0.95
) -> tuple[float, float] | tuple[None, None]:
    """Score interval of a share (Wilson, JASA 1927;22:209-212).

    Parameters and result are those of `clopper_pearson`.
    """
    return _interval(count, of, level=level, method="wilson")


def share(label: str, count: int, of: int) -> Share:
    """A share with its exact interval."""
    low, high = clopper_pearson(count, of)
    return Share(label, count, of, low, high)


def shares(values: Sequence[str | None], order: Sequence[str]) -> Shares:
    """One share for each value that a quality can have, also where nobody has it.

    Parameters
    ----------
    values
        Quality of each unit; None where it is not known. The denominator of every share
        is the number of units in which it is known.
    order
        Every value that there can be, in the order of the result.

    Raises
    ------
    ValueError
        If a unit has a value that is not in `order`, or `order` names one twice.
    """
    counts = Counter(value for value in values if value is not None)
    strangers = sorted(set(counts) - set(order))
    if strangers or len(set(order)) != len(order):
        msg = f"not a value of this quality, or named twice: {strangers or list(order)}"
        raise ValueError(msg)
    known = counts.total()
    return Shares(
        shares=tuple(share(value, counts[value], known) for value in order),
        missing=len(values) - known,
    )


def _interval(
    count: int, of: int, *, level: float, method: str
) -> tuple[float, float] | tuple[None, None]:
    if not 0 <= count <= of:
        msg = f"a share counts some of its denominator, found {count} of {of}"
        raise ValueError(msg)
    if of == 0:
        return None, None
    low, high = proportion_confint(count, of, alpha=1.0 - level, method=method)
    return float(low), float(high)
