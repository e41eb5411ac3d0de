"""What another alpha/beta ratio, or another model, would change, as plain values.

A part of :mod:`reirrad.core.assessment`, whose conventions hold here too.
"""

from dataclasses import dataclass
from typing import Literal

from reirrad.core.plan_results import Metrics

__all__ = [
    "AlphaBetaSensitivity",
    "ConstraintSensitivity",
    "LinearAbove",
    "RatioMetrics",
    "RatioVerdict",
    "StructureSensitivity",
]

Verdict = Literal["met", "exceeded", "not evaluable"]
Verification = Literal["paper", "secondary", "unverified"]


@dataclass(frozen=True, slots=True)
class RatioMetrics:
    """Cumulative EQD2 with one ratio: Mean, Max and D0.1cc."""

    alpha_beta_gy: float
    eqd2: Metrics


@dataclass(frozen=True, slots=True)
class LinearAbove:
    """Cumulative EQD2 with an effect that grows linearly above a dose per fraction.

    Mean, Max and D0.1cc for comparison with the linear-quadratic ones. No limit was
    made for such values and none is tested on them.
    """

    transition_gy: float
    eqd2: Metrics


@dataclass(frozen=True, slots=True)
class StructureSensitivity:
    """One structure over its plausible ratios, lowest first, its own among them.

    ``source`` and ``verification`` are those of the range.
    """

    structure: str
    own_alpha_beta_gy: float
    ratios: tuple[RatioMetrics, ...]
    source: str
    verification: Verification
    linear_above: LinearAbove | None


@dataclass(frozen=True, slots=True)
class RatioVerdict:
    """A limit tested with another ratio.

    ``limit`` is as written. Where it was converted from the physical dose of one
    course, that dose stays and is converted with the same ratio as the value.
    """

    alpha_beta_gy: float
    value: float | None
    limit: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ConstraintSensitivity:
    """A limit whose verdict is another one somewhere in the range of ratios."""

    structure: str
    metric: str
    quantity: Literal["physical", "EQD2", "BED"]
    scope: str
    alpha_beta_gy: float | None
    relation: str
    limit: float
    level: str
    set: str
    value: float | None
    verdict: Verdict
    ratios: tuple[RatioVerdict, ...]


@dataclass(frozen=True, slots=True)
class AlphaBetaSensitivity:
    """Every structure over its ratios, and the limits whose verdict hangs on them."""

    structures: tuple[StructureSensitivity, ...]
    constraints: tuple[ConstraintSensitivity, ...]
