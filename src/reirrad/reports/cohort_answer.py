"""The question that every cohort is asked: what became of the patients at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reirrad.reports.blocks import Cell, Column, Row, Table
from reirrad.reports.cohort_courses import told_of_nobody
from reirrad.reports.cohort_tables import ALL, NamedTable
from reirrad.reports.cohort_wording import (
    bounds,
    estimate_text,
    grouped_test_text,
    median_text,
    percent,
    stratum_title,
)
from reirrad.reports.wording import NONE, agreed_number, plural
from reirrad.stats.cohort_results import CohortResults, ToxicityRow
from reirrad.stats.results import AtHorizon, OutputRow, Share, Shares, TimeToEvent

__all__ = [
    "FOLLOW_UP",
    "MAIN_ENDPOINTS",
    "OutcomeLine",
    "answer_table",
    "by_stratum_table",
    "outcome_lines",
]

MAIN_ENDPOINTS = (
    "overall survival",
    "progression-free survival",
    "local progression",
)
FOLLOW_UP = "follow-up"
RESPONSE = "O30"
RESPONSES = ("objective response", "clinical benefit")
ANY = "any"
WHOLE_TIME = "Over the whole of its window"
TOXICITY = {"acute": "Any toxicity, acute", "late": "Any toxicity, late"}
HEADINGS = (
    "Estimate (95 % interval)",
    "n",
    "Unit",
    "Events",
    "Missing",
    "At risk",
    "Median, months",
)


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """What one outcome came to in one stratum, ready to print.

    Parameters
    ----------
    outcome, stratum, unit
        What, of which group, counted in what.
    n, missing, events
        Counts; a dash where there is none.
    estimate
        With its interval.
    at_risk
        Units under observation at that time; a dash for shares.
    median
        Median time with its interval, months; a dash for shares.
    note
        Why something is not given.
    """

    outcome: str
    stratum: str
    unit: str
    n: str
    missing: str
    events: str
    estimate: str
    at_risk: str = NONE
    median: str = NONE
    note: str = ""


def outcome_lines(results: CohortResults, months: float) -> list[OutcomeLine]:
    """Survival, control, response and toxicity, for all and for each stratum.

    Parameters
    ----------
    results
        Of the cohort.
    months
        Time from the end of re-irradiation; one of those that were asked for.
    """
    return [
        *_time_lines(results.survival, months),
        *_response_lines(results, months),
        *_toxicity_lines(results),
    ]


def _time_lines(
    survival: Sequence[TimeToEvent], months: float
) -> Iterator[OutcomeLine]:
    """The main endpoints first, then other readings of the same data."""
    names = dict.fromkeys(one.endpoint for one in survival)
    others = [name for name in names if name not in (*MAIN_ENDPOINTS, FOLLOW_UP)]
    for endpoint in (*MAIN_ENDPOINTS, *others):
        for found in survival:
            if found.endpoint == endpoint:
                yield _time_line(found, months)


def _time_line(found: TimeToEvent, months: float) -> OutcomeLine:
    at = next((at for at in found.at if at.months == months), None)
    if at is None:
        at = AtHorizon(months, None, None, None, 0, "not asked for")
    return OutcomeLine(
        outcome=found.endpoint.capitalize(),
        stratum=found.stratum,
        unit=found.unit,
        n=str(found.n),
        missing=str(found.missing),
        events=_events(found),
        estimate=estimate_text(at),
        at_risk=str(at.at_risk),
        median=median_text(found),
        note=at.note,
    )


def _events(found: TimeToEvent) -> str:
    return (
        f"{found.events} (+{plural(found.competing, 'death')})"
        if found.competing
        else str(found.events)
    )


def _response_lines(results: CohortResults, months: float) -> Iterator[OutcomeLine]:
    """Responses at a time; where one time was asked for the output does not name it."""
    rows = [
        (output.of, row.stratum, share, missing)
        for output in results.outputs
        if output.id == RESPONSE
        for row in output.rows
        for share, missing in _shares(row)
    ]
    for label in RESPONSES:
        for unit, stratum, share, missing in rows:
            if share.label in {label, f"{label} at {agreed_number(months)} months"}:
                yield OutcomeLine(
                    outcome=label.capitalize(),
                    stratum=stratum,
                    unit=unit,
                    n=str(share.of),
                    missing=missing,
                    events=str(share.count),
                    estimate=_estimate(share.count, share),
                )


def _shares(row: OutputRow) -> list[tuple[Share, str]]:
    """Shares of a line, each with how many units could not be told."""
    match row.result:
        case Shares(shares, missing):
            return [(share, str(missing)) for share in shares]
        case Share():
            return [(row.result, NONE)]
        case _:
            return []


def _toxicity_lines(results: CohortResults) -> Iterator[OutcomeLine]:
    for row in results.toxicity:
        if row.term == ANY and row.window in TOXICITY:
            short = f" (+{row.not_followed} short)" if row.not_followed else ""
            yield OutcomeLine(
                outcome=TOXICITY[row.window],
                stratum=row.stratum,
                unit="patient",
                n=str(row.of),
                missing=f"{row.missing}{short}",
                events=str(sum(row.by_grade) + row.ungraded),
                estimate=_estimate(sum(row.by_grade) + row.ungraded, row),
                note="" if row.of else told_of_nobody(row),
            )


def _estimate(count: int, of: Share | ToxicityRow) -> str:
    if not of.of:
        return NONE
    return f"{percent(count / of.of)} % ({bounds(of.low, of.high)})"


def answer_table(results: CohortResults, months: float) -> NamedTable:
    """The main outcomes of all units together, one line each."""
    names = {*map(str.capitalize, (*MAIN_ENDPOINTS, *RESPONSES)), *TOXICITY.values()}
    lines = [
        line
        for line in outcome_lines(results, months)
        if line.stratum == ALL and line.outcome in names
    ]
    notes = _notes(lines)
    columns = (Column("Outcome", 1.8), *_columns(HEADINGS[:-1]))
    rows = [
        Row((Cell(line.outcome, "strong"), *_cells(line, notes)[:-1])) for line in lines
    ]
    n_timed = sum(line.outcome not in TOXICITY.values() for line in lines)
    if n_timed < len(rows):
        rows.insert(n_timed, Row((Cell(WHOLE_TIME, "strong"),), "heading"))
    when = agreed_number(months)
    return NamedTable(
        f"outcome_{when}_months",
        f"Outcome at {when} months from the end of re-irradiation",
        Table(columns, tuple(rows)),
        (*_numbered(notes), *_short(lines), _events_note(when)),
    )


def by_stratum_table(results: CohortResults, months: float) -> NamedTable:
    """The outcomes of all and of each stratum, and whether the strata differ."""
    lines = outcome_lines(results, months)
    notes = _notes(lines)
    rows: list[Row] = []
    for outcome in dict.fromkeys(line.outcome for line in lines):
        timed = outcome not in TOXICITY.values()
        heading = outcome if timed else f"{outcome} ({WHOLE_TIME.lower()})"
        rows.append(Row((Cell(heading, "strong"),), "heading"))
        rows += [
            Row((Cell(stratum_title(line.stratum)), *_cells(line, notes)))
            for line in lines
            if line.outcome == outcome
        ]
        rows += [
            Row((Cell(grouped_test_text(test)),), "note")
            for test in results.tests
            if test.endpoint.capitalize() == outcome
        ]
    when = agreed_number(months)
    return NamedTable(
        f"outcome_{when}_months_by_group",
        f"Outcome at {when} months by {results.stratified_by}",
        Table((Column("", 1.2), *_columns(HEADINGS)), tuple(rows)),
        (*_numbered(notes), *_short(lines), _events_note(when), *_explained(results)),
    )


def _events_note(when: str) -> str:
    return (
        "Events: of survival and local progression over the whole follow-up, of "
        f"response at {when} months."
    )


def _explained(results: CohortResults) -> tuple[str, ...]:
    """What the abbreviations stand for; a withheld median only where there is one."""
    withheld = dict.fromkeys(
        one.median_note for one in results.survival if one.median_note
    )
    return (
        f"NR: not reached; {NONE}: not defined.",
        *(f"Median: {note}." for note in withheld),
    )


def _columns(headings: Sequence[str]) -> tuple[Column, ...]:
    weights = (1.9, 0.45, 0.7, 1.1, 0.75, 0.75, 1.2)
    return tuple(
        Column(title, weight, "left" if title == "Unit" else "right")
        for title, weight in zip(headings, weights, strict=False)
    )


def _cells(line: OutcomeLine, notes: Sequence[str]) -> tuple[Cell, ...]:
    mark = f" [{notes.index(line.note) + 1}]" if line.note else ""
    return (
        Cell(line.estimate + mark, "plain" if line.estimate == NONE else "strong"),
        Cell(line.n),
        Cell(line.unit),
        Cell(line.events),
        Cell(line.missing),
        Cell(line.at_risk),
        Cell(line.median),
    )


def _notes(lines: Sequence[OutcomeLine]) -> tuple[str, ...]:
    """Why something is not given, each reason once."""
    return tuple(dict.fromkeys(line.note for line in lines if line.note))


def _short(lines: Sequence[OutcomeLine]) -> tuple[str, ...]:
    """What "short" means, where it stands."""
    if any("short" in line.missing for line in lines):
        return ("short: not followed long enough to have late toxicity.",)
    return ()


def _numbered(notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"[{number}] {note}." for number, note in enumerate(notes, start=1))
