import re

import pytest

from reirrad.core.cohort.fields import Field, fields_of
from reirrad.core.cohort.records import KINDS
from reirrad.interchange.columns import flat_header
from reirrad.interchange.redcap_codes import choice_of, redcap_code
from reirrad.interchange.redcap_dictionary import DICTIONARY_HEADER, dictionary_rows

CHOICES = [
    field
    for kind in KINDS.values()
    for field in fields_of(kind)
    if field.type == "choice"
]


def said() -> dict[str, dict[str, object]]:
    header, *rows = dictionary_rows()
    return {str(row[0]): dict(zip(map(str, header), row, strict=True)) for row in rows}


def test_the_header_is_that_of_redcap() -> None:
    assert len(DICTIONARY_HEADER) == 18
    assert tuple(dictionary_rows()[0]) == DICTIONARY_HEADER


def test_every_column_of_the_flat_table_is_a_field_of_the_dictionary() -> None:
    own = {"redcap_repeat_instrument", "redcap_repeat_instance"}

    assert list(said()) == [name for name in flat_header() if name not in own]


def test_names_are_those_that_redcap_allows() -> None:
    for name, row in said().items():
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,99}", name)
        assert re.fullmatch(r"[a-z][a-z0-9_]*", str(row["Form Name"]))
        assert row["Field Label"]


@pytest.mark.parametrize("field", CHOICES, ids=lambda field: field.name)
def test_codes_are_those_that_redcap_allows_and_tell_the_choice(field: Field) -> None:
    codes = [redcap_code(choice) for choice in field.choices]

    assert all(re.fullmatch(r"[A-Za-z0-9_]+", code) for code in codes)
    assert [choice_of(field, code) for code in codes] == list(field.choices)
    assert [choice_of(field, choice) for choice in field.choices] == list(field.choices)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("course_start_date", {"Field Type": "text", "Required Field?": "y"}),
        (
            "course_start_date",
            {"Text Validation Type OR Show Slider Number": "date_ymd"},
        ),
        ("course_reirradiation", {"Field Type": "yesno"}),
        (
            "toxicity_grade",
            {
                "Text Validation Type OR Show Slider Number": "integer",
                "Text Validation Min": "1",
                "Text Validation Max": "5",
            },
        ),
        ("lesion_dose_gy", {"Field Note": "in Gy", "Required Field?": ""}),
        ("lesion_course", {"Field Note": "Instance number of the course"}),
        ("toxicity_term", {"Field Type": "dropdown"}),
        (
            "overlap_resbrt_type",
            {
                "Choices, Calculations, OR Slider Labels": "1A, 1A | 1B, 1B | 2, 2 | "
                "1B_star, 1B* | undetermined, undetermined"
            },
        ),
    ],
)
def test_a_field_is_declared_as_redcap_wants_it(
    name: str, expected: dict[str, str]
) -> None:
    assert expected.items() <= said()[name].items()
