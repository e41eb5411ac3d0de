import io
import zipfile
from pathlib import Path

import pytest

from reirrad.dicom.archives import (
    BOMB_BYTES,
    BOMB_RATIO,
    MOST_BYTES,
    member_opened,
    members,
    unpacks_to_too_much,
)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("b/two.dcm", b"2" * 10)
        target.writestr("a/", b"")
        target.writestr("a/one.dcm", b"1" * 10)
    return path


def test_members_are_files_in_sorted_order(archive: Path) -> None:
    assert members(archive) == ("a/one.dcm", "b/two.dcm")


def test_a_member_is_read_with_its_size(archive: Path) -> None:
    with member_opened(archive, "b/two.dcm") as (stream, size):
        assert (stream.read(), size) == (b"2" * 10, 10)


def test_a_member_that_is_not_there_is_an_error(archive: Path) -> None:
    with (
        pytest.raises(OSError, match="no item named"),
        member_opened(archive, "c.dcm") as _,
    ):
        pass


def test_an_archive_that_was_replaced_is_read_anew(archive: Path) -> None:
    assert len(members(archive)) == 2
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("three.dcm", b"3")
    assert members(archive) == ("three.dcm",)
    archive.unlink()
    with pytest.raises(OSError, match="No such file"):
        members(archive)


def test_a_name_that_occurs_twice_is_given_twice(tmp_path: Path) -> None:
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("x", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            target.writestr("x", b"2")
    assert members(path) == ("x", "x")


def test_a_member_without_a_name_is_a_member(tmp_path: Path) -> None:
    path = tmp_path / "nameless.zip"
    with zipfile.ZipFile(path, "w") as target:
        info = zipfile.ZipInfo("x")
        info.filename = ""
        target.writestr(info, b"text")
    assert members(path) == ("",)


def test_bytes_that_are_no_zip_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(io.BytesIO(b"text").getvalue())
    with pytest.raises(OSError, match="not a zip"):
        members(path)


@pytest.mark.parametrize(
    ("packed", "unpacked", "too_much"),
    [
        (1, BOMB_BYTES, False),
        (1, BOMB_BYTES + 1, True),
        (BOMB_BYTES // BOMB_RATIO + 1, BOMB_BYTES + 1, False),
        (MOST_BYTES, MOST_BYTES, False),
        (MOST_BYTES, MOST_BYTES + 1, True),
    ],
)
def test_what_unpacks_to_too_much(
    packed: int, unpacked: int, *, too_much: bool
) -> None:
    assert unpacks_to_too_much(packed, unpacked) is too_much
