"""``reirrad receive``: a node that runs until it is told to stop."""

import hashlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from reirrad.cli.assessing import Request, run_assessment
from reirrad.cli.outcome import Exit
from reirrad.cli.terminal_text import printable
from reirrad.dicom.network.addresses import checked_title, known_peer
from reirrad.dicom.network.node import NodeSetup
from reirrad.dicom.network.tls import TlsFiles, server_tls
from reirrad.errors import InputError, ReirradError
from reirrad.workflows.defects import defect_log
from reirrad.workflows.quiet_patients import Answer, AssessmentDefectError
from reirrad.workflows.receive import Reception, receive
from reirrad.workflows.settings import load_settings
from reirrad.workflows.unattended import courses_of_one_person

__all__ = ["FolderAssessment", "ReceiveRequest", "run_reception"]


@dataclass(frozen=True, slots=True)
class ReceiveRequest:
    """What the user asked ``reirrad receive`` to do.

    Parameters
    ----------
    store, out
        Folders of the received objects and of the results.
    address
        Host and port to listen on.
    ae_title
        What the node is called.
    peers
        Who may store here, each as TITLE@HOST; None means everybody.
    quiet_s
        How long nothing must have come before an assessment.
    settings_file
        TOML file, or None.
    tls
        Certificate files.
    """

    store: Path
    out: Path
    address: tuple[str, int]
    ae_title: str
    peers: tuple[str, ...] | None
    quiet_s: float
    settings_file: Path | None
    tls: TlsFiles


@dataclass(frozen=True, slots=True)
class FolderAssessment:
    """Assesses one patient's folder, as ``reirrad assess`` would.

    Parameters
    ----------
    settings_file
        TOML file, or None.
    """

    settings_file: Path | None

    def __call__(self, folder: Path, out: Path) -> Answer:
        """See :data:`~reirrad.workflows.quiet_patients.Assess`."""
        try:
            settings = replace(load_settings(self.settings_file), of_many_patients=True)
            if courses_of_one_person(folder, settings) < 2:
                return "one course"
            request = Request(
                paths=[folder], settings_file=self.settings_file, of_many_patients=True
            )
            ended = run_assessment(request, out)
        except ReirradError:
            raise
        except Exception as error:
            msg = f"a defect of this program; what happened is in {defect_log(error)}"
            raise AssessmentDefectError(msg) from error
        return "withheld" if ended == Exit.WITHHELD else "assessed"


def run_reception(request: ReceiveRequest) -> Exit:
    """Listen until SIGTERM or Ctrl-C; what happens goes to stderr, line by line."""
    load_settings(request.settings_file)
    if request.peers == ():
        msg = (
            "Nobody is allowed to store here. Name each node that may with --peer "
            "TITLE@HOST, or give --any-peer."
        )
        raise InputError(msg)
    reception = Reception(
        node=NodeSetup(
            checked_title(request.ae_title, option="--ae-title"),
            *request.address,
            peers=None
            if request.peers is None
            else tuple(known_peer(one) for one in request.peers),
            tls=server_tls(request.tls),
        ),
        store=request.store,
        out=request.out,
        quiet_s=request.quiet_s,
        assess=FolderAssessment(request.settings_file),
        settings_digest=_digest(request.settings_file),
    )
    with _ended_by_signals() as stop:
        receive(reception, stop=stop, tell=_log())
    return Exit.ASSESSED


@contextmanager
def _ended_by_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM or Ctrl-C sets."""
    stop = threading.Event()
    endings = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(ending, lambda *_: stop.set()) for ending in endings]
    try:
        yield stop
    finally:
        for ending, handler in zip(endings, before, strict=True):
            signal.signal(ending, handler)


def _digest(file: Path | None) -> str:
    return "" if file is None else hashlib.sha256(file.read_bytes()).hexdigest()


def _log() -> Callable[[str], None]:
    """Print lines with the time, from whichever thread."""
    printing = threading.Lock()

    def tell(line: str) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with printing:
            print(now, printable(line), file=sys.stderr, flush=True)

    return tell
