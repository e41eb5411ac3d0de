from collections.abc import Callable

import pytest

from reirrad.core.review import Review
from reirrad.errors import StoreError
from reirrad.store.cases import (
    add_case,
    add_version,
    delete_case,
    deleted_cases,
    finish_version,
    get_case,
    get_version,
    list_cases,
    list_versions,
)
from reirrad.store.database import Store
from reirrad.store.jobs import claim, failed, step
from reirrad.store.trail import events
from tests.store.specimens import (
    accepted,
    approved,
    claimed,
    done_version,
    new_case,
    new_version,
    rejected,
    reported,
)

MOVED = [
    [1.0, 0.0, 0.0, 0.1],
    [0.0, 1.0, 0.0, -1 / 3],
    [0.0, 0.0, 1.0, 1e-300],
    [0.0, 0.0, 0.0, 1.0],
]


def test_a_case_is_found_again_by_its_random_number(store: Store) -> None:
    case = new_case(store)
    assert get_case(store, case.id) == case
    assert get_case(store, "0" * 16) is None
    assert len(case.id) == 16
    assert len({new_case(store).id for _ in range(5)}) == 5


def test_a_version_keeps_what_it_was_made_from_exactly(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    made = add_version(
        store,
        case.id,
        by="anna",
        reason="moved 0.1 mm",
        settings={"organ": "Leber äöü", "alpha_beta_gy": {"Liver": 0.1 + 0.2}},
        matrix=MOVED,
        frames=("1.2.1", "1.2.2"),
        based_on=1,
    )
    assert get_version(store, case.id, 2) == made
    assert (made.number, made.state, made.based_on) == (2, "queued", 1)
    assert made.settings["alpha_beta_gy"] == {"Liver": 0.1 + 0.2}
    assert made.matrix == MOVED
    assert made.frames == ("1.2.1", "1.2.2")
    assert events(store, case.id)[-1].detail["frames"] == ["1.2.1", "1.2.2"]
    assert [version.number for version in list_versions(store, case.id)] == [1, 2]
    assert get_version(store, case.id, 3) is None


def test_a_matrix_is_not_kept_without_its_frames(store: Store) -> None:
    case = new_case(store)
    with pytest.raises(StoreError, match="frames of reference"):
        add_version(
            store,
            case.id,
            by="anna",
            reason="moved",
            settings={},
            matrix=MOVED,
            based_on=None,
        )
    assert list_versions(store, case.id) == []


def test_a_version_ends_once_and_the_first_stays(store: Store) -> None:
    case = new_case(store)
    new_version(store, case.id)
    finish_version(store, case.id, 1, {"label": "RE-2041"})
    new_version(store, case.id)
    failed(store, claimed(store).id, ["The dose is relative.", "No plan."])
    first, second = list_versions(store, case.id)
    assert (first.state, first.summary) == ("done", {"label": "RE-2041"})
    assert (second.state, second.summary) == ("failed", None)
    assert second.problems == ("The dose is relative.", "No plan.")
    # What is kept for ever has no sentence, which may name a patient.
    assert events(store, case.id)[-1].detail == {"problems": 2}
    with pytest.raises(StoreError, match="done already"):
        finish_version(store, case.id, 1, {"label": "late"})
    with pytest.raises(StoreError, match="no version 9"):
        finish_version(store, case.id, 9, {})


def test_nothing_is_added_to_what_is_not_there(store: Store) -> None:
    case = new_case(store)
    with pytest.raises(StoreError, match="no case"):
        new_version(store, "f" * 16)
    with pytest.raises(StoreError, match="no version 7"):
        new_version(store, case.id, based_on=7)
    assert list_versions(store, case.id) == []
    assert claim(store, "worker") is None


def test_the_list_shows_the_newest_version_of_every_case(store: Store) -> None:
    empty = new_case(store)
    case = new_case(store)
    done_version(store, case.id)
    accepted(store, case.id, 1)
    new_version(store, case.id)
    running = claim(store, "worker")
    assert running is not None
    if running.kind == "report":
        reported(store, running)
        running = claimed(store)
    step(store, running.id, "reading")
    step(store, running.id, "registering")
    rows = {row.id: row for row in list_cases(store)}
    assert rows[empty.id].version is None
    row = rows[case.id]
    assert (row.version, row.state, row.step) == (2, "running", "registering")
    assert row.review == Review(version=2)
    failed(store, running.id, ["No dose."])
    (row,) = (row for row in list_cases(store) if row.id == case.id)
    assert (row.state, row.problems) == ("failed", ("No dose.",))


def test_the_list_shows_what_was_decided(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id)
    accepted(store, case.id, 1)
    review = approved(store, case.id, 1)
    (row,) = list_cases(store)
    assert row.review == review
    assert row.summary == {"label": "RE-2041"}


def test_a_deleted_case_leaves_its_events(store: Store) -> None:
    case = new_case(store)
    done_version(store, case.id)
    accepted(store, case.id, 1)
    delete_case(store, case.id, "anna")
    assert list_cases(store) == []
    assert list_versions(store, case.id) == []
    assert claim(store, "worker") is None
    actions = [event.action for event in events(store, case.id)]
    assert actions[0] == "case added"
    assert actions[-1] == "case deleted"
    new_case(store)
    assert deleted_cases(store) == {case.id}


def _approve(store: Store, case_id: str) -> None:
    done_version(store, case_id)
    accepted(store, case_id, 1)
    approved(store, case_id, 1)


def _supersede(store: Store, case_id: str) -> None:
    _approve(store, case_id)
    done_version(store, case_id)
    accepted(store, case_id, 2)
    approved(store, case_id, 2)


def _withdraw(store: Store, case_id: str) -> None:
    _approve(store, case_id)
    rejected(store, case_id, 1, "wrong series")


def _begin(store: Store, case_id: str) -> None:
    new_version(store, case_id)
    claimed(store)


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (_approve, "approved"),
        (_supersede, "approved"),
        (_withdraw, "approved"),
        (_begin, "being worked on"),
    ],
)
def test_what_was_signed_or_is_being_made_is_not_deleted(
    store: Store, before: Callable[[Store, str], None], reason: str
) -> None:
    case = new_case(store)
    before(store, case.id)
    with pytest.raises(StoreError, match=reason):
        delete_case(store, case.id, "anna")
    assert get_case(store, case.id) == case


def test_a_case_that_is_not_there_is_not_deleted(store: Store) -> None:
    with pytest.raises(StoreError, match="no case"):
        delete_case(store, "0" * 16, "anna")


@pytest.mark.parametrize("text", ["a\ud800b"])
def test_half_a_letter_is_refused_with_a_sentence(store: Store, text: str) -> None:
    with pytest.raises(StoreError, match="half of a letter"):
        add_case(store, by="anna", source=text)
    assert list_cases(store) == []
    assert events(store, None) == []
