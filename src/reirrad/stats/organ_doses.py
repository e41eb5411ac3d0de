"""Doses of organs: of one course, of the course before it, and of all together."""

from collections.abc import Iterable
from typing import Literal

from reirrad.core.cohort.dose_records import OrganDose
from reirrad.core.cohort.treatment_records import Course
from reirrad.stats.treated import (
    Treated,
    assessed_course,
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
    "organ_dose",
]

Quantity = Literal["physical", "EQD2"]
Scope = Literal["previous course", "re-irradiation", "cumulative"]

SCOPES: tuple[Scope, ...] = ("previous course", "re-irradiation", "cumulative")
NORMAL_LIVER, LIVER = "Liver-GTV", "Liver"


def doses_in_scope(one: Treated, course: Course, scope: Scope) -> tuple[OrganDose, ...]:
    """Doses of a re-irradiation, of the course before it, or of all together.

    All together are those of the assessments whose latest course it is.
    """
    if scope == "cumulative":
        return tuple(
            dose
            for dose in one.records.organ_dose
            if dose.course is None
            and assessed_course(one, dose.assessment).number == course.number
        )
    asked = course if scope == "re-irradiation" else earlier_course(one, course)
    if asked is None:
        return ()
    return tuple(dose for dose in one.records.organ_dose if dose.course == asked.number)


def organ_dose(
    doses: Iterable[OrganDose], organ: str, quantity: Quantity
) -> OrganDose | None:
    """Dose of an organ; of several assessments that of the newest."""
    found = [
        dose for dose in doses if dose.organ == organ and dose.quantity == quantity
    ]
    return max(
        found, key=lambda dose: (dose.assessment or 0, dose.number), default=None
    )


def liver_dose(doses: Iterable[OrganDose], quantity: Quantity) -> OrganDose | None:
    """Dose of the liver less GTV, or of the whole liver where there is none."""
    doses = tuple(doses)
    normal = organ_dose(doses, NORMAL_LIVER, quantity)
    return organ_dose(doses, LIVER, quantity) if normal is None else normal


def normal_liver_cc(one: Treated, course: Course) -> float | None:
    """Volume of the liver less GTV, in cc; None where it cannot be told."""
    doses = tuple(
        dose for dose in one.records.organ_dose if dose.course == course.number
    )
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
