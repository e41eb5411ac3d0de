"""Empty tables to be filled in, and the list of what may stand in them."""

from collections.abc import Sequence

from reirrad.core.cohort.field_values import allowed_words
from reirrad.core.cohort.records import KINDS, SINGLE_KINDS
from reirrad.interchange.columns import (
    NUMBER,
    RECORD_ID,
    columns_of,
    flat_header,
    sheet_header,
)
from reirrad.interchange.spreadsheets import Cell, Rows

__all__ = ["FIELDS", "flat_template", "template_drop_downs", "template_sheets"]

FIELDS = "fields"
"""The sheet that explains the others."""

MADE_BY_THE_PROGRAM = ("limit", "assessment")
PSEUDONYM = (
    "Pseudonym that the registry knows; or the column patient_id with the clinic's "
    "Patient ID, which is replaced by a pseudonym when it is read"
)
PEOPLE_FILL_IN = tuple(kind for kind in KINDS if kind not in MADE_BY_THE_PROGRAM)


def flat_template() -> Rows:
    """The header of the table that holds all kinds."""
    return [flat_header()]


def template_sheets() -> dict[str, Rows]:
    """A sheet for each kind that people fill in, and one that explains the columns."""
    sheets: dict[str, Rows] = {kind: [sheet_header(kind)] for kind in PEOPLE_FILL_IN}
    return {FIELDS: _explanation(), **sheets}


def template_drop_downs() -> dict[str, dict[int, Sequence[str]]]:
    """What may be chosen in the columns of the sheets."""
    return {kind: _drop_downs(kind) for kind in PEOPLE_FILL_IN}


def _drop_downs(kind: str) -> dict[int, Sequence[str]]:
    header = sheet_header(kind)
    lists: dict[int, Sequence[str]] = {}
    for column, field in columns_of(kind).items():
        if field.type == "choice":
            lists[header.index(column)] = field.choices
        elif field.type == "yes or no":
            lists[header.index(column)] = ("yes", "no")
    return lists


def _explanation() -> Rows:
    rows: list[list[Cell]] = [
        ["sheet", "column", "meaning", "unit", "what may stand there", "required"]
    ]
    for kind in PEOPLE_FILL_IN:
        rows.append(
            [
                kind,
                RECORD_ID,
                PSEUDONYM,
                "",
                "letters, digits, - and _, at most 32",
                "yes",
            ]
        )
        if kind not in SINGLE_KINDS:
            rows.append(
                [
                    kind,
                    NUMBER,
                    f"Which {kind} of the patient; others refer to it by this number",
                    "",
                    "a whole number of 1 or more",
                    "yes",
                ]
            )
        rows += [
            [
                kind,
                column,
                field.about.label,
                field.about.unit,
                allowed_words(field),
                "yes" if field.required else "",
            ]
            for column, field in columns_of(kind).items()
        ]
    return rows
