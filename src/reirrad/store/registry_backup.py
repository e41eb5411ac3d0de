"""The whole registry in one file, from which either database gets it back.

The file is a zip of JSON lines: one file for each kind of record, one for the changes,
and a manifest with the number of lines and the SHA-256 of each. The same registry gives
the same bytes. The key of the pseudonyms is not in it, but which key it is.
"""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from reirrad.core.cohort.fields import fields_of
from reirrad.core.cohort.records import KINDS
from reirrad.errors import StoreError
from reirrad.store.database import Store
from reirrad.store.registry_changes import (
    KeptChange,
    add_changes,
    any_change,
    kept_changes,
)
from reirrad.store.registry_key import insert_fingerprint, kept_fingerprint
from reirrad.store.registry_rows import (
    Row,
    RowKey,
    insert_rows,
    kept_rows,
    reading_one_moment,
)
from reirrad.store.registry_values import checked, record_of
from reirrad.store.trail import note

__all__ = ["check_backup", "restore_backup", "write_backup"]

FORMAT = "reirrad registry"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
CHANGES = "change"
FINGERPRINT = re.compile(r"[0-9a-f]{64}")
LONG_AGO = (1980, 1, 1, 0, 0, 0)
DAMAGE = (
    AttributeError,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What a file raises that is no zip, is encrypted, cut, or holds something else."""


@dataclass(frozen=True, slots=True)
class _Backup:
    """What a backup holds."""

    records: Mapping[str, Mapping[RowKey, Row]]
    changes: Sequence[KeptChange]
    key_fingerprint: str | None


def write_backup(store: Store, file: Path) -> dict[str, int]:
    """Write all records and changes, as they are at one moment.

    Parameters
    ----------
    store
        The database.
    file
        Zip that is made, for the eyes of its owner alone.

    Returns
    -------
    dict of str to int
        How many records of each kind there are, and changes.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with reading_one_moment(store) as connection:
        parts = {kind: _record_lines(connection, kind) for kind in KINDS}
        fingerprint = kept_fingerprint(connection)
        parts[CHANGES] = [_line(asdict(one)) for one in kept_changes(connection)]
    counts = {name: len(lines) for name, lines in parts.items()}
    contents = {name: "".join(lines).encode() for name, lines in parts.items()}
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "software": version("reirrad"),
        "key_fingerprint": fingerprint,
        "lines": counts,
        "sha256": {name: _sha256(content) for name, content in contents.items()},
    }
    file.touch(mode=0o600)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, MANIFEST, json.dumps(manifest, indent=1).encode())
        for name, content in contents.items():
            _add(archive, _member(name), content)
    return counts


def restore_backup(store: Store, file: Path, *, who: str) -> dict[str, int]:
    """Put records and changes of a backup into a registry that is empty: all or none.

    Parameters
    ----------
    store
        The database.
    file
        As `write_backup` made it, from either database.
    who
        Who restores it; the audit trail keeps it. Changes keep who made them.

    Returns
    -------
    dict of str to int
        How many records of each kind there are, and changes.

    Raises
    ------
    StoreError
        If the registry is not empty, or the file is damaged or of a newer version.
    """
    backup = _whole_backup(file)
    with store.writing() as connection:
        if _holds_something(connection):
            msg = (
                f"{store.address.shown}: the registry is not empty, and a backup is "
                f"not mixed with what is there. Restore it into a new database."
            )
            raise StoreError(msg)
        for kind, rows in backup.records.items():
            insert_rows(connection, kind, rows)
        add_changes(connection, backup.changes)
        if backup.key_fingerprint is not None:
            insert_fingerprint(connection, backup.key_fingerprint)
        counts = {kind: len(rows) for kind, rows in backup.records.items()}
        counts[CHANGES] = len(backup.changes)
        detail = {name: n for name, n in counts.items() if n > 0}
        note(connection, who=who, action="registry restored", detail=detail)
    return counts


def check_backup(file: Path) -> None:
    """Make sure that a file is a whole backup, before a database is made for it.

    Raises
    ------
    StoreError
        If it is damaged or of a newer version.
    """
    _whole_backup(file)


def _holds_something(connection: sa.Connection) -> bool:
    kept = kept_rows(connection, "patient") or kept_fingerprint(connection)
    return bool(kept) or any_change(connection)


def _whole_backup(file: Path) -> _Backup:
    try:
        return _read(file)
    except DAMAGE as error:
        msg = (
            f"{file}: not a whole backup of the registry. Use another copy; nothing "
            f"was restored."
        )
        raise StoreError(msg) from error
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        msg = f"{file}: the backup cannot be read ({reason})."
        raise StoreError(msg) from error


def _record_lines(connection: sa.Connection, kind: str) -> list[str]:
    return [
        _line({"patient": patient, "number": number, "values": row})
        for (patient, number), row in kept_rows(connection, kind).items()
    ]


def _line(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True)
    return f"{text}\n"


def _member(name: str) -> str:
    return f"{name}.jsonl"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, LONG_AGO)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    archive.writestr(info, content)


def _read(file: Path) -> _Backup:
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read(MANIFEST))
        if manifest["format"] != FORMAT:
            raise ValueError(manifest["format"])
        unknown = set(manifest["lines"]) - {*KINDS, CHANGES}
        if manifest["format_version"] > FORMAT_VERSION or unknown:
            raise _newer(file)
        parts = {
            name: _whole(archive.read(_member(name)), manifest, name)
            for name in manifest["lines"]
        }
    fingerprint = manifest.get("key_fingerprint")
    if fingerprint is not None and FINGERPRINT.fullmatch(fingerprint) is None:
        raise ValueError(fingerprint)
    done = [KeptChange(**one) for one in parts.pop(CHANGES)]
    records = {kind: _rows(file, kind, parts.get(kind, [])) for kind in KINDS}
    patients = {patient for patient, _ in records["patient"]}
    strangers = {key for rows in records.values() for key, _ in rows} - patients
    if strangers:
        raise ValueError(strangers)
    return _Backup(records, done, fingerprint)


def _newer(file: Path) -> StoreError:
    msg = (
        f"{file}: the backup was written by a newer version of reirrad. Install that "
        f"version; nothing was restored."
    )
    return StoreError(msg)


def _whole(content: bytes, manifest: Mapping[str, Any], name: str) -> list[Any]:
    """Lines of a file, if it is what was written."""
    if _sha256(content) != manifest["sha256"][name]:
        raise ValueError(name)
    return [json.loads(line) for line in content.decode().split("\n")[:-1]]


def _rows(file: Path, kind: str, lines: Iterable[Any]) -> dict[RowKey, Row]:
    known = {field.name for field in fields_of(KINDS[kind])}
    rows: dict[RowKey, Row] = {}
    for line in lines:
        key, row = (line["patient"], line["number"]), line["values"]
        if not row.keys() <= known:
            raise _newer(file)
        plain, faults = checked(record_of(kind, *key, row))
        if faults or plain != row:
            raise ValueError(kind)
        rows[key] = row
    return rows
