"""Every number of the required outputs as a row of its own, for further analysis."""

from collections.abc import Iterator, Sequence
from dataclasses import fields

from reirrad.stats.results import (
    AtHorizon,
    Distribution,
    Output,
    OutputRow,
    Share,
    Shares,
    TimeToEvent,
)

__all__ = ["STATISTICS", "statistics_rows"]

STATISTICS = "statistics"
HEADINGS = (
    "output",
    "title",
    "unit_of_analysis",
    "group",
    "item",
    "answer",
    "unit",
    "statistic",
    "value",
)
Value = str | float | None
Named = tuple[str, str, Value]


def statistics_rows(outputs: Sequence[Output]) -> list[list[Value]]:
    """Heading, then a row for each statistic of each line; unrounded.

    Parameters
    ----------
    outputs
        O1 to O32. What cannot be given has no value.
    """
    rows: list[list[Value]] = [list(HEADINGS)]
    for output in outputs:
        for line in output.rows:
            unit = line.of or output.of
            about = (output.id, output.title, unit, line.stratum, line.item)
            rows += [
                [*about, answer, _unit(line, statistic), statistic, value]
                for answer, statistic, value in _statistics(line)
            ]
    return rows


def _unit(line: OutputRow, statistic: str) -> str:
    if isinstance(line.result, Distribution):
        return "" if statistic in {"n", "missing"} else line.unit
    return "months" if statistic.startswith("median") else ""


def _statistics(line: OutputRow) -> Iterator[Named]:
    match line.result:
        case Distribution():
            yield from _values("", line.result)
        case Share():
            yield from _values(line.result.label, line.result)
        case Shares(shares, missing):
            for share in shares:
                yield from _values(share.label, share)
            yield "", "missing", missing
        case AtHorizon():
            yield from _horizon(line.result)
        case TimeToEvent():
            yield from _values("", line.result)
            for at in line.result.at:
                yield from _horizon(at)


def _horizon(at: AtHorizon) -> Iterator[Named]:
    yield from _values(f"at {at.months:g} months", at)


def _values(
    answer: str, result: Distribution | Share | AtHorizon | TimeToEvent
) -> Iterator[Named]:
    """The numbers of a statistic by their names; times to an event by their counts."""
    for field in fields(result):
        value = getattr(result, field.name)
        if value is None or isinstance(value, int | float):
            yield answer, field.name, value
