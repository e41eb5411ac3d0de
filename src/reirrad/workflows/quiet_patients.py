"""Patients of whom nothing more has come for a while, assessed one after another."""

import hashlib
import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Literal, NamedTuple

from reirrad.dicom.network.inbox import Inbox
from reirrad.errors import ReirradError

__all__ = ["Answer", "Assess", "AssessmentDefectError", "QuietPatients"]

STOP_S = 10.0

Answer = Literal["assessed", "withheld", "one course"]
"""How an assessment ended: with a verdict, without one, or before it began."""

Assess = Callable[[Path, Path], Answer]
"""Assesses a folder into another; called in a process of its own.

It raises what the caller of an assessment would see.
"""

SAID: Mapping[str, str] = {
    "assessed": "assessed",
    "withheld": "assessed, the verdict is withheld",
    "one course": "one course so far; waiting for another",
}


class AssessmentDefectError(Exception):
    """A defect of the program, in a sentence without patient data."""


class _End(NamedTuple):
    """How a process ended: an answer, "refused" or "failed", and the reasons."""

    kind: str
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Job:
    key: str
    fingerprint: str
    process: BaseProcess
    ending: Connection


@dataclass(slots=True)
class QuietPatients:
    """Which patients wait for their assessment, and the one that has it now.

    Parameters
    ----------
    inbox
        Received objects.
    out
        Folder of the results, one folder for each patient key.
    quiet_s
        How long nothing must have come.
    assess
        Makes an assessment.
    tell
        Told what happens, without patient data.
    settings_digest
        Changes when the settings change: then everybody is assessed again.
    """

    inbox: Inbox
    out: Path
    quiet_s: float
    assess: Assess
    tell: Callable[[str], None]
    settings_digest: str = ""
    _last_heard: dict[str, float] = field(default_factory=dict)
    _job: _Job | None = None

    def came(self, key: str) -> None:
        """Note that an object of a patient came just now; from any thread."""
        self._last_heard[key] = time.monotonic()

    def take_up(self) -> None:
        """Note everybody whose objects are not those of the last assessment."""
        for key in self.inbox.patient_keys():
            if self._state(key) != self._recorded(key):
                self.came(key)

    def proceed(self) -> None:
        """Finish the assessment that is done, and begin one that is due."""
        if self._job is not None and self._has_ended(self._job):
            self._finish(self._job)
            self._job = None
        if self._job is None:
            due = self._next_due()
            if due is not None:
                self._begin(due)

    def stop(self) -> None:
        """End the assessment that runs; it is made again after the next start."""
        job, self._job = self._job, None
        if job is None:
            return
        job.process.terminate()
        job.process.join(STOP_S)
        if job.process.is_alive():
            job.process.kill()
            job.process.join()

    def _next_due(self) -> str | None:
        """The patient who has been quiet for longest, if for long enough."""
        waiting = sorted(self._last_heard.copy().items(), key=lambda item: item[1])
        if waiting and time.monotonic() - waiting[0][1] >= self.quiet_s:
            return waiting[0][0]
        return None

    def _begin(self, key: str) -> None:
        del self._last_heard[key]
        state = self._state(key)
        if state == self._recorded(key):
            return
        # A process of its own: receiving goes on beside it, and outlives its end.
        new = multiprocessing.get_context("spawn")
        receiver, sender = new.Pipe(duplex=False)
        process = new.Process(
            target=_run,
            args=(self.assess, self.inbox.patient_folder(key), self.out / key, sender),
            daemon=False,
        )
        self.tell(f"patient {key}: quiet for {self.quiet_s:g} s, assessing")
        process.start()
        sender.close()
        self._job = _Job(key, state, process, receiver)

    def _has_ended(self, job: _Job) -> bool:
        return job.ending.poll() or not job.process.is_alive()

    def _finish(self, job: _Job) -> None:
        end = _End("failed", ("the process ended without an answer",))
        with suppress(EOFError):
            if job.ending.poll():
                end = job.ending.recv()
        job.process.join()
        job.ending.close()
        where = f"patient {job.key}"
        notice = self.out / f"{job.key}.not-assessed.txt"
        if end.kind in SAID:
            notice.unlink(missing_ok=True)
            place = "" if end.kind == "one course" else f"; results in {notice.parent}"
            self.tell(f"{where}: {SAID[end.kind]}{place}")
        else:
            for problem in end.problems:
                self.tell(f"{where}: not assessed: {problem}")
            self._leave(notice, end.problems)
        if end.kind != "failed":
            self._record(job)

    def _leave(self, notice: Path, problems: tuple[str, ...]) -> None:
        """Say beside older results that they do not hold what came since."""
        try:
            notice.parent.mkdir(parents=True, exist_ok=True)
            notice.write_text("\n".join((*problems, "")), encoding="utf-8")
        except OSError as error:
            self.tell(f"{notice}: cannot be written ({error.strerror})")

    def _state(self, key: str) -> str:
        known = f"{self.inbox.fingerprint(key)} {self.settings_digest}"
        return hashlib.sha256(known.encode()).hexdigest()

    def _record_file(self, key: str) -> Path:
        return self.inbox.folder / "assessed" / f"{key}.json"

    def _recorded(self, key: str) -> str | None:
        try:
            content = json.loads(self._record_file(key).read_text(encoding="utf-8"))
            return str(content["state"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _record(self, job: _Job) -> None:
        """Remember what was assessed, so that the next start need not do it again."""
        file = self._record_file(job.key)
        fresh = file.with_suffix(".new")
        try:
            file.parent.mkdir(exist_ok=True, mode=0o700)
            fresh.write_text(json.dumps({"state": job.fingerprint}), encoding="utf-8")
            fresh.replace(file)
        except OSError as error:
            self.tell(f"{file}: cannot be written ({error.strerror})")


def _run(assess: Assess, folder: Path, out: Path, ending: Connection) -> None:
    """Assess in a process of its own, and report how it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Ends with the cleaning up of every step that is under way.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # What a user would read on the screen could name the patient's structures.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        end = _End(assess(folder, out))
    except ReirradError as error:
        end = _End("refused", error.problems)
    except AssessmentDefectError as error:
        end = _End("failed", (str(error),))
    except Exception as error:
        end = _End("failed", (f"defect of this program ({type(error).__name__})",))
    ending.send(end)
