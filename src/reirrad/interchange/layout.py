"""Which column of a table holds what, and which columns hold nothing known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from reirrad.core.cohort.fields import Field
from reirrad.core.cohort.records import KINDS, SINGLE_KINDS
from reirrad.interchange.columns import (
    INSTANCE,
    INSTRUMENT,
    NUMBER,
    PATIENT_ID,
    RECORD_ID,
    columns_of,
)
from reirrad.interchange.file_faults import FileFault

__all__ = ["Column", "Layout", "layout_faults", "layout_of"]

OF_REDCAP = frozenset(
    {
        "redcap_data_access_group",
        "redcap_survey_identifier",
        *(f"{kind}_{end}" for kind in KINDS for end in ("complete", "timestamp")),
    }
)
"""Columns that REDCap adds to an export, and that say nothing of a patient."""
EVENT = "redcap_event_name"
"""Column of a REDCap project with events."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that holds a field.

    Parameters
    ----------
    name
        Its name in the header.
    index
        Its place, from 0.
    kind, field
        Which field of which kind.
    """

    name: str
    index: int
    kind: str
    field: Field


@dataclass(frozen=True, slots=True)
class Layout:
    """What the columns of a table hold.

    Parameters
    ----------
    sheet
        Its sheet; empty for CSV.
    kind
        The one kind of all rows; empty where each row tells its kind.
    header
        Names of the columns.
    keys
        Place of the columns that tell whose record a row is, and which.
    columns
        Columns that hold fields.
    """

    sheet: str
    kind: str
    header: tuple[str, ...]
    keys: Mapping[str, int]
    columns: tuple[Column, ...]

    @property
    def number(self) -> str:
        """Name of the column with the number of the record."""
        return NUMBER if self.kind else INSTANCE

    @property
    def nameless(self) -> tuple[int, ...]:
        """Places of columns without a name."""
        return tuple(place for place, name in enumerate(self.header) if not name)

    @property
    def whose(self) -> str:
        """Name of the column that tells the patient."""
        return PATIENT_ID if PATIENT_ID in self.keys else RECORD_ID


def layout_of(sheet: str, header: Sequence[str]) -> Layout:
    """What the columns of a sheet of one kind, or of a table of all kinds, hold.

    Parameters
    ----------
    sheet
        Name of the sheet; empty for CSV.
    header
        Its first row.
    """
    kind = sheet if sheet in KINDS and INSTRUMENT not in header else ""
    place = {name: index for index, name in reversed(list(enumerate(header)))}
    columns = tuple(
        Column(name, place[name], one, field)
        for one in ([kind] if kind else KINDS)
        for name, field in columns_of(one).items()
        if name in place
    )
    keys = {name: place[name] for name in _key_names(kind) if name in place}
    return Layout(sheet, kind, tuple(header), keys, columns)


def _key_names(kind: str) -> tuple[str, ...]:
    if not kind:
        return (RECORD_ID, PATIENT_ID, INSTRUMENT, INSTANCE)
    own = () if kind in SINGLE_KINDS else (NUMBER,)
    return (RECORD_ID, PATIENT_ID, *own)


def layout_faults(layout: Layout) -> Iterator[FileFault]:
    """Columns that are missing, given twice or unknown."""
    known = {*layout.keys, *(column.name for column in layout.columns)}
    for index, name in enumerate(layout.header):
        if name in layout.header[:index] and name:
            yield _fault(layout, name, "this column is there twice", "once")
        elif name not in known and name not in OF_REDCAP and name:
            yield _unknown(layout, name)
    if RECORD_ID in layout.keys and PATIENT_ID in layout.keys:
        yield _fault(
            layout,
            PATIENT_ID,
            "the column record_id is there as well",
            "one of the two: the pseudonym, or the clinic's Patient ID",
        )
    for name in _needed(layout):
        raw = "; from REDCap, export raw data, no labels" if name == RECORD_ID else ""
        yield _fault(layout, name, "this column is missing", f"a column {name}{raw}")


def _needed(layout: Layout) -> Iterator[str]:
    if RECORD_ID not in layout.keys and PATIENT_ID not in layout.keys:
        yield RECORD_ID
    repeats = layout.kind and layout.kind not in SINGLE_KINDS
    if repeats and NUMBER not in layout.keys:
        yield NUMBER
    if INSTRUMENT in layout.keys and INSTANCE not in layout.keys:
        yield INSTANCE


def _unknown(layout: Layout, name: str) -> FileFault:
    if name == EVENT:
        return _fault(
            layout,
            name,
            "events of REDCap are not read: a number tells a record from others",
            "a project without events (not longitudinal), with repeating instruments",
        )
    kinds = [layout.kind] if layout.kind else list(KINDS)
    known = [*_key_names(layout.kind), *(c for kind in kinds for c in columns_of(kind))]
    near = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    allowed = f"{near[0]}, perhaps; see" if near else "see"
    return _fault(
        layout,
        name,
        "no column has this name",
        f"{allowed} `reirrad cohort template` for all",
    )


def _fault(layout: Layout, column: str, problem: str, allowed: str) -> FileFault:
    return FileFault(
        sheet=layout.sheet, row=1, column=column, problem=problem, allowed=allowed
    )
