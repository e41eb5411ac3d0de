import math

import pytest

from reirrad.phantoms.checks import Check, CheckGroup, Commissioning


def check(found: float | str | None, *, expected: float | str = 2.0) -> Check:
    return Check("asked", expected, found, tolerance=0.5, unit="Gy")


@pytest.mark.parametrize("found", [2.0, 1.5, 2.5])
def test_a_number_within_the_tolerance_holds(found: float) -> None:
    assert check(found).holds


@pytest.mark.parametrize("found", [1.49, 2.51, math.nan, math.inf, None, "2.0"])
def test_anything_else_does_not_hold(found: float | str | None) -> None:
    assert not check(found).holds


@pytest.mark.parametrize(("found", "holds"), [("1A", True), ("1B", False), (1, False)])
def test_words_must_be_equal(found: float | str, *, holds: bool) -> None:
    assert check(found, expected="1A").holds is holds


def test_without_a_tolerance_a_number_must_be_equal() -> None:
    assert Check("days", 366, 366).holds
    assert not Check("days", 366, 365).holds


def group(*found: float, known: bool = True) -> CheckGroup:
    return CheckGroup(
        "title", "proves", tuple(check(f) for f in found), 1.0, known=known
    )


def result(*groups: CheckGroup) -> Commissioning:
    return Commissioning("2025-01-01T12:00:00+01:00", (("reirrad", "1"),), groups)


def test_a_group_holds_if_every_check_does() -> None:
    assert group(2.0, 2.1).holds
    assert not group(2.0, 9.0).holds
    assert group(2.0, 9.0).failures == (check(9.0),)


def test_nothing_examined_proves_nothing() -> None:
    assert not group().holds
    assert not result().holds
    assert result().word == "FAIL"


def test_the_verdict_counts_what_does_not_hold() -> None:
    failed = result(group(2.0, 9.0), group(2.0))
    assert failed.word == "FAIL"
    assert failed.sentence.startswith("1 of 3 checks do not hold. Do not use")
    passed = result(group(2.0, 2.1), group(2.0))
    assert passed.word == "PASS"
    assert passed.sentence == "All 3 checks against known answers hold."


def test_another_programs_answers_have_their_own_verdict() -> None:
    differs = result(group(2.0), group(2.0, 9.0, known=False))
    assert differs.word == "DIFFERENCES"
    assert not differs.holds
    assert "1 of 2 values differ" in differs.sentence
    agrees = result(group(2.0), group(2.0, known=False))
    assert agrees.word == "PASS"
    assert agrees.sentence.endswith("All 1 values agree with the planning system's.")
    wrong = result(group(9.0), group(9.0, known=False))
    assert wrong.word == "FAIL"
    assert wrong.sentence.startswith("1 of 1 checks")


def test_a_comparison_alone_is_no_acceptance() -> None:
    assert result(group(9.0, known=False)).word == "FAIL"
