"""Sums of courses: EQD2 is formed point by point, then added, then asked.

Every dose is linear along x, one of them falling where the others rise. The sum still
rises, so each metric is the sum at one known plane of the ball, and differs from any
sum of the courses' own metrics.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from reirrad.core.assessment import Assessment
from reirrad.core.courses import Course
from reirrad.core.structures import Role, Structure
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
    sphere_contours,
)
from reirrad.phantoms.checks import Check
from reirrad.phantoms.known_dose_volume import LinearDose, known_metric
from reirrad.phantoms.plain_course import plain_course, uniform_dose
from reirrad.phantoms.solids import ball
from reirrad.workflows.commissioning.front_door import (
    assessed,
    metrics_of,
    structure_named,
    written,
)

__all__ = ["examine_accumulation"]

FRAME = "1.2.826.0.1.3680043.10.1511.3"
RADIUS_MM = 16.0
# Name, x of the centre, role, alpha/beta ratio of the shipped table.
STRUCTURES = (
    ("Liver", -40.0, Role.ORGAN, 2.5),
    ("Stomach", 0.0, Role.ORGAN, 3.0),
    ("GTV", 40.0, Role.GTV, 10.0),
)
PERCENT = {"Mean[Gy]": 0.05, "D98%[Gy]": 0.4, "D50%[Gy]": 0.2, "D2%[Gy]": 0.2}
LIMITS = "accuracy promised for balls of 1 cc and more"
# A dose that equals x: its metrics in a ball are places.
PLACE = LinearDose(0.0, np.array([1.0, 0.0, 0.0]))
# Mean square of a coordinate in a ball of radius 1.
VARIANCE = 1.0 / 5.0


@dataclass(frozen=True, slots=True)
class _Line:
    """Total dose of a course along x, and its fractions."""

    dose_gy: float
    per_mm: float
    n_fractions: int

    @property
    def dose(self) -> LinearDose:
        return LinearDose(self.dose_gy, np.array([self.per_mm, 0.0, 0.0]))

    def eqd2(self, x_mm: float, ratio: float) -> float:
        dose = self.dose_gy + self.per_mm * x_mm
        return dose * (dose / self.n_fractions + ratio) / (2.0 + ratio)

    def mean_eqd2(self, x_mm: float, ratio: float) -> float:
        """In a ball around x: the square of the dose adds its variance."""
        spread = (self.per_mm * RADIUS_MM) ** 2 * VARIANCE
        return self.eqd2(x_mm, ratio) + spread / self.n_fractions / (2.0 + ratio)


LINES = (_Line(30.0, 0.25, 5), _Line(24.0, -0.1, 3), _Line(26.0, 0.2, 10))


def examine_accumulation(folder: Path) -> Iterator[Check]:
    """Two and three courses of different fractions, and two plans of one course."""
    written(folder / "lines", _linear_courses())
    two = assessed(folder / "lines" / "course1", folder / "lines" / "course2")
    three = assessed(folder / "lines")
    for name, x_mm, _, ratio in STRUCTURES:
        yield from _sums(two, LINES[:2], name, (x_mm, ratio))
        yield from _sums(three, LINES, name, (x_mm, ratio))
    yield _critical_volume(three)
    yield from _plans_in_different_fractions(folder / "plans")


def _linear_courses() -> list[Course]:
    geometry = box_geometry(
        [-80.0, -45.0, -45.0],
        [80.0, 45.0, 45.0],
        spacing_mm=(3.0, 3.0, 3.0),
        frame_of_reference_uid=FRAME,
    )
    return [
        plain_course(
            number,
            sampled_dose(line.dose.at, geometry),
            _structures(),
            prescription_gy=line.dose_gy,
            n_fractions=line.n_fractions,
        )
        for number, line in enumerate(LINES, start=1)
    ]


def _structures() -> list[Structure]:
    return [
        analytic_structure(
            name,
            sphere_contours([x, 0.0, 0.5], RADIUS_MM, slices=SliceStack(2.0)),
            frame_of_reference_uid=FRAME,
            number=number,
            role=role,
        )
        for number, (name, x, role, _) in enumerate(STRUCTURES, start=1)
    ]


def _sums(
    result: Assessment,
    lines: tuple[_Line, ...],
    name: str,
    place: tuple[float, float],
) -> Iterator[Check]:
    centre_x, ratio = place
    found = metrics_of(structure_named(result, name), "cumulative", "EQD2")
    for metric, percent in PERCENT.items():
        if metric == "Mean[Gy]":
            expected = math.fsum(line.mean_eqd2(centre_x, ratio) for line in lines)
        else:
            x_mm = known_metric(metric, ball([centre_x, 0.0, 0.0], RADIUS_MM), PLACE)
            expected = math.fsum(line.eqd2(x_mm, ratio) for line in lines)
        yield Check(
            f"{name}, alpha/beta {ratio:g} Gy: EQD2 {metric} of {len(lines)} courses",
            expected,
            found[metric],
            expected * percent / 100.0,
            "Gy",
            f"{percent:g} %: {LIMITS}",
        )


def _critical_volume(result: Assessment) -> Check:
    """Liver that course 1 leaves below 21 Gy: a cap of the ball."""
    (constraint,) = [
        one
        for one in result.constraints
        if one.structure == "Liver"
        and one.metric == "CV21Gy[cc]"
        and one.scope == "course 1"
        and one.quantity == "physical"
    ]
    liver = ball([STRUCTURES[0][1], 0.0, 0.0], RADIUS_MM)
    expected = liver.volume_cc - LINES[0].dose.volume_cc(liver, 21.0)
    return Check(
        "Liver below 21 Gy in course 1 (CV21Gy)",
        expected,
        constraint.value,
        expected * 0.005,
        "cc",
        "0.5 %: position of one isodose in a ball",
    )


def _plans_in_different_fractions(folder: Path) -> Iterator[Check]:
    """50 Gy in 25 and 10 Gy in 2 a week later are one course: 50 + 16 Gy EQD2."""
    geometry = box_geometry(
        [-80.0, -40.0, -40.0],
        [80.0, 40.0, 40.0],
        spacing_mm=(5.0, 5.0, 5.0),
        frame_of_reference_uid=FRAME,
    )
    plans = [
        replace(
            plain_course(
                number,
                sampled_dose(uniform_dose(dose_gy), geometry),
                _structures(),
                prescription_gy=dose_gy,
                n_fractions=n_fractions,
            ),
            start_date=day,
        )
        for number, dose_gy, n_fractions, day in (
            (1, 50.0, 25, date(2021, 3, 1)),
            (2, 10.0, 2, date(2021, 3, 8)),
            (3, 30.0, 6, date(2023, 3, 1)),
        )
    ]
    result = assessed(written(folder, plans))
    stomach = structure_named(result, "Stomach")
    for scope, expected, what in (
        (1, 66.0, "50 Gy in 25 with a boost of 10 Gy in 2"),
        ("cumulative", 114.0, "and 30 Gy in 6 later"),
    ):
        yield Check(
            f"Stomach, alpha/beta 3 Gy: EQD2 Mean[Gy], {what}",
            expected,
            metrics_of(stomach, scope, "EQD2")["Mean[Gy]"],
            0.001,
            "Gy",
            "arithmetic; only the dose scaling rounds",
        )
