"""How far every case is, as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from reirrad.errors import StoreError
from reirrad.web.answers import REFUSALS
from reirrad.web.callers import Reader, found_caller
from reirrad.web.parts import Parts, ServerParts
from reirrad.web.progress_board import Progress, ProgressBoard

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["progress"], responses=REFUSALS)

LOOK_EVERY_S = 0.3
QUIET_S = 15.0
EVENTS: dict[str, Any] = {
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
    "description": 'Events "step": case, version, state, step and problems as JSON.',
}


@router.get("/progress", response_class=StreamingResponse, responses={200: EVENTS})
async def progress(request: Request, _: Reader, parts: Parts) -> StreamingResponse:
    """The present state of all cases, then every change of it."""
    return StreamingResponse(_events(request, parts), media_type="text/event-stream")


async def _events(request: Request, parts: ServerParts) -> AsyncIterator[str]:
    seen: dict[tuple[str, int], Progress] = {}
    quiet_s = 0.0
    yield "retry: 2000\n\n"
    while not parts.board.stopped and await _is_here(request, parts):
        try:
            changed = await asyncio.to_thread(_changes, parts.board, seen)
        except StoreError:
            changed = []
        for one in changed:
            yield f"event: step\ndata: {json.dumps(asdict(one))}\n\n"
        quiet_s = 0.0 if changed else quiet_s + LOOK_EVERY_S
        if quiet_s >= QUIET_S:
            quiet_s = 0.0
            yield ": still here\n\n"
        await asyncio.sleep(LOOK_EVERY_S)


def _changes(
    board: ProgressBoard, seen: dict[tuple[str, int], Progress]
) -> list[Progress]:
    """Every change since what was seen, in order; a short step is not left out."""
    rows = board.rows()
    changes: list[Progress] = []
    for one in rows:
        before = seen.get((one.case, one.version))
        if before is not None:
            changes += board.passed(before, one)
        if before != one:
            changes.append(one)
    seen.update({(one.case, one.version): one for one in rows})
    return changes


async def _is_here(request: Request, parts: ServerParts) -> bool:
    """Whether somebody still reads, who is still signed in."""
    if await request.is_disconnected():
        return False
    caller = await asyncio.to_thread(found_caller, request, parts, active=False)
    return caller is not None
