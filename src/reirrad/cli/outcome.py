"""How a command ends: its exit code, and what the user reads when it fails."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import typer

from reirrad.cli.terminal_text import print_problem
from reirrad.errors import ReirradError
from reirrad.workflows.defects import defect_log, defect_sentence

__all__ = ["Exit", "explained"]


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
        typer.echo(defect_sentence(error, defect_log(error)), err=True)
        raise typer.Exit(Exit.DEFECT) from None
