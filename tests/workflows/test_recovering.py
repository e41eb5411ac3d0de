from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.radiobiology import eqd2
from reirrad.core.recovery_results import RecoveredConstraint, Recovery
from reirrad.core.structures import Role
from reirrad.workflows.recovering import CONTAINED, PARALLEL
from reirrad.workflows.settings import load_settings
from reirrad.workflows.summaries import assumptions
from tests.workflows.tissues import EVEN, Organ, Outcome, outcome, stomach

SETTINGS = load_settings(None)
MICHIGAN = replace(SETTINGS, recovery_model="michigan")


def recovery_of(result: Outcome) -> Recovery:
    assert result.biology.recovery is not None
    return result.biology.recovery


def limit_of(result: Outcome, limit: float, ratio: float) -> RecoveredConstraint:
    (found,) = (
        one
        for one in recovery_of(result).constraints
        if (one.limit, one.alpha_beta_gy) == (limit, ratio)
    )
    return found


def test_without_a_model_nothing_is_said_of_recovery() -> None:
    result = outcome(SETTINGS, stomach())
    assert result.biology.recovery is None
    assert "recovery-applied" not in result.codes


def test_a_verdict_that_only_recovery_turns_to_met_is_named() -> None:
    result = outcome(MICHIGAN, stomach())
    each = float(eqd2(20.0, n_fractions=5, alpha_beta_gy=2.5))
    limit = limit_of(result, 54, 2.5)
    assert limit.value == pytest.approx(2 * each)
    assert limit.verdict == "exceeded"
    # 40 % of the first course after a year, nothing of the latest.
    assert limit.recovered_value == pytest.approx(0.6 * each + each)
    assert limit.recovered_verdict == "met"
    assert "Met only with recovery: Stomach D0.1cc[Gy] <= 54" in result.message(
        "recovery-applied"
    )


def test_the_unrecovered_verdict_stays_the_reported_one() -> None:
    without, with_model = outcome(SETTINGS, stomach()), outcome(MICHIGAN, stomach())
    assert with_model.constraints == without.constraints


def test_metrics_with_recovery_are_per_point() -> None:
    organ = Organ("Duodenum", {1: [30.0, 10.0, 0.0, 0.0], 2: [0.0, 10.0, 20.0, 0.0]})
    (found,) = recovery_of(outcome(MICHIGAN, organ)).structures
    first, second = (
        eqd2(organ.doses[n] or [], n_fractions=5, alpha_beta_gy=3.0) for n in (1, 2)
    )
    expected = 0.75 * first + second
    assert found.eqd2["Mean[Gy]"] == pytest.approx(expected.mean())
    assert found.eqd2["Max[Gy]"] == pytest.approx(expected.max())
    assert [c.kept_ratio for c in found.courses] == [0.75, 1.0]
    assert [c.recovered_share for c in found.courses] == [0.25, 0.0]
    assert found.courses[0].months == pytest.approx(366 / 30.4375)


def test_each_course_recovers_by_its_own_interval_to_the_latest() -> None:
    days = {1: date(2022, 1, 1), 2: date(2023, 10, 1), 3: date(2024, 3, 1)}
    organ = Organ("Colon", {n: [10.0] * 3 for n in days})
    result = outcome(MICHIGAN, organ, fractions=dict.fromkeys(days, 5), starts=days)
    (found,) = recovery_of(result).structures
    assert [c.kept_ratio for c in found.courses] == [0.5, 0.9, 1.0]


def test_too_short_an_interval_recovers_nothing() -> None:
    days = {1: date(2024, 1, 1), 2: date(2024, 3, 1)}
    result = outcome(MICHIGAN, stomach(), starts=days)
    (found,) = recovery_of(result).structures
    assert [c.kept_ratio for c in found.courses] == [1.0, 1.0]
    limit = limit_of(result, 54, 2.5)
    assert limit.recovered_value == limit.value
    assert limit.recovered_verdict == "exceeded"
    assert "No verdict turns to met" in result.message("recovery-applied")


def test_the_smooth_form_recovers_less() -> None:
    stepped = limit_of(outcome(MICHIGAN, stomach()), 54, 2.5).recovered_value
    smooth = outcome(replace(MICHIGAN, recovery_form="smooth"), stomach())
    lagging = limit_of(smooth, 54, 2.5).recovered_value
    plain = limit_of(smooth, 54, 2.5).value
    assert stepped is not None
    assert lagging is not None
    assert plain is not None
    assert stepped < lagging < plain


@pytest.mark.parametrize(
    "organ",
    [
        Organ("GTV", {1: EVEN, 2: EVEN}, Role.GTV),
        Organ("Spleen", {1: EVEN, 2: EVEN}),
        Organ("Skin", {1: EVEN, 2: EVEN}),
    ],
)
def test_tumour_and_organs_without_a_row_are_left_out(organ: Organ) -> None:
    recovery = recovery_of(outcome(MICHIGAN, organ))
    assert recovery.structures == ()
    assert recovery.constraints == ()
    assert recovery.verification == "unverified"


def test_kidneys_keep_everything_and_all_their_metrics() -> None:
    organ = Organ("Kidneys", {1: EVEN, 2: EVEN})
    (found,) = recovery_of(outcome(MICHIGAN, organ)).structures
    assert [c.kept_ratio for c in found.courses] == [1.0, 1.0]
    each = float(eqd2(20.0, n_fractions=5, alpha_beta_gy=2.5))
    assert found.eqd2["Max[Gy]"] == pytest.approx(2 * each)


def test_a_recovered_parallel_organ_has_a_mean_but_no_maximum() -> None:
    organ = Organ("Liver", {1: EVEN, 2: EVEN})
    result = outcome(MICHIGAN, organ)
    (found,) = recovery_of(result).structures
    each = float(eqd2(20.0, n_fractions=5, alpha_beta_gy=2.5))
    assert found.eqd2["Mean[Gy]"] == pytest.approx(1.5 * each)
    assert found.eqd2["Max[Gy]"] is None
    assert found.eqd2["D0.1cc[Gy]"] is None
    assert "No near-maximum dose with recovery is given for Liver" in result.message(
        "recovery-applied"
    )
    spared = limit_of(result, 700, 2.5)
    assert spared.metric == "CV32Gy[cc]"
    assert spared.reason == ""


def test_a_lung_without_tumour_is_tested_without_tumour() -> None:
    # The first two points lie in the tumour.
    organ = Organ("Lungs", {1: [50.0, 50.0, 0.0, 0.0], 2: [50.0, 50.0, 0.0, 0.0]})
    gtv = Organ("GTV", {1: [50.0], 2: [50.0]}, Role.GTV)
    limit = limit_of(outcome(MICHIGAN, organ, gtv), 1000, 2.5)
    assert limit.structure == "Lungs-GTV"
    assert limit.value == pytest.approx(2.0)
    assert limit.recovered_value == pytest.approx(2.0)


def test_recovery_is_not_counted_twice() -> None:
    organ = Organ("Bowel_Small", {1: [40.0] * 4, 2: [40.0] * 4})
    result = outcome(MICHIGAN, organ)
    marked = {
        c.limit
        for c in result.constraints
        if c.contains_recovery and c.structure == "Bowel_Small"
    }
    assert marked == {98, 90, 100}
    for one in recovery_of(result).constraints:
        if one.limit in marked and one.set == "reirradiation":
            assert one.reason == CONTAINED
            assert one.recovered_value is None
            assert one.recovered_verdict == "not evaluable"
    assert "allow for recovery already" in result.message("recovery-applied")


def test_near_maximum_limits_of_a_recovered_parallel_organ_are_withheld() -> None:
    organ = Organ("Lungs", {1: [40.0] * 4, 2: [40.0] * 4})
    settings = replace(MICHIGAN, constraints=("tg101", "uk2022", "reirradiation"))
    found = recovery_of(outcome(settings, organ)).constraints
    for one in found:
        near_maximum = one.metric.startswith(("D", "Max"))
        assert (one.reason == PARALLEL) == near_maximum


def test_without_the_dose_of_a_course_nothing_is_recovered() -> None:
    organ = Organ("Stomach", {1: None, 2: EVEN})
    recovery = recovery_of(outcome(MICHIGAN, organ))
    assert set(recovery.structures[0].eqd2.values()) == {None}
    assert recovery.constraints == ()


@given(
    st.lists(st.floats(0, 40), min_size=4, max_size=4),
    st.lists(st.floats(0, 40), min_size=4, max_size=4),
    st.integers(0, 2000),
)
def test_recovery_never_makes_a_verdict_worse(
    first: list[float], second: list[float], days: int
) -> None:
    start = date(2020, 1, 1)
    result = outcome(
        MICHIGAN,
        Organ("Duodenum", {1: first, 2: second}),
        Organ("Liver", {1: second, 2: first}),
        starts={1: start, 2: date.fromordinal(start.toordinal() + days)},
    )
    for one in recovery_of(result).constraints:
        assert one.recovered_verdict == "not evaluable" or not (
            one.verdict == "met" and one.recovered_verdict == "exceeded"
        )


def test_the_assumptions_say_which_recovery_there_is() -> None:
    assert "No recovery of tissue between the courses is assumed." in assumptions(
        SETTINGS
    )
    (said,) = (text for text in assumptions(MICHIGAN) if "recovery" in text)
    assert "assume no recovery" in said
    assert "michigan (stepped)" in said
    assert "starts of the courses" in said
