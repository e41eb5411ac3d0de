"""Files of a version: the parts that the viewer draws, and the downloads."""

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.background import BackgroundTask

from reirrad.reports.scene_files import MANIFEST_FILE
from reirrad.store.jobs import ask_for_reports, report_problems
from reirrad.store.reviews import review_of
from reirrad.web.answers import REFUSALS, FileState
from reirrad.web.bodies import CaseId, VersionNumber
from reirrad.web.callers import Physicist, Reader
from reirrad.web.parts import Parts, ServerParts
from reirrad.web.problems import RefusedError
from reirrad.web.version_routes import done_version, file_states
from reirrad.workflows.case_versions import OBJECTS, REPORTS, SCENE, is_of_review

__all__ = ["router"]

router = APIRouter(
    prefix="/api/cases/{case}/versions/{number}", tags=["files"], responses=REFUSALS
)

PartName = Annotated[str, PathParameter(pattern=r"^[a-z0-9-]{1,64}\.(bin|webp)$")]
FileName = Annotated[
    str,
    PathParameter(
        pattern=r"^(report\.pdf|report\.html|assessment\.json|dicom\.zip)$",
        description="report.pdf, report.html, assessment.json or dicom.zip.",
    ),
]
MEDIA_TYPES = {
    "assessment.json": "application/json",
    "dicom.zip": "application/zip",
    "report.html": "text/html; charset=utf-8",
    "report.pdf": "application/pdf",
}
MARKS = {"report.html": REPORTS, "report.pdf": REPORTS, "dicom.zip": OBJECTS}
OCTETS: dict[str, Any] = {
    "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
    },
    "description": "The bytes.",
}
DOWNLOADS: dict[str, Any] = {
    "content": {
        kind.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
        for kind in MEDIA_TYPES.values()
        if kind != "application/json"
    }
    | {"application/json": {"schema": {}}},
    "description": "The file.",
}
# The report brings its own script; it is opened from the disk, never as a page here.
NO_PAGE = {"Content-Security-Policy": "sandbox; default-src 'none'"}


@router.get("/scene/manifest", response_model=dict[str, Any])
def manifest(
    case: CaseId, number: VersionNumber, _: Reader, parts: Parts
) -> JSONResponse:
    """What the viewer draws: sizes, places and names of the parts."""
    file = _scene(parts, case, number) / MANIFEST_FILE
    if not file.is_file():
        raise RefusedError(404, "This version has no pictures.")
    return JSONResponse(json.loads(file.read_text(encoding="utf-8")))


@router.get("/scene/parts/{name}", response_class=FileResponse, responses={200: OCTETS})
def part(
    case: CaseId, number: VersionNumber, name: PartName, _: Reader, parts: Parts
) -> FileResponse:
    """One part: packed already, so that it is sent as it is."""
    file = _scene(parts, case, number) / name
    if not file.is_file():
        raise RefusedError(404, "This version has no such part.")
    return FileResponse(file, media_type="application/octet-stream")


@router.get("/files/{name}", response_class=Response, responses={200: DOWNLOADS})
def download(
    case: CaseId, number: VersionNumber, name: FileName, _: Reader, parts: Parts
) -> Response:
    """A file to keep; none that was written with an earlier review."""
    done_version(parts, case, number)
    folder = parts.folders.version(case, number)
    review = review_of(parts.store, case, number)
    mark = MARKS.get(name)
    if mark is not None and not is_of_review(folder, mark, review):
        problems = report_problems(parts.store, case, number)
        if problems:
            raise RefusedError(409, "This file could not be written.", *problems)
        raise RefusedError(
            503,
            "This file is being written with the present state of the review. Try "
            "again in a moment.",
            retry_after_s=2,
        )
    named = f"reirrad-{case}-{number}-{name}"
    if name == "dicom.zip":
        file = _zipped(folder / "dicom")
        gone = BackgroundTask(file.unlink)
        return _file(file, name, named, background=gone)
    return _file(folder / name, name, named)


@router.post("/reports", status_code=202)
def reports(
    case: CaseId, number: VersionNumber, caller: Physicist, parts: Parts
) -> dict[str, FileState]:
    """Have reports and objects written again; which files there are until then."""
    version = done_version(parts, case, number)
    ask_for_reports(parts.store, case, number, caller.account)
    return file_states(parts, version)


def _file(
    file: Path, name: str, named: str, *, background: BackgroundTask | None = None
) -> FileResponse:
    return FileResponse(
        file,
        media_type=MEDIA_TYPES[name],
        filename=named,
        headers=NO_PAGE,
        background=background,
    )


def _scene(parts: ServerParts, case_id: str, number: int) -> Path:
    done_version(parts, case_id, number)
    return parts.folders.version(case_id, number) / SCENE


def _zipped(folder: Path) -> Path:
    """The objects in one file, made for this answer."""
    with tempfile.NamedTemporaryFile(
        prefix=".reirrad-", suffix=".zip", dir=folder.parent, delete=False
    ) as made:
        file = Path(made.name)
        try:
            with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
                for one in sorted(folder.glob("*.dcm")):
                    z.write(one, one.name)
        except BaseException:
            file.unlink()
            raise
    return file
