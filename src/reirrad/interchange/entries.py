"""What stands in the files that clinics hand in, row by row, before it is believed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from reirrad.core.cohort.records import KINDS, SINGLE_KINDS
from reirrad.errors import InputError
from reirrad.interchange.columns import (
    INSTANCE,
    INSTRUMENT,
    NUMBER,
    PATIENT_ID,
    RECORD_ID,
    columns_of,
)
from reirrad.interchange.redcap_codes import choice_of
from reirrad.interchange.spreadsheets import CHOICES, read_csv, read_sheets
from reirrad.interchange.templates import FIELDS

__all__ = ["Entry", "FileFault", "FoundEntries", "read_entries"]

Named = Literal["record_id", "patient_id"]
Row = Sequence[str]

SEPARATOR_NAMES = {",": "commas", ";": "semicolons", "\t": "tabulators"}
OF_REDCAP = frozenset(
    {
        "redcap_event_name",
        "redcap_data_access_group",
        "redcap_survey_identifier",
        *(f"{kind}_{end}" for kind in KINDS for end in ("complete", "timestamp")),
    }
)
"""Columns that REDCap adds to an export, and that say nothing of a patient."""
