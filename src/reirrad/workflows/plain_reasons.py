"""Why a patient was refused, in sentences that do not tell who it is.

Sentences about files name their paths, plans and regions, which people name after
patients. Here files are counted, and names that are no known names of organs left out.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from reirrad.core.nomenclature import understand
from reirrad.dicom.files import PathFault, entries, shown
from reirrad.dicom.told_names import told_names
from reirrad.knowledge.structure_names import load_structure_names

__all__ = ["plain_reasons"]

NAME = "(name)"
UID = re.compile(r"(?<![\w.])\d+(?:\.\d+){4,}(?![\w.])")
QUOTED = re.compile(r"(?<!\w)('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?!\w)")
KNOWN_WORDS = frozenset(
    {"course", "ctv", "dose", "gtv", "image", "name", "plan", "ptv"}
)
KNOWN_QUOTES = frozenset({"no RTPLAN"})


def plain_reasons(
    problems: Sequence[str], paths: Iterable[Path], out: Path
) -> tuple[str, ...]:
    """Sentences without paths, names and UIDs.

    Parameters
    ----------
    problems
        As an assessment raised them.
    paths
        All files of the patient, in their order.
    out
        Folder of the results, which may be named.
    """
    paths = tuple(paths)
    places = _places(paths, out)
    names = sorted(
        (one for one in told_names(paths) if not _is_known(one)), key=len, reverse=True
    )
    return tuple(_plain(problem, places, names) for problem in problems)


def _places(paths: Sequence[Path], out: Path) -> list[tuple[str, str]]:
    """What stands for every file and folder, longest path first."""
    files = [one.path for one in entries(paths) if not isinstance(one, PathFault)]
    folders = {folder for path in paths for folder in path.parents}
    ours = {out, *out.parents}
    words = {
        **{
            text: "a folder of this patient"
            for folder in folders - ours
            for text in (str(folder), shown(folder.as_posix()))
        },
        **{
            text: "a zip of this patient"
            for path in paths
            for text in (str(path), shown(path.as_posix()))
        },
        **{
            path: f"file {number} of the {len(files)} of this patient"
            for number, path in enumerate(files, start=1)
        },
    }
    return sorted(words.items(), key=lambda item: len(item[0]), reverse=True)


def _plain(
    problem: str, places: Sequence[tuple[str, str]], names: Sequence[str]
) -> str:
    for path, words in places:
        problem = problem.replace(path, words)
    for name in names:
        problem = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", NAME, problem)
    problem = QUOTED.sub(_quoted, problem)
    return UID.sub("(UID)", problem)


def _quoted(found: re.Match[str]) -> str:
    text = found[0][1:-1]
    return found[0] if text in KNOWN_QUOTES or _is_known(text) else NAME


def _is_known(name: str) -> bool:
    if name.casefold() in KNOWN_WORDS:
        return True
    meant, _ = understand(name, "ORGAN", load_structure_names(), {})
    return meant is not None
