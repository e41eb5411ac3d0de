"""Tables of a cohort as LaTeX (booktabs), and as rows for CSV files and spreadsheets.

The first line of a table names the packages that it needs.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from reirrad.reports.blocks import Column, Row
from reirrad.reports.cohort_tables import NamedTable

__all__ = ["latex_table", "note_rows", "table_rows"]

GROUP = "group"
LINE = "line"

ROWS_ON_A_PAGE = 45
CROWDED_FROM = 8
SMALL = r"\footnotesize\setlength{\tabcolsep}{3pt}"
SMALLEST = r"\scriptsize\setlength{\tabcolsep}{2pt}"
PACKAGES = r"% In the preamble: \usepackage{array,booktabs,longtable}"
NOTE = r"\par\smallskip\noindent\parbox{\linewidth}"
NUMBERED = re.compile(r"^Table \d+(, continued)?\. ")
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
    """A table with its caption, label and notes, as wide as the text.

    A long one may break between pages. Every letter that LaTeX would take for a
    command is escaped. The number of the table is left to LaTeX.
    """
    table = named.table
    long = len(table.rows) > ROWS_ON_A_PAGE
    title = _escaped(NUMBERED.sub("", named.caption))
    caption = rf"\caption{{{title}}}\label{{tab:{named.name}}}"
    heading = _line([_escaped(column.title) for column in table.columns])
    body = [_row(row, table.columns) for row in table.rows]
    inner = [r"\toprule", heading, r"\midrule"]
    size = SMALLEST if len(table.columns) > CROWDED_FROM else SMALL
    notes = [rf"{NOTE}{{\footnotesize {_escaped(note)}}}" for note in named.notes]
    if long:
        lines = [
            rf"{{{size}",
            rf"\begin{{longtable}}{{{_widths(table.columns)}}}",
            rf"{caption}\\",
            *inner,
            r"\endhead",
            *body,
            r"\bottomrule",
            r"\end{longtable}}",
            *notes,
        ]
    else:
        lines = [
            r"\begin{table}",
            caption,
            size,
            rf"\begin{{tabular}}{{{_widths(table.columns)}}}",
            *inner,
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            *notes,
            r"\end{table}",
        ]
    return "\n".join((PACKAGES, *lines)) + "\n"


def _widths(columns: Sequence[Column]) -> str:
    """Columns in which text wraps, together as wide as the text."""
    total = sum(column.weight for column in columns)
    shown = []
    for column in columns:
        side = r"\raggedleft" if column.align == "right" else r"\raggedright"
        width = rf"\dimexpr {column.weight / total:.4f}\linewidth-2\tabcolsep\relax"
        shown.append(rf">{{{side}\arraybackslash}}p{{{width}}}")
    return "".join(shown)


def _row(row: Row, columns: Sequence[Column]) -> str:
    if row.span == "no":
        return _line([_escaped(cell.text) for cell in row.cells])
    words = _escaped(row.cells[0].text)
    shown = rf"\textit{{{words}}}" if row.span == "heading" else words
    width = r"p{\dimexpr\linewidth-2\tabcolsep\relax}"
    return rf"\multicolumn{{{len(columns)}}}{{{width}}}{{{shown}}} \\"


def _line(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"


def _escaped(text: str) -> str:
    return "".join(ESCAPES.get(letter, letter) for letter in text)


def table_rows(named: NamedTable) -> list[list[str | float]]:
    """Heading and lines; a heading inside becomes a column of its own, on the left.

    Returns
    -------
    list of list
        Every row of the same length, with numbers as such. Notes are left out: they
        stand in :func:`note_rows`.
    """
    table = named.table
    grouped = any(row.span == "heading" for row in table.rows)
    group = [GROUP] * grouped
    rows: list[list[str | float]] = [
        [*group, *(column.title or LINE for column in table.columns)]
    ]
    for heading, row in _below_headings(table.rows):
        if row.span == "no":
            cells = zip(row.cells, table.columns, strict=True)
            values = [_value(cell.text, column) for cell, column in cells]
            rows.append([*[heading] * grouped, *values])
    return rows


def note_rows(tables: Iterable[NamedTable]) -> list[list[str]]:
    """Notes of all tables, each with its table and the heading above it."""
    rows = [["table", GROUP, "note"]]
    for named in tables:
        rows += [
            [named.name, heading, row.cells[0].text]
            for heading, row in _below_headings(named.table.rows)
            if row.span == "note"
        ]
        rows += [[named.name, "", note] for note in named.notes]
    return rows


def _below_headings(rows: Iterable[Row]) -> Iterator[tuple[str, Row]]:
    """Rows that are no heading, each with the last heading above it."""
    heading = ""
    for row in rows:
        if row.span == "heading":
            heading = row.cells[0].text
        else:
            yield heading, row


def _value(text: str, column: Column) -> str | float:
    """A number where a column of numbers holds one; the rest stays as it reads."""
    if column.align != "right" or not NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)
