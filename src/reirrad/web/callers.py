"""Who asks, and what they may do."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from reirrad.store.people import Role
from reirrad.web.parts import Parts
from reirrad.web.problems import RefusedError
from reirrad.web.sessions import COOKIE

__all__ = [
    "Caller",
    "MaybeCaller",
    "Physician",
    "Physicist",
    "Reader",
    "found_caller",
]

RANKS: dict[Role, int] = {"viewer": 0, "physicist": 1, "physician": 2}
MAY: dict[Role, str] = {
    "physicist": "bring cases in, change them and review registrations",
    "physician": "approve an assessment",
}
CsrfToken = Annotated[
    str | None, Header(alias="X-CSRF-Token", description="From /api/session.")
]


@dataclass(frozen=True, slots=True)
class Caller:
    """The person behind a request.

    Parameters
    ----------
    name
        Account; empty where nobody signs in.
    role
        What they may do.
    csrf
        Token that their changes must carry.
    """

    name: str
    role: Role
    csrf: str

    @property
    def account(self) -> str:
        """Who did it, for the audit trail."""
        return self.name or "this computer"

    def may(self, role: Role) -> bool:
        """Whether their role allows what this one does."""
        return RANKS[self.role] >= RANKS[role]


def found_caller(
    request: Request, parts: Parts, *, active: bool = True
) -> Caller | None:
    """Who asks; None where somebody must sign in first."""
    known = parts.sessions.find(request.cookies.get(COOKIE), active=active)
    if known is not None:
        return Caller(known.name, known.role, known.csrf)
    if parts.sign_in_required:
        return None
    return Caller("", "physician", parts.open_csrf)


def _maybe(request: Request, parts: Parts) -> Caller | None:
    return found_caller(request, parts)


def _reader(caller: Annotated[Caller | None, Depends(_maybe)]) -> Caller:
    if caller is None:
        raise RefusedError(401, "Sign in first.")
    return caller


def _who_may(role: Role) -> Callable[..., Caller]:
    """Somebody of at least this role, whose page sent the request."""

    def checked(
        caller: Annotated[Caller, Depends(_reader)], csrf_token: CsrfToken = None
    ) -> Caller:
        if not hmac.compare_digest((csrf_token or "").encode(), caller.csrf.encode()):
            raise RefusedError(
                403,
                "The request did not come from a page of this server, or the page is "
                "old (header X-CSRF-Token). Load the page again.",
            )
        if not caller.may(role):
            raise RefusedError(
                403,
                f"Your role is {caller.role}. To {MAY[role]}, sign in as {role}.",
            )
        return caller

    return checked


MaybeCaller = Annotated[Caller | None, Depends(_maybe)]
Reader = Annotated[Caller, Depends(_reader)]
Physicist = Annotated[Caller, Depends(_who_may("physicist"))]
Physician = Annotated[Caller, Depends(_who_may("physician"))]
