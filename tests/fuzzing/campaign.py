"""Many mutants, one after another, each made anew from its number.

The journal of a run has a line for each mutant: its number, before it is examined, then
outcome, seconds and megabytes. A line that ends with the number tells which mutant
ended the process.
"""

import io
import shutil
import time
import traceback
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from reirrad.errors import ReirradError
from tests.fuzzing.examination import examine
from tests.fuzzing.memory import (
    MOST_MEGABYTES,
    begin_peak,
    limit_memory,
    peak_megabytes,
)
from tests.fuzzing.mutations import damaged_bytes, mutant
from tests.fuzzing.seeds import Seed, packaged_seeds

__all__ = ["BROKEN", "COMPILING_SECONDS", "keep", "mutated_export", "run", "warm_up"]

BROKEN = "BROKEN"
COMPILING_SECONDS = 600.0
THOROUGHLY_EVERY = 4


def mutated_export(seeds: Sequence[Seed], key: int, number: int) -> dict[str, bytes]:
    """Files of an export in which one is damaged: the same for the same numbers."""
    random = Random(f"{key} {number}")  # noqa: S311 - must be repeatable
    within_exports = [seed for seed in seeds if seed.companions]
    seed = random.choice(within_exports if random.random() < 0.6 else seeds)
    content = mutant(seed.content, seed.tree, random)
    form = random.random()
    if form < 0.9:
        return {**seed.companions, "mutant.dcm": content}
    packed = _packed({**seed.companions, "mutant.dcm": content}, random)
    if form < 0.95:
        packed = damaged_bytes(packed, random)
    return {"export.zip": packed}


def run(
    numbers: Iterable[int], seeds: Sequence[Seed], key: int, *, work: Path, kept: Path
) -> None:
    """Examine mutants under a limit of memory, and keep those that break a promise.

    Parameters
    ----------
    work
        Existing folder for the journal and for the export that is examined.
    kept
        Folder for mutants that broke a promise.
    """
    warm_up()
    limit_memory()
    at_start = begin_peak()
    with (work / "journal").open("a", encoding="utf-8") as journal:
        for number in numbers:
            journal.write(f"{number} ")
            journal.flush()
            files = mutated_export(seeds, key, number)
            begin_peak()
            start = time.monotonic()
            thoroughly = number % THOROUGHLY_EVERY == 0
            outcome, reason = _outcome(files, work / "export", thoroughly=thoroughly)
            seconds = time.monotonic() - start
            megabytes = peak_megabytes() - at_start
            if megabytes > MOST_MEGABYTES:
                outcome, reason = BROKEN, f"{megabytes} MB"
            if outcome == BROKEN:
                keep(files, kept / f"{number:06d}", reason)
            journal.write(f"{outcome} {seconds:.3f} {megabytes}\n")
            journal.flush()


def keep(files: Mapping[str, bytes], folder: Path, reason: str) -> None:
    """Keep an export with what it led to."""
    _place(files, folder / "export")
    (folder / "reason.txt").write_text(reason, encoding="utf-8")


def warm_up() -> None:
    """Import every packaged seed once, so that all code and tables are loaded."""
    with TemporaryDirectory() as folder:
        for seed in packaged_seeds():
            _place({**seed.companions, "sound.dcm": seed.content}, Path(folder, "x"))
            examine([Path(folder, "x")], most_seconds=COMPILING_SECONDS)


def _outcome(
    files: Mapping[str, bytes], folder: Path, *, thoroughly: bool
) -> tuple[str, str]:
    _place(files, folder)
    try:
        found = examine([folder], thoroughly=thoroughly)
    except Exception as error:
        return BROKEN, "".join(traceback.format_exception(error))
    if isinstance(found, ReirradError):
        return "error", ""
    return ("course" if found.courses else "refused" if found.problems else "-"), ""


def _place(files: Mapping[str, bytes], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _packed(files: Mapping[str, bytes], random: Random) -> bytes:
    stream = io.BytesIO()
    kind = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(stream, "w", kind) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, kind)
    return stream.getvalue()
