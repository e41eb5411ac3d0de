"""O1 to O7 counted by hand, with the right denominators."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reirrad.core.cohort.records import Cohort
from reirrad.stats.outputs_cohort import cohort_outputs
from reirrad.stats.results import Output
from tests.stats.cohorts import (
    COHORT,
    SECOND_START,
    START,
    ask,
    counts,
    first_course,
    numbers,
    with_records,
)


def output(number: int, cohort: Cohort = COHORT) -> Output:
    found = cohort_outputs(ask(cohort))[number - 1]
    assert found.id == f"O{number}"
    return found


def test_o1_counts_patients_courses_and_lesions_apart() -> None:
    found = output(1)
    assert counts(found, "patients") == (
        {"1A": 1, "1B": 1, "2": 1, "not known": 1},
        4,
        0,
    )
    assert counts(found, "courses") == (
        {"1A": 2, "1B": 1, "2": 1, "not known": 1},
        5,
        0,
    )
    assert counts(found, "lesions") == ({"1A": 3, "1B": 1, "2": 1}, 5, 0)
    assert found.notes == ("In all: 4 patients, 5 courses, 5 lesions.",)


def test_o2_lesions_of_all_reirradiations_of_a_patient() -> None:
    found = output(2)
    assert counts(found) == ({"1": 1, "2": 2}, 3, 1)
    assert counts(found, stratum="1B") == ({"2": 1}, 1, 0)


def test_o3_age_at_the_start_of_the_first_reirradiation() -> None:
    found = numbers(output(3))
    assert (found.n, found.missing) == (2, 2)
    assert found.maximum == 80.0  # 1940-01-01 to 2020-01-01, 29220 days
    assert found.minimum == pytest.approx((25567) / 365.25)  # 1950-01-01 to 2020-01-01
    assert output(3).rows[0].unit == "years"


def test_o4_sex_out_of_those_known() -> None:
    assert counts(output(4)) == ({"female": 2, "male": 1}, 3, 1)


def test_o5_primary_site_has_one_denominator_for_patients_and_one_for_lesions() -> None:
    found = output(5)
    assert counts(found, "patients") == ({"colorectal": 2}, 2, 2)
    assert counts(found, "lesions") == ({"colorectal": 4}, 4, 1)


def test_o6_irradiated_site_of_lesions() -> None:
    assert counts(output(6)) == ({"liver": 3, "peritoneum": 1}, 4, 1)


def test_o7_from_the_end_of_the_previous_course_to_the_start() -> None:
    found = numbers(output(7))
    year = 356 / 30.4375  # 10 January 2019 to 1 January 2020
    half = (SECOND_START - START).days - 9
    assert (found.n, found.missing) == (4, 1)
    assert found.maximum == pytest.approx(year)
    assert found.minimum == pytest.approx(half / 30.4375)
    assert found.mean == pytest.approx((3 * year + half / 30.4375) / 4)


def test_o7_is_missing_where_the_previous_course_ended_after_the_start() -> None:
    def interval(days: int) -> tuple[int, int, float | None]:
        earlier = replace(first_course("A"), end_date=START + timedelta(days))
        found = numbers(output(7, with_records(COHORT, earlier)))
        return found.n, found.missing, found.minimum

    n, missing, least = interval(1)
    assert (n, missing) == (3, 2)
    assert least is not None
    assert least > 0.0
    assert interval(0) == (4, 1, 0.0)


def test_groups_come_after_all_in_their_order() -> None:
    assert [row.stratum for row in output(4).rows] == [
        "all",
        "1A",
        "1B",
        "2",
        "not known",
    ]


def test_nobody_has_no_values_and_nothing_is_zero_per_cent() -> None:
    found = cohort_outputs(ask(Cohort()))
    assert found[0].notes == ("In all: 0 patients, 0 courses, 0 lesions.",)
    assert numbers(found[2]).mean is None
    seen = counts(found[3])
    assert seen == ({}, 0, 0)
