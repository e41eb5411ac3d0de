"""Pages without data, and the files that they load."""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from reirrad.reports.viewer_page import joined_script
from reirrad.web.api_page import api_page
from reirrad.web.bodies import CaseId, VersionNumber

__all__ = ["add_pages"]

router = APIRouter(include_in_schema=False)


def add_pages(app: FastAPI) -> None:
    """Serve the pages and their scripts; neither needs a sign-in, they hold nothing."""

    @app.get("/api-docs", include_in_schema=False)
    def api_docs() -> HTMLResponse:
        """The description of the API for people."""
        return HTMLResponse(api_page(app.openapi()))

    app.include_router(router)
    viewer = _folder("reirrad.reports", "viewer")
    app.mount("/static/viewer", StaticFiles(directory=viewer), name="viewer")
    app.mount(
        "/static",
        StaticFiles(directory=_folder("reirrad.web", "static")),
        name="static",
    )


@router.get("/")
def index() -> FileResponse:
    """The list of cases."""
    return _page("index.html")


@router.get("/sign-in")
def sign_in() -> FileResponse:
    """Where people sign in."""
    return _page("sign_in.html")


@router.get("/case/{case}")
def case(case: CaseId) -> FileResponse:
    """One case, its newest version."""
    del case
    return _page("case.html")


@router.get("/case/{case}/{number}")
def version(case: CaseId, number: VersionNumber) -> FileResponse:
    """One version of a case."""
    del case, number
    return _page("case.html")


@router.get("/static/pages/{entry}.js")
def script(
    request: Request, entry: Literal["case_page", "list", "sign_in"]
) -> Response:
    """The script of a page with all that it imports."""
    text, tag = _script(entry)
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(text, media_type="text/javascript", headers={"ETag": tag})


@cache
def _script(entry: str) -> tuple[str, str]:
    text = joined_script(entry, files("reirrad.web") / "static")
    return text, f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _page(name: str) -> FileResponse:
    return FileResponse(_folder("reirrad.web", "templates") / name)


def _folder(package: str, name: str) -> Path:
    return Path(str(files(package))) / name
