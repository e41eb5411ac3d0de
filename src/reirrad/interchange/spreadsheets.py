"""Tables as XLSX and CSV files, written for Excel and REDCap, and CSV read back.

The same tables always give the same bytes. A text that a spreadsheet would take for a
formula is written so that it stays a text.
"""

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.styles.numbers import FORMAT_TEXT
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.writer.excel import ExcelWriter

from reirrad.core.cohort.field_values import number_text
from reirrad.errors import InputError

__all__ = [
    "Cell",
    "CsvTable",
    "Rows",
    "read_csv",
    "unreadable",
    "write_csv",
    "write_sheets",
]

Cell: TypeAlias = str | float | int | None
Rows: TypeAlias = Sequence[Sequence[Cell]]

SEPARATORS = (",", ";", "\t")
CHOICES = "choices"
NO_DATE = datetime.fromisoformat("2000-01-01")
FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
LAST_ROW = 1_048_576
WIDEST = 40
FORMULA_LIKE = re.compile(r"'*[=+\-@\t\r]")
QUOTED = re.compile(r"'+[=+\-@\t\r]")
SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"?\r?\n', re.IGNORECASE)
"""First line by which Excel is told the separator; it shows the next one as row 1."""


@dataclass(frozen=True, slots=True)
class CsvTable:
    """What a CSV file holds.

    Parameters
    ----------
    rows
        Every row with its header, blank ones as well; spaces around a text are gone.
    separator
        What stands between two cells: a comma, a semicolon or a tabulator.
    """

    rows: tuple[tuple[str, ...], ...]
    separator: str


def write_csv(file: Path, rows: Rows) -> None:
    """Write a table as CSV: UTF-8, commas, numbers with all their digits.

    A text that begins with ``=``, ``+``, ``-`` or ``@`` gets an apostrophe before it,
    which `read_csv` takes away.
    """
    stream = io.StringIO()
    csv.writer(stream).writerows([_csv_text(cell) for cell in row] for row in rows)
    file.write_text(stream.getvalue(), encoding="utf-8", newline="")


def _csv_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if FORMULA_LIKE.match(cell) else cell
    return number_text(cell)


def read_csv(file: Path) -> CsvTable:
    """Read a CSV file in UTF-8, with or without its mark, whatever its separator.

    Raises
    ------
    InputError
        If the file cannot be read or is not CSV in UTF-8.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
        text, separator = _separated(text)
        rows = tuple(
            tuple(_plain(cell) for cell in row)
            for row in csv.reader(
                io.StringIO(text, newline=""), delimiter=separator, strict=True
            )
        )
    except OSError as error:
        raise unreadable(file, error) from error
    except UnicodeDecodeError as error:
        msg = (
            f"{file}: this is not text in UTF-8 (byte {error.start + 1}). Save it as "
            f'"CSV UTF-8", or give the XLSX file.'
        )
        raise InputError(msg) from error
    except csv.Error as error:
        msg = f"{file}: this is not a CSV file ({error}). Export it again."
        raise InputError(msg) from error
    return CsvTable(rows, separator)


def _separated(text: str) -> tuple[str, str]:
    """The table, and what its cells are separated by.

    That is what the first line says, or what it is cut into most pieces by.
    """
    said = SEPARATOR_LINE.match(text)
    if said is not None:
        return text[said.end() :], said[1]
    header = text.partition("\n")[0]
    return text, max(SEPARATORS, key=header.count)


def _plain(cell: str) -> str:
    text = cell.strip()
    return text[1:] if QUOTED.match(text) else text


def write_sheets(
    file: Path,
    sheets: Mapping[str, Rows],
    *,
    drop_downs: Mapping[str, Mapping[int, Sequence[str]]] | None = None,
) -> None:
    """Write tables as the sheets of an XLSX file, each with its header on top.

    The first column takes whatever is typed in for a text, so that no leading zero of
    a Patient ID is lost.

    Parameters
    ----------
    file
        File to write.
    sheets
        Rows of each sheet by its name; the first row is the header, which stays in
        view.
    drop_downs
        What may be chosen in a column, by sheet and number of the column, from 0. The
        lists stand in a last sheet, ``choices``.
    """
    lists = drop_downs or {}
    workbook = Workbook(write_only=True)
    choice_columns: list[tuple[str, ...]] = []
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for column, choices in lists.get(name, {}).items():
            choice_columns.append((str(rows[0][column]), *choices))
            sheet.data_validations.append(
                _validation(column, len(choice_columns), len(choices))
            )
        _fill(sheet, rows)
    if choice_columns:
        _fill(workbook.create_sheet(CHOICES), _side_by_side(choice_columns))
    file.write_bytes(_bytes(workbook))


def _validation(column: int, list_number: int, n_choices: int) -> DataValidation:
    letter = get_column_letter(list_number)
    validation = DataValidation(
        type="list",
        formula1=f"{CHOICES}!${letter}$2:${letter}${n_choices + 1}",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="Not allowed",
        error="Choose one of the list.",
    )
    place = get_column_letter(column + 1)
    validation.add(f"{place}2:{place}{LAST_ROW}")
    return validation


def _side_by_side(columns: Sequence[Sequence[str]]) -> list[list[str]]:
    n_rows = max(len(column) for column in columns)
    return [
        [column[row] if row < len(column) else "" for column in columns]
        for row in range(n_rows)
    ]


def _fill(sheet: Any, rows: Rows) -> None:
    sheet.freeze_panes = "A2"
    for column, width in enumerate(_widths(rows), start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.column_dimensions["A"].number_format = FORMAT_TEXT
    for number, row in enumerate(rows):
        sheet.append([_xlsx_cell(sheet, cell, number) for cell in row])


def _widths(rows: Rows) -> list[int]:
    n_columns = max((len(row) for row in rows), default=0)
    widths = [0] * n_columns
    for row in rows:
        for column, cell in enumerate(row):
            widths[column] = max(widths[column], len(str(cell or "")))
    return [min(width + 2, WIDEST) for width in widths]


def _xlsx_cell(sheet: Any, value: Cell, row: int) -> Any:
    if value is None or value == "":
        return None
    if row > 0 and _is_written_as_it_is(value):
        return value
    cell = WriteOnlyCell(sheet, value if isinstance(value, str) else number_text(value))
    cell.data_type = "s" if isinstance(value, str) else "n"
    cell.alignment = Alignment(wrap_text=len(str(value)) > WIDEST, vertical="top")
    if isinstance(value, str) and FORMULA_LIKE.match(value):
        cell.quotePrefix = True
    if row == 0:
        cell.font = Font(bold=True)
    return cell


def _is_written_as_it_is(value: str | float) -> bool:
    """Whether openpyxl takes a text for a text, and keeps all digits of a number."""
    if isinstance(value, str):
        special = value[0] == "#" or FORMULA_LIKE.match(value) or len(value) > WIDEST
        return not special
    return isinstance(value, int) or float(f"{value:.16g}") == value


def _bytes(workbook: Workbook) -> bytes:
    """The workbook as a file that does not tell when it was made."""
    workbook.properties.creator = "reirrad"
    workbook.properties.created = workbook.properties.modified = NO_DATE
    dated, undated = io.BytesIO(), io.BytesIO()
    ExcelWriter(workbook, zipfile.ZipFile(dated, "w")).save()
    with zipfile.ZipFile(dated) as parts, zipfile.ZipFile(undated, "w") as archive:
        for name in parts.namelist():
            entry = zipfile.ZipInfo(name, FIRST_ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, parts.read(name))
    return undated.getvalue()


def unreadable(file: Path, error: OSError) -> InputError:
    """The sentence for a file that the system does not give."""
    reason = (error.strerror or "unknown reason").lower()
    return InputError(f"{file}: cannot be read ({reason}). Give a file that can.")
