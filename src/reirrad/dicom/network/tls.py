"""TLS of associations, from certificate files."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reirrad.errors import InputError

__all__ = ["TlsFiles", "client_tls", "server_tls", "tls_reason"]

# A peer that opens a connection and says nothing must not keep others from theirs.
HANDSHAKE_S = 5.0


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files that prove who somebody is.

    Parameters
    ----------
    certificate, key
        Own certificate (with its chain) and its private key, or None.
    ca
        Certificates of authorities whose signature is trusted; None means those of the
        system for a client, and nobody for a server.
    """

    certificate: Path | None = None
    key: Path | None = None
    ca: Path | None = None

    def __bool__(self) -> bool:
        return any((self.certificate, self.key, self.ca))


class _ServerContext(ssl.SSLContext):
    """A context whose handshake ends in bounded time."""

    def wrap_socket(
        self, sock: socket.socket, *args: Any, **options: Any
    ) -> ssl.SSLSocket:
        sock.settimeout(HANDSHAKE_S)
        secured = super().wrap_socket(sock, *args, **options)
        secured.settimeout(None)
        return secured


def client_tls(files: TlsFiles) -> ssl.SSLContext | None:
    """How to prove oneself to a peer, and to check it; None without any file.

    Raises
    ------
    InputError
        If a file cannot be used.
    """
    if not files:
        return None
    with _explained("--tls-ca", files.ca):
        context = ssl.create_default_context(cafile=files.ca)
    _load_own(context, files)
    return context


def server_tls(files: TlsFiles) -> ssl.SSLContext | None:
    """How to prove oneself to callers; with a CA, each must prove itself too.

    Raises
    ------
    InputError
        If a file cannot be used, or the certificate is missing.
    """
    if not files:
        return None
    if files.certificate is None:
        msg = "--tls-ca alone is not enough to listen: give --tls-cert and --tls-key."
        raise InputError(msg)
    context = _ServerContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load_own(context, files)
    if files.ca is not None:
        with _explained("--tls-ca", files.ca):
            context.load_verify_locations(cafile=files.ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def tls_reason(error: OSError) -> str:
    """Why a secured connection failed, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({error.verify_message}). Check the host "
            f"name and the file with the certificates of the authority"
        )
    reason = str(getattr(error, "reason", "") or "")
    if "WRONG_VERSION_NUMBER" in reason or "UNEXPECTED_EOF" in reason:
        return "it does not speak TLS there. Check the port, or leave TLS out"
    if "CERTIFICATE" in reason or "ALERT" in reason:
        return (
            f"it refuses this side's certificate ({reason.replace('_', ' ').lower()}). "
            f"Give a certificate and key that it trusts"
        )
    return (
        f"no TLS connection came about "
        f"({(reason or type(error).__name__).replace('_', ' ').lower()})"
    )


def _load_own(context: ssl.SSLContext, files: TlsFiles) -> None:
    if (files.certificate is None) != (files.key is None):
        msg = "--tls-cert and --tls-key go together: give both."
        raise InputError(msg)
    if files.certificate is None:
        return
    with _explained("--tls-cert, --tls-key", files.certificate, files.key):
        # An encrypted key must not ask for its password on a terminal nobody watches.
        context.load_cert_chain(files.certificate, files.key, password=lambda: "")


@contextmanager
def _explained(option: str, *files: Path | None) -> Iterator[None]:
    named = " and ".join(str(file) for file in files if file is not None)
    try:
        yield
    except OSError as error:
        reason = error.strerror if not isinstance(error, ssl.SSLError) else None
        msg = (
            f"{option} {named}: cannot be used ({reason or 'not matching PEM files'}). "
            f"Give PEM files that can be read, the key without a password."
        )
        raise InputError(msg) from error
