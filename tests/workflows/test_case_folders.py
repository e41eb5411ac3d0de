from pathlib import Path

import pytest

from reirrad.workflows.case_folders import CaseFolders

CASE = "0123456789abcdef"


@pytest.fixture
def folders(tmp_path: Path) -> CaseFolders:
    made = CaseFolders(tmp_path)
    made.prepare()
    (made.received(CASE)).mkdir(parents=True)
    return made


def test_a_deletion_that_was_begun_is_finished(folders: CaseFolders) -> None:
    folders.mark_deleted(CASE)
    assert folders.settle(frozenset(), frozenset({CASE})) == 0
    assert not folders.case(CASE).exists()


def test_a_deletion_that_the_database_did_not_make_is_forgotten(
    folders: CaseFolders,
) -> None:
    folders.mark_deleted(CASE)
    folders.settle(frozenset({CASE}), frozenset())
    # A later start with an empty database.
    assert folders.settle(frozenset(), frozenset()) == 1
    assert folders.received(CASE).exists()


@pytest.mark.parametrize("marked", [True, False])
def test_what_another_database_knows_is_left(
    folders: CaseFolders, *, marked: bool
) -> None:
    if marked:
        folders.mark_deleted(CASE)
    assert folders.settle(frozenset(), frozenset()) == 1
    assert folders.received(CASE).exists()


def test_only_half_written_results_go_and_never_what_was_received(
    folders: CaseFolders,
) -> None:
    half = [
        folder / ".reirrad-x"
        for folder in (
            folders.case(CASE),
            folders.version(CASE, 1).parent,
            folders.version(CASE, 1),
        )
    ]
    received = folders.received(CASE) / ".reirrad-x"
    for folder in (*half, received):
        folder.mkdir(parents=True)
    folders.settle(frozenset({CASE}), frozenset())
    assert not any(folder.exists() for folder in half)
    assert received.exists()
