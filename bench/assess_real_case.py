"""Time and memory of whole commands, as ratios to their limits.

Each assessment runs as a process of its own, three times; the median counts. The real
ones need the reference data beside the checkout. The acceptance test runs once.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 3
MEMORY_LIMIT_GB = 1.5
REIRRAD = Path(sys.executable).parent / "reirrad"
REAL = Path(__file__).parents[2] / "shared" / "data" / "liver_ct_two_course"


def measured(
    arguments: list[str], *, limit_s: float, name: str, runs: int = RUNS
) -> None:
    """Run a command several times and print its median against the limit."""
    times = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            subprocess.run(
                [REIRRAD, *arguments, "--out", folder], check=True, capture_output=True
            )
            times.append(time.perf_counter() - started)
    peak_gb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    median_s = statistics.median(times)
    print(
        f"{name:48} {median_s:6.1f} s = {median_s / limit_s:4.2f} of {limit_s:.0f} s; "
        f"peak so far {peak_gb:.2f} GB = {peak_gb / MEMORY_LIMIT_GB:4.2f} of "
        f"{MEMORY_LIMIT_GB} GB"
    )


def measured_help(*, limit_s: float) -> None:
    """Print the median time of the first answer that a user sees."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run([REIRRAD, "--help"], check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    median_s = statistics.median(times)
    print(f"{'help':48} {median_s:6.2f} s = {median_s / limit_s:4.2f} of {limit_s} s")


def main() -> None:
    """Measure every case."""
    measured_help(limit_s=0.5)
    if REAL.is_dir():
        courses = [str(REAL / "course1"), str(REAL / "course2")]
        known = [*courses, str(REAL / "reg.dcm")]
        measured(
            ["assess", *known, "--json-only"],
            limit_s=5.0,
            name="real case, known registration, JSON only",
        )
        measured(
            ["assess", *courses],
            limit_s=20.0,
            name="real case, automatic registration, report",
        )
    measured(["demo"], limit_s=60.0, name="synthetic patient, made and assessed")
    measured(["commission"], limit_s=300.0, name="acceptance test", runs=1)


if __name__ == "__main__":
    main()
