"""Numbers that describe a quantity over its units."""

import math
from collections.abc import Sequence

import numpy as np

from reirrad.stats.results import Distribution

__all__ = ["distribution"]


def distribution(values: Sequence[float | None]) -> Distribution:
    """Mean (SD), median (quartiles) and range of the units that have a value.

    Quartiles interpolate linearly between order statistics (type 7 of Hyndman and Fan,
    The American Statistician 1996;50:361-365; the default of R and numpy). The standard
    deviation divides by n - 1. The order of the values does not matter.

    Parameters
    ----------
    values
        Value of each unit; None where it is not known.

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    known = np.sort([float(value) for value in values if value is not None])
    missing = len(values) - len(known)
    if not np.isfinite(known).all():
        msg = "a value that is not known is None, not infinite or not a number"
        raise ValueError(msg)
    if len(known) == 0:
        return Distribution(0, missing, None, None, None, None, None, None, None)
    mean = math.fsum(known) / len(known)
    lower, median, upper = (float(q) for q in np.quantile(known, (0.25, 0.5, 0.75)))
    return Distribution(
        n=len(known),
        missing=missing,
        mean=mean,
        sd=float(np.std(known, ddof=1)) if len(known) > 1 else None,
        median=median,
        lower_quartile=lower,
        upper_quartile=upper,
        minimum=float(known[0]),
        maximum=float(known[-1]),
    )
