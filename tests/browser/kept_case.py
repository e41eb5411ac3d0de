"""A case that was assessed, on a server that does no jobs: its versions stay queued.

What the pages do at once is tested on it without waiting for an assessment; a test
ends a version itself where it needs one that is done.
"""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn

from reirrad.core.assessment import Assessment
from reirrad.core.review import Review
from reirrad.store import jobs
from reirrad.store.cases import add_version, finish_version
from reirrad.web.app import create_app
from reirrad.web.configuration import Configuration
from reirrad.web.parts import ServerParts
from reirrad.workflows.case_summary import case_summary
from reirrad.workflows.case_versions import SCENE, write_version
from tests.browser.specimens import packed_case
from tests.web.applications import case_with_version

__all__ = ["KeptCase", "KeptServer", "kept_server", "with_matrices"]

START_S = 30.0


@dataclass(frozen=True)
class KeptCase:
    """A case of the server."""

    url: str
    parts: ServerParts
    case: str

    def another_version(self, reason: str = "closer") -> int:
        """A queued version of the case."""
        made = add_version(
            self.parts.store,
            self.case,
            by="somebody",
            reason=reason,
            settings={},
            matrix=None,
            based_on=1,
        )
        return made.number

    def finish(self, number: int, assessment: Assessment) -> None:
        """Let a version be assessed with this outcome; nothing of it is a report."""
        store = self.parts.store
        folder = self.parts.folders.version(self.case, number)
        folder.mkdir(parents=True)
        write_version(assessment, folder, Review(version=number))
        manifest, parts = packed_case()
        (folder / SCENE).mkdir()
        (folder / SCENE / "manifest.json").write_text(json.dumps(manifest))
        for name, content in parts.items():
            (folder / SCENE / name).write_bytes(content)
        finish_version(store, self.case, number, _summary(assessment))

    def fail_report(self, number: int, problem: str) -> None:
        """Let the reports of a version be impossible to write."""
        store = self.parts.store
        jobs.failed(store, self._claimed("report", number).id, (problem,))

    def _claimed(self, kind: str, number: int) -> jobs.Job:
        """The job of a version; those of other tests that wait are passed over."""
        while True:
            job = jobs.claim(self.parts.store, "test")
            assert job is not None
            if (job.case_id, job.version, job.kind) == (self.case, number, kind):
                return job


@dataclass(frozen=True)
class KeptServer:
    """A server without jobs."""

    url: str
    parts: ServerParts

    def case(self, assessment: Assessment) -> KeptCase:
        """A case with one version, assessed with this outcome."""
        made = KeptCase(self.url, self.parts, case_with_version(self.parts))
        made.finish(1, assessment)
        return made


def with_matrices(
    assessment: Assessment, *matrices: Sequence[Sequence[float]]
) -> Assessment:
    """The assessment with these registrations, the first course's first."""
    registrations = tuple(
        replace(one, matrix=tuple(tuple(row) for row in matrix))
        for one, matrix in zip(assessment.registrations, matrices, strict=True)
    )
    return replace(assessment, registrations=registrations)


def _summary(assessment: Assessment) -> dict[str, Any]:
    """Of courses that are all in one frame but the last, which is in its own."""
    numbers = [course.number for course in assessment.courses]
    frames = {str(one): "1.2.1" for one in numbers[:-1]} | {str(numbers[-1]): "1.2.2"}
    return {**case_summary(assessment), "frames": frames}


@contextmanager
def kept_server(folder: Path) -> Iterator[KeptServer]:
    """A server of an empty store on a free port."""
    app = create_app(Configuration(store=folder / "store"))
    parts: ServerParts = app.state.parts
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end_s = time.monotonic() + START_S
    while not server.started:
        assert time.monotonic() < end_s
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield KeptServer(f"http://127.0.0.1:{port}", parts)
    finally:
        parts.board.stop()
        server.should_exit = True
        thread.join()
        parts.opened.stop()
        parts.store.close()
