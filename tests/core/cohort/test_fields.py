import re
from dataclasses import fields

import pytest

from reirrad.core.cohort.fields import Field, fields_of
from reirrad.core.cohort.records import KINDS

KIND_AND_FIELD = [
    pytest.param(field, id=f"{kind}_{field.name}")
    for kind, record in KINDS.items()
    for field in fields_of(record)
]


def test_types_of_a_course_are_read_from_its_annotations() -> None:
    by_name = {field.name: field for field in fields_of(KINDS["course"])}

    assert (by_name["start_date"].type, by_name["start_date"].required) == (
        "date",
        True,
    )
    assert by_name["end_date"].required is False
    assert by_name["reirradiation"].type == "yes or no"
    assert by_name["ecog"].type == "whole number"
    assert by_name["cine_frames_per_s"].type == "number"
    assert by_name["technique"].choices[0] == "mr_guided"


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_is_required_where_a_record_is_impossible_without_it(
    kind: str,
) -> None:
    record = KINDS[kind]
    may_be_unknown = {one.name: one.default is None for one in fields(record)}
    for field in fields_of(record):
        assert field.required != may_be_unknown[field.name], field.name


@pytest.mark.parametrize("field", KIND_AND_FIELD)
def test_every_field_has_words_and_limits_that_fit_its_type(field: Field) -> None:
    assert field.about.label
    assert (field.type == "choice") == bool(field.choices)
    if field.type not in {"number", "whole number"}:
        assert field.about.minimum is field.about.maximum is None
    re.compile(field.about.pattern)


@pytest.mark.parametrize("field", KIND_AND_FIELD)
def test_no_field_takes_free_text(field: Field) -> None:
    assert "note" not in field.name
    assert "name" not in field.name
