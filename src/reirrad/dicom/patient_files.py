"""Whose objects the files below some folders are, from their headers alone."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from reirrad.core.identity_text import normal_text
from reirrad.dicom.elements import text
from reirrad.dicom.files import FileEntry, PathFault, entries
from reirrad.dicom.reading import looks_like_dicom, parse_object
from reirrad.errors import DicomError

__all__ = ["FoundPatients", "PatientFiles", "patients_below"]

START_BYTES = 132
REPORT_EVERY = 200
DIRECTORY_RECORDS = 0x00041220


@dataclass(frozen=True, slots=True)
class PatientFiles:
    """The files of one patient.

    Parameters
    ----------
    patient_id
        Patient ID, as the first file states it. Not to be shown or logged.
    paths
        Files, zips and members of zips, as an assessment takes them.
    sha256
        Of the contents of all files, whatever their names are.
    """

    patient_id: str
    paths: tuple[Path, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class FoundPatients:
    """Everybody of whom there are files, and what is of nobody.

    Parameters
    ----------
    patients
        In the order of their first files.
    problems
        A sentence for what cannot be read, or not be told whose it is. Files are
        counted and not named, as folders are often named after patients.
    n_other_files
        How many files are no DICOM objects.
    """

    patients: tuple[PatientFiles, ...]
    problems: tuple[str, ...]
    n_other_files: int


class _Seen(NamedTuple):
    """One object: whose it is, None where that is not known, and its content."""

    number: int
    entry: FileEntry
    patient_id: str | None
    sha256: str

    @property
    def place(self) -> str:
        """The folder or zip that it lies in."""
        return str(self.entry.file if self.entry.member else self.entry.file.parent)


def patients_below(
    paths: Iterable[Path], *, progress: Callable[[str], None] = lambda _: None
) -> FoundPatients:
    """Find all patients, in whatever folders and zips their files are.

    An object that is damaged or has no Patient ID is with the patient of its folder or
    zip where there is one patient only, so that the assessment judges it.

    Parameters
    ----------
    paths
        Folders, files and zips in any mixture.
    progress
        Told how many files were read, now and then.
    """
    seen: list[_Seen] = []
    problems: list[str] = []
    n_other_files = 0
    for count, entry in enumerate(entries(paths), start=1):
        if count % REPORT_EVERY == 0:
            progress(f"read {count} files")
        if isinstance(entry, PathFault):
            if entry.status == "refused":
                problems.append(entry.message.replace(entry.path, _words(count)))
            continue
        try:
            one = _seen(count, entry)
        except OSError as error:
            problems.append(_unreadable(count, error))
            continue
        if one is None:
            n_other_files += 1
        else:
            seen.append(one)
    owned = _owned(seen)
    problems += _of_nobody(seen, owned)
    shared = _shared_zips(owned)
    patients = tuple(_patient(those, shared) for those in owned.values())
    return FoundPatients(patients, tuple(problems), n_other_files)


def _seen(number: int, entry: FileEntry) -> _Seen | None:
    """The object in a file, or None where it is none that belongs to a patient."""
    with entry.opened() as opened:
        if not looks_like_dicom(opened.stream.read(START_BYTES)):
            return None
        content = opened.read_all()
    digest = hashlib.sha256(content).hexdigest()
    try:
        dataset = parse_object(content, entry.path).dataset
    except DicomError:
        return (
            _Seen(number, entry, None, digest) if content[128:132] == b"DICM" else None
        )
    if DIRECTORY_RECORDS in dataset:
        return None
    return _Seen(number, entry, text(dataset, "PatientID").strip() or None, digest)


def _words(number: int) -> str:
    return f"file {number} below the folder"


def _unreadable(number: int, error: OSError) -> str:
    reason = f" ({error.strerror.lower()})" if error.strerror else ""
    return (
        f"{_words(number)}: this file cannot be read; it is damaged, encrypted or not "
        f"permitted{reason}. Export or copy it again."
    )


def _owned(seen: Sequence[_Seen]) -> Mapping[str, list[_Seen]]:
    """Objects by Patient ID, without case and padding, in their order."""
    of_place: dict[str, set[str]] = defaultdict(set)
    for one in seen:
        if one.patient_id is not None:
            of_place[one.place].add(normal_text(one.patient_id))
    owned: dict[str, list[_Seen]] = {}
    for one in seen:
        there = of_place[one.place]
        if one.patient_id is not None:
            owned.setdefault(normal_text(one.patient_id), []).append(one)
        elif len(there) == 1:
            owned.setdefault(next(iter(there)), []).append(one)
    return owned


def _of_nobody(
    seen: Sequence[_Seen], owned: Mapping[str, Sequence[_Seen]]
) -> Iterator[str]:
    known = {one.entry.path for those in owned.values() for one in those}
    left = [one for one in seen if one.entry.path not in known]
    if left:
        yield (
            f"{len(left)} DICOM file(s) are damaged or have no Patient ID (0010,0020), "
            f"and lie in no folder of one patient alone, so that nobody can be "
            f"assessed with them. The first is {_words(left[0].number)}. Export again."
        )


def _shared_zips(owned: Mapping[str, Sequence[_Seen]]) -> set[Path]:
    """Zips with objects of several patients."""
    owners: dict[Path, set[str]] = defaultdict(set)
    for patient, those in owned.items():
        for one in those:
            if one.entry.member is not None:
                owners[one.entry.file].add(patient)
    return {file for file, patients in owners.items() if len(patients) > 1}


def _patient(those: Sequence[_Seen], shared: set[Path]) -> PatientFiles:
    paths = dict.fromkeys(
        Path(one.entry.path) if one.entry.file in shared else one.entry.file
        for one in those
    )
    contents = "\n".join(sorted(one.sha256 for one in those))
    return PatientFiles(
        patient_id=next(one.patient_id for one in those if one.patient_id),
        paths=tuple(paths),
        sha256=hashlib.sha256(contents.encode()).hexdigest(),
    )
