"""Bringing cases in: file by file from a browser, or from a folder of the server."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Header, Request
from starlette.requests import ClientDisconnect

from reirrad.errors import StoreError
from reirrad.store.cases import add_case, add_version, delete_case
from reirrad.web.answers import REFUSALS, CreatedCase, CreatedUpload, ReceivedFile
from reirrad.web.bodies import Finish, Import, UploadId
from reirrad.web.callers import Caller, Physicist
from reirrad.web.import_folders import copied, found_below
from reirrad.web.parts import Parts, ServerParts
from reirrad.web.problems import RefusedError
from reirrad.web.uploads import Upload
from reirrad.workflows.case_settings import settings_of

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["bringing cases in"], responses=REFUSALS)

FilePath = Annotated[
    str,
    Header(
        alias="X-File-Path",
        min_length=1,
        max_length=12_000,
        description="Relative path of the file with slashes, percent-encoded UTF-8; "
        "it may name a patient, so it is no part of the address, which proxies log.",
    ),
]
BINARY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"}
            }
        },
    }
}


@router.post("/uploads", status_code=201)
def start_upload(caller: Physicist, parts: Parts) -> CreatedUpload:
    """Begin an upload."""
    return CreatedUpload(id=parts.uploads.start(caller.account).id)


@router.put("/uploads/{upload}/files", openapi_extra=BINARY)
async def put_file(
    *,
    upload: UploadId,
    path: FilePath,
    request: Request,
    caller: Physicist,
    parts: Parts,
) -> ReceivedFile:
    """Send one file; the same path again replaces it."""
    known = parts.uploads.find(upload, caller.account)
    pieces = _pieces(request, parts.configuration.bounds.pause_s)
    try:
        size = await parts.uploads.take(known, unquote(path), pieces)
    except ClientDisconnect as gone:
        raise RefusedError(400, "The connection ended before the file did.") from gone
    return ReceivedFile(bytes=size, files=len(known.sizes))


@router.post("/uploads/{upload}/finish", status_code=201)
def finish_upload(
    upload: UploadId, caller: Physicist, parts: Parts, body: Finish | None = None
) -> CreatedCase:
    """Make a case of the files; its assessment is queued."""
    known = parts.uploads.find(upload, caller.account)
    settings = (body.settings if body else None) or {}
    settings_of(settings)
    parts.uploads.close(known)
    try:
        case = _case_of(parts, known, caller, settings, source="upload")
    except BaseException:
        parts.uploads.reopen(known)
        raise
    parts.uploads.give_up(known)
    return CreatedCase(case=case)


@router.delete("/uploads/{upload}", status_code=204)
def give_up_upload(upload: UploadId, caller: Physicist, parts: Parts) -> None:
    """Give an upload up; its files are removed."""
    parts.uploads.give_up(parts.uploads.find(upload, caller.account))


@router.post("/imports", status_code=201)
def import_case(body: Import, caller: Physicist, parts: Parts) -> CreatedCase:
    """Make a case of a folder or zip below an import folder of the server."""
    settings = body.settings or {}
    settings_of(settings)
    source = found_below(body.path, parts.configuration.import_folders)
    upload = parts.uploads.start(caller.account, copying=True)
    try:
        copied(source, upload, parts.configuration.bounds)
        parts.uploads.close(upload)
        case = _case_of(parts, upload, caller, settings, source="import folder")
    finally:
        parts.uploads.give_up(upload)
    return CreatedCase(case=case)


def _case_of(
    parts: ServerParts,
    upload: Upload,
    caller: Caller,
    settings: Mapping[str, Any],
    *,
    source: str,
) -> str:
    """A case with its files, or the upload as it was.

    A server that is killed within leaves a case without a version, which the next start
    removes.
    """
    case = add_case(parts.store, by=caller.account, source=source)
    received = parts.folders.received(case.id)
    try:
        received.parent.mkdir(mode=0o700, parents=True)
        upload.files.replace(received)
        add_version(
            parts.store,
            case.id,
            by=caller.account,
            reason="first assessment",
            settings=settings,
            matrix=None,
            based_on=None,
        )
    except BaseException:
        if received.exists():
            received.replace(upload.files)
        parts.folders.remove(case.id)
        with suppress(StoreError):
            delete_case(parts.store, case.id, caller.account)
        raise
    return case.id


async def _pieces(request: Request, pause_s: float) -> AsyncIterator[bytes]:
    """The body as it comes; whoever stops sending is not waited for."""
    stream = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(pause_s):
                piece = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as late:
            raise RefusedError(
                400, f"Nothing more came of this file for {pause_s:g} s. Send it again."
            ) from late
        yield piece
