"""A DICOM node that answers C-ECHO and takes objects by C-STORE."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from pydicom.dataset import Dataset
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event
from pynetdicom.presentation import AllStoragePresentationContexts

from reirrad.dicom.network.addresses import KnownPeer, plain_ip
from reirrad.dicom.network.associations import PDU_BYTES, send_at_once
from reirrad.dicom.network.header import ObjectHeader, read_header
from reirrad.dicom.network.statuses import (
    CANNOT_UNDERSTAND,
    DOES_NOT_MATCH,
    NOT_AUTHORISED,
    OUT_OF_RESOURCES,
    PROCESSING_FAILURE,
    SUCCESS,
    answer,
)
from reirrad.errors import DicomError, InputError

__all__ = ["NodeSetup", "RefusedObject", "Take", "listening", "store_answer"]

VERIFICATION = "1.2.840.10008.1.1"
# A PACS that sends a study can pause between objects; one that is gone holds a thread.
IDLE_S = 120.0
MESSAGE_S = 60.0
MOST_ASSOCIATIONS = 20
# Result, source and reason of a rejection: PS3.8, section 9.3.4.
CALLING_TITLE_UNKNOWN = (1, 1, 3)
# With JPIP the pixels stay at the sender; only a link to them would come.
JPIP = {f"1.2.840.10008.1.2.4.{last}" for last in (94, 95, 204, 205)}
TRANSFER_SYNTAXES = [uid for uid in ALL_TRANSFER_SYNTAXES if uid not in JPIP]

Take = Callable[[bytes, ObjectHeader], None]
"""What is done with an object: given the whole file and its identity.

It returns when the object is safe, and raises RefusedObject, or OSError if it could not
be written.
"""


class RefusedObject(Exception):  # noqa: N818 - an answer to the peer, not an error
    """An object that is not taken, with what the peer is told.

    Parameters
    ----------
    reason
        A few words.
    status
        Answer of the C-STORE service.
    """

    def __init__(self, reason: str, status: int = NOT_AUTHORISED) -> None:
        self.status = status
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class NodeSetup:
    """What a node is, and to whom it listens.

    Parameters
    ----------
    title
        Its application entity title; associations for another are rejected.
    host, port
        Where it listens; port 0 is any free one.
    peers
        Who may open associations; None means everybody.
    tls
        How connections are secured, or None.
    """

    title: str
    host: str
    port: int
    peers: tuple[KnownPeer, ...] | None
    tls: ssl.SSLContext | None = None


@contextmanager
def listening(
    setup: NodeSetup, take: Take, *, tell: Callable[[str], None]
) -> Iterator[int]:
    """A running node; its associations work in threads of their own.

    Parameters
    ----------
    setup
        What it is.
    take
        Called for every object, from several threads.
    tell
        Called with what happened, without patient data, from several threads.

    Yields
    ------
    int
        The port.

    Raises
    ------
    InputError
        If the port cannot be opened.
    """
    entity = AE(ae_title=setup.title)
    entity.require_called_aet = True
    entity.maximum_associations = MOST_ASSOCIATIONS
    entity.acse_timeout = MESSAGE_S
    entity.dimse_timeout = MESSAGE_S
    entity.network_timeout = IDLE_S
    entity.maximum_pdu_size = PDU_BYTES
    entity.add_supported_context(VERIFICATION)
    for context in AllStoragePresentationContexts:
        if context.abstract_syntax is not None:
            entity.add_supported_context(context.abstract_syntax, TRANSFER_SYNTAXES)

    def asked(event: Event) -> None:
        _admit(event, setup, tell)

    def stored(event: Event) -> Dataset:
        return store_answer(event, take, tell=tell)

    def rejected(event: Event) -> None:
        tell(f"{_caller(event)}: association rejected: {_asked_for(event, setup)}")

    try:
        server = entity.start_server(
            (setup.host, setup.port),
            block=False,
            ssl_context=setup.tls,
            evt_handlers=[
                (evt.EVT_CONN_OPEN, send_at_once),
                (evt.EVT_REQUESTED, asked),
                (evt.EVT_REJECTED, rejected),
                (evt.EVT_C_STORE, stored),
            ],
        )
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "no such address"
        msg = (
            f"{setup.host}:{setup.port}: a node cannot listen there ({reason}). Choose "
            f"another --port or --host, or stop what uses it."
        )
        raise InputError(msg) from error
    if server is None:
        msg = "a server that does not block must be given back"
        raise TypeError(msg)
    try:
        yield int(server.server_address[1])
    finally:
        entity.shutdown()


def store_answer(event: Event, take: Take, *, tell: Callable[[str], None]) -> Dataset:
    """Take one object that a peer stores here, and say what to answer.

    Only an object that `take` has returned for is acknowledged.
    """
    request = cast("C_STORE", event.request)
    status, reason = _taken(event, request, take)
    if status != SUCCESS:
        uid = request.AffectedSOPInstanceUID
        tell(f"{_caller(event)}: object {uid} refused (0x{status:04X}): {reason}")
    return answer(status, reason)


def _taken(event: Event, request: C_STORE, take: Take) -> tuple[int, str]:
    """Status of an object that a peer stores, and why it is not taken."""
    named = (request.AffectedSOPClassUID, request.AffectedSOPInstanceUID)
    status = SUCCESS
    reason = ""
    try:
        content = event.encoded_dataset()
        header = read_header(content, "the object")
        if (header.sop_class_uid, header.sop_instance_uid) != named:
            status = DOES_NOT_MATCH
            reason = "SOP Class or Instance UID differs from the command"
        else:
            take(content, header)
    except RefusedObject as refusal:
        status, reason = refusal.status, str(refusal)
    except DicomError as error:
        status, reason = CANNOT_UNDERSTAND, str(error)
    except OSError as error:
        status = OUT_OF_RESOURCES
        reason = f"cannot be written: {error.strerror or 'no reason'}"
    except Exception as error:  # The node must go on, and the peer must know.
        status = PROCESSING_FAILURE
        reason = f"defect of this program ({type(error).__name__})"
    return status, reason


def _admit(event: Event, setup: NodeSetup, tell: Callable[[str], None]) -> None:
    """Reject an association that no known peer opens."""
    title, _ = _titles(event)
    ip = event.assoc.requestor.address
    if setup.peers is None or any(peer.is_called(title, ip) for peer in setup.peers):
        return
    event.assoc.acse.send_reject(*CALLING_TITLE_UNKNOWN)
    event.assoc.kill()
    tell(
        f"{_caller(event)}: association rejected: not a known peer. If it is one, "
        f"start with --peer {title}@{plain_ip(ip)}."
    )


def _asked_for(event: Event, setup: NodeSetup) -> str:
    _, called = _titles(event)
    if called != setup.title:
        return f"it called {called!r}, this node is {setup.title!r}"
    return "too many associations at a time"


def _titles(event: Event) -> tuple[str, str]:
    """AE titles of the caller and of whom it calls."""
    asked = event.assoc.requestor.primitive
    if asked is None:
        return "", ""
    return asked.calling_ae_title.strip(), asked.called_ae_title.strip()


def _caller(event: Event) -> str:
    return f"{_titles(event)[0]}@{event.assoc.requestor.address}"
