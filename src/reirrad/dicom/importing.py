"""From paths to courses: the order of steps of a DICOM import."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reirrad.core.assessment import InputObject, PatientIdentity
from reirrad.core.courses import Course
from reirrad.core.findings import Finding
from reirrad.core.links import PatientTree
from reirrad.core.new_anatomy import NewAnatomy
from reirrad.core.settings import Settings
from reirrad.dicom.audit import Audit, FoundObject
from reirrad.dicom.courses import CourseReading, read_course
from reirrad.dicom.dating import PlanGroup, courses_of
from reirrad.dicom.deformable_registration import DeformableObject, deformable_rivals
from reirrad.dicom.dose_plausibility import DoseRules
from reirrad.dicom.export import Export, read_export
from reirrad.dicom.image_header import without_acquisition
from reirrad.dicom.images import IMAGE_KINDS
from reirrad.dicom.link_tree import link_tree
from reirrad.dicom.linking import link
from reirrad.dicom.new_anatomy import newest_bare_structures, read_new_anatomy
from reirrad.dicom.patient import (
    by_patient,
    check_one_patient,
    identity,
    note_birth_after,
)
from reirrad.dicom.plan_status import set_aside_untreated
from reirrad.dicom.plans_without_dose import settle_plans_without_dose
from reirrad.dicom.registration_ways import disagreeing_ways, registrations_between
from reirrad.dicom.rtstruct import Understand
from reirrad.dicom.scan import scan
from reirrad.dicom.spatial_registration import (
    SpatialRegistration,
    contradictions,
)

__all__ = ["ImportRules", "Imported", "import_courses"]


@dataclass(frozen=True, slots=True)
class ImportRules:
    """Limits that decide how objects are put together.

    Parameters
    ----------
    same_course_days, short_interval_days
        See :func:`~reirrad.dicom.dating.courses_of`.
    dose
        Limits of plausible doses.
    """

    same_course_days: float
    dose: DoseRules
    short_interval_days: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Imported:
    """Everything that the given paths hold, and what is wrong with it.

    Parameters
    ----------
    inputs
        Every file with its fate.
    courses
        Complete courses of the patient, earliest first; numbers count incomplete ones
        too; empty where there are several patients.
    patient
        None without DICOM objects, and where there are several patients.
    registrations
        Maps between the frames of reference of courses, and through others.
    findings
        What to know.
    problems
        One sentence for each reason against an assessment.
    trees
        How objects were tied together, one tree for each patient.
    new_anatomy
        The newest structure set with image and without dose, where it was asked for.
    deformables
        Deformable maps between the frames of reference of two courses.
    """

    inputs: tuple[InputObject, ...]
    courses: tuple[Course, ...]
    patient: PatientIdentity | None
    registrations: tuple[SpatialRegistration, ...]
    findings: tuple[Finding, ...]
    problems: tuple[str, ...]
    trees: tuple[PatientTree, ...]
    new_anatomy: NewAnatomy | None = None
    deformables: tuple[DeformableObject, ...] = ()


def import_courses(
    paths: Iterable[Path],
    *,
    settings: Settings,
    rules: ImportRules,
    understand: Understand,
    progress: Callable[[str], None],
    with_new_anatomy: bool = False,
) -> Imported:
    """Read every course below the given paths; faults are collected, never raised.

    Where several patients have courses only the headers are read: nothing of them may
    be assessed together.

    Parameters
    ----------
    paths
        Folders, files and zips in any mixture.
    settings
        The user's own prescriptions, dates and interpolation.
    rules
        Limits from the knowledge tables.
    understand
        Meaning of a structure's name.
    progress
        Told each step in a few words.
    with_new_anatomy
        Whether a structure set without dose is looked for, read and used.
    """
    audit = Audit()
    found = scan(paths, audit, progress=progress, header=_header)
    check_one_patient(found, audit)
    progress("reading plans, doses and structures")
    patients = [
        _link_patient(objects, settings, rules, audit)
        for objects in by_patient(found).values()
    ]
    if found and not any(
        patient.export.doses or patient.export.doses_set_aside for patient in patients
    ):
        audit.stop(
            "There is no RTDOSE in the given paths. Export the physical dose of every "
            "plan together with it."
        )
    treated = [patient for patient in patients if patient.groups]
    courses: list[Course | None] = []
    registrations: tuple[SpatialRegistration, ...] = ()
    new_anatomy = None
    deformables: tuple[DeformableObject, ...] = ()
    if len(treated) == 1:
        groups = treated[0].groups
        frames = [group.frame_of_reference_uid for group in groups]
        reading = CourseReading(settings, understand, rules.dose, audit)
        for number, group in enumerate(groups, start=1):
            progress(f"reading course {number}")
            courses.append(read_course(group, number, reading))
        _check_numbers(settings, len(groups), audit)
        if with_new_anatomy:
            progress("reading the new anatomy")
            bare = newest_bare_structures(treated[0].export, groups, audit)
            if bare is not None:
                frames.append(bare.frame_of_reference_uid)
                new_anatomy = read_new_anatomy(
                    bare, len(groups) + 1, understand=understand, audit=audit
                )
        registrations = _needed_registrations(treated[0].export, frames, audit)
        deformables = _needed_deformables(treated[0].export, groups, audit)
    elif treated:
        reason = "header read only: several patients have courses here"
        audit.ignore(found, reason, last_word=False)
    alone = len(patients) == 1
    return Imported(
        inputs=audit.inputs(),
        courses=tuple(one for one in courses if one is not None and alone),
        patient=patients[0].identity if alone else None,
        registrations=registrations,
        findings=audit.findings,
        problems=audit.problems,
        trees=tuple(patient.tree() for patient in patients),
        new_anatomy=new_anatomy if alone else None,
        deformables=deformables,
    )


def _header(found: FoundObject) -> FoundObject:
    """Of the many slices of images, what places and scales them."""
    if found.kind not in IMAGE_KINDS:
        return found
    return replace(found, dataset=without_acquisition(found.dataset))


@dataclass(frozen=True, slots=True, eq=False)
class _LinkedPatient:
    """The objects of one patient, tied together."""

    identity: PatientIdentity | None
    n_objects: int
    export: Export
    groups: tuple[PlanGroup, ...]

    def tree(self) -> PatientTree:
        """The same for reading."""
        patient_id = "" if self.identity is None else self.identity.id
        courses = (link_tree(group, n) for n, group in enumerate(self.groups, start=1))
        return PatientTree(patient_id, self.n_objects, tuple(courses))


def _link_patient(
    objects: Sequence[FoundObject],
    settings: Settings,
    rules: ImportRules,
    audit: Audit,
) -> _LinkedPatient:
    export = read_export(objects, audit)
    set_aside_untreated(export, audit)
    groups = courses_of(
        link(export, audit),
        start_dates=settings.start_date,
        same_course_days=rules.same_course_days,
        short_interval_days=rules.short_interval_days,
        audit=audit,
    )
    settle_plans_without_dose(
        export,
        groups,
        start_dates=settings.start_date,
        same_course_days=rules.same_course_days,
        audit=audit,
    )
    patient = identity(objects, audit)
    note_birth_after(patient, (group.start_date for group in groups), audit)
    return _LinkedPatient(patient, len(objects), export, groups)


def _check_numbers(settings: Settings, n_courses: int, audit: Audit) -> None:
    for number in settings.prescription:
        if n_courses and not 1 <= number <= n_courses:
            audit.stop(
                f"settings prescription.{number}: there is no course {number}; "
                f"{n_courses} found. Number the courses by date, from 1."
            )


def _needed_registrations(
    export: Export, of_courses: Iterable[str], audit: Audit
) -> tuple[SpatialRegistration, ...]:
    """Registrations that lie on any way between two courses; all ways must agree."""
    audit.ignore(
        [one.found for one in export.registrations],
        "lies on no way from the frame of reference of one course to that of another",
    )
    needed = registrations_between(export.registrations, set(of_courses))
    audit.use([one.found for one in needed], "relates the courses in space")
    audit.stop(*contradictions(needed), *disagreeing_ways(needed))
    return needed


def _needed_deformables(
    export: Export, groups: Iterable[PlanGroup], audit: Audit
) -> tuple[DeformableObject, ...]:
    """Deformable registrations of one course's frame onto another's."""
    frames = {group.frame_of_reference_uid for group in groups}
    audit.ignore(
        [one.found for one in export.deformables],
        "deforms no frame of reference of a course into that of another",
    )
    needed = tuple(
        one
        for one in export.deformables
        if one.deformable.from_frame != one.deformable.to_frame
        and {one.deformable.from_frame, one.deformable.to_frame} <= frames
    )
    audit.use([one.found for one in needed], "deforms one course onto another")
    audit.stop(*deformable_rivals(needed))
    return needed
