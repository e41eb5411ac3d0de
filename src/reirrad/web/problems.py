"""Every refusal as JSON with one sentence for each fault."""

import errno

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from reirrad.errors import (
    InputError,
    OutputError,
    ReirradError,
    ReviewError,
    StoreError,
)

__all__ = ["NO_ROOM", "RefusedError", "add_refusals", "is_full", "refusal"]

STATUSES: tuple[tuple[type[ReirradError], int], ...] = (
    (ReviewError, 409),
    (InputError, 422),
    (OutputError, 507),
    (StoreError, 503),
)
WORDS = {
    401: "Sign in first.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
}
NO_ROOM = (
    "There is no room left on the server's disk. Nothing of this step was kept; what "
    "was there before is complete. Make room, then repeat it."
)


class RefusedError(Exception):
    """A request that is refused on purpose.

    Parameters
    ----------
    status
        HTTP status.
    problems
        One sentence for each fault.
    """

    def __init__(
        self, status: int, *problems: str, retry_after_s: int | None = None
    ) -> None:
        self.status = status
        self.problems = problems
        self.retry_after_s = retry_after_s
        super().__init__("\n".join(problems))


def refusal(
    status: int, *problems: str, retry_after_s: int | None = None
) -> JSONResponse:
    """The answer that says what is wrong."""
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return JSONResponse({"problems": list(problems)}, status, headers)


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or what it came from, is a full disk."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in {
            errno.ENOSPC,
            errno.EDQUOT,
            errno.EFBIG,
        }:
            return True
        error = error.__cause__ or error.__context__
    return False


def add_refusals(app: FastAPI) -> None:
    """Answer what routes raise on purpose."""
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(ReirradError, _foreseen)
    app.add_exception_handler(OSError, _from_system)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def _refused(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RefusedError):
        raise error
    return refusal(error.status, *error.problems, retry_after_s=error.retry_after_s)


def _foreseen(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ReirradError):
        raise error
    if is_full(error):
        return refusal(507, NO_ROOM)
    status = next((code for kind, code in STATUSES if isinstance(error, kind)), 422)
    return refusal(status, *error.problems)


def _from_system(_: Request, error: Exception) -> JSONResponse:
    if is_full(error):
        return refusal(507, NO_ROOM)
    raise error


def _invalid(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    return refusal(422, *(_sentence(fault) for fault in error.errors()))


def _sentence(fault: dict[str, object]) -> str:
    """Where and what; never what was sent, which may name a patient."""
    places = fault.get("loc")
    known = places if isinstance(places, tuple) else ()
    where = ".".join(str(place) for place in known if isinstance(place, int | str))
    return f"{where}: {fault.get('msg', 'is not as expected')}."


def _http(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    words = WORDS.get(error.status_code, str(error.detail))
    answer = refusal(error.status_code, words)
    answer.headers.update(error.headers or {})
    return answer
