"""``reirrad serve``, ``person`` and ``trail``: their options, and nothing heavy."""

from pathlib import Path
from typing import Annotated

import typer

from reirrad.cli.outcome import explained

__all__ = ["add_serving_commands"]

Store = Annotated[
    Path,
    typer.Option(metavar="DIR", help="Folder of the cases.", show_default="~/reirrad"),
]
Database = Annotated[
    str,
    typer.Option(
        metavar="URL",
        envvar="REIRRAD_DATABASE",
        help="Database: postgresql://user:password@host/name.",
        show_default="a SQLite file in the folder",
    ),
]
Role = Annotated[
    str,
    typer.Option(
        metavar="viewer|physicist|physician",
        help="viewer reads; physicist also brings cases in, changes them and reviews "
        "registrations; physician also approves.",
    ),
]
HOME = Path.home() / "reirrad"


def serve(  # noqa: PLR0913 - the options of the command
    *,
    store: Store = HOME,
    database: Database = "",
    host: Annotated[
        str,
        typer.Option(help="Address to listen on. Another than loopback demands TLS."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port.")] = 8520,
    certificate: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.pem",
            help="Certificate for TLS, with its chain.",
            show_default=False,
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.pem",
            help="Private key of the certificate, without a password.",
            show_default=False,
        ),
    ] = None,
    behind_tls_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-tls-proxy",
            help="Browsers reach this server through a proxy that does TLS, under the "
            "name given with --name. The proxy passes Host on and sets "
            "X-Forwarded-For.",
        ),
    ] = False,
    name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Name, besides this computer's own, under which browsers reach the "
            "server. May be given again.",
            show_default=False,
        ),
    ] = None,
    import_from: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Folder of this computer from which cases may be taken. May be given "
            "again.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            min=1,
            max=64,
            help="Most assessments at the same time; one report is written beside "
            "them.",
        ),
    ] = 1,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open the page.")
    ] = False,
) -> None:
    """Serve the review page: bring cases in, look, adjust, review and sign.

    On this computer alone nobody signs in, until there is an account: see person.
    """
    with explained():
        from reirrad.cli.serving_runs import run_server
        from reirrad.web.configuration import Configuration

        configuration = Configuration(
            store=store,
            database=database,
            host=host,
            port=port,
            certificate=certificate,
            key=key,
            behind_tls_proxy=behind_tls_proxy,
            names=tuple(name or ()),
            import_folders=tuple(import_from or ()),
            workers=workers,
        )
        raise typer.Exit(run_server(configuration, with_browser=not no_browser))


person = typer.Typer(
    no_args_is_help=True, help="Who may sign in to the review page, and as what."
)


@person.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As it is signed.")],
    *,
    role: Role,
    store: Store = HOME,
    database: Database = "",
) -> None:
    """Add an account; the password is asked for."""
    with explained():
        from reirrad.cli.serving_runs import add_account

        raise typer.Exit(add_account(store, database, name, role))


@person.command("list")
def list_accounts(*, store: Store = HOME, database: Database = "") -> None:
    """Show all accounts."""
    with explained():
        from reirrad.cli.serving_runs import show_accounts

        raise typer.Exit(show_accounts(store, database))


@person.command("password")
def password(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose.")],
    *,
    store: Store = HOME,
    database: Database = "",
) -> None:
    """Set another password; it is asked for, and all sessions end."""
    with explained():
        from reirrad.cli.serving_runs import change_password

        raise typer.Exit(change_password(store, database, name))


@person.command("remove")
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose.")],
    *,
    store: Store = HOME,
    database: Database = "",
) -> None:
    """Lock an account for good; what was signed with it stays."""
    with explained():
        from reirrad.cli.serving_runs import lock_account

        raise typer.Exit(lock_account(store, database, name))


def trail(
    *,
    store: Store = HOME,
    database: Database = "",
    kept: Annotated[
        str,
        typer.Option(
            metavar="N:SHA256",
            help="Last line of an earlier run: the trail must go on from there.",
            show_default=False,
        ),
    ] = "",
) -> None:
    """Show who did what on the review page, and check that nothing was altered.

    Texts that people typed, which may name a patient, are left out. The last line is
    the end of the trail; keep it elsewhere, and give it to --kept the next time.
    """
    with explained():
        from reirrad.cli.serving_runs import show_trail

        raise typer.Exit(show_trail(store, database, kept))


def add_serving_commands(app: typer.Typer) -> None:
    """Add the commands of the review page."""
    app.command()(serve)
    app.add_typer(person, name="person")
    app.command()(trail)
