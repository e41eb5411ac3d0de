"""How every program is run: ``run_NAME.py TASK CASE --repeats N --out FILE``.

The module of a program maps each task it can do to a function that takes the folder of
the case, prepares what is not to be timed, and returns what is. With more than one
repeat a first, unmeasured run warms caches up; a single one is measured cold. Standard
library only: it runs in the environment of each peer.
"""

import argparse
import json
import os
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Action = Callable[[], Any]
Task = Callable[[Path], Action]

VOLUME_PERCENT = {"D98": 98.0, "D95": 95.0, "D50": 50.0, "D2": 2.0}


def run(tasks: Mapping[str, Task], *, version: str) -> None:
    """Do one task as the command line says, and write times and results as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=[*tasks, "tasks"])
    parser.add_argument("case", type=Path, nargs="?")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.task == "tasks":
        print(json.dumps({"version": version, "tasks": list(tasks)}))
        return
    action = tasks[options.task](options.case)
    if options.repeats > 1:
        action()
    times, cpu = [], []
    result = None
    for _ in range(options.repeats):
        started, spent = time.perf_counter(), _processor_s()
        result = action()
        times.append(time.perf_counter() - started)
        cpu.append(_processor_s() - spent)
    answer = {"version": version, "times_s": times, "cpu_s": cpu, "result": result}
    options.out.write_text(json.dumps(answer))


def _processor_s() -> float:
    """Processor time of this process, all threads, and of those it has waited for."""
    return sum(os.times()[:4])


def images_only(course: Path) -> Path:
    """A folder with links to the slices alone, for readers that take all for slices."""
    folder = Path(tempfile.mkdtemp(prefix="slices-"))
    for one in sorted(course.glob("MR_*.dcm")):
        (folder / one.name).symlink_to(one.resolve())
    return folder


def analytic_courses(case: Path) -> list[Path]:
    """The courses of the analytic set."""
    return sorted(one for one in case.iterdir() if (one / "truth.json").is_file())


def curve_metrics(
    dose_gy: Sequence[float], volume_cc: Sequence[float], *, mean_gy: float
) -> dict[str, float]:
    """Metrics of a cumulative curve, straight between its points.

    Parameters
    ----------
    dose_gy
        Rising doses, the first one 0.
    volume_cc
        Volume that receives each of them or more.
    mean_gy
        Mean dose, as the program gives it.
    """
    total = volume_cc[0]
    wanted = {name: total * share / 100.0 for name, share in VOLUME_PERCENT.items()}
    wanted["D0.1cc"] = min(0.1, total * 0.999999)
    doses = {
        name: _dose_at(volume, dose_gy, volume_cc) for name, volume in wanted.items()
    }
    return {"volume": total, "mean": mean_gy, **doses}


def mean_of_curve(dose_gy: Sequence[float], volume_cc: Sequence[float]) -> float:
    """Mean dose of a cumulative curve: its area over the volume."""
    area = sum(
        (dose_gy[n + 1] - dose_gy[n]) * (volume_cc[n] + volume_cc[n + 1]) / 2.0
        for n in range(len(dose_gy) - 1)
    )
    return dose_gy[0] + area / volume_cc[0] if volume_cc[0] else float("nan")


def _dose_at(
    volume: float, dose_gy: Sequence[float], volume_cc: Sequence[float]
) -> float:
    """Highest dose that a volume still receives, between two points of the curve."""
    falling = [-one for one in volume_cc]
    # First point whose volume is below the one wanted.
    after = bisect_left(falling, -volume + 1e-12)
    while after < len(volume_cc) and volume_cc[after] >= volume:
        after += 1
    if after == 0:
        return dose_gy[0]
    if after == len(volume_cc):
        return dose_gy[-1]
    high, low = volume_cc[after - 1], volume_cc[after]
    share = (high - volume) / (high - low)
    return dose_gy[after - 1] + share * (dose_gy[after] - dose_gy[after - 1])
