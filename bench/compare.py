"""Time, memory and accuracy of reirrad and its peers on the same DICOM files.

``python bench/compare.py`` measures everything; ``python bench/compare.py read dvh``
only these tasks. Times are medians of five runs in one process after one unmeasured
run; whole-process time and peak memory are those of a process of its own that does the
task once, interpreter start and imports included. Results go to
``bench/.results/compare.json``.
"""

import hashlib
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from environments import TITLES, Program, clean_environment, programs

HERE = Path(__file__).parent
CASE, ANALYTIC = HERE / ".case" / "generated", HERE / ".case" / "analytic"
RESULTS = HERE / ".results" / "compare.json"
REPEATS = 5
# A program that takes longer is not warmed up, and stops when its share is used up.
SLOW_S, SHARE_S, LONGEST_S = 8.0, 150.0, 240.0

TASKS = {
    "read": ("Read one course", "pydicom"),
    "dvh": ("All DVHs of 15 structures, from files", "plastimatch"),
    "dvh in memory": ("The same, contours and dose in memory", "plastimatch"),
    "register": ("Rigid MR-MR registration, images alone", "elastix"),
    "register, organ known": ("The same, liver contours known", "elastix"),
    "resample, linear": ("Resample a 2 mm dose, 7.6 M voxels, linear", "simpleitk"),
    "resample, cubic": ("The same, cubic B-spline", "simpleitk"),
}
# What to compare with where a peer has no task of the same name.
STANDS_FOR = {"dvh in memory": "dvh", "register, organ known": "register"}
METRICS = ("volume", "mean", "D98", "D95", "D50", "D2", "D0.1cc")
SMALLEST_CC = 1.0
FAMILIES = ("sphere", "ellipsoid", "cylinder", "cone")


def main() -> None:
    """Measure, print and keep the results."""
    wanted = sys.argv[1:] or ["analytic", *TASKS]
    _made(CASE, HERE / "generated_case.py")
    _made(ANALYTIC, HERE / "analytic_case.py")
    found, missing = programs()
    can = {one.name: _run_json(one, "tasks") for one in found}
    results = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    results |= {
        "machine": machine(),
        "versions": {name: answer["version"] for name, answer in can.items()},
        "missing": missing,
    }
    results.setdefault("tasks", {})
    for task in wanted:
        able = [one for one in found if task in can[one.name]["tasks"]]
        if task == "analytic":
            results["accuracy"] = {one.name: _accuracy(one) for one in able}
            _print_accuracy(results["accuracy"])
            _print_intervals(results["accuracy"])
        else:
            print(f"\n{TASKS[task][0]}", flush=True)
            results["tasks"][task] = {one.name: _measured(one, task) for one in able}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=1))
    _print_ratios(results["tasks"])


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    cpu = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        cpu = names[0].split(":", 1)[1].strip() if names else cpu
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
        "load": os.getloadavg()[0],
    }


def _made(folder: Path, source: Path) -> None:
    """Write a case unless the same script has written it before.

    In a process of its own: the peak memory of a process that is started counts that
    of the one that starts it.
    """
    stamp = folder / "written_by.txt"
    script = hashlib.sha256(source.read_bytes()).hexdigest()
    if not (stamp.is_file() and stamp.read_text() == script):
        print(f"writing {folder.name} case ...", flush=True)
        subprocess.run([sys.executable, source, folder], check=True)
        stamp.write_text(script)


def _run_json(program: Program, task: str) -> dict[str, Any]:
    answer = subprocess.run(
        [program.python, program.script, task],
        capture_output=True,
        text=True,
        check=True,
        env=_environment(program),
    )
    result: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return result


def _environment(program: Program) -> dict[str, str]:
    ours = program.name in {"reirrad", "pydicom"}
    return dict(os.environ) if ours else clean_environment()


def _run(program: Program, task: str, case: Path, *, repeats: int) -> dict[str, Any]:
    """One process: its answer, its whole time and its peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "answer.json"
        command = [program.python, program.script, task, case, "--out", out]
        command += ["--repeats", repeats]
        with (Path(folder) / "log.txt").open("w") as log:
            started = time.perf_counter()
            process = subprocess.Popen(
                list(map(str, command)),
                stdout=log,
                stderr=log,
                cwd=folder,
                env=_environment(program) | {"TMPDIR": folder},
            )
            peak_kb, failed = _waited(process, started)
            whole_s = time.perf_counter() - started
        if failed or not out.is_file():
            last = (Path(folder) / "log.txt").read_text().strip().splitlines()[-1:]
            return {"failed": failed or "".join(last)}
        answer: dict[str, Any] = json.loads(out.read_text())
    return answer | {"whole_s": whole_s, "peak_mb": peak_kb / 1024.0}


def _waited(process: subprocess.Popen[bytes], started: float) -> tuple[int, str]:
    """Peak memory in kB of a process and its own, and why it was stopped, if it was."""
    while True:
        pid, _, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            return usage.ru_maxrss, ""
        if time.perf_counter() - started > LONGEST_S:
            process.kill()
            os.wait4(process.pid, 0)
            return 0, f"stopped after {LONGEST_S:.0f} s"
        time.sleep(0.01)


def _measured(program: Program, task: str) -> dict[str, Any]:
    """Median time of a task, and what a process that does it once takes."""
    cold = _run(program, task, CASE, repeats=1)
    if "failed" in cold:
        print(f"  {TITLES[program.name]:24} failed: {cold['failed']}", flush=True)
        return cold
    times, cpu = list(cold["times_s"]), list(cold["cpu_s"])
    if times[0] < SLOW_S:
        warm = _run(program, task, CASE, repeats=REPEATS)
        times, cpu = warm["times_s"], warm["cpu_s"]
    while len(times) < REPEATS and sum(times) + times[0] < SHARE_S:
        again = _run(program, task, CASE, repeats=1)
        times += again["times_s"]
        cpu += again["cpu_s"]
    result = {
        "time_s": statistics.median(times),
        "cpu_s": statistics.median(cpu),
        "times_s": times,
        "whole_s": cold["whole_s"],
        "peak_mb": cold["peak_mb"],
        "quality": _quality(task, cold["result"]),
    }
    print(
        f"  {TITLES[program.name]:24} {result['time_s']:8.3f} s  "
        f"processor {result['cpu_s']:8.3f} s  (n = {len(times)})  "
        f"whole process {result['whole_s']:7.2f} s  {result['peak_mb']:6.0f} MB  "
        f"{_quality_text(result['quality'])}",
        flush=True,
    )
    return result


def _quality(task: str, answer: Any) -> dict[str, float]:
    """How right the answer of a task is."""
    truth = json.loads((CASE / "truth.json").read_text())
    if task.startswith("register"):
        points = np.array(truth["liver_points_of_course_1_mm"])
        homogeneous = np.column_stack([points, np.ones(len(points))])
        wrong = np.array(answer) - np.array(truth["first_to_second"])
        error_mm = np.linalg.norm((homogeneous @ wrong.T)[:, :3], axis=1)
        return {"mean_mm": error_mm.mean(), "worst_mm": error_mm.max()}
    if task.startswith("resample"):
        error_gy = np.array(answer) - np.array(truth["probe_gy"])
        rms = math.sqrt(float((error_gy**2).mean()))
        return {"rms_gy": rms, "worst_gy": float(np.abs(error_gy).max())}
    if task == "read":
        return {"contour_points": float(answer)}
    return {}


def _quality_text(quality: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.6g}" for name, value in quality.items())


def _accuracy(program: Program) -> dict[str, Any]:
    """Absolute errors in per cent: course, structure, metric."""
    answer = _run(program, "analytic", ANALYTIC, repeats=1)
    if "failed" in answer:
        print(f"{TITLES[program.name]}: {answer['failed']}")
        return answer
    rows = []
    for folder in sorted(one for one in ANALYTIC.iterdir() if one.is_dir()):
        truth = json.loads((folder / "truth.json").read_text())
        found = answer["result"].get(folder.name, {})
        spacing = float(folder.name.split("_")[1].removesuffix("mm"))
        for name, true in truth.items():
            row = {"family": name.split("_")[0], "spacing_mm": spacing}
            row["volume_cc"] = true["volume"]
            row["errors"] = _errors(found.get(name), true)
            row["within"] = _within(found.get(name) or {}, true)
            rows.append(row)
    return {
        "time_s": answer["times_s"][0],
        "groups": _groups(rows),
        "intervals": _intervals(rows),
    }


def _errors(found: dict[str, float] | None, true: dict[str, float]) -> dict[str, float]:
    """In per cent of the truth; 100 for a structure without an answer."""
    errors = {}
    for name in METRICS:
        if name == "D0.1cc" and true["volume"] < 0.11:
            continue  # the whole of it: the lowest dose, which nobody asks for
        if found is None or not math.isfinite(found.get(name, math.nan)):
            errors[name] = 100.0
        else:
            errors[name] = abs(found[name] / true[name] - 1.0) * 100.0
    return errors


def _within(found: dict[str, Any], true: dict[str, float]) -> dict[str, bool]:
    """Whether the truth lies in each interval that is told."""
    return {
        name: low <= true[name] <= high
        for name, (low, high) in found.get("interval", {}).items()
    }


def _intervals(rows: list[dict[str, Any]]) -> dict[str, list[float]]:
    """For every metric: intervals told, and the share in per cent that holds."""
    result = {}
    for name in METRICS:
        told = [row["within"][name] for row in rows if name in row["within"]]
        if told:
            result[name] = [len(told), 100.0 * statistics.fmean(told)]
    return result


def _groups(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean and largest error for every family, spacing and size that is shown."""
    groups = {}
    for family in (*FAMILIES, "round", "flat", "all"):
        for spacing in (1.0, 2.0, 3.0, None):
            for small in (False, True):
                chosen = [
                    row["errors"]
                    for row in rows
                    if _belongs(row["family"], family)
                    and spacing in {None, row["spacing_mm"]}
                    and small == (row["volume_cc"] < SMALLEST_CC - 1e-6)
                ]
                where = "all" if spacing is None else f"{spacing:g} mm"
                size = "below 1 cc" if small else "1 cc and more"
                groups[f"{family}|{where}|{size}"] = {
                    "n": len(chosen),
                    **{name: _mean_worst(chosen, name) for name in METRICS},
                }
    return groups


def _belongs(family: str, group: str) -> bool:
    kinds = {"round": {"sphere", "ellipsoid"}, "flat": {"cylinder", "cone"}}
    return group == "all" or family in kinds.get(group, {group})


def _mean_worst(errors: list[dict[str, float]], name: str) -> list[float]:
    values = [one[name] for one in errors if name in one]
    return [statistics.fmean(values), max(values)]


def _print_accuracy(accuracy: dict[str, Any]) -> None:
    """Over all slice spacings; each by itself is in the results."""
    answers = {name: one for name, one in accuracy.items() if "groups" in one}
    for group in next(iter(answers.values()))["groups"]:
        family, spacing, size = group.split("|")
        if spacing != "all":
            continue
        print(f"\nAbsolute error in %, mean (largest): {family}, {size}")
        print(" " * 26 + "".join(f"{name:>16}" for name in METRICS))
        for name, answer in answers.items():
            cells = [
                "{:.2f} ({:.1f})".format(*answer["groups"][group][metric])
                for metric in METRICS
            ]
            print(f"  {TITLES[name]:24}" + "".join(f"{cell:>16}" for cell in cells))


def _print_intervals(accuracy: dict[str, Any]) -> None:
    for name, answer in accuracy.items():
        for metric, (n, percent) in answer.get("intervals", {}).items():
            print(f"{TITLES[name]}: {percent:.1f} % of {n} intervals of {metric} hold")


def _print_ratios(tasks: dict[str, Any]) -> None:
    """How much faster than the peer that the task is measured against."""
    print()
    for task, (title, peer) in TASKS.items():
        ours = tasks.get(task, {}).get("reirrad", {})
        theirs = tasks.get(STANDS_FOR.get(task, task), {}).get(peer, {})
        if "cpu_s" in ours and "cpu_s" in theirs:
            elapsed, cpu = (theirs[x] / ours[x] for x in ("time_s", "cpu_s"))
            print(
                f"{title}: {ours['time_s']:.3f} s, {elapsed:.2f} times as fast as "
                f"{TITLES[peer]} ({cpu:.2f} times in processor time)"
            )


if __name__ == "__main__":
    main()
