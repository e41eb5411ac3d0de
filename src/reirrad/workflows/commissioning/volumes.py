"""Volumes and dose-volume metrics of solids that are known in closed form.

One patient for each distance of the slices: every solid in a linear dose (course 1) and
in a Gaussian dose with its own centre (course 2). Where the dose is asked, at most some
20 mm from a solid's centre, the nearest Gaussian is always its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from reirrad.core.assessment import Assessment
from reirrad.core.courses import Course
from reirrad.core.geometry import FloatArray
from reirrad.core.structures import Structure
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
)
from reirrad.phantoms.checks import Check
from reirrad.phantoms.known_dose_volume import GaussianDose, LinearDose, known_metric
from reirrad.phantoms.plain_course import plain_course
from reirrad.phantoms.solids import Solid, TiltedEllipsoid, ball
from reirrad.workflows.commissioning.front_door import (
    assessed,
    metrics_of,
    structure_named,
    written,
)
from reirrad.workflows.settings import load_settings

__all__ = ["examine_volumes"]

FRAME = "1.2.826.0.1.3680043.10.1511.9"
PITCH_MM = 84.0
PEAK_GY = 60.0
LINEAR = LinearDose(40.0, np.array([0.08, 0.05, 0.2]))
# Mean absolute error that holds for balls and ellipsoids of 1 cc and more, in per cent.
MEAN_ERROR_PERCENT = {
    "volume[cc]": 0.1,
    "Mean[Gy]": 0.05,
    "D98%[Gy]": 0.4,
    "D95%[Gy]": 0.4,
    "D50%[Gy]": 0.2,
    "D2%[Gy]": 0.2,
    "D0.1cc[Gy]": 0.2,
}
LARGEST_ERROR_PERCENT = 3.0
BASIS = "accuracy promised for balls and ellipsoids of 1 cc and more"


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """A solid with its name and the Gaussian dose around it."""

    name: str
    solid: Solid
    gaussian: GaussianDose


def examine_volumes(folder: Path) -> Iterator[Check]:
    """Balls, tilted ellipsoids and flat-ended solids on slices of 1, 2 and 3 mm."""
    for spacing_mm in (1.0, 2.0, 3.0):
        known = _round_solids(spacing_mm)
        place = written(
            folder / f"{spacing_mm:g}mm", _courses(known, SliceStack(spacing_mm))
        )
        settings = load_settings(None, organ=known[0].name)
        result = assessed(place, settings=settings)
        yield from _errors(known, result, f"slices of {spacing_mm:g} mm")


def _round_solids(spacing_mm: float) -> list[_Known]:
    """Four balls and four ellipsoids, somewhere between the slices."""
    random = np.random.default_rng(round(1000 * spacing_mm))
    places = _places(random)
    known = []
    for volume_cc in (1.0, 2.5, 8.0, 30.0):
        solid = ball(next(places), _equal_radius_mm(volume_cc))
        known.append(_with_gaussian(f"ball {volume_cc:g} cc", solid, random))
    for volume_cc in (1.0, 3.0, 10.0, 35.0):
        turn = Rotation.random(random_state=random).as_matrix()
        shape = np.diag([1.3, 1.0, 1.0 / 1.3]) * _equal_radius_mm(volume_cc)
        solid = TiltedEllipsoid(next(places), shape @ turn)
        known.append(_with_gaussian(f"ellipsoid {volume_cc:g} cc", solid, random))
    return known


def _places(random: np.random.Generator) -> Iterator[FloatArray]:
    for x in (-PITCH_MM / 2.0, PITCH_MM / 2.0):
        for y in (-1.5 * PITCH_MM, -0.5 * PITCH_MM, 0.5 * PITCH_MM, 1.5 * PITCH_MM):
            yield np.array([x, y, 0.0]) + random.uniform(-1.5, 1.5, 3)


def _equal_radius_mm(volume_cc: float) -> float:
    return float(np.cbrt(volume_cc * 1000.0 * 3.0 / (4.0 * np.pi)))


def _with_gaussian(
    name: str, solid: TiltedEllipsoid, random: np.random.Generator
) -> _Known:
    """Gaussian of the solid's shape, off its centre, no narrower than 10 mm."""
    narrowest = float(np.linalg.norm(solid.axes_mm, axis=1).min())
    offset = random.normal(size=3)
    offset *= 0.4 / np.linalg.norm(offset)
    centre = solid.centre_mm + offset @ solid.axes_mm
    sigma = max(10.0 / narrowest, 1.0)
    return _Known(name, solid, GaussianDose(PEAK_GY, centre, sigma, solid.axes_mm))


def _courses(known: Sequence[_Known], slices: SliceStack) -> list[Course]:
    geometry = box_geometry(
        [-PITCH_MM - 15.0, -2.0 * PITCH_MM - 15.0, -54.0],
        [PITCH_MM + 15.0, 2.0 * PITCH_MM + 15.0, 54.0],
        spacing_mm=(3.0, 3.0, 3.0),
        frame_of_reference_uid=FRAME,
    )
    centres = np.array([one.solid.centroid_mm for one in known])

    def gaussian(points_mm: FloatArray) -> FloatArray:
        offsets = points_mm[:, None, :2] - centres[None, :, :2]
        nearest = np.argmin((offsets**2).sum(axis=2), axis=1)
        values = np.empty(len(points_mm))
        for index, one in enumerate(known):
            near = nearest == index
            values[near] = one.gaussian.at(points_mm[near])
        return values

    structures = [
        _drawn(number, one, slices) for number, one in enumerate(known, start=1)
    ]
    return [
        plain_course(
            number,
            sampled_dose(dose_at, geometry),
            structures,
            prescription_gy=prescription_gy,
            n_fractions=5,
        )
        for number, dose_at, prescription_gy in (
            (1, LINEAR.at, 40.0),
            (2, gaussian, 50.0),
        )
    ]


def _drawn(number: int, known: _Known, slices: SliceStack) -> Structure:
    contours = known.solid.contours(slices)
    return analytic_structure(
        known.name, contours, frame_of_reference_uid=FRAME, number=number
    )


def _errors(
    known: Sequence[_Known], result: Assessment, slices: str
) -> Iterator[Check]:
    """Mean and largest error of each metric over all solids and both doses."""
    for metric, tolerance in MEAN_ERROR_PERCENT.items():
        errors = {
            case: abs(percent)
            for one in known
            for case, percent in _errors_percent(one, result, metric)
        }
        yield Check(
            f"{metric}, {slices}: mean error of {len(errors)} cases",
            0.0,
            sum(errors.values()) / len(errors),
            tolerance,
            "%",
            BASIS,
        )
        worst = max(errors, key=lambda case: errors[case])
        yield Check(
            f"{metric}, {slices}: largest error ({worst})",
            0.0,
            errors[worst],
            LARGEST_ERROR_PERCENT,
            "%",
            BASIS,
        )


def _errors_percent(
    known: _Known, result: Assessment, metric: str
) -> Iterator[tuple[str, float]]:
    structure = structure_named(result, known.name)
    if metric == "volume[cc]":
        yield known.name, 100.0 * (structure.volume_cc / known.solid.volume_cc - 1.0)
        return
    for number, words, dose in ((1, "linear", LINEAR), (2, "Gaussian", known.gaussian)):
        expected = known_metric(metric, known.solid, dose)
        found = metrics_of(structure, number, "physical")[metric]
        percent = float("nan") if found is None else 100.0 * (found / expected - 1.0)
        yield f"{known.name}, {words} dose", percent
