import re
import secrets
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reirrad.cli.main import app
from reirrad.store.database import Store
from reirrad.store.people import person
from tests.store.specimens import accepted, done_version, new_case

PASSWORD = secrets.token_hex(8)


def run(*words: str, typed: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words), input=typed)
    return result.exit_code, result.output


def test_an_account_is_added_listed_changed_and_locked(tmp_path: Path) -> None:
    where = ("--store", str(tmp_path / "store"))
    twice = f"{PASSWORD}\n{PASSWORD}\n"

    code, said = run(
        "person", "add", "A. Physicist", "--role", "physicist", *where, typed=twice
    )
    assert code == 0, said
    assert PASSWORD not in said
    assert run("person", "list", *where) == (0, "A. Physicist: physicist\n")
    store = Store.open(f"sqlite:///{tmp_path / 'store'}/reirrad.sqlite")
    first = person(store, "A. Physicist")
    assert first is not None
    assert first.password_hash.startswith("$argon2id$")

    code, _ = run("person", "password", "A. Physicist", *where, typed=twice)
    assert code == 0
    second = person(store, "A. Physicist")
    assert second is not None
    assert second.password_hash != first.password_hash
    store.close()

    assert run("person", "remove", "A. Physicist", *where)[0] == 0
    assert run("person", "list", *where) == (0, "A. Physicist: physicist, locked\n")


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("add", "X", "--role", "king"), "", "allowed: viewer, physicist, physician"),
        (("add", "X", "--role", "viewer"), "short\nshort\n", "12 to 1000 characters"),
        (("password", "X"), f"{PASSWORD}\n{PASSWORD}\n", "no account 'X'"),
        (("remove", "X"), "", "no account 'X'"),
    ],
    ids=["role", "short", "password of nobody", "removal of nobody"],
)
def test_what_cannot_be_done_with_an_account_is_said(
    tmp_path: Path, words: tuple[str, ...], typed: str, said: str
) -> None:
    code, output = run("person", *words, "--store", str(tmp_path), typed=typed)

    assert code == 2
    assert said in output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--host", "192.0.2.1"), "Give --certificate and --key for TLS"),
        (("--host", "192.0.2.1", "--behind-tls-proxy"), "nobody can sign in yet"),
        (("--behind-tls-proxy",), "nobody can sign in yet"),
        (("--certificate", "no.pem"), "belong together"),
        (("--certificate", "no.pem", "--key", "no.key"), "no such file"),
        (("--import-from", "no/folder"), "no such folder"),
        (("--database", "mysql://x"), "sqlite:///"),
    ],
)
def test_what_is_not_safe_or_not_there_is_not_served(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    code, output = run("serve", "--no-browser", "--store", str(tmp_path), *options)

    assert code == 2
    assert said in re.sub(r"\s+", " ", output)


@pytest.fixture
def trodden(tmp_path: Path) -> Path:
    """A store folder whose trail has some events."""
    store = Store.open(f"sqlite:///{tmp_path}/reirrad.sqlite")
    case = new_case(store)
    done_version(store, case.id)
    accepted(store, case.id, 1, comment="Mrs. Example lies well")
    store.close()
    return tmp_path


def test_the_trail_is_shown_without_what_people_typed(trodden: Path) -> None:
    code, said = run("trail", "--store", str(trodden))

    *lines, end = said.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines] == ["1", "2", "3", "4"]
    assert "mr. upload: case added, case " in lines[0]
    assert "anna: registration reviewed: accepted, case " in lines[-1]
    assert lines[-1].endswith(" version 1")
    assert "Example" not in said
    kept = end.removeprefix("The trail holds. Its end: ")
    assert re.fullmatch("4:[0-9a-f]{64}", kept)
    assert run("trail", "--store", str(trodden), "--kept", kept)[0] == 0
    other = f"4:{'0' * 64}"
    code, said = run("trail", "--store", str(trodden), "--kept", other)
    assert code == 2
    assert "the trail was rewritten" in re.sub(r"\s+", " ", said)


def test_an_altered_trail_is_refused(trodden: Path) -> None:
    database = sqlite3.connect(trodden / "reirrad.sqlite")
    database.execute("DROP TRIGGER audit_event_no_update")
    database.execute("UPDATE audit_event SET who = 'paul' WHERE id = 2")
    database.commit()
    database.close()
    code, said = run("trail", "--store", str(trodden))

    assert code == 2
    assert "Event 2 of the audit trail" in said
    assert "holds" not in said


@pytest.mark.parametrize(
    ("options", "said"),
    [((), "no cases are kept there"), (("--kept", "4:xyz"), "not the end of a trail")],
)
def test_a_trail_that_cannot_be_looked_for(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    if options:
        (tmp_path / "reirrad.sqlite").touch()
    code, output = run("trail", "--store", str(tmp_path), *options)

    assert code == 2
    assert said in re.sub(r"\s+", " ", output)
    assert options or list(tmp_path.iterdir()) == []
