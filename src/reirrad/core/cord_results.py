"""What published rules say of the spinal cord, as plain values.

A part of :mod:`reirrad.core.assessment`, whose conventions hold here too.
"""

from dataclasses import dataclass
from typing import Literal

__all__ = ["CordCriterion", "CordQuantity", "CordRules", "CordScore"]

CordQuantity = Literal["total EQD2", "latest EQD2", "latest share of total", "interval"]
Verdict = Literal["met", "exceeded", "not evaluable"]
Verification = Literal["paper", "secondary", "unverified"]


@dataclass(frozen=True, slots=True)
class CordCriterion:
    """One criterion with its value and verdict."""

    quantity: CordQuantity
    value: float | None
    relation: str
    limit: float
    unit: str
    verdict: Verdict
    source: str
    verification: Verification


@dataclass(frozen=True, slots=True)
class CordScore:
    """The risk score; points and group are None where something is missing."""

    cumulative_bed_gy: float | None
    points: float | None
    group: Literal["low", "intermediate", "high"] | None
    risk_percent: float | None
    source: str
    verification: Verification


@dataclass(frozen=True, slots=True)
class CordRules:
    """All rules for one cord-like structure.

    ``criteria_verdict`` is "met" if all four criteria are, "exceeded" if one is not.
    ``reason`` says what is missing, empty if nothing is.
    """

    structure: str
    alpha_beta_gy: float
    criteria: tuple[CordCriterion, ...]
    criteria_verdict: Verdict
    score: CordScore
    reason: str
