"""Records as tables: all kinds in one, as REDCap has them, or a sheet for each kind."""

from datetime import date

from reirrad.core.cohort.field_values import FieldValue, text_of
from reirrad.core.cohort.fields import Field
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS, SINGLE_KINDS, Cohort
from reirrad.interchange.columns import columns_of, flat_header, sheet_header
from reirrad.interchange.redcap_codes import redcap_code
from reirrad.interchange.spreadsheets import Cell, Rows

__all__ = ["flat_rows", "record_sheets"]


def flat_rows(cohort: Cohort) -> Rows:
    """All records in one table that REDCap can import.

    Yes is 1, no is 0, and choices are REDCap codes. What is known of the patient and of
    the last contact stands in one row; every other record has a row of its own. A last
    contact of which nothing is known leaves no trace.

    Returns
    -------
    sequence of sequences
        Header and rows, patient after patient.
    """
    header = flat_header()
    place = {column: index for index, column in enumerate(header)}
    rows: dict[tuple[str, int, int], list[Cell]] = {}
    for position, kind in enumerate(KINDS):
        repeats = kind not in SINGLE_KINDS
        for record in getattr(cohort, kind):
            key = (record.patient, position if repeats else 0, record.number)
            row = rows.setdefault(key, [record.patient, *[None] * (len(header) - 1)])
            if repeats:
                row[1:3] = [kind, record.number]
            for column, field in columns_of(kind).items():
                row[place[column]] = _redcap_cell(field, getattr(record, field.name))
    return [header, *(rows[key] for key in sorted(rows))]


def _redcap_cell(field: Field, value: FieldValue) -> Cell:
    if isinstance(value, bool):
        return int(value)
    if field.type == "choice" and isinstance(value, str):
        return redcap_code(value)
    return _cell(value)


def _cell(value: FieldValue) -> Cell:
    if isinstance(value, bool | date):
        return text_of(value)
    return value


def record_sheets(cohort: Cohort) -> dict[str, Rows]:
    """A table of each kind that has records, by its name, for people to read."""
    return {
        kind: [sheet_header(kind), *(_sheet_row(kind, one) for one in records)]
        for kind in KINDS
        if (records := getattr(cohort, kind))
    }


def _sheet_row(kind: str, record: Record) -> list[Cell]:
    values = [_cell(getattr(record, field.name)) for field in columns_of(kind).values()]
    number = [] if kind in SINGLE_KINDS else [record.number]
    return [record.patient, *number, *values]
