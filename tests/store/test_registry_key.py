import pytest

from reirrad.core.cohort.clinical_records import Patient
from reirrad.core.cohort.pseudonyms import fingerprint_of, pseudonym_of
from reirrad.errors import StoreError
from reirrad.store.database import Store
from reirrad.store.registry import put_records, remove_records
from reirrad.store.registry_key import KeptKey, keep_key, kept_key
from reirrad.store.trail import events, verify_trail

KEY = bytes(range(32))
ONE, OTHER = fingerprint_of(KEY), fingerprint_of(bytes(32))


def test_a_registry_knows_of_no_key_at_first(store: Store) -> None:
    put_records(store, [Patient(patient="P1")], who="anna", reason="import")
    assert kept_key(store) == KeptKey(fingerprint=None, made_pseudonyms=False)


def test_one_key_is_kept_for_ever(store: Store) -> None:
    keep_key(store, ONE, who="anna")
    keep_key(store, ONE, who="paul")
    with pytest.raises(StoreError, match="made with another key"):
        keep_key(store, OTHER, who="paul")
    assert kept_key(store).fingerprint == ONE
    assert [(one.who, one.action) for one in events(store, None)] == [
        ("anna", "registry key kept")
    ]
    assert verify_trail(store) == []


def test_pseudonyms_that_a_key_made_are_known_after_their_removal(
    store: Store,
) -> None:
    patient = pseudonym_of("4711", KEY)
    put_records(store, [Patient(patient=patient)], who="anna", reason="import")
    remove_records(store, [("patient", patient, 1)], who="anna", reason="mistake")
    assert kept_key(store) == KeptKey(fingerprint=None, made_pseudonyms=True)
