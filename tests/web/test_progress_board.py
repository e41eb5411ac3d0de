"""What those who watch are told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reirrad.store import jobs
from reirrad.store.cases import finish_version
from reirrad.store.database import Store
from reirrad.web import progress_board
from reirrad.web.progress_board import Progress, ProgressBoard
from tests.store.specimens import claimed, new_case, new_version


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def board(store: Store, monkeypatch: pytest.MonkeyPatch) -> ProgressBoard:
    monkeypatch.setattr(progress_board, "LOOK_EVERY_S", 0.0)
    return ProgressBoard(store)


def shown(board: ProgressBoard) -> Progress:
    (row,) = board.rows()
    return row


def test_steps_that_are_over_before_the_next_look_are_told(
    store: Store, board: ProgressBoard
) -> None:
    new_version(store, new_case(store).id)
    queued = shown(board)
    job = claimed(store)
    for words in ("reading", "measuring", "evaluating", "writing"):
        jobs.step(store, job.id, words)
    writing = shown(board)
    assert (queued.state, writing.state) == ("queued", "running")
    passed = board.passed(queued, writing)
    assert [one.step for one in passed] == ["reading", "measuring", "evaluating"]
    assert {one.state for one in passed} == {"running"}
    assert board.passed(writing, writing) == []


def test_what_was_told_before_is_not_told_again(
    store: Store, board: ProgressBoard
) -> None:
    new_version(store, new_case(store).id)
    job = claimed(store)
    jobs.step(store, job.id, "reading")
    reading = shown(board)
    for words in ("measuring", "evaluating"):
        jobs.step(store, job.id, words)
    evaluating = shown(board)
    # Said after the last look: its turn comes with the next.
    jobs.step(store, job.id, "writing")
    assert [one.step for one in board.passed(reading, evaluating)] == ["measuring"]


def test_nothing_follows_an_end(store: Store, board: ProgressBoard) -> None:
    case = new_case(store).id
    new_version(store, case)
    job = claimed(store)
    jobs.step(store, job.id, "writing")
    writing = shown(board)
    finish_version(store, case, 1, {"label": "RE-2041"})
    done = shown(board)
    assert done.state == "done"
    assert board.passed(writing, done) == []
    assert board.passed(done, writing) == []
