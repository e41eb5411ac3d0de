from collections.abc import Iterator
from pathlib import Path

from reirrad.errors import InputError
from reirrad.phantoms.checks import Check, CheckGroup
from reirrad.workflows.commission import EXAMINATIONS, Examination, commission, examined

GOOD = Check("asked", 1, 1)


def sound(folder: Path) -> Iterator[Check]:
    assert folder.is_dir()
    assert not list(folder.iterdir())
    yield GOOD


def refused(_: Path) -> Iterator[Check]:
    yield GOOD
    msg = "Dose Units must be GY."
    raise InputError(msg)


def broken(_: Path) -> Iterator[Check]:
    yield GOOD
    msg = "division by zero"
    raise ZeroDivisionError(msg)


def test_checks_are_kept_in_order() -> None:
    told: list[str] = []
    other = CheckGroup("other", "", (GOOD,), 0.0, known=False)
    result = commission(
        progress=told.append,
        examinations=[Examination("sound", "it works", sound)],
        comparisons=[other],
    )
    assert told == ["1 of 1: sound"]
    assert [group.title for group in result.groups] == ["sound", "other"]
    assert result.holds
    assert result.created[10] == "T"


def test_a_group_that_is_refused_fails_with_the_reason() -> None:
    group = examined(Examination("refused", "", refused))
    assert group.checks[0] == GOOD
    assert group.checks[1].found == "no: Dose Units must be GY."
    assert not group.holds


def test_a_group_that_breaks_fails_and_leaves_its_checks() -> None:
    group = examined(Examination("broken", "", broken))
    assert group.checks[0] == GOOD
    assert group.checks[1].found == "no: ZeroDivisionError: division by zero"
    assert not group.holds


def test_every_group_says_what_it_proves() -> None:
    assert len({one.title for one in EXAMINATIONS}) == len(EXAMINATIONS) == 9
    assert all(one.proves.endswith(".") for one in EXAMINATIONS)
