import pytest
import sqlalchemy as sa

from reirrad.errors import StoreError
from reirrad.store.cases import finish_version, list_versions
from reirrad.store.database import Store
from reirrad.store.jobs import ask_for_reports, failed
from reirrad.store.trail import Head, events, head, verify_trail
from tests.store.specimens import (
    accepted,
    claimed,
    done_version,
    new_case,
    new_version,
)

FORBIDDEN = {
    "sqlite": (
        "UPDATE audit_event SET who = 'nobody' WHERE id = 2",
        "DELETE FROM audit_event WHERE id = 2",
        "DELETE FROM audit_event",
        (
            "INSERT OR REPLACE INTO audit_event SELECT id, at, 'nobody', case_id, "
            "version, action, detail, sha256 FROM audit_event WHERE id = 2"
        ),
    ),
    "postgresql": (
        "UPDATE audit_event SET who = 'nobody' WHERE id = 2",
        "DELETE FROM audit_event WHERE id = 2",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        (
            "INSERT INTO audit_event SELECT * FROM audit_event WHERE id = 2 "
            "ON CONFLICT (id) DO UPDATE SET who = 'nobody'"
        ),
    ),
}
TRIGGERS = {
    "sqlite": (
        "DROP TRIGGER audit_event_no_update",
        "DROP TRIGGER audit_event_no_delete",
    ),
    "postgresql": ("ALTER TABLE audit_event DISABLE TRIGGER ALL",),
}


def filled(store: Store) -> str:
    case = new_case(store)
    done_version(store, case.id)
    accepted(store, case.id, 1, comment="fits")
    return case.id


def tampered(store: Store, statement: str) -> None:
    """Do what the triggers forbid, as somebody who owns the database can."""
    with store.writing() as connection:
        for trigger in TRIGGERS[store.address.kind]:
            connection.exec_driver_sql(trigger)
        connection.exec_driver_sql(statement)


def test_who_did_what_is_told_in_order(store: Store) -> None:
    case_id = filled(store)
    other = new_case(store)
    told = events(store, case_id)
    assert [event.action for event in told] == [
        "case added",
        "version added",
        "assessment done",
        "registration reviewed",
    ]
    assert [event.id for event in events(store, None)] == [1, 2, 3, 4, 5]
    assert [event.case_id for event in events(store, other.id)] == [other.id]
    assert told[3].who == "anna"
    assert told[3].detail == {
        "name": "Anna Physicist",
        "role": "physicist",
        "comment": "fits",
        "verdict": "accepted",
    }
    assert told[1].detail["settings"]["alpha_beta_gy"] == {"Liver": 2.5}
    assert verify_trail(store) == []


def test_the_database_refuses_to_change_the_trail(store: Store) -> None:
    filled(store)
    before = events(store, None)
    for statement in FORBIDDEN[store.address.kind]:
        with (
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            store.writing() as connection,
        ):
            connection.exec_driver_sql(statement)
    assert events(store, None) == before
    assert verify_trail(store) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET at = 'x' WHERE id = 2",
        "UPDATE audit_event SET who = 'x' WHERE id = 2",
        "UPDATE audit_event SET case_id = 'x' WHERE id = 2",
        "UPDATE audit_event SET version = 7 WHERE id = 2",
        "UPDATE audit_event SET action = 'x' WHERE id = 2",
        "UPDATE audit_event SET detail = '{}' WHERE id = 2",
        "UPDATE audit_event SET sha256 = 'x' WHERE id = 2",
    ],
)
def test_an_altered_event_is_found(store: Store, statement: str) -> None:
    filled(store)
    tampered(store, statement)
    assert "Event 2" in verify_trail(store)[0]


def test_an_event_that_was_taken_out_is_found(store: Store) -> None:
    filled(store)
    tampered(store, "DELETE FROM audit_event WHERE id = 2")
    (missing,) = verify_trail(store)
    assert missing.startswith("Event 2 of the audit trail is missing")


def test_a_trail_cut_off_at_its_end_is_found_by_a_kept_copy_only(store: Store) -> None:
    filled(store)
    kept = head(store)
    assert kept is not None
    assert verify_trail(store, kept=kept) == []
    tampered(store, "DELETE FROM audit_event WHERE id = 4")
    assert verify_trail(store) == []
    (problem,) = verify_trail(store, kept=kept)
    assert "ends with event 3" in problem


def test_a_trail_written_anew_is_found_by_a_kept_copy(store: Store) -> None:
    filled(store)
    assert verify_trail(store, kept=Head(2, "0" * 64)) == [
        (
            "Event 2 of the audit trail differs from the copy that was kept: the trail "
            "was rewritten."
        )
    ]


def test_an_empty_trail_has_no_end(store: Store) -> None:
    assert head(store) is None
    assert verify_trail(store) == []


def test_what_fails_leaves_no_event(store: Store) -> None:
    case = new_case(store)
    with pytest.raises(StoreError, match="no version 1"):
        finish_version(store, case.id, 1, {})
    assert [event.case_id for event in events(store, None)] == [case.id]


def test_why_something_failed_is_not_kept_for_ever(store: Store) -> None:
    """Folders are called after patients, and the sentences name them."""
    case = new_case(store)
    done_version(store, case.id)
    ask_for_reports(store, case.id, 1, "anna")
    failed(store, claimed(store).id, ["MUSTERMANN_ERIKA/a.dcm: gone."])
    new_version(store, case.id)
    failed(store, claimed(store).id, ["MUSTERMANN_ERIKA/b.dcm: cut off.", "No plan."])
    told = [event for event in events(store, case.id) if "failed" in event.action]

    assert [event.detail for event in told] == [{"problems": 1}, {"problems": 2}]
    assert list_versions(store, case.id)[1].problems[1] == "No plan."
