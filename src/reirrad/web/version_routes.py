"""Versions of a case: making one, and everything that a page shows of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from reirrad.store import jobs
from reirrad.store.cases import Version, add_version, get_version
from reirrad.store.reviews import review_of
from reirrad.web.adjusting import given_matrix
from reirrad.web.answers import (
    REFUSALS,
    CreatedVersion,
    DoseReading,
    FileState,
    ImageReading,
    PointAnswer,
    ReadingAnswer,
    VersionPage,
)
from reirrad.web.bodies import CaseId, NewVersion, VersionNumber
from reirrad.web.callers import Physicist, Reader
from reirrad.web.case_routes import known_case, version_answer
from reirrad.web.parts import Parts, ServerParts
from reirrad.web.problems import RefusedError
from reirrad.workflows.case_reading import reading_at
from reirrad.workflows.case_settings import changed_document, settings_of
from reirrad.workflows.case_summary import adjustable_courses
from reirrad.workflows.case_versions import OBJECTS, REPORTS, is_of_review, page_of
from reirrad.workflows.settings import whole_document

__all__ = ["done_version", "file_states", "known_version", "router"]

router = APIRouter(
    prefix="/api/cases/{case}/versions", tags=["versions"], responses=REFUSALS
)

Coordinate = Annotated[float, Query(ge=-10_000.0, le=10_000.0, allow_inf_nan=False)]


def known_version(parts: ServerParts, case_id: str, number: int) -> Version:
    """That version of the case.

    Raises
    ------
    RefusedError
        If there is none.
    """
    known_case(parts, case_id)
    found = get_version(parts.store, case_id, number)
    if found is None:
        raise RefusedError(404, f"This case has no version {number}.")
    return found


def done_version(parts: ServerParts, case_id: str, number: int) -> Version:
    """That version of the case, which must be assessed.

    Raises
    ------
    RefusedError
        If there is none, or it is not.
    """
    version = known_version(parts, case_id, number)
    if version.state != "done":
        state = "failed" if version.state == "failed" else "is not done yet"
        raise RefusedError(
            409, f"Version {number} of this case {state}.", *version.problems
        )
    return version


@router.post("", status_code=201)
def new_version(
    case: CaseId, body: NewVersion, caller: Physicist, parts: Parts
) -> CreatedVersion:
    """Make a version with another registration or other settings; the old one stays."""
    base = known_version(parts, case, body.based_on)
    settings = changed_document(base.settings, body.settings or {})
    settings_of(settings)
    given = given_matrix(base, body)
    made = add_version(
        parts.store,
        case,
        by=caller.account,
        reason=body.reason,
        settings=settings,
        matrix=None if given is None else given.matrix,
        frames=None if given is None else given.frames,
        based_on=base.number,
    )
    return CreatedVersion(number=made.number)


@router.get("/{number}")
def version(
    case: CaseId, number: VersionNumber, _: Reader, parts: Parts
) -> VersionPage:
    """One version: how it was made, how far it is, and its files."""
    known = known_version(parts, case, number)
    said = jobs.steps(parts.store, case, number)
    return VersionPage(
        **version_answer(parts, known).model_dump(),
        settings=whole_document(known.settings),
        matrix=None if known.matrix is None else [list(row) for row in known.matrix],
        adjustable_courses=adjustable_courses(known.summary) if known.summary else [],
        steps=[step.text for step in said],
        files=file_states(parts, known),
    )


@router.get("/{number}/page", response_model=dict[str, Any])
def page(
    case: CaseId, number: VersionNumber, caller: Reader, parts: Parts
) -> JSONResponse:
    """What the page says beside the pictures, with the review of now."""
    known = done_version(parts, case, number)
    review = review_of(parts.store, case, number)
    content = page_of(parts.folders.version(case, number), review)
    content["used"] = content.pop("settings", {})
    content["settings"] = whole_document(known.settings)
    content["rights"] = {
        "work": caller.may("physicist"),
        "approve": caller.may("physician"),
    }
    parts.opened.begin(known)
    return JSONResponse(content)


@router.get("/{number}/reading")
async def reading(
    *,
    case: CaseId,
    number: VersionNumber,
    x: Coordinate,
    y: Coordinate,
    z: Coordinate,
    _: Reader,
    parts: Parts,
) -> ReadingAnswer:
    """What the native grids say at a point of the reference frame."""
    known = await run_in_threadpool(done_version, parts, case, number)
    patient = await parts.opened.patient(known)
    found = await run_in_threadpool(reading_at, patient, (x, y, z))
    return ReadingAnswer(
        point=PointAnswer(x=x, y=y, z=z),
        doses=[DoseReading.model_validate(one) for one in found.doses],
        eqd2_sum_gy=found.eqd2_sum_gy,
        alpha_beta_gy=found.alpha_beta_gy,
        alpha_beta_why=found.alpha_beta_why,
        structures=list(found.structures),
        images=[ImageReading.model_validate(one) for one in found.images],
    )


def file_states(parts: ServerParts, version: Version) -> dict[str, FileState]:
    """Which files are there, written with the review of now."""
    if version.state != "done":
        return {}
    folder = parts.folders.version(version.case_id, version.number)
    review = review_of(parts.store, version.case_id, version.number)
    failed = jobs.report_problems(parts.store, version.case_id, version.number)
    missing: FileState = "failed" if failed else "writing"
    reports: FileState = "ready" if is_of_review(folder, REPORTS, review) else missing
    objects: FileState = "ready" if is_of_review(folder, OBJECTS, review) else missing
    return {
        "assessment.json": "ready",
        "report.html": reports,
        "report.pdf": reports,
        "dicom.zip": objects,
    }
