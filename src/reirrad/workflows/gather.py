"""From folders, files and zips to courses, with the audit of every object."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from reirrad.core.assessment import InputObject, PatientIdentity
from reirrad.core.courses import Course
from reirrad.core.findings import Finding
from reirrad.core.nomenclature import understand
from reirrad.core.settings import Settings
from reirrad.core.structures import Role
from reirrad.dicom.audit import Audit, FoundObject
from reirrad.dicom.course_assembly import CourseLinks, assembled, grouped
from reirrad.dicom.images import IMAGE_KINDS, image_series
from reirrad.dicom.treatments import Found, linked
from reirrad.dicom.patient import one_patient
from reirrad.dicom.rtdose import DoseHeader, header_faults, read_dose_header
from reirrad.dicom.rtplan import read_plan
from reirrad.dicom.rtstruct import Understand, read_structure_set_header
from reirrad.dicom.scan import scan
from reirrad.dicom.spatial_registration import (
    SpatialRegistration,
    read_registration,
    contradictions,
)
from reirrad.errors import DicomError, InputError
from reirrad.knowledge.rules import rule_limits
from reirrad.knowledge.structure_names import load_structure_names

__all__ = ["Survey", "gather", "survey"]

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What is in the given paths.

    Parameters
    ----------
    inputs
        Every file, used, ignored or refused, with the reason.
    courses
        The courses that are complete, earliest first.
    patient
        Who they belong to; None where that is not clear.
    registrations
        Registration objects.
    findings
        What a reader must know.
    problems
        Why it cannot be assessed, one sentence each; empty if it can.
    links
        How the objects of each course hang together.
    """

    inputs: tuple[InputObject, ...]
    courses: tuple[Course, ...]
    patient: PatientIdentity | None
    registrations: tuple[SpatialRegistration, ...]
    findings: tuple[Finding, ...]
    problems: tuple[str, ...]
    links: tuple[CourseLinks, ...]


def gather(
    paths: Sequence[Path], settings: Settings, *, progress: Callable[[str], None]
) -> Survey:
    """Survey the paths and insist on two complete courses of one patient.

    Raises
    ------
    InputError
        With every fault of the input.
    """
    found = survey(paths, settings, progress=progress)
    problems = list(found.problems)
    if not problems and len(found.courses) < 2:
        only = found.courses[0] if found.courses else None
        what = f"one course ({only.plan_label})" if only else "no course"
        problems.append(
            f"Found {what}; an assessment needs two or more. Give the export of the "
            f"other course as well. Plans in one frame of reference and close in date "
            f"count as one course."
        )
    if problems:
        raise InputError(*problems)
    return found


def survey(
    paths: Sequence[Path], settings: Settings, *, progress: Callable[[str], None]
) -> Survey:
    """Find out what the paths hold; faults are listed, not raised."""
    audit = Audit()
    limits = rule_limits("gathering_rules")
    progress("reading files")
    objects = scan(paths, audit, progress=progress)
    patient = one_patient(objects, audit)
    doses = _read(objects, {"RTDOSE"}, _sound_dose, audit)
    plans = _read(objects, {"RTPLAN"}, read_plan, audit)
    sets = _read(objects, {"RTSTRUCT"}, read_structure_set_header, audit)
    maps = _read(objects, {"REG"}, read_registration, audit)
    registrations = tuple(one for several in maps for one in several)
    audit.use([one.found for one in registrations], "registration")
    audit.stop(*contradictions(registrations))
    _ignore_others(objects, audit)
    if objects and not any(one.kind == "RTDOSE" for one in objects):
        audit.stop(
            "No RTDOSE was found. Export the dose of the plan of each course (RTDOSE, "
            "summation type PLAN)."
        )
    if objects and not any(one.kind == "RTSTRUCT" for one in objects):
        audit.stop("No RTSTRUCT was found. Export the structure set of each course.")
    progress("linking objects")
    treatments = linked(Found(doses, plans, sets, image_series(objects)), audit)
    links = grouped(
        treatments, settings, same_course_days=limits["same_course_days"], audit=audit
    )
    progress("reading doses and images")
    understood = _understand(settings)
    courses = tuple(
        course
        for one in links
        if (
            course := assembled(
                one, settings, understand=understood, limits=limits, audit=audit
            )
        )
        is not None
    )
    return Survey(
        audit.inputs(),
        courses,
        patient,
        registrations,
        audit.findings,
        audit.problems,
        links,
    )


def _read(
    objects: Sequence[FoundObject],
    kinds: set[str],
    reader: Callable[[FoundObject], Read],
    audit: Audit,
) -> tuple[Read, ...]:
    """Read all objects of a kind; an unreadable one is refused and stops the import."""
    results = []
    for one in objects:
        if one.kind not in kinds:
            continue
        try:
            results.append(reader(one))
        except DicomError as error:
            audit.refuse([one], " ".join(error.problems))
            audit.stop(*error.problems)
    return tuple(results)


def _sound_dose(found: FoundObject) -> DoseHeader:
    header = read_dose_header(found)
    faults = header_faults(header)
    if faults:
        raise DicomError(*faults)
    return header


def _understand(settings: Settings) -> Understand:
    table = load_structure_names()

    def understood(name: str, dicom_type: str) -> tuple[str | None, Role]:
        return understand(name, dicom_type, table, settings.structures)

    return understood


def _ignore_others(objects: Sequence[FoundObject], audit: Audit) -> None:
    needed = {"RTDOSE", "RTPLAN", "RTSTRUCT", "REG", *IMAGE_KINDS}
    for one in objects:
        if one.kind not in needed:
            audit.ignore([one], f"{one.kind} objects are not used")
