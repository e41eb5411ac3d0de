"""Which dose of an organ is meant."""

from dataclasses import replace
from datetime import date

from reirrad.core.cohort.treatment_records import Course
from reirrad.stats.organ_doses import (
    Scope,
    doses_in_scope,
    liver_dose,
    normal_liver_cc,
    organ_dose,
    sums_of,
    whole_sums,
)
from tests.stats.cohorts import (
    COHORT,
    again,
    ask,
    assessment,
    liver,
    with_records,
    with_two_assessments,
)

DOSES = (
    liver("B", number=1, course=1, quantity="physical", mean_gy=1.0),
    liver("B", number=2, course=2, quantity="physical", mean_gy=2.0),
    liver("B", number=3, course=3, quantity="physical", mean_gy=3.0),
    liver("B", number=4, mean_gy=9.0),
)


def test_scopes_of_a_first_and_of_a_second_reirradiation() -> None:
    one = ask(with_records(COHORT, *DOSES)).patients[1]
    second, third = one.courses

    def means(course: Course, scope: Scope) -> list[float | None]:
        return [dose.mean_gy for dose in doses_in_scope(one, course, scope)]

    assert means(second, "previous course") == [1.0]
    assert means(second, "re-irradiation") == [2.0]
    assert means(third, "previous course") == [2.0]
    # A sum of no assessment is that of the last re-irradiation.
    assert means(second, "cumulative") == []
    assert means(third, "cumulative") == [9.0]


SUMS = (
    liver("B", number=1, mean_gy=15.0, assessment=1),
    liver("B", number=2, mean_gy=9.0, assessment=2),
    liver("B", number=3, mean_gy=14.0),
)


def test_all_together_is_the_newest_sum_of_every_course() -> None:
    """A newer one of courses 2 and 3 alone is lower, as it lacks the first."""
    one = ask(with_two_assessments(*SUMS)).patients[1]
    third = one.courses[1]
    assert sums_of(one, third) == {1: (), 2: (1,), None: ()}
    assert whole_sums(one, third) == {1, None}
    assert sums_of(one, one.first) == {}
    given = doses_in_scope(one, third, "cumulative")
    assert organ_dose(given, "Liver", "EQD2") == SUMS[0]


def test_a_sum_that_lacks_a_course_is_missing_but_not_one_that_a_person_made() -> None:
    for sums, expected in ((SUMS[1:2], None), (SUMS[1:], SUMS[2])):
        one = ask(with_two_assessments(*sums)).patients[1]
        given = doses_in_scope(one, one.courses[1], "cumulative")
        assert organ_dose(given, "Liver", "EQD2") == expected


def test_a_course_that_began_later_is_not_lacking() -> None:
    later = again("B", 4, start_date=date(2021, 1, 1), end_date=date(2021, 1, 9))
    one = ask(with_two_assessments(*SUMS, later)).patients[1]
    assert whole_sums(one, one.courses[1]) == {1}
    assert whole_sums(one, one.courses[2]) == {None}


def test_without_a_previous_course_there_is_no_dose_of_it() -> None:
    one = ask(COHORT).patients[3]
    assert doses_in_scope(one, one.first, "previous course") == ()


def test_quantities_and_organs_are_not_mixed() -> None:
    assert organ_dose(DOSES, "Liver", "EQD2") == DOSES[3]
    assert organ_dose(DOSES, "Duodenum", "EQD2") is None
    assert organ_dose((), "Liver", "EQD2") is None


def test_the_newest_assessment_counts_one_without_is_the_oldest() -> None:
    """Number 1 is newer than 2: it took the place of one that was older."""
    old, new, none = (
        replace(DOSES[3], patient="A", number=n, course=2, assessment=a)
        for n, a in ((5, 2), (6, 1), (7, None))
    )
    made = [
        assessment("A", number=1, created_at="2026-11-28T18:00:00Z"),
        assessment("A", number=2, created_at="2026-11-28T09:00:00Z"),
    ]
    for doses, expected in (((new, old, none), new), ((none, old), old)):
        one = ask(with_records(COHORT, *made, *doses)).patients[0]
        given = doses_in_scope(one, one.first, "re-irradiation")
        assert organ_dose(given, "Liver", "EQD2") == expected


def test_the_liver_less_gtv_stands_before_the_whole_liver() -> None:
    normal = replace(DOSES[3], number=7, organ="Liver-GTV")
    assert liver_dose((DOSES[3], normal), "EQD2") == normal
    assert liver_dose((DOSES[3],), "EQD2") == DOSES[3]


def test_normal_liver_of_a_course_without_lesions_is_not_known() -> None:
    whole = liver("D", course=1, volume_cc=1500.0)
    one = ask(with_records(COHORT, whole)).patients[3]
    assert normal_liver_cc(one, one.first) is None
