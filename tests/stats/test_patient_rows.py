from dataclasses import replace
from datetime import date, timedelta

from reirrad.core.cohort.clinical_records import FollowUp, Patient
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.treatment_records import Course, Lesion
from reirrad.stats.patient_rows import PatientRow, patient_rows
from reirrad.stats.times import DAYS_PER_MONTH

END = date(2024, 1, 10)
COHORT = Cohort(
    patient=(Patient(patient="A"), Patient(patient="B"), Patient(patient="C")),
    followup=(
        FollowUp(patient="A", death_date=END + timedelta(days=100)),
        FollowUp(patient="B", last_contact_date=END),
    ),
    course=(
        Course(patient="A", start_date=date(2023, 1, 2), reirradiation=False),
        Course(
            patient="A",
            number=2,
            start_date=date(2024, 1, 2),
            end_date=END,
            reirradiation=True,
        ),
        Course(patient="A", number=3, start_date=date(2024, 3, 1), reirradiation=True),
        Course(patient="B", start_date=date(2023, 1, 2), reirradiation=False),
        Course(patient="C", start_date=date(2023, 1, 2), reirradiation=True),
    ),
    lesion=(
        Lesion(patient="A", course=1),
        Lesion(patient="A", number=2, course=2),
        Lesion(patient="A", number=3, course=3),
        Lesion(patient="A", number=4, course=3),
    ),
    overlap=(
        Overlap(patient="A", first=1, second=2, resbrt_type="1A"),
        Overlap(patient="A", number=2, first=1, second=3, resbrt_type="1B"),
    ),
)


def test_a_line_for_each_patient() -> None:
    first, second, third = patient_rows(COHORT, "resbrt_type")
    assert first == PatientRow(
        patient="A",
        n_courses=3,
        n_reirradiations=2,
        n_lesions=3,
        first_start=date(2024, 1, 2),
        stratum="1A",
        followed_months=100 / DAYS_PER_MONTH,
        died=True,
    )
    assert second == PatientRow("B", 1, 0, 0, None, None, None, died=False)
    unknown = PatientRow("C", 1, 1, 0, date(2023, 1, 2), "not known", None, died=False)
    assert third == unknown


def test_who_died_on_an_unknown_day_died_and_has_no_follow_up() -> None:
    died = FollowUp(patient="A", death_cause="other", last_contact_date=END)
    cohort = replace(COHORT, followup=(died,))
    first, *_ = patient_rows(cohort, "resbrt_type")
    assert (first.died, first.followed_months) == (True, None)


def test_nobody() -> None:
    assert patient_rows(Cohort(), "resbrt_type") == ()
