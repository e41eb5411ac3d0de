"""Many mutants, one after another, each made anew from its number.

The journal of a run has a line for each mutant: its number, before it is examined, then
outcome, seconds and megabytes. A line that ends with the number tells which mutant
ended the process.
"""

import io
import resource
import shutil
import time
import traceback
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random

from tests.fuzzing.examination import examine
from tests.fuzzing.mutations import damaged_bytes, mutant
from tests.fuzzing.seeds import Seed

__all__ = ["BROKEN", "COMPILING_SECONDS", "keep", "mutated_export", "run"]

BROKEN = "BROKEN"
MOST_MEGABYTES = 500
MEGABYTE = 2**20
COMPILING_SECONDS = 600.0
THOROUGHLY_EVERY = 4
# Asked for in /proc/self/clear_refs, it makes the peak of memory begin anew.
CLEAR_PEAK = "5"


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
    _warm_up(seeds, work)
    limit = (_status_kilobytes("VmSize") >> 10) + MOST_MEGABYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit * MEGABYTE, resource.RLIM_INFINITY))
    at_start = _status_kilobytes("VmRSS") >> 10
    with (work / "journal").open("a", encoding="utf-8") as journal:
        for number in numbers:
            journal.write(f"{number} ")
            journal.flush()
            files = mutated_export(seeds, key, number)
            Path("/proc/self/clear_refs").write_text(CLEAR_PEAK, encoding="ascii")
            start = time.monotonic()
            thoroughly = number % THOROUGHLY_EVERY == 0
            outcome, reason = _outcome(files, work / "export", thoroughly=thoroughly)
            seconds = time.monotonic() - start
            megabytes = (_status_kilobytes("VmHWM") >> 10) - at_start
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


def _warm_up(seeds: Sequence[Seed], work: Path) -> None:
    """Import every seed once undamaged, so that all code and tables are loaded."""
    for seed in seeds:
        files = {**seed.companions, "sound.dcm": seed.content}
        _place(files, work / "export")
        examine([work / "export"], most_seconds=COMPILING_SECONDS)


def _outcome(
    files: Mapping[str, bytes], folder: Path, *, thoroughly: bool
) -> tuple[str, str]:
    _place(files, folder)
    try:
        return examine([folder], thoroughly=thoroughly), ""
    except Exception as error:
        return BROKEN, "".join(traceback.format_exception(error))


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


def _status_kilobytes(field: str) -> int:
    """A line of /proc/self/status."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))
