"""A process that does one job: ``python -m reirrad.web.worker``.

It is started ahead and waits for its job as one line of JSON. When the server goes
away, however that happens, the pipe between them ends and so does the worker. Signals
that end a server reach its workers too; they leave it to the server to end them.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from reirrad import MACHINE_CODE
from reirrad.errors import ReirradError, StoreError
from reirrad.store import jobs
from reirrad.store.cases import Version, finish_version, get_version
from reirrad.store.database import Store
from reirrad.store.reviews import review_of
from reirrad.web.problems import NO_ROOM, is_full
from reirrad.workflows.case_folders import CaseFolders
from reirrad.workflows.case_summary import case_summary
from reirrad.workflows.case_versions import (
    VersionOrder,
    assess_version,
    report_version,
)
from reirrad.workflows.defects import defect_log, defect_sentence

__all__ = ["main"]

NOT_TOLD = 75
"""Exit code where the database could not be told how the job ended."""
STEP_PAUSE_S = 0.2
FIRST_RUN = (
    "first run of this version: numeric loops are compiled on the way, which takes "
    "about a minute, once"
)
TELL_AGAIN_S = 5.0


def main() -> int:
    """Wait for the job, do it, and tell the database how it ended."""
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_IGN)
    line = sys.stdin.readline()
    if not line:
        return 0
    threading.Thread(target=_end_with_server, daemon=True).start()
    order = json.loads(line)
    job = jobs.Job(**order["job"])
    try:
        store = Store.open(order["database"])
    except StoreError:
        return NOT_TOLD
    folders = CaseFolders(Path(order["store"]))
    try:
        problems = _problems_of(store, folders, job)
        if problems:
            _tell(partial(jobs.failed, store, job.id, problems))
    finally:
        store.close()
    return 0


def _end_with_server() -> None:
    sys.stdin.read()
    os._exit(NOT_TOLD)


def _problems_of(store: Store, folders: CaseFolders, job: jobs.Job) -> tuple[str, ...]:
    """Do the job; why it could not be done, or nothing."""
    try:
        _do(store, folders, job)
    except ReirradError as error:
        if is_full(error):
            return (NO_ROOM,)
        received = f"{folders.received(job.case_id)}{os.sep}"
        # They may name folders after patients, and go into the version alone.
        return tuple(problem.replace(received, "") for problem in error.problems)
    except Exception as error:
        if is_full(error):
            return (NO_ROOM,)
        return (defect_sentence(error, defect_log(error, folders.logs)),)
    return ()


def _do(store: Store, folders: CaseFolders, job: jobs.Job) -> None:
    version = get_version(store, job.case_id, job.version)
    if version is None:
        return
    order = _order(folders, version)
    tell = _Steps(store, job)
    if not MACHINE_CODE.exists():
        jobs.step(store, job.id, FIRST_RUN)
    if job.kind == "report":
        review = review_of(store, job.case_id, job.version)
        report_version(order, review, tell)
        _tell(partial(jobs.finish_report, store, job.id, review))
    else:
        summary = case_summary(assess_version(order, tell))
        _tell(partial(finish_version, store, job.case_id, job.version, summary))


def _order(folders: CaseFolders, version: Version) -> VersionOrder:
    return VersionOrder(
        number=version.number,
        received=folders.received(version.case_id),
        folder=folders.version(version.case_id, version.number),
        settings=version.settings,
        matrix=version.matrix,
        frames=version.frames,
    )


class _Steps:
    """Tells the database each step, but not more often than a person can read."""

    def __init__(self, store: Store, job: jobs.Job) -> None:
        self._store, self._job = store, job
        self._last = 0.0

    def __call__(self, text: str) -> None:
        if time.monotonic() - self._last < STEP_PAUSE_S:
            return
        self._last = time.monotonic()
        jobs.step(self._store, self._job.id, text)


def _tell(ending: Callable[[], None]) -> None:
    """Tell how the job ended, again after a moment if the database refuses.

    Where it refuses again the process ends, and the server has the job done again.
    """
    try:
        ending()
    except StoreError:
        time.sleep(TELL_AGAIN_S)
        try:
            ending()
        except StoreError:
            sys.exit(NOT_TOLD)


if __name__ == "__main__":
    sys.exit(main())
