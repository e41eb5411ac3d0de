"""Defects found in other programs: 3, 6 to 9 and 14 to 17, on single values."""

from copy import deepcopy
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from reirrad.core.accumulation import CourseDose, PlacedCourse, course_dose
from reirrad.core.courses import Course, Delivery, Prescription
from reirrad.core.dose import DoseGrid, dose_at
from reirrad.core.dvh import dose_volume, metric_value
from reirrad.core.geometry import FloatArray, GridGeometry, same_grid
from reirrad.core.sampling import sample
from reirrad.core.sections import sections_of
from reirrad.core.structure_doses import moved
from reirrad.core.structures import Contour, Role, Structure
from reirrad.core.transforms import RigidTransform
from reirrad.dicom.identity import Study
from reirrad.dicom.write_rtdose import DoseMeaning, rtdose_dataset
from tests.dicom.exports import ROOT, CourseExport, dose
from tests.dicom.pitfalls.dose_cases import (
    Lattice,
    assert_is_ramp,
    assert_names,
    codes,
    only_dose,
    place,
    refusal,
    surveyed,
)
from tests.workflows.exports import PATIENT

HERE, THERE = "1.2.1", "1.2.2"
TURN = np.array([[0.0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def grid_of(
    values: FloatArray, *, step_mm: float = 4.0, origin: float = 0.0
) -> DoseGrid:
    affine = np.diag([step_mm, 3.0, 2.0, 1.0])[[2, 1, 0, 3]]
    affine[:3, 3] = origin
    shape = (values.shape[0], values.shape[1], values.shape[2])
    return DoseGrid(values, GridGeometry(shape, affine, THERE))


def placed(grid: DoseGrid, matrix: FloatArray) -> PlacedCourse:
    return PlacedCourse(
        Course(
            number=1,
            start_date=date(2024, 1, 1),
            plan_label="PLAN",
            frame_of_reference_uid=THERE,
            prescription=Prescription(50.0, 5, "RTPLAN"),
            deliveries=(Delivery((grid,), 5),),
            structures=(),
            image=None,
        ),
        RigidTransform(matrix, HERE, THERE),
    )


def test_defect_03_equal_shapes_at_other_places_are_not_one_grid(
    export: CourseExport, tmp_path: Path
) -> None:
    values = np.arange(60.0).reshape(3, 4, 5)
    here, there = grid_of(values), grid_of(values, origin=5.0)
    assert not same_grid(here.geometry, there.geometry)
    point = here.geometry.points_mm([[1, 2, 3]])
    assert dose_at(here, point) == pytest.approx(values[1, 2, 3])
    assert dose_at(there, point) != pytest.approx(values[1, 2, 3], abs=0.5)

    moved_dose = deepcopy(export["rd.dcm"])
    moved_dose.SOPInstanceUID = f"{ROOT}.1.73"
    moved_dose.ImagePositionPatient = [-2.0, -8.0, 0.0]
    export.objects["rd2.dcm"] = moved_dose
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "rd2.dcm", "different doses of the same plan")


def test_defect_06_each_voxel_has_its_own_dose_per_fraction() -> None:
    doses = np.array([1.0, 10.0, 25.0, 50.0])
    one = CourseDose(((doses, 5),), np.ones(4, dtype=np.bool_))
    expected = doses * (doses / 5 + 3.0) / 5.0
    np.testing.assert_allclose(one.eqd2_gy(3.0), expected)
    two = CourseDose(((doses, 5), (doses, 10)), np.ones(4, dtype=np.bool_))
    more = doses * (doses / 10 + 3.0) / 5.0
    np.testing.assert_allclose(two.eqd2_gy(3.0), expected + more)


def test_defect_07_non_square_pixels_and_absolute_offsets_are_in_place(
    export: CourseExport, tmp_path: Path
) -> None:
    lattice = Lattice(position=(-7.0, -8.0, -30.0), spacing=(1.5, 4.0))
    place(export["rd.dcm"], lattice, [-30, -26, -22, -18, -14])
    assert_is_ramp(only_dose(surveyed(tmp_path, export)), lattice.points_mm())


def test_defect_07_dose_is_not_snapped_to_the_nearest_plane() -> None:
    values = np.broadcast_to(np.arange(20.0)[:, None, None] * 10.0, (20, 4, 5))
    grid = grid_of(np.array(values))
    points = np.array([[4.0, 4.5, 36.0 + d] for d in (0.0, 0.4, 1.0, 3.6)])
    np.testing.assert_allclose(
        dose_at(grid, points), [90.0, 91.0, 92.5, 99.0], atol=0.01
    )


def test_defect_08_doses_below_a_tenth_of_a_gray_are_not_lost() -> None:
    curve = dose_volume(np.linspace(0.001, 0.099, 1000), np.full(1000, 0.01))
    assert metric_value("D50%[Gy]", curve) == pytest.approx(0.05, abs=1e-3)
    assert metric_value("D98%[Gy]", curve) == pytest.approx(0.003, abs=2e-4)
    assert metric_value("V0.05Gy[%]", curve) == pytest.approx(50.0, abs=0.1)


@pytest.mark.parametrize(
    "keyword", ["DoseType", "DoseSummationType", "DoseUnits", "DoseGridScaling"]
)
def test_defect_08_what_a_dose_is_has_no_default(
    export: CourseExport, tmp_path: Path, keyword: str
) -> None:
    delattr(export["rd.dcm"], keyword)
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "(3004,", "found nothing")


def test_defect_09_a_registered_dose_is_interpolated_between_slices() -> None:
    values = np.broadcast_to(np.arange(20.0)[:, None, None] * 10.0, (20, 4, 5))
    matrix = np.eye(4)
    matrix[2, 3] = 1.3
    course = placed(grid_of(np.array(values)), matrix)
    points = np.array([[4.0, 4.5, z] for z in (36.0, 37.0, 38.6)])
    found = course_dose(course, points).physical_gy()
    np.testing.assert_allclose(found, (points[:, 2] + 1.3) * 2.5, atol=0.01)


def test_defect_14_a_written_dose_says_what_it_is() -> None:
    grid = grid_of(np.full((3, 4, 5), 20.0))
    study = Study(PATIENT, date(2024, 1, 1), "x")
    for meaning in (
        DoseMeaning(),
        DoseMeaning(dose_type="EFFECTIVE", summation="MULTI_PLAN"),
        DoseMeaning(summation="BEAM", beam_number=3),
    ):
        written = rtdose_dataset(grid, study=study, meaning=meaning)
        assert written.DoseType == meaning.dose_type
        assert written.DoseSummationType == meaning.summation


def square_at(x: float, z: float, half: float = 5.0) -> Contour:
    corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
    return Contour(np.array([[x + a, b, z] for a, b in corners]))


def structure(*contours: Contour) -> Structure:
    return Structure(1, "PTV", None, Role.PTV, contours, HERE)


def test_defect_15_a_target_does_not_grow_when_it_is_carried_over() -> None:
    angle = np.radians(33.0)
    matrix = np.eye(4)
    matrix[1:3, 1:3] = [
        [np.cos(angle), -np.sin(angle)],
        [np.sin(angle), np.cos(angle)],
    ]
    matrix[:3, 3] = [3.3, -7.7, 12.1]
    drawn = structure(*(square_at(0.0, 3.0 * k) for k in range(6)))
    carried = moved(drawn, RigidTransform(matrix, HERE, THERE))
    before = sections_of(drawn, slice_spacing_mm=3.0).volume_cc
    after = sections_of(carried, slice_spacing_mm=3.0).volume_cc
    assert after == pytest.approx(before, rel=1e-6)


def test_defect_16_physical_and_effective_doses_are_not_added(
    export: CourseExport, tmp_path: Path
) -> None:
    del export.objects["rd.dcm"]
    for n in (1, 2):
        export.objects[f"b{n}.dcm"] = dose(
            export, f"{ROOT}.1.7{n}", export.uid("rp.dcm"), inside_gy=25.0, beam=n
        )
    export["b2.dcm"].DoseType = "EFFECTIVE"
    result = surveyed(tmp_path, export)
    assert_names(refusal(result), "beam doses of plan", "beam 2 of 2 has none")
    assert "dose-refused" in codes(result)


def test_defect_16_every_contour_of_a_slice_counts() -> None:
    one = structure(*(square_at(0.0, 3.0 * k) for k in range(6)))
    two = structure(
        *(square_at(x, 3.0 * k) for k in range(6) for x in (0.0, 40.0)),
    )
    single = sections_of(one, slice_spacing_mm=3.0).volume_cc
    double = sections_of(two, slice_spacing_mm=3.0).volume_cc
    assert double == pytest.approx(2 * single, rel=1e-6)


def test_defect_17_a_registration_turns_the_dose_and_does_not_only_shift_it() -> None:
    k, j, i = np.indices((6, 12, 14))
    grid = grid_of(5.0 + 1.0 * k + 2.0 * j + 3.0 * i)
    points = np.array([[10.0, -8.0, 8.0], [20.0, -14.0, 12.0]])
    x, y, z = points.T
    # A quarter turn carries (x, y) to (-y, x).
    expected = 5.0 + z / 4.0 + 2.0 * x / 3.0 + 3.0 * -y / 2.0
    found = course_dose(placed(grid, TURN), points).physical_gy()
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_defect_17_a_quarter_of_the_way_is_not_the_mean_of_two_planes() -> None:
    values = np.broadcast_to(np.arange(20.0)[:, None, None] ** 2, (20, 4, 5))
    grid = grid_of(np.array(values))
    found = dose_at(grid, np.array([[4.0, 4.5, 37.0], [4.0, 4.5, 39.0]]))
    np.testing.assert_allclose(found, [9.25**2, 9.75**2], atol=0.02)


@pytest.mark.parametrize("spacing_mm", [0.7, 1.1, 2.3])
def test_defect_17_no_remainder_of_a_structure_is_dropped(spacing_mm: float) -> None:
    sections = sections_of(
        structure(*(square_at(0.0, 3.1 * k, half=5.3) for k in range(7))),
        slice_spacing_mm=3.1,
    )
    points = sample(sections, spacing_mm=spacing_mm)
    assert points.volume_cc == pytest.approx(sections.volume_cc, rel=1e-3)
