"""Processes of this computer that assess patients side by side.

A worker takes one processor: as many workers as processors use them all, and the memory
of an assessment is not multiplied by its threads. A worker that is killed, by the
system for want of memory or by a person, is replaced; its patient is tried once more.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from reirrad.workflows.patient_job import PatientEnd, PatientJob, assess_patient

__all__ = ["assessed_here"]

SURROUNDINGS = {
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS": "1",
    # Without it every short-lived thread leaves memory behind, 0.3 GB for a patient.
    "MALLOC_ARENA_MAX": "1",
}
"""Environment of a worker: one thread in each library, one heap."""

MOST_TRIES = 2
STOP_S = 5.0
LOST = (
    "The process that worked on this patient ended without an answer, twice; the "
    "system may have ended it for want of memory. Try again with fewer --workers."
)


def assessed_here(jobs: Sequence[PatientJob], n_workers: int) -> Iterator[PatientEnd]:
    """Assess patients in processes of their own, and tell each as it ends.

    Parameters
    ----------
    jobs
        One for each patient.
    n_workers
        How many processes work side by side.
    """
    waiting = deque(jobs)
    tries: Counter[str] = Counter()
    workers = [_Worker.started() for _ in range(min(n_workers, len(jobs)))]
    try:
        for worker in workers:
            worker.take(waiting)
        while busy := [one for one in workers if one.job is not None]:
            ready = wait([one.connection for one in busy])
            for worker in (one for one in busy if one.connection in ready):
                job, end = worker.answered()
                if end is None:
                    worker.replace()
                    tries[job.pseudonym] += 1
                    if tries[job.pseudonym] < MOST_TRIES:
                        waiting.append(job)
                    else:
                        end = PatientEnd(job.pseudonym, "failed", (LOST,))
                worker.take(waiting)
                if end is not None:
                    yield end
    finally:
        for worker in workers:
            worker.stop()


@dataclass(slots=True)
class _Worker:
    """A process, the way to it and what it works on."""

    process: SpawnProcess
    connection: Connection
    job: PatientJob | None = None

    @classmethod
    def started(cls) -> "_Worker":
        new = multiprocessing.get_context("spawn")
        here, there = new.Pipe()
        process = new.Process(target=_serve, args=(there,), daemon=True)
        with _frugal():
            process.start()
        there.close()
        return cls(process, here)

    def take(self, waiting: deque[PatientJob]) -> None:
        """Begin with the next job, if there is one."""
        if self.job is not None or not waiting:
            return
        self.job = waiting.popleft()
        # A process that has just been killed is found out when its answer is awaited.
        with suppress(OSError):
            self.connection.send(self.job)

    def answered(self) -> tuple[PatientJob, PatientEnd | None]:
        """The job that is done, and how it ended; None where the process was killed."""
        job, self.job = self.job, None
        if job is None:
            msg = "a worker without a job has no answer"
            raise ValueError(msg)
        try:
            end: PatientEnd = self.connection.recv()
        except (EOFError, OSError):
            return job, None
        return job, end

    def replace(self) -> None:
        """Start another process in the place of a killed one."""
        self.stop()
        fresh = _Worker.started()
        self.process, self.connection = fresh.process, fresh.connection

    def stop(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.join(STOP_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


@contextmanager
def _frugal() -> Iterator[None]:
    """What a process started now reads when it loads its libraries."""
    before = {name: os.environ.get(name) for name in SURROUNDINGS}
    os.environ.update(SURROUNDINGS)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(connection: Connection) -> None:
    """Work on one job after another until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Ends with the cleaning up of every step that is under way.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # What a user would read on the screen could name the patient's structures.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    with suppress(EOFError, OSError):
        while True:
            connection.send(assess_patient(connection.recv()))


def _end_with_parent() -> None:
    """End at once when the program is killed: the next run does the work again."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
