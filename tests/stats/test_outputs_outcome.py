"""O27, O30, O31, O32: follow-up, response, survival and their groups."""

import pytest

from reirrad.core.cohort.clinical_records import Progression, Response
from reirrad.core.cohort.records import Cohort
from reirrad.phantoms.example_cohort import example_cohort
from reirrad.stats.outputs_outcome import group_tests, outcome_outputs, survival_of
from reirrad.stats.results import Output, TimeToEvent
from reirrad.stats.study import Study
from tests.stats.cohorts import (
    COHORT,
    after,
    ask,
    counts,
    months,
    numbers,
    row,
    with_records,
)


def outputs(study: Study) -> dict[str, Output]:
    found = outcome_outputs(study, survival_of(study), group_tests(study))
    return {output.id: output for output in found}


def endpoint(study: Study, name: str, stratum: str = "all") -> TimeToEvent:
    (found,) = [
        one
        for one in survival_of(study)
        if (one.endpoint, one.stratum) == (name, stratum)
    ]
    return found


def test_every_endpoint_is_there_for_all_and_each_group_with_its_unit() -> None:
    found = survival_of(ask(COHORT))
    units = {one.endpoint: one.unit for one in found}
    assert units == {
        "overall survival": "patient",
        "progression-free survival": "patient",
        "local progression": "lesion",
        "local control, deaths censored": "lesion",
        "local progression, one lesion per patient": "patient",
        "follow-up": "patient",
    }
    assert len(found) == 6 * 5


def test_overall_survival_by_hand() -> None:
    found = endpoint(ask(COHORT, fewest_at_risk=1), "overall survival")
    assert (found.n, found.events, found.missing) == (2, 1, 2)
    assert found.at[0].estimate == 0.5  # B died after 9.9 months, A is still followed
    assert found.at[0].at_risk == 1


def test_local_progression_by_hand() -> None:
    # Of four lesions one progresses at 100 days; two die later without progression.
    found = endpoint(ask(COHORT, fewest_at_risk=1), "local progression")
    assert (found.n, found.events, found.competing, found.missing) == (4, 1, 2, 1)
    assert found.at[0].estimate == pytest.approx(0.25)


def test_few_at_risk_give_no_estimate_but_a_note() -> None:
    found = endpoint(ask(COHORT), "overall survival")
    assert found.at[0].estimate is None
    assert found.at[0].note


def test_o30_tells_of_a_progression_after_the_time() -> None:
    seen = Response(patient="A", number=2, date=after(400), category="PD")
    kept = Progression(patient="A", number=1, date=after(400), place="elsewhere")
    notes = outputs(ask(with_records(COHORT, seen, kept)))["O30"].notes
    assert notes[1].startswith("At 12 months: in 1 of 4 patients the nearest imaging")
    assert len(outputs(ask(COHORT))["O30"].notes) == 1


def test_o30_tells_of_responses_that_ended_with_death() -> None:
    seen = Response(patient="B", date=after(280), category="SD")
    found = outputs(ask(with_records(COHORT, seen)))["O30"]
    assert counts(found, "clinical benefit") == ({}, 1, 3)
    evaluated, died = found.notes
    assert evaluated == (
        "At 12 months: 1 of 4 patients can be evaluated, 3 cannot; 1 of them had died "
        "by then."
    )
    assert died == (
        "At 12 months: in 1 of 4 patients the imaging in the window is no progression "
        "but does not count, since the patient had died by then, or on a day that is "
        "not known."
    )


def test_o27_observed_and_reverse_follow_up() -> None:
    found = outputs(ask(COHORT, fewest_at_risk=1))["O27"]
    observed = numbers(found, "observed")
    assert (observed.n, observed.missing) == (2, 2)
    assert observed.median == pytest.approx((months(487) + months(300)) / 2)
    reverse = row(found, "reverse Kaplan-Meier").result
    assert isinstance(reverse, TimeToEvent)
    assert reverse.median_months == 16.0


def test_a_median_of_a_few_units_is_withheld() -> None:
    found = endpoint(ask(COHORT, fewest_at_risk=3), "follow-up")
    assert found.n == 2
    assert found.median_months is None
    assert found.median_note == "not given for fewer than 3 units"


def test_a_median_with_few_under_observation_at_it_is_withheld() -> None:
    """At 16 months one of two is under observation: a value there is not given."""
    found = endpoint(ask(COHORT, fewest_at_risk=2), "follow-up")
    assert found.n == 2
    assert found.median_months is None
    assert (found.median_low, found.median_high) == (None, None)
    assert found.median_note == (
        "not given where fewer than 2 units are under observation at it"
    )
    assert endpoint(ask(COHORT, fewest_at_risk=1), "follow-up").median_months == 16.0


@pytest.mark.parametrize("fewest", [1, 3, 5, 8])
def test_a_median_obeys_the_rule_of_a_value_at_the_same_time(fewest: int) -> None:
    example = example_cohort()
    asked = survival_of(ask(example, fewest_at_risk=fewest))
    for plain, found in zip(
        survival_of(ask(example, fewest_at_risk=1)), asked, strict=True
    ):
        if plain.median_months is None or plain.curve is None:
            continue
        left = [
            n
            for time, n in zip(
                plain.curve.times_months, plain.curve.at_risk, strict=True
            )
            if time >= plain.median_months
        ]
        given = found.n >= fewest and left[:1] >= [fewest]
        assert (found.median_months is not None) is given
        assert bool(found.median_note) is not given


def test_lines_of_survival_have_their_own_unit_of_analysis() -> None:
    found = outputs(ask(COHORT))
    units = {line.item: line.of for line in found["O31"].rows}
    assert units["overall survival"] == "patient"
    assert units["local progression"] == "lesion"
    endpoints = {line.item for line in found["O32"].rows}
    assert endpoints == set(units)


def test_o30_responders_out_of_those_who_can_be_evaluated() -> None:
    stable = Response(patient="C", date=after(365), category="SD")
    found = outputs(ask(with_records(COHORT, stable)))["O30"]
    # A progressed, C is stable; B died and D has no end of the course.
    assert counts(found, "response") == ({"SD": 1, "PD": 1}, 2, 2)
    assert counts(found, "objective response") == ({}, 2, 2)
    benefit = {"clinical benefit": 1}
    assert counts(found, "clinical benefit") == (benefit, 2, 2)
    assert counts(found, "clinical benefit", "2") == (benefit, 1, 0)
    (note,) = found.notes
    assert note == (
        "At 12 months: 2 of 4 patients can be evaluated, 2 cannot; 1 of them had died "
        "by then."
    )


def test_o30_several_times_are_named() -> None:
    study = ask(COHORT, horizons_months=(12.0, 24.0))
    found = outputs(study)["O30"]
    assert counts(found, "clinical benefit at 24 months")[1:] == (1, 3)
    assert len(found.notes) == 2


def test_o31_is_of_all_and_o32_of_the_groups() -> None:
    found = outputs(ask(COHORT))
    assert {one.stratum for one in found["O31"].rows} == {"all"}
    assert {one.stratum for one in found["O32"].rows} == {"1A", "1B", "2", "not known"}
    assert len(found["O32"].notes) == 3


def test_tests_compare_known_groups_by_log_rank_and_gray() -> None:
    elsewhere = Progression(patient="C", date=after(40), place="elsewhere")
    found = group_tests(ask(with_records(COHORT, elsewhere)))
    assert [(one.endpoint, one.name) for one in found] == [
        ("overall survival", "log-rank"),
        ("progression-free survival", "log-rank"),
        ("local progression", "Gray"),
    ]
    assert all("not known" not in one.groups for one in found)


def test_a_test_of_few_events_is_descriptive() -> None:
    for fewest, descriptive in ((1, False), (50, True)):
        found = group_tests(ask(example_cohort(), fewest_at_risk=fewest))
        assert [one.descriptive for one in found] == [descriptive] * 3
        assert [one.events for one in found] == [
            endpoint(ask(example_cohort()), one.endpoint).events for one in found
        ]


def test_without_groups_nothing_is_compared() -> None:
    assert group_tests(ask(Cohort())) == ()
    assert outputs(ask(Cohort()))["O32"].rows == ()
    empty = row(outputs(ask(Cohort()))["O31"], "overall survival").result
    assert isinstance(empty, TimeToEvent)
    assert (empty.n, empty.curve) == (0, None)
