"""The tables of a cohort: what the published Table 2 has, and the rest, per stratum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reirrad.reports.blocks import Cell, Column, Row, Table
from reirrad.reports.cohort_wording import (
    MISSING,
    in_words,
    number,
    result_lines,
    row_title,
    spread,
    stratum_title,
    units_named,
)
from reirrad.reports.wording import NONE, plural
from reirrad.stats.cohort_results import CohortResults
from reirrad.stats.results import Distribution, Output, OutputRow, Shares, TimeToEvent

__all__ = [
    "ALL",
    "NamedTable",
    "distributions_table",
    "output_table",
    "shares_table",
    "split_outputs",
]

ALL = "all"
SIZE = "O1"
PARTS: Mapping[str, tuple[str, ...]] = {
    "population": (
        *(SIZE, "O2", "O3", "O4", "O5", "O6", "O7", "O8", "O9", "O10", "O11"),
        *("O13", "O15", "O18", "O27"),
    ),
    "overlap": ("O22", "O23", "O24", "O25"),
    "toxicity": ("O28",),
    "outcome": ("O30", "O31", "O32"),
    "limits": ("O19",),
    "adaptation": ("O26",),
}
REST = "treatment"


@dataclass(frozen=True, slots=True)
class NamedTable:
    """A table that is also written to files of its own.

    Parameters
    ----------
    name
        Of its files, and its label in LaTeX.
    caption
        What it shows.
    table
        Its words. A row that spans the table is a heading or a note.
    notes
        What a reader must know.
    """

    name: str
    caption: str
    table: Table
    notes: tuple[str, ...] = ()


def split_outputs(outputs: Sequence[Output]) -> dict[str, tuple[Output, ...]]:
    """Outputs by the part of the report they belong to; none is left out."""
    part_of = {name: part for part, names in PARTS.items() for name in names}
    parts = {part: list[Output]() for part in (*PARTS, REST)}
    for output in outputs:
        parts[part_of.get(output.id, REST)].append(output)
    return {part: tuple(found) for part, found in parts.items()}


def output_table(
    name: str, caption: str, outputs: Sequence[Output], results: CohortResults
) -> NamedTable:
    """Lines of outputs, with a column for all and one for each stratum.

    Parameters
    ----------
    name, caption
        Of the table.
    outputs
        What to show; one without lines is left out.
    results
        Gives the strata.
    """
    strata = _strata_of(outputs, results)
    columns = (
        Column("", 1.4),
        *(Column(stratum_title(name), 1.0, "right") for name in strata),
    )
    rows = [row for output in outputs for row in _output_rows(output, strata)]
    notes = [f"{one.id}: {note}" for one in outputs for note in one.notes]
    return NamedTable(name, caption, Table(columns, tuple(rows)), tuple(notes))


def _strata_of(outputs: Sequence[Output], results: CohortResults) -> tuple[str, ...]:
    """All, and the strata that some line is of, in their order."""
    named = {row.stratum for output in outputs for row in output.rows}
    known = (ALL, *results.strata)
    others = sorted(named.difference(known))
    return (*(name for name in known if name in named or name == ALL), *others)


def _output_rows(output: Output, strata: Sequence[str]) -> list[Row]:
    """Lines of an output; an item with several answers has a heading of its own."""
    if output.id == SIZE:
        return _size_rows(output, strata)
    items = _by_item(output.rows)
    rows: list[Row] = []
    under = ""
    for lines in items:
        several = _has_several(lines)
        title = output.title
        if several or len(items) == 1:
            title = row_title(output.title, lines[0])
        alone = several or len(items) == 1
        item = "" if alone else row_title("", lines[0])
        shown = _item_rows(lines, strata, item=item)
        units = units_named(lines[0].of or output.of)
        words = f"{title.removesuffix(f': {units}')} · {units} ({output.id})"
        if shown and words != under:
            rows.append(Row((Cell(words, "strong"),), "heading"))
            under = words
        rows += shown
    return rows


def _by_item(rows: Sequence[OutputRow]) -> list[list[OutputRow]]:
    """Lines of one item and unit together, in the order of their first."""
    found: dict[tuple[str, str], list[OutputRow]] = {}
    for row in rows:
        found.setdefault((row.item, row.unit), []).append(row)
    return list(found.values())


def _has_several(lines: Sequence[OutputRow]) -> bool:
    """Whether an item has several answers, or is a time to an event."""
    return any(
        len(line.result.shares) > 1
        if isinstance(line.result, Shares)
        else isinstance(line.result, TimeToEvent)
        for line in lines
    )


def _item_rows(
    lines: Sequence[OutputRow], strata: Sequence[str], *, item: str
) -> list[Row]:
    """A line for each statistic; answers that nobody gave are named together.

    Parameters
    ----------
    lines
        Of one item, one for each stratum.
    strata
        Columns.
    item
        What is written before each label; empty where a heading says it.
    """
    shown = {line.stratum: dict(result_lines(line.result)) for line in lines}
    labels = dict.fromkeys(label for found in shown.values() for label in found)
    nobody = _nobody_has(lines)
    if all(found.get(MISSING, "0") == "0" for found in shown.values()):
        labels.pop(MISSING, None)
    rows: list[Row] = []
    for label in labels:
        if label not in nobody:
            cells = [Cell(shown.get(name, {}).get(label, NONE)) for name in strata]
            rows.append(Row((Cell(_label(item, label)), *cells)))
    if nobody and any(label not in (*nobody, MISSING) for label in labels):
        rows.append(Row((Cell(f"None: {', '.join(nobody)}."),), "note"))
    return rows


def _label(item: str, label: str) -> str:
    if not item or item == label:
        return label
    return f"{item}, {label}"


def _nobody_has(lines: Sequence[OutputRow]) -> list[str]:
    """Answers that no unit of any stratum gave, where there are several."""
    counts: dict[str, int] = {}
    for line in lines:
        if isinstance(line.result, Shares) and len(line.result.shares) > 1:
            for share in line.result.shares:
                label = in_words(share.label)
                counts[label] = counts.get(label, 0) + share.count
    return [label for label, count in counts.items() if not count]


def _size_rows(output: Output, strata: Sequence[str]) -> list[Row]:
    """How many units there are in all and in each stratum, one line for each unit."""
    rows = []
    for line in output.rows:
        if not isinstance(line.result, Shares) or not line.result.shares:
            continue
        counts = {share.label: str(share.count) for share in line.result.shares}
        counts[ALL] = str(line.result.shares[0].of + line.result.missing)
        cells = [Cell(counts.get(name, NONE), "strong") for name in strata]
        rows.append(Row((Cell(line.item.capitalize(), "strong"), *cells)))
        if line.result.missing:
            words = f"{plural(line.result.missing, line.item.removesuffix('s'))} "
            rows.append(Row((Cell(f"{words}in no group."),), "note"))
    return rows


def shares_table(name: str, caption: str, outputs: Sequence[Output]) -> NamedTable:
    """Items of all units as lines, with a column for each answer.

    Parameters
    ----------
    name, caption
        Of the table.
    outputs
        Only their shares over all units are shown.
    """
    lines = [
        (row.item or output.title, row.result)
        for output in outputs
        for row in output.rows
        if row.stratum == ALL and isinstance(row.result, Shares)
    ]
    answers = dict.fromkeys(share.label for _, found in lines for share in found.shares)
    columns = (
        Column("", 4.6),
        *(Column(answer.capitalize(), 0.85, "right") for answer in answers),
        Column("Of", 0.4, "right"),
        Column("Missing", 0.65, "right"),
    )
    rows = tuple(_shares_row(item, found, tuple(answers)) for item, found in lines)
    notes = tuple(note for output in outputs for note in output.notes)
    return NamedTable(name, caption, Table(columns, rows), notes)


def _shares_row(item: str, found: Shares, answers: Sequence[str]) -> Row:
    counts = {share.label: share for share in found.shares}
    of = found.shares[0].of if found.shares else 0
    cells = [
        Cell(str(counts[answer].count) if answer in counts else NONE)
        for answer in answers
    ]
    return Row((Cell(item), *cells, Cell(str(of)), Cell(str(found.missing))))


def distributions_table(
    name: str, caption: str, outputs: Sequence[Output]
) -> NamedTable:
    """Quantities of all units, a line for each.

    Parameters
    ----------
    name, caption
        Of the table.
    outputs
        Only their distributions over all units are shown.
    """
    columns = (
        Column("", 3.0),
        Column("n", 0.45, "right"),
        Column("Missing", 0.75, "right"),
        Column("Mean (SD)", 1.1, "right"),
        Column("Median (IQR)", 1.4, "right"),
        Column("Range", 1.1, "right"),
    )
    rows = tuple(
        _distribution_row(row_title("" if row.item else output.title, row), row.result)
        for output in outputs
        for row in output.rows
        if row.stratum == ALL and isinstance(row.result, Distribution)
    )
    return NamedTable(name, caption, Table(columns, rows))


def _distribution_row(title: str, found: Distribution) -> Row:
    quartiles = spread(found.lower_quartile, found.upper_quartile)
    cells = (
        title,
        str(found.n),
        str(found.missing),
        f"{number(found.mean)} ({number(found.sd)})",
        f"{number(found.median)} ({quartiles})",
        spread(found.minimum, found.maximum),
    )
    return Row(tuple(map(Cell, cells)))
