"""Text from files, made safe to print on a terminal."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from reirrad.core.findings import Finding

__all__ = ["finding_line", "print_problem", "printable"]


def printable(text: str) -> str:
    """Text with every control character replaced by a blank.

    Names in DICOM objects are anyone's; an escape sequence in one must not move the
    cursor, and a line break must not forge a line.
    """
    return "".join(letter if letter.isprintable() else " " for letter in text)


def finding_line(finding: "Finding") -> str:
    """A finding in one line; what it is about is said once."""
    about = "" if finding.message.startswith(finding.about) else f"{finding.about}: "
    return f"{finding.severity}: {about}{finding.message}"


def print_problem(problem: str) -> None:
    """Print one sentence on stderr."""
    typer.echo(printable(problem), err=True)
