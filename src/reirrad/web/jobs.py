"""Hands jobs to processes: one job each, so many assessments and one report at a time.

Jobs wait in the database. A process that ends without a word has its job queued again;
so has a server, when it starts after one that was killed. What is stopped on purpose
counts for no death.
"""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from reirrad.errors import StoreError
from reirrad.store import jobs
from reirrad.store.cases import list_cases, list_versions
from reirrad.store.database import Store
from reirrad.store.reviews import review_of
from reirrad.workflows.case_folders import CaseFolders
from reirrad.workflows.case_versions import KEPT, OBJECTS, REPORTS, is_of_review

__all__ = ["JobRunner", "ask_for_missing_reports"]

LOG = logging.getLogger("reirrad.web")
LOOK_EVERY_S = 0.25
PAUSE_S = 5.0
"""After something that should not happen, such as no memory for a process."""
END_S = 5.0


@dataclass(frozen=True, slots=True)
class _Running:
    job: jobs.Job
    process: "subprocess.Popen[str]"


class JobRunner:
    """Does the jobs of a store until it is stopped.

    Parameters
    ----------
    store
        The database, opened by this process.
    database_url
        Where the processes open it.
    folder
        Store folder.
    workers
        Most assessments at a time; one report is written beside them.
    """

    def __init__(
        self, store: Store, *, database_url: str, folder: Path, workers: int
    ) -> None:
        self._store = store
        self._folders = CaseFolders(folder)
        self._order = {"database": database_url, "store": str(folder)}
        self._workers = workers
        self._running: list[_Running] = []
        self._died: list[jobs.Job] = []
        self._stopped: list[jobs.Job] = []
        self._spare: subprocess.Popen[str] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin with what an ended server left, whatever of it can be begun."""
        self._died += jobs.left_running(self._store)
        self._thread.start()

    def stop(self) -> None:
        """End the processes; their jobs are done after the next start."""
        self._stop.set()
        self._thread.join(END_S)
        for one in self._running:
            _end(one.process)
            self._stopped.append(one.job)
        self._running.clear()
        if self._spare is not None:
            self._spare.kill()  # it has nothing to lose
            _end(self._spare)
        with _survived():
            self._retry()

    def _run(self) -> None:
        with _survived():
            self._retry()
            ask_for_missing_reports(self._store, self._folders)
        pause_s = 0.0
        while not self._stop.wait(pause_s):
            pause_s = PAUSE_S
            with _survived():
                self._look()
                pause_s = LOOK_EVERY_S

    def _look(self) -> None:
        for one in list(self._running):
            code = one.process.poll()
            if code is not None:
                self._running.remove(one)
                _end(one.process)
                if code != 0:
                    self._died.append(one.job)
        self._retry()
        if self._spare is None:
            self._spare = _started()
        while not self._stop.is_set():
            job = self._claimed()
            if job is None:
                return
            self._begin(job)

    def _free(self) -> list[jobs.Kind]:
        """Kinds of job that may be begun: an assessment waits for no report."""
        kinds = [one.job.kind for one in self._running]
        most: dict[jobs.Kind, int] = {"assess": self._workers, "report": 1}
        return [kind for kind in jobs.BOTH if kinds.count(kind) < most[kind]]

    def _claimed(self) -> jobs.Job | None:
        worker = f"{socket.gethostname()}:{os.getpid()}"
        try:
            return jobs.claim(self._store, worker, self._free())
        except StoreError:
            return None

    def _begin(self, job: jobs.Job) -> None:
        process, self._spare = self._spare, None
        if process is not None and process.poll() is not None:
            _end(process)
            process = None
        try:
            process = process or _started()
        except BaseException:
            self._stopped.append(job)
            raise
        order = json.dumps({**self._order, "job": asdict(job)})
        self._running.append(_Running(job, process))
        try:
            if process.stdin is not None:
                process.stdin.write(f"{order}\n")
                process.stdin.flush()
        except OSError:
            _end(process)
        self._spare = _started()

    def _retry(self) -> None:
        """Queue lost jobs again; where the database refuses, at the next look."""
        for lost, queued_again in (
            (self._died, jobs.give_back),
            (self._stopped, jobs.put_back),
        ):
            for job in list(lost):
                try:
                    queued_again(self._store, job.id)
                except StoreError as error:
                    if "deleted" not in str(error):
                        continue
                lost.remove(job)


def ask_for_missing_reports(store: Store, folders: CaseFolders) -> None:
    """Have the reports written that are not there or not with the review of now."""
    for case in list_cases(store):
        for version in list_versions(store, case.id):
            folder = folders.version(case.id, version.number)
            if not (folder / KEPT).exists():
                continue
            review = review_of(store, case.id, version.number)
            if not all(is_of_review(folder, one, review) for one in (REPORTS, OBJECTS)):
                jobs.ask_for_reports(store, case.id, version.number, "reirrad")


@contextmanager
def _survived() -> Iterator[None]:
    """Tell the log what went wrong, by its kind: its words may hold patient data."""
    try:
        yield
    except Exception as error:
        LOG.warning("jobs: %s; they go on in %g s", type(error).__name__, PAUSE_S)


def _started() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "reirrad.web.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _end(process: "subprocess.Popen[str]") -> None:
    """End a process: it does so by itself when its pipe ends."""
    with suppress(OSError):  # what was not written yet finds no reader any more
        if process.stdin is not None:
            process.stdin.close()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
