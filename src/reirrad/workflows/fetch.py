"""From an archive to a folder: everything an assessment needs, or nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reirrad.core.identity_text import normal_text
from reirrad.dicom.network.header import ObjectHeader, is_uid
from reirrad.dicom.network.image_references import referenced_series
from reirrad.dicom.network.listing import Archive, ListedSeries, SeriesEntry
from reirrad.dicom.network.node import RefusedObject
from reirrad.errors import InputError, NetworkError
from reirrad.workflows.publish import check_writable, publish

__all__ = ["FetchRequest", "Fetched", "fetch"]

IMAGES = frozenset({"CT", "MR", "PT"})
WILD = frozenset("*?\\")
RADIOTHERAPY = frozenset({"REG", "RTDOSE", "RTPLAN", "RTSTRUCT"})


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What to fetch.

    Parameters
    ----------
    patient_id
        Patient ID of whom everything is fetched, or None.
    study_uids
        Studies to fetch, where no patient is given.
    all_images
        Whether to fetch image series to which no radiotherapy object refers, too.
    """

    patient_id: str | None = None
    study_uids: tuple[str, ...] = ()
    all_images: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came, and what was left.

    Parameters
    ----------
    series
        Series that were fetched, whole.
    left
        Image series that nothing refers to.
    other_modalities
        Modalities that were not asked for, in alphabetical order.
    """

    series: tuple[ListedSeries, ...]
    left: tuple[SeriesEntry, ...]
    other_modalities: tuple[str, ...]


def fetch(
    request: FetchRequest,
    archive: Archive,
    out: Path,
    *,
    progress: Callable[[str], None],
) -> Fetched:
    """Fetch radiotherapy objects, and the images that they refer to.

    Parameters
    ----------
    request
        What to fetch.
    archive
        From where.
    out
        Folder that receives STUDY/SERIES/OBJECT.dcm, all of them or none.
    progress
        Told each step.

    Raises
    ------
    InputError
        If the request cannot mean exactly one patient, or some studies.
    NetworkError
        If there is nothing, or not all of what the archive lists could be fetched;
        with the missing objects.
    OutputError
        If the folder cannot be written.
    """
    _check(request)
    check_writable(out)
    progress("asking for studies")
    entries = _entries(request, archive)
    results: list[Fetched] = []

    def write(folder: Path) -> None:
        results.append(_fetched(request, archive, entries, folder, progress=progress))

    publish(out, write)
    return results[0]


@dataclass(frozen=True, slots=True)
class _Staging:
    """Objects that have come so far.

    Parameters
    ----------
    folder
        Where they are written.
    patient_id
        Whose they must be, or None where it was not said.
    awaited
        SOP Instance UIDs to expect.
    came
        SOP Instance UIDs of what was written.
    """

    folder: Path
    patient_id: str | None
    awaited: set[str] = field(default_factory=set)
    came: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)

    def take(self, content: bytes, header: ObjectHeader) -> None:
        """Write an object that was asked for."""
        uid = header.sop_instance_uid
        if uid not in self.awaited:
            msg = "this object was not asked for"
            raise RefusedObject(msg)
        wanted = self.patient_id
        if wanted is not None and normal_text(header.patient_id) != normal_text(wanted):
            self.strangers.add(uid)
        series = self.folder / header.study_uid / header.series_uid
        series.mkdir(parents=True, exist_ok=True)
        (series / f"{uid}.dcm").write_bytes(content)
        self.came.add(uid)


def _check(request: FetchRequest) -> None:
    problems = []
    if (request.patient_id is None) == (not request.study_uids):
        problems.append("Give either --patient ID or --study UID, not both or neither.")
    patient_id = request.patient_id
    if patient_id is not None and (not patient_id.strip() or set(patient_id) & WILD):
        problems.append(
            "--patient: must be one Patient ID without *, ? and backslash, which "
            "would match other patients too."
        )
    problems += [
        f"--study {uid}: must be a UID of digits and dots."
        for uid in request.study_uids
        if not is_uid(uid)
    ]
    if problems:
        raise InputError(*problems)


def _entries(request: FetchRequest, archive: Archive) -> tuple[SeriesEntry, ...]:
    """Series of everything that was asked for."""
    studies: Sequence[str] = request.study_uids
    if request.patient_id is not None:
        studies = archive.studies(request.patient_id)
    entries = tuple(
        entry for uid in dict.fromkeys(studies) for entry in archive.series(uid)
    )
    if not any(entry.modality in IMAGES | RADIOTHERAPY for entry in entries):
        msg = (
            f"The archive lists {len(studies)} studies and {len(entries)} series, none "
            f"of them of the modalities {', '.join(sorted(IMAGES | RADIOTHERAPY))}. "
            f"Check the Patient ID or Study Instance UID, and that this AE title may "
            f"see them."
        )
        raise NetworkError(msg)
    return entries


def _fetched(
    request: FetchRequest,
    archive: Archive,
    entries: Iterable[SeriesEntry],
    folder: Path,
    *,
    progress: Callable[[str], None],
) -> Fetched:
    staging = _Staging(folder, request.patient_id)
    objects = [one for one in entries if one.modality in RADIOTHERAPY]
    images = [one for one in entries if one.modality in IMAGES]
    progress("fetching radiotherapy objects")
    series = _got(objects, archive, staging)
    needed = images if request.all_images else _needed(images, series, folder)
    progress("fetching images")
    series += _got(needed, archive, staging)
    if staging.strangers:
        msg = (
            f"{len(staging.strangers)} of {len(staging.came)} objects carry another "
            f"Patient ID (0010,0020) than the one asked for, as after a merge of "
            f"patients in the archive. Nothing was kept. Check whose they are, then "
            f"fetch by --study."
        )
        raise NetworkError(msg)
    others = {one.modality or "none" for one in entries} - IMAGES - RADIOTHERAPY
    left = tuple(one for one in images if one not in needed)
    return Fetched(tuple(series), left, tuple(sorted(others)))


def _got(
    entries: Sequence[SeriesEntry], archive: Archive, staging: _Staging
) -> list[ListedSeries]:
    """Fetch whole series, or say what is missing."""
    wanted = [archive.listed(entry) for entry in entries]
    problems = [*_short_lists(wanted)]
    if problems:
        raise NetworkError(*problems)
    for one in wanted:
        staging.awaited.update(one.sop_classes)
    if wanted:
        try:
            problems += archive.retrieve(wanted, staging.take)
        except NetworkError as error:
            problems += error.problems
    problems += _missing(wanted, staging.came)
    if problems:
        raise NetworkError(*problems, "Nothing was kept. Fetch again.")
    return wanted


def _short_lists(wanted: Iterable[ListedSeries]) -> Iterator[str]:
    """Series of which the archive lists fewer objects than it says it has."""
    for one in wanted:
        promised, listed = one.entry.n_promised, len(one.sop_classes)
        if listed < (1 if promised is None else promised):
            yield (
                f"{one.entry.modality} series {one.entry.series_uid}: the archive "
                f"lists {listed} objects, but says it has {promised or 'some'}. It may "
                f"limit the length of answers; ask its administrator."
            )


def _missing(wanted: Iterable[ListedSeries], came: set[str]) -> Iterator[str]:
    for one in wanted:
        absent = [uid for uid in one.sop_classes if uid not in came]
        if absent:
            which = "all of them" if not came & set(one.sop_classes) else ""
            yield (
                f"{one.entry.modality} series {one.entry.series_uid}: {len(absent)} of "
                f"{len(one.sop_classes)} objects did not come: "
                f"{which or ', '.join(sorted(absent))}."
            )


def _needed(
    images: Sequence[SeriesEntry], series: Iterable[ListedSeries], folder: Path
) -> list[SeriesEntry]:
    """Image series that radiotherapy objects refer to.

    A study whose structure sets refer to none of the series at hand gives all of its
    images: its structure sets and images may still belong together by their frame of
    reference.
    """
    there = {one.series_uid for one in images}
    needed: set[str] = set()
    open_studies: set[str] = set()
    for one in series:
        if one.entry.modality not in {"REG", "RTSTRUCT"}:
            continue
        place = folder / one.entry.study_uid / one.entry.series_uid
        for file in sorted(place.glob("*.dcm")):
            named = referenced_series(file.read_bytes(), file.name) & there
            needed |= named
            if not named and one.entry.modality == "RTSTRUCT":
                open_studies.add(one.entry.study_uid)
    return [
        one
        for one in images
        if one.series_uid in needed or one.study_uid in open_studies
    ]
