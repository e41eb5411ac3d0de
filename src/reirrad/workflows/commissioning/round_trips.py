"""What is written as DICOM comes back: doses to half a step, contours as drawn."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from reirrad.core.courses import Course
from reirrad.core.dose import DoseGrid
from reirrad.core.geometry import FloatArray
from reirrad.dicom.alterations import alter
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)
from reirrad.phantoms.checks import Check
from reirrad.phantoms.plain_course import plain_course
from reirrad.workflows.commissioning.front_door import written
from reirrad.workflows.gather import survey
from reirrad.workflows.settings import load_settings

__all__ = ["examine_round_trips"]

FRAME = "1.2.826.0.1.3680043.10.1511.6"
DOSE = sphere_dose([2.0, -3.0, 4.0], radius_at={60.0: 8.0, 25.0: 20.0, 2.0: 40.0})
SCALING_16_GY = 0.0012

# The highest dose is written as this number of steps.
STEPS_32 = 4.29e9
# Half a step may be met exactly.
ROUNDING = 1.0 + 1e-6
TENTH_MICROMETRE = 1e-4


def examine_round_trips(folder: Path) -> Iterator[Check]:
    """Doses of 32 and 16 bits on oblique grids, and contours."""
    course = _course()
    grid = course.deliveries[0].doses[0]
    written(folder / "32", [course])
    step_gy = float(grid.values_gy.max()) / STEPS_32
    back = _read(folder / "32")
    yield from _dose_checks("32 bit", grid, back, step_gy)
    yield from _contour_checks(course, back)
    written(folder / "16", [course])
    stored = np.rint(grid.values_gy / SCALING_16_GY).astype("<u2")
    alter(
        folder / "16" / "course1" / "RD_1.dcm",
        {
            "BitsAllocated": 16,
            "BitsStored": 16,
            "HighBit": 15,
            "DoseGridScaling": str(SCALING_16_GY),
            "PixelData": stored.tobytes(),
        },
    )
    back = _read(folder / "16")
    yield from _dose_checks("16 bit", grid, back, SCALING_16_GY)


def _course() -> Course:
    turn = Rotation.from_euler("zyx", (20.0, 10.0, -15.0), degrees=True).as_matrix()
    geometry = box_geometry(
        [-45.0, -40.0, -42.0],
        [45.0, 44.0, 39.0],
        spacing_mm=(3.0, 2.5, 2.0),
        frame_of_reference_uid=FRAME,
        axes=turn,
    )
    contours = sphere_contours(
        [1.2345, -2.3456, 3.4567], 25.0, slices=SliceStack(3.0), n_vertices=90
    )
    structure = analytic_structure("Liver", contours, frame_of_reference_uid=FRAME)
    return plain_course(
        1,
        sampled_dose(DOSE.at, geometry),
        [structure],
        prescription_gy=50.0,
        n_fractions=5,
    )


def _read(folder: Path) -> Course | None:
    courses = survey([folder], load_settings(None)).courses
    return courses[0] if courses else None


def _dose_checks(
    bits: str, grid: DoseGrid, back: Course | None, step_gy: float
) -> Iterator[Check]:
    read = None if back is None else back.deliveries[0].doses[0]
    alike = read is not None and read.values_gy.shape == grid.values_gy.shape
    indices = np.moveaxis(np.indices(grid.geometry.shape), 0, -1).reshape(-1, 3)
    points = grid.geometry.points_mm(indices)
    yield Check(
        f"RTDOSE {bits}: largest difference of a voxel",
        0.0,
        _largest(read.values_gy.ravel(), DOSE.at(points)) if read and alike else None,
        step_gy / 2.0 * ROUNDING,
        "Gy",
        "half a step of Dose Grid Scaling",
    )
    yield Check(
        f"RTDOSE {bits}: largest displacement of a corner",
        0.0,
        _largest(read.geometry.corners_mm(), grid.geometry.corners_mm())
        if read and alike
        else None,
        TENTH_MICROMETRE,
        "mm",
        "digits of a DICOM decimal string",
    )


def _contour_checks(course: Course, back: Course | None) -> Iterator[Check]:
    (drawn,) = course.structures
    read = None if back is None else next(iter(back.structures), None)
    yield Check("RTSTRUCT: name", drawn.name, read.name if read else None)
    yield Check(
        "RTSTRUCT: contours",
        len(drawn.contours),
        len(read.contours) if read else None,
    )
    before = np.concatenate([contour.points_mm for contour in drawn.contours])
    after = (
        np.concatenate([contour.points_mm for contour in read.contours])
        if read
        else np.empty((0, 3))
    )
    yield Check("RTSTRUCT: vertices", len(before), len(after))
    yield Check(
        "RTSTRUCT: largest displacement of a vertex along an axis",
        0.0,
        _largest(after, before) if len(after) == len(before) else None,
        0.000051,
        "mm",
        "coordinates are written to a ten-thousandth of a millimetre",
    )


def _largest(found: FloatArray, expected: FloatArray) -> float:
    return float(np.abs(found - expected).max())
