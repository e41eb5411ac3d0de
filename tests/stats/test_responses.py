"""Response at a time after the end of re-irradiation."""

from typing import Any

import pytest

from reirrad.core.cohort.clinical_records import Progression, Response
from reirrad.core.cohort.records import Cohort
from reirrad.stats.responses import progressed_after, response_at
from tests.stats.cohorts import COHORT, START, after, ask, with_records

YEAR = 365  # days, 11.99 months


def imaging(number: int, days: int, **known: Any) -> Response:
    return Response(patient="B", number=number, date=after(days), **known)


def at(months: float, *records: Any, patient: int = 1) -> str | None:
    study = ask(with_records(COHORT, *records))
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
    assert at(12.0) is None


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
