"""What a reader of an assessment must know although a result was possible."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "Severity"]

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
