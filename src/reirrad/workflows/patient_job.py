"""One patient of many: assessed in whatever process, written whole, told in a line."""

import gc
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from reirrad.core.assessment import Assessment
from reirrad.core.settings import Settings
from reirrad.errors import InputError, ReirradError
from reirrad.workflows.assess import assess
from reirrad.workflows.defects import defect_log, defect_sentence
from reirrad.workflows.plain_reasons import plain_reasons
from reirrad.workflows.publish import publish
from reirrad.workflows.result_files import DOCUMENT, is_withheld, write_result_files

__all__ = [
    "FINISHED",
    "EndKind",
    "PatientEnd",
    "PatientJob",
    "assess_patient",
    "finished",
]

FINISHED = "finished.json"
"""Says what the results beside it were made of; written when all of them are there."""

REPORTS = "report.*"
"""None of an earlier run may stay beside the results of another one."""

EndKind = Literal["assessed", "withheld", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class PatientJob:
    """What is to be done for one patient.

    Parameters
    ----------
    pseudonym
        Who it is.
    paths
        Files, zips and members of zips.
    settings
        What the user decided.
    out
        Folder of the results.
    json_only
        Whether reports are left out.
    fingerprint
        Changes with the contents of the files, the settings and the program.
    """

    pseudonym: str
    paths: tuple[Path, ...]
    settings: Settings
    out: Path
    json_only: bool
    fingerprint: str


@dataclass(frozen=True, slots=True)
class PatientEnd:
    """How it ended for one patient.

    Parameters
    ----------
    pseudonym
        Who it is.
    kind
        Assessed, with its verdict withheld, refused for its input, or failed by a
        defect of the program or of the machine.
    problems
        Why not, in sentences without names and paths.
    n_courses
        How many courses there are.
    resbrt_types
        Strict type of every pair of courses.
    """

    pseudonym: str
    kind: EndKind
    problems: tuple[str, ...] = ()
    n_courses: int = 0
    resbrt_types: tuple[str, ...] = ()


def assess_patient(job: PatientJob) -> PatientEnd:
    """Assess a patient and write the results; nothing is ever raised.

    Who gives folders to an assessment vouches that they are of one person. These files
    were put together by their Patient ID alone, so that differing names or birth dates
    refuse the patient.
    """
    try:
        return _ended(job)
    except Exception as error:
        said = defect_sentence(error, defect_log(error))
        return PatientEnd(job.pseudonym, "failed", (said,))
    finally:
        # What refers to itself waits for the collector, which counts objects and not
        # bytes: from one patient to the next it may be a gigabyte.
        gc.collect()


def _ended(job: PatientJob) -> PatientEnd:
    try:
        assessment = assess(
            job.paths,
            settings=replace(job.settings, of_many_patients=True),
            with_views=not job.json_only,
            progress=lambda _: None,
        )
        _require_one_person(assessment)
        publish(
            job.out,
            lambda folder: write_result_files(
                assessment, folder, json_only=job.json_only
            ),
            only_new=REPORTS,
        )
        end = _end(job, assessment)
        publish(job.out, lambda folder: _mark(folder, job, end))
    except ReirradError as error:
        said = plain_reasons(error.problems, job.paths, job.out)
        return PatientEnd(job.pseudonym, "refused", said)
    return end


def finished(job: PatientJob) -> PatientEnd | None:
    """How an earlier run ended for the very same job, or None where none did.

    None as well where the document is not the one that was written then.
    """
    with suppress(OSError, ValueError, LookupError, TypeError):
        mark = json.loads((job.out / FINISHED).read_text(encoding="utf-8"))
        same = mark["fingerprint"] == job.fingerprint
        if same and mark["document_sha256"] == _sha256(job.out / DOCUMENT):
            return _read_end(mark["end"])
    return None


def _require_one_person(assessment: Assessment) -> None:
    doubts = [
        finding.message
        for finding in assessment.findings
        if finding.code == "patient-attributes-differ"
    ]
    if doubts:
        raise InputError(
            *doubts,
            "Files that were put together by their Patient ID alone are not assessed "
            "then. If they are of one person, give them to `reirrad assess`.",
        )


def _end(job: PatientJob, assessment: Assessment) -> PatientEnd:
    return PatientEnd(
        job.pseudonym,
        "withheld" if is_withheld(assessment) else "assessed",
        n_courses=len(assessment.courses),
        resbrt_types=tuple(
            pair.classification.resbrt_type for pair in assessment.pairs
        ),
    )


def _mark(folder: Path, job: PatientJob, end: PatientEnd) -> None:
    mark = {
        "fingerprint": job.fingerprint,
        "document_sha256": _sha256(job.out / DOCUMENT),
        "end": asdict(end),
    }
    text = json.dumps(mark, indent=2) + "\n"
    (folder / FINISHED).write_text(text, encoding="utf-8")


def _read_end(content: Mapping[str, Any]) -> PatientEnd:
    return PatientEnd(
        pseudonym=content["pseudonym"],
        kind=content["kind"],
        problems=tuple(content["problems"]),
        n_courses=content["n_courses"],
        resbrt_types=tuple(content["resbrt_types"]),
    )


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
