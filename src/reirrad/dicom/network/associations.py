"""Associations with a peer, and why one does not come about."""

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.events import Event, EventHandlerType
from pynetdicom.pdu import A_ASSOCIATE_RJ
from pynetdicom.pdu_primitives import SCP_SCU_RoleSelectionNegotiation
from pynetdicom.presentation import PresentationContext

from reirrad.dicom.network.addresses import NodeAddress
from reirrad.dicom.network.tls import tls_reason
from reirrad.errors import NetworkError

__all__ = ["MOST_CONTEXTS", "PDU_BYTES", "Line", "association", "send_at_once"]

# PS3.8, section 9.3.2.2: the identifier of a context is an odd number below 256.
MOST_CONTEXTS = 128
# Larger pieces than the 16 KiB of old, for fewer rounds through the state machine.
PDU_BYTES = 1 << 18
ADVICE = {
    "Calling AE title not recognised": (
        "it does not know this side's AE title {own!r} or address. Enter both at the "
        "peer, or give the title it knows with --ae-title"
    ),
    "Called AE title not recognised": (
        "it is not called {peer!r}. Check the AE title in the address"
    ),
    "Local limit exceeded": "it has too many associations. Try again later",
    "Temporary congestion": "it is busy. Try again later",
}


@dataclass(frozen=True, slots=True)
class Line:
    """How a peer is reached.

    Parameters
    ----------
    peer
        Its address.
    own_title
        AE title by which this side calls itself.
    timeout_s
        Longest wait for an answer.
    tls
        How the connection is secured, or None.
    """

    peer: NodeAddress
    own_title: str
    timeout_s: float
    tls: ssl.SSLContext | None = None


@contextmanager
def association(
    line: Line,
    contexts: Sequence[PresentationContext],
    *,
    roles: Sequence[SCP_SCU_RoleSelectionNegotiation] = (),
    handlers: Sequence[EventHandlerType] = (),
) -> Iterator[Association]:
    """An established association, released in the end.

    Raises
    ------
    NetworkError
        If it does not come about, with the reason in words.
    """
    entity = AE(ae_title=line.own_title)
    entity.acse_timeout = entity.dimse_timeout = line.timeout_s
    entity.connection_timeout = entity.network_timeout = line.timeout_s
    peer = line.peer
    rejections: list[A_ASSOCIATE_RJ] = []

    def keep_rejection(event: Event) -> None:
        if isinstance(event.pdu, A_ASSOCIATE_RJ):
            rejections.append(event.pdu)

    opened = entity.associate(
        _ip(line),
        peer.port,
        contexts=list(contexts),
        ae_title=peer.title,
        ext_neg=list(roles),
        max_pdu=PDU_BYTES,
        tls_args=None if line.tls is None else (line.tls, peer.host),
        evt_handlers=[
            (evt.EVT_CONN_OPEN, send_at_once),
            (evt.EVT_PDU_RECV, keep_rejection),
            *handlers,
        ],
    )
    if not opened.is_established:
        raise NetworkError(_why_not(rejections, line))
    try:
        yield opened
    except BaseException:
        opened.abort()
        raise
    else:
        opened.release()
    finally:
        entity.shutdown()


def send_at_once(event: Event) -> None:
    """Keep the system from holding small packets back.

    Command and dataset travel in packets of their own; held back until the one before
    is acknowledged, they cost 40 ms an object.
    """
    connection = event.assoc.dul.socket
    if connection is not None and connection.socket is not None:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _ip(line: Line) -> str:
    """Address of the peer's host."""
    try:
        found = socket.getaddrinfo(
            line.peer.host, line.peer.port, type=socket.SOCK_STREAM
        )
    except OSError as error:
        msg = (
            f"{line.peer}: the host {line.peer.host} has no address. Check its name, "
            f"or give its IP address."
        )
        raise NetworkError(msg) from error
    return str(found[0][4][0])


def _why_not(rejections: Sequence[A_ASSOCIATE_RJ], line: Line) -> str:
    peer = line.peer
    # The library's own flag stays false where the peer rejects and hangs up before its
    # thread looks: it then finds only that the connection is gone.
    if rejections:
        reason = rejections[0].to_primitive().reason_str
        advice = ADVICE.get(reason, f"its reason: {reason.lower()}")
        return (
            f"{peer}: the peer rejected the association: "
            f"{advice.format(own=line.own_title, peer=peer.title)}."
        )
    return f"{peer}: {_connection_fault(line) or _silence(line)}."


def _silence(line: Line) -> str:
    if line.tls is None:
        advice = "it may be another service, or one that wants TLS (--tls-ca)"
    else:
        advice = (
            "it may be another service, or refuse this side's certificate; check "
            "--tls-cert and --tls-key"
        )
    return f"something answers on that port, but not as a DICOM node: {advice}"


def _connection_fault(line: Line) -> str:
    """Why a connection fails, found by trying it again; empty if it does not."""
    place = (line.peer.host, line.peer.port)
    try:
        with socket.create_connection(place, timeout=line.timeout_s) as plain:
            if line.tls is not None:
                with line.tls.wrap_socket(plain, server_hostname=line.peer.host):
                    pass
    except TimeoutError:
        return (
            f"no answer within {line.timeout_s:g} s. Check the address, and that no "
            f"firewall is in between"
        )
    except ssl.SSLError as error:
        return tls_reason(error)
    except ConnectionRefusedError:
        return "nothing listens on that port. Check it, and that the peer is running"
    except OSError as error:
        return f"cannot be reached ({(error.strerror or 'unknown reason').lower()})"
    return ""
