"""Under which names this server is addressed, against rebinding, and by whom."""

import ipaddress
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from reirrad.web.configuration import Configuration

__all__ = ["client_address", "known_hosts", "same_origin", "served_host"]


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


def client_address(scope: Scope, configuration: Configuration) -> str:
    """Whose requests are counted together.

    Behind a proxy it is the last address of X-Forwarded-For, which the proxy itself has
    written; what stands before it anybody can write.
    """
    client = scope.get("client")
    direct = client[0] if client else ""
    if not configuration.behind_tls_proxy:
        return direct
    forwarded = Headers(scope=scope).getlist("x-forwarded-for")
    last = ",".join(forwarded).rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(last))
    except ValueError:
        return direct
