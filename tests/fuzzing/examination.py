"""One import, and whether its outcome is one of those promised.

Promised is: a result or one of the project's own errors; nothing printed that moves a
cursor; bounded time and memory.
"""

import io
import json
import signal
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType

from rich.console import Console

from reirrad.cli.inspecting import inspection_document, print_inspection
from reirrad.core.sampling import sample
from reirrad.core.settings import Settings
from reirrad.errors import ReirradError
from reirrad.workflows.gather import Survey, survey
from reirrad.workflows.place import outlined
from reirrad.workflows.settings import load_settings

__all__ = ["MOST_SECONDS", "BrokenPromiseError", "examine"]

MOST_SECONDS = 5.0


class BrokenPromiseError(Exception):
    """The import ended, but not as it should."""


class _TimeIsUp(BaseException):
    """The import took too long."""


def examine(
    paths: Sequence[Path],
    *,
    thoroughly: bool = True,
    most_seconds: float = MOST_SECONDS,
) -> Survey | ReirradError:
    """Import what the paths hold: a result, or one of the project's own errors.

    Parameters
    ----------
    thoroughly
        Whether every structure that was read is sampled as well, and everything found
        is printed.

    Raises
    ------
    Exception
        Whatever the import raised that is none of its own errors, and
        BrokenPromiseError where the outcome breaks a promise otherwise.
    """
    start = time.monotonic()
    try:
        with _limited(most_seconds), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = survey(paths, _settings())
            _check_document(found)
            drawn = [outlined(course)[0] for course in found.courses]
            if thoroughly:
                _check_page(found)
                for one in drawn:
                    for sections in one.sections.values():
                        sample(sections)
    except ReirradError as error:
        return error
    except _TimeIsUp as error:
        msg = f"more than {most_seconds:g} s"
        raise BrokenPromiseError(msg) from error
    seconds = time.monotonic() - start
    if seconds > most_seconds:
        msg = f"{seconds:.1f} s"
        raise BrokenPromiseError(msg)
    return found


@cache
def _settings() -> Settings:
    return load_settings(None)


def _check_document(found: Survey) -> None:
    """Everything found can be written as JSON, and nothing hides a lack of memory."""
    document = json.dumps(
        inspection_document(found), ensure_ascii=False, allow_nan=False
    )
    document.encode()
    if "MemoryError" in document:
        msg = "out of memory"
        raise BrokenPromiseError(msg)


def _check_page(found: Survey) -> None:
    """Everything found can be printed, and moves no cursor."""
    page = io.StringIO()
    print_inspection(found, Console(file=page, width=200, highlight=False))
    if not all(letter.isprintable() or letter == "\n" for letter in page.getvalue()):
        msg = "control characters on the page"
        raise BrokenPromiseError(msg)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer; code outside Python is not interrupted."""

    def interrupt(_: int, frame: FrameType | None) -> None:
        raise _TimeIsUp(str(frame))

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
