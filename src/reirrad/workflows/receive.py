"""A DICOM node that assesses every patient of whom two courses have come."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reirrad.core.identity_text import normal_text
from reirrad.dicom.elements import named
from reirrad.dicom.network.header import ObjectHeader
from reirrad.dicom.network.inbox import Inbox, Kept, opened_inbox
from reirrad.dicom.network.node import NodeSetup, Take, listening
from reirrad.errors import DicomError
from reirrad.workflows.publish import check_writable
from reirrad.workflows.quiet_patients import Assess, QuietPatients

__all__ = ["Reception", "receive"]

# How often to look whether somebody has been quiet for long enough.
LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Reception:
    """What a node does with what comes.

    Parameters
    ----------
    node
        What it is and to whom it listens.
    store
        Folder of the received objects.
    out
        Folder of the results.
    quiet_s
        How long nothing of a patient must have come before the assessment.
    assess
        Makes an assessment; must be picklable.
    settings_digest
        Changes when the settings change.
    """

    node: NodeSetup
    store: Path
    out: Path
    quiet_s: float
    assess: Assess
    settings_digest: str = ""


def receive(
    reception: Reception, *, stop: threading.Event, tell: Callable[[str], None]
) -> None:
    """Listen until told to stop.

    Parameters
    ----------
    reception
        What to do.
    stop
        Set from a signal or another thread to end.
    tell
        Told what happens, from several threads; no name or identifier of a patient.

    Raises
    ------
    InputError
        If the port cannot be opened.
    OutputError
        If a folder cannot be used.
    """
    check_writable(reception.out)
    with opened_inbox(reception.store) as inbox:
        quiet = QuietPatients(
            inbox,
            reception.out,
            reception.quiet_s,
            reception.assess,
            tell,
            reception.settings_digest,
        )
        quiet.take_up()
        take = _keeper(inbox, quiet, tell)
        with listening(reception.node, take, tell=tell) as port:
            secured = "" if reception.node.tls is None else " with TLS"
            tell(
                f"listening on {reception.node.host}:{port} as "
                f"{reception.node.title}{secured}"
            )
            try:
                while not stop.wait(LOOK_EVERY_S):
                    _proceed(quiet, tell)
            finally:
                tell("stopping")
        quiet.stop()
    tell("stopped")


def _proceed(quiet: QuietPatients, tell: Callable[[str], None]) -> None:
    """Look after assessments; what the system refuses them must not end the node."""
    try:
        quiet.proceed()
    except OSError as error:
        tell(f"an assessment could not be begun or ended ({error.strerror})")


def _keeper(inbox: Inbox, quiet: QuietPatients, tell: Callable[[str], None]) -> Take:
    def keep(content: bytes, header: ObjectHeader) -> None:
        if not normal_text(header.patient_id):
            msg = f"{named('PatientID')} is empty: whose object this is cannot be told"
            raise DicomError(msg)
        kept = inbox.keep(content, header)
        key = inbox.patient_key(header.patient_id)
        if kept is Kept.SECOND:
            tell(
                f"patient {key}: object {header.sop_instance_uid} came with another "
                f"content than before; both are kept, and compared by the assessment"
            )
        quiet.came(key)

    return keep
