"""Text from files, made safe to print on a terminal."""

import typer

__all__ = ["print_problem", "printable"]


def printable(text: str) -> str:
    """Text with every control character replaced by a blank.

    Names in DICOM objects are anyone's; an escape sequence in one must not move the
    cursor, and a line break must not forge a line.
    """
    return "".join(letter if letter.isprintable() else " " for letter in text)


def print_problem(problem: str) -> None:
    """Print one sentence on stderr."""
    typer.echo(printable(problem), err=True)
