"""Folders of the server from which cases may be taken, and nothing outside them."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from reirrad.web.configuration import Bounds
from reirrad.web.problems import RefusedError
from reirrad.web.uploads import Upload

__all__ = ["copied", "found_below"]


def found_below(given: str, folders: Sequence[Path]) -> Path:
    """The real path of a folder or zip, if it lies in one of the import folders.

    Parameters
    ----------
    given
        Absolute path, or one relative to an import folder.
    folders
        The import folders.

    Raises
    ------
    RefusedError
        If there is none, without telling what lies elsewhere.
    """
    if "\0" not in given:
        for folder in folders:
            try:
                found = (folder / given).resolve(strict=True)
            except (OSError, RuntimeError):
                continue
            if found.is_relative_to(folder.resolve()):
                return found
    allowed = (
        ", ".join(map(str, folders)) or "none; start the server with --import-from"
    )
    raise RefusedError(
        409,
        f"There is no such folder or zip in the import folders of this server "
        f"({allowed}).",
    )


def copied(source: Path, upload: Upload, bounds: Bounds) -> None:
    """Copy a folder or file into an upload; links are left out.

    Raises
    ------
    RefusedError
        If there are too many files or bytes.
    """
    for file in _files(source):
        size = file.stat().st_size
        whole = upload.received_bytes + size
        if len(upload.sizes) >= bounds.upload_files or whole > bounds.upload_bytes:
            raise RefusedError(
                413,
                f"The folder has more than {bounds.upload_files} files or "
                f"{bounds.upload_bytes // 2**30} GiB. Name the folder of one patient.",
            )
        name = file.name if file == source else file.relative_to(source).as_posix()
        stored = upload.names.place(name)
        target = upload.files / stored
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(file, target, follow_symlinks=False)
        upload.sizes[stored] = size


def _files(source: Path) -> Iterator[Path]:
    found = [source] if source.is_file() else sorted(source.rglob("*"))
    return (
        one
        for one in found
        if one.is_file()
        and not one.is_symlink()
        and one.resolve().is_relative_to(source)
    )
