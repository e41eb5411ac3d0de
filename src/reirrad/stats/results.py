"""What statistics come to: plain values, which reports print and compute nothing from.

A value that cannot be given is None, and the note beside it says why. Shares and
probabilities are between 0 and 1. Intervals are two-sided, 95 %, unless they say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = [
    "Association",
    "AtHorizon",
    "Curve",
    "Distribution",
    "GroupTest",
    "Output",
    "OutputRow",
    "Share",
    "Shares",
    "TimeToEvent",
]


@dataclass(frozen=True, slots=True)
class Distribution:
    """A quantity over the units that have it.

    Parameters
    ----------
    n, missing
        Units with and without a value.
    mean, sd, median, lower_quartile, upper_quartile, minimum, maximum
        None where there are too few values (one for most, two for `sd`).
    """

    n: int
    missing: int
    mean: float | None
    sd: float | None
    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None
    minimum: float | None
    maximum: float | None


@dataclass(frozen=True, slots=True)
class Share:
    """How many of those that could be told are so, with the exact interval.

    Parameters
    ----------
    label
        What is counted.
    count, of
        Numerator and denominator.
    low, high
        Clopper-Pearson interval; None where `of` is 0.
    """

    label: str
    count: int
    of: int
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Shares:
    """A quality over the units that have it: one share for each of its values."""

    shares: tuple[Share, ...]
    missing: int


@dataclass(frozen=True, slots=True)
class AtHorizon:
    """A probability at a fixed time.

    Parameters
    ----------
    months
        The time.
    estimate, low, high
        None where they cannot be given or are not shown.
    at_risk
        Units still under observation.
    note
        Why an estimate or an interval is not given; empty where they are.
    exact_low, exact_high
        Where `low` and `high` are not defined, the Clopper-Pearson interval of the
        units of which it is known.
    """

    months: float
    estimate: float | None
    low: float | None
    high: float | None
    at_risk: int
    note: str
    exact_low: float | None = None
    exact_high: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """A step function of time that starts at time 0.

    Parameters
    ----------
    times_months
        0 and every time at which something was observed, increasing.
    estimate, low, high
        From that time on. `low` and `high` are None where not defined.
    at_risk
        Units under observation just before that time.
    events, censored
        How many at that time.
    """

    times_months: tuple[float, ...]
    estimate: tuple[float, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    at_risk: tuple[int, ...]
    events: tuple[int, ...]
    censored: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TimeToEvent:
    """A survival or incidence of one group.

    Parameters
    ----------
    endpoint
        Its name: "overall survival", "local progression", ...
    stratum
        Which group: "all", "1A", ...
    unit
        "patient", "course" or "lesion".
    method
        "Kaplan-Meier", "cumulative incidence" or "reverse Kaplan-Meier", and how the
        interval is made.
    n, events, competing, missing
        Units with a time, those with the event, those with a competing one, and units
        whose time cannot be told.
    curve
        None where n is 0.
    median_months, median_low, median_high
        None where not reached, or where the method has none.
    at
        At the horizons asked for.
    median_note
        Why the median is withheld; empty where it is not.
    """

    endpoint: str
    stratum: str
    unit: str
    method: str
    n: int
    events: int
    competing: int
    missing: int
    curve: Curve | None
    median_months: float | None
    median_low: float | None
    median_high: float | None
    at: tuple[AtHorizon, ...]
    median_note: str = ""


@dataclass(frozen=True, slots=True)
class GroupTest:
    """Whether groups differ.

    Parameters
    ----------
    endpoint
        What is compared.
    name
        "log-rank" or "Gray".
    groups
        Units of each group by its name.
    statistic, degrees, p
        Chi-square; None where the test is not made.
    note
        Why it was not made, or which groups could not take part; empty otherwise.
    events
        Of all groups together.
    descriptive
        Whether a test that was made describes no more than these units: there are few
        events, or a group is small.
    """

    endpoint: str
    name: str
    groups: Mapping[str, int]
    statistic: float | None
    degrees: int | None
    p: float | None
    note: str
    events: int = 0
    descriptive: bool = False


@dataclass(frozen=True, slots=True)
class Association:
    """Dose-response of a toxicity.

    Parameters
    ----------
    outcome, exposure, exposure_unit
        What depends on what.
    n, events, missing
        Units with both, those with the outcome, those that lack one.
    odds_ratio, low, high, p
        Per `step` of the exposure; None where refused.
    step
        How much of the exposure the odds ratio is for.
    intercept, slope
        Of the log odds, per unit of exposure; None where refused.
    points
        Exposure and outcome of each unit, for the picture.
    method
        "logistic regression, penalised likelihood (Firth)", ...
    note
        Why no fit is given; empty where there is one.
    """

    outcome: str
    exposure: str
    exposure_unit: str
    n: int
    events: int
    missing: int
    odds_ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    step: float
    intercept: float | None
    slope: float | None
    points: tuple[tuple[float, bool], ...]
    method: str
    note: str


@dataclass(frozen=True, slots=True)
class OutputRow:
    """A line of an output: of one stratum, and where there are several, of one item.

    Parameters
    ----------
    stratum
        "all", "1A", ...
    item
        What the line is about where the output has several ("duodenum, D0.1cc").
    unit
        Unit of the values: "cc", "months"; empty for shares.
    result
        The statistic.
    of
        Unit of analysis of this line; empty where the output has only one.
    """

    stratum: str
    item: str
    unit: str
    result: Distribution | Shares | Share | AtHorizon | TimeToEvent
    of: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """One required output of a cohort.

    Parameters
    ----------
    id
        "O1" to "O32".
    title
        What it is.
    of
        Unit of analysis: "patient", "course", "lesion", "fraction" or several.
    definition
        How it is made, in a sentence or two.
    rows
        Its lines; those of "all" come first.
    notes
        What a reader must know: exclusions, suppressed estimates, conflicts.
    """

    id: str
    title: str
    of: str
    definition: str
    rows: tuple[OutputRow, ...]
    notes: tuple[str, ...]
