"""Replacements by a key."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from reirrad.dicom.deidentification.pseudonyms import Pseudonyms

ONE = Pseudonyms(bytes(32))
OTHER = Pseudonyms(bytes([1]) * 32)


@given(st.from_regex(r"[1-9][0-9]{0,8}(\.[1-9][0-9]{0,8}){1,6}", fullmatch=True))
def test_a_uid_is_replaced_by_another_valid_one(uid: str) -> None:
    replaced = ONE.uid(uid)

    assert UID(replaced).is_valid
    assert len(replaced) <= 64
    assert uid != replaced
    assert replaced == ONE.uid(uid)
    assert replaced != OTHER.uid(uid)


@pytest.mark.parametrize("uid", ["", CTImageStorage, ExplicitVRLittleEndian])
def test_what_the_standard_defines_stays(uid: str) -> None:
    assert ONE.uid(uid) == uid


def test_a_uid_that_only_looks_like_one_of_the_standard_is_replaced() -> None:
    assert ONE.uid("1.2.840.10008.1.2.1.19501224") != "1.2.840.10008.1.2.1.19501224"


@given(st.text(min_size=1, max_size=64))
def test_a_shift_is_within_its_limits_and_depends_on_patient_and_key(
    patient: str,
) -> None:
    shift = ONE.shift_days(patient, 400, 4000)

    assert 400 <= shift <= 4000
    assert shift == ONE.shift_days(patient, 400, 4000)


def test_shifts_of_many_patients_differ() -> None:
    shifts = {ONE.shift_days(str(n), 400, 4000) for n in range(200)}

    assert len(shifts) > 180
    assert ONE.shift_days("a", 400, 4000) != OTHER.shift_days("a", 400, 4000)


def test_replaced_texts_fit_and_stay_equal_where_they_named_the_same() -> None:
    assert re.fullmatch(r"CLEANED_[A-Z2-7]{8}", ONE.text("PTV Smith"))
    assert ONE.text("PTV Smith") == ONE.text(" ptv smith")
    assert ONE.text("PTV Smith") != ONE.text("PTV Smyth")
    assert ONE.text("PTV Smith") != OTHER.text("PTV Smith")


def test_patient_ids_depend_on_the_key() -> None:
    assert re.fullmatch(r"ANON[A-Z2-7]{12}", ONE.patient_id("phantom-1"))
    assert ONE.patient_id("phantom-1") != OTHER.patient_id("phantom-1")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes, found 3"):
        Pseudonyms(b"abc")
