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
    finishing: bool = False

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

    def start(self, by: str) -> Upload:
        """A new upload.

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
            upload = Upload(name, by, self._folder / name, now, now)
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
        """Remove uploads that nobody goes on with."""
        now = time.monotonic()
        for upload in list(self._uploads.values()):
            idle = now - upload.touched_s > self._bounds.upload_idle_s
            if idle or now - upload.started_s > self._bounds.upload_s:
                self.give_up(upload)

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
            if upload.finishing:
                raise RefusedError(404, UNKNOWN)
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
            If nothing was sent, or a file is still on its way.
        """
        with self._changing:
            if upload.finishing:
                raise RefusedError(404, UNKNOWN)
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

    def reopen(self, upload: Upload) -> None:
        """The upload could not become a case: it may be finished again."""
        upload.finishing = False


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
