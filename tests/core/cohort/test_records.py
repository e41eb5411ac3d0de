from dataclasses import fields
from datetime import date

import pytest

from reirrad.core.cohort.clinical_records import Patient
from reirrad.core.cohort.records import (
    KINDS,
    SINGLE_KINDS,
    Cohort,
    kind_of,
    records_of,
)
from reirrad.core.cohort.treatment_records import Course


def test_a_cohort_has_a_place_for_every_kind_in_their_order() -> None:
    assert tuple(one.name for one in fields(Cohort)) == tuple(KINDS)


def test_all_records_come_kind_after_kind() -> None:
    patient = Patient(patient="EX001")
    course = Course(patient="EX001", start_date=date(2024, 1, 8), reirradiation=False)
    cohort = Cohort(course=(course,), patient=(patient,))

    assert records_of(cohort) == (patient, course)
    assert [kind_of(one) for one in records_of(cohort)] == ["patient", "course"]


@pytest.mark.parametrize("kind", SINGLE_KINDS)
def test_a_single_record_needs_nothing_but_its_patient(kind: str) -> None:
    assert KINDS[kind](patient="EX001").number == 1
