"""Zips, read member by member; nothing is unpacked to disk.

What a zip claims about itself is not believed further than it can be checked: sizes are
claims, names may lead anywhere, and a few bytes may unpack to more than any memory
holds (``docs/decisions/0026-hostile-input.md``).
"""

import lzma
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

__all__ = ["MOST_BYTES", "member_opened", "members", "unpacks_to_too_much"]

# A planning CT is 0.3 GB, a 4D one 3 GB; what is larger is no object.
MOST_BYTES: Final = 4 * 2**30
# Images and doses pack to a half or a tenth; a grid of zeros alone to a thousandth.
BOMB_BYTES: Final = 2**28
BOMB_RATIO: Final = 100
READ_HERE: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
UNREADABLE: Final = (
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def unpacks_to_too_much(packed: int, unpacked: int) -> bool:
    """Whether a size in bytes is that of no export, or of one made to fill memory."""
    if unpacked > MOST_BYTES:
        return True
    return unpacked > BOMB_BYTES and unpacked > BOMB_RATIO * packed


def members(file: Path) -> tuple[str, ...]:
    """Names of the members of a zip, sorted; a name that occurs twice is given twice.

    Raises
    ------
    OSError
        If the file is no zip, is damaged, or unpacks to far more than it holds.
    """
    with _reported():
        archive = _archive(file)
        # A damaged name may be empty, which `is_dir` cannot bear.
        found = [one for one in archive.infolist() if not one.filename.endswith("/")]
        size = file.stat().st_size
        total = sum(info.file_size for info in found)
        if total > BOMB_BYTES and total > BOMB_RATIO * size:
            msg = f"{size} bytes unpack to {total}"
            raise OSError(msg)
        names = Counter(info.filename for info in found)
        return tuple(sorted(names.elements()))


@contextmanager
def member_opened(file: Path, member: str) -> Iterator[tuple[IO[bytes], int]]:
    """A member of a zip as a stream, and its size in bytes.

    Raises
    ------
    OSError
        If it is not there, is encrypted, damaged, packed in an unusual way, or unpacks
        to more than an object can have.
    """
    with _reported():
        archive = _archive(file)
        info = archive.getinfo(member)
        if info.compress_type not in READ_HERE:
            msg = f"packed with method {info.compress_type}"
            raise OSError(msg)
        if unpacks_to_too_much(info.compress_size, info.file_size):
            msg = f"{info.compress_size} bytes unpack to {info.file_size}"
            raise OSError(msg)
        with archive.open(info) as stream:
            yield stream, info.file_size


def _archive(file: Path) -> zipfile.ZipFile:
    """The zip, kept open: its directory may be long, and is read once."""
    status = file.stat()
    return _kept_open(file, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=1)
def _kept_open(file: Path, size: int, modified_ns: int) -> zipfile.ZipFile:
    """The zip of this size and time; another one is opened anew."""
    del size, modified_ns
    return zipfile.ZipFile(file)


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        raise OSError(str(error)) from error
