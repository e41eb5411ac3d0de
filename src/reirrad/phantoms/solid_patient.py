"""A patient of known solids in known doses.

Every solid lies in a linear dose (course 1) and in a Gaussian dose of its own (course
2). Gaussians meet half way between two solids, some 42 mm from their centres; no solid
reaches so far.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from reirrad.core.courses import Course
from reirrad.core.geometry import FloatArray
from reirrad.core.structures import Structure
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
)
from reirrad.phantoms.known_dose_volume import (
    GaussianDose,
    KnownDose,
    LinearDose,
    known_metric,
)
from reirrad.phantoms.plain_course import plain_course
from reirrad.phantoms.solids import Frustum, Solid, TiltedEllipsoid, ball

__all__ = ["KnownSolid", "flat_solids", "round_solids", "solid_courses"]

FRAME = "1.2.826.0.1.3680043.10.1511.9"
PITCH_MM = 84.0
PEAK_GY = 60.0
NARROWEST_SIGMA_MM = 10.0
LINEAR = LinearDose(40.0, np.array([0.08, 0.05, 0.2]))
ROUND_COLUMNS_MM = (-PITCH_MM, 0.0)
FLAT_COLUMNS_MM = (PITCH_MM,)
ROWS_MM = (-1.5 * PITCH_MM, -0.5 * PITCH_MM, 0.5 * PITCH_MM, 1.5 * PITCH_MM)


@dataclass(frozen=True, slots=True, eq=False)
class KnownSolid:
    """A solid with the doses that it lies in.

    Parameters
    ----------
    name
        Name of the structure.
    solid
        Its outer surface.
    gaussian
        Dose of course 2 around it.
    hole
        What is missing inside.
    """

    name: str
    solid: Solid
    gaussian: GaussianDose
    hole: Solid | None = None

    @property
    def doses(self) -> tuple[tuple[int, str, KnownDose], ...]:
        """Course number, name and value of each dose."""
        return (1, "linear dose", LINEAR), (2, "Gaussian dose", self.gaussian)

    def value(self, metric: str, dose: KnownDose) -> float:
        """A metric as :func:`known_metric` names it.

        Raises
        ------
        ValueError
            If the solid is hollow and the metric is neither volume nor mean.
        """
        whole = known_metric(metric, self.solid, dose)
        if self.hole is None:
            return whole
        missing = known_metric(metric, self.hole, dose)
        if metric == "volume[cc]":
            return whole - missing
        if metric == "Mean[Gy]":
            outer_cc, hole_cc = self.solid.volume_cc, self.hole.volume_cc
            return (whole * outer_cc - missing * hole_cc) / (outer_cc - hole_cc)
        msg = f"{metric} of a hollow solid is not known"
        raise ValueError(msg)

    def structure(self, number: int, slices: SliceStack) -> Structure:
        """Its contours; those of the hole lie inside the others."""
        contours = self.solid.contours(slices)
        if self.hole is not None:
            contours += self.hole.contours(slices)
        return analytic_structure(
            self.name, contours, frame_of_reference_uid=FRAME, number=number
        )


def round_solids(random: np.random.Generator) -> list[KnownSolid]:
    """Four balls and four tilted ellipsoids of 1 to 35 cc, anywhere between slices."""
    places = _places(ROUND_COLUMNS_MM, random)
    known = []
    for volume_cc in (1.0, 2.5, 8.0, 30.0):
        solid = ball(next(places), _radius_mm(volume_cc))
        known.append(_with_own_gaussian(f"ball {volume_cc:g} cc", solid, random))
    for volume_cc in (1.0, 3.0, 10.0, 35.0):
        turn = Rotation.random(random_state=random).as_matrix()
        shape = np.diag([1.3, 1.0, 1.0 / 1.3]) * _radius_mm(volume_cc)
        solid = TiltedEllipsoid(next(places), shape @ turn)
        known.append(_with_own_gaussian(f"ellipsoid {volume_cc:g} cc", solid, random))
    return known


def flat_solids(random: np.random.Generator) -> list[KnownSolid]:
    """A cylinder, a cone, a frustum and a tube, upright, anywhere between slices."""
    known = []
    places = _places(FLAT_COLUMNS_MM, random)
    for name, height_mm, lower_mm, upper_mm in (
        ("cylinder", 22.0, 12.0, 12.0),
        ("cone", 28.0, 15.0, 0.0),
        ("frustum", 26.0, 9.0, 16.0),
        ("tube", 24.0, 16.0, 16.0),
    ):
        base = next(places) - np.array([0.0, 0.0, height_mm / 2.0])
        solid = Frustum(base, height_mm, lower_mm, upper_mm)
        hole = Frustum(base, height_mm, 8.0, 8.0) if name == "tube" else None
        aside = np.array([4.0, -3.0, 0.3 * height_mm])
        gaussian = GaussianDose(PEAK_GY, base + aside, 16.0, np.eye(3))
        known.append(KnownSolid(name, solid, gaussian, hole))
    return known


def solid_courses(known: Sequence[KnownSolid], slices: SliceStack) -> list[Course]:
    """Both courses, with every solid drawn in each."""
    geometry = box_geometry(
        [-1.5 * PITCH_MM - 12.0, -2.0 * PITCH_MM - 12.0, -54.0],
        [1.5 * PITCH_MM + 12.0, 2.0 * PITCH_MM + 12.0, 54.0],
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

    structures = [one.structure(number, slices) for number, one in enumerate(known, 1)]
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


def _places(
    columns_mm: Sequence[float], random: np.random.Generator
) -> Iterator[FloatArray]:
    for x in columns_mm:
        for y in ROWS_MM:
            yield np.array([x, y, 0.0]) + random.uniform(-1.5, 1.5, 3)


def _radius_mm(volume_cc: float) -> float:
    """Radius of a ball."""
    return float(np.cbrt(volume_cc * 1000.0 * 3.0 / (4.0 * np.pi)))


def _with_own_gaussian(
    name: str, solid: TiltedEllipsoid, random: np.random.Generator
) -> KnownSolid:
    """Gaussian of the solid's shape, off its centre."""
    narrowest_mm = float(np.linalg.norm(solid.axes_mm, axis=1).min())
    offset = random.normal(size=3)
    offset *= 0.4 / np.linalg.norm(offset)
    centre = solid.centre_mm + offset @ solid.axes_mm
    sigma = max(NARROWEST_SIGMA_MM / narrowest_mm, 1.0)
    return KnownSolid(name, solid, GaussianDose(PEAK_GY, centre, sigma, solid.axes_mm))
