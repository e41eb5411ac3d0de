from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.assessment import Assessment
from reirrad.core.radiobiology import bed, eqd2
from reirrad.core.recovery_results import RecoveredConstraint, Recovery
from reirrad.core.sensitivity_results import ConstraintSensitivity
from reirrad.core.settings import Settings
from reirrad.core.structures import Role
from reirrad.reports.json_document import assessment_json
from reirrad.workflows.assess import assess
from reirrad.workflows.recovering import CONTAINED, PARALLEL
from reirrad.workflows.settings import load_settings
from reirrad.workflows.summaries import assumptions
from tests.workflows.exports import course, write_patient
from tests.workflows.tissues import Organ, Outcome, outcome

SETTINGS = load_settings(None)
MICHIGAN = replace(SETTINGS, recovery_model="michigan")
EVEN = [20.0] * 4


def stomach(first: float = 20.0, second: float = 20.0) -> Organ:
    return Organ("Stomach", {1: [first] * 4, 2: [second] * 4})


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


def message(result: Outcome, code: str) -> str:
    (found,) = (f.message for f in result.biology.findings if f.code == code)
    return found


# Recovery.


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
    assert "Met only with recovery: Stomach D0.1cc[Gy] <= 54" in message(
        result, "recovery-applied"
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
    assert "No verdict turns to met" in message(result, "recovery-applied")


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
    assert "No near-maximum dose with recovery is given for Liver" in message(
        result, "recovery-applied"
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
    assert "allow for recovery already" in message(result, "recovery-applied")


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


# alpha/beta.


def hanging(result: Outcome) -> list[ConstraintSensitivity]:
    return list(result.biology.alpha_beta_sensitivity.constraints)


def test_a_verdict_that_hangs_on_the_ratio_is_marked() -> None:
    result = outcome(SETTINGS, stomach())
    (found,) = (one for one in hanging(result) if one.limit == 54)
    assert found.verdict == "exceeded"
    tested = {ratio.alpha_beta_gy: ratio for ratio in found.ratios}
    assert list(tested) == [2.5, 3.0, 4.0]
    for ratio, one in tested.items():
        expected = 2 * float(eqd2(20.0, n_fractions=5, alpha_beta_gy=ratio))
        assert one.value == pytest.approx(expected)
        assert one.limit == 54
        assert one.verdict == ("met" if expected <= 54 else "exceeded")
    assert "Stomach D0.1cc[Gy] <= 54 EQD2" in message(
        result, "limit-hangs-on-alpha-beta"
    )


def test_bed_limits_are_recomputed_as_bed() -> None:
    # Largest ratio of the range of bowel: 5.3 Gy.
    organ = Organ("Bowel_Small", {1: [25.0] * 4, 2: [20.0] * 4})
    found = [one for one in hanging(outcome(SETTINGS, organ)) if one.quantity == "BED"]
    assert [one.limit for one in found] == [98]
    last = found[0].ratios[-1]
    expected = sum(
        float(bed(dose, n_fractions=5, alpha_beta_gy=5.3)) for dose in (25.0, 20.0)
    )
    assert last.value == pytest.approx(expected)
    assert (found[0].verdict, last.verdict) == ("exceeded", "met")


def test_verdicts_far_from_their_limits_do_not_hang_on_anything() -> None:
    result = outcome(SETTINGS, stomach(1.0, 1.0))
    assert hanging(result) == []
    assert "limit-hangs-on-alpha-beta" not in result.codes


@given(st.lists(st.floats(0, 60), min_size=4, max_size=4))
def test_without_earlier_dose_a_limit_of_one_course_hangs_on_no_ratio(
    doses: list[float],
) -> None:
    # The physical dose decides, whatever the ratio that both are converted with.
    organ = Organ("SpinalCord", {1: [0.0] * 4, 2: doses})
    result = outcome(replace(SETTINGS, constraints=("tg101",)), organ)
    for one in hanging(result):
        assert one.value == pytest.approx(one.limit, rel=1e-9)


@given(
    st.lists(st.floats(0, 60), min_size=3, max_size=3),
    st.lists(st.floats(0, 60), min_size=3, max_size=3),
)
def test_metrics_over_the_range_are_those_of_each_ratio(
    first: list[float], second: list[float]
) -> None:
    result = outcome(SETTINGS, Organ("SpinalCord", {1: first, 2: second}))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert [one.alpha_beta_gy for one in found.ratios] == [0.87, 2.0, 3.7]
    assert found.own_alpha_beta_gy == 2.0
    for one in found.ratios:
        ratio = one.alpha_beta_gy
        total = eqd2(first, n_fractions=5, alpha_beta_gy=ratio) + eqd2(
            second, n_fractions=5, alpha_beta_gy=ratio
        )
        assert one.eqd2["Mean[Gy]"] == pytest.approx(total.mean(), abs=1e-9)
        assert one.eqd2["Max[Gy]"] == pytest.approx(total.max(), abs=1e-9)


def test_an_own_ratio_outside_of_the_range_widens_it() -> None:
    settings = replace(SETTINGS, alpha_beta_gy={"Liver": 8.0})
    result = outcome(settings, Organ("Liver", {1: EVEN, 2: EVEN}))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert [one.alpha_beta_gy for one in found.ratios] == [2.0, 3.0, 8.0]


def test_organs_without_a_published_range_are_swept() -> None:
    result = outcome(SETTINGS, Organ("Spleen", {1: EVEN, 2: EVEN}))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert [one.alpha_beta_gy for one in found.ratios] == [2.0, 2.5, 3.0, 4.0]
    assert found.source.startswith("reirrad")


def test_the_body_outline_is_left_out() -> None:
    body = Organ("External", {1: EVEN, 2: EVEN}, Role.EXTERNAL)
    assert outcome(SETTINGS, body).biology.alpha_beta_sensitivity.structures == ()


def test_without_the_dose_of_a_course_no_sum_has_a_value() -> None:
    result = outcome(SETTINGS, Organ("Stomach", {1: None, 2: EVEN}))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert {v for one in found.ratios for v in one.eqd2.values()} == {None}
    assert hanging(result) == []


def test_a_name_that_two_structures_share_hangs_on_nothing() -> None:
    result = outcome(
        SETTINGS, stomach(), Organ("Stomach", {1: EVEN, 2: EVEN}, label="Stomach 2")
    )
    assert hanging(result) == []


# Linear-quadratic-linear.

LINEAR = replace(SETTINGS, linear_quadratic_linear=True)


def test_the_linear_part_is_beside_and_lower() -> None:
    result = outcome(LINEAR, stomach(40.0, 5.0))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert found.linear_above is not None
    assert found.linear_above.transition_gy == 6.0
    d = 8.0
    lower = 5 * (6 * (1 + 6 / 3) + (1 + 2 * 6 / 3) * (d - 6)) / (1 + 2 / 3)
    other = float(eqd2(5.0, n_fractions=5, alpha_beta_gy=3.0))
    assert found.linear_above.eqd2["Max[Gy]"] == pytest.approx(lower + other)
    own = next(r for r in found.ratios if r.alpha_beta_gy == 3.0).eqd2["Max[Gy]"]
    assert own is not None
    assert lower + other < own
    assert "less cautious" in message(result, "linear-above-less-cautious")


def test_without_the_switch_there_is_no_linear_part() -> None:
    result = outcome(SETTINGS, stomach(40.0, 5.0))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert found.linear_above is None
    assert "linear-above-less-cautious" not in result.codes


@given(st.lists(st.floats(0, 90), min_size=4, max_size=4))
def test_no_limit_ever_sees_the_linear_part(doses: list[float]) -> None:
    organs = stomach(), Organ("SpinalCord", {1: doses, 2: doses[::-1]})
    off, on = outcome(SETTINGS, *organs), outcome(LINEAR, *organs)
    assert repr(on.constraints) == repr(off.constraints)
    assert repr(hanging(on)) == repr(hanging(off))


def test_an_unknown_dose_has_no_linear_part() -> None:
    result = outcome(LINEAR, Organ("Stomach", {1: None, 2: EVEN}))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert found.linear_above is not None
    assert set(found.linear_above.eqd2.values()) == {None}


# Spinal cord.


def cord(first: float, second: float, name: str = "SpinalCord") -> Organ:
    return Organ(name, {1: [first, 1.0], 2: [second, 1.0]})


@pytest.mark.parametrize("name", ["SpinalCord", "SpinalCanal", "ThecalSac"])
def test_cord_rules_hold_for_what_is_like_a_cord(name: str) -> None:
    result = outcome(SETTINGS, cord(30.0, 14.0, name), fractions={1: 10, 2: 3}).biology
    (rules,) = result.cord_rules
    total, latest, share, interval = rules.criteria
    assert total.value == pytest.approx(60.8333, abs=1e-3)
    assert latest.value == pytest.approx(23.3333, abs=1e-3)
    assert share.value == pytest.approx(0.38356, abs=1e-4)
    assert interval.value == pytest.approx(366 / 30.4375)
    assert rules.criteria_verdict == "met"
    assert (rules.score.points, rules.score.group) == (1.0, "low")
    assert rules.reason == ""


@pytest.mark.parametrize("name", ["CaudaEquina", "Stomach"])
def test_other_organs_have_no_cord_rules(name: str) -> None:
    assert outcome(SETTINGS, cord(30.0, 14.0, name)).biology.cord_rules == ()


def test_the_ratio_of_the_rules_is_their_own() -> None:
    settings = replace(SETTINGS, alpha_beta_gy={"SpinalCord": 4.0})
    (rules,) = outcome(settings, cord(20.0, 10.0)).biology.cord_rules
    expected = sum(
        float(eqd2(dose, n_fractions=5, alpha_beta_gy=2.0)) for dose in (20.0, 10.0)
    )
    assert rules.criteria[0].value == pytest.approx(expected)


def test_a_missed_criterion_is_a_finding() -> None:
    result = outcome(SETTINGS, cord(20.0, 25.0))
    assert result.biology.cord_rules[0].criteria_verdict == "exceeded"
    assert "latest EQD2" in message(result, "cord-criteria-not-met")


def test_a_rejected_registration_leaves_the_rules_open() -> None:
    organ = Organ("SpinalCord", {1: None, 2: [10.0, 1.0]})
    result = outcome(SETTINGS, organ)
    (rules,) = result.biology.cord_rules
    assert [c.verdict for c in rules.criteria] == [
        "not evaluable",
        "met",
        "not evaluable",
        "met",
    ]
    assert rules.criteria_verdict == "not evaluable"
    assert rules.score.points is None
    assert "the sum of the courses is not known" in rules.reason
    assert "cord-rules-not-evaluable" in result.codes


def test_the_shortest_of_several_intervals_counts() -> None:
    days = {1: date(2020, 1, 1), 2: date(2020, 3, 1), 3: date(2024, 1, 1)}
    organ = Organ("SpinalCord", {n: [5.0] for n in days})
    result = outcome(SETTINGS, organ, fractions=dict.fromkeys(days, 5), starts=days)
    interval = result.biology.cord_rules[0].criteria[3]
    assert interval.value == pytest.approx(60 / 30.4375)
    assert interval.verdict == "exceeded"


def test_one_course_has_no_interval() -> None:
    organ = Organ("SpinalCord", {1: [5.0]})
    result = outcome(SETTINGS, organ, fractions={1: 5})
    (rules,) = result.biology.cord_rules
    assert rules.criteria[3].verdict == "not evaluable"
    assert "interval" in rules.reason


# Models of the liver.

LIVER = Organ("Liver", {1: [50.0, 50.0, 20.0, 2.0], 2: [50.0, 10.0, 20.0, 0.0]})
GTV = Organ("GTV", {1: [50.0], 2: [50.0]}, Role.GTV)


def test_tumour_is_no_part_of_the_normal_liver() -> None:
    # The first two points lie in the tumour.
    result = outcome(SETTINGS, LIVER, GTV).biology
    cumulative = [m for m in result.models.normal_liver if m.scope == "cumulative"]
    assert len(cumulative) == 4
    received = [([20.0, 2.0], 5), ([20.0, 0.0], 5)]
    effect = sum(bed(dose, n_fractions=n, alpha_beta_gy=2.5) for dose, n in received)
    for one in cumulative:
        assert one.reference_dose_per_fraction_gy is not None
        doses = np.asarray(effect) / (1 + one.reference_dose_per_fraction_gy / 2.5)
        expected = np.mean(doses ** (1 / 0.97)) ** 0.97
        assert one.dose_gy == pytest.approx(expected)
        assert one.probability_percent is not None


def test_each_course_has_its_own_row() -> None:
    result = outcome(SETTINGS, LIVER, GTV).biology
    scopes = {m.scope for m in result.models.normal_liver}
    assert scopes == {"cumulative", "course 1", "course 2"}


def test_the_smaller_reference_fraction_gives_the_higher_probability() -> None:
    organ = Organ("Liver", {1: [30.0] * 4, 2: [1.0] * 4})
    at = {
        m.reference_dose_per_fraction_gy: m.probability_percent
        for m in outcome(SETTINGS, organ).biology.models.normal_liver
        if (m.model, m.scope) == ("LKB, metastases", "cumulative")
    }
    assert at[1.5] is not None
    assert at[2.0] is not None
    assert at[1.5] > at[2.0]


def test_extrapolation_is_told() -> None:
    hot = outcome(SETTINGS, LIVER)
    assert "more than 2 Gy per fraction" in message(hot, "model-extrapolated")
    even = Organ("Liver", {1: [9.0] * 4, 2: [9.0] * 4})
    assert "model-extrapolated" not in outcome(SETTINGS, even).codes


def test_without_dose_there_is_no_probability() -> None:
    organ = Organ("Liver", {1: None, 2: [20.0] * 4})
    result = outcome(SETTINGS, organ)
    by_scope = {
        m.scope: m.probability_percent for m in result.biology.models.normal_liver
    }
    assert by_scope["cumulative"] is None
    assert by_scope["course 1"] is None
    assert by_scope["course 2"] is not None
    assert "model-not-evaluable" in result.codes


def test_a_liver_without_dose_has_the_probability_of_none() -> None:
    result = outcome(SETTINGS, Organ("Liver", {1: [0.0] * 4, 2: [0.0] * 4}))
    for one in result.biology.models.normal_liver:
        assert one.dose_gy == 0.0
        assert one.effective_volume_share is None


def test_a_missing_liver_is_told() -> None:
    result = outcome(SETTINGS, stomach())
    assert result.biology.models.normal_liver == ()
    assert "no liver" in result.biology.models.missing[0]
    assert "model-not-evaluable" in result.codes


def test_no_model_of_liver_tumours_is_given_elsewhere() -> None:
    result = outcome(SETTINGS, stomach())
    assert result.biology.models.local_control == ()
    (found,) = (f for f in result.biology.findings if f.code == "model-not-evaluable")
    assert found.severity == "info"


def test_of_two_livers_none_is_chosen() -> None:
    other = Organ("Liver", {1: EVEN, 2: EVEN}, label="Liver 2")
    result = outcome(SETTINGS, Organ("Liver", {1: EVEN, 2: EVEN}), other)
    assert result.biology.models.normal_liver == ()
    assert result.biology.models.missing == (
        "several structures mean Liver: no model of liver or of liver tumours",
    )


def test_a_probability_that_hangs_on_unknown_dose_is_not_given() -> None:
    doses = {1: [30.0, 30.0, 30.0, 1.0], 2: [1.0] * 4}
    hanging_on = outcome(SETTINGS, Organ("Liver", doses, uncovered={1: [2]}))
    hardly = outcome(SETTINGS, Organ("Liver", doses, uncovered={1: [3]}))

    def percents(result: Outcome, scope: str) -> set[bool]:
        rows = result.biology.models.normal_liver
        return {m.probability_percent is None for m in rows if m.scope == scope}

    assert percents(hanging_on, "cumulative") == {True}
    assert percents(hanging_on, "course 1") == {True}
    assert percents(hanging_on, "course 2") == {False}
    assert percents(hardly, "cumulative") == {False}
    assert "model-not-evaluable" in hanging_on.codes


# The whole assessment.


def assessed(folder: Path, settings: Settings) -> Assessment:
    return assess(
        [folder], settings=settings, with_views=False, progress=lambda _: None
    )


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tissue")
    one = course(1, target_x=-10, frame="1.2.3", dose_gy=60.0)
    two = course(2, target_x=10, frame="1.2.3", dose_gy=40.0)
    return write_patient(folder, one, two)


@pytest.fixture(scope="module")
def plain(patient: Path) -> Assessment:
    return assessed(patient, SETTINGS)


@pytest.fixture(scope="module")
def switched_on(patient: Path) -> Assessment:
    return assessed(
        patient,
        replace(SETTINGS, recovery_model="michigan", linear_quadratic_linear=True),
    )


def test_the_switches_leave_every_reported_number_as_it_is(
    plain: Assessment, switched_on: Assessment
) -> None:
    assert repr(switched_on.constraints) == repr(plain.constraints)
    for one, other in zip(switched_on.structures, plain.structures, strict=True):
        assert one.cumulative == other.cumulative
        assert one.courses == other.courses
    assert assessment_json(_bare(switched_on)) == assessment_json(_bare(plain))


def _bare(assessment: Assessment) -> Assessment:
    """Without what the switches are meant to change."""
    return replace(
        assessment,
        created="",
        recovery=None,
        alpha_beta_sensitivity=None,
        assumptions=(),
        findings=(),
    )


def test_own_metrics_stand_among_those_of_the_range(plain: Assessment) -> None:
    assert plain.alpha_beta_sensitivity is not None
    cumulative = {s.name: s.cumulative.eqd2 for s in plain.structures}
    for one in plain.alpha_beta_sensitivity.structures:
        own = next(r for r in one.ratios if r.alpha_beta_gy == one.own_alpha_beta_gy)
        for name, value in own.eqd2.items():
            assert cumulative[one.structure][name] == value


def test_recovered_doses_are_below_the_reported_ones(switched_on: Assessment) -> None:
    assert switched_on.recovery is not None
    cumulative = {s.name: s.cumulative.eqd2 for s in switched_on.structures}
    assert {s.structure for s in switched_on.recovery.structures} == {
        "Liver",
        "Duodenum",
    }
    for one in switched_on.recovery.structures:
        full, recovered = cumulative[one.structure]["Mean[Gy]"], one.eqd2["Mean[Gy]"]
        assert full is not None
        assert recovered is not None
        assert recovered < full


def test_local_control_is_told_by_prescription_and_coverage(plain: Assessment) -> None:
    assert plain.models is not None
    by_subject = {(c.course, c.subject): c for c in plain.models.local_control}
    assert set(by_subject) == {
        (1, "prescription"),
        (1, "PTV D95%"),
        (2, "prescription"),
        (2, "PTV D95%"),
    }
    first, second = by_subject[1, "prescription"], by_subject[2, "prescription"]
    assert (first.bed_gy, first.above, first.control_percent) == (132.0, True, 93.0)
    assert (second.bed_gy, second.above, second.control_percent) == (72.0, False, 65.0)
    target = by_subject[1, "PTV D95%"]
    quality = plain.courses[0].plan_quality.targets[0]
    assert target.dose_gy == quality.metrics["D95%[Gy]"]
    assert target.dose_gy is not None
    assert target.bed_gy == pytest.approx(
        float(bed(target.dose_gy, n_fractions=5, alpha_beta_gy=10.0))
    )


def test_the_probit_is_of_one_course_and_an_illustration(plain: Assessment) -> None:
    assert plain.models is not None
    probits = [m for m in plain.models.normal_liver if m.illustration]
    assert [m.scope for m in probits] == ["course 1", "course 2"]
    for one, summary in zip(probits, plain.courses, strict=True):
        assert summary.plan_quality.normal_liver is not None
        assert one.dose_gy == summary.plan_quality.normal_liver.mean_gy
