"""O22 to O25 counted by hand, by both readings of the type."""

import pytest

from reirrad.core.cohort.records import Cohort
from reirrad.stats.outputs_overlap import overlap_outputs
from reirrad.stats.results import Output
from tests.stats.cohorts import COHORT, ask, counts, numbers


def output(number: int, cohort: Cohort = COHORT) -> Output:
    found = overlap_outputs(ask(cohort))[number - 22]
    assert found.id == f"O{number}"
    return found


def test_o22_volumes_of_the_overlap_that_decides() -> None:
    found = numbers(output(22), "Ov2Gy in the organ")
    assert (found.n, found.missing) == (4, 1)
    assert found.mean == pytest.approx((500 + 800 + 20 + 0) / 4)
    total = numbers(output(22), "Ov2Gy in all")
    assert (total.n, total.missing, total.mean) == (1, 4, 600.0)
    item = "Ov50% in the organ, more than 0 cc"
    assert counts(output(22), item) == ({item: 1}, 4, 1)
    assert output(22).notes == ("Measured in: Liver.",)


def test_o23_the_two_readings_divide_the_same_volumes_differently() -> None:
    found = output(23)
    assert numbers(found, "type 1, strict").mean == pytest.approx(440.0)
    assert numbers(found, "type 2, strict").maximum == 0.0
    assert numbers(found, "type 1, as applied").mean == pytest.approx(650.0)
    assert numbers(found, "type 2, as applied").maximum == 20.0


def test_o24_types_by_both_readings_and_their_stability() -> None:
    found = output(24)
    assert counts(found, "strict") == ({"1A": 2, "1B": 1, "2": 1}, 4, 1)
    assert counts(found, "as applied") == ({"1A": 1, "1B": 1, "2": 2}, 4, 1)
    strict, applied = "type 1 (1A and 1B), strict", "type 1 (1A and 1B), as applied"
    assert counts(found, strict) == ({strict: 3}, 4, 1)
    assert counts(found, applied) == ({applied: 2}, 4, 1)
    stable = numbers(found, "plausible registrations that give the same type")
    assert (stable.n, stable.missing, stable.mean) == (1, 4, 90.0)
    assert "30 cc" in found.definition


def test_o25_categories_out_of_those_known() -> None:
    assert counts(output(25)) == ({"type 1": 1}, 1, 4)
