"""Commands that work over the network: their options, and nothing heavy."""

from pathlib import Path
from typing import Annotated

import typer

from reirrad.cli.outcome import explained

__all__ = ["add_network_commands"]

OwnTitle = Annotated[
    str,
    typer.Option("--ae-title", metavar="TITLE", help="AE title of this side."),
]
TlsCertificate = Annotated[
    Path | None,
    typer.Option(
        "--tls-cert",
        metavar="FILE.pem",
        help="Own certificate, with its chain.",
        show_default=False,
    ),
]
TlsKey = Annotated[
    Path | None,
    typer.Option(
        "--tls-key",
        metavar="FILE.pem",
        help="Private key of the certificate, without a password.",
        show_default=False,
    ),
]
Dicomweb = Annotated[
    str | None,
    typer.Option(
        "--dicomweb",
        metavar="URL",
        help="DICOMweb server: the root of its services.",
        show_default=False,
    ),
]
Dimse = Annotated[
    str | None,
    typer.Option(
        "--dimse",
        metavar="TITLE@HOST:PORT",
        help="DICOM node.",
        show_default=False,
    ),
]
TrustedAuthority = Annotated[
    Path | None,
    typer.Option(
        "--tls-ca",
        "--ca-file",
        metavar="FILE.pem",
        help="Certificates of the authorities to trust. With --dimse, this or a "
        "certificate turns TLS on.",
        show_default=False,
    ),
]
CredentialsFile = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        metavar="FILE.toml",
        help="User and password, or token, of the DICOMweb server. Without it, from "
        "the environment: REIRRAD_DICOMWEB_USER and REIRRAD_DICOMWEB_PASSWORD, or "
        "REIRRAD_DICOMWEB_TOKEN.",
        show_default=False,
    ),
]
Timeout = Annotated[
    float,
    typer.Option(metavar="SECONDS", min=1.0, help="Longest wait for an answer."),
]


def receive(  # noqa: PLR0913 - the options of the command
    *,
    store: Annotated[
        Path,
        typer.Option(
            metavar="DIR", help="Folder of the received objects.", show_default=False
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the results, one folder for each patient.",
            show_default="results, beside the objects",
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port.")] = 11112,
    ae_title: OwnTitle = "REIRRAD",
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on; 0.0.0.0 is every one of this machine."
        ),
    ] = "127.0.0.1",
    peer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TITLE@HOST",
            help="A node that may store here. May be given again.",
            show_default=False,
        ),
    ] = None,
    any_peer: Annotated[
        bool, typer.Option("--any-peer", help="Let every node store here.")
    ] = False,
    quiet_seconds: Annotated[
        float,
        typer.Option(
            metavar="N",
            min=0.0,
            help="Assess a patient when nothing has come for so long.",
        ),
    ] = 60.0,
    settings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.toml",
            help="Everything else that a user may decide.",
            show_default=False,
        ),
    ] = None,
    tls_cert: TlsCertificate = None,
    tls_key: TlsKey = None,
    tls_ca: Annotated[
        Path | None,
        typer.Option(
            "--tls-ca",
            metavar="FILE.pem",
            help="Callers must prove themselves by a certificate of these authorities.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Be a DICOM node: store what comes, and assess patients with two courses."""
    with explained():
        from reirrad.cli.receiving import ReceiveRequest, run_reception
        from reirrad.dicom.network.tls import TlsFiles

        request = ReceiveRequest(
            store=store,
            out=store / "results" if out is None else out,
            address=(host, port),
            ae_title=ae_title,
            peers=None if any_peer else tuple(peer or ()),
            quiet_s=quiet_seconds,
            settings_file=settings,
            tls=TlsFiles(tls_cert, tls_key, tls_ca),
        )
        raise typer.Exit(run_reception(request))


def fetch(  # noqa: PLR0913 - the options of the command
    *,
    out: Annotated[
        Path,
        typer.Option(
            metavar="DIR", help="Folder of the fetched objects.", show_default=False
        ),
    ],
    patient: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Patient ID, of all studies.", show_default=False
        ),
    ] = None,
    study: Annotated[
        list[str] | None,
        typer.Option(
            metavar="UID",
            help="Study Instance UID. May be given again.",
            show_default=False,
        ),
    ] = None,
    all_images: Annotated[
        bool,
        typer.Option(
            "--all-images",
            help="Also CT, MR and PT that no radiotherapy object refers to.",
        ),
    ] = False,
    dicomweb: Dicomweb = None,
    dimse: Dimse = None,
    move: Annotated[
        bool,
        typer.Option(
            "--move", help="Let the node send the objects here (C-MOVE), not C-GET."
        ),
    ] = False,
    listen: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT", help="With --move: where this side listens meanwhile."
        ),
    ] = "127.0.0.1:11112",
    ae_title: OwnTitle = "REIRRAD",
    credentials: CredentialsFile = None,
    tls_cert: TlsCertificate = None,
    tls_key: TlsKey = None,
    tls_ca: TrustedAuthority = None,
    timeout: Timeout = 60.0,
) -> None:
    """Fetch a patient's radiotherapy objects and their images from an archive."""
    with explained():
        from reirrad.cli.transferring import Peer, run_fetch
        from reirrad.dicom.network.tls import TlsFiles
        from reirrad.workflows.fetch import FetchRequest

        peer = Peer(
            dicomweb=dicomweb,
            dimse=dimse,
            ae_title=ae_title,
            credentials_file=credentials,
            tls=TlsFiles(tls_cert, tls_key, tls_ca),
            timeout_s=timeout,
        )
        wanted = FetchRequest(patient, tuple(study or ()), all_images)
        raise typer.Exit(run_fetch(peer, wanted, out, listen=listen if move else None))


def send(  # noqa: PLR0913 - the options of the command
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="Folders (searched recursively), files or .zip archives.",
            show_default=False,
        ),
    ],
    *,
    dicomweb: Dicomweb = None,
    dimse: Dimse = None,
    ae_title: OwnTitle = "REIRRAD",
    credentials: CredentialsFile = None,
    tls_cert: TlsCertificate = None,
    tls_key: TlsKey = None,
    tls_ca: TrustedAuthority = None,
    timeout: Timeout = 60.0,
) -> None:
    """Send every DICOM object below these paths to a PACS or planning system."""
    with explained():
        from reirrad.cli.transferring import Peer, run_send
        from reirrad.dicom.network.tls import TlsFiles

        peer = Peer(
            dicomweb=dicomweb,
            dimse=dimse,
            ae_title=ae_title,
            credentials_file=credentials,
            tls=TlsFiles(tls_cert, tls_key, tls_ca),
            timeout_s=timeout,
        )
        raise typer.Exit(run_send(paths, peer))


def add_network_commands(app: typer.Typer) -> None:
    """Add ``receive``, ``fetch`` and ``send``."""
    for command in (receive, fetch, send):
        app.command()(command)
