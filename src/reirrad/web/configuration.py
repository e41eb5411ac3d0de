"""What the person who starts the server decides."""

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Bounds", "Configuration", "is_loopback"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is taken from one address, one upload and one request.

    Parameters
    ----------
    file_bytes, upload_bytes, upload_files
        Largest file, largest upload and most files of an upload.
    open_uploads
        Uploads under way at the same time, of all people together.
    pause_s
        Longest wait for the next piece of a body.
    upload_idle_s, upload_s
        After so long without a file, and in all, an upload is given up.
    body_bytes
        Largest body of any other request.
    requests_per_minute, sign_ins_per_minute
        Of one address; files of an upload are counted in bytes instead.
    idle_s, signed_in_s
        After so long without a request, and in all, a person must sign in again.
    """

    file_bytes: int = 4 * 2**30
    upload_bytes: int = 32 * 2**30
    upload_files: int = 50_000
    open_uploads: int = 8
    pause_s: float = 60.0
    upload_idle_s: float = 900.0
    upload_s: float = 6 * 3600.0
    body_bytes: int = 2**20
    requests_per_minute: int = 3000
    sign_ins_per_minute: int = 10
    idle_s: float = 1800.0
    signed_in_s: float = 12 * 3600.0


@dataclass(frozen=True, slots=True)
class Configuration:
    """Where cases are kept, and who can reach the server.

    Parameters
    ----------
    store
        Folder of the cases.
    database
        URL of the database; empty for a SQLite file in the store. May hold a password.
    host, port
        Address to listen on; port 0 takes a free one.
    certificate, key
        Files for TLS; None without.
    behind_tls_proxy
        Whether browsers reach the server through a proxy that does TLS for it.
    names
        Names, besides this computer's own, under which browsers reach the server.
    import_folders
        Folders of this computer from which cases may be taken.
    workers
        Most assessments at the same time.
    bounds
        How much is taken.
    """

    store: Path
    database: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 8520
    certificate: Path | None = None
    key: Path | None = None
    behind_tls_proxy: bool = False
    names: tuple[str, ...] = ()
    import_folders: tuple[Path, ...] = ()
    workers: int = 1
    bounds: Bounds = field(default_factory=Bounds)

    @property
    def database_url(self) -> str:
        """The database's URL."""
        return self.database or f"sqlite:///{self.store.resolve()}/reirrad.sqlite"

    @property
    def on_loopback(self) -> bool:
        """Whether only this computer reaches the server; not so through a proxy."""
        return is_loopback(self.host) and not self.behind_tls_proxy

    @property
    def with_tls(self) -> bool:
        """Whether the server speaks TLS."""
        return self.certificate is not None

    @property
    def reached_by_tls(self) -> bool:
        """Whether browsers reach it by TLS, its own or that of a proxy."""
        return self.with_tls or self.behind_tls_proxy


def is_loopback(host: str) -> bool:
    """Whether an address or name means this computer alone."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
