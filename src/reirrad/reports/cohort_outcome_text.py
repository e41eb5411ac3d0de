"""The outcome of a cohort at one time, for a terminal of 100 columns."""

import textwrap
from collections.abc import Sequence

from reirrad.reports.blocks import Column, Row
from reirrad.reports.cohort_answer import by_stratum_table
from reirrad.reports.wording import plural
from reirrad.stats.cohort_results import CohortResults

__all__ = ["outcome_text"]

WIDTH = 100


def outcome_text(results: CohortResults, months: float) -> str:
    """Survival, control, response and toxicity, for all and for each stratum.

    Parameters
    ----------
    results
        Of the cohort.
    months
        Time from the end of re-irradiation, one of those that were asked for.
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
    table = by_stratum_table(results, months)
    found = len(results.problems)
    problems = (f"{plural(found, 'contradiction')} in the registry; see the report.",)
    notes = (*table.notes, *(problems if found else ()))
    return "\n".join(
        (
            *textwrap.wrap(table.caption, WIDTH),
            counted,
            "",
            *_lines(table.table.columns, table.table.rows),
            "",
            *(line for note in notes for line in textwrap.wrap(note, WIDTH)),
        )
    ).rstrip()


def _lines(columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
    """Columns as wide as their widest cell, closer where they would be too wide."""
    plain = [[cell.text for cell in row.cells] for row in rows if row.span == "no"]
    titles = [column.title for column in columns]
    widths = [
        max(len(line[number]) for line in (titles, *plain))
        for number in range(len(columns))
    ]
    between = "  " if sum(widths) + 2 * len(widths) <= WIDTH else " "
    lines = [_line(titles, columns, widths, between=between)]
    for row in rows:
        if row.span == "heading":
            lines += ["", row.cells[0].text]
        elif row.span == "note":
            lines += [
                f"  {part}" for part in textwrap.wrap(row.cells[0].text, WIDTH - 2)
            ]
        else:
            cells = [cell.text for cell in row.cells]
            lines.append(_line(cells, columns, widths, between=between))
    return lines


def _line(
    cells: Sequence[str],
    columns: Sequence[Column],
    widths: Sequence[int],
    *,
    between: str,
) -> str:
    shown = (
        cell.rjust(width) if column.align == "right" else cell.ljust(width)
        for cell, column, width in zip(cells, columns, widths, strict=True)
    )
    return f"  {between.join(shown)}".rstrip()
