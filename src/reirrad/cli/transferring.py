"""``reirrad fetch`` and ``reirrad send``: what came, what went, what did not."""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import typer

from reirrad.cli.outcome import Exit
from reirrad.cli.progress import steps_shown
from reirrad.cli.terminal_text import print_problem, printable
from reirrad.dicom.network.addresses import (
    checked_title,
    is_loopback,
    listening_address,
    node_address,
)
from reirrad.dicom.network.associations import Line
from reirrad.dicom.network.credentials import load_credentials
from reirrad.dicom.network.dimse_archive import DimseArchive
from reirrad.dicom.network.dimse_store import DimseDestination
from reirrad.dicom.network.listing import Archive, SeriesEntry
from reirrad.dicom.network.node import NodeSetup
from reirrad.dicom.network.outgoing import Destination
from reirrad.dicom.network.tls import TlsFiles, client_tls, server_tls
from reirrad.dicom.network.web import WebService, open_service
from reirrad.dicom.network.web_archive import WebArchive
from reirrad.dicom.network.web_store import WebDestination
from reirrad.errors import InputError
from reirrad.workflows.fetch import Fetched, FetchRequest, fetch
from reirrad.workflows.send import Sent, send

__all__ = ["Peer", "run_fetch", "run_send"]


@dataclass(frozen=True, slots=True)
class Peer:
    """With whom to talk, as the user said it.

    Parameters
    ----------
    dicomweb
        URL, or None.
    dimse
        TITLE@HOST:PORT, or None.
    ae_title
        AE title of this side.
    credentials_file
        TOML file for the DICOMweb server, or None for the environment.
    tls
        Certificate files.
    timeout_s
        Longest wait for an answer.
    """

    dicomweb: str | None
    dimse: str | None
    ae_title: str
    credentials_file: Path | None
    tls: TlsFiles
    timeout_s: float


def run_fetch(
    peer: Peer, request: FetchRequest, out: Path, *, listen: str | None
) -> Exit:
    """Fetch to a folder and print what came, without names or Patient IDs."""
    archive = _archive(peer, listen)
    with steps_shown() as progress:
        fetched = fetch(request, archive, out, progress=progress)
    _print_fetched(fetched, out)
    return Exit.ASSESSED


def run_send(paths: list[Path], peer: Peer) -> Exit:
    """Send, and say what was not stored; exit code 2 if there is any such object."""
    destination = _destination(peer)
    with steps_shown() as progress:
        sent = send(paths, destination, progress=progress)
    _print_sent(sent)
    for problem in sent.problems:
        print_problem(problem)
    return Exit.REFUSED if sent.problems else Exit.ASSESSED


def _archive(peer: Peer, listen: str | None) -> Archive:
    service = _service(peer)
    if service is not None:
        if listen is not None:
            msg = "--move belongs to --dimse; leave it out with --dicomweb."
            raise InputError(msg)
        return WebArchive(service)
    line = _line(peer)
    return DimseArchive(line, None if listen is None else _mover(line, peer, listen))


def _destination(peer: Peer) -> Destination:
    service = _service(peer)
    if service is not None:
        return WebDestination(service)
    return DimseDestination(_line(peer))


def _service(peer: Peer) -> WebService | None:
    """The DICOMweb server, or None where a DICOM node was given."""
    if (peer.dicomweb is None) == (peer.dimse is None):
        msg = "Give either --dicomweb URL or --dimse TITLE@HOST:PORT."
        raise InputError(msg)
    if peer.dicomweb is None:
        return None
    return open_service(
        peer.dicomweb,
        credentials=load_credentials(peer.credentials_file, os.environ),
        tls=peer.tls,
        timeout_s=peer.timeout_s,
    )


def _line(peer: Peer) -> Line:
    return Line(
        node_address(peer.dimse or "", option="--dimse"),
        checked_title(peer.ae_title, option="--ae-title"),
        peer.timeout_s,
        client_tls(peer.tls),
    )


def _mover(line: Line, peer: Peer, listen: str) -> NodeSetup:
    """The node to which objects are moved: anybody may send what was asked for."""
    host, port = listening_address(listen, option="--listen")
    if is_loopback(host) and not is_loopback(line.peer.host):
        msg = (
            f"--listen {listen}: {line.peer} cannot reach this side there. Give this "
            f"machine's address in its network and the port that the peer has for "
            f"{line.own_title}."
        )
        raise InputError(msg)
    return NodeSetup(line.own_title, host, port, None, server_tls(peer.tls))


def _print_fetched(fetched: Fetched, out: Path) -> None:
    for one in fetched.series:
        _print(f"{one.entry.modality:<9} {len(one.sop_classes):>5}  ", one.entry)
    for entry in fetched.left:
        _print(f"{entry.modality:<9}  left  ", entry)
    counts = Counter(one.entry.modality for one in fetched.series)
    n_objects = sum(len(one.sop_classes) for one in fetched.series)
    typer.echo(
        f"{n_objects} objects in {counts.total()} series fetched to {out}, as many as "
        f"the archive lists."
    )
    if fetched.left:
        typer.echo(
            f"{len(fetched.left)} image series left, as no radiotherapy object refers "
            f"to them; --all-images fetches them too."
        )
    if fetched.other_modalities:
        names = printable(", ".join(fetched.other_modalities))
        typer.echo(f"Not needed and left: modalities {names}.")


def _print(start: str, entry: SeriesEntry) -> None:
    typer.echo(printable(f"{start}series {entry.series_uid} of {entry.study_uid}"))


def _print_sent(sent: Sent) -> None:
    counts = ", ".join(f"{n} {name}" for name, n in sent.by_modality.items())
    typer.echo(
        f"{sent.n_stored} of {sent.n_objects} objects stored ({printable(counts)})."
    )
    if sent.n_remade:
        typer.echo(
            f"{sent.n_remade} of them had no File Meta Information, or that of another "
            f"object; it was made anew, the objects themselves are as they were."
        )
    if sent.n_other_files:
        typer.echo(f"{sent.n_other_files} files are no DICOM objects and stay here.")
