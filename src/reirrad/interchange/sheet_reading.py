"""Sheets of an XLSX file, read as text."""

import re
import struct
import warnings
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from reirrad.core.cohort.field_values import number_text
from reirrad.errors import InputError
from reirrad.interchange.spreadsheets import unreadable

__all__ = ["read_sheets"]

NOTHING = (None, "n")
FORMULA_TAG = re.compile(rb"<f[ >/]")
LITERAL = re.compile(r'"[^"]*"|[\\_*].')
"""Parts of a number format that are shown, or left blank, and change no number."""
MOST_PLACES = 5
DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What openpyxl and the modules under it raise on a damaged or encrypted file."""


def read_sheets(
    file: Path, *, text_columns: Collection[str] = ()
) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Read every sheet of an XLSX file as text.

    A date becomes ``YYYY-MM-DD``, a logical value ``yes`` or ``no``, a formula its
    value. Row n of a sheet is its row n + 1 in Excel.

    Parameters
    ----------
    file
        The file.
    text_columns
        Names of columns in which a number or a date is a fault: leading zeros and
        digits beyond the fifteenth of a Patient ID are lost in it.

    Raises
    ------
    InputError
        If the file cannot be read, is not XLSX, or holds a formula without a value or
        with an error, a number shown in per cent (98.5% is kept as 0.985), or anything
        but texts in columns of texts.
    """
    try:
        with warnings.catch_warnings():
            # Of parts that this function does not read, such as pictures.
            warnings.simplefilter("ignore")
            sheets, faults = _read(file, text_columns)
            faults += _formulas_without_value(file)
    except OSError as error:
        raise unreadable(file, error) from error
    except DAMAGE as error:
        msg = (
            f"{file}: this is not an XLSX file that can be read. Save it again as "
            f"XLSX in your spreadsheet program."
        )
        raise InputError(msg) from error
    if faults:
        raise InputError(*faults)
    return sheets


def _read(
    file: Path, text_columns: Collection[str]
) -> tuple[dict[str, tuple[tuple[str, ...], ...]], list[str]]:
    """Texts of every sheet, and the cells that hold what they must not."""
    sheets, faults = {}, []
    for sheet in _sheets(file, data_only=True):
        rows: list[tuple[str, ...]] = []
        no_texts: dict[int, list[int]] = {}
        percents: defaultdict[int, list[int]] = defaultdict(list)
        for number, row in enumerate(sheet.iter_rows(), start=1):
            if not rows:
                names = [_text(cell.value) for cell in row]
                no_texts = {
                    i: [] for i, name in enumerate(names) if name in text_columns
                }
            for column, places in no_texts.items():
                if column < len(row) and not _is_text(row[column].value):
                    places.append(number)
            for column, cell in enumerate(row):
                if _is_percent(cell):
                    percents[column].append(number)
            rows.append(tuple(_text(cell.value) for cell in row))
            faults += [
                f"{_place(file, sheet, number, column)}: holds the error {cell.value}."
                for column, cell in enumerate(row, start=1)
                if cell.data_type == "e"
            ]
        faults += _no_texts(file, sheet.title, rows, no_texts)
        faults += _percents(file, sheet.title, rows, percents)
        sheets[sheet.title] = tuple(rows)
    return sheets, faults


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _no_texts(
    file: Path,
    sheet: str,
    rows: Sequence[Sequence[str]],
    found: Mapping[int, Sequence[int]],
) -> Iterator[str]:
    """Say which cells of columns of texts hold a number or a date."""
    for column, numbers in found.items():
        if numbers:
            yield (
                f"{file}, sheet {sheet}, column {rows[0][column]}: no text in rows "
                f"{_first_of(numbers)}. Leading zeros and long numbers are lost that "
                f"way. Format the column as text, and type them in again."
            )


def _is_percent(cell: Any) -> bool:
    """Whether the number of a cell is a hundredth of the one that is seen."""
    if isinstance(cell.value, bool) or not isinstance(cell.value, int | float):
        return False
    return "%" in LITERAL.sub("", cell.number_format or "")


def _percents(
    file: Path,
    sheet: str,
    rows: Sequence[Sequence[str]],
    found: Mapping[int, Sequence[int]],
) -> Iterator[str]:
    """Say which cells are shown in per cent; their numbers may tell a patient."""
    for column, numbers in sorted(found.items()):
        header = rows[0]
        named = header[column] if column < len(header) else ""
        name = named or get_column_letter(column + 1)
        yield (
            f"{file}, sheet {sheet}, column {name}: shown in per cent in rows "
            f"{_first_of(numbers)}, so that the file holds a hundredth of what is seen "
            f"(0.985 for 98.5%). Expected are plain numbers, without a sign for their "
            f"unit. Format the column as number, and type them in again."
        )


def _first_of(numbers: Sequence[int]) -> str:
    """The first few of some rows, and how many more there are."""
    first = ", ".join(map(str, numbers[:MOST_PLACES]))
    more = len(numbers) - MOST_PLACES
    return f"{first}{f' and {more} more' if more > 0 else ''}"


def _formulas_without_value(file: Path) -> Iterator[str]:
    """Say which formulas no spreadsheet program has computed yet."""
    if not _has_formulas(file):
        return
    both = zip(
        _sheets(file, data_only=False), _sheets(file, data_only=True), strict=True
    )
    for sheet, values in both:
        rows = zip(sheet.iter_rows(), values.iter_rows(), strict=True)
        for number, (row, value_row) in enumerate(rows, start=1):
            for column, (cell, value) in enumerate(
                zip(row, value_row, strict=True), start=1
            ):
                if cell.data_type == "f" and (value.value, value.data_type) == NOTHING:
                    yield (
                        f"{_place(file, sheet, number, column)}: the formula has no "
                        f"value yet. Open the file in your spreadsheet program and "
                        f"save it."
                    )


def _sheets(file: Path, *, data_only: bool) -> Iterator[Any]:
    with closing(load_workbook(file, read_only=True, data_only=data_only)) as workbook:
        for sheet in workbook.worksheets:
            sheet.reset_dimensions()
            yield sheet


def _place(file: Path, sheet: Any, row: int, column: int) -> str:
    return f"{file}, sheet {sheet.title}, cell {get_column_letter(column)}{row}"


def _has_formulas(file: Path) -> bool:
    with zipfile.ZipFile(file) as archive:
        return any(
            FORMULA_TAG.search(archive.read(name))
            for name in archive.namelist()
            if name.startswith("xl/worksheets/")
        )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return number_text(value)
    return "" if value is None else str(value).strip()
