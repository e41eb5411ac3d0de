"""Phantoms as DICOM on disk, and back in the way that any export comes."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from reirrad.core.assessment import (
    Assessment,
    PatientIdentity,
    StructureAssessment,
)
from reirrad.core.courses import Course
from reirrad.core.plan_results import Metrics
from reirrad.core.settings import Settings
from reirrad.dicom.write_course import write_course
from reirrad.workflows.assess import assess
from reirrad.workflows.settings import load_settings

__all__ = ["PATIENT", "assessed", "metrics_of", "structure_named", "written"]

PATIENT = PatientIdentity(
    id="REIRRAD-COMMISSION", name="Commissioning^Phantom", birth_date=None, sex="O"
)

FEWEST_DRAWS = 16


def written(folder: Path, courses: Iterable[Course]) -> Path:
    """Write every course into a folder of its own; gives back `folder`."""
    for position, course in enumerate(courses, start=1):
        write_course(course, folder / f"course{position}", patient=PATIENT)
    return folder


def assessed(
    *paths: Path,
    settings: Settings | None = None,
    registration: Path | None = None,
) -> Assessment:
    """Assess what the paths hold, as ``reirrad assess`` does.

    No check asks for plausible registrations, so that only the fewest are tried.
    """
    asked = settings or load_settings(None)
    return assess(
        paths,
        settings=replace(asked, registration_draws=FEWEST_DRAWS),
        registration=registration,
        with_views=False,
        progress=lambda _: None,
    )


def structure_named(assessment: Assessment, name: str) -> StructureAssessment:
    """The structure of a drawn name.

    Raises
    ------
    LookupError
        If there is none.
    """
    for structure in assessment.structures:
        if structure.name == name:
            return structure
    msg = f"the assessment has no structure {name!r}"
    raise LookupError(msg)


def metrics_of(
    structure: StructureAssessment, scope: int | str, quantity: str
) -> Metrics:
    """Metrics of one course by its number, or "cumulative"; "physical" or "EQD2"."""
    if scope == "cumulative":
        return structure.cumulative.eqd2
    (course,) = [one for one in structure.courses if one.number == scope]
    return course.physical if quantity == "physical" else course.eqd2
