"""Work to be done: assessments and reports, in the order in which they were asked for.

A job is queued, running, done or failed. A worker that dies leaves its job running;
`give_back` queues it again, and the third death ends it with a sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from reirrad.errors import StoreError
from reirrad.store.database import Store, now
from reirrad.store.schema import job_steps, jobs, versions
from reirrad.store.trail import note
from reirrad.store.versions import close_version, require_version

__all__ = [
    "Job",
    "Step",
    "add_report_job",
    "claim",
    "done",
    "failed",
    "give_back",
    "queue_report",
    "requeue_running",
    "step",
    "steps",
]

MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Job:
    """Work on one version.

    ``attempts`` counts how often it was begun, this time included.
    """

    id: int
    case_id: str
    version: int
    kind: Literal["assess", "report"]
    attempts: int


@dataclass(frozen=True, slots=True)
class Step:
    """What the program said it was doing, and when."""

    at: str
    text: str


def claim(store: Store, worker: str) -> Job | None:
    """Take the oldest queued job; each is taken once, however many ask.

    Parameters
    ----------
    store
        The database.
    worker
        Name of the worker, for whoever looks into the database.

    Returns
    -------
    Job or None
        None where nothing is to be done.
    """
    queued = sa.select(jobs).where(jobs.c.state == "queued").order_by(jobs.c.id)
    with store.reading() as connection:
        if connection.execute(queued.limit(1)).first() is None:
            return None
    with store.writing() as connection:
        row = connection.execute(queued.limit(1)).first()
        if row is None:
            return None
        connection.execute(
            sa.update(jobs)
            .where(jobs.c.id == row.id)
            .values(
                state="running",
                attempts=row.attempts + 1,
                worker=worker,
                started=now(),
            )
        )
        if row.kind == "assess":
            _set_state(connection, row.case_id, row.version, "running")
        return Job(row.id, row.case_id, row.version, row.kind, row.attempts + 1)


def step(store: Store, job_id: int, text: str) -> None:
    """Say what is being done now.

    Raises
    ------
    StoreError
        If there is no such job.
    """
    with store.writing() as connection:
        _require(connection, job_id)
        connection.execute(
            sa.insert(job_steps).values(job_id=job_id, at=now(), text=text)
        )


def steps(store: Store, case_id: str, version: int) -> list[Step]:
    """What was said about a version, oldest first."""
    query = (
        sa.select(job_steps.c.at, job_steps.c.text)
        .join(jobs, jobs.c.id == job_steps.c.job_id)
        .where(jobs.c.case_id == case_id, jobs.c.version == version)
        .order_by(job_steps.c.id)
    )
    with store.reading() as connection:
        return [Step(*row) for row in connection.execute(query)]


def done(store: Store, job_id: int) -> None:
    """The job is finished.

    Raises
    ------
    StoreError
        If there is no such job.
    """
    with store.writing() as connection:
        _require(connection, job_id)
        _end(connection, job_id, "done")


def failed(store: Store, job_id: int, problems: Sequence[str]) -> None:
    """The job cannot be done; that of an assessment fails its version too.

    Raises
    ------
    StoreError
        If there is no such job.
    """
    with store.writing() as connection:
        _fail(connection, _require(connection, job_id), tuple(problems))


def give_back(store: Store, job_id: int) -> None:
    """Queue a job again whose worker died; the third time it fails.

    Nothing happens to a job that is not running.

    Raises
    ------
    StoreError
        If there is no such job.
    """
    with store.writing() as connection:
        _give_back(connection, _require(connection, job_id))


def requeue_running(store: Store) -> list[Job]:
    """At the start of the only server: give back what the last one left running.

    Returns
    -------
    list of Job
        What was left; those begun for the third time have failed.
    """
    with store.writing() as connection:
        found = connection.scalars(
            sa.select(jobs.c.id).where(jobs.c.state == "running").order_by(jobs.c.id)
        ).all()
        left = [_require(connection, job_id) for job_id in found]
        for job in left:
            _give_back(connection, job)
    return left


def add_report_job(store: Store, case_id: str, version: int) -> None:
    """Ask for the reports of a version to be written again, once.

    A job for it that nobody has begun serves.

    Raises
    ------
    StoreError
        If there is no such version, or it is not done.
    """
    with store.writing() as connection:
        if require_version(connection, case_id, version).state != "done":
            msg = f"Version {version} of case {case_id} is not done: it has no report."
            raise StoreError(msg)
        queue_report(connection, case_id, version)


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
        connection.execute(
            sa.insert(jobs).values(
                case_id=case_id,
                version=version,
                kind="report",
                state="queued",
                attempts=0,
                queued=now(),
            )
        )


def _give_back(connection: sa.Connection, job: Job) -> None:
    running = connection.scalar(
        sa.select(jobs.c.id).where(jobs.c.id == job.id, jobs.c.state == "running")
    )
    if running is None:
        return
    if job.attempts >= MOST_ATTEMPTS:
        _fail(connection, job, (_died(job),))
        return
    connection.execute(
        sa.update(jobs).where(jobs.c.id == job.id).values(state="queued", worker=None)
    )
    if job.kind == "assess":
        _set_state(connection, job.case_id, job.version, "queued")


def _died(job: Job) -> str:
    what = "assessment" if job.kind == "assess" else "report"
    return (
        f"The {what} was begun {job.attempts} times and its process ended each time "
        f"without a word, mostly for want of memory. Free memory, or look into the "
        f"server's log, then ask for a new version."
    )


def _fail(connection: sa.Connection, job: Job, problems: tuple[str, ...]) -> None:
    if job.kind == "assess":
        close_version(connection, job.case_id, job.version, problems=problems)
    else:
        note(
            connection,
            who="reirrad",
            action="report failed",
            case_id=job.case_id,
            version=job.version,
            detail={"problems": len(problems)},
        )
    _end(connection, job.id, "failed")


def _end(connection: sa.Connection, job_id: int, state: str) -> None:
    connection.execute(
        sa.update(jobs).where(jobs.c.id == job_id).values(state=state, ended=now())
    )


def _require(connection: sa.Connection, job_id: int) -> Job:
    row = connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).first()
    if row is None:
        msg = f"There is no job {job_id}: its case was deleted."
        raise StoreError(msg)
    return Job(row.id, row.case_id, row.version, row.kind, row.attempts)


def _set_state(
    connection: sa.Connection, case_id: str, version: int, state: str
) -> None:
    """State of a version that is not done yet."""
    connection.execute(
        sa.update(versions)
        .where(
            versions.c.case_id == case_id,
            versions.c.number == version,
            versions.c.state != "done",
        )
        .values(state=state)
    )
