"""What ``reirrad serve``, ``reirrad person`` and ``reirrad trail`` do."""

import os
import re
import sys
import webbrowser
from contextlib import closing
from pathlib import Path
from typing import get_args

import typer

from reirrad.cli.outcome import Exit
from reirrad.cli.terminal_text import printable
from reirrad.errors import InputError, StoreError
from reirrad.store.database import Store
from reirrad.store.people import (
    Role,
    add_person,
    list_people,
    set_active,
    set_password_hash,
)
from reirrad.store.trail import Event, Head, events, head, verify_trail
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
    "show_trail",
]

SHA256 = re.compile("[0-9a-f]{64}")


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


def show_trail(folder: Path, database: str, kept: str) -> Exit:
    """Print every event and the end of the trail, if the chain of events holds.

    Raises
    ------
    StoreError
        If there is no database, or an event was altered, taken out or put in.
    """
    if not database and not (folder / "reirrad.sqlite").is_file():
        msg = f"{folder}: no cases are kept there. Give their folder with --store."
        raise StoreError(msg)
    earlier = _head_of(kept)
    with _opened(folder, database) as store:
        for event in events(store, None):
            typer.echo(_event_line(event))
        problems = verify_trail(store, kept=earlier)
        end = head(store)
    if problems:
        raise StoreError(*problems)
    if end is not None:
        typer.echo(f"The trail holds. Its end: {end.id}:{end.sha256}")
    return Exit.ASSESSED


def _head_of(kept: str) -> Head | None:
    if not kept:
        return None
    number, _, sha256 = kept.partition(":")
    if not (number.isascii() and number.isdigit() and SHA256.fullmatch(sha256)):
        msg = (
            f"--kept {kept}: not the end of a trail. Give it as `reirrad trail` "
            f"printed it: a number, a colon and 64 hexadecimal digits."
        )
        raise InputError(msg)
    return Head(int(number), sha256)


def _event_line(event: Event) -> str:
    """Number, time, who and what; no text that somebody typed."""
    about = "" if event.case_id is None else f", case {event.case_id}"
    if event.version is not None:
        about += f" version {event.version}"
    verdict = event.detail.get("verdict")
    decided = "" if verdict is None else f": {verdict}"
    who = printable(event.who)
    return f"{event.id} {event.at} {who}: {event.action}{decided}{about}"


def _asked_password() -> str:
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _opened(folder: Path, database: str) -> closing[Store]:
    if not database:
        CaseFolders(folder.resolve()).prepare()
    return closing(Store.open(Configuration(folder, database).database_url))
