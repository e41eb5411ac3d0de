"""Cases and the versions of their assessment.

A case is what was brought in once. Every change of its registration or settings is a
new version; none is ever overwritten.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from reirrad.core.review import Review
from reirrad.errors import StoreError
from reirrad.store.database import Store, now
from reirrad.store.decisions import reviews_of, was_approved
from reirrad.store.queueing import end_assessment, queue_job
from reirrad.store.schema import audit_events, cases, job_steps, jobs, versions
from reirrad.store.trail import note
from reirrad.store.versions import (
    Matrix,
    State,
    Version,
    close_version,
    find_version,
    is_registered,
    require_version,
    version_of,
)

__all__ = [
    "Case",
    "CaseRow",
    "Matrix",
    "State",
    "Version",
    "add_case",
    "add_version",
    "delete_case",
    "deleted_cases",
    "finish_version",
    "get_case",
    "get_version",
    "list_cases",
    "list_versions",
    "require_case",
]

DELETED = "case deleted"


@dataclass(frozen=True, slots=True)
class Case:
    """What was brought in once.

    Parameters
    ----------
    id
        16 random hexadecimal digits: tells nothing of the patient.
    created
        ISO 8601 time to the second, UTC.
    created_by
        Who brought it in.
    source
        How: "upload" or "import folder"; no path, which may hold a patient's name.
    """

    id: str
    created: str
    created_by: str
    source: str


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as the list shows it: its newest version.

    ``step`` is the last thing that the program said about it; ``version`` is None, and
    ``state`` "queued", before there is one. ``last_summary`` is that of the newest
    version that is done, which may be an older one.
    """

    id: str
    created: str
    version: int | None
    state: State
    summary: Mapping[str, Any] | None
    last_summary: Mapping[str, Any] | None
    review: Review
    problems: tuple[str, ...]
    step: str


def add_case(store: Store, *, by: str, source: str) -> Case:
    """A new case without any version."""
    case = Case(secrets.token_hex(8), now(), by, source)
    with store.writing() as connection:
        connection.execute(
            sa.insert(cases).values(
                id=case.id, created=case.created, created_by=by, source=source
            )
        )
        note(connection, who=by, action="case added", case_id=case.id)
    return case


def get_case(store: Store, case_id: str) -> Case | None:
    """The case of that number, or None."""
    with store.reading() as connection:
        row = connection.execute(sa.select(cases).where(cases.c.id == case_id)).first()
    return None if row is None else Case(*row)


def list_cases(store: Store) -> list[CaseRow]:
    """Every case with its newest version, the newest case first."""
    newest = _newest(sa.true())
    done = _newest(versions.c.summary.is_not(None))
    query = (
        sa.select(
            cases.c.id,
            cases.c.created,
            newest,
            done.c.summary.label("last_summary"),
        )
        .outerjoin(newest, newest.c.case_id == cases.c.id)
        .outerjoin(done, done.c.case_id == cases.c.id)
        .order_by(cases.c.created.desc(), cases.c.id)
    )
    with store.reading() as connection:
        reviews = reviews_of(connection, None)
        steps = _last_steps(connection)
        rows = connection.execute(query).all()
    found = []
    for row in rows:
        key = (row.id, row.number)
        found.append(
            CaseRow(
                id=row.id,
                created=row.created,
                version=row.number,
                state=row.state or "queued",
                summary=row.summary,
                last_summary=row.last_summary,
                review=reviews.get(key, _unreviewed(row.number, row.summary)),
                problems=tuple(row.problems or ()),
                step=steps.get(key, ""),
            )
        )
    return found


def _newest(condition: sa.ColumnElement[bool]) -> sa.Subquery:
    """Of each case the newest version of which a condition holds."""
    last = (
        sa.select(versions.c.case_id, sa.func.max(versions.c.number).label("number"))
        .where(condition)
        .group_by(versions.c.case_id)
        .subquery()
    )
    return (
        sa.select(versions)
        .join(
            last,
            (versions.c.case_id == last.c.case_id)
            & (versions.c.number == last.c.number),
        )
        .subquery()
    )


def _unreviewed(version: int | None, summary: Mapping[str, Any] | None) -> Review:
    return Review(version=version, registered=is_registered(summary))


def delete_case(store: Store, case_id: str, by: str) -> None:
    """Take a case out of the list; its events stay in the audit trail.

    Raises
    ------
    StoreError
        If there is none, if a version of it was ever approved, or while one is being
        worked on.
    """
    with store.writing() as connection:
        require_case(connection, case_id)
        number = was_approved(connection, case_id)
        if number is not None:
            msg = (
                f"Version {number} of case {case_id} was approved. A case with a "
                f"version that was ever approved is kept."
            )
            raise StoreError(msg)
        running = connection.scalar(
            sa.select(jobs.c.version).where(
                jobs.c.case_id == case_id, jobs.c.state == "running"
            )
        )
        if running is not None:
            msg = (
                f"Version {running} of case {case_id} is being worked on. Wait until "
                f"it is done, then delete the case."
            )
            raise StoreError(msg)
        connection.execute(sa.delete(cases).where(cases.c.id == case_id))
        note(connection, who=by, action=DELETED, case_id=case_id)


def deleted_cases(store: Store) -> frozenset[str]:
    """Numbers of the cases that were deleted from this database."""
    query = sa.select(audit_events.c.case_id).where(audit_events.c.action == DELETED)
    with store.reading() as connection:
        return frozenset(connection.scalars(query))


def add_version(  # noqa: PLR0913 - a version has this many parts
    store: Store,
    case_id: str,
    *,
    by: str,
    reason: str,
    settings: Mapping[str, Any],
    matrix: Matrix | None,
    based_on: int | None,
    frames: tuple[str, str] | None = None,
) -> Version:
    """A new version and the job that assesses it, both queued.

    Raises
    ------
    StoreError
        If there is no such case, no version that it is based on, or if a matrix comes
        without the frames of reference that it maps from and to.
    """
    if (matrix is None) != (frames is None):
        msg = "A matrix is kept with the frames of reference that it relates."
        raise StoreError(msg)
    with store.writing() as connection:
        require_case(connection, case_id)
        if based_on is not None:
            require_version(connection, case_id, based_on)
        highest = connection.scalar(
            sa.select(sa.func.max(versions.c.number)).where(
                versions.c.case_id == case_id
            )
        )
        made = {
            "case_id": case_id,
            "number": (highest or 0) + 1,
            "created": now(),
            "created_by": by,
            "reason": reason,
            "settings": dict(settings),
            "matrix": None if matrix is None else [list(map(float, r)) for r in matrix],
            "frames": None if frames is None else list(frames),
            "based_on": based_on,
            "state": "queued",
            "problems": [],
            "summary": None,
        }
        connection.execute(sa.insert(versions).values(**made))
        queue_job(connection, case_id, (highest or 0) + 1, "assess")
        note(
            connection,
            who=by,
            action="version added",
            case_id=case_id,
            version=(highest or 0) + 1,
            detail={
                "reason": reason,
                "based_on": based_on,
                "settings": made["settings"],
                "matrix": made["matrix"],
                "frames": made["frames"],
            },
        )
        return require_version(connection, case_id, (highest or 0) + 1)


def get_version(store: Store, case_id: str, number: int) -> Version | None:
    """That version of the case, or None."""
    with store.reading() as connection:
        return find_version(connection, case_id, number)


def list_versions(store: Store, case_id: str) -> list[Version]:
    """All versions of a case, the first one first."""
    query = (
        sa.select(versions)
        .where(versions.c.case_id == case_id)
        .order_by(versions.c.number)
    )
    with store.reading() as connection:
        return [version_of(row) for row in connection.execute(query)]


def finish_version(
    store: Store, case_id: str, number: int, summary: Mapping[str, Any]
) -> None:
    """The assessment is there: state "done".

    With it, or not at all, its job ends and its reports are asked for.

    Raises
    ------
    StoreError
        If there is no such version, or it is done already.
    """
    with store.writing() as connection:
        close_version(connection, case_id, number, summary=dict(summary))
        end_assessment(connection, case_id, number)


def require_case(connection: sa.Connection, case_id: str) -> None:
    """Refuse, within a transaction, what concerns a case that is not there."""
    found = connection.scalar(sa.select(cases.c.id).where(cases.c.id == case_id))
    if found is None:
        msg = f"There is no case {case_id}."
        raise StoreError(msg)


def _last_steps(connection: sa.Connection) -> dict[tuple[str, int], str]:
    last = sa.select(sa.func.max(job_steps.c.id)).group_by(job_steps.c.job_id)
    query = (
        sa.select(jobs.c.case_id, jobs.c.version, job_steps.c.text)
        .join(job_steps, job_steps.c.job_id == jobs.c.id)
        .where(job_steps.c.id.in_(last))
        .order_by(job_steps.c.id)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}
