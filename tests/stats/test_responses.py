"""Response at a time after the end of re-irradiation."""

from dataclasses import replace
from typing import Any

import pytest

from reirrad.core.cohort.clinical_records import FollowUp, Progression, Response
from reirrad.core.cohort.records import Cohort
from reirrad.stats.responses import (
    progressed_after,
    response_at,
    response_before_death,
)
from tests.stats.cohorts import COHORT, START, after, ask, with_records

YEAR = 365  # days, 11.99 months
ALIVE = FollowUp(patient="B", last_contact_date=after(900))


def died(days: int) -> FollowUp:
    return FollowUp(patient="B", death_date=after(days))


def imaging(number: int, days: int, **known: Any) -> Response:
    return Response(patient="B", number=number, date=after(days), **known)


def at(months: float, *records: Any, patient: int = 1) -> str | None:
    study = ask(with_records(with_records(COHORT, ALIVE), *records))
    return response_at(study.patients[patient], months, study.rules)


def test_at_twelve_months_the_imaging_nearest_counts() -> None:
    near = imaging(2, YEAR + 20, category="PR")
    far = imaging(3, YEAR - 60, category="SD")
    assert at(12.0, near, far) == "PR"
    assert at(12.0, far) == "SD"


@pytest.mark.parametrize("days", [200, 500])
def test_outside_the_window_nothing_can_be_evaluated(days: int) -> None:
    assert at(12.0, imaging(2, days, category="PR")) is None


def test_the_window_goes_with_the_time() -> None:
    assert at(24.0, imaging(2, 2 * YEAR, category="PR")) == "PR"
    assert at(24.0, imaging(2, YEAR, category="PR")) is None


def test_a_progression_before_stays_one() -> None:
    progression = Progression(patient="B", date=after(50), place="elsewhere")
    assert at(12.0, progression, imaging(2, YEAR, category="CR")) == "PD"
    late = Progression(patient="B", date=after(400), place="elsewhere")
    assert at(12.0, late, imaging(2, YEAR, category="CR")) == "CR"


def test_a_progression_before_the_course_is_not_one_after_it() -> None:
    before = Progression(patient="B", date=START.replace(year=2019), place="elsewhere")
    assert at(12.0, before, imaging(2, YEAR, category="CR")) == "CR"


def test_death_without_evaluation_is_not_evaluable() -> None:
    assert at(12.0, died(300)) is None


@pytest.mark.parametrize(
    ("seen", "dead", "expected"),
    [(280, 300, None), (280, 365, None), (280, 366, "SD"), (300, 800, "SD")],
)
def test_who_had_died_by_then_has_no_response(
    seen: int, dead: int, expected: str | None
) -> None:
    stable = imaging(2, seen, category="SD")
    assert at(12.0, stable, died(dead)) == expected
    study = ask(with_records(COHORT, stable, died(dead)))
    told = response_before_death(study.patients[1], 12.0, study.rules)
    assert told is (expected is None)


def test_a_progression_before_death_stays_one() -> None:
    grown = imaging(2, 280, category="PD")
    assert at(12.0, grown, died(300)) == "PD"
    study = ask(with_records(COHORT, grown, died(300)))
    assert not response_before_death(study.patients[1], 12.0, study.rules)


@pytest.mark.parametrize(
    ("contact", "expected"), [(None, None), (300, None), (365, None), (366, "SD")]
)
def test_who_died_on_an_unknown_day_has_one_only_if_known_alive_later(
    contact: int | None, expected: str | None
) -> None:
    unknown = FollowUp(
        patient="B",
        death_cause="unknown",
        last_contact_date=None if contact is None else after(contact),
    )
    assert at(12.0, imaging(2, 280, category="SD"), unknown) == expected
    assert at(12.0, imaging(2, 380, category="SD"), unknown) == "SD"
    imaged = replace(unknown, last_imaging_date=after(366))
    assert at(12.0, imaging(2, 280, category="SD"), imaged) == "SD"


@pytest.mark.parametrize("category", ["CR", "SD", "NE"])
def test_a_new_lesion_is_no_benefit(category: Any) -> None:
    early = imaging(2, 100, category=category, new_lesion=True)
    assert at(12.0, early, imaging(3, YEAR, category="CR")) == "PD"
    assert at(12.0, imaging(2, YEAR, category=category, new_lesion=True)) == "PD"


def test_without_the_end_of_the_course_there_is_no_time() -> None:
    seen = Response(patient="D", date=after(YEAR), category="CR")
    assert at(12.0, seen, patient=3) is None


def test_nobody_is_evaluated() -> None:
    assert ask(Cohort()).by_patient(lambda one: one.name) == []


def test_a_progression_after_the_time_is_told_apart() -> None:
    def later(*records: Any) -> bool:
        study = ask(with_records(COHORT, *records))
        return progressed_after(study.patients[1], 12.0, study.rules)

    after_it = imaging(2, YEAR + 20, category="PD")
    assert later(after_it)
    assert not later(imaging(2, YEAR - 20, category="PD"))
    assert not later(imaging(3, YEAR - 20, category="PD"), after_it)
    assert not later(imaging(2, YEAR + 20, category="PR"))
    assert not later()


def test_the_progression_of_a_lesion_is_one_of_the_patient() -> None:
    lesion = imaging(3, 100, lesion=2, category="PD")
    assert at(12.0, lesion, imaging(2, YEAR, category="CR")) == "PD"


def test_an_imaging_that_was_not_evaluable_stays_so() -> None:
    seen = {"sum_of_diameters_mm": 10.0, "new_lesion": False}
    before = Response(
        patient="B", number=1, date=START, baseline=True, sum_of_diameters_mm=50.0
    )
    assert at(12.0, before, imaging(2, YEAR, **seen)) == "PR"
    assert at(12.0, before, imaging(2, YEAR, category="NE", **seen)) is None
