"""Numbers and verdicts in words: how the report says things, in one place."""

from collections.abc import Sequence

from reirrad.core.assessment import ConstraintResult, PairAssessment
from reirrad.reports.blocks import Cell, Tone

__all__ = [
    "ALPHA_BETA",
    "NONE",
    "NOT_AVAILABLE",
    "REGISTRATION_SYMBOLS",
    "REGISTRATION_TONES",
    "TIMES",
    "WITHHELD",
    "agreed_number",
    "compared_numbers",
    "courses_named",
    "decimal",
    "interval",
    "is_withheld",
    "limit_text",
    "metric_unit",
    "person_name",
    "plural",
    "share_of_limit",
    "squeezed",
    "type_sentence",
    "type_word",
    "verdict_cell",
    "with_unit",
]

ALPHA_BETA = "\N{GREEK SMALL LETTER ALPHA}/β"
TIMES = "\N{MULTIPLICATION SIGN}"
NONE = "\N{EN DASH}"
NOT_AVAILABLE = "not available"
WITHHELD = "VERDICT WITHHELD"
TYPE_SENTENCES = {
    "1A": "The 2 Gy isodoses of the courses overlap in the {organ}; "
    "their 50 % isodoses do not.",
    "1B": "The 50 % isodoses of the courses overlap in the {organ}: "
    "the high-dose regions meet.",
    "2": "The 2 Gy isodoses of the courses do not overlap in the {organ}.",
    "1B*": "The 50 % isodoses overlap in the {organ} while the 2 Gy isodoses do not "
    "count as overlapping; the published table does not name this case.",
    "undetermined": "No type of re-irradiation is given.",
}
VERDICT_CELLS: dict[str, Cell] = {
    "met": Cell("✓ met", "good"),
    "exceeded": Cell("✗ exceeded", "bad"),
    "not evaluable": Cell(f"{NONE} not evaluable", "muted"),
}
REGISTRATION_SYMBOLS = {"accepted": "✓", "review": "⚠", "rejected": "✗"}
REGISTRATION_TONES: dict[str, Tone] = {
    "accepted": "good",
    "review": "warn",
    "rejected": "bad",
}
DAYS_PER_MONTH = 365.25 / 12
MOST_DECIMALS = 4


def decimal(value: float | None, decimals: int = 1) -> str:
    """Round a number for people; a small one is shown as less than the last place.

    >>> decimal(12.345), decimal(0.02), decimal(0.0), decimal(None)
    ('12.3', '<0.1', '0.0', 'not available')
    """
    if value is None:
        return NOT_AVAILABLE
    least = 10.0**-decimals
    if 0 < abs(value) < least:
        return f"<{least:.{decimals}f}" if value > 0 else f">-{least:.{decimals}f}"
    return f"{value + 0.0:.{decimals}f}"


def with_unit(value: float | None, unit: str, decimals: int = 1) -> str:
    """Number and unit, or words where there is no number.

    >>> with_unit(3.0, "cc"), with_unit(None, "cc")
    ('3.0 cc', 'not available')
    """
    return NOT_AVAILABLE if value is None else f"{decimal(value, decimals)} {unit}"


def agreed_number(value: float) -> str:
    """Write a number that someone decided, such as a limit or a prescription.

    >>> agreed_number(50.0), agreed_number(7.5)
    ('50', '7.5')
    """
    return f"{value:g}"


def compared_numbers(value: float | None, limit: float) -> tuple[str, str]:
    """Write value and limit so that the reader sees which is larger.

    >>> compared_numbers(15.04, 15.0), compared_numbers(12.3, 15.0)
    (('15.04', '15'), ('12.3', '15'))
    """
    shown = f"{limit:.4g}"
    if value is None:
        return NOT_AVAILABLE, shown
    text = decimal(value)
    for decimals in range(1, MOST_DECIMALS + 1):
        text = decimal(value, decimals)
        if value == limit or text.startswith("<") or float(text) != limit:
            break
    return text, shown


def limit_text(result: ConstraintResult, limit: str) -> str:
    """Relation, limit and unit, as "≤ 15 Gy"."""
    relation = {"<=": "≤", ">=": "≥"}.get(result.relation, result.relation)
    return f"{relation} {limit} {metric_unit(result.metric)}"


def metric_unit(metric: str) -> str:
    """Unit inside the brackets of a TG-263 metric name.

    >>> metric_unit("D0.1cc[Gy]")
    'Gy'
    """
    return metric.partition("[")[2].rstrip("]")


def plural(count: int, noun: str) -> str:
    """Count and noun.

    >>> plural(1, "warning"), plural(3, "warning")
    ('1 warning', '3 warnings')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def interval(days: int) -> str:
    """Time between the starts of courses in days, with months where those help.

    >>> interval(20), interval(262)
    ('20 days', '262 days (8.6 months)')
    """
    if days < 60:
        return plural(days, "day")
    return f"{days} days ({days / DAYS_PER_MONTH:.1f} months)"


def person_name(name: str) -> str:
    """DICOM person name as people write it: family name, comma, the rest.

    >>> person_name("Doe^Jane^M")
    'Doe, Jane M'
    """
    groups = [group for group in name.split("=") if group.strip("^ ")]
    family, *others = (groups[0] if groups else "").split("^")
    rest = " ".join(part.strip() for part in others if part.strip())
    return ", ".join(part for part in (family.strip(), rest) if part) or NOT_AVAILABLE


def squeezed(name: str, longest: int) -> str:
    """Leave out the middle of a name that is too long; ends tell names apart.

    >>> squeezed("Liver", 9), squeezed("PRV_Duodenum_5mm", 9)
    ('Liver', 'PRV_…_5mm')
    """
    if len(name) <= longest:
        return name
    kept = longest - 1
    return f"{name[: kept - kept // 2]}…{name[len(name) - kept // 2 :]}"


def courses_named(numbers: Sequence[int]) -> str:
    """Name courses by number.

    >>> courses_named([1]), courses_named([1, 2, 3])
    ('course 1', 'courses 1, 2 and 3')
    """
    if len(numbers) == 1:
        return f"course {numbers[0]}"
    first = ", ".join(str(number) for number in numbers[:-1])
    return f"courses {first} and {numbers[-1]}"


def is_withheld(pair: PairAssessment) -> bool:
    """Whether no type of re-irradiation may be shown for a pair."""
    return pair.classification.resbrt_type == "undetermined"


def type_word(resbrt_type: str) -> str:
    """Name of a re-SBRT type, or the words that stand in its place.

    >>> type_word("1B"), type_word("undetermined")
    ('Type 1B', 'VERDICT WITHHELD')
    """
    return WITHHELD if resbrt_type == "undetermined" else f"Type {resbrt_type}"


def type_sentence(resbrt_type: str, organ: str) -> str:
    """One sentence that says what a type means."""
    return TYPE_SENTENCES[resbrt_type].format(organ=organ)


def verdict_cell(verdict: str) -> Cell:
    """Verdict on a constraint as symbol and word."""
    return VERDICT_CELLS[verdict]


def share_of_limit(result: ConstraintResult) -> float:
    """How much of a limit is used up, for sorting only: above 1 means exceeded.

    A constraint that asks for at least its limit counts the other way round.
    """
    if result.value is None:
        return -1.0
    at_least = result.relation.startswith(">")
    used, allowed = (
        (result.limit, result.value) if at_least else (result.value, result.limit)
    )
    if allowed <= 0:
        return 0.0 if used <= 0 else float("inf")
    return used / allowed
