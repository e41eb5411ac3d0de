"""Doses whose value is known at every point of the patient, stored in any way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from reirrad.core.dose import DoseGrid, dose_at
from reirrad.core.geometry import FloatArray
from reirrad.core.settings import Settings
from reirrad.workflows.gather import Survey, survey
from reirrad.workflows.settings import load_settings
from tests.dicom.exports import SCALING, CourseExport, written

REMEDIES = ("xport", "Leave", "Give", "settings")
TRANSVERSE = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
# Half a step of the scaling, and a spline in single precision.
TOLERANCE_GY = 1e-3


@dataclass(frozen=True)
class Lattice:
    """How a dose is stored: position, axes, spacing, plane offsets and size."""

    position: Sequence[float] = (-7.0, -8.0, 0.0)
    orientation: Sequence[float] = TRANSVERSE
    spacing: Sequence[float] = (3.0, 2.0)
    distances: Sequence[float] = (0.0, 4.0, 8.0, 12.0, 16.0)
    rows: int = 6
    columns: int = 8

    @property
    def normal(self) -> FloatArray:
        return np.cross(self.orientation[:3], self.orientation[3:])

    def points_mm(self) -> FloatArray:
        """Voxel centres, (planes, rows, columns, 3), by the words of the standard."""
        row_axis = np.array(self.orientation[:3])
        column_axis = np.array(self.orientation[3:])
        k = np.array(self.distances)[:, None, None, None]
        j = np.arange(self.rows)[None, :, None, None]
        i = np.arange(self.columns)[None, None, :, None]
        return np.asarray(
            np.array(self.position)
            + row_axis * self.spacing[1] * i
            + column_axis * self.spacing[0] * j
            + self.normal * k
        )


def ramp_gy(points_mm: FloatArray) -> FloatArray:
    """A dose that is different along each axis, 0 or more near the origin."""
    return np.asarray(44.0 + points_mm @ np.array([0.25, 0.13, -0.17]))


def place(dataset: Dataset, lattice: Lattice, vector: object = None) -> Dataset:
    """Store the ramp on a lattice; the vector is of distances if not given."""
    dataset.ImagePositionPatient = list(lattice.position)
    dataset.ImageOrientationPatient = list(lattice.orientation)
    dataset.PixelSpacing = list(lattice.spacing)
    dataset.NumberOfFrames = len(lattice.distances)
    dataset.Rows, dataset.Columns = lattice.rows, lattice.columns
    dataset.GridFrameOffsetVector = (
        list(lattice.distances) if vector is None else vector
    )
    fill(dataset, lattice)
    return dataset


def fill(dataset: Dataset, lattice: Lattice) -> None:
    values = np.round(ramp_gy(lattice.points_mm()) / SCALING)
    dataset.PixelData = values.astype("<u4").tobytes()


def surveyed(
    folder: Path, *exports: CourseExport, settings: Settings | None = None
) -> Survey:
    """Everything as `reirrad inspect` and `reirrad assess` read it."""
    own = replace(settings or load_settings(None), organ="Fegato")
    return survey([written(folder, *exports)], own)


def only_dose(result: Survey) -> DoseGrid:
    assert result.problems == ()
    ((grid,),) = [one.doses for one in result.courses[0].deliveries]
    return grid


def assert_is_ramp(grid: DoseGrid, points_mm: FloatArray) -> None:
    """The dose at points of the patient is the one that was calculated there."""
    points = points_mm.reshape(-1, 3)
    np.testing.assert_allclose(
        dose_at(grid, points), ramp_gy(points), rtol=0, atol=TOLERANCE_GY
    )


def refusal(result: Survey) -> str:
    """The one sentence for which nothing is computed."""
    assert result.courses == ()
    (problem,) = result.problems
    return problem


def codes(result: Survey) -> list[str]:
    noted = [finding.code for finding in result.findings]
    return [code for code in noted if code != "course-date-source"]


def message(result: Survey, code: str) -> str:
    (found,) = [one.message for one in result.findings if one.code == code]
    return found


def fate(result: Survey, name: str) -> tuple[str, str]:
    (row,) = [row for row in result.inputs if row.path.endswith(name)]
    return row.status, row.reason


def assert_names(problem: str, *parts: str) -> None:
    """A refusal names file, attribute, what was found and what to do."""
    for part in parts:
        assert part in problem
    if not any(word in problem for word in REMEDIES):
        pytest.fail(f"no remedy in: {problem}")
