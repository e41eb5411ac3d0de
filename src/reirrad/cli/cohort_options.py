"""Options that all commands of a cohort share, and what they come to."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Database", "Key", "Who", "database_url", "key_file", "signed"]

HOME = Path.home() / "reirrad"
SQLITE = "sqlite:///"

Database = Annotated[
    str,
    typer.Option(
        metavar="URL",
        envvar="REIRRAD_DATABASE",
        help="Registry: sqlite:///FILE or postgresql://user:password@host/name.",
        show_default="the database of reirrad serve",
    ),
]
Key = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Secret by which a Patient ID always gets the same pseudonym; made at "
        "first use.",
        show_default="cohort.key beside the database",
    ),
]
Who = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Who makes this change; kept with it.",
        show_default="the account of this computer",
    ),
]


def database_url(database: str) -> str:
    """Address of the registry; its folder is made where it is the default one."""
    if database:
        return database
    HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
    return f"{SQLITE}{HOME}/reirrad.sqlite"


def key_file(key: Path | None, url: str) -> Path:
    """Where the secret of pseudonyms is kept: beside a SQLite file, or at home."""
    if key is not None:
        return key
    from reirrad.store.addresses import address_of

    address = address_of(url)
    if address.kind == "sqlite":
        return Path(address.shown).parent / "cohort.key"
    HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
    return HOME / "cohort.key"


def signed(who: str) -> str:
    """Name under which a change is kept."""
    return who.strip() or getpass.getuser()
