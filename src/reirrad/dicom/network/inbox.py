"""Received objects on disk: what was acknowledged is there, whatever happens next."""

import fcntl
import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from reirrad.core.identity_text import normal_text
from reirrad.dicom.network.header import ObjectHeader
from reirrad.errors import OutputError

__all__ = ["Inbox", "Kept", "opened_inbox"]

PATIENTS = "patients"
INCOMING = "incoming"
KEY_LENGTH = 16


class Kept(Enum):
    """What became of an object that was received."""

    NEW = "stored"
    AGAIN = "there already"
    SECOND = "stored beside another content of the same UID"


@dataclass(frozen=True, slots=True)
class Inbox:
    """A folder of received objects, one folder for each patient in it.

    Parameters
    ----------
    folder
        Where everything is.
    secret
        Makes patient keys that cannot be turned back into Patient IDs without it.
    """

    folder: Path
    secret: bytes = field(repr=False)
    _placing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def patient_key(self, patient_id: str) -> str:
        """Name of a patient's folder: the same for the same Patient ID, always."""
        wanted = normal_text(patient_id).encode()
        return hmac.new(self.secret, wanted, hashlib.sha256).hexdigest()[:KEY_LENGTH]

    def patient_keys(self) -> tuple[str, ...]:
        """Keys of all patients of whom something was received."""
        return tuple(sorted(path.name for path in (self.folder / PATIENTS).iterdir()))

    def patient_folder(self, key: str) -> Path:
        """Folder with the objects of one patient: study, series, object."""
        return self.folder / PATIENTS / key

    def fingerprint(self, key: str) -> str:
        """What changes when an object of this patient is added."""
        folder = self.patient_folder(key)
        names = sorted(
            f"{path.relative_to(folder).as_posix()} {path.stat().st_size}"
            for path in folder.rglob("*.dcm")
        )
        return hashlib.sha256("\n".join(names).encode()).hexdigest()

    def keep(self, content: bytes, header: ObjectHeader) -> Kept:
        """Store one object; when this returns, a failure of the power loses nothing.

        Another content under a UID that is there already is stored beside the first:
        which of them is right is for a person to say, and until then no assessment of
        this patient is made.

        Parameters
        ----------
        content
            The whole file.
        header
            Its own identity, with a Patient ID.

        Raises
        ------
        OSError
            If it could not be stored; nothing of it is left.
        """
        key = self.patient_key(header.patient_id)
        series = self.patient_folder(key) / header.study_uid / header.series_uid
        fresh = self.folder / INCOMING / secrets.token_hex(16)
        try:
            _write_through(fresh, content)
            with self._placing:
                return _placed(fresh, content, series, header.sop_instance_uid)
        finally:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)


@contextmanager
def opened_inbox(folder: Path) -> Iterator[Inbox]:
    """Prepare a folder for received objects, and keep others from using it.

    What an earlier node left half written is removed: it was never acknowledged.

    Raises
    ------
    OutputError
        If the folder cannot be used, or another node uses it.
    """
    try:
        for part in (folder, folder / PATIENTS, folder / INCOMING):
            part.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "lock").open("w")
    except OSError as error:
        msg = (
            f"{folder}: received objects cannot be stored there ({error.strerror}). "
            f"Allow it, or choose another folder with --store."
        )
        raise OutputError(msg) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            msg = (
                f"{folder}: another `reirrad receive` stores into this folder. Stop "
                f"it, or choose another folder with --store."
            )
            raise OutputError(msg) from error
        for left in (folder / INCOMING).iterdir():
            left.unlink()
        yield Inbox(folder, _secret(folder / "key"))


def _secret(file: Path) -> bytes:
    """The secret of an inbox, made when it is first used."""
    if not file.exists():
        fresh = file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        _write_through(fresh, secrets.token_bytes(32))
        fresh.rename(file)
        _settle(file.parent)
    return file.read_bytes()


def _placed(fresh: Path, content: bytes, series: Path, uid: str) -> Kept:
    """Move a written file to its place, where nothing else of the same UID stands."""
    _make_durable(series)
    digest = hashlib.sha256(content).hexdigest()[:KEY_LENGTH]
    first, second = series / f"{uid}.dcm", series / f"{uid}.{digest}.dcm"
    if second.exists() or (first.exists() and first.read_bytes() == content):
        return Kept.AGAIN
    target, kept = (second, Kept.SECOND) if first.exists() else (first, Kept.NEW)
    fresh.rename(target)
    _settle(series)
    return kept


def _write_through(file: Path, content: bytes) -> None:
    """Write a file that only its owner can read, down to the disk."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(file, flags, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _make_durable(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_durable(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o700)
    _settle(folder.parent)


def _settle(folder: Path) -> None:
    """Bring the entries of a folder down to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
