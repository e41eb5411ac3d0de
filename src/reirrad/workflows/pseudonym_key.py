"""The secret by which later courses of a patient get the same pseudonym."""

import os
import secrets
from pathlib import Path

from reirrad.errors import InputError, OutputError

__all__ = ["KEY_BYTES", "existing_key", "lasting_key", "new_key", "write_key"]

KEY_BYTES = 32
OTHERS = 0o077


def new_key() -> bytes:
    """A random key."""
    return secrets.token_bytes(KEY_BYTES)


def existing_key(file: Path) -> bytes | None:
    """The key in a file, or None where there is no file yet.

    Raises
    ------
    InputError
        If others may read the file, or it holds anything but a key.
    """
    if not file.exists():
        return None
    try:
        if os.name == "posix" and file.stat().st_mode & OTHERS:
            msg = (
                f"{file}: others than you may read or change this key, with which "
                f"pseudonyms can be traced to patients. Take their rights away "
                f"(chmod 600) or use another key."
            )
            raise InputError(msg)
        key = bytes.fromhex(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        msg = (
            f"{file}: a key file holds {2 * KEY_BYTES} hexadecimal digits, and this "
            f"one does not. Give a key that reirrad made, or the name of a file that "
            f"does not exist yet."
        )
        raise InputError(msg)
    return key


def write_key(file: Path, key: bytes) -> None:
    """Write a key for the eyes of its owner alone.

    Raises
    ------
    OutputError
        If the file is there already, or cannot be written.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(f"{key.hex()}\n")
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        msg = (
            f"{file}: the key cannot be written there ({reason}). Choose another file "
            f"with --key."
        )
        raise OutputError(msg) from error


def lasting_key(file: Path) -> bytes:
    """The key in a file, which is made where it is not there yet.

    Raises
    ------
    InputError
        If others may read the file, or it holds anything but a key.
    OutputError
        If it cannot be written.
    """
    key = existing_key(file)
    if key is None:
        key = new_key()
        write_key(file, key)
    return key
