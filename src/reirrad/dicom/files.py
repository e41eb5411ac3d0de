"""Walking through folders and archives without unpacking anything to disk."""

import hashlib
import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Literal, NamedTuple

from reirrad.dicom.archives import MOST_BYTES, member_opened, members

__all__ = ["FileEntry", "OpenFile", "PathFault", "entries", "shown"]

PART_BYTES = 2**20
IN_ARCHIVE = ".zip!/"

FaultStatus = Literal["ignored", "refused"]

# Control characters, formats such as a change of direction, broken bytes, line ends.
UNPRINTABLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


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

    @contextmanager
    def opened(self) -> Iterator["OpenFile"]:
        """Its content, to be read.

        Raises
        ------
        OSError
            If it cannot be read; so are faults of an archive reported.
        """
        if self.member is not None:
            with member_opened(self.file, self.member) as (stream, size):
                yield OpenFile(stream, size)
        else:
            with self.file.open("rb") as stream:
                yield OpenFile(stream, os.fstat(stream.fileno()).st_size)

    def read_bytes(self) -> bytes:
        """The whole content.

        Raises
        ------
        OSError
            If it cannot be read, or is larger than any object.
        """
        with self.opened() as opened:
            return opened.read_all()

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


class OpenFile(NamedTuple):
    """A stream, and how many bytes there were when it was opened."""

    stream: IO[bytes]
    size_bytes: int

    def read_all(self) -> bytes:
        """Everything from its begin; what is added meanwhile is left out.

        Raises
        ------
        OSError
            If it is larger than any object.
        """
        if self.size_bytes > MOST_BYTES:
            msg = f"more than {MOST_BYTES} bytes"
            raise OSError(msg)
        self.stream.seek(0)
        return self.stream.read(self.size_bytes)

    def sha256(self) -> str:
        """Of everything, without keeping it; empty where that is too much to read."""
        if self.size_bytes > MOST_BYTES:
            return ""
        self.stream.seek(0)
        digest = hashlib.sha256()
        while part := self.stream.read(PART_BYTES):
            digest.update(part)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class PathFault:
    """A path that could not be walked, with the sentence that says why.

    It is ignored where it can hold no object, as a pipe, else refused.
    """

    path: str
    message: str
    status: FaultStatus = "refused"


def shown(path: str) -> str:
    """A path that can be printed: control characters and broken bytes are spelt out.

    Two paths that differ are shown differently.
    """
    if path.isprintable():
        return path
    return "".join(
        letter.encode("unicode_escape").decode("ascii")
        if unicodedata.category(letter) in UNPRINTABLE
        else letter
        for letter in path
    )


def entries(paths: Iterable[Path]) -> Iterator[FileEntry | PathFault]:
    """Every file below the given paths, in sorted order, each file once.

    Folders are searched recursively and zips are looked into; links to folders are not
    followed, so that a loop of links ends. A member of a zip may be given by its path,
    "export.zip!/inner/path".
    """
    seen: set[tuple[str, str]] = set()
    folders: dict[Path, str] = {}
    for given in paths:
        archive = _archive_of(given)
        if archive is not None:
            wanted = shown(given.as_posix())
            yield from (one for one in _opened(archive) if one.path == wanted)
            continue
        for file in _files(given):
            if isinstance(file, PathFault):
                yield file
                continue
            real = _real_path(file, folders)
            if real not in seen:
                seen.add(real)
                yield from _opened(file)


def _real_path(file: Path, folders: dict[Path, str]) -> tuple[str, str]:
    """Folder without links, found once for all its files, and name of a file."""
    if file.name in {"", ".."} or file.is_symlink():
        return os.path.split(os.path.realpath(file))
    folder = file.parent
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    return folders[folder], file.name


def _archive_of(given: Path) -> Path | None:
    """The zip of which a path names a member, or None."""
    before, mark, _ = given.as_posix().partition(IN_ARCHIVE)
    if not mark or given.exists():
        return None
    return Path(before + IN_ARCHIVE[:-2])


def _files(given: Path) -> Iterator[Path | PathFault]:
    """Every file as it was given."""
    try:
        is_folder = stat.S_ISDIR(given.stat().st_mode)
    except FileNotFoundError:
        yield _fault(given, "no such file or folder. Check the path.")
        return
    except (OSError, ValueError) as error:
        yield _fault(given, _unreachable(error))
        return
    if not is_folder:
        yield given
        return
    faults: list[OSError] = []
    for folder, subfolders, names in os.walk(given, onerror=faults.append):
        subfolders.sort()
        for name in sorted(names):
            yield Path(folder, name)
        yield from (_fault(Path(one.filename), _unreachable(one)) for one in faults)
        faults.clear()
    yield from (_fault(Path(one.filename), _unreachable(one)) for one in faults)


def _fault(path: Path, reason: str, status: FaultStatus = "refused") -> PathFault:
    name = shown(path.as_posix())
    return PathFault(name, f"{name}: {reason}", status)


def _unreachable(error: OSError | ValueError) -> str:
    reason = getattr(error, "strerror", None) or "no path"
    return f"cannot be searched ({reason.lower()}). Check the path and the permissions."


def _opened(file: Path) -> Iterator[FileEntry | PathFault]:
    """The file itself, or the members of a zip."""
    try:
        mode = file.stat().st_mode
    except OSError as error:
        yield _fault(file, _unreachable(error))
        return
    if not stat.S_ISREG(mode):
        yield _fault(file, "a pipe, socket or device; it holds no object.", "ignored")
        return
    path = shown(file.as_posix())
    if file.suffix.lower() != ".zip":
        yield FileEntry(path, file)
        return
    try:
        names = members(file)
    except OSError as error:
        yield _fault(
            file,
            f"this zip cannot be opened; it is damaged or not a zip "
            f"({shown(str(error))}). Export "
            f"or copy it again, or unpack it and give the folder.",
        )
        return
    inner = {name: PurePosixPath(name.replace("\\", "/")).as_posix() for name in names}
    count = Counter(inner[name] for name in names)
    for name in dict.fromkeys(names):
        member = f"{path}!/{shown(inner[name])}"
        if count[inner[name]] > 1:
            reason = f"{member}: is more than once in this zip, so that one of them"
            message = f"{reason} would be lost. Unpack it and give the folder."
            yield PathFault(member, message)
        else:
            yield FileEntry(member, file, name)
