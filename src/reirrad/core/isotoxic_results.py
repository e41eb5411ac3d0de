"""The isotoxic prescription as it is reported, and what it means for the target.

A part of :mod:`reirrad.core.assessment`, whose conventions hold here too.
"""

from dataclasses import dataclass

from reirrad.core.budget import NamedLimit

__all__ = [
    "Isotoxic",
    "IsotoxicPrescription",
    "LargestPrescription",
    "TargetEffect",
]


@dataclass(frozen=True, slots=True)
class TargetEffect:
    """What a scaled prescription means for one target.

    Parameters
    ----------
    name
        As drawn.
    prescription_gy
        Its scaled prescription.
    d95_gy
        D95% of the scaled plan; None where it is not known.
    v95_percent, v100_percent
        Share that still receives 95 % and 100 % of the *original* prescription; None in
        other numbers of fractions than the planned one, where that physical dose has
        another effect.
    bed_gy, bed_d95_gy
        BED of the scaled prescription and of D95%, in the given fractions.
    alpha_beta_gy
        Ratio for both.
    """

    name: str
    prescription_gy: float
    d95_gy: float | None
    v95_percent: float | None
    v100_percent: float | None
    bed_gy: float
    bed_d95_gy: float | None
    alpha_beta_gy: float


@dataclass(frozen=True, slots=True)
class LargestPrescription:
    """The largest prescription that a set of limits leaves.

    Parameters
    ----------
    scale
        Factor on the dose of the planned course.
    prescription_gy
        The scaled prescription of the course.
    limiting
        The limit that is then met with equality.
    targets
        What it means for every PTV of the course.
    exceeded_beside
        Limits that do not bind, such as optimal ones, and are exceeded with it.
    """

    scale: float
    prescription_gy: float
    limiting: NamedLimit
    targets: tuple[TargetEffect, ...]
    exceeded_beside: tuple[NamedLimit, ...]


@dataclass(frozen=True, slots=True)
class IsotoxicPrescription:
    """The largest prescription in one number of fractions.

    Parameters
    ----------
    n_fractions
        Number of fractions.
    planned
        Whether that is how the course was planned.
    largest
        None where there is none: `reason` says why.
    reason
        Empty where there is one.
    exceeded_before
        Binding limits that the earlier courses alone exceed.
    ignoring_exceeded
        The largest prescription if just those are left aside; None where none is
        exceeded before, or no other limit bounds it.
    evaluated
        How many binding limits were evaluated.
    not_evaluated
        Binding limits that were not: the prescription does not respect them.
    note
        What the number of fractions implies.
    """

    n_fractions: int
    planned: bool
    largest: LargestPrescription | None
    reason: str
    exceeded_before: tuple[NamedLimit, ...]
    ignoring_exceeded: LargestPrescription | None
    evaluated: int
    not_evaluated: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Isotoxic:
    """The largest prescriptions of the planned course, its own fractions first.

    Parameters
    ----------
    new_course, prescription_gy, n_fractions
        The course as planned.
    targets
        What the plan as it is means for its targets.
    by_fractions
        Empty where they are withheld.
    not_drawn
        Organs with binding limits that nobody drew: no prescription respects them.
    withheld
        Why; empty where they are given.
    """

    new_course: int
    prescription_gy: float
    n_fractions: int
    targets: tuple[TargetEffect, ...]
    by_fractions: tuple[IsotoxicPrescription, ...]
    not_drawn: tuple[str, ...] = ()
    withheld: str = ""
