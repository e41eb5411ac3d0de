"""From an assessment to records of the registry; nothing is read or written."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import get_args

from reirrad.core.cohort.clinical_records import Patient
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import Cohort
from reirrad.core.cohort.terms import Sex
from reirrad.core.cohort.treatment_records import Course, Lesion, Plan
from reirrad.errors import InputError
from reirrad.workflows.assessed_ages import courses_told_later
from reirrad.workflows.assessed_courses import KnownCourses, known_courses
from reirrad.workflows.assessed_doses import assessed_doses
from reirrad.workflows.assessed_lesions import lesions_of, plan_of
from reirrad.workflows.assessment_document import AssessmentDocument, ReadAssessment
from reirrad.workflows.kept_records import completed, free_number

__all__ = ["AssessedRecords", "assessed_records"]

SEXES: dict[str, Sex] = {"F": "female", "M": "male", "O": "other"}
OPPOSITES = frozenset(get_args(Sex)) - {"other"}


@dataclass(frozen=True, slots=True)
class AssessedRecords:
    """What an assessment changes in the registry.

    Parameters
    ----------
    records
        To be put; many are there already, just so.
    outdated
        To be removed: of an older assessment of the same courses.
    remarks
        What a person should know, in sentences without patient or file.
    """

    records: tuple[Record, ...]
    outdated: tuple[Record, ...]
    remarks: tuple[str, ...]


def assessed_records(
    read: ReadAssessment,
    patient: str,
    kept: Cohort,
    *,
    measured: Collection[tuple[int, str]] = (),
) -> AssessedRecords:
    """Records of an assessment, beside what the registry has.

    What a person entered is never emptied, and changed nowhere but in whether a course
    is a re-irradiation. Overlaps, organ doses and limits take the place of those of an
    older assessment of the same courses, and of a course of which there is a newer one
    its lesions, plan and doses stay.

    Parameters
    ----------
    read
        The assessment.
    patient
        Pseudonym.
    kept
        Everything that the registry has of this patient.
    measured
        Number of a lesion and name of a field, for each value that an assessment gave.

    Raises
    ------
    InputError
        If the assessment cannot be of this patient, a course has no date or is not
        known beyond doubt, or the registry has a newer assessment.
    """
    person, about_person = _patient(read, patient, kept)
    courses = known_courses(read.document, patient, kept)
    _require_born_before(person, courses)
    doses = assessed_doses(read, patient, kept, courses.numbers)
    treatment, about_treatment = _treatment(
        read, patient, kept, courses, measured=measured
    )
    return AssessedRecords(
        records=(person, *courses.records, *treatment, *doses.records),
        outdated=doses.outdated,
        remarks=(
            *about_person,
            *courses.remarks,
            *_about_comparison(courses.records, kept.overlap),
            *about_treatment,
            *doses.remarks,
        ),
    )


def _patient(
    read: ReadAssessment, patient: str, kept: Cohort
) -> tuple[Patient, list[str]]:
    identity = read.document.patient
    found = Patient(
        patient=patient,
        birth_date=_birth_date(identity.birth_date),
        sex=SEXES.get((identity.sex or "").strip().upper()),
    )
    if not kept.patient:
        return found, []
    there = kept.patient[0]
    compared = [
        (words, here == now)
        for words, here, now in (
            ("date of birth", there.birth_date, found.birth_date),
            ("sex", _one_of_two(there.sex), _one_of_two(found.sex)),
        )
        if here is not None and now is not None
    ]
    differing = [words for words, same in compared if not same]
    if differing:
        msg = (
            f"the {' and the '.join(differing)} in the assessment differ(s) from the "
            f"registry, so that it may be of another patient. Check whose it is; "
            f"correct the registry if that is wrong."
        )
        raise InputError(msg)
    person, remarks = completed(there, found)
    if not compared and read.sha256 not in {one.sha256 for one in kept.assessment}:
        remarks.append(
            "registry and assessment have neither a date of birth nor a sex to "
            "compare, so that the pseudonym alone says that this is the same patient. "
            "Check it."
        )
    return person, remarks


def _require_born_before(person: Patient, courses: KnownCourses) -> None:
    first = min(course.start_date for course in courses.records)
    if person.birth_date is not None and person.birth_date > first:
        msg = (
            "the patient was treated before the date of birth. Correct the date of the "
            "course in the settings under [start_date], or that of birth in the "
            "registry or the files, and assess again."
        )
        raise InputError(msg)


def _birth_date(text: str | None) -> date | None:
    return None if not text else date.fromisoformat(text)


def _one_of_two(sex: Sex | None) -> Sex | None:
    return sex if sex in OPPOSITES else None


def _treatment(
    read: ReadAssessment,
    patient: str,
    kept: Cohort,
    courses: KnownCourses,
    *,
    measured: Collection[tuple[int, str]],
) -> tuple[list[Record], list[str]]:
    document = read.document
    told_later = courses_told_later(read, kept)
    records: list[Record] = []
    remarks: list[str] = []
    free_plan, free_lesion = free_number(kept.plan), free_number(kept.lesion)
    for course in sorted(document.courses, key=lambda one: one.start_date):
        number = courses.numbers[course.number]
        if number in told_later:
            remarks.append(
                f"course {number}: its plan, lesions and doses stay, as the registry "
                f"has them of a newer assessment."
            )
            continue
        plan, said = plan_of(
            course,
            _n_plans(document, course.number),
            [one for one in kept.plan if one.course == number],
            place=Plan(patient=patient, number=free_plan, course=number),
        )
        lesions, about = lesions_of(
            course,
            kept,
            plan=None if plan is None else plan.number,
            place=Lesion(patient=patient, number=free_lesion, course=number),
            measured=measured,
        )
        remarks += [*said, *about]
        records += [*([] if plan is None else [plan]), *lesions]
        free_plan += plan is not None and plan.number == free_plan
        free_lesion += sum(one.number >= free_lesion for one in lesions)
    return records, remarks


def _n_plans(document: AssessmentDocument, course: int) -> int:
    """How many plans a course was read from; 1 where that is not told."""
    if not 1 <= course <= len(document.links):
        return 1
    return max(1, sum(o.kind == "plan" for o in document.links[course - 1].children))


def _about_comparison(
    courses: tuple[Course, ...], kept: Iterable[Overlap]
) -> Iterator[str]:
    """A course that is compared with one alone although others are assessed too."""
    for index, course in enumerate(courses):
        assessed = {other.number for other in courses[:index]}
        assessed |= {one.first for one in kept if one.second == course.number}
        if course.previous_course is not None and assessed - {course.previous_course}:
            yield (
                f"course {course.number} is compared with course "
                f"{course.previous_course} alone, as the registry says; empty "
                f"previous_course to have it compared with every earlier one."
            )
