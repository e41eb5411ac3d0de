"""Result folders of assessments that were built by hand."""

from dataclasses import replace
from pathlib import Path

from reirrad.core.assessment import Assessment, PatientIdentity
from reirrad.reports.json_document import assessment_json
from reirrad.workflows.assessment_document import ReadAssessment, read_assessment
from reirrad.workflows.result_files import DOCUMENT

__all__ = ["read_back", "write_case"]

IDENTITY = PatientIdentity("RE-2041", "Test^Case", "1950-05-17", "F")


def write_case(folder: Path, assessment: Assessment) -> Path:
    """A result folder, of a patient with a date of birth."""
    folder.mkdir(parents=True, exist_ok=True)
    known = replace(assessment, patient=IDENTITY)
    (folder / DOCUMENT).write_text(assessment_json(known), encoding="utf-8")
    return folder


def read_back(folder: Path, assessment: Assessment) -> ReadAssessment:
    return read_assessment(write_case(folder, assessment))
