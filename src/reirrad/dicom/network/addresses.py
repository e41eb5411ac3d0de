"""Addresses of DICOM nodes, as a user writes them."""

import ipaddress
import socket
from dataclasses import dataclass

from reirrad.errors import InputError

__all__ = [
    "KnownPeer",
    "NodeAddress",
    "checked_title",
    "is_loopback",
    "known_peer",
    "listening_address",
    "node_address",
    "plain_ip",
]

LONGEST_TITLE = 16


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """Where a DICOM node answers.

    Parameters
    ----------
    title
        Application entity title.
    host
        Name or address.
    port
        TCP port.
    """

    title: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.title}@{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class KnownPeer:
    """A node that may store objects here.

    Parameters
    ----------
    title
        The title it calls itself.
    ips
        Every IP address of its host, as text.
    """

    title: str
    ips: frozenset[str]

    def is_called(self, title: str, ip: str) -> bool:
        """Whether an association with this title and from this address is its own."""
        return title == self.title and plain_ip(ip) in self.ips


def node_address(text: str, *, option: str) -> NodeAddress:
    """Read ``AETITLE@HOST:PORT``.

    Raises
    ------
    InputError
        If it is not of this form; `option` is where the user wrote it.
    """
    title, at, place = text.rpartition("@")
    if not at:
        msg = f"{option} {text}: must be AETITLE@HOST:PORT, such as PACS@10.0.0.5:104."
        raise InputError(msg)
    host, port = listening_address(place, option=option)
    return NodeAddress(checked_title(title, option=option), host, port)


def listening_address(text: str, *, option: str) -> tuple[str, int]:
    """Read ``HOST:PORT``; an IPv6 address stands in square brackets.

    Raises
    ------
    InputError
        If it is not of this form.
    """
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        msg = f"{option} {text}: must end in HOST:PORT with a port from 1 to 65535."
        raise InputError(msg)
    return host, int(port)


def known_peer(text: str) -> KnownPeer:
    """Read ``AETITLE@HOST`` of a peer that may store here, and look its host up.

    Raises
    ------
    InputError
        If it is not of this form, or the host has no address.
    """
    title, at, host = text.rpartition("@")
    if not at or not host:
        msg = f"--peer {text}: must be AETITLE@HOST, such as PACS@10.0.0.5."
        raise InputError(msg)
    title = checked_title(title, option="--peer")
    try:
        found = socket.getaddrinfo(host, None)
    except OSError as error:
        msg = f"--peer {text}: the host has no address. Check its name, or give its IP."
        raise InputError(msg) from error
    return KnownPeer(title, frozenset(plain_ip(str(one[4][0])) for one in found))


def checked_title(title: str, *, option: str) -> str:
    """An application entity title as the standard allows it.

    Raises
    ------
    InputError
        If it is empty, longer than 16 characters or holds others than printable ASCII.

    References
    ----------
    DICOM PS3.5, section 6.2, AE.
    """
    title = title.strip(" ")
    fits = 0 < len(title) <= LONGEST_TITLE
    if not fits or not title.isascii() or not title.isprintable() or "\\" in title:
        msg = (
            f"{option}: the AE title {title!r} must be 1 to {LONGEST_TITLE} plain "
            f"characters without backslash."
        )
        raise InputError(msg)
    return title


def plain_ip(ip: str) -> str:
    """An IP address in one spelling; IPv4 in IPv6 becomes IPv4."""
    address = ipaddress.ip_address(ip.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself, by name or by address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(
            host.removeprefix("[").removesuffix("]")
        ).is_loopback
    except ValueError:
        return False
