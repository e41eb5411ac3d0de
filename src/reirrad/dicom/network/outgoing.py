"""Objects that are to be sent, found below the user's paths."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydicom import dcmread
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from pynetdicom.dsutils import split_dataset

from reirrad.dicom.files import FileEntry, PathFault, entries
from reirrad.dicom.network.header import read_header
from reirrad.dicom.reading import dicom_faults, looks_like_dicom
from reirrad.errors import DicomError, InputError

__all__ = ["Destination", "OutgoingObject", "Shortfall", "outgoing"]

DICOMDIR = "1.2.840.10008.1.3.10"


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What a peer did not do as asked.

    Parameters
    ----------
    message
        A sentence.
    sop_instance_uid
        Object that was not stored as it is; None where the peer itself is meant.
    """

    message: str
    sop_instance_uid: str | None = None


@dataclass(frozen=True, slots=True)
class OutgoingObject:
    """One object as a file with File Meta Information.

    Parameters
    ----------
    path
        As the user can find it.
    file
        File to send: the user's own, or a copy where that is in a zip or incomplete.
    modality, sop_class_uid, sop_instance_uid
        What it is.
    transfer_syntax_uid
        How it is encoded, and stays.
    remade
        Whether its File Meta Information was missing or named another object, and was
        made anew; the object itself is as it was.
    """

    path: str
    file: Path
    modality: str
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    remade: bool = False

    def shortfall(self, message: str) -> Shortfall:
        """What a peer did not do with it."""
        return Shortfall(f"{self}: {message}", self.sop_instance_uid)

    def __str__(self) -> str:
        return f"{self.path} ({self.modality or 'object'} {self.sop_instance_uid})"


class Destination(Protocol):
    """A peer that stores objects, by whichever protocol."""

    def store(
        self, objects: Sequence[OutgoingObject], *, progress: Callable[[str], None]
    ) -> tuple[Shortfall, ...]:
        """Send objects; gives back each that was not stored, or not as it was."""
        ...


def outgoing(
    paths: Iterable[Path], copies: Path
) -> tuple[tuple[OutgoingObject, ...], int]:
    """Every object below the given paths, and the number of other files.

    Parameters
    ----------
    paths
        Folders, files and zips.
    copies
        Empty folder for what cannot be sent from where it is.

    Raises
    ------
    InputError
        With a sentence for each path that is missing, each DICOM file that cannot be
        sent, and if there is none at all. Nothing has been sent then.
    """
    objects: dict[str, OutgoingObject] = {}
    problems: list[str] = []
    others = 0
    for entry in entries(paths):
        if isinstance(entry, PathFault):
            problems.append(entry.message)
            continue
        try:
            found = _outgoing(entry, copies / f"{len(objects)}.dcm")
        except DicomError as error:
            problems += error.problems
            continue
        if found is None:
            others += 1
            continue
        first = objects.setdefault(found.sop_instance_uid, found)
        if first is not found and not _same_bytes(first, found):
            problems.append(
                f"{first} and {found.path}: both have the same SOP Instance UID "
                f"(0008,0018) but different content. Remove the wrong one."
            )
    if not objects and not problems:
        problems.append("No DICOM object was found in the given paths.")
    if problems:
        raise InputError(*problems)
    return tuple(objects.values()), others


def _outgoing(entry: FileEntry, copy: Path) -> OutgoingObject | None:
    """One object, or None for a file that is none."""
    try:
        content = entry.read_bytes()
    except OSError as error:
        msg = f"{entry.path}: this file cannot be read. Copy it again or allow it."
        raise DicomError(msg) from error
    if not looks_like_dicom(content):
        return None
    with dicom_faults(entry.path):
        stated = dcmread(io.BytesIO(content), force=True, stop_before_pixels=True)
        meta = stated.file_meta
        syntax = str(meta.get("TransferSyntaxUID") or _inferred(stated))
        media = str(meta.get("MediaStorageSOPClassUID", ""))
        instance = str(meta.get("MediaStorageSOPInstanceUID", ""))
    if media == DICOMDIR:
        return None
    header = read_header(content, entry.path)
    named = (header.sop_class_uid, header.sop_instance_uid)
    remade = (media, instance) != named
    if remade:
        copy.write_bytes(content)
        bare = content[_dataset_offset(copy, content) :]
        with dicom_faults(entry.path):
            whole = _with_meta(bare, syntax, *named)
        copy.write_bytes(whole)
    elif entry.member is not None:
        copy.write_bytes(content)
    file = copy if remade or entry.member is not None else entry.file
    return OutgoingObject(entry.path, file, header.modality, *named, syntax, remade)


def _dataset_offset(file: Path, content: bytes) -> int:
    """Where the object begins after the File Meta Information."""
    if content[128:132] == b"DICM":
        with dicom_faults(file.name):
            return int(split_dataset(file)[1])
    if content[:2] in {b"\x02\0", b"\0\x02"}:
        msg = (
            f"{file.name}: File Meta Information without a preamble, of another "
            f"object. Export it again."
        )
        raise DicomError(msg)
    return 0


def _inferred(dataset: FileDataset) -> str:
    """Transfer syntax of a dataset whose file does not state it."""
    implicit, little = dataset.original_encoding
    if implicit:
        return str(ImplicitVRLittleEndian)
    return str(ExplicitVRLittleEndian if little else ExplicitVRBigEndian)


def _with_meta(content: bytes, syntax: str, sop_class: str, instance: str) -> bytes:
    """A bare dataset as a file; its own bytes stay as they are."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(sop_class)
    meta.MediaStorageSOPInstanceUID = UID(instance)
    meta.TransferSyntaxUID = UID(syntax)
    stream = DicomBytesIO()
    stream.write(b"\0" * 128 + b"DICM")
    write_file_meta_info(stream, meta, enforce_standard=True)
    return stream.getvalue() + content


def _same_bytes(first: OutgoingObject, second: OutgoingObject) -> bool:
    return first.file.read_bytes() == second.file.read_bytes()
