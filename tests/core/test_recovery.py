from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.radiobiology import bed, eqd2
from reirrad.core.recovery import (
    DAYS_PER_MONTH,
    Form,
    RecoveryStep,
    kept_ratios,
    months_between,
    recovered_dose,
    recovered_share,
)
from tests.core.point_doses import point_doses

STEPS = [RecoveryStep(3, 0.1), RecoveryStep(6, 0.25), RecoveryStep(12, 0.5)]
FORMS: list[Form] = ["stepped", "smooth"]


@st.composite
def schedules(draw: st.DrawFn) -> list[RecoveryStep]:
    months = sorted(draw(st.sets(st.integers(1, 60), max_size=5)))
    shares = sorted(draw(st.floats(0, 1)) for _ in months)
    return [RecoveryStep(m, s) for m, s in zip(months, shares, strict=True)]


@pytest.mark.parametrize(
    ("months", "expected"),
    [(0, 0), (2.99, 0), (3, 0.1), (5.99, 0.1), (6, 0.25), (11.99, 0.25), (12, 0.5)],
)
def test_stepped_recovery_is_what_was_published(months: float, expected: float) -> None:
    assert recovered_share(STEPS, months, form="stepped") == expected


@pytest.mark.parametrize(
    ("months", "expected"),
    # A share is reached when the next one is due, the last after half a year more.
    [(3, 0), (4.5, 0.05), (6, 0.1), (9, 0.175), (12, 0.25), (15, 0.375), (18, 0.5)],
)
def test_smooth_recovery_lags_behind_the_steps(months: float, expected: float) -> None:
    assert recovered_share(STEPS, months, form="smooth") == pytest.approx(expected)


@given(schedules(), st.floats(0, 200))
def test_smooth_recovery_is_never_above_the_steps(
    steps: list[RecoveryStep], months: float
) -> None:
    smooth = recovered_share(steps, months, form="smooth")
    assert 0 <= smooth <= recovered_share(steps, months, form="stepped") <= 1


@given(schedules(), st.lists(st.floats(0, 200), min_size=2), st.sampled_from(FORMS))
def test_recovery_never_falls_and_starts_at_zero(
    steps: list[RecoveryStep], months: list[float], form: Form
) -> None:
    shares = [recovered_share(steps, m, form=form) for m in sorted(months)]
    assert all(first <= second for first, second in pairwise(shares))
    assert recovered_share(steps, 0.0, form=form) == 0.0


@given(schedules(), st.sampled_from(FORMS))
def test_both_forms_end_at_the_last_published_share(
    steps: list[RecoveryStep], form: Form
) -> None:
    last = steps[-1].recovered_share if steps else 0.0
    assert recovered_share(steps, 1e6, form=form) == last


@pytest.mark.parametrize("form", FORMS)
def test_without_steps_or_before_the_first_nothing_recovers(form: Form) -> None:
    assert recovered_share([], 120.0, form=form) == 0.0
    assert recovered_share(STEPS, -10.0, form=form) == 0.0


@pytest.mark.parametrize(
    "steps",
    [
        [RecoveryStep(6, 0.25), RecoveryStep(6, 0.5)],
        [RecoveryStep(12, 0.25), RecoveryStep(6, 0.5)],
        [RecoveryStep(6, 0.5), RecoveryStep(12, 0.25)],
    ],
)
def test_steps_out_of_order_are_refused(steps: Sequence[RecoveryStep]) -> None:
    with pytest.raises(ValueError, match="not in order"):
        recovered_share(steps, 7.0, form="stepped")


@pytest.mark.parametrize(("months", "share"), [(0, 0.1), (6, -0.1), (6, 1.1)])
def test_an_impossible_step_is_refused(months: float, share: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        RecoveryStep(months, share)


def test_months_are_counted_in_days() -> None:
    assert months_between(date(2023, 1, 1), date(2024, 1, 1)) == 365 / DAYS_PER_MONTH
    assert months_between(date(2024, 1, 1), date(2023, 1, 1)) < 0


def test_of_the_latest_course_everything_is_kept() -> None:
    first = date(2022, 1, 1)
    starts = {
        1: first,
        2: first + timedelta(days=365),
        3: first + timedelta(days=365 + 100),
    }
    # The interval runs to the latest course, not to the next one.
    assert kept_ratios(STEPS, starts, form="stepped") == {1: 0.5, 2: 0.9, 3: 1.0}
    assert kept_ratios(STEPS, {1: first}, form="stepped") == {1: 1.0}


def test_a_course_on_the_same_day_recovers_nothing() -> None:
    day = date(2024, 5, 1)
    assert kept_ratios(STEPS, {1: day, 2: day}, form="smooth") == {1: 1.0, 2: 1.0}


@given(
    st.lists(st.tuples(st.floats(0, 80), st.floats(0, 80)), min_size=1, max_size=30),
    st.floats(0, 1),
    st.sampled_from(["EQD2", "BED"]),
)
def test_the_recovered_sum_is_formed_point_by_point(
    pairs: list[tuple[float, float]], kept: float, quantity: Literal["EQD2", "BED"]
) -> None:
    convert = eqd2 if quantity == "EQD2" else bed
    slow = [
        kept * float(convert(one, n_fractions=25, alpha_beta_gy=2.5))
        + float(convert(two, n_fractions=5, alpha_beta_gy=2.5))
        for one, two in pairs
    ]
    doses = point_doses({1: ([p[0] for p in pairs], 25), 2: ([p[1] for p in pairs], 5)})
    known = recovered_dose(doses, {1: kept, 2: 1.0}, quantity, 2.5)
    assert known is not None
    assert known.metric("Mean[Gy]") == pytest.approx(np.mean(slow), abs=1e-9)
    assert known.metric("Max[Gy]") == pytest.approx(max(slow), abs=1e-9)
    plain = doses.metric("Max[Gy]", "cumulative", quantity, 2.5)
    assert plain is not None
    assert known.metric("Max[Gy]") == pytest.approx(min(plain, max(slow)), abs=1e-9)


def test_a_course_that_is_not_named_counts_in_full() -> None:
    doses = point_doses({1: ([10.0], 5), 2: ([20.0], 5)})
    known = recovered_dose(doses, {}, "EQD2", 3.0)
    assert known is not None
    assert known.metric("Max[Gy]") == doses.metric("Max[Gy]", "cumulative", "EQD2", 3.0)


def test_without_the_dose_of_a_course_there_is_no_recovered_sum() -> None:
    doses = point_doses({1: ([10.0], 5)}, all_courses=[1, 2])
    assert recovered_dose(doses, {1: 0.5, 2: 1.0}, "EQD2", 3.0) is None


def test_a_recovered_metric_that_hangs_on_unknown_dose_is_not_given() -> None:
    doses = point_doses({1: ([10.0, 50.0], 5), 2: ([1.0, 1.0], 5)}, uncovered={1: [1]})
    known = recovered_dose(doses, {1: 0.5}, "EQD2", 3.0)
    assert known is not None
    assert known.metric("Max[Gy]") is None


@pytest.mark.parametrize(("outside_gy", "known"), [(2.0, True), (30.0, False)])
@pytest.mark.parametrize("quantity", ["EQD2", "BED"])
def test_a_recovered_metric_that_may_be_higher_beyond_the_grid_is_not_given(
    outside_gy: float, quantity: Literal["EQD2", "BED"], *, known: bool
) -> None:
    doses = point_doses(
        {1: ([40.0, outside_gy], 5), 2: ([1.0, 1.0], 5)}, uncovered={1: [1]}
    )
    found = recovered_dose(doses, {1: 0.5}, quantity, 3.0)
    assert found is not None
    assert (found.metric("Max[Gy]") is not None) is known


@pytest.mark.parametrize("kept", [-0.1, 1.1])
def test_an_impossible_share_is_refused(kept: float) -> None:
    doses = point_doses({1: ([10.0], 5), 2: ([20.0], 5)})
    with pytest.raises(ValueError, match="0 to 1"):
        recovered_dose(doses, {1: kept}, "EQD2", 3.0)
