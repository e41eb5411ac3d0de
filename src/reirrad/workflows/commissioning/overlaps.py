"""Volumes that isodoses share: lenses and caps of balls, in closed form."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from reirrad.core.courses import Course
from reirrad.core.geometry import FloatArray
from reirrad.core.structures import Contour, Structure
from reirrad.phantoms.analytic import (
    AXIAL_AXES,
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)
from reirrad.phantoms.checks import Check
from reirrad.phantoms.closed_forms import (
    cap_height_mm,
    cap_volume_cc,
    lens_distance_mm,
    lens_volume_cc,
    sphere_volume_cc,
)
from reirrad.phantoms.plain_course import plain_course
from reirrad.workflows.commissioning.front_door import assessed, written

__all__ = ["LensCase", "examine_overlaps", "lens_courses"]

FRAME = "1.2.826.0.1.3680043.10.1511.2"
PRESCRIPTION_GY = 50.0
RADIUS_50_MM = 20.0
RADIUS_2_MM = 38.0
FALL_MM = 25.0
# Off every voxel centre, so that no symmetry helps.
MIDDLE_MM = np.array([1.3, -0.7, 0.4])
ALONG = np.array([1.0, 0.0, 0.0])
OBLIQUE = (Rotation.from_euler("zyx", (25.0, -17.0, 11.0), degrees=True)).as_matrix()
OTHER_OBLIQUE = (
    Rotation.from_euler("zyx", (-32.0, 8.0, 21.0), degrees=True)
).as_matrix()


@dataclass(frozen=True, slots=True)
class LensCase:
    """Two courses whose isodoses are balls at a distance along x.

    Parameters
    ----------
    distance_mm
        Between the centres of the doses.
    radius_at
        Isodose level in Gy to radius in mm, the same for both courses.
    prescription_gy, n_fractions
        The same for both courses.
    oblique
        Whether the dose grids are turned against the patient and each other.
    organ_centre_x_mm, organ_radius_mm
        The organ, a ball on the line of both centres.
    """

    distance_mm: float
    radius_at: tuple[tuple[float, float], ...] = (
        (PRESCRIPTION_GY / 2.0, RADIUS_50_MM),
        (2.0, RADIUS_2_MM),
    )
    prescription_gy: float = PRESCRIPTION_GY
    n_fractions: int = 5
    oblique: bool = False
    organ_centre_x_mm: float = 0.0
    organ_radius_mm: float = 45.0

    def lens_cc(self, level_gy: float) -> float:
        """Volume that the isodoses of one level share."""
        radius = dict(self.radius_at)[level_gy]
        return lens_volume_cc(radius, radius, distance_mm=self.distance_mm)


def lens_courses(case: LensCase, organ: Structure | None = None) -> list[Course]:
    """The two courses of a case; the organ is a ball unless another is given."""
    reach = RADIUS_2_MM + 10.0
    courses = []
    for number, axes in ((1, OBLIQUE), (2, OTHER_OBLIQUE)):
        side = 2 * number - 3
        centre = MIDDLE_MM + side * case.distance_mm / 2.0 * ALONG
        rows = axes if case.oblique else np.array(AXIAL_AXES)
        geometry = box_geometry(
            rows @ centre - reach,
            rows @ centre + reach,
            spacing_mm=(3.0, 3.0, 3.0),
            frame_of_reference_uid=FRAME,
            axes=rows,
        )
        dose = sphere_dose(centre, radius_at=dict(case.radius_at))
        courses.append(
            plain_course(
                number,
                sampled_dose(dose.at, geometry),
                [organ or _ball(case)],
                prescription_gy=case.prescription_gy,
                n_fractions=case.n_fractions,
            )
        )
    return courses


def examine_overlaps(folder: Path) -> Iterator[Check]:
    """Lenses of 1 and 10 cc on 3 mm grids, along the patient and oblique."""
    level_50 = PRESCRIPTION_GY / 2.0
    for name, level_gy, volume_cc, oblique in (
        ("50%", level_50, 10.0, False),
        ("50%", level_50, 1.0, True),
        ("2Gy", 2.0, 10.0, True),
        ("2Gy", 2.0, 1.0, False),
    ):
        case = LensCase(
            lens_distance_mm(dict(LensCase(0.0).radius_at)[level_gy], volume_cc),
            oblique=oblique,
        )
        place = folder / f"{name.rstrip('%')}-{volume_cc:g}-{oblique}"
        pair = assessed(written(place, lens_courses(case))).pairs[0]
        grids = "oblique grids" if oblique else "axial grids"
        for where, found in (
            ("organ", pair.overlap[name].organ_cc),
            ("body", pair.overlap[name].total_cc),
        ):
            yield _lens(f"Ov{name} in the {where}, {grids}", volume_cc, found)
    yield from _half_in_the_organ(folder / "half")
    yield from _end_of_a_field(folder / "field")


def _half_in_the_organ(folder: Path) -> Iterator[Check]:
    """An organ with a flat face through the middle of the lens: half of it counts."""
    case = LensCase(lens_distance_mm(RADIUS_50_MM, 20.0))
    written(folder, lens_courses(case, organ=_half_space()))
    result = assessed(folder)
    overlap = result.pairs[0].overlap
    yield _lens(
        "Ov50% of 20 cc, half of it in the organ", 10.0, overlap["50%"].organ_cc
    )
    yield _lens("Ov50% of 20 cc, in the body", 20.0, overlap["50%"].total_cc)
    whole_cc = case.lens_cc(2.0)
    yield _lens(
        "Ov2Gy, half of it in the organ", whole_cc / 2.0, overlap["2Gy"].organ_cc
    )
    yield _lens("Ov2Gy, in the body", whole_cc, overlap["2Gy"].total_cc)
    ball_cc = sphere_volume_cc(RADIUS_50_MM)
    for course, organ_cc in zip(result.courses, (10.0, ball_cc - 10.0), strict=True):
        inside = course.isodoses["50%"]
        words = f"50 % isodose of course {course.number}"
        yield _lens(f"{words}, in the organ", organ_cc, inside.organ_cc)
        yield _lens(f"{words}, in the body", ball_cc, inside.total_cc)


def _end_of_a_field(folder: Path) -> Iterator[Check]:
    """Doses that fall along the slices and cut little off the organ's lower surface.

    All voxels and slices lie alike along such an isodose.
    """
    organ_mm, cut_cc = LensCase(0.0).organ_radius_mm, 10.0
    height_mm = cap_height_mm(organ_mm, cut_cc)
    bottom = MIDDLE_MM[2] - organ_mm
    geometry = box_geometry(
        MIDDLE_MM - 65.0,
        MIDDLE_MM + 65.0,
        spacing_mm=(3.0, 3.0, 3.0),
        frame_of_reference_uid=FRAME,
    )

    def dose_gy(points_mm: FloatArray) -> FloatArray:
        above_mm = points_mm[..., 2] - (bottom + height_mm)
        return np.asarray(PRESCRIPTION_GY / 2.0 * np.exp(-above_mm / FALL_MM))

    courses = [
        plain_course(
            number,
            sampled_dose(dose_gy, geometry),
            [_ball(LensCase(0.0))],
            prescription_gy=PRESCRIPTION_GY,
            n_fractions=5,
        )
        for number in (1, 2)
    ]
    overlap = assessed(written(folder, courses)).pairs[0].overlap
    rest_mm = height_mm + FALL_MM * float(np.log(PRESCRIPTION_GY / 2.0 / 2.0))
    words = "in the organ, dose falling along the slices"
    yield _lens(f"Ov50% {words}", cut_cc, overlap["50%"].organ_cc)
    yield _lens(
        f"Ov2Gy {words}", cap_volume_cc(organ_mm, rest_mm), overlap["2Gy"].organ_cc
    )


def _lens(subject: str, expected_cc: float, found_cc: float | None) -> Check:
    """Tolerance: what counting on 3 mm grids can reach, growing below 10 cc."""
    percent = 0.1 if expected_cc >= 10.0 else 0.4
    return Check(
        subject,
        expected_cc,
        found_cc,
        expected_cc * percent / 100.0,
        "cc",
        f"{percent:g} % for a smooth dose on 3 mm grids (decision 0005)",
    )


def _ball(case: LensCase) -> Structure:
    centre = MIDDLE_MM + case.organ_centre_x_mm * ALONG
    contours = sphere_contours(
        centre, case.organ_radius_mm, slices=SliceStack(3.0), n_vertices=64
    )
    return analytic_structure("Liver", contours, frame_of_reference_uid=FRAME)


def _half_space() -> Structure:
    """A block whose one face is the plane of symmetry of the lens."""
    x, y = MIDDLE_MM[:2]
    low, high = y - 45.0, y + 45.0
    contours = tuple(
        Contour(
            np.array(
                [[x, low, z], [x + 45.0, low, z], [x + 45.0, high, z], [x, high, z]]
            )
        )
        for z in np.arange(-45.0, 46.0, 3.0)
    )
    return analytic_structure("Liver", contours, frame_of_reference_uid=FRAME)
