from dataclasses import replace
from datetime import date

import pytest

from reirrad.core.radiobiology import eqd2
from reirrad.workflows.settings import load_settings
from tests.workflows.tissues import Organ, outcome

SETTINGS = load_settings(None)


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
    assert "latest EQD2" in result.message("cord-criteria-not-met")


@pytest.mark.parametrize(
    ("first", "second", "severity"), [(5.0, 6.0, "info"), (12.0, 14.0, "warning")]
)
def test_the_share_of_a_small_sum_is_no_warning(
    first: float, second: float, severity: str
) -> None:
    # 11 and 26 Gy in 2 x 5 fractions: 12 and 31 Gy EQD2, below and above 25 Gy.
    found = outcome(SETTINGS, cord(first, second)).biology.findings
    (finding,) = [one for one in found if one.code == "cord-criteria-not-met"]
    assert "latest share of total" in finding.message
    assert finding.severity == severity


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
