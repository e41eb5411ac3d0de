"""What a waiting user sees: the current step, on a terminal or line by line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from reirrad import MACHINE_CODE

__all__ = ["steps_shown"]

FIRST_RUN = (
    "First run of this version: numeric loops are compiled on the way, which takes "
    "about a minute, once."
)


@contextmanager
def steps_shown() -> Iterator[Callable[[str], None]]:
    """Show steps on stderr: a spinner on a terminal, plain lines elsewhere.

    Yields
    ------
    callable
        To be called with a few words whenever a new step begins.
    """
    console = Console(stderr=True)
    if not MACHINE_CODE.exists():
        typer.echo(FIRST_RUN, err=True)
    if not console.is_terminal:
        yield _print_step
        return
    with console.status("Starting") as status:
        yield lambda step: status.update(f"{_escaped(step)} ...")


def _print_step(step: str) -> None:
    typer.echo(f"{step} ...", err=True)


def _escaped(text: str) -> str:
    """Keep square brackets from being read as rich markup."""
    return text.replace("[", r"\[")
