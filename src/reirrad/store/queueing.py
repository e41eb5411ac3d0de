"""Jobs within a transaction that does more: how they begin to wait, how they end."""

from collections.abc import Sequence
from typing import Literal

import sqlalchemy as sa

from reirrad.store.database import now
from reirrad.store.schema import jobs

__all__ = ["end_assessment", "end_job", "queue_job", "queue_report"]


def queue_report(connection: sa.Connection, case_id: str, version: int) -> None:
    """Ask for reports within a transaction."""
    waiting = connection.scalar(
        sa.select(jobs.c.id).where(
            jobs.c.case_id == case_id,
            jobs.c.version == version,
            jobs.c.kind == "report",
            jobs.c.state == "queued",
        )
    )
    if waiting is None:
        queue_job(connection, case_id, version, "report")


def queue_job(
    connection: sa.Connection,
    case_id: str,
    version: int,
    kind: Literal["assess", "report"],
) -> None:
    """A new job within a transaction."""
    connection.execute(
        sa.insert(jobs).values(
            case_id=case_id,
            version=version,
            kind=kind,
            state="queued",
            attempts=0,
            queued=now(),
            problems=[],
        )
    )


def end_job(
    connection: sa.Connection, job_id: int, state: str, problems: Sequence[str] = ()
) -> None:
    """Set the end of a job, with the reasons where it failed."""
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id)
        .values(state=state, ended=now(), problems=list(problems))
    )


def end_assessment(connection: sa.Connection, case_id: str, version: int) -> None:
    """End the job of a version that is done, and ask for its reports."""
    connection.execute(
        sa.update(jobs)
        .where(
            jobs.c.case_id == case_id,
            jobs.c.version == version,
            jobs.c.kind == "assess",
            jobs.c.state.in_(("queued", "running")),
        )
        .values(state="done", ended=now())
    )
    queue_report(connection, case_id, version)
