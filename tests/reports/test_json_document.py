import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from reirrad.core.assessment import Assessment
from reirrad.reports.json_document import assessment_json, schema
from tests.reports.specimens import (
    single_course,
    three_courses,
    two_courses,
    undetermined,
)

SPECIMENS = [two_courses, three_courses, single_course, undetermined]
Document = dict[str, Any]


def document(assessment: Assessment) -> Document:
    loaded: Document = json.loads(assessment_json(assessment))
    return loaded


def with_translation(value: float) -> Assessment:
    assessment = two_courses()
    (registration,) = assessment.registrations
    quality = replace(registration.quality, translation_mm=value)
    return replace(assessment, registrations=(replace(registration, quality=quality),))


def written_translation(value: float) -> float | None:
    quality = document(with_translation(value))["registrations"][0]["quality"]
    found: float | None = quality["translation_mm"]
    return found


def test_the_schema_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("specimen", SPECIMENS)
def test_every_specimen_satisfies_the_schema(
    specimen: Callable[[], Assessment],
) -> None:
    Draft202012Validator(schema()).validate(document(specimen()))


def test_the_same_assessment_gives_the_same_text() -> None:
    assert assessment_json(two_courses()) == assessment_json(two_courses())


def test_inputs_stand_in_the_order_of_their_paths() -> None:
    assessment = two_courses()
    reversed_inputs = replace(assessment, inputs=assessment.inputs[::-1])
    assert assessment_json(reversed_inputs) == assessment_json(assessment)


def test_the_text_ends_with_one_newline_and_keeps_letters() -> None:
    text = assessment_json(two_courses())
    assert text.endswith("}\n")
    assert "Żółć^Maëlle" in text


def test_top_level_keys_stand_in_the_order_of_the_contract() -> None:
    contract = [
        "schema_version",
        "created",
        "software",
        "inputs",
        "patient",
        "courses",
        "reference_course",
        "registrations",
        "pairs",
        "structures",
        "constraints",
        "findings",
    ]
    keys = [key for key in document(two_courses()) if key in contract]
    assert keys == contract


def test_pictures_and_curves_are_left_out() -> None:
    written = document(two_courses())
    assert "views" not in written
    assert all("curves" not in structure for structure in written["structures"])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_null(value: float) -> None:
    assert written_translation(value) is None


def test_whole_numbers_are_never_rounded() -> None:
    assert written_translation(123456789.0) == 123456789.0


def test_other_numbers_carry_six_digits() -> None:
    assert written_translation(12.3456789) == 12.3457


def test_minus_zero_is_written_as_zero() -> None:
    assert math.copysign(1.0, written_translation(-0.0) or 0.0) == 1.0
    assert '"translation_mm": 0.0' in assessment_json(with_translation(-0.0))


def test_numpy_numbers_are_written_as_numbers() -> None:
    assert written_translation(np.float32(0.5)) == 0.5  # type: ignore[arg-type]
    assert written_translation(np.int64(3)) == 3  # type: ignore[arg-type]


@given(st.floats(min_value=1e-6, max_value=1e6))
@settings(max_examples=50)  # each writes a whole document
def test_rounding_changes_a_number_by_less_than_its_sixth_digit(value: float) -> None:
    written = written_translation(value)
    assert written == pytest.approx(value, rel=5.001e-6)


def test_something_that_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no place"):
        assessment_json(replace(two_courses(), assumptions=(object(),)))  # type: ignore[arg-type]


def change(path: str, value: object) -> Callable[[Document], None]:
    """Set what a dotted path names; numbers are list positions."""

    def broken(written: Document) -> None:
        *way, last = path.split("/")
        place: Any = written
        for step in way:
            place = place[int(step)] if step.isdecimal() else place[step]
        place[int(last) if last.isdecimal() else last] = value

    return broken


def without(path: str) -> Callable[[Document], None]:
    def broken(written: Document) -> None:
        *way, last = path.split("/")
        place: Any = written
        for step in way:
            place = place[int(step)] if step.isdecimal() else place[step]
        del place[last]

    return broken


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(change("schema_version", "2"), id="other version"),
        pytest.param(change("created", "yesterday"), id="no time"),
        pytest.param(without("patient"), id="no patient"),
        pytest.param(without("pairs/0/overlap/50%"), id="half an overlap"),
        pytest.param(
            change("pairs/0/classification/resbrt_type", "1C"), id="unknown type"
        ),
        pytest.param(
            change("pairs/0/classification/estro_eortc", "Type 1"), id="other case"
        ),
        pytest.param(change("pairs/0/overlap/2Gy/organ_cc", "12"), id="text volume"),
        pytest.param(change("pairs/0/overlap/2Gy/organ_cc", -1), id="below zero"),
        pytest.param(change("pairs/0/interval_days", 1.5), id="half a day"),
        pytest.param(change("courses", []), id="no course"),
        pytest.param(change("courses/0/number", 0), id="course zero"),
        pytest.param(
            change("courses/0/prescription/dose_gy", None), id="no prescription"
        ),
        pytest.param(change("courses/0/start_date", "20240212"), id="DICOM date"),
        pytest.param(change("registrations/0/method", "magic"), id="unknown method"),
        pytest.param(change("registrations/0/matrix", [[1, 0], [0, 1]]), id="matrix"),
        pytest.param(change("registrations/0/verdict", "ok"), id="unknown verdict"),
        pytest.param(
            without("structures/0/courses/0/eqd2/Mean[Gy]"), id="no mean dose"
        ),
        pytest.param(
            change("structures/0/cumulative/eqd2/Mean", 1.0), id="metric without unit"
        ),
        pytest.param(change("structures/0/alpha_beta_gy", 0), id="ratio of zero"),
        pytest.param(change("constraints/0/verdict", "failed"), id="other verdict"),
        pytest.param(change("constraints/0/value", None), id="met without a value"),
        pytest.param(change("constraints/0/scope", "both"), id="unknown scope"),
        pytest.param(change("constraints/0/relation", "about"), id="unknown relation"),
        pytest.param(change("constraints/0/verification", "sure"), id="verification"),
        pytest.param(change("findings/0/severity", "fatal"), id="unknown severity"),
        pytest.param(change("inputs/0/sha256", "abc"), id="short hash"),
        pytest.param(change("inputs/0/status", "skipped"), id="unknown status"),
    ],
)
def test_a_broken_document_is_refused(broken: Callable[[Document], None]) -> None:
    written = document(two_courses())
    broken(written)
    with pytest.raises(ValidationError):
        Draft202012Validator(schema()).validate(written)


def test_further_keys_are_allowed() -> None:
    written = document(two_courses())
    written["courses"][0]["remark"] = "seen"
    Draft202012Validator(schema()).validate(written)
