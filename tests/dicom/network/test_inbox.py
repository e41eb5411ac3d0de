from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reirrad.dicom.network.header import ObjectHeader, is_uid
from reirrad.dicom.network.inbox import Inbox, Kept, opened_inbox
from reirrad.errors import OutputError

HEADER = ObjectHeader("1.1", "1.2.3", "1.4", "1.5", "CT", "P1")


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    with opened_inbox(tmp_path / "store") as one:
        yield one


def test_a_patient_has_one_key_however_the_identifier_is_written(inbox: Inbox) -> None:
    key = inbox.patient_key("Ab 1")

    assert inbox.patient_key(" ab  1 ") == key
    assert inbox.patient_key("Ab 2") != key
    assert key != "1"
    assert key.isalnum()


def test_the_key_stays_for_this_folder_and_differs_in_another(tmp_path: Path) -> None:
    keys = []
    for name in ("one", "one", "two"):
        with opened_inbox(tmp_path / name) as inbox:
            keys.append(inbox.patient_key("P1"))

    assert keys[0] == keys[1] != keys[2]


def test_contents_of_one_uid_are_told_apart(inbox: Inbox) -> None:
    fates = [inbox.keep(content, HEADER) for content in (b"a", b"a", b"b", b"b", b"a")]

    assert fates == [Kept.NEW, Kept.AGAIN, Kept.SECOND, Kept.AGAIN, Kept.AGAIN]
    folder = inbox.patient_folder(inbox.patient_key("P1")) / "1.4" / "1.5"
    assert sorted(file.read_bytes() for file in folder.iterdir()) == [b"a", b"b"]
    assert list((inbox.folder / "incoming").iterdir()) == []


def test_only_the_owner_can_read(inbox: Inbox) -> None:
    inbox.keep(b"a", HEADER)

    for path in inbox.folder.rglob("*"):
        if path.name != "lock":
            assert path.stat().st_mode & 0o077 == 0, path


def test_the_fingerprint_changes_with_each_object(inbox: Inbox) -> None:
    inbox.keep(b"a", HEADER)
    key = inbox.patient_key("P1")
    first = inbox.fingerprint(key)
    inbox.keep(b"a", HEADER)
    assert inbox.fingerprint(key) == first

    inbox.keep(b"a", replace(HEADER, sop_instance_uid="1.2.4"))
    assert inbox.fingerprint(key) != first
    assert inbox.patient_keys() == (key,)


def test_what_cannot_be_written_leaves_nothing(inbox: Inbox) -> None:
    series = inbox.patient_folder(inbox.patient_key("P1")) / "1.4" / "1.5"
    series.parent.mkdir(parents=True)
    series.write_bytes(b"a file where the series must go")

    with pytest.raises(OSError, match="xist"):
        inbox.keep(b"a", HEADER)
    assert list((inbox.folder / "incoming").iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").write_bytes(b"")

    with pytest.raises(OutputError, match="--store"), opened_inbox(tmp_path / "store"):
        pass


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("1.2.840", True),
        ("1" * 64, True),
        ("1" * 65, False),
        ("", False),
        (".", False),
        ("..", False),
        ("1..2", False),
        ("1/2", False),
        ("1.2\n", False),
        ("\u0661.\u0662", False),
    ],
)
def test_a_uid_has_digits_and_dots_alone(value: str, *, fits: bool) -> None:
    assert is_uid(value) is fits
