"""A key is made once, read again, and nobody else's."""

import stat
from pathlib import Path

import pytest

from reirrad.errors import InputError, OutputError
from reirrad.workflows.pseudonym_key import (
    existing_key,
    lasting_key,
    new_key,
    write_key,
)


def test_a_key_is_read_as_it_was_written(tmp_path: Path) -> None:
    key = new_key()
    write_key(tmp_path / "key", key)

    assert len(key) == 32
    assert existing_key(tmp_path / "key") == key
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_two_keys_differ() -> None:
    assert new_key() != new_key()


def test_no_file_is_no_key(tmp_path: Path) -> None:
    assert existing_key(tmp_path / "key") is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_a_key_that_others_may_use_is_refused(mode: int, tmp_path: Path) -> None:
    write_key(tmp_path / "key", new_key())
    (tmp_path / "key").chmod(mode)
    with pytest.raises(InputError, match=r"key: others than you .*chmod 600"):
        existing_key(tmp_path / "key")


@pytest.mark.parametrize("content", ["", "00" * 31, "00" * 33, "secret", "é" * 64])
def test_what_is_no_key_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(content, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(InputError, match="key: a key file holds 64 hexadecimal digits"):
        existing_key(file)


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir(mode=0o700)
    with pytest.raises(InputError, match="key file holds"):
        existing_key(tmp_path / "key")


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    write_key(tmp_path / "key", bytes(32))
    with pytest.raises(OutputError, match=r"key: the key cannot be written .*exists"):
        write_key(tmp_path / "key", new_key())

    assert existing_key(tmp_path / "key") == bytes(32)


def test_a_key_in_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written there"):
        write_key(tmp_path / "nowhere" / "key", bytes(32))


def test_a_lasting_key_is_made_once(tmp_path: Path) -> None:
    key = lasting_key(tmp_path / "key")
    assert lasting_key(tmp_path / "key") == key
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
