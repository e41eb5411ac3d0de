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
    assessed_courses,
    earlier_course,
    earlier_courses,
    lesions_in,
    months_between,
    overlap_of,
    treated_patients,
)
from tests.stats.cohorts import (
    COHORT,
    A,
    B,
    again,
    assessment,
    first_course,
    with_records,
)


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
    [
        ("1B", "1B"),
        ("1B*", "1B*"),
        ("2", "1A"),
        ("undetermined", "undetermined"),
        (None, "undetermined"),
    ],
)
def test_types_are_ranked_1b_undetermined_1b_star_1a_2(other: Any, chosen: str) -> None:
    added = Overlap(patient="B", number=2, first=1, second=3, resbrt_type=other)
    one = treated(with_records(COHORT, added), "B")
    found = overlap_of(one, one.courses[1])
    assert found is not None
    assert found.resbrt_type == chosen


@pytest.mark.parametrize("unknown", ["undetermined", None])
@pytest.mark.parametrize("known", ["1B", "1B*", "1A", "2"])
def test_beside_an_unknown_type_only_1b_is_known(unknown: Any, known: Any) -> None:
    pairs = [(2, 1, unknown), (3, 2, known)]
    for one_way in (pairs, pairs[::-1]):
        overlaps = [
            Overlap(
                patient="B",
                number=number,
                first=first,
                second=3,
                resbrt_type=kind,
                as_applied_type=kind,
            )
            for number, first, kind in one_way
        ]
        one = treated(with_records(COHORT, *overlaps), "B")
        for policy in ("resbrt_type", "as_applied_type"):
            found = overlap_of(one, one.courses[1], policy)
            expected = "1B" if known == "1B" else "undetermined"
            assert getattr(found, policy) == expected


def test_where_no_type_is_recorded_it_is_missing() -> None:
    bare = [
        Overlap(patient="B", number=number, first=number - 1, second=3)
        for number in (2, 3)
    ]
    one = treated(with_records(COHORT, *bare), "B")
    assert overlap_of(one, one.courses[1]) == bare[0]


def test_each_reading_has_its_own_highest_type() -> None:
    other = Overlap(
        patient="B",
        number=2,
        first=1,
        second=3,
        resbrt_type="1B",
        as_applied_type="2",
        ov2gy_organ_cc=20.0,
    )
    kept = Overlap(
        patient="B",
        number=3,
        first=2,
        second=3,
        resbrt_type="1A",
        as_applied_type="1A",
        ov2gy_organ_cc=500.0,
    )
    one = treated(with_records(COHORT, other, kept), "B")
    third = one.courses[1]
    assert overlap_of(one, third) == other
    assert overlap_of(one, third, "as_applied_type") == kept
    # Interval and overlap are of the same pair.
    assert earlier_course(one, third) == first_course("B")


@pytest.mark.parametrize(
    ("first", "second"),
    [((10.0, 5.0), (500.0, 0.0)), ((500.0, 1.0), (500.0, 4.0)), ((None, 9.0), (0, 0))],
)
def test_of_equal_types_the_larger_overlap_decides_in_any_order(
    first: tuple[float | None, float], second: tuple[float, float]
) -> None:
    def largest(*volumes: tuple[float | None, float]) -> Overlap | None:
        overlaps = [
            Overlap(
                patient="B",
                number=number,
                first=number - 1,
                second=3,
                resbrt_type="1A",
                ov2gy_organ_cc=ov2gy,
                ov50_organ_cc=ov50,
            )
            for number, (ov2gy, ov50) in enumerate(volumes, start=2)
        ]
        one = treated(with_records(COHORT, *overlaps), "B")
        return overlap_of(one, one.courses[1])

    for volumes in ((first, second), (second, first)):
        found = largest(*volumes)
        assert found is not None
        assert (found.ov2gy_organ_cc, found.ov50_organ_cc) == second


def test_an_assessment_is_of_the_latest_course_among_its_overlaps() -> None:
    rows = [one for one in B if isinstance(one, Overlap)]
    first = [replace(rows[0], assessment=1)]
    both = [replace(one, assessment=2) for one in rows[1:]]
    one = treated(with_records(COHORT, *first, *both), "B")
    assert assessed_course(one, 1).number == 2
    assert assessed_course(one, 2).number == 3
    assert assessed_course(one, None).number == 3
    assert assessed_course(one, 7).number == 3
    assert assessed_courses(one, 2) == {1, 2, 3}
    assert assessed_courses(one, None) == assessed_courses(one, 7) == frozenset()


def test_an_assessment_has_courses_whose_overlaps_a_newer_one_took_over() -> None:
    """Of 1, 2 and 3 together, when 1-3 and 2-3 were assessed again."""
    rows = [one for one in B if isinstance(one, Overlap)]
    made = assessment("B", number=1, created_at="2026-01-01T00:00:00Z")
    left = [
        replace(rows[0], assessment=1),
        *(replace(o, assessment=2) for o in rows[1:]),
    ]
    one = treated(with_records(COHORT, replace(made, reference_course=3), *left), "B")
    assert assessed_courses(one, 1) == {1, 2, 3}
    assert assessed_course(one, 1).number == 3


def test_months_have_30_4375_days_and_may_be_negative() -> None:
    assert months_between(date(2020, 1, 1), date(2021, 5, 2)) == 16.0
    assert months_between(date(2021, 5, 2), date(2020, 1, 1)) == -16.0
    assert months_between(None, date(2020, 1, 1)) is None
    assert months_between(date(2020, 1, 1), None) is None


def test_a_cohort_of_nobody_has_no_patients() -> None:
    assert treated_patients(Cohort()) == ()
    assert treated_patients(cohort_of([A[0], A[2]])) == ()
