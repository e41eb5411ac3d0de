"""The outcome of a cohort at one time, as wide as the terminal."""

import textwrap
from collections.abc import Sequence
from itertools import zip_longest

from reirrad.reports.blocks import Column, Row
from reirrad.reports.cohort_answer import by_stratum_table
from reirrad.reports.cohort_wording import registry_problems, units_named
from reirrad.reports.wording import plural
from reirrad.stats.cohort_results import CohortResults

__all__ = ["outcome_text"]

WIDTH = 100
NARROWEST = 80
UNIT = 3
ONE_WORD = "\N{NO-BREAK SPACE}"
INDENT = BETWEEN = "  "


def outcome_text(
    results: CohortResults, months: float, terminal_columns: int = WIDTH
) -> str:
    """Survival, control, response and toxicity, for all and for each stratum.

    Parameters
    ----------
    results
        Of the cohort.
    months
        Time from the end of re-irradiation, one of those that were asked for.
    terminal_columns
        Of the terminal; from 80 to 100 of them are used.
    """
    counted = ", ".join(
        (
            plural(results.n_patients, "patient"),
            plural(results.n_courses, "re-irradiation course"),
            plural(results.n_lesions, "lesion"),
        )
    )
    if not results.n_patients:
        return f"{counted}: nothing to report."
    width = min(max(terminal_columns, NARROWEST), WIDTH)
    table = by_stratum_table(results, months)
    titles = table.table.columns
    columns = (*titles[:UNIT], *titles[UNIT + 1 :])
    found = registry_problems(results)
    notes = (*table.notes, *((f"{found}; see the report.",) if found else ()))
    return "\n".join(
        (
            *textwrap.wrap(table.caption, width),
            counted,
            "",
            *_lines(columns, table.table.rows, width),
            "",
            *(line for note in notes for line in textwrap.wrap(note, width)),
        )
    ).rstrip()


def _lines(columns: Sequence[Column], rows: Sequence[Row], width: int) -> list[str]:
    """Columns as wide as their widest cell; cells wrap where that is too wide."""
    plain = [_kept(row) for row in rows if row.span == "no"]
    titles = [column.title for column in columns]
    widths = _widths([titles, *plain], width - len(INDENT))
    lines = _wrapped(titles, columns, widths)
    for number, row in enumerate(rows):
        if row.span == "heading":
            unit = units_named(rows[number + 1].cells[UNIT].text)
            words = f"{row.cells[0].text} · {unit}"
            lines += ["", *textwrap.wrap(words, width)]
        elif row.span == "note":
            lines += _indented(row.cells[0].text, width)
        else:
            lines += _wrapped(_kept(row), columns, widths)
    return lines


def _kept(row: Row) -> list[str]:
    """Cells without the unit, which stands in the heading; a percentage is one word."""
    cells = [cell.text.replace(" %", f"{ONE_WORD}%") for cell in row.cells]
    return [*cells[:UNIT], *cells[UNIT + 1 :]]


def _widths(lines: Sequence[Sequence[str]], width: int) -> list[int]:
    """Narrow the widest column, and again, until all fit; no word is broken."""
    columns = list(zip(*lines, strict=True))
    widths = [max(map(len, cells)) for cells in columns]
    least = [
        max(len(word) for cell in cells for word in cell.split(" "))
        for cells in columns
    ]
    while sum(widths) + len(BETWEEN) * (len(widths) - 1) > width:
        spare = [one for one in range(len(widths)) if widths[one] > least[one]]
        if not spare:
            break
        widths[max(spare, key=widths.__getitem__)] -= 1
    return widths


def _wrapped(
    cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]
) -> list[str]:
    """One line of the table, or several where a cell needs them."""
    parts = [
        textwrap.wrap(cell, width) or [""]
        for cell, width in zip(cells, widths, strict=True)
    ]
    return [
        _line(level, columns, widths) for level in zip_longest(*parts, fillvalue="")
    ]


def _line(
    cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]
) -> str:
    shown = (
        cell.rjust(width) if column.align == "right" else cell.ljust(width)
        for cell, column, width in zip(cells, columns, widths, strict=True)
    )
    return f"{INDENT}{BETWEEN.join(shown)}".rstrip().replace(ONE_WORD, " ")


def _indented(words: str, width: int) -> list[str]:
    return textwrap.wrap(
        words, width, initial_indent=INDENT, subsequent_indent=INDENT * 2
    )
