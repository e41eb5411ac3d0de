import pytest

from reirrad.errors import StoreError
from reirrad.store.database import Store
from reirrad.store.people import (
    add_person,
    end_session,
    list_people,
    person,
    session,
    set_active,
    set_password_hash,
    start_session,
)
from reirrad.store.trail import events

LATER = "2999-01-01T00:00:00+00:00"
EARLIER = "2020-01-01T00:00:00+00:00"


def signed_in(store: Store, name: str, token_hash: str, expires: str = LATER) -> None:
    start_session(store, name, token_hash=token_hash, csrf="csrf", expires=expires)


def test_accounts_are_kept_by_name(store: Store) -> None:
    paul = add_person(store, "Paul", "physician", "hash-2")
    anna = add_person(store, "Anna", "physicist", "hash-1", by="admin")
    assert list_people(store) == [anna, paul]
    assert person(store, "Paul") == paul
    assert person(store, "paul") is None
    assert paul.active


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "An\nna"])
def test_a_name_is_printable_and_not_empty(store: Store, name: str) -> None:
    with pytest.raises(StoreError, match="printable letters"):
        add_person(store, name, "viewer", "hash")


def test_names_that_look_alike_are_refused(store: Store) -> None:
    add_person(store, "Anna", "viewer", "hash")
    for name in ("Anna", "ANNA", " anna "):
        with pytest.raises(StoreError, match="already"):
            add_person(store, name, "physician", "hash")
    assert len(list_people(store)) == 1


def test_who_is_signed_in(store: Store) -> None:
    add_person(store, "Anna", "physicist", "hash")
    signed_in(store, "Anna", "a" * 64)
    found = session(store, "a" * 64)
    assert found is not None
    assert (found.name, found.role, found.csrf) == ("Anna", "physicist", "csrf")
    assert session(store, "b" * 64) is None
    end_session(store, "a" * 64)
    end_session(store, "a" * 64)
    assert session(store, "a" * 64) is None
    actions = [event.action for event in events(store, None)]
    assert actions == ["person added", "signed in", "signed out"]


def test_a_session_expires(store: Store) -> None:
    add_person(store, "Anna", "physicist", "hash")
    signed_in(store, "Anna", "a" * 64, EARLIER)
    assert session(store, "a" * 64) is None


def test_all_sessions_of_an_account_end_together(store: Store) -> None:
    for name in ("Anna", "Paul"):
        add_person(store, name, "physicist", "hash")
        signed_in(store, name, name[0] * 64)
    set_password_hash(store, "Anna", "other")
    assert session(store, "A" * 64) is None
    assert session(store, "P" * 64) is not None


def test_an_account_that_is_locked_out_is_out(store: Store) -> None:
    add_person(store, "Anna", "physicist", "hash")
    signed_in(store, "Anna", "a" * 64)
    set_active(store, "Anna", active=False)
    assert session(store, "a" * 64) is None
    with pytest.raises(StoreError, match="no active account"):
        signed_in(store, "Anna", "b" * 64)
    set_active(store, "Anna", active=True)
    signed_in(store, "Anna", "c" * 64)
    assert session(store, "c" * 64) is not None


def test_a_new_password_ends_the_sessions(store: Store) -> None:
    add_person(store, "Anna", "physicist", "old")
    signed_in(store, "Anna", "a" * 64)
    set_password_hash(store, "Anna", "new", by="Anna")
    assert session(store, "a" * 64) is None
    found = person(store, "Anna")
    assert found is not None
    assert (found.name, found.password_hash) == ("Anna", "new")
    told = [repr(event) for event in events(store, None)]
    assert not any("new" in text or "old" in text for text in told)


def test_an_account_that_is_not_there_is_not_changed(store: Store) -> None:
    with pytest.raises(StoreError, match="no account"):
        set_active(store, "Anna", active=False)
    with pytest.raises(StoreError, match="no account"):
        set_password_hash(store, "Anna", "hash")
    with pytest.raises(StoreError, match="no active account"):
        signed_in(store, "Anna", "a" * 64)
    assert events(store, None) == []
