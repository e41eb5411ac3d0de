"""One version of a case within a transaction: what it is, and how it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from reirrad.errors import StoreError
from reirrad.store.schema import versions
from reirrad.store.trail import note

__all__ = [
    "Matrix",
    "State",
    "Version",
    "close_version",
    "find_version",
    "is_registered",
    "require_version",
    "version_of",
]

State = Literal["queued", "running", "done", "failed"]
Matrix = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Version:
    """One assessment of a case, done or still to be done.

    Parameters
    ----------
    number
        1, 2, 3 and so on within the case.
    reason
        Why it was made, in the words of who made it.
    settings
        Settings document, with the keys of the TOML file.
    matrix
        Registration given by hand, as ``assess --registration`` takes it; None for the
        program's own.
    frames
        Frame of reference UIDs that the matrix maps from and to; None without one.
    based_on
        The version it was made from.
    problems
        Why it failed, one sentence each.
    summary
        What a list of cases shows of it, with its ``registrations`` as
        `reirrad.workflows.case_summary` tells them; None before it is done.
    """

    case_id: str
    number: int
    created: str
    created_by: str
    reason: str
    settings: Mapping[str, Any]
    matrix: Matrix | None
    based_on: int | None
    state: State
    problems: tuple[str, ...]
    summary: Mapping[str, Any] | None
    frames: tuple[str, str] | None = None

    @property
    def registered(self) -> bool:
        """Whether it has a registration to review."""
        return is_registered(self.summary)

    @property
    def unusable_courses(self) -> tuple[int, ...]:
        """Courses whose registration the program rejected or could not make.

        Nothing of the assessment rests on it, so that nobody can accept it.
        """
        return tuple(
            one["course"]
            for one in _registrations(self.summary) or ()
            if one["verdict"] == "rejected" or one["matrix"] is None
        )


def is_registered(summary: Mapping[str, Any] | None) -> bool:
    """Whether there is a registration to review; so as long as that is not known.

    Courses that share a frame of reference have one too: that the patient lay the same
    is to be looked at.
    """
    return _registrations(summary) != []


def _registrations(summary: Mapping[str, Any] | None) -> list[Any] | None:
    return None if summary is None else summary.get("registrations")


def close_version(
    connection: sa.Connection,
    case_id: str,
    number: int,
    *,
    summary: Mapping[str, Any] | None = None,
    problems: tuple[str, ...] = (),
) -> None:
    """Set the end of a version, with a summary or with problems, and note it."""
    version = require_version(connection, case_id, number)
    if version.state == "done":
        msg = f"Version {number} of case {case_id} is done already."
        raise StoreError(msg)
    state = "failed" if summary is None else "done"
    connection.execute(
        sa.update(versions)
        .where(versions.c.case_id == case_id, versions.c.number == number)
        .values(state=state, summary=summary, problems=list(problems))
    )
    note(
        connection,
        who="reirrad",
        action=f"assessment {state}",
        case_id=case_id,
        version=number,
        # Only how many: a sentence may have a path with a patient's name.
        detail={"problems": len(problems)} if problems else {},
    )


def find_version(
    connection: sa.Connection, case_id: str, number: int
) -> Version | None:
    """That version, within a transaction."""
    row = connection.execute(
        sa.select(versions).where(
            versions.c.case_id == case_id, versions.c.number == number
        )
    ).first()
    return None if row is None else version_of(row)


def require_version(connection: sa.Connection, case_id: str, number: int) -> Version:
    """That version, within a transaction; refused where there is none."""
    version = find_version(connection, case_id, number)
    if version is None:
        msg = f"There is no version {number} of case {case_id}."
        raise StoreError(msg)
    return version


def version_of(row: sa.Row[Any]) -> Version:
    """A row of the table of versions as a value."""
    return Version(
        case_id=row.case_id,
        number=row.number,
        created=row.created,
        created_by=row.created_by,
        reason=row.reason,
        settings=row.settings,
        matrix=row.matrix,
        based_on=row.based_on,
        state=row.state,
        problems=tuple(row.problems),
        summary=row.summary,
        frames=None if row.frames is None else (row.frames[0], row.frames[1]),
    )
