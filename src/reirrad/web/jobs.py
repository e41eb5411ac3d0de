"""Hands jobs to processes: one job each, so many at a time.

Jobs wait in the database. A process that ends without a word has its job queued again;
so has a server, when it starts after one that was killed.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from reirrad.errors import StoreError
from reirrad.store import jobs
from reirrad.store.database import Store

__all__ = ["JobRunner"]

LOOK_EVERY_S = 0.25
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
        Most processes at a time.
    """

    def __init__(
        self, store: Store, *, database_url: str, folder: Path, workers: int
    ) -> None:
        self._store = store
        self._order = {"database": database_url, "store": str(folder)}
        self._workers = workers
        self._running: list[_Running] = []
        self._given_up: list[jobs.Job] = []
        self._spare: subprocess.Popen[str] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Queue again what an ended server left, and begin."""
        jobs.requeue_running(self._store)
        self._thread.start()

    def stop(self) -> None:
        """End the processes; their jobs are done after the next start."""
        self._stop.set()
        self._thread.join(END_S)
        for one in self._running:
            _end(one.process)
            self._give_back(one.job)
        self._running.clear()
        if self._spare is not None:
            _end(self._spare)
        self._retry()

    def process_ids(self) -> list[int]:
        """Processes that have a job now."""
        return [one.process.pid for one in self._running]

    def _run(self) -> None:
        self._spare = _started()
        while not self._stop.wait(LOOK_EVERY_S):
            self._look()

    def _look(self) -> None:
        for one in list(self._running):
            code = one.process.poll()
            if code is not None:
                self._running.remove(one)
                if code != 0:
                    self._give_back(one.job)
        self._retry()
        while len(self._running) < self._workers and not self._stop.is_set():
            job = self._claimed()
            if job is None:
                return
            self._begin(job)

    def _claimed(self) -> jobs.Job | None:
        try:
            return jobs.claim(self._store, f"{socket.gethostname()}:{os.getpid()}")
        except StoreError:
            return None

    def _begin(self, job: jobs.Job) -> None:
        process, self._spare = self._spare, None
        if process is None or process.poll() is not None:
            process = _started()
        order = json.dumps({**self._order, "job": asdict(job)})
        self._running.append(_Running(job, process))
        try:
            if process.stdin is not None:
                process.stdin.write(f"{order}\n")
                process.stdin.flush()
        except OSError:
            _end(process)
        self._spare = _started()

    def _give_back(self, job: jobs.Job) -> None:
        self._given_up.append(job)

    def _retry(self) -> None:
        """Queue lost jobs again; where the database refuses, at the next look."""
        for job in list(self._given_up):
            try:
                jobs.give_back(self._store, job.id)
            except StoreError as error:
                if "deleted" not in str(error):
                    continue
            self._given_up.remove(job)


def _started() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "reirrad.web.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _end(process: "subprocess.Popen[str]") -> None:
    """End a process, kindly at first."""
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin is not None:
        process.stdin.close()
