"""``python -m tests.fuzzing``: examine mutants in several processes.

The same key and number give the same mutant; a mutant that breaks a promise is kept
with the export it stands in and what happened.
"""

import argparse
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzzing.campaign import (
    BROKEN,
    COMPILING_SECONDS,
    keep,
    mutated_export,
    run,
)
from tests.fuzzing.examination import examine
from tests.fuzzing.seeds import Seed, packaged_seeds, seeds_below

PROJECT = Path(__file__).parents[2]
SHARED = PROJECT.parent / "shared" / "data"
STUCK_SECONDS = 60.0
REPORT_SECONDS = 15.0


def main() -> int:
    arguments = _arguments()
    if arguments.only is not None:
        return _one(arguments.only, arguments.key, packaged=arguments.packaged)
    if arguments.work is not None:
        numbers = range(arguments.start, arguments.count, arguments.step)
        seeds = _seeds(packaged=arguments.packaged)
        run(numbers, seeds, arguments.key, work=arguments.work, kept=arguments.kept)
        return 0
    with TemporaryDirectory() as folder:
        return _all(arguments, Path(folder))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing")
    parser.add_argument("--count", type=int, default=100_000, help="mutants to examine")
    parser.add_argument("--key", type=int, default=1, help="other keys, other mutants")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--kept", type=Path, default=PROJECT / "fuzz-failures")
    parser.add_argument(
        "--packaged", action="store_true", help="seeds that are there everywhere"
    )
    parser.add_argument("--only", type=int, help="examine this mutant alone, here")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--start", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--step", type=int, default=1, help=argparse.SUPPRESS)
    return parser.parse_args()


def _seeds(*, packaged: bool) -> tuple[Seed, ...]:
    seeds = packaged_seeds()
    if packaged or not SHARED.is_dir():
        return seeds
    return (*seeds, *seeds_below(SHARED, "shared"))


def _one(number: int, key: int, *, packaged: bool) -> int:
    """Examine one mutant in this process, without a limit of memory."""
    seeds = _seeds(packaged=packaged)
    with TemporaryDirectory() as folder:
        for name, content in mutated_export(seeds, key, number).items():
            Path(folder, name).write_bytes(content)
        found = examine([Path(folder)])
        sys.stdout.write("\n".join(found.problems) + "\n")
    return 0


@dataclass(slots=True, eq=False)
class _Share:
    """The mutants of one process, which is started anew when one of them ends it."""

    command: list[str]
    step: int
    count: int
    work: Path
    start: int
    process: subprocess.Popen[bytes] | None = None
    killed: list[int] = field(default_factory=list)
    seen_bytes: int = 0
    seen_at: float = 0.0

    @property
    def journal(self) -> Path:
        return self.work / "journal"

    def begin(self) -> None:
        options = ["--work", str(self.work), "--start", str(self.start)]
        self.seen_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - the project's own module
            [*self.command, *options, "--step", str(self.step)], cwd=PROJECT
        )

    def is_done(self) -> bool:
        """Look after the process; whether all its mutants are examined."""
        if self.process is None:
            return True
        size = self.journal.stat().st_size if self.journal.exists() else 0
        if size != self.seen_bytes:
            self.seen_bytes, self.seen_at = size, time.monotonic()
        code = self.process.poll()
        if code is None:
            patience = STUCK_SECONDS if size else COMPILING_SECONDS
            if time.monotonic() - self.seen_at > patience:
                self.process.kill()
            return False
        self.process = None
        if code == 0:
            return True
        lines = self.journal.read_text(encoding="utf-8") if size else ""
        if not lines or lines.endswith("\n"):
            msg = f"a process ended with {code} between mutants"
            raise RuntimeError(msg)
        number = int(lines.split("\n")[-1])
        with self.journal.open("a", encoding="utf-8") as journal:
            journal.write(f"{BROKEN} 0 0\n")
        self.killed.append(number)
        self.start = number + self.step
        if self.start >= self.count:
            return True
        self.begin()
        return False


def _all(arguments: argparse.Namespace, folder: Path) -> int:
    begun = time.monotonic()
    command = [sys.executable, "-m", "tests.fuzzing", "--key", str(arguments.key)]
    command += ["--count", str(arguments.count), "--kept", str(arguments.kept)]
    command += ["--packaged"] if arguments.packaged else []
    shares = []
    for start in range(arguments.processes):
        work = folder / str(start)
        work.mkdir()
        shares.append(
            _Share(command, arguments.processes, arguments.count, work, start)
        )
    for share in shares:
        share.begin()
    told = begun
    while sum(not share.is_done() for share in shares):
        time.sleep(0.1)
        if time.monotonic() - told > REPORT_SECONDS:
            told = time.monotonic()
            _report(shares, arguments.count, begun)
    killed = [number for share in shares for number in share.killed]
    if killed:
        seeds = _seeds(packaged=arguments.packaged)
        for number in killed:
            files = mutated_export(seeds, arguments.key, number)
            keep(files, arguments.kept / f"{number:06d}", "ended the process")
    return _report(shares, arguments.count, begun, arguments)


def _report(
    shares: list[_Share],
    count: int,
    begun: float,
    arguments: argparse.Namespace | None = None,
) -> int:
    """Say how far it is; with arguments, say how it ended and how to repeat it."""
    rows = list(_rows(shares))
    outcomes = Counter(outcome for _, outcome, _, _ in rows)
    seconds = time.monotonic() - begun
    listed = ", ".join(f"{name} {n}" for name, n in sorted(outcomes.items()))
    sys.stdout.write(f"{len(rows)} of {count} in {seconds:.0f} s: {listed}\n")
    sys.stdout.flush()
    if arguments is None:
        return 0
    slowest = max(rows, key=lambda row: row[2], default=(0, "", 0.0, 0))
    largest = max(rows, key=lambda row: row[3], default=(0, "", 0.0, 0))
    sys.stdout.write(
        f"slowest {slowest[2]:.2f} s (mutant {slowest[0]}), largest {largest[3]} MB "
        f"above the start (mutant {largest[0]})\n"
    )
    packaged = " --packaged" if arguments.packaged else ""
    for number, outcome, _, _ in rows:
        if outcome == BROKEN:
            sys.stdout.write(
                f"mutant {number} broke a promise: {arguments.kept}/{number:06d}; "
                f"python -m tests.fuzzing --key {arguments.key} --only {number}"
                f"{packaged}\n"
            )
    return 1 if outcomes[BROKEN] or len(rows) < count else 0


def _rows(shares: list[_Share]) -> Iterator[tuple[int, str, float, int]]:
    for share in shares:
        if share.journal.exists():
            for line in share.journal.read_text(encoding="utf-8").splitlines():
                parts = line.split()
                if len(parts) == 4:
                    yield int(parts[0]), parts[1], float(parts[2]), int(parts[3])


if __name__ == "__main__":
    sys.exit(main())
