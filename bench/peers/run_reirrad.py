"""reirrad, as the command line uses it."""

import json
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from running import Action, analytic_courses, run

from reirrad.core.accumulation import PlacedCourse, course_dose
from reirrad.core.courses import Course
from reirrad.core.dose import DoseGrid, Interpolation, dose_there
from reirrad.core.dvh import dose_volume, metric_value
from reirrad.core.sampling import sample
from reirrad.core.sections import sections_of
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
POINTS_AT_ONCE = 500_000


def course_of(folder: Path) -> Course:
    """The one course of a folder."""
    return survey([folder], load_settings(None)).courses[0]


def metrics_of(course: Course, structure: Structure) -> dict[str, float]:
    """Volume and dose metrics of one structure, from its contours."""
    spacing = course.image.geometry.spacing_mm[0] if course.image else None
    samples = sample(sections_of(structure, slice_spacing_mm=spacing))
    placed = PlacedCourse(course, identity(course.frame_of_reference_uid))
    dose_gy = course_dose(placed, samples.points_mm).physical_gy()
    curve = dose_volume(dose_gy, samples.volumes_cc)
    found = {short: metric_value(name, curve) for short, name in METRICS.items()}
    return {"volume": curve.volume_cc, **found}


def all_metrics(course: Course) -> dict[str, dict[str, float]]:
    """Metrics of every structure, the dose grid prepared anew."""
    (delivery,) = course.deliveries
    (dose,) = delivery.doses
    fresh = replace(delivery, doses=(DoseGrid(dose.values_gy, dose.geometry),))
    again = replace(course, deliveries=(fresh,))
    return {one.name: metrics_of(again, one) for one in again.structures}


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
        one.name: all_metrics(course_of(one)) for one in analytic_courses(case)
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
