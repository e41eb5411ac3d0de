from contextlib import closing
from pathlib import Path

import pytest

from reirrad.core.cohort.clinical_records import FollowUp, Patient
from reirrad.core.cohort.pseudonyms import pseudonym_of
from reirrad.errors import InputError, OutputError, StoreError
from reirrad.store.database import Store
from reirrad.store.registry import put_records, read_cohort
from reirrad.workflows.cohort_keeping import (
    back_up,
    changes_of,
    pseudonyms,
    remove_patient,
    restore,
)
from reirrad.workflows.pseudonym_key import existing_key, new_key, write_key
from reirrad.workflows.registry_key import RegistryKey


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A registry of two patients."""
    address = f"sqlite:///{tmp_path / 'registry.sqlite'}"
    records = [
        Patient(patient="P1", sex="female"),
        FollowUp(patient="P1"),
        Patient(patient="P2"),
    ]
    with closing(Store.open(address)) as store:
        put_records(store, records, who="anna", reason="import")
    return address


def test_a_backup_is_restored(url: str, tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "backup.zip"
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    counts = back_up(url, file)
    assert restore(other, file, who="paul") == counts
    assert {name: n for name, n in counts.items() if n} == {
        "patient": 2,
        "followup": 1,
        "change": 3,
    }
    assert changes_of(other, None) == changes_of(url, None)


def test_no_backup_is_overwritten(url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    file.write_text("something else")
    with pytest.raises(OutputError, match="Give a new name"):
        back_up(url, file)
    assert file.read_text() == "something else"


def test_a_registry_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such database"):
        back_up(f"sqlite:///{tmp_path / 'none.sqlite'}", tmp_path / "backup.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made(url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        back_up(url, tmp_path / "file" / "backup.zip")


def test_a_patient_is_removed(url: str) -> None:
    assert remove_patient(url, "P1", who="paul", reason="withdrawn") == 2
    with closing(Store.existing(url)) as store:
        assert [one.patient for one in read_cohort(store).patient] == ["P2"]
    kept = changes_of(url, "P1")
    assert [one.action for one in kept] == ["added", "added", "removed", "removed"]
    assert {one.reason for one in kept[2:]} == {"withdrawn"}


def test_a_patient_who_is_not_there(url: str) -> None:
    with pytest.raises(InputError, match="no such patient"):
        remove_patient(url, "P3", who="paul", reason="mistake")
    with pytest.raises(InputError, match="no such patient"):
        changes_of(url, "P3")


def test_pseudonyms_are_the_same_the_next_time(url: str, tmp_path: Path) -> None:
    file = tmp_path / "cohort.key"
    first = pseudonyms(["4711", "4712"], file, url)
    assert pseudonyms([" 4712"], file, url) == first[1:]
    key = existing_key(file)
    assert key is not None
    assert first[0] == pseudonym_of("4711", key)


@pytest.mark.parametrize("ids", [[], ["4711", " "]])
def test_an_empty_patient_id(ids: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Patient ID is empty"):
        pseudonyms(ids, tmp_path / "cohort.key", "sqlite:///none.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_restore_leaves_no_database(tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    file.write_bytes(b"no zip")
    for name in (file, tmp_path / "none.zip"):
        with pytest.raises(StoreError):
            restore(f"sqlite:///{tmp_path / 'new.sqlite'}", name, who="paul")
    assert list(tmp_path.iterdir()) == [file]


def test_a_registry_keeps_its_key(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path / 'new.sqlite'}", tmp_path / "cohort.key"
    key = RegistryKey(file, url)
    key.pseudonym("4711")
    with closing(Store.open(url)) as store:
        key.keep(store, who="anna")
    back_up(url, tmp_path / "backup.zip")
    restored = f"sqlite:///{tmp_path / 'restored.sqlite'}"
    restore(restored, tmp_path / "backup.zip", who="anna")

    assert pseudonyms(["4711"], file, restored) == [key.pseudonym("4711")]
    write_key(tmp_path / "other.key", new_key())
    for name in ("none.key", "other.key"):
        with pytest.raises(InputError, match=name):
            pseudonyms(["4711"], tmp_path / name, restored)
    assert not (tmp_path / "none.key").exists()
