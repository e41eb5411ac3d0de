"""Signing in and out."""

from importlib.metadata import version

from fastapi import APIRouter, Request, Response

from reirrad.web.answers import REFUSALS, SessionAnswer
from reirrad.web.bodies import SignIn
from reirrad.web.callers import Caller, MaybeCaller
from reirrad.web.hosts import client_address
from reirrad.web.parts import Parts, ServerParts
from reirrad.web.problems import RefusedError
from reirrad.web.sessions import COOKIE

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["session"], responses=REFUSALS)


@router.get("/session")
def session(caller: MaybeCaller, parts: Parts) -> SessionAnswer:
    """Who is signed in, and the token that changes must carry."""
    return _answer(caller, parts)


@router.post("/sign-in")
def sign_in(
    body: SignIn, request: Request, response: Response, parts: Parts
) -> SessionAnswer:
    """Sign in: sets a cookie that no script can read."""
    wait_s = parts.sign_ins.wait_s(client_address(request.scope, parts.configuration))
    if wait_s > 0.0:
        raise RefusedError(
            429,
            f"Too many attempts to sign in. Try again in {wait_s:.0f} s.",
            retry_after_s=int(wait_s) + 1,
        )
    token = parts.sessions.start(body.name, body.password)
    if token is None:
        raise RefusedError(401, "Name or password is wrong, or the account is locked.")
    response.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="strict",
        secure=parts.configuration.reached_by_tls,
        max_age=int(parts.configuration.bounds.signed_in_s),
    )
    known = parts.sessions.find(token)
    caller = None if known is None else Caller(known.name, known.role, known.csrf)
    return _answer(caller, parts)


@router.post("/sign-out")
def sign_out(request: Request, response: Response, parts: Parts) -> SessionAnswer:
    """Sign out; the cookie is worth nothing afterwards."""
    token = request.cookies.get(COOKIE)
    if token:
        parts.sessions.end(token)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return _answer(None, parts)


def _answer(caller: Caller | None, parts: ServerParts) -> SessionAnswer:
    may_import = caller is not None and caller.may("physicist")
    folders = parts.configuration.import_folders if may_import else ()
    return SessionAnswer(
        signed_in=caller is not None and bool(caller.name),
        name=caller.name or None if caller else None,
        role=caller.role if caller else None,
        csrf=caller.csrf if caller else None,
        sign_in_required=parts.sign_in_required,
        import_folders=[str(folder) for folder in folders],
        software=f"reirrad {version('reirrad')}",
    )
