r"""Tables of a cohort as LaTeX (booktabs), and as rows for CSV files and spreadsheets.

The LaTeX needs ``\usepackage{booktabs}``, and ``\usepackage{longtable}`` for a table
that is longer than a page.
"""

import re

from reirrad.reports.blocks import Column, Row
from reirrad.reports.cohort_tables import NamedTable

__all__ = ["latex_table", "table_rows"]

ROWS_ON_A_PAGE = 45
WIDE_FROM = 6
SMALL = r"\footnotesize\setlength{\tabcolsep}{3pt}"
NUMBER = re.compile(r"-?\d{1,15}(\.\d+)?")
ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"$<$",
    ">": r"$>$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "\N{EN DASH}": "--",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{GREEK SMALL LETTER ALPHA}": r"$\alpha$",
    "β": r"$\beta$",
    "·": r"\textperiodcentered{}",
    "…": r"\ldots{}",
}


def latex_table(named: NamedTable) -> str:
    """A table with its caption, label and notes.

    A long one may break between pages. Every letter that LaTeX would take for a
    command is escaped.
    """
    table = named.table
    long = len(table.rows) > ROWS_ON_A_PAGE
    letters = "".join("r" if one.align == "right" else "l" for one in table.columns)
    caption = rf"\caption{{{_escaped(named.caption)}}}\label{{tab:{named.name}}}"
    heading = _line([_escaped(column.title) for column in table.columns])
    body = [_row(row, table.columns) for row in table.rows]
    inner = [r"\toprule", heading, r"\midrule"]
    small = [SMALL] if len(table.columns) > WIDE_FROM else []
    notes = [rf"\par\smallskip\footnotesize {_escaped(note)}" for note in named.notes]
    if long:
        lines = [
            *small,
            rf"\begin{{longtable}}{{{letters}}}",
            rf"{caption}\\",
            *inner,
            r"\endhead",
            *body,
            r"\bottomrule",
            r"\end{longtable}",
            *notes,
        ]
    else:
        lines = [
            r"\begin{table}",
            r"\centering",
            caption,
            *small,
            rf"\begin{{tabular}}{{{letters}}}",
            *inner,
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            *notes,
            r"\end{table}",
        ]
    return "\n".join(lines) + "\n"


def _row(row: Row, columns: tuple[Column, ...]) -> str:
    if row.span == "no":
        return _line([_escaped(cell.text) for cell in row.cells])
    words = _escaped(row.cells[0].text)
    shown = rf"\textit{{{words}}}" if row.span == "heading" else words
    return rf"\multicolumn{{{len(columns)}}}{{l}}{{{shown}}} \\"


def _line(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"


def _escaped(text: str) -> str:
    return "".join(ESCAPES.get(letter, letter) for letter in text)


def table_rows(named: NamedTable) -> list[list[str | float]]:
    """Heading and lines; a heading inside becomes a column of its own, on the left.

    Returns
    -------
    list of list
        Every row of the same length, with numbers as such. Notes are the last rows.
    """
    table = named.table
    grouped = any(row.span == "heading" for row in table.rows)
    width = grouped + len(table.columns)
    rows: list[list[str | float]] = [
        [*[""] * grouped, *(column.title for column in table.columns)]
    ]
    group = ""
    for row in table.rows:
        if row.span == "heading":
            group = row.cells[0].text
        elif row.span == "note":
            rows.append(_filled(row.cells[0].text, width))
        else:
            cells = zip(row.cells, table.columns, strict=True)
            values = [_value(cell.text, column) for cell, column in cells]
            rows.append([*[group] * grouped, *values])
    return [*rows, *(_filled(note, width) for note in named.notes)]


def _value(text: str, column: Column) -> str | float:
    """A number where a column of numbers holds one; the rest stays as it reads."""
    if column.align != "right" or not NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def _filled(text: str, width: int) -> list[str | float]:
    return [text, *[""] * (width - 1)]
