"""Patients, courses and lesions of the analysis, and what a course is compared with."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.records import Cohort, cohort_of
from reirrad.stats.treated import (
    Treated,
    assessed_course,
    earlier_course,
    earlier_courses,
    lesions_in,
    months_between,
    overlap_of,
    treated_patients,
)
from tests.stats.cohorts import COHORT, A, B, again, first_course, with_records


def treated(cohort: Cohort, name: str) -> Treated:
    return next(one for one in treated_patients(cohort) if one.name == name)


def test_only_patients_with_a_reirradiation_take_part_each_with_their_own() -> None:
    found = treated_patients(COHORT)
    assert [one.name for one in found] == ["A", "B", "C", "D"]
    assert [[course.number for course in one.courses] for one in found] == [
        [2],
        [2, 3],
        [2],
        [1],
    ]
    assert all(
        record.patient == one.name for one in found for record in one.records.lesion
    )


def test_the_first_reirradiation_is_the_earliest_whatever_its_number() -> None:
    late = again("B", 2, start_date=date(2021, 1, 1), end_date=date(2021, 1, 9))
    found = treated(with_records(COHORT, late), "B")
    assert [course.number for course in found.courses] == [3, 2]
    assert found.first.number == 3


def test_unknown_patient_and_follow_up_have_no_values() -> None:
    found = treated(cohort_of([first_course("Z"), again("Z")]), "Z")
    assert found.patient.birth_date is None
    assert found.followup.last_contact_date is None
    assert found.followup.toxicity_recorded is None


def test_lesions_are_those_of_the_course() -> None:
    one = treated(COHORT, "A")
    assert [lesion.number for lesion in lesions_in(one, one.first)] == [2, 3]
    assert lesions_in(treated(COHORT, "D"), treated(COHORT, "D").first) == ()


def test_the_earlier_course_is_the_named_one_else_the_last_begun_before() -> None:
    one = treated(COHORT, "B")
    second, third = one.courses
    assert earlier_course(one, second) == first_course("B")
    assert earlier_course(one, third) == second
    named = treated(with_records(COHORT, replace(third, previous_course=1)), "B")
    assert earlier_course(named, named.courses[1]) == first_course("B")
    alone = treated(COHORT, "D")
    assert earlier_course(alone, alone.first) is None
    lost = treated(with_records(COHORT, replace(second, previous_course=9)), "B")
    assert earlier_course(lost, lost.first) is None


def test_a_course_that_two_are_compared_with_is_counted_once() -> None:
    one = treated(COHORT, "B")
    third = replace(one.courses[1], previous_course=1)
    both = treated(with_records(COHORT, third), "B")
    assert [(was.number, now.number) for was, now in earlier_courses(both)] == [(1, 2)]
    assert [(was.number, now.number) for was, now in earlier_courses(one)] == [
        (1, 2),
        (2, 3),
    ]


def test_the_overlap_is_that_with_the_named_course_else_the_highest_type() -> None:
    one = treated(COHORT, "B")
    third = one.courses[1]
    highest = overlap_of(one, third)
    assert highest is not None
    assert highest.resbrt_type == "1A"
    named = treated(with_records(COHORT, replace(third, previous_course=1)), "B")
    with_first = overlap_of(named, named.courses[1])
    assert with_first is not None
    assert with_first.resbrt_type == "2"
    assert overlap_of(treated(COHORT, "D"), treated(COHORT, "D").first) is None


@pytest.mark.parametrize(
    ("other", "chosen"),
    [("1B", "1B"), ("1B*", "1B*"), ("2", "1A"), ("undetermined", "1A"), (None, "1A")],
)
def test_types_are_ranked_1b_1b_star_1a_2_undetermined(other: Any, chosen: str) -> None:
    added = Overlap(patient="B", number=2, first=1, second=3, resbrt_type=other)
    one = treated(with_records(COHORT, added), "B")
    found = overlap_of(one, one.courses[1])
    assert found is not None
    assert found.resbrt_type == chosen


def test_an_assessment_is_of_the_latest_course_among_its_overlaps() -> None:
    rows = [one for one in B if isinstance(one, Overlap)]
    first = [replace(rows[0], assessment=1)]
    both = [replace(one, assessment=2) for one in rows[1:]]
    one = treated(with_records(COHORT, *first, *both), "B")
    assert assessed_course(one, 1).number == 2
    assert assessed_course(one, 2).number == 3
    assert assessed_course(one, None).number == 3
    assert assessed_course(one, 7).number == 3


def test_months_have_30_4375_days_and_may_be_negative() -> None:
    assert months_between(date(2020, 1, 1), date(2021, 5, 2)) == 16.0
    assert months_between(date(2021, 5, 2), date(2020, 1, 1)) == -16.0
    assert months_between(None, date(2020, 1, 1)) is None
    assert months_between(date(2020, 1, 1), None) is None


def test_a_cohort_of_nobody_has_no_patients() -> None:
    assert treated_patients(Cohort()) == ()
    assert treated_patients(cohort_of([A[0], A[2]])) == ()
