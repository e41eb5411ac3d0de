"""How a command ends: its exit code, and what the user reads when it fails."""

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from importlib.metadata import version
from pathlib import Path

import typer

from reirrad.cli.terminal_text import print_problem
from reirrad.errors import ReirradError

__all__ = ["Exit", "defect_log", "explained"]


class Exit(IntEnum):
    """Exit codes, as scripts rely on them."""

    ASSESSED = 0
    DEFECT = 1
    REFUSED = 2
    WITHHELD = 3
    NOT_COMMISSIONED = 4
    INTERRUPTED = 130
    READER_GONE = 141


@contextmanager
def explained() -> Iterator[None]:
    """Turn whatever a command raises into sentences on stderr and an exit code."""
    try:
        yield
    except typer.Exit:
        raise
    except ReirradError as error:
        for problem in error.problems:
            print_problem(problem)
        raise typer.Exit(Exit.REFUSED) from None
    except KeyboardInterrupt:
        typer.echo("Interrupted; no result was written.", err=True)
        raise typer.Exit(Exit.INTERRUPTED) from None
    except BrokenPipeError:
        # The reader of stdout, such as `head`, has seen enough. What is still buffered
        # must go nowhere, or Python complains about it when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Exit.READER_GONE) from None
    except Exception as error:
        log = defect_log(error)
        typer.echo(
            f"reirrad failed by a defect of its own ({type(error).__name__}), not by a "
            f"fault of the input. What happened is in {log}, without patient data; "
            f"please send that file to the developers.",
            err=True,
        )
        raise typer.Exit(Exit.DEFECT) from None


def defect_log(error: BaseException) -> Path:
    """Write where the program failed to a file that only the user can read.

    Messages of exceptions may quote what was read, names included, so the record holds
    types and places alone.
    """
    handle, name = tempfile.mkstemp(prefix="reirrad-", suffix=".log")
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
