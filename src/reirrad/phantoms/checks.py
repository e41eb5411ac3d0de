"""A known answer beside what the program gives, and whether the two agree."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Check", "CheckGroup", "Commissioning"]


@dataclass(frozen=True, slots=True)
class Check:
    """One question whose answer is known.

    Parameters
    ----------
    subject
        What is asked.
    expected
        The known answer: a number in `unit`, or a word.
    found
        What the program gives; None where it gives nothing.
    tolerance
        Largest difference that still holds, in `unit`; ignored for words, which must be
        equal.
    unit
        Unit of the three; empty for words.
    basis
        Why the tolerance is what it is, or where the answer is from.
    """

    subject: str
    expected: float | str
    found: float | str | None
    tolerance: float = 0.0
    unit: str = ""
    basis: str = ""

    @property
    def holds(self) -> bool:
        """Whether the answers agree; no answer, and NaN, never do."""
        if isinstance(self.expected, str) or isinstance(self.found, str):
            return self.found == self.expected
        if self.found is None or not math.isfinite(self.found):
            return False
        return bool(abs(self.found - self.expected) <= self.tolerance)


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """Checks of one ability of the program.

    Parameters
    ----------
    title
        The ability.
    proves
        What it means if all of them hold, in one sentence.
    checks
        At least one: a group without checks has proved nothing.
    seconds
        Time that they took.
    remarks
        What was not compared, and why.
    known
        Whether the expected answers are known; False for those of another program,
        which may be at fault itself.
    """

    title: str
    proves: str
    checks: tuple[Check, ...]
    seconds: float
    remarks: tuple[str, ...] = ()
    known: bool = True

    @property
    def failures(self) -> tuple[Check, ...]:
        """Checks that do not hold."""
        return tuple(check for check in self.checks if not check.holds)

    @property
    def holds(self) -> bool:
        """Whether every check holds, and there is one."""
        return bool(self.checks) and not self.failures


@dataclass(frozen=True, slots=True)
class Commissioning:
    """Result of the acceptance tests of one installation.

    Parameters
    ----------
    created
        Local date and time with its offset, ISO 8601.
    installation
        Name and value of every fact that identifies what was tested.
    groups
        The tests.
    """

    created: str
    installation: tuple[tuple[str, str], ...]
    groups: tuple[CheckGroup, ...]

    @property
    def holds(self) -> bool:
        """Whether every group holds, and there is one."""
        return bool(self.groups) and all(group.holds for group in self.groups)

    @property
    def word(self) -> Literal["PASS", "DIFFERENCES", "FAIL"]:
        """The verdict; DIFFERENCES where only another program disagrees."""
        if self.holds:
            return "PASS"
        known = [group for group in self.groups if group.known]
        accepted = bool(known) and all(group.holds for group in known)
        return "DIFFERENCES" if accepted else "FAIL"

    @property
    def sentence(self) -> str:
        """The verdict with its numbers, and what to do."""
        n_known, n_wrong = _counted(group for group in self.groups if group.known)
        n_other, n_differ = _counted(group for group in self.groups if not group.known)
        if self.word == "FAIL":
            return (
                f"{n_wrong} of {n_known} checks do not hold. Do not use this "
                f"installation for patients before the cause is found."
            )
        sentence = f"All {n_known} checks against known answers hold."
        if self.word == "DIFFERENCES":
            return (
                f"{sentence} {n_differ} of {n_other} values differ from the planning "
                f"system's by more than the tolerance: explain each one."
            )
        if n_other:
            sentence += f" All {n_other} values agree with the planning system's."
        return sentence


def _counted(groups: Iterable[CheckGroup]) -> tuple[int, int]:
    """Number of checks, and of those that do not hold."""
    chosen = list(groups)
    checks = sum(len(group.checks) for group in chosen)
    return checks, sum(len(group.failures) for group in chosen)
