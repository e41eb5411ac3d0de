"""Every DICOM object below the given paths, with a first look at each."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from reirrad.dicom.audit import Audit, FoundObject
from reirrad.dicom.elements import text
from reirrad.dicom.files import FileEntry, PathFault, entries, shown
from reirrad.dicom.reading import dicom_faults, looks_like_dicom, parse_object
from reirrad.dicom.walk import PIXELS, tag_of
from reirrad.errors import DicomError

__all__ = ["scan"]

DICOMDIR = "1.2.840.10008.1.3.10"
DIRECTORY_RECORDS = 0x00041220
REPORT_EVERY = 50
START_BYTES = 132


def scan(
    paths: Iterable[Path],
    audit: Audit,
    *,
    progress: Callable[[str], None],
    header: Callable[[FoundObject], FoundObject] = lambda found: found,
) -> tuple[FoundObject, ...]:
    """Find and enter every file, and give back the DICOM objects worth looking at.

    Parameters
    ----------
    paths
        Folders, files and zips.
    audit
        Receives every file; whatever is not given back is settled in it.
    progress
        Told how many files were read, now and then.
    header
        What is to be kept of an object until the end; everything but its pixels if it
        is left out.

    Returns
    -------
    tuple of FoundObject
        In the order of the paths, then of file names. Copies of one object are given
        back once.
    """
    found: list[FoundObject] = []
    without_meta: list[str] = []
    for count, entry in enumerate(entries(paths), start=1):
        if count % REPORT_EVERY == 0:
            progress(f"read {count} files")
        if isinstance(entry, PathFault):
            audit.see(entry.path, "")
            audit.settle(entry.path, entry.status, entry.message)
            if entry.status == "refused":
                audit.stop(entry.message)
            continue
        one = _look_at(_read(entry), audit, without_meta)
        if one is not None:
            found.append(header(one))
    if without_meta:
        audit.note(
            "file-meta-missing",
            "info",
            "input",
            f"{len(without_meta)} DICOM file(s) lack the File Meta Information; the "
            f"encoding was inferred. The first is {without_meta[0]}.",
        )
    if not found:
        audit.stop(
            "No DICOM object was found in the given paths. Give the folder, the files "
            "or the zip of the export."
        )
    return _without_copies(found, audit)


class _ReadFile(NamedTuple):
    """A file as it was found: its bytes if it may be an object, or why it has none."""

    entry: FileEntry
    content: bytes
    sha256: str
    fault: OSError | None = None


def _read(entry: FileEntry) -> _ReadFile:
    try:
        with entry.opened() as opened:
            if not looks_like_dicom(opened.stream.read(START_BYTES)):
                return _ReadFile(entry, b"", opened.sha256())
            content = opened.read_all()
    except OSError as fault:
        return _ReadFile(entry, b"", "", fault)
    return _ReadFile(entry, content, hashlib.sha256(content).hexdigest())


def _look_at(
    file: _ReadFile, audit: Audit, without_meta: list[str]
) -> FoundObject | None:
    """Enter a file, and parse it if it may be an object."""
    entry = file.entry
    if file.fault is not None:
        reason = shown(file.fault.strerror or str(file.fault))
        message = (
            f"{entry.path}: this file cannot be read; it is damaged, encrypted or not "
            f"permitted ({reason}). Export or copy it again."
        )
        audit.see(entry.path, "")
        audit.settle(entry.path, "refused", message)
        audit.stop(message)
        return None
    if not file.content:
        audit.see(entry.path, file.sha256)
        _ignore(entry, audit)
        return None
    return _parsed(file, audit, without_meta)


def _ignore(entry: FileEntry, audit: Audit) -> None:
    """Enter a file that is no object; a zip in a zip may hold some."""
    reason = "not a DICOM file"
    if entry.member is not None and entry.member.lower().endswith(".zip"):
        reason = "a zip within a zip is not opened; unpack it and give the folder"
        message = f"{entry.path}: {reason}."
        audit.note("archive-not-opened", "warning", entry.path, message)
    audit.settle(entry.path, "ignored", reason)


def _parsed(
    file: _ReadFile, audit: Audit, without_meta: list[str]
) -> FoundObject | None:
    entry = file.entry
    try:
        parsed = parse_object(file.content, entry.path)
    except DicomError as error:
        audit.see(entry.path, file.sha256)
        if file.content[128:132] == b"DICM":
            audit.settle(entry.path, "refused", str(error))
            audit.stop(*error.problems)
        else:
            audit.settle(entry.path, "ignored", "not a DICOM file")
        return None
    for tag in PIXELS:
        parsed.dataset.pop(tag_of(tag), None)
    found = FoundObject(
        entry, file.sha256, parsed.dataset, parsed.truncation, parsed.pixels
    )
    audit.see(entry.path, file.sha256, found)
    if found.sop_class_uid == DICOMDIR or DIRECTORY_RECORDS in found.dataset:
        audit.ignore([found], "DICOMDIR: the objects themselves are read")
        return None
    if parsed.truncation is not None:
        # Whoever finds that it can be used nevertheless says so later.
        audit.refuse([found], f"the file is cut short ({parsed.truncation})")
    if not parsed.has_meta:
        without_meta.append(entry.path)
    return found


def _without_copies(
    found: Iterable[FoundObject], audit: Audit
) -> tuple[FoundObject, ...]:
    """Leave out repeated objects; two contents of one UID are a problem."""
    first: dict[str, FoundObject] = {}
    for one in found:
        uid = one.sop_instance_uid
        if not uid:
            reason = (
                f"{one.where}: has no SOP Instance UID (0008,0018), so nothing can "
                f"refer to it. Export it again."
            )
            audit.refuse([one], reason)
            audit.note("object-without-uid", "warning", one.path, reason)
            continue
        earlier = first.setdefault(uid, one)
        if earlier is one:
            continue
        if earlier.sha256 == one.sha256 or _same_content(earlier, one):
            audit.ignore([one], f"copy of {earlier.path}")
        else:
            message = (
                f"{earlier.where} and {one.path}: both have the same SOP Instance UID "
                f"(0008,0018) but different content. Remove the wrong one."
            )
            audit.refuse([one], message)
            audit.stop(message)
    return tuple(first.values())


def _same_content(left: FoundObject, right: FoundObject) -> bool:
    """Whether two files of different bytes hold the same object.

    An export repeated by another node differs in its file meta alone.
    """
    if text(left.dataset, "Modality") != text(right.dataset, "Modality"):
        return False
    try:
        with dicom_faults(right.where):
            return bool(left.as_written() == right.as_written())
    except DicomError:
        return False
