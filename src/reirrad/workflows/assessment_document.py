"""An ``assessment.json`` read back, as far as a registry keeps of it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cattrs

from reirrad.core.assessment import (
    ConstraintResult,
    CourseMetrics,
    CourseSummary,
    CumulativeMetrics,
    PairAssessment,
    PatientIdentity,
    Software,
)
from reirrad.core.findings import Finding
from reirrad.core.uncertainty import PairUncertainty
from reirrad.errors import InputError
from reirrad.reports.json_document import schema
from reirrad.workflows.result_files import DOCUMENT

__all__ = [
    "AssessedStructure",
    "AssessmentDocument",
    "ReadAssessment",
    "read_assessment",
]

MOST_FAULTS_TOLD = 10


@dataclass(frozen=True, slots=True)
class AssessedStructure:
    """Dose to one structure, as in :class:`~reirrad.core.assessment.Assessment`."""

    name: str
    standard_name: str | None
    role: str
    source_course: int
    volume_cc: float | None
    alpha_beta_gy: float
    courses: tuple[CourseMetrics, ...]
    cumulative: CumulativeMetrics


@dataclass(frozen=True, slots=True)
class AssessedUncertainty:
    """What became of the pairs when the registrations were perturbed."""

    pairs: tuple[PairUncertainty, ...] = ()


@dataclass(frozen=True, slots=True)
class TiedObject:
    """A plan or another object of a course, as in `reirrad.core.links.LinkNode`."""

    kind: str


@dataclass(frozen=True, slots=True)
class TiedCourse:
    """The objects that hang on a course itself, in the order of the courses."""

    children: tuple[TiedObject, ...]


@dataclass(frozen=True, slots=True)
class AssessmentDocument:
    """The parts of an assessment that a registry keeps something of.

    The fields are those of :class:`~reirrad.core.assessment.Assessment`; `created` is
    in UTC.
    """

    created: datetime
    software: Software
    patient: PatientIdentity
    courses: tuple[CourseSummary, ...]
    reference_course: int
    pairs: tuple[PairAssessment, ...]
    structures: tuple[AssessedStructure, ...]
    constraints: tuple[ConstraintResult, ...]
    findings: tuple[Finding, ...]
    organ: str = ""
    united_pairs: tuple[PairAssessment, ...] = ()
    links: tuple[TiedCourse, ...] = ()
    uncertainty: AssessedUncertainty | None = None


@dataclass(frozen=True, slots=True)
class ReadAssessment:
    """An assessment and the SHA-256 of the file that it was read from."""

    document: AssessmentDocument
    sha256: str


def read_assessment(path: Path) -> ReadAssessment:
    """Read the result of an assessment.

    Parameters
    ----------
    path
        A result folder, or its ``assessment.json``.

    Raises
    ------
    InputError
        If the file is not there, or is not one of this schema version.
    """
    file = path / DOCUMENT if path.is_dir() else path
    try:
        content = file.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        msg = (
            f"{file}: cannot be read ({reason}). Give the result folder of `reirrad "
            f"assess`, which holds {DOCUMENT}."
        )
        raise InputError(msg) from error
    return ReadAssessment(_document(content, file), hashlib.sha256(content).hexdigest())


def _document(content: bytes, file: Path) -> AssessmentDocument:
    try:
        document = json.loads(content)
    except ValueError as error:
        raise _refused(file, "it is not JSON") from error
    version = document.get("schema_version") if isinstance(document, dict) else None
    known = schema()["properties"]["schema_version"]["const"]
    if version != known:
        raise _refused(
            file,
            f"its schema_version is {version!r}, and this program reads {known!r}",
        )
    try:
        read = _converter().structure(document, AssessmentDocument)
    except cattrs.BaseValidationError as error:
        faults = cattrs.transform_error(error, path="assessment")
        raise _refused(file, "; ".join(faults[:MOST_FAULTS_TOLD])) from error
    unknown = sorted(_named_courses(read) - {one.number for one in read.courses})
    if unknown:
        listed = " and ".join(str(number) for number in unknown)
        raise _refused(file, f"it names course {listed}, which it does not have")
    return read


def _named_courses(document: AssessmentDocument) -> set[int]:
    pairs = (number for one in document.pairs for number in (one.first, one.second))
    organs = (one.number for organ in document.structures for one in organ.courses)
    return {document.reference_course, *pairs, *organs}


def _refused(file: Path, why: str) -> InputError:
    return InputError(
        f"{file}: is not an assessment that can be added: {why}. Assess again with "
        f"this version of reirrad."
    )


def _converter() -> cattrs.Converter:
    """What makes values of JSON, and takes nothing for what it is not."""
    converter = cattrs.Converter()
    converter.register_structure_hook(bool, _yes_or_no)
    converter.register_structure_hook(datetime, _moment)
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(int, _whole_number)
    converter.register_structure_hook(str, _text)
    return converter


def _yes_or_no(value: Any, _: type) -> bool:
    if not isinstance(value, bool):
        msg = "expected true or false"
        raise TypeError(msg)
    return value


def _moment(value: Any, _: type) -> datetime:
    told = datetime.fromisoformat(_text(value, str))
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)


def _number(value: Any, _: type) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = "expected a number"
        raise TypeError(msg)
    return float(value)


def _whole_number(value: Any, _: type) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        msg = "expected a whole number"
        raise TypeError(msg)
    return value


def _text(value: Any, _: type) -> str:
    if not isinstance(value, str):
        msg = "expected text"
        raise TypeError(msg)
    return value
