"""A `reirrad receive` in a process of its own, and who sends to it."""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydicom import dcmread
from pynetdicom import AE, build_context, evt
from pynetdicom.association import Association

from reirrad.dicom.network.associations import send_at_once

__all__ = ["Node", "node", "opened", "stored_statuses"]

START_S = 30.0


@dataclass
class Node:
    """A running node, with what it says on stderr."""

    process: "subprocess.Popen[str]"
    lines: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        (line,) = [line for line in self.lines if " listening on " in line]
        found = re.search(r":(\d+) as ", line)
        assert found
        return int(found.group(1))

    def said(self, text: str, within_s: float = START_S) -> str:
        """The first line with a text; waits for it."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            for line in list(self.lines):
                if text in line:
                    return line
            if self.process.poll() is not None:
                time.sleep(0.2)
                break
            time.sleep(0.02)
        raise AssertionError("\n".join([f"not said: {text}", *self.lines]))

    def ended(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=30)


@contextmanager
def node(*options: str, before: str = "") -> Iterator[Node]:
    """Run `reirrad receive` on a free port; `before` is Python that runs first."""
    code = f"{before}\nfrom reirrad.cli.main import app\napp()"
    process = subprocess.Popen(  # noqa: S603 - the project itself
        [sys.executable, "-c", code, "receive", "--port", "0", *options],
        stderr=subprocess.PIPE,
        text=True,
    )
    running = Node(process)
    assert process.stderr is not None
    stream = process.stderr

    def read() -> None:
        running.lines.extend(line.rstrip("\n") for line in stream)

    # Lines must be seen as they come: extend() of a generator adds one at a time.
    reading = threading.Thread(target=read)
    reading.start()
    try:
        running.said(" listening on ")
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reading.join()
        stream.close()


@contextmanager
def opened(
    port: int, files: Sequence[Path], *, title: str = "SENDER", called: str = "REIRRAD"
) -> Iterator[Association]:
    """An association that may store some files."""
    kinds = {
        (meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID)
        for meta in (dcmread(file, stop_before_pixels=True).file_meta for file in files)
    }
    contexts = [build_context(*kind) for kind in kinds]
    contexts.append(build_context("1.2.840.10008.1.1"))
    entity = AE(ae_title=title)
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 20
    association = entity.associate(
        "127.0.0.1",
        port,
        contexts=contexts,
        ae_title=called,
        evt_handlers=[(evt.EVT_CONN_OPEN, send_at_once)],
    )
    try:
        yield association
    finally:
        if association.is_established:
            association.release()


def stored_statuses(port: int, files: Sequence[Path], **who: str) -> list[int]:
    """Send files in one association; the status of each."""
    with opened(port, files, **who) as association:
        assert association.is_established
        return [int(association.send_c_store(dcmread(file)).Status) for file in files]
