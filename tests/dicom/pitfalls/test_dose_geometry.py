"""Pitfalls 1 to 10: where the voxels of a dose lie."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from reirrad.core.dose import dose_at
from tests.dicom.exports import SCALING, SLICES, CourseExport, course_export
from tests.dicom.pitfalls.dose_cases import (
    Lattice,
    assert_is_ramp,
    assert_names,
    codes,
    message,
    only_dose,
    place,
    ramp_gy,
    refusal,
    surveyed,
)

FEET_FIRST = (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
POSITIONS = {
    "HFS": (1, 0, 0, 0, 1, 0),
    "HFP": (-1, 0, 0, 0, -1, 0),
    "HFDL": (0, -1, 0, 1, 0, 0),
    "HFDR": (0, 1, 0, -1, 0, 0),
    "FFS": (-1, 0, 0, 0, 1, 0),
    "FFP": (1, 0, 0, 0, -1, 0),
    "FFDL": (0, 1, 0, 1, 0, 0),
    "FFDR": (0, -1, 0, -1, 0, 0),
}
OBLIQUE = (0.8, 0.36, 0.48, -0.6, 0.48, 0.64)


@pytest.fixture
def export() -> CourseExport:
    return course_export(1)


@pytest.mark.parametrize(
    ("vector", "z"),
    [
        pytest.param([0, 4, 8, 12, 16], 3.0, id="relative"),
        pytest.param([3, 7, 11, 15, 19], 3.0, id="absolute"),
        pytest.param([-60, -56, -52, -48, -44], -60.0, id="absolute below 0"),
        pytest.param([0, 4, 8, 12, 16], 0.0, id="both at once"),
    ],
)
def test_pitfall_01_absolute_frame_offsets_are_told_from_relative(
    export: CourseExport, tmp_path: Path, vector: list[float], z: float
) -> None:
    lattice = Lattice(position=(-7.0, -8.0, z))
    place(export["rd.dcm"], lattice, vector)
    assert_is_ramp(only_dose(surveyed(tmp_path, export)), lattice.points_mm())


@pytest.mark.parametrize(
    ("vector", "found"),
    [
        pytest.param([5, 9, 13, 17, 21], "found 5", id="neither"),
        pytest.param([0, 13, 17, 21, 25], "mixed", id="first one relative"),
        pytest.param([9, 4, 8, 12, 16], "mixed", id="first one absolute"),
        pytest.param([9, 5, 8, 12, 16], "found 9 followed by 5", id="turns back"),
    ],
)
def test_pitfall_01_other_frame_offsets_are_refused(
    export: CourseExport, tmp_path: Path, vector: list[float], found: str
) -> None:
    place(export["rd.dcm"], Lattice(position=(-7.0, -8.0, 9.0)), vector)
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "Grid Frame Offset Vector (3004,000C)", found)


def test_pitfall_02_slice_thickness_never_stands_for_frame_offsets(
    export: CourseExport, tmp_path: Path
) -> None:
    export["rd.dcm"].SliceThickness = 1.0
    place(export["rd.dcm"], Lattice())
    grid = only_dose(surveyed(tmp_path / "both", export))
    assert_is_ramp(grid, Lattice().points_mm())

    del export["rd.dcm"].GridFrameOffsetVector
    problem = refusal(surveyed(tmp_path / "without", export))
    assert_names(problem, "rd.dcm", "Offset Vector (3004,000C)", "found nothing")


@pytest.mark.parametrize("feet_first", [False, True])
@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("absolute", [False, True])
def test_pitfall_03_offsets_of_any_sign_keep_the_dose_where_it_is(
    export: CourseExport,
    tmp_path: Path,
    *,
    feet_first: bool,
    falling: bool,
    absolute: bool,
) -> None:
    distances = np.arange(5) * (-4.0 if falling else 4.0)
    lattice = Lattice(
        position=(7.0 if feet_first else -7.0, -8.0, 6.0),
        orientation=FEET_FIRST if feet_first else (1, 0, 0, 0, 1, 0),
        distances=distances.tolist(),
    )
    vector = 6.0 + lattice.normal[2] * distances if absolute else distances
    place(export["rd.dcm"], lattice, vector.tolist())
    assert_is_ramp(only_dose(surveyed(tmp_path, export)), lattice.points_mm())


# --- uneven planes --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distances", "step"),
    [
        pytest.param((0, 2, 4, 8, 12, 14, 16), 2.0, id="2 and 4 mm"),
        pytest.param((0, 3, 5, 8, 11, 13, 16), 1.0, id="2 and 3 mm"),
        pytest.param((0, -2.5, -5, -7.5, -12.5), 2.5, id="falling"),
    ],
)
def test_pitfall_04_uneven_planes_keep_their_own_dose(
    export: CourseExport,
    tmp_path: Path,
    distances: tuple[float, ...],
    step: float,
) -> None:
    z = 16.0 if distances[1] < 0 else 0.0
    lattice = Lattice(position=(-7.0, -8.0, z), distances=distances)
    place(export["rd.dcm"], lattice)
    result = surveyed(tmp_path, export)
    grid = only_dose(result)
    assert grid.geometry.spacing_mm[0] == pytest.approx(step)
    assert_is_ramp(grid, lattice.points_mm())
    assert codes(result) == ["dose-planes-uneven"]
    assert f"interpolated every {step:g} mm" in message(result, "dose-planes-uneven")


def test_pitfall_04_dose_between_uneven_planes_is_near_the_true_one(
    export: CourseExport, tmp_path: Path
) -> None:
    def hill_gy(z: np.ndarray) -> np.ndarray:
        return np.asarray(50.0 * np.exp(-(((z - 30.0) / 15.0) ** 2)))

    distances = np.concatenate([[0.0], np.cumsum(np.resize([1.37, 2.91], 28))])
    lattice = Lattice(distances=np.round(distances, 2).tolist())
    place(export["rd.dcm"], lattice)
    values = hill_gy(lattice.points_mm()[..., 2])
    stored = np.round(values / SCALING).astype("<u4")
    export["rd.dcm"].PixelData = stored.tobytes()
    grid = only_dose(surveyed(tmp_path, export))
    z = np.linspace(2.0, 56.0, 400)
    points = np.stack([np.full(400, 1.0), np.full(400, 1.0), z], axis=1)
    assert np.abs(dose_at(grid, points) - hill_gy(z)).max() < 0.02


def test_pitfall_04_a_step_between_uneven_planes_does_not_swing(
    export: CourseExport, tmp_path: Path
) -> None:
    lattice = Lattice(distances=(0, 2, 4, 8, 12, 14, 16))
    place(export["rd.dcm"], lattice)
    values = np.where(lattice.points_mm()[..., 2] < 6.0, 50.0, 0.0)
    export["rd.dcm"].PixelData = np.round(values / SCALING).astype("<u4").tobytes()
    grid = only_dose(surveyed(tmp_path, export))
    assert grid.values_gy.max() <= 50.0
    assert grid.values_gy.min() >= 0.0


@pytest.mark.parametrize(
    ("distances", "found"),
    [
        pytest.param((0, 4, 8, 19, 23), "steps from 4 to 11 mm", id="planes missing"),
        pytest.param((0, 4, 8, 8, 12), "found 8 followed by 8", id="plane twice"),
        pytest.param((0, 0.13, 1e9, 2e9), "10000 or less", id="impossible"),
    ],
)
def test_pitfall_04_absurd_steps_are_refused_at_once(
    export: CourseExport, tmp_path: Path, distances: tuple[float, ...], found: str
) -> None:
    lattice = Lattice()
    place(export["rd.dcm"], lattice)
    export["rd.dcm"].GridFrameOffsetVector = list(distances)
    export["rd.dcm"].NumberOfFrames = len(distances)
    kept = len(distances) * lattice.rows * lattice.columns * 4
    export["rd.dcm"].PixelData = export["rd.dcm"].PixelData[:kept]
    began = time.monotonic()
    problem = refusal(surveyed(tmp_path, export))
    assert time.monotonic() - began < 5.0
    assert_names(problem, "rd.dcm", "Grid Frame Offset Vector (3004,000C)", found)


def test_pitfall_04_steps_that_need_too_many_planes_are_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    one = export["rd.dcm"]
    place(one, Lattice())
    one.GridFrameOffsetVector = [0.0, 0.13, 5e3, 1e4]
    one.NumberOfFrames, one.Rows, one.Columns = 4, 300, 300
    one.PixelData = np.full(4 * 300 * 300, 50_000, "<u4").tobytes()
    problem = refusal(surveyed(tmp_path, export))
    assert_names(
        problem, "rd.dcm", "Grid Frame Offset Vector (3004,000C)", "voxels, more than"
    )


# --- axes -----------------------------------------------------------------------------


def around(orientation: tuple[float, ...]) -> Lattice:
    """A lattice with the given axes whose middle is that of the structures."""
    lattice = Lattice(position=(0, 0, 0), orientation=orientation)
    middle = lattice.points_mm().reshape(-1, 3).mean(axis=0)
    return replace(lattice, position=tuple(np.array([0.5, 0.25, 8.0]) - middle))


@pytest.mark.parametrize("name", POSITIONS)
def test_pitfall_05_dose_of_every_patient_position_is_in_place(
    export: CourseExport, tmp_path: Path, name: str
) -> None:
    lattice = around(POSITIONS[name])
    export["rd.dcm"].PatientPosition = name
    place(export["rd.dcm"], lattice)
    assert_is_ramp(only_dose(surveyed(tmp_path, export)), lattice.points_mm())


@pytest.mark.parametrize("name", POSITIONS)
def test_pitfall_05_headers_of_a_planning_system_are_in_place(
    export: CourseExport, tmp_path: Path, shared: Path, name: str
) -> None:
    real = dcmread(shared / f"data/rtdose_oddities/RD.DICOMORIENT.Dose_{name}.dcm")
    offsets = np.array(real.GridFrameOffsetVector, dtype=float)
    signed = offsets - offsets[0]
    if offsets[0] != 0:
        cosines = np.array(real.ImageOrientationPatient, dtype=float)
        signed *= np.sign(np.cross(cosines[:3], cosines[3:])[2])
    lattice = Lattice(
        position=[float(v) for v in real.ImagePositionPatient],
        orientation=[float(v) for v in real.ImageOrientationPatient],
        spacing=[float(v) for v in real.PixelSpacing],
        distances=signed.tolist(),
        rows=real.Rows,
        columns=real.Columns,
    )
    place(export["rd.dcm"], lattice, offsets.tolist())
    values = 45.0 + ramp_gy(lattice.points_mm()) / 100.0
    export["rd.dcm"].PixelData = np.round(values / SCALING).astype("<u4").tobytes()
    grid = only_dose(surveyed(tmp_path, export))
    found = dose_at(grid, lattice.points_mm().reshape(-1, 3))
    np.testing.assert_allclose(found, values.ravel(), rtol=0, atol=0.0006)


def test_pitfall_06_oblique_dose_is_in_place(
    export: CourseExport, tmp_path: Path
) -> None:
    lattice = around(OBLIQUE)
    place(export["rd.dcm"], lattice)
    assert_is_ramp(only_dose(surveyed(tmp_path, export)), lattice.points_mm())


def test_pitfall_06_axes_that_are_not_at_right_angles_are_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    place(export["rd.dcm"], Lattice())
    export["rd.dcm"].ImageOrientationPatient = [1, 0, 0, 0.2, 1, 0]
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "(0020,0037)", "found 1 0 0 0.2 1 0")


@pytest.mark.parametrize("spacing", [(5.0, 1.25), (1.25, 5.0)])
def test_pitfall_07_rows_and_columns_of_the_spacing_are_not_swapped(
    export: CourseExport, tmp_path: Path, spacing: tuple[float, float]
) -> None:
    lattice = Lattice(spacing=spacing)
    place(export["rd.dcm"], lattice)
    assert_is_ramp(only_dose(surveyed(tmp_path, export)), lattice.points_mm())


def test_pitfall_08_the_position_is_the_centre_of_the_first_voxel(
    export: CourseExport, tmp_path: Path
) -> None:
    place(export["rd.dcm"], Lattice())
    grid = only_dose(surveyed(tmp_path, export))
    first = np.array([-7.0, -8.0, 0.0])
    assert_is_ramp(grid, first)
    inside = first - np.array([0.99, 1.49, 1.99])
    outside = first - np.array([1.01, 1.51, 2.01])
    assert np.isfinite(dose_at(grid, inside[None, :])).all()
    assert np.isnan(dose_at(grid, outside[None, :])).all()


def test_pitfall_09_a_dose_between_the_pixels_of_the_image_is_in_place(
    export: CourseExport, tmp_path: Path
) -> None:
    lattice = Lattice(position=(-7.37, -8.21, 0.73))
    place(export["rd.dcm"], lattice)
    assert_is_ramp(only_dose(surveyed(tmp_path, export)), lattice.points_mm())


def test_pitfall_10_dose_and_image_of_different_sizes_are_not_matched_by_index(
    export: CourseExport, tmp_path: Path
) -> None:
    lattice = Lattice(
        position=(-9.0, -10.0, -5.0),
        distances=[2.5 * k for k in range(12)],
        rows=9,
        columns=11,
        spacing=(2.5, 2.0),
    )
    place(export["rd.dcm"], lattice)
    result = surveyed(tmp_path, export)
    image = result.courses[0].image
    assert image is not None
    assert image.geometry.shape[0] == SLICES != len(lattice.distances)
    assert_is_ramp(only_dose(result), lattice.points_mm())
