"""Walking through folders and archives without unpacking anything to disk."""

import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

__all__ = ["FileEntry", "PathFault", "entries"]

# A planning CT is 0.3 GB, a 4D one 3 GB; a member that unpacks to more is no object.
LARGEST_MEMBER_BYTES = 4 * 2**30
UNREADABLE = (
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file on disk, or a member of a zip.

    Parameters
    ----------
    path
        As the user can find it; a zip member is "export.zip!/inner/path".
    file
        The file on disk: the object's own, or the archive.
    member
        Name inside the archive, or None.
    """

    path: str
    file: Path
    member: str | None = None

    def read_bytes(self) -> bytes:
        """The whole content.

        Raises
        ------
        OSError
            If it cannot be read; so are faults of an archive reported.
        """
        try:
            if self.member is None:
                return self.file.read_bytes()
            with zipfile.ZipFile(self.file) as archive:
                return _member_bytes(archive, self.member)
        except (KeyError, *UNREADABLE) as error:
            raise OSError(str(error)) from error

    def read_part(self, position: int, length: int) -> bytes:
        """Some of its bytes.

        Raises
        ------
        OSError
            If they cannot be read, or are no longer there.
        """
        if self.member is not None:
            part = self.read_bytes()[position : position + length]
        else:
            with self.file.open("rb") as stream:
                stream.seek(position)
                part = stream.read(length)
        if len(part) < length:
            msg = f"{self.path} has become shorter"
            raise OSError(msg)
        return part


@dataclass(frozen=True, slots=True)
class PathFault:
    """A path that could not be walked, with the sentence that says why."""

    path: str
    message: str


def entries(paths: Iterable[Path]) -> Iterator[FileEntry | PathFault]:
    """Every file below the given paths, in sorted order, each file once.

    Folders are searched recursively and zips are looked into; links to folders are not
    followed, so that a loop of links ends.
    """
    seen: set[Path] = set()
    for given in paths:
        if not given.exists():
            yield PathFault(
                given.as_posix(),
                f"{given.as_posix()}: no such file or folder. Check the path.",
            )
        for file, resolved in _files(given):
            if resolved not in seen:
                seen.add(resolved)
                yield from _opened(file)


def _member_bytes(archive: zipfile.ZipFile, member: str) -> bytes:
    if archive.getinfo(member).file_size > LARGEST_MEMBER_BYTES:
        msg = f"{member} unpacks to more than {LARGEST_MEMBER_BYTES} bytes"
        raise OSError(msg)
    return archive.read(member)


def _files(given: Path) -> Iterator[tuple[Path, Path]]:
    """Every file as it was given, and where it really is."""
    if given.is_file():
        yield given, given.resolve()
    for folder, subfolders, names in os.walk(given):
        subfolders.sort()
        real = Path(folder).resolve()
        for name in sorted(names):
            file = Path(folder, name)
            yield file, file.resolve() if file.is_symlink() else real / name


def _opened(file: Path) -> Iterator[FileEntry | PathFault]:
    """The file itself, or the members of a zip."""
    if file.suffix.lower() != ".zip":
        yield FileEntry(file.as_posix(), file)
        return
    try:
        with zipfile.ZipFile(file) as archive:
            members = sorted(
                info.filename for info in archive.infolist() if not info.is_dir()
            )
    except UNREADABLE:
        yield PathFault(
            file.as_posix(),
            f"{file.as_posix()}: this zip cannot be opened; it is damaged or not a "
            f"zip. Export or copy it again, or unpack it and give the folder.",
        )
        return
    for member in members:
        inner = PurePosixPath(member.replace("\\", "/")).as_posix()
        yield FileEntry(f"{file.as_posix()}!/{inner}", file, member)
