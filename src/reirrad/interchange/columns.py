"""Names of the columns in which records are exchanged."""

from functools import cache

from reirrad.core.cohort.fields import Field, fields_of
from reirrad.core.cohort.records import KINDS, SINGLE_KINDS

__all__ = [
    "INSTANCE",
    "INSTRUMENT",
    "NUMBER",
    "PATIENT_ID",
    "RECORD_ID",
    "column_of",
    "columns_of",
    "flat_header",
    "sheet_header",
]

RECORD_ID = "record_id"
"""The pseudonym."""
PATIENT_ID = "patient_id"
"""The Patient ID of the clinic; it stands in files that are read, never in others."""
INSTRUMENT = "redcap_repeat_instrument"
INSTANCE = "redcap_repeat_instance"
NUMBER = "number"


def column_of(kind: str, field: str) -> str:
    """Name of a field in files: ``course_start_date``."""
    return f"{kind}_{field}"


@cache
def columns_of(kind: str) -> dict[str, Field]:
    """Fields of a kind by the names of their columns."""
    return {column_of(kind, field.name): field for field in fields_of(KINDS[kind])}


def flat_header() -> list[str]:
    """Columns of the table that holds all kinds, as REDCap exports and imports it."""
    return [
        RECORD_ID,
        INSTRUMENT,
        INSTANCE,
        *(column for kind in KINDS for column in columns_of(kind)),
    ]


def sheet_header(kind: str) -> list[str]:
    """Columns of the sheet of one kind."""
    number = [] if kind in SINGLE_KINDS else [NUMBER]
    return [RECORD_ID, *number, *columns_of(kind)]
