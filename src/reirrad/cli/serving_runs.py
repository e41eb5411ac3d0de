"""What ``reirrad serve`` and ``reirrad person`` do."""

import os
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import typer

from reirrad.cli.outcome import Exit
from reirrad.cli.terminal_text import printable
from reirrad.errors import InputError
from reirrad.store.database import Store
from reirrad.store.people import (
    Role,
    add_person,
    list_people,
    set_active,
    set_password_hash,
)
from reirrad.web.configuration import Configuration
from reirrad.web.passwords import hashed
from reirrad.web.serving import serve
from reirrad.workflows.case_folders import CaseFolders

__all__ = [
    "add_account",
    "change_password",
    "lock_account",
    "run_server",
    "show_accounts",
]


def run_server(configuration: Configuration, *, with_browser: bool) -> Exit:
    """Serve until the user ends it."""

    def ready(url: str) -> None:
        typer.echo(f"reirrad serves on {url} (Ctrl-C ends it)")
        sys.stdout.flush()
        if with_browser and _has_screen():
            webbrowser.open(url)

    serve(configuration, ready=ready)
    return Exit.ASSESSED


def _has_screen() -> bool:
    """Whether a browser would open in a window, and not in this terminal."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def add_account(folder: Path, database: str, name: str, role: str) -> Exit:
    """Ask for a password and add an account."""
    known = next((one for one in get_args(Role) if one == role), None)
    if known is None:
        allowed = ", ".join(get_args(Role))
        msg = f"--role {role}: there is no such role; allowed: {allowed}."
        raise InputError(msg)
    with _opened(folder, database) as store:
        made = add_person(store, name, known, hashed(_asked_password()))
    typer.echo(f"Added {printable(made.name)} ({role}).")
    return Exit.ASSESSED


def show_accounts(folder: Path, database: str) -> Exit:
    """Print every account, one a line."""
    with _opened(folder, database) as store:
        for one in list_people(store):
            locked = "" if one.active else ", locked"
            typer.echo(f"{printable(one.name)}: {one.role}{locked}")
    return Exit.ASSESSED


def change_password(folder: Path, database: str, name: str) -> Exit:
    """Ask for another password."""
    with _opened(folder, database) as store:
        set_password_hash(store, name, hashed(_asked_password()))
    typer.echo(f"{printable(name)} has another password; all sessions have ended.")
    return Exit.ASSESSED


def lock_account(folder: Path, database: str, name: str) -> Exit:
    """Let nobody sign in with an account any more."""
    with _opened(folder, database) as store:
        set_active(store, name, active=False)
    typer.echo(f"{printable(name)} can no longer sign in.")
    return Exit.ASSESSED


def _asked_password() -> str:
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


@contextmanager
def _opened(folder: Path, database: str) -> Iterator[Store]:
    if not database:
        CaseFolders(folder.resolve()).prepare()
    store = Store.open(Configuration(folder, database).database_url)
    try:
        yield store
    finally:
        store.close()
