"""How the report of a cohort writes numbers: shares, probabilities, distributions."""

from reirrad.reports.wording import NONE, agreed_number, decimal, plural
from reirrad.stats.cohort_results import CohortResults
from reirrad.stats.results import (
    AtHorizon,
    Distribution,
    GroupTest,
    OutputRow,
    Share,
    Shares,
    TimeToEvent,
)

__all__ = [
    "FEW",
    "INCIDENCE",
    "MISSING",
    "bounds",
    "estimate_text",
    "grouped_test_text",
    "in_words",
    "median_text",
    "number",
    "p_text",
    "percent",
    "registry_problems",
    "result_lines",
    "row_title",
    "share_text",
    "spread",
    "stratum_title",
    "test_name",
    "units_named",
]

Result = Distribution | Shares | Share | AtHorizon | TimeToEvent
LEAST_P = 0.001
FEW = "few units or events: descriptive only"
WHOLE_FROM = 100
NOT_REACHED = "NR"
HALF = 0.5
INCIDENCE = "cumulative incidence"
REVERSE = "reverse Kaplan-Meier"
MISSING = "missing"
DECIMALS_FROM = 1000
UNITS = frozenset({"patient", "course", "lesion", "plan", "fraction"})


def number(value: float | None, decimals: int = 1) -> str:
    """Rounded number, from 100 on a whole one; a dash where there is none.

    >>> number(8.54), number(861.4), number(1.054, 2)
    ('8.5', '861', '1.05')
    """
    if value is None:
        return NONE
    return decimal(value, decimals if abs(value) < WHOLE_FROM else 0)


def spread(low: float | None, high: float | None) -> str:
    """Two ends of a range of numbers; a dash where there are none."""
    if low is None or high is None:
        return NONE
    between = " to " if low < 0 else NONE
    return f"{number(low)}{between}{number(high)}"


def stratum_title(stratum: str) -> str:
    """A stratum at the head of a column or line.

    >>> stratum_title("all"), stratum_title("lymph_node"), stratum_title("1A")
    ('All', 'lymph node', '1A')
    """
    return "All" if stratum == "all" else in_words(stratum)


def in_words(code: str) -> str:
    """A code of the registry as words."""
    return code.replace("_", " ")


def percent(share: float | None, decimals: int = 1) -> str:
    """Percentage without its sign.

    >>> percent(0.7308)
    '73.1'
    """
    return NONE if share is None else f"{100 * share:.{decimals}f}"


def bounds(low: float | None, high: float | None, decimals: int = 1) -> str:
    """An interval of shares in percent; a dash where there is none."""
    if low is None or high is None:
        return NONE
    return f"{percent(low, decimals)}{NONE}{percent(high, decimals)}"


def share_text(share: Share) -> str:
    """Count, denominator, percentage and interval.

    Of fewer than a thousand units a percentage has no decimals that mean something.
    """
    counted = f"{share.count}/{share.of}"
    if not share.of:
        return counted
    decimals = 1 if share.of >= DECIMALS_FROM else 0
    part = percent(share.count / share.of, decimals)
    return f"{counted} ({part} %; {bounds(share.low, share.high, decimals)})"


def estimate_text(at: AtHorizon) -> str:
    """Probability and interval at a time; a dash where it is withheld."""
    if at.estimate is None:
        return NONE
    if at.exact_low is not None:
        exact = bounds(at.exact_low, at.exact_high)
        return f"{percent(at.estimate)} % (exact {exact})"
    if at.low is None and at.high is None:
        return f"{percent(at.estimate)} % (no interval)"
    return f"{percent(at.estimate)} % ({bounds(at.low, at.high)})"


def p_text(p: float) -> str:
    """A p value with three decimals.

    >>> p_text(0.0312), p_text(0.00002)
    ('p = 0.031', 'p < 0.001')
    """
    return f"p < {LEAST_P}" if p < LEAST_P else f"p = {p:.3f}"


def grouped_test_text(test: GroupTest) -> str:
    """What a comparison of groups came to, or why it was not made."""
    name = test_name(test)
    if test.p is None or test.statistic is None:
        return f"{name} not made: {test.note.removeprefix('not made: ')}"
    freedom = f"{test.degrees} degree{'' if test.degrees == 1 else 's'} of freedom"
    found = (
        f"{name}: chi-square {test.statistic:.2f}, {freedom}, {p_text(test.p)}, "
        f"{plural(test.events, 'event')}"
    )
    few = FEW if test.descriptive else ""
    return "; ".join(part for part in (found, few, test.note) if part)


def test_name(test: GroupTest) -> str:
    """A test at the head of a sentence."""
    return "Log-rank test" if test.name == "log-rank" else "Gray's test"


def units_named(unit: str) -> str:
    """Units of analysis in the plural; several are joined as they come.

    >>> units_named("patient"), units_named("patient and lesion")
    ('patients', 'patients and lesions')
    """
    words = unit.replace(",", " ,").split(" ")
    shown = " ".join(f"{word}s" if word in UNITS else word for word in words)
    return shown.replace(" ,", ",")


def result_lines(result: Result) -> tuple[tuple[str, str], ...]:
    """A statistic as lines, each with its label."""
    match result:
        case Distribution():
            return _distribution_lines(result)
        case Shares():
            shown = [(in_words(one.label), share_text(one)) for one in result.shares]
            return (*shown, (MISSING, str(result.missing)))
        case Share():
            return ((in_words(result.label), share_text(result)),)
        case AtHorizon():
            return _horizon_lines(result)
        case TimeToEvent():
            return _time_lines(result)


def _distribution_lines(found: Distribution) -> tuple[tuple[str, str], ...]:
    missing = f", {found.missing} missing" if found.missing else ""
    if not found.n:
        return (("median (IQR; range)", NONE), ("mean (SD); n", f"n = 0{missing}"))
    quartiles = spread(found.lower_quartile, found.upper_quartile)
    ends = spread(found.minimum, found.maximum)
    sd = "" if found.sd is None else f" ({number(found.sd)})"
    return (
        ("median (IQR; range)", f"{number(found.median)} ({quartiles}; {ends})"),
        ("mean (SD); n", f"{number(found.mean)}{sd}; n = {found.n}{missing}"),
    )


def _horizon_lines(at: AtHorizon) -> tuple[tuple[str, str], ...]:
    when = f"at {agreed_number(at.months)} months"
    return ((when, estimate_text(at)), (f"at risk {when}", str(at.at_risk)))


def _time_lines(found: TimeToEvent) -> tuple[tuple[str, str], ...]:
    if found.method.startswith(REVERSE):
        return _reverse_lines(found)
    competing = (
        (("deaths without it", str(found.competing)),) if found.competing else ()
    )
    return (
        ("n (missing)", f"{found.n} ({found.missing})"),
        ("events", str(found.events)),
        *competing,
        ("median, months", median_text(found)),
        *(line for at in found.at for line in _horizon_lines(at)),
    )


def registry_problems(results: CohortResults) -> str:
    """How many contradictions and gaps there are; empty where there is none."""
    counts = (("contradiction", results.problems), ("gap", results.gaps))
    found = [plural(len(of), noun) for noun, of in counts if of]
    return f"{' and '.join(found)} in the registry" if found else ""


def _reverse_lines(found: TimeToEvent) -> tuple[tuple[str, str], ...]:
    """Of follow-up, the event is that a unit alive is observed no longer."""
    return (
        ("n (missing)", f"{found.n} ({found.missing})"),
        ("censored, alive at last contact", str(found.events)),
        ("median, months", median_text(found)),
        *(line for at in found.at for line in _followed_lines(at)),
    )


def _followed_lines(at: AtHorizon) -> tuple[tuple[str, str], ...]:
    when = f"at {agreed_number(at.months)} months"
    return (
        (f"still followed {when}, deaths censored", estimate_text(at)),
        (f"under observation {when}", str(at.at_risk)),
    )


def median_text(found: TimeToEvent) -> str:
    """Median and its interval, months; NR is not reached, a dash not defined."""
    if not found.n or found.median_note or found.method.startswith(INCIDENCE):
        return NONE
    if (found.median_months, found.median_low, found.median_high) == (None, None, None):
        return NOT_REACHED
    median, high = (
        NOT_REACHED if value is None else number(value)
        for value in (found.median_months, found.median_high)
    )
    if found.median_high is None and not _upper_stays_above_half(found):
        high = NONE
    low = number(found.median_low)
    between = " to " if NONE in {low, high} else NONE
    return f"{median} ({low}{between}{high})"


def _upper_stays_above_half(found: TimeToEvent) -> bool:
    """Whether the upper bound is known to the end, and so the median has none."""
    if found.curve is None:
        return False
    last = found.curve.high[-1]
    return last is not None and last > HALF


def row_title(title: str, row: OutputRow) -> str:
    """Title of the lines of an item, with its unit."""
    named = ": ".join(part for part in (title, row.item) if part)
    return f"{named} [{row.unit}]" if row.unit else named
