"""Response as recorded or by the sums of diameters, and at a time."""

from typing import Any

import pytest

from reirrad.core.cohort.clinical_records import Progression, Response
from reirrad.core.cohort.records import Cohort
from reirrad.stats.responses import evaluations, response_at
from tests.stats.cohorts import COHORT, START, after, ask, with_records

YEAR = 365  # days, 11.99 months


def imaging(number: int, days: int, **known: Any) -> Response:
    return Response(patient="B", number=number, date=after(days), **known)


def baseline(mm: float) -> Response:
    return Response(
        patient="B", number=1, date=START, baseline=True, sum_of_diameters_mm=mm
    )


def categories(*records: Response) -> list[str | None]:
    study = ask(with_records(COHORT, *records))
    return [found.category for found in evaluations(study.patients[1], study.rules)]


def at(months: float, *records: Any, patient: int = 1) -> str | None:
    study = ask(with_records(COHORT, *records))
    return response_at(study.patients[patient], months, study.rules)


@pytest.mark.parametrize(
    ("sums", "expected"),
    [
        ([35.0], ["PR"]),
        ([36.0], ["SD"]),
        ([0.0], ["CR"]),
        ([30.0, 36.0], ["PR", "PD"]),
        ([30.0, 35.0], ["PR", "PR"]),
        ([60.0], ["PD"]),
    ],
)
def test_the_sum_is_held_to_baseline_and_to_the_smallest_before(
    sums: list[float], expected: list[str]
) -> None:
    records = [
        imaging(n, 60 * n, sum_of_diameters_mm=mm, new_lesion=False)
        for n, mm in enumerate(sums, start=2)
    ]
    assert categories(baseline(50.0), *records) == expected


def test_a_new_lesion_is_progression_without_any_sum() -> None:
    assert categories(imaging(1, 60, new_lesion=True)) == ["PD"]


@pytest.mark.parametrize(
    "records",
    [
        (imaging(2, 60, sum_of_diameters_mm=20.0, new_lesion=False),),
        (baseline(50.0), imaging(2, 60, new_lesion=False)),
        (baseline(50.0), imaging(2, 60, sum_of_diameters_mm=20.0)),
        (baseline(0.0), imaging(2, 60, sum_of_diameters_mm=0.0, new_lesion=False)),
        (imaging(2, 60, category="NE"),),
    ],
)
def test_what_is_not_known_is_no_response(records: tuple[Response, ...]) -> None:
    assert categories(*records) == [None]


def test_the_recorded_category_stands_before_the_derived_one() -> None:
    recorded = imaging(2, 60, sum_of_diameters_mm=20.0, new_lesion=False, category="SD")
    assert categories(baseline(50.0), recorded) == ["SD"]


def test_a_later_baseline_begins_anew() -> None:
    second = imaging(3, 170, baseline=True, sum_of_diameters_mm=40.0)
    found = imaging(4, 230, sum_of_diameters_mm=30.0, new_lesion=False)
    first = imaging(2, 60, sum_of_diameters_mm=10.0, new_lesion=False)
    assert categories(baseline(50.0), first, second, found) == ["PR", "SD"]


def test_response_of_a_lesion_or_before_the_course_is_not_the_patients() -> None:
    lesion = imaging(2, 60, lesion=2, category="CR")
    before = Response(
        patient="B", number=3, date=START.replace(year=2019), category="CR"
    )
    assert categories(lesion, before) == []


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
