"""Imports in a process of its own, with a limit of memory and of time.

The process is started once and answers one path after another; it is ended where it
does not answer.
"""

import json
import subprocess
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Timer
from types import TracebackType

from reirrad.errors import ReirradError
from tests.fuzzing.campaign import warm_up
from tests.fuzzing.examination import MOST_SECONDS, examine
from tests.fuzzing.memory import begin_peak, limit_memory, peak_megabytes

__all__ = ["LimitedImports", "Outcome"]

PROJECT = Path(__file__).parents[2]
# Until the process is killed; code outside Python is not interrupted otherwise.
STUCK_SECONDS = 150.0
COMPILING_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import led to.

    Parameters
    ----------
    broken
        How it broke a promise; empty where it did not.
    problems, findings
        Sentences.
    fates
        Path to status and reason.
    n_courses
        Complete courses.
    seconds, megabytes
        What it took; memory at most, above what the process took before.
    """

    broken: str
    problems: list[str]
    findings: list[str]
    fates: dict[str, list[str]]
    n_courses: int
    seconds: float
    megabytes: int

    @property
    def sentences(self) -> str:
        """Everything that was said."""
        reasons = [reason for _, reason in self.fates.values()]
        return "\n".join([*self.problems, *self.findings, *reasons])


class LimitedImports:
    """The process, as a context; `of` imports a path in it."""

    def __enter__(self) -> "LimitedImports":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzzing.limited"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._answer(COMPILING_SECONDS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def of(self, path: Path, *, most_seconds: float = MOST_SECONDS) -> Outcome:
        """Import what a path holds, and sample every structure."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([str(path), most_seconds]) + "\n")
        self._process.stdin.flush()
        return Outcome(**json.loads(self._answer(STUCK_SECONDS)))

    def _answer(self, seconds: float) -> str:
        assert self._process.stdout is not None
        timer = Timer(seconds, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            msg = f"the import ended its process ({self._process.wait()})"
            raise AssertionError(msg)
        return line


def serve() -> None:
    """Answer every line of the input with a line of the output.

    A line of the input has a path and the most seconds, in JSON.
    """
    warm_up()
    limit_memory()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        path, most_seconds = json.loads(line)
        outcome = _outcome(Path(path), most_seconds)
        sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
        sys.stdout.flush()


def _outcome(path: Path, most_seconds: float) -> Outcome:
    before = begin_peak()
    start = time.monotonic()
    broken = ""
    problems: tuple[str, ...] = ()
    findings: list[str] = []
    fates: dict[str, list[str]] = {}
    n_courses = 0
    try:
        found = examine([path], most_seconds=most_seconds)
        if isinstance(found, ReirradError):
            problems = found.problems
        else:
            problems = found.problems
            findings = [finding.message for finding in found.findings]
            fates = {one.path: [one.status, one.reason] for one in found.inputs}
            n_courses = len(found.courses)
    except Exception as error:
        broken = "".join(traceback.format_exception(error))
    return Outcome(
        broken,
        list(problems),
        findings,
        fates,
        n_courses,
        time.monotonic() - start,
        peak_megabytes() - before,
    )


if __name__ == "__main__":
    serve()
