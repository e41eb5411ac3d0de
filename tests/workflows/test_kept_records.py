"""What is there stays, and a record keeps its number."""

from datetime import date

from reirrad.core.cohort.clinical_records import Patient
from reirrad.core.cohort.dose_records import OrganDose
from reirrad.workflows.kept_records import completed, free_number, numbered

P = "P1"


def dose(organ: str, number: int = 1, mean_gy: float = 1.0) -> OrganDose:
    return OrganDose(
        patient=P, number=number, organ=organ, quantity="physical", mean_gy=mean_gy
    )


def test_only_what_was_not_known_is_filled_in() -> None:
    kept = Patient(patient=P, sex="female")
    found = Patient(patient=P, sex="other", birth_date=date(1950, 5, 17))
    record, (remark,) = completed(kept, found)

    assert record == Patient(patient=P, sex="female", birth_date=date(1950, 5, 17))
    assert remark.startswith("patient 1: sex stays female")


def test_nothing_is_emptied() -> None:
    kept = Patient(patient=P, sex="female", birth_date=date(1950, 5, 17))
    assert completed(kept, Patient(patient=P)) == (kept, [])


def test_a_free_number_is_after_the_highest() -> None:
    assert free_number([]) == 1
    assert free_number([dose("Liver", 3), dose("Heart", 7)]) == 8


def test_a_record_takes_the_number_of_its_like() -> None:
    kept = [dose("Liver", 3), dose("Heart", 7), dose("Colon", 9)]
    found = [dose("Heart", mean_gy=2.0), dose("Stomach"), dose("Heart", mean_gy=3.0)]
    result = numbered(found, replaced=kept[:2], kept=kept, like=lambda one: one.organ)
    assert [(one.organ, one.number) for one in result] == [
        ("Heart", 7),
        ("Stomach", 10),
        ("Heart", 11),
    ]
