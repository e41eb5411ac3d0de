"""Forty patients assessed by one worker and by two: time, and memory of each worker.

``python bench/cohort_batch.py [PATIENTS]``. The patient of ``reirrad demo`` with MR
images, two frames of reference and a rigid registration between them is written as
DICOM as often as wanted, each time under another Patient ID. ``reirrad cohort assess
--json-only`` runs over all of them with ``--workers 1`` and ``--workers 2``; a run over
two patients comes first, so that machine code is compiled and files have been read. The
peak memory of every worker is what the system says of it (``VmHWM``). The times mean
something on a computer that does nothing else; the processor time of the workers, which
should be the same in both runs, and the load say whether it was so. Results go to
``bench/.results/cohort_batch.json``.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from reirrad.dicom.write_course import write_course
from reirrad.phantoms.abdomen import abdominal_patient
from reirrad.workflows.demo import PATIENT, SEED

RESULTS = Path(__file__).parent / ".results" / "cohort_batch.json"
N_PATIENTS = 40
LIMIT_RATIO, LIMIT_MB = 1.8, 1536.0
COMMAND = "from reirrad.cli.main import app; app()"
LOOK_EVERY_S = 0.25


def main() -> None:
    n_patients = int(sys.argv[1]) if len(sys.argv) > 1 else N_PATIENTS
    with tempfile.TemporaryDirectory(prefix="reirrad-bench-") as name:
        folder = Path(name)
        write_patients(folder / "first", 2)
        write_patients(folder / "all", n_patients)
        _run(folder, "first", n_workers=2)
        runs = {n: _run(folder, "all", n_workers=n) for n in (1, 2)}
    ratio = round(runs[1]["seconds"] / runs[2]["seconds"], 3)
    result = {
        "patients": n_patients,
        "processors": os.cpu_count(),
        "runs": runs,
        "ratio": ratio,
        "limit_ratio": LIMIT_RATIO,
        "limit_mb": LIMIT_MB,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2))
    peak_mb = max(run["peak_mb_of_a_worker"] for run in runs.values())
    if ratio < LIMIT_RATIO or peak_mb > LIMIT_MB:
        sys.exit(1)


def write_patients(root: Path, n_patients: int) -> None:
    phantom = abdominal_patient(SEED)
    for index in range(n_patients):
        who = replace(PATIENT, id=f"BENCH{index:04}")
        for course in phantom.courses:
            into = root / f"patient{index}" / f"course{course.number}"
            write_course(course, into, patient=who, dose_bits=16)


def _run(folder: Path, root: str, *, n_workers: int) -> dict[str, float]:
    load = os.getloadavg()[0]
    start = time.perf_counter()
    process = subprocess.Popen(
        [
            sys.executable, "-c", COMMAND, "cohort", "assess", str(folder / root),
            "--out", str(folder / f"{root}-{n_workers}"), "--json-only",
            "--workers", str(n_workers), "--key", str(folder / "cohort.key"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    peaks: dict[int, float] = {}
    busy_s: dict[int, float] = {}
    while process.poll() is None:
        for pid in _children(process.pid):
            peaks[pid] = max(peaks.get(pid, 0.0), _peak_mb(pid))
            busy_s[pid] = max(busy_s.get(pid, 0.0), _processor_s(pid))
        time.sleep(LOOK_EVERY_S)
    if process.returncode:
        sys.exit(f"the run with {n_workers} worker(s) ended with {process.returncode}")
    return {
        "seconds": round(time.perf_counter() - start, 1),
        "peak_mb_of_a_worker": round(max(peaks.values()), 1),
        "processor_seconds_of_workers": round(sum(busy_s.values()), 1),
        "load_average_before": round(load, 2),
        "load_average_after": round(os.getloadavg()[0], 2),
    }


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return [int(one) for one in listed.split()]
    return []


def _processor_s(pid: int) -> float:
    with suppress(OSError):
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
        user, system = status.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _peak_mb(pid: int) -> float:
    with suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) / 1024.0 if found else 0.0
    return 0.0


if __name__ == "__main__":
    main()
