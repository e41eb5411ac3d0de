"""Where a file of an upload goes: never outside, never over another one."""

import re
import unicodedata
from pathlib import PurePosixPath

__all__ = ["StoredNames", "safe_path"]

LONGEST_PART_BYTES = 120
LONGEST_PATH_BYTES = 600
MOST_PARTS = 16
SAFE_SIGNS = frozenset(" ._-()+=,@#~[]{}&'^!")
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def safe_path(given: str) -> PurePosixPath | None:
    """A relative path that any system takes as it is.

    Parameters
    ----------
    given
        What a browser said; both kinds of slashes part folders.

    Returns
    -------
    PurePosixPath or None
        None where a part is empty, leads upwards, is reserved, is too long, or holds
        anything but letters, digits and a few signs.
    """
    parts = given.replace("\\", "/").split("/")
    if len(parts) > MOST_PARTS or not all(map(_is_safe, parts)):
        return None
    if len(given.encode()) > LONGEST_PATH_BYTES:
        return None
    return PurePosixPath(*parts)


def _is_safe(part: str) -> bool:
    if not part or part.startswith((".", " ")) or part.endswith((".", " ")):
        return False
    if RESERVED.fullmatch(part) or unicodedata.normalize("NFC", part) != part:
        return False
    if not all(_is_usual(letter) for letter in part):
        return False
    return len(part.encode()) <= LONGEST_PART_BYTES


def _is_usual(letter: str) -> bool:
    return letter in SAFE_SIGNS or unicodedata.category(letter)[0] in "LN"


class StoredNames:
    """Names of the files of one upload, each of them once, whatever was sent.

    A path that cannot be kept is replaced by a number; a zip is still called so.
    """

    def __init__(self) -> None:
        self._stored: dict[str, PurePosixPath] = {}
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def place(self, given: str) -> PurePosixPath:
        """Where the file goes: the same place for the same path."""
        known = self._stored.get(given)
        if known is not None:
            return known
        wanted = safe_path(given)
        if wanted is None or self._clashes(wanted):
            wanted = self._numbered(given)
        self._stored[given] = wanted
        self._files.add(_key(wanted))
        self._folders.update(_key(folder) for folder in wanted.parents)
        return wanted

    def _clashes(self, wanted: PurePosixPath) -> bool:
        if _key(wanted) in self._files or _key(wanted) in self._folders:
            return True
        return any(_key(folder) in self._files for folder in wanted.parents)

    def _numbered(self, given: str) -> PurePosixPath:
        ending = ".zip" if given.casefold().endswith(".zip") else ".dcm"
        number = len(self._stored) + 1
        while True:
            wanted = PurePosixPath(f"file-{number:06d}{ending}")
            if not self._clashes(wanted):
                return wanted
            number += 1


def _key(path: PurePosixPath) -> str:
    """What names that some systems take for one have in common."""
    return unicodedata.normalize("NFKD", str(path)).casefold()
