"""Running the server on one address until somebody ends it."""

import logging
import secrets
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

import uvicorn

from reirrad.errors import InputError, OutputError
from reirrad.store.database import Store
from reirrad.store.ownership import bind
from reirrad.store.people import list_people
from reirrad.web.app import create_app
from reirrad.web.configuration import Configuration
from reirrad.workflows.case_folders import CaseFolders

__all__ = ["serve"]

LOG_BYTES = 5_000_000
LOG_FILES = 5
GRACE_S = 5


def serve(configuration: Configuration, *, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Parameters
    ----------
    configuration
        Where cases are kept, and who can reach the server.
    ready
        Told the URL when the server answers.

    Raises
    ------
    InputError
        If the address is not safe to serve, or cannot be used.
    OutputError
        If the store folder cannot be used, or another server uses it.
    StoreError
        If the database cannot be used.
    """
    _check(configuration)
    folders = CaseFolders(configuration.store.resolve())
    with (
        _only_server(folders),
        _quiet_signals(),
        closing(Store.open(configuration.database_url)) as store,
        store.alone(),
    ):
        _check_people(configuration, store)
        _bind(store, folders)
        _log_to(folders.logs)
        with _listening(configuration) as listening:
            app = create_app(configuration)
            server = _Server(
                uvicorn.Config(
                    app,
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    proxy_headers=False,
                    ssl_certfile=_text(configuration.certificate),
                    ssl_keyfile=_text(configuration.key),
                    timeout_graceful_shutdown=GRACE_S,
                    ws="none",
                ),
                lambda: ready(_url(configuration, listening)),
                app.state.parts.board.stop,
            )
            server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """Tells when it is ready, and lets those go who watch the progress."""

    def __init__(
        self,
        config: uvicorn.Config,
        ready: Callable[[], None],
        ending: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._ending = ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams that never end of themselves, then everything."""
        self._ending()
        await super().shutdown(sockets)


def _text(file: Path | None) -> str | None:
    return None if file is None else str(file)


def _url(configuration: Configuration, listening: socket.socket) -> str:
    scheme = "https" if configuration.with_tls else "http"
    host = (
        f"[{configuration.host}]" if ":" in configuration.host else configuration.host
    )
    return f"{scheme}://{host}:{listening.getsockname()[1]}"


def _check(configuration: Configuration) -> None:
    problems = []
    if (configuration.certificate is None) != (configuration.key is None):
        problems.append("--certificate and --key belong together. Give both.")
    for option, file in (
        ("--certificate", configuration.certificate),
        ("--key", configuration.key),
    ):
        if file is not None and not file.is_file():
            problems.append(f"{option} {file}: there is no such file. Check the path.")
    problems += [
        f"--import-from {folder}: there is no such folder. Check the path."
        for folder in configuration.import_folders
        if not folder.is_dir()
    ]
    if not (
        configuration.on_loopback or configuration.with_tls or configuration.without_tls
    ):
        problems.append(
            f"--host {configuration.host}: other computers could read patient data on "
            f"the way. Give --certificate and --key for TLS, or --without-tls if "
            f"something in front of this server does TLS."
        )
    if problems:
        raise InputError(*problems)


def _check_people(configuration: Configuration, store: Store) -> None:
    anybody = any(person.active for person in list_people(store))
    if not configuration.on_loopback and not anybody:
        msg = (
            f"--host {configuration.host}: nobody can sign in yet, and other computers "
            f"reach this address. Add a person first: reirrad person add NAME --role "
            f"physicist."
        )
        raise InputError(msg)


@contextmanager
def _only_server(folders: CaseFolders) -> Iterator[None]:
    """Keep other servers from the same folder."""
    try:
        folders.prepare()
        file = folders.store / "lock"
        file.touch(mode=0o600)
    except OSError as error:
        msg = (
            f"{folders.store}: cases cannot be kept there ({error.strerror}). Allow "
            f"it, or choose another folder with --store."
        )
        raise OutputError(msg) from error
    # SQLite locks a file on every system, for as long as the process lives.
    with closing(sqlite3.connect(file, timeout=0.0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            msg = (
                f"{folders.store}: another `reirrad serve` uses this folder. Stop it, "
                f"or choose another folder with --store."
            )
            raise OutputError(msg) from error
        yield


def _bind(store: Store, folders: CaseFolders) -> None:
    """Make sure that database and folder belong together; new ones do from now on."""
    file = folders.store / "store-id"
    known = file.read_text(encoding="ascii").strip() if file.exists() else None
    if known is not None:
        bind(store, known, used=any(folders.cases.iterdir()))
        return
    number = secrets.token_hex(16)
    # Before the database has it, so that a failure of the power leaves no database
    # that belongs to nobody.
    file.write_text(number, encoding="ascii")
    try:
        bind(store, number, used=False)
    except BaseException:
        file.unlink()
        raise


@contextmanager
def _listening(configuration: Configuration) -> Iterator[socket.socket]:
    """The address, taken before anything else begins."""
    try:
        family = socket.AF_INET6 if ":" in configuration.host else socket.AF_INET
        # With the protocol named, answers go out at once; else small ones wait 40 ms.
        taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((configuration.host, configuration.port))
    except OSError as error:
        msg = (
            f"{configuration.host}:{configuration.port}: this address cannot be used "
            f"({error.strerror}). Choose another --port or --host."
        )
        raise InputError(msg) from error
    with taken:
        yield taken


@contextmanager
def _quiet_signals() -> Iterator[None]:
    """End by a signal as by itself: the server sends it again when it has ended."""
    endings = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(ending, lambda *_: None) for ending in endings]
    try:
        yield
    finally:
        for ending, handler in zip(endings, before, strict=True):
            signal.signal(ending, handler)


def _log_to(folder: Path) -> None:
    """Tell what happens to a file of bounded size; warnings to the screen too."""
    to_file = RotatingFileHandler(
        folder / "server.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES
    )
    to_screen = logging.StreamHandler(sys.stderr)
    to_screen.setLevel(logging.WARNING)
    shape = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    for name, level in (
        ("reirrad.web", logging.INFO),
        ("uvicorn.error", logging.WARNING),
    ):
        log = logging.getLogger(name)
        log.setLevel(level)
        log.propagate = False
        for handler in (to_file, to_screen):
            handler.setFormatter(shape)
            log.addHandler(handler)
