"""The ladder: for each exceeded limit the smallest single change that meets it.

Four changes are tried, each by itself: a lower prescription, more fractions of the same
total dose, less dose in the hottest part of the organ, and a smaller PTV near it. The
last is an estimate from the dose gradient. Results are facts about the plan, no orders.

A part of :mod:`reirrad.core.assessment`, whose conventions hold here too.
"""

from dataclasses import dataclass
from typing import Literal

from reirrad.core.budget import DecidingPlace, NamedLimit
from reirrad.core.isotoxic_results import TargetEffect

__all__ = [
    "CroppedTarget",
    "LowerPrescription",
    "MoreFractions",
    "Reduction",
    "ReductionHint",
    "ReductionRules",
    "SparedVolume",
]


@dataclass(frozen=True, slots=True)
class ReductionRules:
    """Bounds of the search for a change.

    Parameters
    ----------
    most_fractions
        Largest number of fractions that is tried.
    gradient_step_mm
        Half the distance over which the dose gradient is taken.
    least_gradient_gy_per_mm
        Below it the dose counts as flat, and no distance can be estimated.
    largest_gap_mm
        A part of an organ farther from the target than this does not get its dose from
        the target's edge, and no distance is estimated.
    """

    most_fractions: int
    gradient_step_mm: float
    least_gradient_gy_per_mm: float
    largest_gap_mm: float


@dataclass(frozen=True, slots=True)
class LowerPrescription:
    """The prescription scaled until the limit is met.

    Parameters
    ----------
    scale, prescription_gy, targets
        As in :class:`~reirrad.core.isotoxic_results.LargestPrescription`; None
        and empty where no prescription meets the limit.
    reason
        Why there is none.
    """

    scale: float | None
    prescription_gy: float | None
    targets: tuple[TargetEffect, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class MoreFractions:
    """The same total dose in more fractions.

    Parameters
    ----------
    n_fractions
        Smallest number that meets the limit; None where none does.
    metric, value, limit
        The metric that is limited for that number of fractions, and its limit.
    most_fractions
        Up to which it was sought.
    targets
        What that number means for the targets.
    reason
        Why there is none.
    """

    n_fractions: int | None
    metric: str | None
    value: float | None
    limit: float | None
    most_fractions: int
    targets: tuple[TargetEffect, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class SparedVolume:
    """The volume of the organ that must come below a level.

    Parameters
    ----------
    volume_cc
        Volume to be spared; None where that cannot meet the limit.
    level_gy, quantity
        The level, and the dose that it is one of.
    hot_cc, allowed_cc
        Volume at or above the level now, and what may remain.
    place
        Where the part at or above the level lies.
    reason
        Why it cannot meet the limit.
    """

    volume_cc: float | None
    level_gy: float
    quantity: Literal["physical", "EQD2", "BED"]
    hot_cc: float | None
    allowed_cc: float | None
    place: DecidingPlace | None
    reason: str


@dataclass(frozen=True, slots=True)
class CroppedTarget:
    """An estimate of how far the PTV would have to step back from the organ.

    Parameters
    ----------
    target
        The nearest PTV.
    distance_mm
        Excess dose divided by the gradient; None where that cannot be estimated.
    excess_gy
        Physical dose of the new course that is too much at the point that decides.
    gradient_gy_per_mm
        Median fall of the new course's dose in the part above the level.
    gap_mm
        Distance between that part and the target now; 0 where they meet.
    lost_percent, lost_cc
        Share and volume of the PTV nearer to that part than gap and distance together:
        what is lost if its edge steps back by the distance.
    reason
        Why there is no estimate, or none that helps.
    """

    target: str | None
    distance_mm: float | None
    excess_gy: float | None
    gradient_gy_per_mm: float | None
    gap_mm: float | None
    lost_percent: float | None
    lost_cc: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Reduction:
    """One exceeded binding limit, and the single changes that would meet it.

    Parameters
    ----------
    limit, value
        The limit, and the value of the plan as it is.
    lower_prescription, more_fractions, spared_volume, cropped_target
        The changes.
    """

    limit: NamedLimit
    value: float
    lower_prescription: LowerPrescription
    more_fractions: MoreFractions
    spared_volume: SparedVolume
    cropped_target: CroppedTarget


@dataclass(frozen=True, slots=True)
class ReductionHint:
    """A reason for a lower dose that others have reported, and applies here.

    Parameters
    ----------
    name
        Of the row.
    about
        What it was found in: courses, organ or target.
    value, relation, limit, unit
        The value stands in this relation to the limit.
    fact
        What the source reports.
    source, verification
        Where it stands, and how well that was checked.
    """

    name: str
    about: str
    value: float
    relation: str
    limit: float
    unit: str
    fact: str
    source: str
    verification: Literal["paper", "secondary", "unverified"]
