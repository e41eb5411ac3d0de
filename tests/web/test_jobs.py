"""Jobs and the processes that do them, where something goes wrong."""

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from reirrad.store import jobs as kept_jobs
from reirrad.store.cases import get_version
from reirrad.store.reviews import review_of
from reirrad.store.versions import close_version
from reirrad.web import jobs
from reirrad.web.jobs import JobRunner, ask_for_missing_reports
from reirrad.workflows.case_versions import OBJECTS, REPORTS
from tests.web.applications import Application, case_with_version, done_case


@pytest.fixture
def runner(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> Iterator[JobRunner]:
    """Of the application; tries again at once."""
    monkeypatch.setattr(jobs, "PAUSE_S", 0.02)
    monkeypatch.setattr(jobs, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(sys, "executable", "/no/such/program")
    yield application.parts.runner
    application.parts.runner.stop()


def until(ask: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 10
    while not ask():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_jobs_wait_while_no_process_can_be_started(
    application: Application,
    runner: JobRunner,
    caplog: pytest.LogCaptureFixture,
) -> None:
    case = case_with_version(application.parts)
    runner.start()
    until(lambda: len(caplog.messages) > 3)

    assert "FileNotFoundError" in caplog.messages[-1]
    assert "/no/such/program" not in caplog.text
    version = get_version(application.parts.store, case, 1)
    assert version is not None
    assert version.state == "queued"


def test_a_job_without_a_process_is_put_back_uncounted(
    application: Application,
    runner: JobRunner,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The process that waits for a job ends, and no other one can be started.
    program = application.parts.folders.logs / "ends-at-once"
    program.write_text('#!/bin/sh\nrm "$0"\n')
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    runner.start()
    until(lambda: not program.exists())
    time.sleep(0.2)
    case_with_version(application.parts)
    until(lambda: len(caplog.messages) > 3)
    runner.stop()

    job = kept_jobs.claim(application.parts.store, "another")
    assert job is not None
    assert job.attempts == 1


def test_an_assessment_does_not_wait_for_a_report(
    application: Application,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    parts = application.parts
    program = tmp_path / "never-ends"
    program.write_text("#!/bin/sh\nexec cat\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(jobs, "LOOK_EVERY_S", 0.02)
    done = [done_case(parts) for _ in range(2)]
    parts.runner.start()
    until(lambda: running(application) == [("report", done[0])])
    asked = [case_with_version(parts) for _ in range(2)]
    until(lambda: len(running(application)) == 2)
    time.sleep(0.2)

    assert running(application) == [("report", done[0]), ("assess", asked[0])]
    parts.runner.stop()
    assert running(application) == []


def running(application: Application) -> list[tuple[str, str]]:
    left = kept_jobs.left_running(application.parts.store)
    return [(job.kind, job.case_id) for job in left]


def test_what_an_ended_server_left_is_done_again(
    application: Application, runner: JobRunner
) -> None:
    store = application.parts.store
    left, done = (case_with_version(application.parts) for _ in range(2))
    for _ in range(2):
        assert kept_jobs.claim(store, "ended") is not None
    with store.writing() as connection:
        close_version(connection, done, 1, summary={})
    runner.start()

    until(lambda: kept_jobs.left_running(store) == [])
    found = [kept_jobs.claim(store, "another") for _ in range(2)]
    assert [(job.case_id, job.kind) for job in found if job is not None] == [
        (left, "assess"),
        (done, "report"),
    ]


def test_reports_that_are_missing_are_asked_for_at_the_start(
    application: Application,
) -> None:
    parts = application.parts
    case = done_case(parts)
    case_with_version(parts)
    job = kept_jobs.claim(parts.store, "worker")
    while job is not None:
        kept_jobs.failed(parts.store, job.id, ["No memory."])
        job = kept_jobs.claim(parts.store, "worker")
    ask_for_missing_reports(parts.store, parts.folders)
    job = kept_jobs.claim(parts.store, "worker")
    assert job is not None
    assert (job.case_id, job.kind) == (case, "report")
    assert kept_jobs.claim(parts.store, "worker") is None


def test_reports_that_are_there_are_not_written_again(
    application: Application,
) -> None:
    parts = application.parts
    case = done_case(parts)
    job = kept_jobs.claim(parts.store, "worker")
    assert job is not None
    kept_jobs.finish_report(parts.store, job.id, review_of(parts.store, case, 1))
    ready(application, case)
    ask_for_missing_reports(parts.store, parts.folders)

    assert kept_jobs.claim(parts.store, "worker") is None


def ready(application: Application, case: str) -> None:
    """Mark reports and objects as written with the review of now."""
    folder = application.parts.folders.version(case, 1)
    review = review_of(application.parts.store, case, 1)
    digest = hashlib.sha256(json.dumps(asdict(review), sort_keys=True).encode())
    for mark in (REPORTS, OBJECTS):
        (folder / mark).write_text(digest.hexdigest(), encoding="ascii")
