import os
import zipfile
from pathlib import Path

import pytest

from reirrad.dicom.files import FileEntry, PathFault, entries, shown


@pytest.fixture
def kept(tmp_path: Path) -> tuple[FileEntry, FileEntry]:
    """A file of ten bytes, and the same as a member of a zip."""
    file = tmp_path / "ten.bin"
    file.write_bytes(b"0123456789")
    archive = tmp_path / "ten.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.write(file, "inner/ten.bin")
    return FileEntry("ten.bin", file), FileEntry("ten.zip!", archive, "inner/ten.bin")


def test_a_part_is_read_from_a_file_and_from_a_zip(
    kept: tuple[FileEntry, FileEntry],
) -> None:
    for entry in kept:
        assert entry.read_bytes() == b"0123456789"
        assert entry.read_part(3, 4) == b"3456"
        assert entry.read_part(10, 0) == b""


def test_a_part_that_is_no_longer_there_is_an_error(
    kept: tuple[FileEntry, FileEntry],
) -> None:
    for entry in kept:
        with pytest.raises(OSError, match="has become shorter"):
            entry.read_part(8, 3)
    kept[0].file.unlink()
    with pytest.raises(FileNotFoundError):
        kept[0].read_part(0, 1)


def test_a_file_that_is_reached_by_a_link_too_is_given_once(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "one.dcm").write_bytes(b"one")
    (folder / "two.dcm").symlink_to(folder / "one.dcm")
    (tmp_path / "again").symlink_to(folder)
    paths = [folder, tmp_path / "again", folder / "one.dcm"]
    assert [one.path for one in entries(paths)] == [f"{folder.as_posix()}/one.dcm"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/Löwe 1.dcm", "a/Löwe 1.dcm"),
        ("a\nb", r"a\nb"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\udcff", r"\udcff"),
        ("\u202egnp", r"\u202egnp"),
    ],
)
def test_what_cannot_be_printed_in_a_path_is_spelt_out(
    path: str, expected: str
) -> None:
    assert shown(path) == expected


def test_a_pipe_is_a_fault_that_refuses_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (fault,) = entries([tmp_path])
    assert isinstance(fault, PathFault)
    assert fault.status == "ignored"


def test_what_is_added_after_opening_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "grows"
    file.write_bytes(b"0123")
    with FileEntry("grows", file).opened() as opened:
        with file.open("ab") as stream:
            stream.write(b"more")
        assert opened.read_all() == b"0123"
