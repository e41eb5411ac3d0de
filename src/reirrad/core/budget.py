"""What an organ can still be given: the remaining dose under each limit.

The background is the EQD2 of every course but the new one. A new course of n fractions
with total physical dose D at a point adds ``D (D/n + r) / (2 + r)`` to it, r being the
alpha/beta ratio, so that what is left under a limit is a closed form point by point.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray
from reirrad.core.radiobiology import dose_for_eqd2

__all__ = [
    "DecidingPlace",
    "DoseBudget",
    "FractionBudget",
    "NamedLimit",
    "OrganBudget",
    "RecoveredBudget",
    "remaining_dose_gy",
]


def remaining_dose_gy(
    background_eqd2_gy: npt.ArrayLike,
    *,
    limit_eqd2_gy: float,
    n_fractions: int,
    alpha_beta_gy: float,
) -> FloatArray:
    r"""Largest physical dose of a new course that keeps the sum at a limit, in Gy.

    With background B, limit L, r the alpha/beta ratio and n fractions,

    .. math::
        B + D \frac{D/n + r}{2 + r} = L \iff
        D = \frac{n}{2}\left(-r + \sqrt{r^2 + 4 (2 + r)(L - B)/n}\right)

    evaluated in the form of :func:`~reirrad.core.radiobiology.dose_for_bed`, which
    subtracts no two nearly equal numbers.

    Parameters
    ----------
    background_eqd2_gy : array_like, shape (...)
        EQD2 of the earlier courses, after any recovery; zero or more, or NaN.
    limit_eqd2_gy : float
        Limit of the cumulative EQD2; zero or more.
    n_fractions : int
        Number of fractions of the new course; one or more.
    alpha_beta_gy : float
        Ratio that both the background and the limit are stated for; above zero.

    Returns
    -------
    ndarray, shape (...)
        Total physical dose of the new course; 0 where the limit is used up, NaN where
        the background is NaN.

    Raises
    ------
    ValueError
        If a dose is negative or infinite, or a parameter is out of range.

    Examples
    --------
    >>> float(
    ...     remaining_dose_gy(
    ...         60.0, limit_eqd2_gy=100.0, n_fractions=20, alpha_beta_gy=3.0
    ...     )
    ... )
    40.0
    """
    background = np.asarray(background_eqd2_gy, dtype=np.float64)
    if np.any(np.isinf(background)) or np.any(background < 0):
        msg = "background_eqd2_gy must be finite and 0 Gy or more; unknown is NaN"
        raise ValueError(msg)
    # A NaN limit would otherwise look like an unknown background everywhere.
    if not 0 <= limit_eqd2_gy < np.inf:
        msg = f"limit_eqd2_gy must be finite and 0 Gy or more, got {limit_eqd2_gy}"
        raise ValueError(msg)
    return dose_for_eqd2(
        np.maximum(limit_eqd2_gy - background, 0.0),
        n_fractions=n_fractions,
        alpha_beta_gy=alpha_beta_gy,
    )


@dataclass(frozen=True, slots=True)
class DecidingPlace:
    """Where the part of an organ lies on which a limit hangs.

    Parameters
    ----------
    centroid_mm
        Its centroid, LPS, in the reference frame.
    volume_cc
        Its volume; that of one point for a maximum.
    target
        The nearest target, None where none is drawn.
    distance_mm
        Least distance from the part to that target; 0 where it reaches into it.
    direction
        Where the part lies seen from the target, such as "left, anterior".
    """

    centroid_mm: tuple[float, float, float]
    volume_cc: float
    target: str | None = None
    distance_mm: float | None = None
    direction: str | None = None


@dataclass(frozen=True, slots=True)
class NamedLimit:
    """A limit with what a reader needs to judge it.

    Parameters
    ----------
    structure
        Standard name, with "-GTV" where the GTVs are taken out.
    label
        Name as drawn.
    metric, relation, limit, quantity, alpha_beta_gy, level, set, source, verification,
    note
        Of the limit.
    scope
        "cumulative": on the sum with the earlier courses; "new course": on the new
        course alone.
    too_small
        Whether the organ is smaller than the volume to be spared: no dose meets it.
    """

    structure: str
    label: str
    metric: str
    relation: str
    limit: float
    quantity: Literal["physical", "EQD2", "BED"]
    alpha_beta_gy: float | None
    scope: Literal["cumulative", "new course"]
    level: str
    set: str
    source: str
    verification: Literal["paper", "secondary", "unverified"]
    note: str
    too_small: bool = False


@dataclass(frozen=True, slots=True)
class RecoveredBudget:
    """What would be left if earlier dose counted only in part; never applied silently.

    Parameters
    ----------
    background_eqd2_gy, remaining_eqd2_gy, dose_gy
        As in :class:`FractionBudget`.
    """

    background_eqd2_gy: float | None
    remaining_eqd2_gy: float | None
    dose_gy: float | None


@dataclass(frozen=True, slots=True)
class FractionBudget:
    """What one limit leaves for a new course in a number of fractions.

    Parameters
    ----------
    n_fractions
        Number of fractions of the new course.
    limit
        The limit in its own unit and quantity; None where there is none.
    background_eqd2_gy
        EQD2 of the earlier courses at the volume that decides (their mean for a mean);
        None for limits of the new course alone.
    remaining_eqd2_gy
        What could be added evenly until the limit is met; below 0 where it is already
        exceeded. None where it cannot be given, or for a limit of physical dose.
    dose_gy
        The same as total physical dose; 0 where nothing is left. None where the limit
        does not bound it or it cannot be given: `note` says which.
    note
        Why a value is missing, or what its choice implies.
    recovered
        The same with recovery, where a model is on.
    not_known
        Whether the limit bounds the dose but what it leaves is not known, since part
        of the organ lies outside a dose grid. It may leave nothing.
    """

    n_fractions: int
    limit: float | None
    background_eqd2_gy: float | None
    remaining_eqd2_gy: float | None
    dose_gy: float | None
    note: str = ""
    recovered: RecoveredBudget | None = None
    not_known: bool = False


@dataclass(frozen=True, slots=True)
class OrganBudget:
    """One limit of one organ, and what it leaves.

    Parameters
    ----------
    structure
        Standard name, with "-GTV" where the GTVs are taken out.
    label
        Name as drawn.
    metric, relation, quantity, alpha_beta_gy, level, set, source, verification, note
        Of the limit.
    scope
        "cumulative": on the sum with the earlier courses; "new course": on the new
        course alone.
    binding
        Whether the limit bounds what can be given; if not it is only named.
    by_fractions
        One for each number of fractions.
    place
        Part of the organ that decides in the background; None for limits of the new
        course alone.
    """

    structure: str
    label: str
    metric: str
    relation: str
    quantity: Literal["physical", "EQD2", "BED"]
    alpha_beta_gy: float | None
    scope: Literal["cumulative", "new course"]
    level: str
    binding: bool
    set: str
    source: str
    verification: Literal["paper", "secondary", "unverified"]
    note: str
    by_fractions: tuple[FractionBudget, ...]
    place: DecidingPlace | None


@dataclass(frozen=True, slots=True)
class DoseBudget:
    """What can still be given, organ by organ.

    Parameters
    ----------
    new_course
        Number of the course whose dose is replaced by the budget; None where no course
        is planned yet and every course is background.
    background_courses
        Numbers of the courses that make the background.
    fractions
        Numbers of fractions that were asked for.
    organs
        One row for each organ and limit; empty where the budget is withheld.
    limiting
        Index into `organs` of the binding limit that leaves the least physical dose,
        for each of `fractions`; None where none bounds it. Where a limit that could
        leave less is not known, that one: its dose is None.
    withheld
        Why there is no budget; empty where there is one.
    """

    new_course: int | None
    background_courses: tuple[int, ...]
    fractions: tuple[int, ...]
    organs: tuple[OrganBudget, ...]
    limiting: tuple[int | None, ...] = ()
    withheld: str = ""
