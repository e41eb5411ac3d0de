"""What every request passes, and what every answer carries."""

import logging
import time
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reirrad.web.configuration import Configuration
from reirrad.web.hosts import (
    client_address,
    known_hosts,
    same_origin,
    served_host,
)
from reirrad.web.problems import NO_ROOM, RefusedError, is_full, refusal
from reirrad.web.rate_limit import RateLimit
from reirrad.workflows.defects import defect_log, defect_sentence

__all__ = ["Explained", "Guarded", "PackedText", "WithHeaders"]

LOG = logging.getLogger("reirrad.web")
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: "
    "blob:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri "
    "'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
ONE_YEAR_S = 31_536_000
PACKED_ALREADY = ("/scene/parts/", "/files/")


class WithHeaders:
    """Puts the security headers on every answer, and tells the log of it.

    The log has the pattern of the address, never what stands in it.
    """

    def __init__(self, app: ASGIApp, *, with_tls: bool) -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if with_tls:
            self._headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR_S}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as before, with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun_s = time.perf_counter()

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(MutableHeaders(scope=message), scope["path"])
                taken_ms = (time.perf_counter() - begun_s) * 1000.0
                LOG.info(
                    "%s %s %d %.0f ms",
                    scope["method"],
                    _pattern(scope),
                    message["status"],
                    taken_ms,
                )
            await send(message)

        await self._app(scope, receive, sent)

    def _complete(self, headers: MutableHeaders, path: str) -> None:
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        fresh = "no-cache" if path.startswith("/static/") else "no-store"
        headers.setdefault("Cache-Control", fresh)


def _pattern(scope: Scope) -> str:
    """The route, with the random number of the case and that of the version."""
    route = scope.get("route")
    pattern = str(getattr(route, "path", "(no such address)"))
    known = scope.get("path_params", {})
    number = str(known.get("number", ""))
    if _is_case(known.get("case")):
        pattern = pattern.replace("{case}", known["case"])
    return pattern.replace("{number}", number) if number.isdecimal() else pattern


def _is_case(case: object) -> bool:
    text = case if isinstance(case, str) else ""
    return len(text) == 16 and set(text) <= set("0123456789abcdef")


class Explained:
    """Turns a defect of the program into a sentence and a log without patient data."""

    def __init__(self, app: ASGIApp, *, logs: Path) -> None:
        self._app = app
        self._logs = logs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, whatever happens."""
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:
            if scope["type"] != "http":
                raise
            sentence, status = self._sentence(error)
            if not begun:
                await refusal(status, sentence)(scope, receive, send)

    def _sentence(self, error: Exception) -> tuple[str, int]:
        if is_full(error):
            return NO_ROOM, 507
        log = defect_log(error, self._logs)
        LOG.error("defect (%s), see %s", type(error).__name__, log)
        return defect_sentence(error, log), 500


class Guarded:
    """Refuses what comes under another name, from another page, too often or too large.

    Files of an upload are bounded where they are written.
    """

    def __init__(
        self, app: ASGIApp, configuration: Configuration, requests: RateLimit
    ) -> None:
        self._app = app
        self._configuration = configuration
        self._known = known_hosts(configuration)
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        try:
            self._check(scope)
        except RefusedError as error:
            answer = refusal(
                error.status, *error.problems, retry_after_s=error.retry_after_s
            )
            await answer(scope, receive, send)
            return
        if _is_file(scope):
            await self._app(scope, receive, send)
        else:
            bounded = _bounded(receive, self._configuration.bounds.body_bytes)
            await self._app(scope, bounded, send)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        on_loopback = self._configuration.on_loopback
        if not served_host(host, self._known, on_loopback=on_loopback):
            raise RefusedError(
                403,
                "This server is not known under that name. Use its address, or start "
                "it with --name.",
            )
        if scope["method"] in UNSAFE and not same_origin(headers.get("origin"), host):
            raise RefusedError(403, "The request comes from a page of another site.")
        if _is_file(scope):
            return
        wait_s = self._requests.wait_s(client_address(scope, self._configuration))
        if wait_s > 0.0:
            raise RefusedError(
                429,
                "Too many requests. Try again in a moment.",
                retry_after_s=int(wait_s) + 1,
            )
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self._configuration.bounds.body_bytes:
            raise RefusedError(413, "The request is larger than any that makes sense.")


def _is_file(scope: Scope) -> bool:
    path = str(scope["path"])
    return scope["method"] == "PUT" and path.startswith("/api/uploads/")


def _bounded(receive: Receive, most_bytes: int) -> Receive:
    """The same body, which ends the request when it is too long."""
    seen = 0

    async def received() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most_bytes:
            raise RefusedError(413, "The request is larger than any that makes sense.")
        return message

    return received


class PackedText:
    """Packs pages, scripts and JSON; files that are packed already go as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._packing = GZipMiddleware(app, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, packed where that helps."""
        path = str(scope.get("path", ""))
        chosen = (
            self._plain if any(p in path for p in PACKED_ALREADY) else self._packing
        )
        await chosen(scope, receive, send)
