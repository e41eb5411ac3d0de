"""A PostgreSQL server on loopback, in a folder of its own, for as long as the tests."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.pacs import free_port

__all__ = ["PASSWORD", "Server", "server"]

PASSWORD = secrets.token_hex(8)
ACCOUNT = "postgres"
START_S = 30


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int

    def url(self, database: str) -> str:
        return f"postgresql://reirrad:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def empty_schema(self) -> str:
        """URL of a place without any table; far quicker to make than a database."""
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return self.url(f"postgres?options=-csearch_path%3D{name}")


def programs() -> Path | None:
    """Folder of the newest server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return None if initdb is None else Path(initdb).parent


@contextmanager
def server() -> Iterator[Server]:
    """Make a cluster, start its server, and stop it in the end."""
    folder_of_programs = programs()
    if folder_of_programs is None:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    # Not below pytest's folder, which no other account may enter.
    with tempfile.TemporaryDirectory(prefix="reirrad-postgresql-") as name:
        folder = Path(name)
        (folder / "password").write_text(PASSWORD)
        _give_away(folder)
        _run(
            [
                *(
                    str(folder_of_programs / "initdb"),
                    "--no-sync",
                    "--username=reirrad",
                ),
                *("--auth=scram-sha-256", f"--pwfile={folder / 'password'}"),
                *("--encoding=UTF8", "--locale=C", f"--pgdata={folder / 'data'}"),
            ]
        )
        port = free_port()
        command = [
            *(str(folder_of_programs / "pg_ctl"), "start", "--wait"),
            *(f"--timeout={START_S}", f"--pgdata={folder / 'data'}"),
            f"--log={folder / 'log'}",
            (
                f"--options=-p {port} -c listen_addresses=127.0.0.1 "
                "-c unix_socket_directories= -c fsync=off"
            ),
        ]
        _run(command)
        try:
            yield Server(port)
        finally:
            _run(
                [
                    *(str(folder_of_programs / "pg_ctl"), "stop", "--mode=immediate"),
                    f"--pgdata={folder / 'data'}",
                ]
            )


def _account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []}


def _give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, ACCOUNT, ACCOUNT)


def _run(command: Sequence[str]) -> None:
    subprocess.run(  # noqa: S603 - fixed programs
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        **_account(),
    )
