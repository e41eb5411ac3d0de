import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.cohort.pseudonyms import is_pseudonym, pseudonym_of

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


@pytest.mark.parametrize("text", ["", "Doe^Jane", "a b", "-x", "x" * 33, "é"])
def test_what_may_be_a_name_is_no_pseudonym(text: str) -> None:
    assert not is_pseudonym(text)
