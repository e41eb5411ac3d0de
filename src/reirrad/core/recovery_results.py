"""What recovery of tissue would change, as plain values.

A part of :mod:`reirrad.core.assessment`, whose conventions hold here too. All of it
stands beside the unrecovered numbers and never in their place.
"""

from dataclasses import dataclass
from typing import Literal

from reirrad.core.plan_results import Metrics

__all__ = [
    "RecoveredConstraint",
    "RecoveredCourse",
    "RecoveredStructure",
    "Recovery",
]

Verdict = Literal["met", "exceeded", "not evaluable"]
Verification = Literal["paper", "secondary", "unverified"]


@dataclass(frozen=True, slots=True)
class RecoveredCourse:
    """How much of one course still counts when the latest one starts.

    ``months`` is the time between the starts of the two courses; ``kept_ratio`` is 1
    minus ``recovered_share``.
    """

    number: int
    months: float
    recovered_share: float
    kept_ratio: float


@dataclass(frozen=True, slots=True)
class RecoveredStructure:
    """EQD2 of all courses together, the earlier ones reduced for recovery.

    ``eqd2`` has Mean, Max, D0.1cc and D0.5cc; where a "parallel" organ has
    recovered, Mean alone, the others are None.
    """

    structure: str
    standard_name: str
    architecture: Literal["serial", "parallel"]
    courses: tuple[RecoveredCourse, ...]
    eqd2: Metrics
    source: str
    verification: Verification
    note: str


@dataclass(frozen=True, slots=True)
class RecoveredConstraint:
    """One cumulative limit without and with recovery.

    ``reason`` says why there is no value with recovery; empty where there is one.
    """

    structure: str
    metric: str
    quantity: Literal["physical", "EQD2", "BED"]
    alpha_beta_gy: float | None
    relation: str
    limit: float
    level: str
    set: str
    value: float | None
    verdict: Verdict
    recovered_value: float | None
    recovered_verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Recovery:
    """A model of recovery and what it changes.

    A structure that is not listed recovers nothing: every course counts in full.
    ``verification`` is that of the least well verified row that was used.
    """

    model: str
    form: Literal["stepped", "smooth"]
    source: str
    verification: Verification
    structures: tuple[RecoveredStructure, ...]
    constraints: tuple[RecoveredConstraint, ...]
