"""What is said and kept of a defect of the program itself."""

import os
import platform
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

__all__ = ["defect_log", "defect_sentence"]


def defect_sentence(error: BaseException, log: Path) -> str:
    """What a person reads; `log` is the file that `defect_log` wrote."""
    return (
        f"reirrad failed by a defect of its own ({type(error).__name__}), not by a "
        f"fault of the input. What happened is in {log}, without patient data; "
        f"please send that file to the developers."
    )


def defect_log(error: BaseException, folder: Path | None = None) -> Path:
    """Write where the program failed to a file that only the user can read.

    Messages of exceptions may quote what was read, names included, so the record holds
    types and places alone.

    Parameters
    ----------
    error
        What happened.
    folder
        Where to; the system's folder of temporary files without one, or where it
        cannot be written.
    """
    if folder is not None:
        with suppress(OSError):
            return _written(error, folder)
    return _written(error, None)


def _written(error: BaseException, folder: Path | None) -> Path:
    handle, name = tempfile.mkstemp(prefix="reirrad-", suffix=".log", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        log.write(
            f"reirrad {version('reirrad')}, Python {platform.python_version()}, "
            f"{platform.platform()}\n\n"
        )
        log.writelines(_places(traceback.TracebackException.from_exception(error)))
    return Path(name)


def _places(trace: traceback.TracebackException) -> Iterator[str]:
    before = trace.__cause__ or trace.__context__
    if before is not None:
        yield from _places(before)
        yield "\nwhile that was being handled, or because of it:\n\n"
    yield from trace.stack.format()
    name = trace.exc_type.__qualname__ if trace.exc_type else "unknown exception"
    yield f"{name} (message left out: it may quote patient data)\n"
