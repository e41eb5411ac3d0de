"""What a reader of an assessment must know although a result was possible."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "Severity", "ordered"]

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the reader of a result must know.

    Parameters
    ----------
    code
        Stable identifier in kebab case, listed in ``docs/reference/findings.md``.
    severity
        ``info`` for an assumption, ``warning`` for what can change a number, ``error``
        for what makes a number unavailable or the verdict void.
    about
        The object concerned: "course 1", "Liver", "registration 1 to 2".
    message
        A full sentence with the deciding numbers; no patient name or identifier.
    """

    code: str
    severity: Severity
    about: str
    message: str


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, the most severe ones first, in the order they were made."""
    severities: tuple[Severity, ...] = ("error", "warning", "info")
    once = dict.fromkeys(findings)
    return tuple(sorted(once, key=lambda one: severities.index(one.severity)))
