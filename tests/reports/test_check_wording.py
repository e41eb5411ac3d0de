import math

import pytest

from reirrad.phantoms.checks import Check
from reirrad.reports.check_wording import answer, failure, outcome, tolerance


@pytest.mark.parametrize(
    ("tolerated", "value", "words"),
    [
        (0.01, 9.999892, "10.000"),
        (0.4, 1.23456, "1.23"),
        (30.0, 1234.56, "1235"),
        (4e-9, 8.27e-9, "8.27e-09"),
        (0.0, 366, "366"),
        (0.01, 0.0, "0"),
        (0.01, math.nan, "no number"),
        (0.01, None, "nothing"),
        (0.0, "1B*", "1B*"),
    ],
)
def test_digits_follow_the_tolerance(
    tolerated: float, value: float | str | None, words: str
) -> None:
    assert answer(value, Check("asked", 1.0, value, tolerated)) == words


def test_a_tolerance_carries_the_unit() -> None:
    assert tolerance(Check("asked", 10.0, 9.9, 0.05135, "Gy")) == "± 0.051 Gy"
    assert tolerance(Check("asked", 366, 366, unit="days")) == "exact days"
    assert tolerance(Check("asked", "1A", "1B")) == "exact"


def test_a_failure_says_everything_in_one_line() -> None:
    check = Check("Liver: Mean[Gy]", 10.0, 9.0, 0.1, "Gy")
    assert failure("DVH", check) == (
        "DVH: Liver: Mean[Gy]: expected 10.00, found 9.00 (± 0.10 Gy)"
    )
    assert (outcome(True), outcome(False)) == ("holds", "FAILS")  # noqa: FBT003
