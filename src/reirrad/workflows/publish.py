"""Results that appear in their folder whole, or not at all."""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from reirrad.errors import OutputError

__all__ = ["STAGING_PREFIX", "check_writable", "publish"]

STAGING_PREFIX = ".reirrad-"

Undo: TypeAlias = Callable[[], object]


def check_writable(out: Path) -> None:
    """Make sure, before long work, that results can be written to a folder.

    Nothing is left behind, and the folder is not created.

    Parameters
    ----------
    out
        The folder; it and its parents need not exist.

    Raises
    ------
    OutputError
        If something that is not a folder is in the way, or writing is not allowed.
    """
    with _explained(out):
        folder = _staging_parent(out)
        with tempfile.TemporaryDirectory(prefix=STAGING_PREFIX, dir=folder):
            pass


def publish(
    out: Path,
    write: Callable[[Path], None],
    *,
    only_new: str | tuple[str, ...] = "",
    owner_only: bool = False,
) -> None:
    """Write results beside their folder, then move them in together.

    A file of an earlier run is replaced if `write` makes it again, and kept otherwise.
    Whatever goes wrong, `out` ends up as it was.

    Parameters
    ----------
    out
        The folder of the results; created with its parents where missing.
    write
        Fills the empty folder that it is given.
    only_new
        Pattern or patterns, relative to `out`, of files of which none may be left from
        an earlier run; empty for none.
    owner_only
        Whether other accounts of the computer must not read the files.

    Raises
    ------
    OutputError
        If the folder cannot be written, or a folder stands where a file must go.
    """
    with _explained(out):
        out = out.resolve()
        with tempfile.TemporaryDirectory(
            prefix=STAGING_PREFIX, dir=_staging_parent(out)
        ) as name:
            fresh, replaced = Path(name) / "new", Path(name) / "old"
            fresh.mkdir()
            write(fresh)
            if owner_only:
                _close_to_others(fresh)
            patterns = (only_new,) if isinstance(only_new, str) else only_new
            stale = sorted({p for one in patterns if one for p in out.glob(one)})
            _move_in(fresh, out, replaced, stale)


def _close_to_others(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o600)


@contextmanager
def _explained(out: Path) -> Iterator[None]:
    """Turn the system's refusals to write into a sentence; others pass."""
    refusals = {
        errno.EACCES,
        errno.EDQUOT,
        errno.EIO,
        errno.ENAMETOOLONG,
        errno.ENOSPC,
        errno.EPERM,
        errno.EROFS,
    }
    try:
        yield
    except OSError as error:
        if error.errno not in refusals:
            raise
        reason = (error.strerror or "unknown reason").lower()
        raise _refusal(
            out, f"results cannot be written there ({reason}). Make room or allow it"
        ) from error


def _refusal(path: Path, sentence: str) -> OutputError:
    return OutputError(f"{path}: {sentence}, or choose another folder with --out.")


def _staging_parent(out: Path) -> Path:
    """Folder on the same file system as `out` in which a temporary one may be made.

    Moving within one file system is a single step. A folder that exists may be a mount
    point or lie in a parent that is read-only; only then is the place inside it.
    """
    nearest = out.resolve()
    while not nearest.exists():
        nearest = nearest.parent
    if not nearest.is_dir():
        raise _refusal(nearest, "a file stands where a folder is needed. Remove it")
    if nearest != out.resolve():
        return nearest
    same_device = nearest.stat().st_dev == nearest.parent.stat().st_dev
    return nearest.parent if same_device and _may_write(nearest.parent) else nearest


def _may_write(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


def _move_in(fresh: Path, out: Path, replaced: Path, stale: Iterable[Path]) -> None:
    """Move every file of `fresh` to the same place below `out`, or undo it all."""
    files = sorted(path for path in fresh.rglob("*") if path.is_file())
    names = [path.relative_to(fresh) for path in files]
    undo: list[Undo] = []
    try:
        _make_folder(out, undo)
        for path in stale:
            _set_aside(path, replaced / path.relative_to(out), undo)
        for name in names:
            target = out / name
            _make_folder(target.parent, undo)
            _set_aside(target, replaced / name, undo)
            (fresh / name).replace(target)
            undo.append(target.unlink)
    except BaseException:
        for step in reversed(undo):
            step()
        raise


def _set_aside(target: Path, kept: Path, undo: list[Undo]) -> None:
    """Move a file of an earlier run out of the way, noting how to bring it back."""
    if not target.exists() and not target.is_symlink():
        return
    if target.is_dir() and not target.is_symlink():
        raise _refusal(target, "a folder stands where a file is needed. Remove it")
    kept.parent.mkdir(parents=True, exist_ok=True)
    target.replace(kept)
    undo.append(lambda: kept.replace(target))


def _make_folder(folder: Path, undo: list[Undo]) -> None:
    """Create a folder and its parents, noting how to remove those that were missing."""
    if folder.is_dir():
        return
    if folder.exists():
        raise _refusal(folder, "a file stands where a folder is needed. Remove it")
    _make_folder(folder.parent, undo)
    folder.mkdir()
    undo.append(lambda: shutil.rmtree(folder, ignore_errors=True))
