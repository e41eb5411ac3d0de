"""Uploads under way: files that are written whole, within bounds, or not at all."""

import asyncio
import os
import secrets
import shutil
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from reirrad.web.configuration import Bounds
from reirrad.web.problems import RefusedError
from reirrad.web.safe_paths import StoredNames

__all__ = ["Upload", "Uploads"]

PIECE_BYTES = 2**20
UNKNOWN = (
    "This upload is not known any more: it was finished or given up, took too long, or "
    "the server was started again meanwhile. Send the files again."
)


@dataclass(slots=True)
class Upload:
    """Files that somebody sends, and how much there is of them."""

    id: str
    by: str
    folder: Path
    started_s: float
    touched_s: float
    names: StoredNames = field(default_factory=StoredNames)
    sizes: dict[PurePosixPath, int] = field(default_factory=dict)
    arriving_files: int = 0
    arriving_bytes: int = 0
    copying: bool = False
    finishing: bool = False

    @property
    def busy(self) -> bool:
        """Whether files of it are being written or becoming a case."""
        return self.copying or self.finishing or self.arriving_files > 0

    @property
    def received_bytes(self) -> int:
        """Bytes of the files that are there, and of those on their way."""
        return sum(self.sizes.values()) + self.arriving_bytes

    @property
    def files(self) -> Path:
        """Folder of the whole files."""
        return self.folder / "files"


class Uploads:
    """All uploads under way; the files of those given up are removed."""

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self._folder = folder
        self._bounds = bounds
        self._uploads: dict[str, Upload] = {}
        self._changing = threading.Lock()

    def start(self, by: str, *, copying: bool = False) -> Upload:
        """A new upload.

        Parameters
        ----------
        by
            Whose it is.
        copying
            Whether the server itself copies the files; for that it has all the time.

        Raises
        ------
        RefusedError
            If there are too many already.
        """
        self.give_up_old()
        now = time.monotonic()
        with self._changing:
            if len(self._uploads) >= self._bounds.open_uploads:
                raise RefusedError(
                    429,
                    f"{len(self._uploads)} uploads are under way, which is the most "
                    f"this server takes. Try again when one is finished.",
                    retry_after_s=30,
                )
            name = secrets.token_hex(16)
            folder = self._folder / name
            upload = Upload(name, by, folder, now, now, copying=copying)
            upload.files.mkdir(parents=True, mode=0o700)
            (upload.folder / "parts").mkdir(mode=0o700)
            self._uploads[name] = upload
        return upload

    def find(self, upload_id: str, by: str) -> Upload:
        """An upload of this person.

        Raises
        ------
        RefusedError
            If there is none.
        """
        self.give_up_old()
        upload = self._uploads.get(upload_id)
        if upload is None or upload.by != by or upload.finishing:
            raise RefusedError(404, UNKNOWN)
        upload.touched_s = time.monotonic()
        return upload

    def give_up(self, upload: Upload) -> None:
        """Remove an upload and its files."""
        with self._changing:
            self._uploads.pop(upload.id, None)
        shutil.rmtree(upload.folder, ignore_errors=True)

    def give_up_old(self) -> None:
        """Remove uploads that nobody goes on with; never one that is being written."""
        now = time.monotonic()
        with self._changing:
            old = [
                one
                for one in self._uploads.values()
                if not one.busy
                and (
                    now - one.touched_s > self._bounds.upload_idle_s
                    or now - one.started_s > self._bounds.upload_s
                )
            ]
            for upload in old:
                del self._uploads[upload.id]
        for upload in old:
            shutil.rmtree(upload.folder, ignore_errors=True)

    async def take(
        self, upload: Upload, given: str, pieces: AsyncIterator[bytes]
    ) -> int:
        """Write one file; it is there when all of it has come.

        Parameters
        ----------
        upload
            Where it belongs.
        given
            Path as the browser says it.
        pieces
            Its content.

        Returns
        -------
        int
            Its size in bytes.

        Raises
        ------
        RefusedError
            If there are too many files or bytes.
        """
        part = upload.folder / "parts" / secrets.token_hex(16)
        size = 0
        with self._changing:
            self._require_open(upload)
            upload.arriving_files += 1
        try:
            with part.open("wb") as file:
                async for piece in _gathered(pieces):
                    size += len(piece)
                    upload.arriving_bytes += len(piece)
                    self._check(upload, size)
                    await asyncio.to_thread(file.write, piece)
            self._place(upload, given, part, size)
        finally:
            upload.arriving_files -= 1
            upload.arriving_bytes -= size
            part.unlink(missing_ok=True)
        return size

    def _check(self, upload: Upload, size: int) -> None:
        bounds = self._bounds
        if time.monotonic() - upload.started_s > bounds.upload_s:
            raise RefusedError(404, UNKNOWN)
        if size > bounds.file_bytes:
            raise RefusedError(
                413,
                f"This file is larger than {_shown(bounds.file_bytes)}, which no "
                f"DICOM export needs. Leave it out, or split the zip.",
            )
        if upload.received_bytes > bounds.upload_bytes:
            raise RefusedError(
                413,
                f"The upload is larger than {_shown(bounds.upload_bytes)}. Choose the "
                f"folders of the courses that are to be assessed.",
            )

    def _place(self, upload: Upload, given: str, part: Path, size: int) -> None:
        with self._changing:
            self._require_open(upload)
            stored = upload.names.place(given)
            if (
                stored not in upload.sizes
                and len(upload.sizes) >= self._bounds.upload_files
            ):
                raise RefusedError(
                    413,
                    f"The upload has more than {self._bounds.upload_files} files. "
                    f"Choose the folders of the courses that are to be assessed.",
                )
            target = upload.files / stored
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.replace(target)
            upload.sizes[stored] = size
            upload.touched_s = time.monotonic()

    def close(self, upload: Upload) -> None:
        """Take no more files: the upload is about to become a case.

        Raises
        ------
        RefusedError
            If nothing was sent, a file is still on its way, or the files on the disk
            are not those that came.
        """
        with self._changing:
            self._require_open(upload)
            if upload.arriving_files:
                raise RefusedError(
                    409, "A file of this upload is still on its way. Wait for it."
                )
            if not upload.sizes:
                raise RefusedError(
                    409, "No file was sent. Choose a folder or a zip with DICOM."
                )
            upload.finishing = True
        if hasattr(os, "sync"):
            os.sync()
        try:
            _require_whole(upload)
        except RefusedError:
            self.reopen(upload)
            raise

    def reopen(self, upload: Upload) -> None:
        """The upload could not become a case: it may be finished again."""
        upload.touched_s = time.monotonic()
        upload.finishing = False

    def _require_open(self, upload: Upload) -> None:
        if upload.finishing or upload.id not in self._uploads:
            raise RefusedError(404, UNKNOWN)


def _require_whole(upload: Upload) -> None:
    """Compare the disk with what came: a case with a part of a patient is none."""
    there = {
        PurePosixPath(file.relative_to(upload.files).as_posix()): file.stat().st_size
        for file in upload.files.rglob("*")
        if file.is_file()
    }
    if there == upload.sizes:
        return
    whole = len(there.items() & upload.sizes.items())
    raise RefusedError(
        409,
        f"Of {len(upload.sizes)} files, {whole} are on the server's disk as they came "
        f"({len(there)} are there in all), so that no case was made. Files that are "
        f"still being written cannot be taken: wait for them, then bring the folder in "
        f"again.",
    )


async def _gathered(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in fewer pieces."""
    waiting = bytearray()
    async for piece in pieces:
        waiting += piece
        if len(waiting) >= PIECE_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _shown(size_bytes: int) -> str:
    if size_bytes >= 2**30:
        return f"{size_bytes / 2**30:g} GiB"
    return f"{size_bytes / 2**20:g} MiB"
