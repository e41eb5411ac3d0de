import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reirrad.core.cohort.clinical_records import Patient
from reirrad.core.cohort.records import Cohort, records_of
from reirrad.errors import StoreError
from reirrad.phantoms.example_cohort import example_cohort
from reirrad.store.database import Store
from reirrad.store.registry import history, put_records, read_cohort, remove_records
from reirrad.store.registry_backup import restore_backup, write_backup
from reirrad.store.registry_key import keep_key, kept_key
from reirrad.store.trail import events, verify_trail
from tests.store.postgresql import Server

P1 = Patient(patient="P1", sex="female")


def fill(store: Store) -> None:
    """The example with a history: added, changed, removed."""
    cohort = example_cohort(1)
    few = {one.patient for one in cohort.patient[:4]}
    records = [one for one in records_of(cohort) if one.patient in few]
    put_records(store, records, who="anna", reason="import")
    changed = [replace(one, ecog=3) for one in cohort.course if one.patient in few]
    put_records(store, changed, who="Zoë\u2028東", reason="import")
    gone = [
        ("visit", one.patient, one.number) for one in cohort.visit if one.patient in few
    ]
    remove_records(store, gone, who="paul", reason="mistake")


def test_a_backup_goes_from_either_database_into_the_other(
    tmp_path: Path, postgresql_server: Server
) -> None:
    first = Store.open(f"sqlite:///{tmp_path / 'first.sqlite'}")
    second = Store.open(postgresql_server.empty_schema())
    third = Store.open(f"sqlite:///{tmp_path / 'third.sqlite'}")
    fill(first)
    keep_key(first, "ab" * 32, who="anna")
    files = [tmp_path / name for name in ("one.zip", "two.zip", "three.zip")]
    counts = write_backup(first, files[0])
    assert restore_backup(second, files[0], who="it") == counts
    assert write_backup(second, files[1]) == counts
    assert restore_backup(third, files[1], who="it") == counts
    write_backup(third, files[2])
    assert len({file.read_bytes() for file in files}) == 1
    assert read_cohort(third) == read_cohort(second) == read_cohort(first)
    assert history(third) == history(second) == history(first)
    assert kept_key(third) == kept_key(second) == kept_key(first)
    assert kept_key(third).fingerprint == "ab" * 32
    for store in (first, second, third):
        store.close()


def test_a_restored_registry_goes_on(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    put_records(store, [P1], who="anna", reason="import")
    write_backup(store, file)
    other = Store.open(f"sqlite:///{tmp_path / 'other.sqlite'}")
    restore_backup(other, file, who="it")
    put_records(other, [replace(P1, sex="male")], who="paul", reason="import")
    assert [one.who for one in history(other)] == ["anna", "paul"]
    noted = [(one.who, one.action, one.detail) for one in events(other, None)]
    assert noted[0] == ("it", "registry restored", {"change": 1, "patient": 1})
    assert verify_trail(other) == []
    other.close()


def test_a_backup_is_for_its_owner_alone(lite: Store, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    write_backup(lite, file)
    assert file.stat().st_mode & 0o077 == 0


def test_a_registry_that_is_not_empty_stays(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    put_records(store, [P1], who="anna", reason="import")
    write_backup(store, file)
    with pytest.raises(StoreError, match="not empty"):
        restore_backup(store, file, who="it")
    remove_records(store, [("patient", "P1", 1)], who="paul", reason="mistake")
    with pytest.raises(StoreError, match="not empty"):
        restore_backup(store, file, who="it")


Contents = dict[str, bytes]


def _newer(contents: Contents) -> None:
    manifest = json.loads(contents["manifest.json"])
    manifest["format_version"] += 1
    contents["manifest.json"] = json.dumps(manifest).encode()


def _another_kind(contents: Contents) -> None:
    manifest = json.loads(contents["manifest.json"])
    manifest["lines"]["genome"] = 1
    contents["manifest.json"] = json.dumps(manifest).encode()


def _another_value(contents: Contents) -> None:
    patients = contents["patient.jsonl"]
    contents["patient.jsonl"] = patients.replace(b"female", b"male")


def _another_format(contents: Contents) -> None:
    contents["manifest.json"] = b'{"format": "another"}'


def _no_format(contents: Contents) -> None:
    contents["manifest.json"] = b"[]"


def _no_manifest(contents: Contents) -> None:
    del contents["manifest.json"]


def _no_changes(contents: Contents) -> None:
    del contents["change.jsonl"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_newer, "newer version"),
        (_another_kind, "newer version"),
        (_another_value, "not a whole backup"),
        (_another_format, "not a whole backup"),
        (_no_format, "not a whole backup"),
        (_no_manifest, "not a whole backup"),
        (_no_changes, "not a whole backup"),
    ],
)
def test_a_file_that_is_no_backup(
    lite: Store, tmp_path: Path, change: Callable[[Contents], None], why: str
) -> None:
    file = _written(tmp_path)
    _rewritten(file, change)
    with pytest.raises(StoreError, match=why) as refused:
        restore_backup(lite, file, who="it")
    assert str(file) in str(refused.value)
    assert read_cohort(lite) == Cohort()
    assert history(lite) == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"values": {"sex": "female", "blood_group": "A"}}, "newer version"),
        ({"values": {"sex": "unknown"}}, "not a whole backup"),
        ({"values": {"birth_date": "1950-13-01"}}, "not a whole backup"),
        ({"values": {"histology_confirmed": "yes"}}, "not a whole backup"),
        ({"patient": "Jane Doe"}, "not a whole backup"),
        ({"number": 2}, "not a whole backup"),
    ],
    ids=str,
)
def test_a_line_that_is_no_record(
    lite: Store, tmp_path: Path, line: dict[str, Any], why: str
) -> None:
    file = _written(tmp_path)
    good = {"patient": "P1", "number": 1, "values": {}}
    _rewritten(file, lambda contents: _signed(contents, "patient", good | line))
    with pytest.raises(StoreError, match=why):
        restore_backup(lite, file, who="it")
    assert read_cohort(lite) == Cohort()


def test_a_record_of_nobody(lite: Store, tmp_path: Path) -> None:
    file = _written(tmp_path)
    visitor = {"patient": "P2", "number": 1, "values": {"date": "2024-01-01"}}
    _rewritten(file, lambda contents: _signed(contents, "visit", visitor))
    with pytest.raises(StoreError, match="not a whole backup"):
        restore_backup(lite, file, who="it")


@pytest.mark.parametrize("length", [0, 1, 100, 400])
def test_a_file_that_was_cut(lite: Store, tmp_path: Path, length: int) -> None:
    file = _written(tmp_path)
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(StoreError, match="not a whole backup"):
        restore_backup(lite, file, who="it")


def test_a_file_that_is_not_there(lite: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        restore_backup(lite, tmp_path / "none.zip", who="it")


def _written(tmp_path: Path) -> Path:
    store = Store.open(f"sqlite:///{tmp_path / 'source.sqlite'}")
    put_records(store, [P1], who="anna", reason="import")
    write_backup(store, tmp_path / "backup.zip")
    store.close()
    return tmp_path / "backup.zip"


def _rewritten(file: Path, change: Callable[[Contents], None]) -> None:
    with zipfile.ZipFile(file) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    change(contents)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)


def _signed(contents: Contents, kind: str, line: dict[str, Any]) -> None:
    """Put another line in the place of a kind's, with the checksum that it needs."""
    content = f"{json.dumps(line)}\n".encode()
    manifest = json.loads(contents["manifest.json"])
    manifest["sha256"][kind] = hashlib.sha256(content).hexdigest()
    contents["manifest.json"] = json.dumps(manifest).encode()
    contents[f"{kind}.jsonl"] = content
