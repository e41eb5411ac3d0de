"""reirrad, as the command line uses it."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from running import Action, analytic_courses, run

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.courses import Course
from reirrad.core.dose import DoseGrid, Interpolation, dose_there
from reirrad.core.sampling import plausible_volumes_cc, sample
from reirrad.core.sections import sections_of
from reirrad.core.structure_doses import (
    PlacedStructure,
    StructureDoses,
    structure_doses,
)
from reirrad.core.structures import Structure
from reirrad.core.transforms import RigidTransform, identity
from reirrad.registration.rigid import register_rigid
from reirrad.workflows.gather import survey
from reirrad.workflows.settings import load_settings

METRICS = {
    "mean": "Mean[Gy]",
    "D98": "D98%[Gy]",
    "D95": "D95%[Gy]",
    "D50": "D50%[Gy]",
    "D2": "D2%[Gy]",
    "D0.1cc": "D0.1cc[Gy]",
}
THREADS = 2
POINTS_AT_ONCE = 500_000


def course_of(folder: Path) -> Course:
    """The one course of a folder."""
    return survey([folder], load_settings(None)).courses[0]


def doses_of(course: Course, structure: Structure) -> StructureDoses:
    """Doses in one structure, from its contours."""
    spacing = course.image.geometry.spacing_mm[0] if course.image else None
    placed = PlacedStructure(
        structure,
        sections_of(structure, slice_spacing_mm=spacing),
        structure.name,
        source_course=1,
        transferred=False,
        alpha_beta_gy=3.0,
        alpha_beta_source="",
    )
    here = PlacedCourse(course, identity(course.frame_of_reference_uid))
    return structure_doses(placed, [here], [course.number])


def metrics_of(doses: StructureDoses) -> dict[str, float]:
    """Volume and dose metrics of the one course."""
    (number,) = doses.all_courses
    found = {
        short: doses.metric(name, number, "physical", None)
        for short, name in METRICS.items()
    }
    return {"volume": doses.samples.volume_cc, **found}


def intervals_of(doses: StructureDoses) -> dict[str, tuple[float, float]]:
    """What is told of the metrics where the contours cannot decide."""
    (number,) = doses.all_courses
    intervals = doses.intervals(list(METRICS.values()), number, "physical", None)
    found = {short: intervals[name] for short, name in METRICS.items()}
    volumes = [one.sum() for one in plausible_volumes_cc(doses.samples)]
    if volumes:
        found["volume"] = (float(min(volumes)), float(max(volumes)))
    return {name: one for name, one in found.items() if one is not None}


def with_fresh_dose(course: Course) -> Course:
    """The same course, its dose grid prepared anew."""
    (delivery,) = course.deliveries
    (dose,) = delivery.doses
    fresh = replace(delivery, doses=(DoseGrid(dose.values_gy, dose.geometry),))
    return replace(course, deliveries=(fresh,))


def all_metrics(course: Course) -> dict[str, dict[str, float]]:
    """Metrics of every structure, two at a time as an assessment does it.

    The largest first, told by their vertices: nothing else is known beforehand.
    """
    again = with_fresh_dose(course)

    def measured(one: Structure) -> tuple[str, dict[str, float]]:
        return one.name, metrics_of(doses_of(again, one))

    with ThreadPoolExecutor(THREADS) as pool:
        by_size = sorted(again.structures, key=lambda one: -_n_vertices(one))
        return dict(pool.map(measured, by_size))


def _n_vertices(structure: Structure) -> int:
    return sum(len(contour.points_mm) for contour in structure.contours)


def all_with_intervals(course: Course) -> dict[str, dict[str, Any]]:
    """Metrics and intervals of every structure."""
    result = {}
    for one in course.structures:
        doses = doses_of(course, one)
        result[one.name] = metrics_of(doses) | {"interval": intervals_of(doses)}
    return result


def read(case: Path) -> Action:
    def action() -> int:
        course = course_of(case / "course1")
        return sum(len(c.points_mm) for s in course.structures for c in s.contours)

    return action


def dvh(case: Path) -> Action:
    return lambda: all_metrics(course_of(case / "course1"))


def dvh_in_memory(case: Path) -> Action:
    course = course_of(case / "course1")
    return lambda: all_metrics(course)


def _liver_mm(course: Course) -> np.ndarray:
    (liver,) = (one for one in course.structures if one.name == "Liver")
    return sample(sections_of(liver), spacing_mm=8.0).points_mm


def register_organ(case: Path) -> Action:
    """With the contours of the liver, as an assessment does it."""
    first, second = (course_of(case / name) for name in ("course1", "course2"))

    def action() -> list[list[float]]:
        found = register_rigid(
            second.image,
            first.image,
            fixed_focus_mm=_liver_mm(second),
            moving_focus_mm=_liver_mm(first),
        )
        return found.matrix.tolist()

    return action


def register(case: Path) -> Action:
    first, second = (course_of(case / name) for name in ("course1", "course2"))

    def action() -> list[list[float]]:
        return register_rigid(second.image, first.image).matrix.tolist()

    return action


def _resampler(case: Path, interpolation: Interpolation) -> Action:
    (delivery,) = course_of(case / "course2").deliveries
    (dose,) = delivery.doses
    truth = json.loads((case / "truth.json").read_text())
    frame = dose.geometry.frame_of_reference_uid
    move = RigidTransform(np.array(truth["resampling"]), frame, frame)
    probe = tuple(np.array(truth["probe_indices"]).T)
    shape = dose.geometry.shape

    def action() -> list[float]:
        grid = DoseGrid(dose.values_gy, dose.geometry, interpolation)
        result = np.empty(shape, dtype=np.float32)
        planes = max(1, POINTS_AT_ONCE // (shape[1] * shape[2]))
        for start in range(0, shape[0], planes):
            end = min(start + planes, shape[0])
            index = np.indices((end - start, *shape[1:])).reshape(3, -1).T
            index = index + np.array([start, 0, 0])
            points = move.apply(dose.geometry.points_mm(index))
            there = dose_there(grid, points)
            values = np.where(there.covered, there.dose_gy, 0.0)
            result[start:end] = values.reshape(end - start, *shape[1:])
        return result[probe].tolist()

    return action


def resample(case: Path) -> Action:
    return _resampler(case, Interpolation.CUBIC)


def resample_linear(case: Path) -> Action:
    return _resampler(case, Interpolation.LINEAR)


def analytic(case: Path) -> Action:
    return lambda: {
        one.name: all_with_intervals(course_of(one)) for one in analytic_courses(case)
    }


TASKS = {
    "read": read,
    "dvh": dvh,
    "dvh in memory": dvh_in_memory,
    "register": register,
    "register, organ known": register_organ,
    "resample, cubic": resample,
    "resample, linear": resample_linear,
    "analytic": analytic,
}

if __name__ == "__main__":
    run(TASKS, version=version("reirrad"))
