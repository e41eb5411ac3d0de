"""The data dictionary by which a REDCap project collects the records of the registry.

Columns and field types are those of REDCap's data dictionary upload. Kinds other than
patient and followup have to be set as repeating instruments in the project.
"""

from collections.abc import Iterator

from reirrad.core.cohort.checks_references import REFERENCES
from reirrad.core.cohort.fields import Field, FieldType
from reirrad.core.cohort.records import KINDS
from reirrad.interchange.columns import RECORD_ID, columns_of
from reirrad.interchange.redcap_codes import redcap_code
from reirrad.interchange.spreadsheets import Cell, Rows

__all__ = ["DICTIONARY_HEADER", "dictionary_rows"]

DICTIONARY_HEADER = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
VALIDATION: dict[FieldType, str] = {
    "date": "date_ymd",
    "number": "number",
    "whole number": "integer",
}
MOST_RADIO_BUTTONS = 8
"""Longer lists are drop-downs."""


def dictionary_rows() -> Rows:
    """Header and one row for each field, the pseudonym first."""
    first = dict.fromkeys(DICTIONARY_HEADER, "") | {
        "Variable / Field Name": RECORD_ID,
        "Form Name": next(iter(KINDS)),
        "Field Type": "text",
        "Field Label": "Pseudonym",
        "Field Note": "Letters, digits, - and _; never a name or a Patient ID",
    }
    return [DICTIONARY_HEADER, list(first.values()), *_field_rows()]


def _field_rows() -> Iterator[list[Cell]]:
    for kind in KINDS:
        for column, field in columns_of(kind).items():
            about = field.about
            said: dict[str, Cell] = dict.fromkeys(DICTIONARY_HEADER, "")
            said |= {
                "Variable / Field Name": column,
                "Form Name": kind,
                "Field Type": _type(field),
                "Field Label": about.label,
                "Choices, Calculations, OR Slider Labels": _choices(field),
                "Field Note": _note(kind, field),
                "Text Validation Type OR Show Slider Number": VALIDATION.get(
                    field.type, ""
                ),
                "Text Validation Min": _limit(about.minimum),
                "Text Validation Max": _limit(about.maximum),
                "Identifier?": "y" if field.type == "date" else "",
                "Required Field?": "y" if field.required else "",
            }
            yield list(said.values())


def _note(kind: str, field: Field) -> str:
    targets = [to for one, name, to in REFERENCES if (one, name) == (kind, field.name)]
    if targets:
        return f"Instance number of the {targets[0]}"
    return f"in {field.about.unit}" if field.about.unit else ""


def _type(field: Field) -> str:
    if field.type == "yes or no":
        return "yesno"
    if field.type != "choice":
        return "text"
    return "radio" if len(field.choices) <= MOST_RADIO_BUTTONS else "dropdown"


def _choices(field: Field) -> str:
    return " | ".join(
        f"{redcap_code(choice)}, {choice.replace('_', ' ')}" for choice in field.choices
    )


def _limit(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"
