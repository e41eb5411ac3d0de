"""Recovery of tissue between courses, as a share of the earlier equivalent dose.

A schedule gives the share of an earlier course's EQD2 that no longer counts, by the
time since that course. What is left of all courses at a point is

    EQD2_eff = sum over earlier courses of kept_ratio EQD2 + EQD2 of the latest course

and the same ratios hold for BED, which is proportional to EQD2.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

import numpy as np

from reirrad.core.accumulation import CourseDose, KnownDose, known_dose
from reirrad.core.constraints import Constraint
from reirrad.core.geometry import FloatArray
from reirrad.core.structure_doses import StructureDoses

__all__ = [
    "DAYS_PER_MONTH",
    "Form",
    "KeptShares",
    "RecoveryStep",
    "is_dose_of_a_part",
    "kept_ratios",
    "months_between",
    "recovered_dose",
    "recovered_share",
]

DAYS_PER_MONTH = 365.25 / 12.0

Form = Literal["stepped", "smooth"]

_DOSE_OF_A_PART = re.compile(r"D\d.*|Max\[Gy\]")


@dataclass(frozen=True, slots=True)
class RecoveryStep:
    """From so many months on, this share of the earlier EQD2 is recovered."""

    from_months: float
    recovered_share: float

    def __post_init__(self) -> None:
        if not self.from_months > 0.0:
            msg = f"from_months must be above 0, found {self.from_months}"
            raise ValueError(msg)
        if not 0.0 <= self.recovered_share <= 1.0:
            msg = f"recovered_share must be 0 to 1, found {self.recovered_share}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class KeptShares:
    """What of the earlier courses still counts in one structure.

    Parameters
    ----------
    ratio
        Course number to the share of its EQD2.
    parallel
        Whether the organ is one whose hottest part says nothing once it recovers.
    """

    ratio: Mapping[int, float]
    parallel: bool

    def may_recover(self, constraint: Constraint) -> bool:
        """Whether a limit may be tested on doses with recovery.

        Not where recovery is in the limit already.
        """
        if constraint.contains_recovery:
            return False
        return not self.parallel or not is_dose_of_a_part(constraint.metric)


def is_dose_of_a_part(metric: str) -> bool:
    """Whether a metric is the dose to a volume, or the largest dose."""
    return _DOSE_OF_A_PART.fullmatch(metric) is not None


def months_between(earlier: date, later: date) -> float:
    """Time between two dates in months of 30.4 days; below 0 if they are swapped."""
    return (later - earlier).days / DAYS_PER_MONTH


def recovered_share(
    steps: Sequence[RecoveryStep], months: float, *, form: Form
) -> float:
    """Share of an earlier EQD2 that no longer counts after so many months.

    Parameters
    ----------
    steps
        Rising in time, and not falling in share; none means no recovery ever.
    months
        Time since the earlier course.
    form
        "stepped" is the schedule as published. "smooth" rises linearly from the share
        before a step to the share of the step, which is reached when the next step is
        due (after the last step: when as much time as the step before it took has
        passed). So it is 0 at 0, never falls, and is never above the stepped form.

    Raises
    ------
    ValueError
        If the steps are not in order.

    Examples
    --------
    >>> half_a_year = [RecoveryStep(6.0, 0.25), RecoveryStep(12.0, 0.5)]
    >>> [recovered_share(half_a_year, m, form="stepped") for m in (5.9, 6.0, 30.0)]
    [0.0, 0.25, 0.5]
    >>> [recovered_share(half_a_year, m, form="smooth") for m in (6.0, 9.0, 30.0)]
    [0.0, 0.125, 0.5]
    """
    for first, second in pairwise(steps):
        if not (
            first.from_months < second.from_months
            and first.recovered_share <= second.recovered_share
        ):
            msg = f"steps of recovery are not in order: {first}, then {second}"
            raise ValueError(msg)
    if not steps:
        return 0.0
    if form == "stepped":
        reached = [s.recovered_share for s in steps if months >= s.from_months]
        return reached[-1] if reached else 0.0
    starts = [step.from_months for step in steps]
    lasted = starts[-1] - (starts[-2] if len(starts) > 1 else 0.0)
    knots = [*starts, starts[-1] + lasted]
    shares = [0.0, *(step.recovered_share for step in steps)]
    return float(np.interp(months, knots, shares))


def kept_ratios(
    steps: Sequence[RecoveryStep], starts: Mapping[int, date], *, form: Form
) -> dict[int, float]:
    """Course number to the share of its EQD2 that still counts.

    Parameters
    ----------
    steps, form
        As in :func:`recovered_share`.
    starts
        Course number to start; the highest number is the latest course, of which
        nothing is recovered.
    """
    latest = max(starts)
    return {
        number: 1.0
        if number == latest
        else 1.0
        - recovered_share(steps, months_between(start, starts[latest]), form=form)
        for number, start in sorted(starts.items())
    }


def recovered_dose(
    doses: StructureDoses,
    kept_ratio: Mapping[int, float],
    quantity: Literal["EQD2", "BED"],
    alpha_beta_gy: float,
) -> KnownDose | None:
    """Dose-volume curve of the sum in which earlier courses count in part.

    Parameters
    ----------
    doses
        Of one structure.
    kept_ratio
        Course number to the share that still counts, 1 for a course that is not named.
    quantity, alpha_beta_gy
        What is summed, with which ratio.

    Returns
    -------
    KnownDose or None
        None where the dose of a course is not known.
    """
    if any(number not in doses.doses for number in doses.all_courses):
        return None
    parts = [doses.doses[number] for number in doses.all_courses]
    weights = [kept_ratio.get(number, 1.0) for number in doses.all_courses]
    if any(not 0.0 <= weight <= 1.0 for weight in weights):
        msg = f"every kept ratio must be 0 to 1, found {dict(kept_ratio)}"
        raise ValueError(msg)

    def total_gy(parts: Sequence[CourseDose]) -> FloatArray:
        total = np.zeros(len(doses.samples.volumes_cc))
        for weight, part in zip(weights, parts, strict=True):
            total += weight * (
                part.eqd2_gy(alpha_beta_gy)
                if quantity == "EQD2"
                else part.bed_gy(alpha_beta_gy)
            )
        return total

    return known_dose(
        total_gy(parts),
        doses.samples.volumes_cc,
        np.logical_and.reduce([part.covered for part in parts]),
        more_gy=lambda: total_gy([part.more_outside() for part in parts]),
    )
