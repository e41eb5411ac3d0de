"""Keeping the registry: backup, restore, removal, and pseudonyms of its patients."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from reirrad.core.cohort.records import kind_of, records_of
from reirrad.errors import InputError, OutputError
from reirrad.store.database import Store
from reirrad.store.registry import KeptChange, history, read_cohort, remove_records
from reirrad.store.registry_backup import check_backup, restore_backup, write_backup
from reirrad.workflows.publish import publish
from reirrad.workflows.registry_key import RegistryKey

__all__ = [
    "REASONS",
    "Reason",
    "back_up",
    "changes_of",
    "pseudonyms",
    "remove_patient",
    "restore",
]

Reason: TypeAlias = Literal["withdrawn", "duplicate", "mistake"]
REASONS: tuple[Reason, ...] = get_args(Reason)


def back_up(url: str, file: Path) -> dict[str, int]:
    """Write the whole registry to a file that is not there yet.

    Parameters
    ----------
    url
        Address of the registry.
    file
        Zip; it appears whole or not at all.

    Returns
    -------
    dict of str to int
        How many records of each kind it holds, and changes.

    Raises
    ------
    OutputError
        If the file is there already, or cannot be written.
    StoreError
        If the registry cannot be read.
    """
    if file.exists():
        msg = f"{file} is there already, and no backup is overwritten. Give a new name."
        raise OutputError(msg)
    counts: dict[str, int] = {}
    with closing(Store.existing(url)) as store:
        publish(
            file.parent,
            lambda folder: counts.update(write_backup(store, folder / file.name)),
        )
    return counts


def restore(url: str, file: Path, *, who: str) -> dict[str, int]:
    """Put a backup into a registry that is empty or not there yet.

    Parameters
    ----------
    url
        Address of the registry.
    file
        As `back_up` wrote it.
    who
        Who restores it.

    Returns
    -------
    dict of str to int
        How many records of each kind there are now, and changes.

    Raises
    ------
    StoreError
        If the registry is not empty, or the file is damaged or of a newer version.
    """
    check_backup(file)  # before a database is made that would stay empty
    with closing(Store.open(url)) as store:
        return restore_backup(store, file, who=who)


def changes_of(url: str, patient: str | None) -> list[KeptChange]:
    """Changes of one patient's records, or of all, oldest first.

    Raises
    ------
    InputError
        If nothing was ever kept of this patient.
    StoreError
        If the registry cannot be read.
    """
    with closing(Store.existing(url)) as store:
        changes = history(store, patient)
    if patient is not None and not changes:
        raise _unknown(patient)
    return changes


def remove_patient(url: str, patient: str, *, who: str, reason: Reason) -> int:
    """Remove all records of a patient; their changes stay in the history.

    Returns
    -------
    int
        How many records there were.

    Raises
    ------
    InputError
        If there is no such patient.
    StoreError
        If the registry cannot be written.
    """
    with closing(Store.existing(url)) as store:
        records = records_of(read_cohort(store, [patient]))
        if not records:
            raise _unknown(patient)
        keys = [(kind_of(one), one.patient, one.number) for one in records]
        return remove_records(store, keys, who=who, reason=reason)


def pseudonyms(patient_ids: Sequence[str], key_file: Path, url: str) -> list[str]:
    """Pseudonyms of patients in this registry; the key is made if there is none.

    Raises
    ------
    InputError
        If a Patient ID is empty, or the file is no key for its owner's eyes alone, or
        not the key of the registry.
    OutputError
        If a new key cannot be written.
    """
    if not patient_ids or not all(one.strip() for one in patient_ids):
        msg = "A Patient ID is empty. Give one, or one on each line."
        raise InputError(msg)
    key = RegistryKey(key_file, url)
    named = [key.pseudonym(one) for one in patient_ids]
    key.write()
    return named


def _unknown(patient: str) -> InputError:
    msg = (
        f"{patient}: the registry has no such patient. Give a pseudonym, as `reirrad "
        f"cohort list` shows it."
    )
    return InputError(msg)
