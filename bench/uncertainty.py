"""Time and memory of a thousand plausible registrations, as ratios to their limits.

The whole assessment of the reference case, as a process of its own, three times; the
median counts. Needs the reference data beside the checkout.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 3
DRAWS = (256, 1000)
LIMIT_S = 15.0
MEMORY_LIMIT_GB = 1.0
REIRRAD = Path(sys.executable).parent / "reirrad"
REAL = Path(__file__).parents[2] / "shared" / "data" / "liver_ct_two_course"


def measured(draws: int, folder: Path) -> float:
    """Median time of assessments with a number of draws, in seconds."""
    settings = folder / f"settings-{draws}.toml"
    settings.write_text(f"[registration]\ndraws = {draws}\n", encoding="utf-8")
    courses = [str(REAL / "course1"), str(REAL / "course2")]
    times = []
    for run in range(RUNS):
        started = time.perf_counter()
        subprocess.run(
            [
                REIRRAD,
                "assess",
                *courses,
                "--registration",
                str(REAL / "reg.dcm"),
                "--settings",
                str(settings),
                "--json-only",
                "--out",
                str(folder / f"{draws}-{run}"),
            ],
            check=True,
            capture_output=True,
        )
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main() -> None:
    """Measure every number of draws."""
    if not REAL.is_dir():
        sys.exit(f"{REAL} is not there")
    with tempfile.TemporaryDirectory() as folder:
        for draws in DRAWS:
            median_s = measured(draws, Path(folder))
            children = resource.getrusage(resource.RUSAGE_CHILDREN)
            peak_gb = children.ru_maxrss / 1024**2
            print(
                f"{draws:5} draws {median_s:6.1f} s = {median_s / LIMIT_S:4.2f} of "
                f"{LIMIT_S:.0f} s; peak so far {peak_gb:.2f} GB = "
                f"{peak_gb / MEMORY_LIMIT_GB:4.2f} of {MEMORY_LIMIT_GB} GB"
            )


if __name__ == "__main__":
    main()
