"""Under which names this server may be addressed, against rebinding of names."""

import ipaddress
import socket
from urllib.parse import urlsplit

from reirrad.web.configuration import Configuration

__all__ = ["known_hosts", "same_origin", "served_host"]


def known_hosts(configuration: Configuration) -> frozenset[str]:
    """Names that may stand in a request, in lower case; addresses are not listed."""
    names = {"localhost"}
    if not configuration.on_loopback:
        names |= {socket.gethostname(), socket.getfqdn(), configuration.host}
        names |= set(configuration.names)
    return frozenset(name.casefold() for name in names)


def served_host(host: str, known: frozenset[str], *, on_loopback: bool) -> bool:
    """Whether the Host header of a request means this server.

    A page of another site can make its own name point here, but no address: numbers
    are let through, on loopback only its own.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name.casefold() in known
    return address.is_loopback or not on_loopback


def same_origin(origin: str | None, host: str) -> bool:
    """Whether a request that changes something comes from a page of this server.

    Programs that are no browsers send no origin; they need the token all the same.
    """
    return origin is None or urlsplit(origin).netloc.casefold() == host.casefold()
