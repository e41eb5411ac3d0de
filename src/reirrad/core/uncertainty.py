"""How sure the numbers of an assessment are when the registration may be off.

Plain values, made of the draws by the functions at the end. A *spread* is the median of
the draws and the interval from their 5th to their 95th percentile, beside the number
that is reported; None where one cannot be told, and a reason then says why.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reirrad.core.geometry import FloatArray

__all__ = [
    "CourseAccuracy",
    "DoseBand",
    "PairUncertainty",
    "ShiftedMetrics",
    "ShiftedVerdict",
    "Spread",
    "StructureUncertainty",
    "Uncertainty",
    "VerdictUncertainty",
    "no_spread",
    "share_words",
    "shares_percent",
    "spread_of",
    "turning_shifts",
    "type_sentence",
    "verdict_holds_percent",
]

INTERVAL = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Spread:
    """A reported value, the median of the draws and their 5th and 95th percentile."""

    reported: float | None
    median: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class CourseAccuracy:
    """How far the registration of a course is taken to be off, and why."""

    course: int
    translation_mm: float
    rotation_degrees: float
    source: str


@dataclass(frozen=True, slots=True)
class PairUncertainty:
    """Overlap and class of a pair over the draws.

    ``reported_type`` is the strict type as registered. ``overlap`` has the keys "2Gy"
    and "50%", volumes in the organ in cc. The shares are per cent of the draws by type;
    empty, with a ``reason``, where there are no draws.
    """

    earlier: tuple[int, ...]
    second: int
    organ: str
    reported_type: str
    overlap: Mapping[str, Spread]
    resbrt_type: Mapping[str, float]
    as_applied_type: Mapping[str, float]
    estro_eortc: Mapping[str, float]
    sentence: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShiftedMetrics:
    """Metrics of the cumulative EQD2 if the earlier courses are shifted.

    ``eqd2`` has the least and the largest value over the 26 directions of a fixed
    shift; None where it hangs on dose outside a grid in one of them.
    """

    shift_mm: float
    eqd2: Mapping[str, tuple[float, float] | None]


@dataclass(frozen=True, slots=True)
class ShiftedVerdict:
    """In how many of the 26 directions of a fixed shift a limit is met or exceeded."""

    shift_mm: float
    met_directions: int
    exceeded_directions: int


@dataclass(frozen=True, slots=True)
class StructureUncertainty:
    """Metrics of the cumulative EQD2 of one structure over the draws."""

    name: str
    alpha_beta_gy: float
    eqd2: Mapping[str, Spread]
    reason: str = ""
    shifted: tuple[ShiftedMetrics, ...] = ()


@dataclass(frozen=True, slots=True)
class VerdictUncertainty:
    """One limit over the draws.

    ``met_percent`` and ``exceeded_percent`` are shares of all draws; what is missing to
    100 are draws in which the value hangs on dose that nobody calculated.
    """

    structure: str
    metric: str
    quantity: str
    scope: str
    alpha_beta_gy: float | None
    relation: str
    limit: float
    level: str
    set: str
    verdict: str
    value: Spread
    met_percent: float | None
    exceeded_percent: float | None
    reason: str = ""
    shifted: tuple[ShiftedVerdict, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DoseBand:
    """5 to 95 % of a structure's cumulative EQD2 curve, for drawing."""

    name: str
    dose_gy: FloatArray
    low_percent: FloatArray
    high_percent: FloatArray


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Everything that was asked of the perturbed registrations.

    Where there are no draws, ``reason`` says why and the rest is empty.
    """

    draws: int
    seed: int
    accuracies: tuple[CourseAccuracy, ...] = ()
    pairs: tuple[PairUncertainty, ...] = ()
    structures: tuple[StructureUncertainty, ...] = ()
    constraints: tuple[VerdictUncertainty, ...] = ()
    reason: str = ""
    bands: tuple[DoseBand, ...] = ()


def spread_of(drawn: FloatArray, reported: float | None) -> Spread:
    """Spread of a value's draws, shape (m,).

    Draws in which it is not known could be anywhere: they count as lowest for the lower
    end and as highest for the upper one. With 5 % of them there is no interval.

    Examples
    --------
    >>> spread_of(np.arange(101.0), 50.0)
    Spread(reported=50.0, median=50.0, low=5.0, high=95.0)
    """
    known = np.isfinite(drawn)
    if reported is None or not known.any():
        return no_spread(reported)
    low = _quantile(np.where(known, drawn, -np.inf), INTERVAL[0])
    high = _quantile(np.where(known, drawn, np.inf), INTERVAL[1])
    if low is None or high is None:
        return no_spread(reported)
    return Spread(reported, float(np.median(drawn[known])), low, high)


def _quantile(values: FloatArray, share: float) -> float | None:
    """Linear between the values; None where it hangs on an infinite one."""
    ordered = np.sort(values)
    at = share * (len(ordered) - 1)
    below = int(at)
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    if not np.isfinite(low) or (at > below and not np.isfinite(high)):
        return None
    return float(low if at == below else low + (at - below) * (high - low))


def no_spread(reported: float | None) -> Spread:
    """A value for which no interval can be told."""
    return Spread(reported, None, None, None)


def shares_percent(names: Sequence[str]) -> dict[str, float]:
    """Share of each name among the draws, in per cent, by name.

    Examples
    --------
    >>> shares_percent(["1B", "1A", "1B", "1B"])
    {'1A': 25.0, '1B': 75.0}
    """
    counts = Counter(names)
    return {name: 100.0 * counts[name] / len(names) for name in sorted(counts)}


def type_sentence(shares: Mapping[str, float]) -> str:
    """Shares of types in words, the most frequent first.

    A share that is not all is never rounded to all.

    Examples
    --------
    >>> type_sentence({"1A": 29.3, "1B": 70.7})
    'type 1B in 71 % of plausible registrations, type 1A in 29 %'
    >>> type_sentence({"1A": 0.1, "1B": 99.9})
    'type 1B in more than 99 % of plausible registrations, type 1A in less than 1 %'
    """
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    words = [f"type {name} in {share_words(share)}" for name, share in ordered]
    if not words:
        return ""
    return ", ".join([f"{words[0]} of plausible registrations", *words[1:]])


def share_words(share: float) -> str:
    """A share in per cent; one that is not all is never rounded to all.

    Examples
    --------
    >>> share_words(70.7), share_words(99.9), share_words(100.0)
    ('71 %', 'more than 99 %', '100 %')
    """
    if 99.0 < share < 100.0:
        return "more than 99 %"
    if 0.0 < share < 1.0:
        return "less than 1 %"
    return f"{share:.0f} %"


def verdict_holds_percent(verdict: VerdictUncertainty) -> float | None:
    """Share of the draws in which the reported verdict is found again."""
    if verdict.verdict == "met":
        return verdict.met_percent
    if verdict.verdict == "exceeded":
        return verdict.exceeded_percent
    return None


def turning_shifts(found: VerdictUncertainty) -> tuple[ShiftedVerdict, ...]:
    """The fixed shifts that turn the verdict in some direction."""
    return tuple(
        one
        for one in found.shifted
        if (one.exceeded_directions if found.verdict == "met" else one.met_directions)
    )
