"""Write solids in doses whose metrics are known in closed form, as DICOM.

``python bench/analytic_case.py OUT`` writes one course for each slice spacing (1, 2 and
3 mm) and dose (linear, Gaussian with balls and with ellipsoids as isodoses). The solids
are spheres, tilted ellipsoids, upright cylinders and cones of 0.1 to 35 cc, anywhere
between the slices: 432 cases, on 3 mm dose grids. ``truth.json`` holds true metrics.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from reirrad.core.assessment import PatientIdentity
from reirrad.core.courses import Course, Delivery, Prescription, TargetPrescription
from reirrad.core.images import Image
from reirrad.core.structures import Role, Structure
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.analytic import SliceStack, box_geometry, sampled_dose
from reirrad.phantoms.known_dose_volume import (
    GaussianDose,
    KnownDose,
    LinearDose,
    known_metric,
)
from reirrad.phantoms.solids import Frustum, Solid, TiltedEllipsoid

SEED = 354
SPACINGS_MM = (1.0, 2.0, 3.0)
VOLUMES_CC = (0.1, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 35.0)
PLACES = 2
METRICS = {
    "volume": "volume[cc]",
    "mean": "Mean[Gy]",
    "D98": "D98%[Gy]",
    "D95": "D95%[Gy]",
    "D50": "D50%[Gy]",
    "D2": "D2%[Gy]",
    "D0.1cc": "D0.1cc[Gy]",
}
# The shape of every ellipsoid: semi-axes in parts of the radius of the equal ball.
TILT = Rotation.from_euler("xyz", [35.0, -25.0, 50.0], degrees=True).as_matrix()
SHAPE = np.diag([0.8, 1.0, 1.25]) @ TILT
PEAK_GY, PEAK_MM, SIGMA_MM = 60.0, np.array([7.0, -5.0, 4.0]), 18.0
# Closed forms exist where isodoses are planes, or of the shape of the solid: balls for
# balls and frusta, ellipsoids for ellipsoids.
DOSES: dict[str, KnownDose] = {
    "linear": LinearDose(43.0, np.array([0.36, -0.26, 0.43])),
    "gaussian": GaussianDose(PEAK_GY, PEAK_MM, SIGMA_MM, np.eye(3)),
    "elliptic": GaussianDose(PEAK_GY, PEAK_MM, SIGMA_MM, SHAPE),
}
FRAME = "2.25.1000000000000000000000019"
PATIENT = PatientIdentity(
    id="REIRRAD-ANALYTIC", name="Analytic^Solids", birth_date=None, sex="O"
)
HALF_MM = 40.5


@dataclass(frozen=True)
class Named:
    name: str
    solid: Solid


def solids(rng: np.random.Generator) -> list[Named]:
    """Every family, volume and place; names are ``family_volume_place``."""
    result = []
    for volume in VOLUMES_CC:
        for place in range(PLACES):
            for family, shape in FAMILIES.items():
                centre = rng.uniform(-1.5, 1.5, 3)
                name = f"{family}_{volume:g}cc_{place + 1}"
                result.append(Named(name, shape(volume, centre, rng)))
    return result


def _sphere(
    volume_cc: float, centre: np.ndarray, rng: np.random.Generator
) -> TiltedEllipsoid:
    del rng
    radius = _radius_mm(volume_cc)
    return TiltedEllipsoid(centre, radius * np.eye(3))


def _ellipsoid(
    volume_cc: float, centre: np.ndarray, rng: np.random.Generator
) -> TiltedEllipsoid:
    del rng
    return TiltedEllipsoid(centre, _radius_mm(volume_cc) * SHAPE)


def _cylinder(
    volume_cc: float, centre: np.ndarray, rng: np.random.Generator
) -> Frustum:
    """As high as it is wide, more or less."""
    ratio = rng.uniform(0.8, 1.5)
    radius = (volume_cc * 1000.0 / (2.0 * np.pi * ratio)) ** (1.0 / 3.0)
    height = 2.0 * ratio * radius
    return Frustum(centre - [0.0, 0.0, height / 2.0], height, radius, radius)


def _cone(volume_cc: float, centre: np.ndarray, rng: np.random.Generator) -> Frustum:
    ratio = rng.uniform(0.8, 1.5)
    radius = (volume_cc * 1000.0 * 3.0 / (2.0 * np.pi * ratio)) ** (1.0 / 3.0)
    height = 2.0 * ratio * radius
    ends = (radius, 0.0) if rng.uniform() < 0.5 else (0.0, radius)
    return Frustum(centre - [0.0, 0.0, height / 2.0], height, *ends)


FAMILIES: dict[str, Callable[[float, np.ndarray, np.random.Generator], Solid]] = {
    "sphere": _sphere,
    "ellipsoid": _ellipsoid,
    "cylinder": _cylinder,
    "cone": _cone,
}


def _radius_mm(volume_cc: float) -> float:
    return float((volume_cc * 1000.0 * 3.0 / (4.0 * np.pi)) ** (1.0 / 3.0))


def write_analytic_case(folder: Path) -> None:
    """Write every course and its truth."""
    named = solids(np.random.default_rng(SEED))
    for dose_name, dose in DOSES.items():
        chosen = [one for one in named if _is_known(one.solid, dose_name)]
        truth = {
            one.name: {
                short: known_metric(name, one.solid, _as_seen_by(one.solid, dose))
                for short, name in METRICS.items()
            }
            for one in chosen
        }
        for spacing in SPACINGS_MM:
            there = folder / f"{dose_name}_{spacing:g}mm"
            write_course(_course(chosen, dose, spacing), there, patient=PATIENT)
            (there / "truth.json").write_text(json.dumps(truth, indent=1))


def _is_known(solid: Solid, dose_name: str) -> bool:
    """Whether the metrics of a solid in a dose have a closed form."""
    if dose_name == "linear" or isinstance(solid, Frustum):
        return dose_name != "elliptic"
    spherical = np.allclose(solid.axes_mm, solid.axes_mm[0, 0] * np.eye(3))
    return dose_name == ("gaussian" if spherical else "elliptic")


def _as_seen_by(solid: Solid, dose: KnownDose) -> KnownDose:
    """The same dose in units of an ellipsoid's own axes, as its closed form asks."""
    if isinstance(dose, LinearDose) or isinstance(solid, Frustum):
        return dose
    size = float(np.cbrt(np.linalg.det(solid.axes_mm) / np.linalg.det(dose.axes_mm)))
    np.testing.assert_allclose(solid.axes_mm, size * dose.axes_mm, atol=1e-9)
    return replace(dose, sigma=dose.sigma / size, axes_mm=solid.axes_mm)


def _course(named: list[Named], dose: KnownDose, spacing_mm: float) -> Course:
    low, high = np.full(3, -HALF_MM), np.full(3, HALF_MM)
    image_geometry = box_geometry(
        low,
        high,
        spacing_mm=(spacing_mm, 1.5, 1.5),
        frame_of_reference_uid=FRAME,
    )
    slices = SliceStack(spacing_mm, -HALF_MM)
    dose_geometry = box_geometry(
        low, high, spacing_mm=(3.0, 3.0, 3.0), frame_of_reference_uid=FRAME
    )
    structures = tuple(
        Structure(
            number,
            one.name,
            one.name,
            Role.ORGAN,
            one.solid.contours(slices),
            FRAME,
        )
        for number, one in enumerate(named, start=1)
    )
    return Course(
        number=1,
        start_date=date(2025, 1, 7),
        plan_label="Analytic",
        frame_of_reference_uid=FRAME,
        prescription=Prescription(
            50.0, 5, "", (TargetPrescription(50.0, structures[0].number, "PTV"),)
        ),
        deliveries=(Delivery((sampled_dose(dose.at, dose_geometry),), 5),),
        structures=structures,
        image=Image(
            np.full(image_geometry.shape, 100.0, dtype=np.float32),
            image_geometry,
            "MR",
        ),
    )


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python bench/analytic_case.py OUT")
    folder = Path(sys.argv[1])
    write_analytic_case(folder)
    print(f"written to {folder}")


if __name__ == "__main__":
    main()
