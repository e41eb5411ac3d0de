"""A run of many patients that is killed again and again, beside one that is not.

``python bench/cohort_interrupted.py [PATIENTS [KILLS]]``, by default 200 and 10. Small
synthetic patients are written as DICOM. ``reirrad cohort assess --add`` takes them into
one registry without interruption, and into another while the whole program is killed
(SIGKILL) at random moments of a fixed seed and started again. In the end both
registries must hold the same records; of an assessment, its SHA-256 is left out, as the
document holds the time at which it was made. Results go to
``bench/.results/cohort_interrupted.json``.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from reirrad.core.assessment import PatientIdentity
from reirrad.core.cohort.records import Cohort, records_of
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.small_patient import small_courses
from reirrad.store.database import Store
from reirrad.store.registry import read_cohort

RESULTS = Path(__file__).parent / ".results" / "cohort_interrupted.json"
SEED = 20240519
N_PATIENTS, N_KILLS = 200, 10
LOOK_EVERY_S = 0.05
COMMAND = "from reirrad.cli.main import app; app()"
SETTINGS = """
constraints = ["uk2022"]
[registration]
draws = 16
[budget]
fractions = [5]
"""


def main() -> None:
    n_patients = int(sys.argv[1]) if len(sys.argv) > 1 else N_PATIENTS
    n_kills = int(sys.argv[2]) if len(sys.argv) > 2 else N_KILLS
    with tempfile.TemporaryDirectory(prefix="reirrad-bench-") as name:
        folder = Path(name)
        write_patients(folder / "root", n_patients)
        (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
        start = time.perf_counter()
        _started(folder, "whole").wait()
        seconds = time.perf_counter() - start
        kills = _interrupted(folder, n_patients, n_kills)
        whole, broken = (_registry(folder, run) for run in ("whole", "broken"))
        summaries = [
            (folder / run / "summary.csv").read_bytes() for run in ("whole", "broken")
        ]
    result = {
        "patients": n_patients,
        "seconds_uninterrupted": round(seconds, 1),
        "load_average": [round(one, 1) for one in os.getloadavg()],
        "kills": kills,
        "records": len(records_of(whole)),
        "patients_in_registry": len(whole.patient),
        "same_registry": whole == broken,
        "same_summary": summaries[0] == summaries[1],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    if not (result["same_registry"] and result["same_summary"]):
        sys.exit(1)


def write_patients(root: Path, n_patients: int) -> None:
    for index in range(n_patients):
        who = PatientIdentity(f"BENCH{index:04}", "Bench", "1950-05-17", "F")
        courses = small_courses(10.0 + 0.05 * index, days_later=index)
        for course in courses:
            into = root / f"patient{index}" / f"course{course.number}"
            write_course(course, into, patient=who)


def _started(folder: Path, run: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [
            sys.executable, "-c", COMMAND, "cohort", "assess", str(folder / "root"),
            "--out", str(folder / run), "--json-only",
            "--settings", str(folder / "settings.toml"),
            "--add", "--database", f"sqlite:///{folder / run}.sqlite",
            "--key", str(folder / "cohort.key"), "--who", "bench",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _interrupted(folder: Path, n_patients: int, n_kills: int) -> list[dict[str, int]]:
    """Kill the program at random moments of its work, then let it finish.

    A moment is so many more finished patients and up to two seconds, both at random; a
    computer that is busy for a while changes nothing about it.
    """
    chosen = random.Random(SEED)  # noqa: S311 - moments, not secrets
    kills = []
    for _ in range(n_kills):
        process = _started(folder, "broken")
        wanted = _finished(folder) + chosen.randint(0, 2 * n_patients // (n_kills + 2))
        while process.poll() is None and _finished(folder) < wanted:
            time.sleep(LOOK_EVERY_S)
        time.sleep(chosen.uniform(0.0, 2.0))
        running = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills.append({"was_running": running, "patients_finished": _finished(folder)})
    _started(folder, "broken").wait()
    return kills


def _finished(folder: Path) -> int:
    return len(list((folder / "broken").glob("*/finished.json")))


def _registry(folder: Path, run: str) -> Cohort:
    store = Store.open(f"sqlite:///{folder / run}.sqlite")
    try:
        cohort = read_cohort(store)
    finally:
        store.close()
    return replace(
        cohort,
        assessment=tuple(replace(one, sha256="0" * 64) for one in cohort.assessment),
    )


if __name__ == "__main__":
    main()
