"""How time and memory of reirrad grow with what it is given.

Every point is measured in a process of its own: the median processor time of five runs
after one that is not counted (processor time, since other programs on the machine would
bend the curves), and the process's peak memory. The exponent is that of the power law
through the points: 1 where cost grows in proportion, 0 where it does not grow. Results
go to ``bench/.results/scaling.json``.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from generated_case import PATIENT, n_vertices

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.courses import Course, Delivery, Prescription
from reirrad.core.dose import DoseGrid
from reirrad.core.overlap import course_isodoses
from reirrad.core.sampling import sample
from reirrad.core.sections import sections_of
from reirrad.core.stability import class_stability
from reirrad.core.structure_doses import (
    PlacedStructure,
    assessed_structure,
    structure_doses,
)
from reirrad.core.structures import Role, Structure
from reirrad.core.transforms import identity
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.analytic import SliceStack, box_geometry
from reirrad.phantoms.known_dose_volume import GaussianDose
from reirrad.phantoms.solids import ball
from reirrad.workflows.gather import survey
from reirrad.workflows.settings import load_settings

HERE = Path(__file__).parent
CASE = HERE / ".case" / "generated"
RESULTS = HERE / ".results" / "scaling.json"
RUNS = 5
FRAME = "2.25.1000000000000000000000020"
SLICE_MM = 3.0
Action = Callable[[], object]

POINTS = {
    "number of structures of 30 cc": (5, 10, 20, 40, 60),
    "size of one structure in cc": (1, 10, 100, 1000, 2000),
    "voxels of the dose grid, in thousands": (125, 1000, 3375, 8000, 15625),
    "number of courses, 15 structures": (1, 2, 3, 4),
    "shifts of the registration": (26, 52, 104, 208),
}
WHOLE = "structures in a whole assessment"
ASSESSED = (6, 15, 30, 60)


def main() -> None:
    """Measure every series, print and keep it."""
    if sys.argv[1:2] == ["--one"]:
        _one(sys.argv[2], float(sys.argv[3]))
        return
    if sys.argv[1:2] == ["--write"]:
        _write_case(int(sys.argv[2]), Path(sys.argv[3]))
        return
    wanted = sys.argv[1:] or [*POINTS, WHOLE]
    results = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    RESULTS.parent.mkdir(exist_ok=True)
    for name in wanted:
        if name == WHOLE:
            rows = _assessments()
        else:
            rows = [_in_a_process(name, value) for value in POINTS[name]]
        results[name] = {"rows": rows, "exponent": _exponent(rows)}
        _print(name, results[name])
        RESULTS.write_text(json.dumps(results, indent=1))


def _print(name: str, series: dict[str, Any]) -> None:
    print(f"\n{name}: time grows with the power {series['exponent']:.2f}")
    for row in series["rows"]:
        print(
            f"  {row['value']:8g} {row['time_s']:9.4f} s {row['peak_mb']:8.0f} MB",
            flush=True,
        )


def _exponent(rows: list[dict[str, float]]) -> float:
    values = np.log([row["value"] for row in rows])
    times = np.log([row["time_s"] for row in rows])
    return float(np.polyfit(values, times, 1)[0])


def _in_a_process(name: str, value: float) -> dict[str, float]:
    answer = subprocess.run(
        [sys.executable, __file__, "--one", name, str(value)],
        capture_output=True,
        text=True,
        check=True,
    )
    row: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return row


def _one(name: str, value: float) -> None:
    action = ACTIONS[name](value)
    action()
    times = []
    for _ in range(RUNS):
        started = time.process_time()
        action()
        times.append(time.process_time() - started)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    row = {
        "value": value,
        "time_s": statistics.median(times),
        "peak_mb": peak_kb / 1024.0,
    }
    print(json.dumps(row))


def _grid(n_voxels: float) -> DoseGrid:
    """A Gaussian dose on a cube of 240 mm."""
    n = round(n_voxels ** (1.0 / 3.0))
    spacing = 240.0 / (n - 1)
    geometry = box_geometry(
        [-120.0] * 3,
        [120.0] * 3,
        spacing_mm=(spacing,) * 3,
        frame_of_reference_uid=FRAME,
    )
    dose = GaussianDose(60.0, np.array([5.0, -4.0, 3.0]), 40.0, np.eye(3))
    planes = [
        dose.at(geometry.points_mm(_plane(k, geometry.shape)))
        for k in range(geometry.shape[0])
    ]
    return DoseGrid(np.stack(planes).reshape(geometry.shape), geometry)


def _plane(k: int, shape: tuple[int, int, int]) -> np.ndarray:
    index = np.indices((1, *shape[1:])).reshape(3, -1).T
    return np.asarray(index + np.array([k, 0, 0]))


def _courses(n: int, *, n_voxels: float = 1e6) -> list[PlacedCourse]:
    grid = _grid(n_voxels)
    courses = []
    for number in range(1, n + 1):
        values = grid.values_gy * (1.0 - 0.1 * number)
        course = Course(
            number=number,
            start_date=date(2020 + number, 1, 1),
            plan_label="",
            frame_of_reference_uid=FRAME,
            prescription=Prescription(50.0, 5, ""),
            deliveries=(Delivery((DoseGrid(values, grid.geometry),), 5),),
            structures=(),
            image=None,
        )
        courses.append(PlacedCourse(course, identity(FRAME)))
    return courses


def _ball(number: int, volume_cc: float, rng: np.random.Generator) -> Structure:
    radius = (volume_cc * 1000.0 * 3.0 / (4.0 * np.pi)) ** (1.0 / 3.0)
    centre = rng.uniform(-1.0, 1.0, 3) * max(0.0, 100.0 - radius)
    # As many points as a planner draws: one every two millimetres or so.
    n_vertices = max(16, round(2.0 * np.pi * radius / 2.0))
    contours = ball(centre, radius).contours(
        SliceStack(SLICE_MM), n_vertices=n_vertices
    )
    return Structure(number, f"S{number}", None, Role.ORGAN, contours, FRAME)


def _assessing(structures: list[Structure], courses: list[PlacedCourse]) -> Action:
    """From contours to every number and curve of a report."""
    numbers = [one.course.number for one in courses]

    def one_of(structure: Structure) -> object:
        placed = PlacedStructure(
            structure,
            sections_of(structure, slice_spacing_mm=SLICE_MM),
            structure.name,
            source_course=1,
            transferred=False,
            alpha_beta_gy=3.0,
            alpha_beta_source="",
        )
        return assessed_structure(placed, structure_doses(placed, courses, numbers))

    return lambda: [one_of(structure) for structure in structures]


def _by_number(value: float) -> Action:
    rng = np.random.default_rng(1)
    return _assessing([_ball(n, 30.0, rng) for n in range(int(value))], _courses(2))


def _by_size(value: float) -> Action:
    return _assessing([_ball(1, value, np.random.default_rng(1))], _courses(2))


def _by_grid(value: float) -> Action:
    """The preparation of the grid is part of it."""
    rng = np.random.default_rng(1)
    structures = [_ball(n, 30.0, rng) for n in range(5)]
    (placed,) = _courses(1, n_voxels=1000.0 * value)
    dose = placed.course.deliveries[0].doses[0]

    def action() -> object:
        fresh = DoseGrid(dose.values_gy, dose.geometry)
        course = replace(placed.course, deliveries=(Delivery((fresh,), 5),))
        return _assessing(structures, [replace(placed, course=course)])()

    return action


def _by_courses(value: float) -> Action:
    rng = np.random.default_rng(1)
    return _assessing([_ball(n, 30.0, rng) for n in range(15)], _courses(int(value)))


def _by_shifts(value: float) -> Action:
    first, second = (course_isodoses(one) for one in _courses(2))
    organ = sample(sections_of(_ball(1, 1500.0, np.random.default_rng(1))))
    lengths = np.linspace(1.0, 5.0, round(value / 26.0))
    return lambda: [
        class_stability([first], second, organ, shift_mm=float(length), reported="1B")
        for length in lengths
    ]


ACTIONS: dict[str, Callable[[float], Action]] = dict(
    zip(
        POINTS,
        (_by_number, _by_size, _by_grid, _by_courses, _by_shifts),
        strict=True,
    )
)


def _assessments() -> list[dict[str, float]]:
    """``reirrad assess`` with ever more structures on the same images."""
    truth = json.loads((CASE / "truth.json").read_text())
    rows = []
    with tempfile.TemporaryDirectory() as place:
        matrix = Path(place) / "matrix.txt"
        np.savetxt(matrix, np.array(truth["first_to_second"]))
        for count in ASSESSED:
            folder = Path(place) / f"{count}"
            # A process of its own: what this one holds would count as the next one's.
            writing = [sys.executable, __file__, "--write", str(count), str(folder)]
            subprocess.run(writing, check=True)
            rows.append(_assessed(folder, matrix, count))
    return rows


def _write_case(count: int, folder: Path) -> None:
    """The generated case with another number of structures."""
    for name in ("course1", "course2"):
        (course,) = survey([CASE / name], load_settings(None)).courses
        # Alone, either course counts as the first.
        there = replace(course, structures=_so_many(course.structures, count))
        write_course(there, folder / name, patient=PATIENT)


def _so_many(structures: tuple[Structure, ...], count: int) -> tuple[Structure, ...]:
    """Liver, GTV and PTV, then other organs, drawn again under other names.

    The largest first, so that their number grows and not their size.
    """
    named = {one.name: one for one in structures}
    kept = [named.pop(name) for name in ("Liver", "GTV", "PTV", "External")]
    others = sorted(named.values(), key=n_vertices, reverse=True)
    while len(kept) < count:
        number = len(kept) - 4
        model = others[number % len(others)]
        name = f"{model.name}_{number // len(others) + 1}"
        kept.append(replace(model, number=1000 + number, name=name, standard_name=None))
    return tuple(kept)


def _assessed(folder: Path, matrix: Path, count: int) -> dict[str, float]:
    command = [
        str(Path(sys.executable).parent / "reirrad"),
        "assess",
        str(folder / "course1"),
        str(folder / "course2"),
        "--registration",
        str(matrix),
        "--json-only",
        "--out",
        str(folder / "out"),
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    # 3 says that the verdict is withheld.
    if os.waitstatus_to_exitcode(status) not in {0, 3}:
        sys.exit(f"reirrad assess with {count} structures ended with an error")
    return {
        "value": count,
        "time_s": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024.0,
    }


if __name__ == "__main__":
    main()
