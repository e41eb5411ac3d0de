"""Doses of organs: of one course, of the course before it, and of all together."""

from collections.abc import Iterable
from typing import Literal, TypeVar

from reirrad.core.cohort.dose_records import LimitCheck, OrganDose
from reirrad.core.cohort.treatment_records import Course
from reirrad.stats.treated import (
    Treated,
    assessed_course,
    assessed_courses,
    earlier_course,
    lesions_in,
)

__all__ = [
    "LIVER",
    "SCOPES",
    "Quantity",
    "Scope",
    "doses_in_scope",
    "liver_dose",
    "normal_liver_cc",
    "oldest_first",
    "organ_dose",
    "sums_of",
    "whole_sums",
]

Quantity = Literal["physical", "EQD2"]
Scope = Literal["previous course", "re-irradiation", "cumulative"]

SCOPES: tuple[Scope, ...] = ("previous course", "re-irradiation", "cumulative")
NORMAL_LIVER, LIVER = "Liver-GTV", "Liver"

Assessed = TypeVar("Assessed", OrganDose, LimitCheck)


def oldest_first(one: Treated, found: Iterable[Assessed]) -> list[Assessed]:
    """Organ doses or limits in the order in which their assessments were made.

    Those of no known assessment are the oldest. The number of an assessment does not
    tell its age: a newer one has the number of the one that it replaced.
    """
    made = {record.number: record.moment for record in one.records.assessment}
    return sorted(
        found,
        key=lambda record: (
            made.get(record.assessment or 0, ""),
            record.assessment or 0,
            record.number,
        ),
    )


def doses_in_scope(one: Treated, course: Course, scope: Scope) -> tuple[OrganDose, ...]:
    """Doses of a re-irradiation, of the course before it, or of all together.

    All together are those of the assessments whose latest course it is and that have
    every course begun up to it. Those of the oldest assessment come first.
    """
    kept = oldest_first(one, one.records.organ_dose)
    if scope == "cumulative":
        whole = whole_sums(one, course)
        return tuple(
            dose for dose in kept if dose.course is None and dose.assessment in whole
        )
    asked = course if scope == "re-irradiation" else earlier_course(one, course)
    if asked is None:
        return ()
    return tuple(dose for dose in kept if dose.course == asked.number)


def sums_of(one: Treated, course: Course) -> dict[int | None, tuple[int, ...]]:
    """Courses that each sum with a re-irradiation as its latest course lacks.

    A sum of no known assessment was entered by a person and lacks none.

    Returns
    -------
    Number of the assessment, None for a sum of none, to the numbers of the courses
    that began up to this one and are not in the sum.
    """
    sums: tuple[OrganDose | LimitCheck, ...] = (
        *one.records.organ_dose,
        *one.records.limit,
    )
    assessments = {record.assessment for record in sums if record.course is None}
    begun = {
        other.number
        for other in one.records.course
        if other.start_date <= course.start_date
    }
    known = {
        number: assessed_courses(one, number)
        for number in assessments
        if assessed_course(one, number).number == course.number
    }
    return {
        number: tuple(sorted(begun - summed)) if summed else ()
        for number, summed in known.items()
    }


def whole_sums(one: Treated, course: Course) -> frozenset[int | None]:
    """Assessments that sum every course begun up to a re-irradiation, and no later."""
    return frozenset(
        number for number, lacking in sums_of(one, course).items() if not lacking
    )


def organ_dose(
    doses: Iterable[OrganDose], organ: str, quantity: Quantity
) -> OrganDose | None:
    """Dose of an organ: the last of those given, as of `doses_in_scope` the newest."""
    found = [
        dose for dose in doses if dose.organ == organ and dose.quantity == quantity
    ]
    return found[-1] if found else None


def liver_dose(doses: Iterable[OrganDose], quantity: Quantity) -> OrganDose | None:
    """Dose of the liver less GTV, or of the whole liver where there is none."""
    doses = tuple(doses)
    normal = organ_dose(doses, NORMAL_LIVER, quantity)
    return organ_dose(doses, LIVER, quantity) if normal is None else normal


def normal_liver_cc(one: Treated, course: Course) -> float | None:
    """Volume of the liver less GTV, in cc; None where it cannot be told."""
    doses = doses_in_scope(one, course, "re-irradiation")
    for quantity in ("physical", "EQD2"):
        normal = organ_dose(doses, NORMAL_LIVER, quantity)
        if normal is not None and normal.volume_cc is not None:
            return normal.volume_cc
    whole = organ_dose(doses, LIVER, "physical") or organ_dose(doses, LIVER, "EQD2")
    targets = [
        lesion.gtv_cc
        for lesion in lesions_in(one, course)
        if lesion.site in {"liver", None}
    ]
    known = [volume for volume in targets if volume is not None]
    if whole is None or whole.volume_cc is None or not targets:
        return None
    return whole.volume_cc - sum(known) if len(known) == len(targets) else None
