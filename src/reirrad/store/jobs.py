"""Work to be done: assessments and reports, in the order in which they were asked for.

A job is queued, running, done or failed; of one version, one job runs at a time. A
worker that dies leaves its job running; `give_back` queues it again, and the third
death ends it with a sentence. One that was stopped on purpose is `put_back`, which
counts for nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa

from reirrad.core.review import Review
from reirrad.errors import StoreError
from reirrad.store.database import Store, now
from reirrad.store.decisions import review_of_version
from reirrad.store.queueing import end_assessment, end_job, queue_report
from reirrad.store.schema import job_steps, jobs, versions
from reirrad.store.trail import note
from reirrad.store.versions import close_version, require_version

__all__ = [
    "BOTH",
    "Job",
    "Kind",
    "Step",
    "ask_for_reports",
    "claim",
    "failed",
    "finish_report",
    "give_back",
    "left_running",
    "put_back",
    "report_problems",
    "step",
    "steps",
]

Kind: TypeAlias = Literal["assess", "report"]
BOTH: tuple[Kind, ...] = ("assess", "report")
MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Job:
    """Work on one version.

    ``attempts`` counts how often it was begun, this time included.
    """

    id: int
    case_id: str
    version: int
    kind: Kind
    attempts: int


@dataclass(frozen=True, slots=True)
class Step:
    """What the program said it was doing, and when."""

    at: str
    text: str


def claim(store: Store, worker: str, kinds: Collection[Kind] = BOTH) -> Job | None:
    """Take the oldest queued job; each is taken once, however many ask.

    Assessments go before reports, since somebody waits for them. A job waits while
    another one of its version runs: both would write its files.

    Parameters
    ----------
    store
        The database.
    worker
        Name of the worker, for whoever looks into the database.
    kinds
        What may be taken.

    Returns
    -------
    Job or None
        None where nothing is to be done.
    """
    other = jobs.alias()
    beside = (
        sa.select(other.c.id)
        .where(
            other.c.case_id == jobs.c.case_id,
            other.c.version == jobs.c.version,
            other.c.state == "running",
        )
        .exists()
    )
    queued = (
        sa.select(jobs)
        .where(jobs.c.state == "queued", jobs.c.kind.in_(kinds), ~beside)
        .order_by(jobs.c.kind != "assess", jobs.c.id)
    )
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


def failed(store: Store, job_id: int, problems: Sequence[str]) -> None:
    """The job cannot be done; that of an assessment fails its version too.

    Where the version is done all the same, the job is done too.

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
        job = _require(connection, job_id)
        if not _runs(connection, job):
            return
        if job.attempts >= MOST_ATTEMPTS:
            _fail(connection, job, (_died(job),))
        else:
            _queue_again(connection, job, attempts=job.attempts)


def put_back(store: Store, job_id: int) -> None:
    """Queue a job again that was stopped on purpose, as if it had not been begun.

    Nothing happens to a job that is not running.

    Raises
    ------
    StoreError
        If there is no such job.
    """
    with store.writing() as connection:
        job = _require(connection, job_id)
        if _runs(connection, job):
            _queue_again(connection, job, attempts=job.attempts - 1)


def left_running(store: Store) -> list[Job]:
    """At the start of the only server: what the last one left running."""
    query = sa.select(jobs).where(jobs.c.state == "running").order_by(jobs.c.id)
    with store.reading() as connection:
        return [_job(row) for row in connection.execute(query)]


def finish_report(store: Store, job_id: int, review: Review) -> None:
    """The reports are written; once more where the review has changed meanwhile.

    Parameters
    ----------
    store
        The database.
    job_id
        The job that wrote them.
    review
        With which they were written.

    Raises
    ------
    StoreError
        If there is no such job.
    """
    with store.writing() as connection:
        job = _require(connection, job_id)
        version = require_version(connection, job.case_id, job.version)
        if review_of_version(connection, version) != review:
            queue_report(connection, job.case_id, job.version)
        end_job(connection, job_id, "done")


def ask_for_reports(store: Store, case_id: str, version: int, by: str) -> None:
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
        if queue_report(connection, case_id, version):
            note(
                connection,
                who=by,
                action="reports asked for",
                case_id=case_id,
                version=version,
            )


def report_problems(store: Store, case_id: str, version: int) -> tuple[str, ...]:
    """Why the reports could not be written the last time; empty if they could.

    Empty too while they are being written.
    """
    query = (
        sa.select(jobs.c.problems)
        .where(
            jobs.c.case_id == case_id,
            jobs.c.version == version,
            jobs.c.kind == "report",
        )
        .order_by(jobs.c.id.desc())
        .limit(1)
    )
    with store.reading() as connection:
        return tuple(connection.scalar(query) or ())


def _runs(connection: sa.Connection, job: Job) -> bool:
    query = sa.select(jobs.c.state).where(jobs.c.id == job.id)
    return connection.scalar(query) == "running"


def _queue_again(connection: sa.Connection, job: Job, *, attempts: int) -> None:
    if _was_assessed(connection, job):
        return
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job.id)
        .values(state="queued", worker=None, attempts=attempts)
    )
    if job.kind == "assess":
        _set_state(connection, job.case_id, job.version, "queued")


def _was_assessed(connection: sa.Connection, job: Job) -> bool:
    """End the job of an assessment whose version is done: nothing is left of it."""
    version = require_version(connection, job.case_id, job.version)
    if job.kind != "assess" or version.state != "done":
        return False
    end_assessment(connection, job.case_id, job.version)
    return True


def _died(job: Job) -> str:
    what = "assessment" if job.kind == "assess" else "report"
    return (
        f"The {what} was begun {job.attempts} times and its process ended each time "
        f"without a word, mostly for want of memory. Free memory, or look into the "
        f"server's log, then ask for a new version."
    )


def _fail(connection: sa.Connection, job: Job, problems: tuple[str, ...]) -> None:
    if _was_assessed(connection, job):
        return
    if job.kind == "assess":
        close_version(connection, job.case_id, job.version, problems=problems)
    else:
        # The sentences, which may name files, go with the case; events stay.
        note(
            connection,
            who="reirrad",
            action="report failed",
            case_id=job.case_id,
            version=job.version,
            detail={"problems": len(problems)},
        )
    end_job(connection, job.id, "failed", problems)


def _require(connection: sa.Connection, job_id: int) -> Job:
    row = connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).first()
    if row is None:
        msg = f"There is no job {job_id}: its case was deleted."
        raise StoreError(msg)
    return _job(row)


def _job(row: sa.Row[Any]) -> Job:
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
