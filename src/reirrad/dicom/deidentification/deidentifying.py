"""From paths to a folder that can be given away: the order of steps."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydicom.datadict import dictionary_description, tag_for_keyword

from reirrad.core.confidentiality import ConfidentialityProfile
from reirrad.core.findings import Finding
from reirrad.core.identity_text import normal_text
from reirrad.dicom.audit import Audit, FoundObject
from reirrad.dicom.deidentification.cleaning import Cleaning, cleaned_object
from reirrad.dicom.deidentification.eligibility import why_left_out
from reirrad.dicom.deidentification.identifiers import Identifiers, known_identifiers
from reirrad.dicom.deidentification.pseudonyms import Pseudonyms
from reirrad.dicom.deidentification.tally import Tally
from reirrad.dicom.elements import text
from reirrad.dicom.identity import save
from reirrad.dicom.scan import scan
from reirrad.errors import DicomError

__all__ = ["Deidentified", "LeftOut", "deidentify_into"]

REPORT_EVERY = 50
OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that has no counterpart in the output.

    Parameters
    ----------
    path
        Where the user finds it; it may hold a name and stays with the user.
    reason
        Why, without a word of its content.
    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Deidentified:
    """What a run wrote and left out.

    Parameters
    ----------
    patients
        New Patient ID to the number of objects of each kind.
    texts_kept
        Name of an attribute to the texts in it that stayed.
    findings
        What to know; without anything that identifies.
    left_out
        Files without counterpart, for the eyes of the user alone.
    """

    patients: Mapping[str, Mapping[str, int]]
    texts_kept: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...]
    left_out: tuple[LeftOut, ...]


def deidentify_into(
    folder: Path,
    paths: Iterable[Path],
    *,
    profile: ConfidentialityProfile,
    key: bytes,
    progress: Callable[[str], None],
) -> Deidentified:
    """Write every object that can be cleaned into a folder of its patient and kind.

    Parameters
    ----------
    folder
        An empty folder.
    paths
        Folders, files and zips in any mixture.
    profile
        What becomes of each attribute.
    key
        32 bytes that decide every replacement.
    progress
        Told each step in a few words.

    Raises
    ------
    DicomError
        With one problem for each object that stands in the way.
    """
    audit, tally = Audit(), Tally()
    found = scan(paths, audit, progress=progress)
    chosen = _chosen(found, audit, tally)
    patients, without_id = _by_patient(chosen)
    progress("looking for what identifies")
    known = _known_identifiers(found, profile)
    problems: list[str] = []
    for patient, objects in patients.items():
        # An object of nobody may be of anybody.
        identifiers = known[patient] | known.get("", Identifiers())
        cleaning = Cleaning(profile, Pseudonyms(key), identifiers, patient, tally)
        problems += _write_patient(objects, cleaning, folder, progress=progress)
    if problems:
        raise DicomError(*problems)
    audit.use(chosen, "cleaned")
    return Deidentified(
        patients=_counts(tally),
        texts_kept={
            _described(keyword): tuple(sorted(texts))
            for keyword, texts in sorted(tally.texts_kept.items())
        },
        findings=tuple(_findings(tally, _without_uid(audit), without_id)),
        left_out=tuple(
            LeftOut(row.path, row.reason)
            for row in audit.inputs()
            if row.status != "used"
        ),
    )


def _chosen(
    found: Iterable[FoundObject], audit: Audit, tally: Tally
) -> list[FoundObject]:
    """Objects that can be cleaned.

    Raises
    ------
    DicomError
        With every fault of the input that was found so far.
    """
    chosen: list[FoundObject] = []
    for one in found:
        reason = why_left_out(one)
        if reason is None:
            chosen.append(one)
        else:
            audit.refuse([one], reason)
            tally.left_out[reason] += 1
    problems = [*audit.problems, *_cut_short(chosen)]
    if not problems and not chosen:
        problems.append(
            "None of the objects in the given paths is one that can be cleaned: CT, "
            "MR or PET images without burned-in text, structure sets, plans, doses and "
            "registrations. Give the export of a treatment."
        )
    if problems:
        raise DicomError(*problems)
    return chosen


def _known_identifiers(
    found: Iterable[FoundObject], profile: ConfidentialityProfile
) -> dict[str, Identifiers]:
    """What is known of each patient; objects that are left out tell names as well."""
    known: dict[str, Identifiers] = {}
    for one in found:
        patient, more = _patient_of(one), known_identifiers(one.dataset, profile)
        known[patient] = known.get(patient, Identifiers()) | more
    return known


def _cut_short(objects: Iterable[FoundObject]) -> Iterator[str]:
    for one in objects:
        if one.truncation is not None:
            yield (
                f"{one.where}: the file is cut short ({one.truncation}). Export or "
                f"copy it again, or leave it out."
            )


def _patient_of(one: FoundObject) -> str:
    return normal_text(text(one.dataset, "PatientID"))


def _by_patient(
    objects: Iterable[FoundObject],
) -> tuple[dict[str, list[FoundObject]], int]:
    """Objects by normalised Patient ID, and how many had none.

    Raises
    ------
    DicomError
        If it cannot be told whose an object is.
    """
    patients: dict[str, list[FoundObject]] = {}
    for one in objects:
        patients.setdefault(_patient_of(one), []).append(one)
    unnamed = patients.pop("", [])
    if unnamed and len(patients) != 1:
        raise DicomError(
            *(
                f"{one.where}: Patient ID (0010,0020) is empty, so that it is unknown "
                f"with whose dates its dates must go. Give it an identifier, or give "
                f"the objects of one patient only."
                for one in unnamed
            )
        )
    for objects_of_one in patients.values():
        objects_of_one.extend(unnamed)
    return patients, len(unnamed)


def _write_patient(
    objects: Iterable[FoundObject],
    cleaning: Cleaning,
    folder: Path,
    *,
    progress: Callable[[str], None],
) -> list[str]:
    """Write the objects of one patient, and say which could not be cleaned."""
    problems: list[str] = []
    patient_id = cleaning.patient_id
    for count, one in enumerate(objects, start=1):
        if count % REPORT_EVERY == 0:
            progress(f"cleaned {count} objects of {patient_id}")
        try:
            clean = cleaned_object(one.with_pixels(), cleaning, one.where)
        except DicomError as error:
            problems += error.problems
            continue
        save(clean, folder / patient_id / one.kind / f"{clean.SOPInstanceUID}.dcm")
        cleaning.tally.objects[patient_id, one.kind] += 1
    return problems


def _without_uid(audit: Audit) -> int:
    return sum(one.code == "object-without-uid" for one in audit.findings)


def _counts(tally: Tally) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for (patient, kind), count in sorted(tally.objects.items()):
        counts.setdefault(patient, {})[kind] = count
    return counts


def _findings(tally: Tally, without_uid: int, without_id: int) -> Iterator[Finding]:
    for reason, count in sorted(tally.left_out.items()):
        yield Finding(
            "object-left-out",
            "warning",
            OUTPUT,
            f"{count} object(s) were left out, each because it {reason}.",
        )
    if without_uid:
        yield Finding(
            "object-without-uid",
            "warning",
            OUTPUT,
            f"{without_uid} object(s) without SOP Instance UID (0008,0018) were left "
            f"out; nothing can refer to them.",
        )
    if without_id:
        yield Finding(
            "patient-id-missing",
            "warning",
            OUTPUT,
            f"{without_id} object(s) have no Patient ID (0010,0020) and were taken to "
            f"be of the only patient there is.",
        )
    for keyword, count in sorted(tally.texts_replaced.items()):
        yield Finding(
            "text-replaced",
            "warning",
            OUTPUT,
            f"{_described(keyword)}: {count} text(s) held a name, an identifier, a "
            f"date or a UID, or were no code, and were replaced by CLEANED_ with a "
            f"code of their own. An assessment no longer knows what they meant; "
            f"rename them before the export if it must.",
        )
    for keyword, count in sorted(tally.values_removed.items()):
        yield Finding(
            "value-removed",
            "warning",
            OUTPUT,
            f"{_described(keyword)}: {count} value(s) were not of their kind, or were "
            f"an identifier, and were removed.",
        )
    yield Finding(
        "read-kept-texts",
        "info",
        OUTPUT,
        "Names of structures, plans and targets were kept where they hold nothing that "
        "the objects say about persons, places, visits and days. Read them (texts_kept "
        "in deidentification.json): what only a reader knows, a program does not find.",
    )


def _described(keyword: str) -> str:
    return str(dictionary_description(tag_for_keyword(keyword) or 0))
