"""What each limit of an organ leaves: added evenly, the limit is just met."""

from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.budget import DecidingPlace, OrganBudget
from reirrad.core.constraints import Constraint
from reirrad.core.dvh import dose_volume, metric_value
from reirrad.core.organ_budgets import (
    LeastLeft,
    least_left,
    limiting_rows,
    organ_budgets,
)
from reirrad.core.radiobiology import eqd2
from reirrad.core.recovery import KeptShares
from tests.core.budget_specimens import (
    constraint,
    organ_doses,
    random_organ,
    unknown_organ,
)


def rows(
    *constraints: Constraint,
    seed: int = 1,
    fractions: tuple[int, ...] = (5,),
    kept: KeptShares | None = None,
) -> tuple[OrganBudget, ...]:
    return organ_budgets(
        random_organ(np.random.default_rng(seed)),
        constraints,
        fractions=fractions,
        targets=(),
        kept=kept,
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n_fractions", [1, 5, 20])
@pytest.mark.parametrize(
    "row",
    [
        constraint("D0.1cc[Gy]", 154.0, alpha_beta_gy=2.5),
        constraint("D10%[Gy]", 154.0),
        constraint("Max[Gy]", 220.0, alpha_beta_gy=2.0),
        constraint("Mean[Gy]", 90.0),
        constraint("V120Gy[cc]", 2.0, relation="<"),
        constraint("V120Gy[%]", 30.0),
        constraint("CV120Gy[cc]", 2.0, relation=">="),
        constraint("D1cc[Gy]", 300.0, quantity="BED"),
    ],
    ids=lambda row: f"{row.metric} {row.quantity}",
)
def test_what_is_left_added_evenly_meets_the_limit(
    row: Constraint, n_fractions: int, seed: int
) -> None:
    organ = random_organ(np.random.default_rng(seed))
    (budget,) = organ_budgets(organ, (row,), fractions=(n_fractions,), targets=())
    (found,) = budget.by_fractions
    ratio = row.alpha_beta_gy
    assert ratio is not None
    assert found.dose_gy is not None
    assert found.dose_gy > 0.0
    added = float(eqd2(found.dose_gy, n_fractions=n_fractions, alpha_beta_gy=ratio))
    assert added == pytest.approx(found.remaining_eqd2_gy, rel=1e-9)
    unit = (ratio + 2.0) / ratio if row.quantity == "BED" else 1.0
    for change, off in ((-1e-6, "below"), (1e-6, "above")):
        total = organ.background_eqd2_gy(ratio) + added + change
        value = metric_value(row.metric, dose_volume(unit * total, organ.volumes_cc))
        more = value > row.limit
        assert more is ((off == "above") is not row.metric.startswith("CV"))


def test_a_limit_that_is_used_up_leaves_no_dose_and_says_by_how_much() -> None:
    organ = organ_doses({1: [30.0] * 40, 2: [0.0] * 40})
    row = constraint("D0.1cc[Gy]", 50.0)
    (budget,) = organ_budgets(organ, (row,), fractions=(1, 5), targets=())
    before = float(eqd2(30.0, n_fractions=5, alpha_beta_gy=3.0))
    for found in budget.by_fractions:
        assert found.background_eqd2_gy == pytest.approx(before)
        assert found.remaining_eqd2_gy == pytest.approx(50.0 - before)
        assert found.dose_gy == 0.0


def test_limits_of_the_new_course_are_plain_bounds() -> None:
    physical = constraint(
        "D0.1cc[Gy]", 35.0, quantity="physical", scope="course", n_fractions=5
    )
    later = constraint("Max[Gy]", 25.0, scope="later course", alpha_beta_gy=2.0)
    volume = constraint("V15Gy[cc]", 0.3, quantity="physical", scope="later course")
    organ = organ_doses({1: [30.0] * 40, 2: [10.0] * 40})
    found = {
        (row.metric, row.scope): row
        for row in organ_budgets(
            organ, (physical, later, volume), fractions=(5,), targets=()
        )
    }
    plain = found["D0.1cc[Gy]", "new course"]
    assert plain.by_fractions[0].dose_gy == 35.0
    assert plain.by_fractions[0].remaining_eqd2_gy is None
    assert plain.place is None
    alone = found["Max[Gy]", "new course"].by_fractions[0]
    assert alone.remaining_eqd2_gy == 25.0
    assert alone.background_eqd2_gy is None
    assert found["V15Gy[cc]", "new course"].by_fractions[0].dose_gy == 15.0
    summed = found["D0.1cc[Gy]", "cumulative"]
    assert summed.level == "one-course tolerance, summed"
    assert summed.by_fractions[0].limit == pytest.approx(
        float(eqd2(35.0, n_fractions=5, alpha_beta_gy=3.0))
    )


def test_a_number_without_limit_says_so_and_is_never_met() -> None:
    physical = constraint(
        "D0.1cc[Gy]", 35.0, quantity="physical", scope="course", n_fractions=5
    )
    for row in rows(physical, fractions=(1, 5, 8)):
        one, five, eight = row.by_fractions
        assert one.note == "not limited by tabled for 1 fraction"
        assert eight.note == "not limited by tabled for 8 fractions"
        assert one.dose_gy is one.limit is eight.dose_gy is eight.limit is None
        assert five.dose_gy is not None


def test_an_organ_smaller_than_the_volume() -> None:
    volume = constraint("V15Gy[cc]", 120.0, quantity="physical", scope="later course")
    spared = constraint("CV32Gy[cc]", 700.0, relation=">=")
    organ = organ_doses({1: [1.0] * 40, 2: [1.0] * 40})
    always, never = organ_budgets(organ, (volume, spared), fractions=(5,), targets=())
    assert always.by_fractions[0].dose_gy is None
    assert "cannot be exceeded" in always.by_fractions[0].note
    assert never.by_fractions[0].dose_gy == 0.0
    assert "cannot be met" in never.by_fractions[0].note


def test_unknown_background_is_not_guessed() -> None:
    covered = np.ones(40, dtype=np.bool_)
    covered[:20] = False
    organ = organ_doses(
        {1: [30.0] * 20 + [10.0] * 20, 2: [0.0] * 40}, covered={1: covered}
    )
    row = constraint("D0.1cc[Gy]", 90.0)
    (found,) = organ_budgets(organ, (row,), fractions=(5,), targets=())[0].by_fractions
    assert found.dose_gy is found.remaining_eqd2_gy is found.background_eqd2_gy is None
    assert "outside a dose grid" in found.note


@pytest.mark.parametrize(("outside_gy", "known"), [(1.0, True), (20.0, False)])
@pytest.mark.parametrize("metric", ["D0.1cc[Gy]", "Max[Gy]", "V20Gy[cc]"])
@pytest.mark.parametrize("kept", [None, KeptShares({1: 0.5}, parallel=False)])
def test_a_background_that_may_be_higher_beyond_the_grid_is_not_guessed(
    outside_gy: float, metric: str, kept: KeptShares | None, *, known: bool
) -> None:
    """Inside the grid there are up to 30 Gy; twice 20 Gy would be more."""
    covered = np.ones(40, dtype=np.bool_)
    covered[:20] = False
    organ = organ_doses(
        {1: [outside_gy] * 20 + [30.0] * 20, 2: [0.0] * 40}, covered={1: covered}
    )
    row = constraint(metric, 0.15 if metric.startswith("V") else 90.0)
    (budget,) = organ_budgets(organ, (row,), fractions=(5,), targets=(), kept=kept)
    (found,) = budget.by_fractions
    assert (found.background_eqd2_gy is not None) is known
    assert (found.dose_gy is not None) is known
    if kept is not None:
        assert found.recovered is not None
        assert (found.recovered.dose_gy is not None) is known


def test_recovery_stands_beside_and_changes_nothing() -> None:
    row = constraint("D0.1cc[Gy]", 54.0, alpha_beta_gy=2.5)
    (plain,) = rows(row)
    (same,) = rows(row, kept=KeptShares({1: 1.0}, parallel=False))
    assert same == plain
    (beside,) = rows(row, kept=KeptShares({1: 0.75, 2: 0.1}, parallel=False))
    found, unrecovered = beside.by_fractions[0], plain.by_fractions[0]
    assert found.remaining_eqd2_gy == unrecovered.remaining_eqd2_gy
    assert found.dose_gy == unrecovered.dose_gy
    assert found.recovered is not None
    assert unrecovered.background_eqd2_gy is not None
    # Course 2 is the new one: a share given for it has no effect.
    assert found.recovered.background_eqd2_gy == pytest.approx(
        0.75 * unrecovered.background_eqd2_gy
    )


def test_a_limit_that_allows_for_recovery_gains_nothing_from_it() -> None:
    row = constraint("D0.1cc[Gy]", 90.0)
    kept = KeptShares({1: 0.5}, parallel=False)
    (beside,) = rows(replace(row, contains_recovery=True), kept=kept)
    assert beside.by_fractions[0].recovered is None


@pytest.mark.parametrize(
    ("metric", "gains"), [("D0.1cc[Gy]", False), ("Mean[Gy]", True)]
)
def test_the_hottest_part_of_a_parallel_organ_does_not_recover(
    metric: str, *, gains: bool
) -> None:
    kept = KeptShares({1: 0.5}, parallel=True)
    (beside,) = rows(constraint(metric, 90.0), kept=kept)
    assert (beside.by_fractions[0].recovered is not None) is gains


def test_vectors_c05_and_c06_through_an_organ() -> None:
    organ = organ_doses({1: [24.0] * 40, 2: [0.0] * 40})
    row = constraint("D0.1cc[Gy]", 54.0, alpha_beta_gy=2.5)
    (budget,) = organ_budgets(
        organ,
        (row,),
        fractions=(5,),
        targets=(),
        kept=KeptShares({1: 0.75}, parallel=False),
    )
    recovered = budget.by_fractions[0].recovered
    assert recovered is not None
    assert recovered.remaining_eqd2_gy == pytest.approx(24.8, abs=1e-6)
    assert recovered.dose_gy == pytest.approx(18.184862, abs=1e-6)


def test_the_place_is_that_of_the_hottest_part_of_the_background() -> None:
    dose = np.linspace(1.0, 30.0, 100)
    organ = organ_doses({1: dose, 2: dose[::-1]})
    (row,) = organ_budgets(
        organ, (constraint("D0.1cc[Gy]", 90.0),), fractions=(5,), targets=()
    )
    # Ten points of 0.01 cc, the last ten along x.
    assert isinstance(row.place, DecidingPlace)
    assert row.place.centroid_mm == pytest.approx((94.5, 0.0, 0.0))
    assert row.place.volume_cc == pytest.approx(0.1)
    assert row.place.target is None
    assert row.place.distance_mm is None


def test_without_a_new_course_every_course_is_background() -> None:
    organ = organ_doses({1: [10.0] * 40, 2: [10.0] * 40}, new_course=None)
    (row,) = organ_budgets(
        organ, (constraint("D0.1cc[Gy]", 90.0),), fractions=(5,), targets=()
    )
    both = 2 * float(eqd2(10.0, n_fractions=5, alpha_beta_gy=3.0))
    assert row.by_fractions[0].background_eqd2_gy == pytest.approx(both)


def test_the_limiting_row_binds_and_is_about_a_hottest_volume() -> None:
    organ = organ_doses({1: [10.0] * 200, 2: [0.0] * 200})
    constraints = (
        constraint("Mean[Gy]", 20.0),
        constraint("D0.1cc[Gy]", 30.0, level="optimal"),
        constraint("D0.1cc[Gy]", 54.0),
        constraint("Max[Gy]", 40.0),
        constraint("D0.5cc[Gy]", 60.0),
    )
    found = organ_budgets(organ, constraints, fractions=(1, 5), targets=())
    assert [row.binding for row in found] == [True, False, True, True, True]
    assert limiting_rows(found, (1, 5)) == (3, 3)
    assert limiting_rows(found[:2], (1, 5)) == (None, None)


def test_a_limit_on_more_than_the_organ_leaves_no_number() -> None:
    organ = organ_doses({1: [30.0] * 40, 2: [0.0] * 40})
    physical = constraint(
        "D10cc[Gy]", 12.5, quantity="physical", scope="course", n_fractions=5
    )
    for row in (constraint("D10cc[Gy]", 20.0), physical):
        for budget in organ_budgets(organ, (row,), fractions=(5,), targets=()):
            (found,) = budget.by_fractions
            assert found.dose_gy is None
            assert found.remaining_eqd2_gy is None
            assert found.note.startswith(
                "not evaluated: the organ has 0.40 cc, less than the 10 cc"
            )
            assert budget.place is None


ALONE = constraint("D0.1cc[Gy]", 35.0, quantity="physical", scope="later course")
SUM = constraint("D0.1cc[Gy]", 54.0)


def test_a_limit_that_is_not_known_stands_before_the_least_of_the_others() -> None:
    alone, summed = organ_budgets(
        unknown_organ(), (ALONE, SUM), fractions=(1, 5), targets=()
    )
    assert [one.not_known for one in alone.by_fractions] == [False, False]
    assert [one.not_known for one in summed.by_fractions] == [True, True]
    for rows_, unknown in (((alone, summed), 1), ((summed, alone), 0)):
        for place in (0, 1):
            found = least_left(rows_, place)
            assert found == LeastLeft(1 - unknown, (unknown,), is_known=False)
            assert found.deciding == unknown
        assert limiting_rows(rows_, (1, 5)) == (unknown, unknown)
    assert least_left((summed,), 0) == LeastLeft(None, (0,), is_known=False)


@pytest.mark.parametrize("seed", range(5))
def test_the_least_of_what_is_known_is_the_least(seed: int) -> None:
    many = (SUM, constraint("Max[Gy]", 80.0), constraint("D1cc[Gy]", 40.0), ALONE)
    found = rows(*many, seed=seed, fractions=(1, 5))
    for place in (0, 1):
        doses = [row.by_fractions[place].dose_gy for row in found]
        least = least_left(found, place)
        assert least.lowest is not None
        assert doses[least.lowest] == min(dose for dose in doses if dose is not None)
        assert least == LeastLeft(least.lowest, (), is_known=True)
        assert least.deciding == least.lowest


def test_where_nothing_is_left_no_other_limit_can_leave_less() -> None:
    used_up = constraint("D0.1cc[Gy]", 0.0, quantity="physical", scope="later course")
    found = organ_budgets(unknown_organ(), (SUM, used_up), fractions=(5,), targets=())
    place = [row.scope for row in found].index("new course")
    assert least_left(found, 0) == LeastLeft(place, (1 - place,), is_known=True)
    assert limiting_rows(found, (5,)) == (place,)


def test_what_does_not_bound_the_dose_is_not_unknown() -> None:
    """No limit for a number, too small an organ, or a limit that does not bind."""
    missing = constraint(
        "D0.1cc[Gy]", 35.0, quantity="physical", scope="course", n_fractions=5
    )
    small = constraint("V15Gy[cc]", 120.0, quantity="physical", scope="later course")
    named = constraint("D0.1cc[Gy]", 20.0, level="optimal")
    for row, organ in (
        (missing, organ_doses({1: [1.0] * 40, 2: [0.0] * 40})),
        (small, unknown_organ()),
        (named, unknown_organ()),
    ):
        found = organ_budgets(organ, (row,), fractions=(3,), targets=())
        assert least_left(found, 0) == LeastLeft(None, (), is_known=True)
        assert least_left(found, 0).deciding is None
    assert least_left((), 0).deciding is None


def test_only_the_rows_asked_for_are_compared() -> None:
    found = rows(SUM, constraint("Max[Gy]", 20.0, scope="later course"))
    scopes = [row.scope for row in found]
    summed = scopes.index("cumulative")
    assert least_left(found, 0, among=[summed]).lowest == summed
    assert least_left(found, 0, among=[]) == LeastLeft(None, (), is_known=True)
