"""Required outputs O1 to O7: who was treated."""

from collections.abc import Sequence
from dataclasses import replace

from reirrad.core.cohort.clinical_records import Patient
from reirrad.core.cohort.treatment_records import Course, Lesion
from reirrad.stats.output_rows import counted_in, distribution_rows, shares_rows
from reirrad.stats.proportions import shares
from reirrad.stats.results import Output, OutputRow, Shares
from reirrad.stats.strata import ALL, choices_of
from reirrad.stats.study import Study
from reirrad.stats.treated import (
    Treated,
    earlier_course,
    lesions_in,
    months_between,
)

__all__ = ["cohort_outputs", "interval_months"]

MONTHS_PER_YEAR = 12


def cohort_outputs(study: Study) -> tuple[Output, ...]:
    """O1 to O7."""
    return (
        _units(study),
        _lesions_per_patient(study),
        _age(study),
        _sex(study),
        _primary_site(study),
        _irradiated_site(study),
        _interval(study),
    )


def _units(study: Study) -> Output:
    counted: tuple[tuple[str, list[tuple[str, None]]], ...] = (
        ("patient", study.by_patient(lambda _: None)),
        ("course", study.by_course(lambda _one, _course: None)),
        ("lesion", study.by_lesion(lambda _one, _course, _lesion: None)),
    )
    rows: list[OutputRow] = []
    for unit, values in counted:
        groups = _sizes([stratum for stratum, _ in values], study.strata)
        rows.append(OutputRow(ALL, f"{unit}s", "", groups, unit))
    numbers = ", ".join(
        f"{len(values)} {unit}{'' if len(values) == 1 else 's'}"
        for unit, values in counted
    )
    return Output(
        "O1",
        "Patients, re-irradiation courses and lesions",
        "patient, course, lesion",
        "Patients with a re-irradiation, their re-irradiation courses, and the lesions "
        "treated in those courses, each divided into the groups of this report. A "
        "patient belongs to the group of the first re-irradiation, a lesion to that "
        "of its course.",
        tuple(rows),
        (f"In all: {numbers}.",),
    )


def _sizes(of_units: Sequence[str], strata: Sequence[str]) -> Shares:
    """How large the groups are; the cohort is no sample of itself: no interval."""
    found = shares(of_units, strata)
    sizes = tuple(replace(one, low=None, high=None) for one in found.shares)
    return Shares(sizes, found.missing)


def _lesions_per_patient(study: Study) -> Output:
    def number(one: Treated) -> str | None:
        found = sum(len(lesions_in(one, course)) for course in one.courses)
        return str(found) if found else None

    values = study.by_patient(number)
    order = sorted({found for _, found in values if found}, key=int)
    return Output(
        "O2",
        "Re-irradiated lesions per patient",
        "patient",
        "Lesions of all re-irradiation courses of a patient; missing where none is "
        "recorded.",
        shares_rows(values, study.strata, order),
        (),
    )


def _age(study: Study) -> Output:
    def age(one: Treated) -> float | None:
        months = months_between(one.patient.birth_date, one.first.start_date)
        return None if months is None else months / MONTHS_PER_YEAR

    return Output(
        "O3",
        "Age at re-irradiation",
        "patient",
        "From the date of birth to the start of the first re-irradiation, in years of "
        "365.25 days.",
        distribution_rows(study.by_patient(age), study.strata, unit="years"),
        (),
    )


def _sex(study: Study) -> Output:
    return Output(
        "O4",
        "Sex",
        "patient",
        "As recorded.",
        shares_rows(
            study.by_patient(lambda one: one.patient.sex),
            study.strata,
            choices_of(Patient, "sex"),
        ),
        (),
    )


def _primary_site(study: Study) -> Output:
    order = choices_of(Patient, "primary_site")
    patients = study.by_patient(lambda one: one.patient.primary_site)
    lesions = study.by_lesion(lambda one, _course, _lesion: one.patient.primary_site)
    return Output(
        "O5",
        "Site of the primary tumour",
        "patient, lesion",
        "Counted once for each patient, and again for each re-irradiated lesion: the "
        "two have different denominators.",
        counted_in(
            "patient", shares_rows(patients, study.strata, order, item="patients")
        )
        + counted_in(
            "lesion", shares_rows(lesions, study.strata, order, item="lesions")
        ),
        (),
    )


def _irradiated_site(study: Study) -> Output:
    return Output(
        "O6",
        "Irradiated site",
        "lesion",
        "Site of each re-irradiated lesion.",
        shares_rows(
            study.by_lesion(lambda _one, _course, lesion: lesion.site),
            study.strata,
            choices_of(Lesion, "site"),
        ),
        (),
    )


def interval_months(one: Treated, course: Course) -> float | None:
    """Months from the end of the previous course to the start of this one.

    None where it is not known, and where the previous course ended after this one
    began: there is no interval between them.
    """
    earlier = earlier_course(one, course)
    if earlier is None:
        return None
    months = months_between(earlier.end_date, course.start_date)
    return None if months is None or months < 0.0 else months


def _interval(study: Study) -> Output:
    return Output(
        "O7",
        "Interval between the courses",
        "course",
        "From the last day of the previous course to the first day of the "
        "re-irradiation, in months of 30.4375 days. The previous course is the one "
        "that the re-irradiation names, else the one of the overlap that decides its "
        "type, else the last one that began before it. Missing where that one ended "
        "after the re-irradiation began.",
        distribution_rows(
            study.by_course(interval_months), study.strata, unit="months"
        ),
        (),
    )
