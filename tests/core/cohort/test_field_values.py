from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.cohort.clinical_records import Laboratory, Patient, Toxicity
from reirrad.core.cohort.dose_records import AssessmentRecord, OrganDose
from reirrad.core.cohort.field_values import (
    FieldValue,
    NotAllowed,
    allowed_words,
    text_of,
    value_of,
)
from reirrad.core.cohort.fields import Field, fields_of
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import KINDS
from tests.core.cohort.strategies import field_values

ALL = [field for kind in KINDS.values() for field in fields_of(kind)]


def field_of(kind: type[Record], name: str) -> Field:
    return next(field for field in fields_of(kind) if field.name == name)


@given(data=st.data(), field=st.sampled_from(ALL))
def test_every_value_is_read_back_from_its_text(
    data: st.DataObject, field: Field
) -> None:
    value = data.draw(field_values(field))

    assert value_of(field, text_of(value)) == value


@pytest.mark.parametrize(
    ("kind", "name", "text", "value"),
    [
        (Patient, "birth_date", "1950-02-28", date(1950, 2, 28)),
        (Patient, "birth_date", "", None),
        (Patient, "histology_confirmed", "TRUE", True),
        (Patient, "histology_confirmed", "0", False),
        (Patient, "sex", "female", "female"),
        (Toxicity, "grade", "3.0", 3),
        (Laboratory, "value", ".5", 0.5),
        (Laboratory, "value", "1e3", 1000.0),
    ],
)
def test_what_people_and_programs_write_is_understood(
    kind: type[Record], name: str, text: str, value: FieldValue
) -> None:
    found = value_of(field_of(kind, name), text)

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "name", "text", "allowed"),
    [
        (Patient, "birth_date", "28.02.1950", "a date as YYYY-MM-DD, or nothing"),
        (Patient, "birth_date", "1950-02-30", "a date as YYYY-MM-DD, or nothing"),
        (Patient, "birth_date", "19500228", "a date as YYYY-MM-DD, or nothing"),
        (Patient, "sex", "Female", "one of female, male, other, or nothing"),
        (Patient, "histology_confirmed", "y", "yes or no, or nothing"),
        (Toxicity, "grade", "6", "a whole number from 1 to 5"),
        (Toxicity, "grade", "0", "a whole number from 1 to 5"),
        (Toxicity, "grade", "2.5", "a whole number from 1 to 5"),
        (Toxicity, "grade", "", "a whole number from 1 to 5"),
        (Laboratory, "value", "nan", "a number from 0 to 1000000"),
        (Laboratory, "value", "1_000", "a number from 0 to 1000000"),
        (Laboratory, "value", "٣", "a number from 0 to 1000000"),
        (Laboratory, "value", "-1", "a number from 0 to 1000000"),
        (Laboratory, "upper_normal", "-1", "a number of 0 or more, or nothing"),
        (OrganDose, "mean_gy", "901", "a number from 0 to 900 Gy, or nothing"),
        (AssessmentRecord, "sha256", "AB" * 32, "64 hexadecimal digits in lower case"),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_is(
    kind: type[Record], name: str, text: str, allowed: str
) -> None:
    assert value_of(field_of(kind, name), text) == NotAllowed(allowed)


@pytest.mark.parametrize("text", ["a\nb", "a\x07", "x" * 65, "a\u202eb"])
def test_a_text_with_what_is_not_printed_is_refused(text: str) -> None:
    assert isinstance(value_of(field_of(OrganDose, "organ"), text), NotAllowed)


@given(field=st.sampled_from(ALL))
def test_what_is_allowed_is_said_of_every_field(field: Field) -> None:
    words = allowed_words(field)

    assert words.endswith(", or nothing") != field.required
    assert all(choice in words for choice in field.choices)
