"""The table of courses."""

import pytest

from reirrad.core.cohort.records import Cohort
from reirrad.stats.cohort_results import Prescription
from reirrad.stats.course_rows import course_rows
from tests.stats.cohorts import COHORT, ask, liver, with_records


def test_each_reirradiation_is_a_line_with_what_is_known_of_it() -> None:
    doses = [
        liver("A", number=1, course=2, quantity="physical", mean_gy=3.0),
        liver("A", number=2, mean_gy=9.0),
    ]
    found = course_rows(ask(with_records(COHORT, *doses)))
    assert [(row.patient, row.number) for row in found] == [
        ("A", 2),
        ("B", 2),
        ("B", 3),
        ("C", 2),
        ("D", 1),
    ]
    first = found[0]
    assert (first.resbrt_type, first.ov2gy_organ_cc, first.dose_reduced) == (
        "1A",
        500.0,
        True,
    )
    assert first.interval_months == pytest.approx(356 / 30.4375)
    assert first.previous == (Prescription(50.0, 5, 100.0),)
    assert first.prescribed == (
        Prescription(40.0, 5, 72.0),
        Prescription(35.0, 5, 59.5),
    )
    assert (first.liver_mean_gy, first.liver_cumulative_eqd2_gy) == (3.0, 9.0)


def test_what_is_not_known_is_none() -> None:
    last = course_rows(ask(COHORT))[-1]
    assert (last.resbrt_type, last.ov2gy_organ_cc, last.interval_months) == (
        None,
        None,
        None,
    )
    assert (last.previous, last.prescribed, last.liver_mean_gy) == ((), (), None)


def test_a_prescription_without_fractions_has_no_bed() -> None:
    third = course_rows(ask(COHORT))[2]
    assert third.prescribed == (Prescription(24.0, None, None),)


def test_nobody_has_no_courses() -> None:
    assert course_rows(ask(Cohort())) == ()
