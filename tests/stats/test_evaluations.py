"""Response as recorded or by the sums of diameters."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from reirrad.core.cohort.clinical_records import Response
from reirrad.stats.evaluations import evaluations
from tests.stats.cohorts import COHORT, START, after, ask, first_course, with_records

PREVIOUS_END = date(2019, 1, 10)


def imaging(number: int, days: int, **known: Any) -> Response:
    return Response(patient="B", number=number, date=after(days), **known)


def baseline(mm: float, day: date = START, *, flagged: bool = True) -> Response:
    return Response(
        patient="B",
        number=1,
        date=day,
        baseline=flagged or None,
        sum_of_diameters_mm=mm,
    )


def categories(*records: Any, lesion: int | None = None) -> list[str | None]:
    study = ask(with_records(COHORT, *records))
    found = evaluations(study.patients[1], study.rules, lesion=lesion)
    return [one.category for one in found]


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


def test_a_new_lesion_is_progression_whatever_is_recorded() -> None:
    for category in ("CR", "SD", "NE"):
        found = imaging(1, 60, new_lesion=True, category=category)
        assert categories(found) == ["PD"]
        # Beside a lesion it is told with the progressions, and not of this lesion.
        of_lesion = replace(found, lesion=2)
        expected = None if category == "NE" else category
        assert categories(of_lesion, lesion=2) == [expected]


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


NOW = imaging(5, 60, sum_of_diameters_mm=30.0, new_lesion=False)


@pytest.mark.parametrize("flagged", [True, False])
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (PREVIOUS_END - timedelta(1), None),
        (PREVIOUS_END, "PR"),
        (START, "PR"),
        (START + timedelta(1), None),
    ],
)
def test_the_baseline_lies_between_the_courses(
    day: date, expected: str | None, *, flagged: bool
) -> None:
    found = categories(baseline(50.0, day, flagged=flagged), NOW)
    assert found[-1] == expected


def test_the_flagged_baseline_stands_before_a_later_imaging() -> None:
    flagged = baseline(50.0, START - timedelta(20))
    later = Response(
        patient="B", number=2, date=START - timedelta(5), sum_of_diameters_mm=40.0
    )
    # The smallest sum since the baseline is 30 mm of 50 mm.
    assert categories(flagged, later, NOW) == ["PR"]
    unflagged = replace(flagged, baseline=None)
    assert categories(unflagged, later, NOW) == ["SD"]


def test_without_the_end_of_the_previous_course_no_sum_is_judged() -> None:
    unknown = replace(first_course("B"), end_date=None)
    assert categories(unknown, baseline(50.0), NOW) == [None]


def test_the_first_day_is_baseline() -> None:
    seen = Response(patient="B", number=2, date=START, category="PD")
    assert categories(seen) == []


def test_a_lesion_is_held_to_its_own_baseline() -> None:
    before = replace(baseline(20.0), lesion=2)
    grown = imaging(2, 60, lesion=2, sum_of_diameters_mm=30.0)
    assert categories(baseline(50.0), before, grown, lesion=2) in (["PD"],)
    assert categories(before, imaging(2, 60, lesion=2, new_lesion=True), lesion=2) == [
        None
    ]
