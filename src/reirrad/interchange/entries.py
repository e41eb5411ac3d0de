"""What stands in the files that clinics hand in, row by row, before it is believed.

A Patient ID is replaced by its pseudonym as it is read; nothing after this module, and
no message, ever holds one.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias

from openpyxl.utils import get_column_letter

from reirrad.core.cohort.pseudonyms import is_pseudonym
from reirrad.core.cohort.records import KINDS, SINGLE_KINDS
from reirrad.errors import InputError
from reirrad.interchange.columns import INSTRUMENT, PATIENT_ID, RECORD_ID
from reirrad.interchange.file_faults import FileFault
from reirrad.interchange.layout import Column, Layout, layout_faults, layout_of
from reirrad.interchange.redcap_codes import choice_of
from reirrad.interchange.sheet_reading import read_sheets
from reirrad.interchange.spreadsheets import CHOICES, read_csv
from reirrad.interchange.templates import FIELDS

__all__ = ["Entry", "FoundEntries", "read_entries"]

Pseudonym: TypeAlias = Callable[[str], str]
Row: TypeAlias = Sequence[str]
Found: TypeAlias = "Iterator[Entry | FileFault]"

SEPARATOR_NAMES = {",": "commas", ";": "semicolons", "\t": "tabulators"}
DECIMAL_COMMA = re.compile(r"([+-]?\d+),(\d+)", re.ASCII)
NUMBERS = frozenset({"number", "whole number"})
COUNTING = re.compile(r"0*([1-9]\d{0,8})(\.0+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as a file has it.

    Parameters
    ----------
    kind, patient, number
        Which record; the patient by the pseudonym.
    texts
        Text of each field that has a column; empty where the cell is.
    sheet, row
        Where it stands.
    whose
        Name of the column that tells the patient.
    is_implied
        Whether the row is for several kinds, and has nothing but empty cells for this
        one.
    """

    kind: str
    patient: str
    number: int
    texts: Mapping[str, str]
    sheet: str
    row: int
    whose: str
    is_implied: bool = False


@dataclass(frozen=True, slots=True)
class FoundEntries:
    """All records of a file, what cannot be read, and how the file was understood."""

    entries: tuple[Entry, ...]
    faults: tuple[FileFault, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of a table, and whose it is."""

    layout: Layout
    row: int
    cells: tuple[str, ...]
    patient: str
    decimal_comma: bool
    no_point: bool

    def cell(self, name: str) -> str:
        keys = self.layout.keys
        return self.cells[keys[name]] if name in keys else ""

    def fault(self, column: str, problem: str, allowed: str) -> FileFault:
        header = self.layout.header
        return FileFault(
            sheet=self.layout.sheet,
            row=self.row,
            column=column,
            value=self.cells[header.index(column)] if column in header else "",
            problem=problem,
            allowed=allowed,
            patient=self.patient,
        )


def read_entries(file: Path, pseudonym: Pseudonym) -> FoundEntries:
    """Read a CSV file in REDCap's layout, or an XLSX file with a sheet for each kind.

    Parameters
    ----------
    file
        The file; its name ends with .csv or .xlsx.
    pseudonym
        Pseudonym of a Patient ID; asked where a table has the column ``patient_id``.

    Raises
    ------
    InputError
        If the file cannot be read, or has nothing in it.
    """
    ending = file.suffix.lower()
    if ending not in {".csv", ".xlsx"}:
        msg = f"{file}: records are read from .csv and .xlsx files. Give one of these."
        raise InputError(msg)
    if ending == ".csv":
        tables, separator = _tables(file)
    else:
        tables = read_sheets(file, text_columns=(RECORD_ID, PATIENT_ID))
        separator = ""
    comma = separator == ";"
    found: list[Entry | FileFault] = []
    for sheet, rows in tables.items():
        found += _read_table(sheet, rows, pseudonym, decimal_comma=comma)
    if not found:
        msg = f"{file}: there is no record in it. Fill in at least one row."
        raise InputError(msg)
    return FoundEntries(
        tuple(one for one in found if isinstance(one, Entry)),
        tuple(one for one in found if isinstance(one, FileFault)),
        (*_notes(separator), *_mixed(found)),
    )


def _tables(file: Path) -> tuple[dict[str, tuple[tuple[str, ...], ...]], str]:
    table = read_csv(file)
    return {"": table.rows}, table.separator


def _notes(separator: str) -> Iterator[str]:
    if separator:
        yield f"Cells are separated by {SEPARATOR_NAMES[separator]}."
    if separator == ";":
        yield "A comma in a number is taken for the decimal point."


def _mixed(found: Sequence[Entry | FileFault]) -> Iterator[str]:
    """Say where sheets of one file tell their patients in different ways."""
    sheets: dict[str, dict[str, None]] = {RECORD_ID: {}, PATIENT_ID: {}}
    for one in found:
        if isinstance(one, Entry):
            sheets[one.whose][one.sheet] = None
    if all(sheets.values()):
        said = [f"{', '.join(names)} by {whose}" for whose, names in sheets.items()]
        yield (
            f"Sheets tell patients in two ways: {'; '.join(said)}. A pseudonym and a "
            f"Patient ID that look the same are two patients."
        )


def _read_table(
    sheet: str, rows: Sequence[Row], pseudonym: Pseudonym, *, decimal_comma: bool
) -> Found:
    if not any(map(any, rows)) or sheet in {FIELDS, CHOICES}:
        return
    layout = layout_of(sheet, rows[0])
    if sheet and not layout.kind and INSTRUMENT not in layout.keys:
        yield _unknown_sheet(sheet)
        return
    faults = list(layout_faults(layout))
    yield from faults
    if any(fault.column in {layout.whose, layout.number} for fault in faults):
        return
    no_point = decimal_comma and _has_commas(layout, rows[1:])
    for number, row in enumerate(rows[1:], start=2):
        if any(row):
            cells = (*row, *[""] * (len(layout.header) - len(row)))
            patient = _patient(layout, cells, pseudonym)
            line = _Line(layout, number, cells, patient, decimal_comma, no_point)
            yield from _read_line(line) if patient else [_no_patient(line)]


def _unknown_sheet(sheet: str) -> FileFault:
    near = get_close_matches(sheet.lower(), KINDS, n=1)
    hint = f"{near[0]}, perhaps; " if near else ""
    return FileFault(
        sheet=sheet,
        row=0,
        problem="no kind of record has the name of this sheet",
        allowed=f"{hint}one of {', '.join(KINDS)}",
    )


def _read_line(line: _Line) -> Found:
    yield from _nameless_cells(line)
    kind = line.layout.kind or line.cell(INSTRUMENT)
    if kind and kind not in KINDS:
        allowed = f"one of {', '.join(KINDS)}"
        yield line.fault(INSTRUMENT, "no kind of record has this name", allowed)
        return
    kinds = (kind,) if kind else SINGLE_KINDS
    number = _number(line.cell(line.layout.number), kinds[0])
    if number is None:
        yield _no_number(line, kinds[0])
        return
    yield from _foreign_cells(line, kinds)
    yield from _points(line)
    for one in kinds:
        texts = _texts(line, one)
        if kind or one == SINGLE_KINDS[0] or texts:
            yield Entry(
                kind=one,
                patient=line.patient,
                number=number,
                texts=texts,
                sheet=line.layout.sheet,
                row=line.row,
                whose=line.layout.whose,
                is_implied=not kind
                and one != SINGLE_KINDS[0]
                and not any(texts.values()),
            )


def _nameless_cells(line: _Line) -> Iterator[FileFault]:
    """What stands in columns that have no name in the header."""
    header = line.layout.header
    places = [*line.layout.nameless, *range(len(header), len(line.cells))]
    for place in places:
        if line.cells[place]:
            fault = line.fault(
                "",
                f"stands in column {get_column_letter(place + 1)}, which has no name "
                f"in the header",
                "nothing there, or a name in the header; in CSV, a text with a comma "
                "in quotation marks",
            )
            yield replace(fault, value=line.cells[place])


def _foreign_cells(line: _Line, kinds: Sequence[str]) -> Iterator[FileFault]:
    """What stands in the columns of other kinds."""
    for column in line.layout.columns:
        if column.kind not in kinds and line.cells[column.index]:
            yield line.fault(
                column.name,
                f"the row is of kind {' and '.join(kinds)}",
                f"nothing, or {INSTRUMENT} {column.kind}",
            )


def _has_commas(layout: Layout, rows: Sequence[Row]) -> bool:
    """Whether any number of a table has a comma in it."""
    places = [one.index for one in layout.columns if one.field.type in NUMBERS]
    return any("," in row[i] for row in rows for i in places if i < len(row))


def _points(line: _Line) -> Iterator[FileFault]:
    """Numbers with a point where commas are the decimal points.

    The point may part the thousands: 1.294 may be 1294.
    """
    for column in line.layout.columns:
        is_number = column.field.type in NUMBERS
        if line.no_point and is_number and "." in line.cells[column.index]:
            yield line.fault(
                column.name,
                "has a point, while other numbers of this file have a decimal comma, "
                "so that the point may part the thousands",
                "a decimal comma as in the other numbers, and nothing between the "
                "thousands",
            )


def _patient(layout: Layout, cells: Row, pseudonym: Pseudonym) -> str:
    """Pseudonym of the patient, empty where none can be told."""
    text = cells[layout.keys[layout.whose]]
    if layout.whose == PATIENT_ID:
        return pseudonym(text) if text and text.isprintable() else ""
    return text if is_pseudonym(text) else ""


def _no_patient(line: _Line) -> FileFault:
    if line.cell(PATIENT_ID):
        problem = "a character of the Patient ID cannot be seen"
        allowed = "the Patient ID of the clinic, typed in again"
    elif line.layout.whose == PATIENT_ID:
        problem, allowed = "the Patient ID is missing", "the Patient ID of the clinic"
    else:
        problem = "no pseudonym stands there"
        allowed = (
            "letters, digits, - and _, at most 32; for the clinic's Patient ID call "
            "the column patient_id"
        )
    fault = line.fault(line.layout.whose, problem, allowed)
    return replace(fault, value="")


def _number(text: str, kind: str) -> int | None:
    """Number of the record; None where it cannot be told."""
    if kind in SINGLE_KINDS:
        return 1 if text in {"", "1"} else None
    found = COUNTING.fullmatch(text)
    return int(found[1]) if found else None


def _no_number(line: _Line, kind: str) -> FileFault:
    if kind in SINGLE_KINDS:
        problem, allowed = f"a patient has one record of kind {kind}", "nothing"
    else:
        problem = f"must tell which {kind} of the patient this is"
        allowed = "a whole number of 1 or more"
    return line.fault(line.layout.number, problem, allowed)


def _texts(line: _Line, kind: str) -> dict[str, str]:
    return {
        column.field.name: _plain(column, line)
        for column in line.layout.columns
        if column.kind == kind
    }


def _plain(column: Column, line: _Line) -> str:
    text = line.cells[column.index]
    if column.field.type == "choice":
        return choice_of(column.field, text)
    if line.decimal_comma and column.field.type == "number":
        found = DECIMAL_COMMA.fullmatch(text)
        return f"{found[1]}.{found[2]}" if found else text
    return text
