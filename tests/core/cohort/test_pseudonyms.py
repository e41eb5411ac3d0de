import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.cohort.pseudonyms import (
    fingerprint_of,
    is_key_made,
    is_pseudonym,
    pseudonym_of,
)

KEY = bytes(range(32))
OTHER_KEY = bytes(32)


@given(st.text(min_size=1))
def test_a_pseudonym_may_stand_for_a_patient(patient_id: str) -> None:
    assert is_pseudonym(pseudonym_of(patient_id, KEY))


def test_a_pseudonym_is_the_same_for_the_same_patient_and_key_alone() -> None:
    assert pseudonym_of("4711", KEY) == pseudonym_of(" 4711 ", KEY)
    assert pseudonym_of("AB12", KEY) == pseudonym_of("ab12", KEY)
    assert pseudonym_of("4711", KEY) != pseudonym_of("4712", KEY)
    assert pseudonym_of("4711", KEY) != pseudonym_of("4711", OTHER_KEY)


def test_the_pseudonym_never_changes_between_versions() -> None:
    assert pseudonym_of("4711", KEY) == "PNVC3P6EGFW6N"


def test_marks_in_an_id_count_as_they_always_did() -> None:
    """Another reading would make new patients of those in a registry."""
    assert pseudonym_of("a^1", KEY) == pseudonym_of("A 1", KEY)
    assert pseudonym_of("M\u00fcller1", KEY) != pseudonym_of("Mu\u0308ller1", KEY)
    assert pseudonym_of("00123", KEY) != pseudonym_of("123", KEY)


@pytest.mark.parametrize("text", ["", "Doe^Jane", "a b", "-x", "x" * 33, "é"])
def test_what_may_be_a_name_is_no_pseudonym(text: str) -> None:
    assert not is_pseudonym(text)


def test_a_fingerprint_tells_keys_apart_and_is_not_the_key() -> None:
    one, other = fingerprint_of(KEY), fingerprint_of(bytes(32))
    assert one != other
    assert len(one) == 64
    assert KEY.hex() not in one


def test_a_pseudonym_that_a_key_made_is_told_by_its_form() -> None:
    assert is_key_made(pseudonym_of("4711", KEY))


@pytest.mark.parametrize("text", ["P1", "12345678", "PABCDEFGH2341", "pabcdefgh2345"])
def test_other_pseudonyms_are_not_taken_for_made_by_a_key(text: str) -> None:
    assert not is_key_made(text)
