"""Areas in a plane are the regions whose volumes are reported, cut by that plane."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from scipy.spatial.transform import Rotation

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.courses import Course, Delivery, Prescription, TargetPrescription
from reirrad.core.geometry import FloatArray
from reirrad.core.isodose_areas import IsodoseCutter, beyond_slices
from reirrad.core.overlap import course_isodoses
from reirrad.core.slice_planes import SlicePlane
from reirrad.core.structures import Role
from reirrad.core.transforms import RigidTransform
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)

FRAME = "1.2.2"
CENTRES = (np.array([-14.0, 0.0, 0.0]), np.array([15.0, 4.0, 2.0]))
TILT = Rotation.from_euler("xyz", [8, -5, 12], degrees=True).as_matrix()
NEAR_MM = 0.1


def from_reference() -> RigidTransform:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("z", 10, degrees=True).as_matrix()
    matrix[:3, 3] = 5.0, -3.0, 2.0
    return RigidTransform(matrix, "1.2.1", FRAME)


def dose_at(points_mm: FloatArray) -> FloatArray:
    doses = [
        sphere_dose(centre, radius_at={gy: 8.0, gy / 2: 12.0, 2.0: 24.0}).at(points_mm)
        for centre, gy in zip(CENTRES, (50.0, 30.0), strict=True)
    ]
    return np.maximum(*doses)


def placed(*half_mm: float) -> PlacedCourse:
    """A course of two targets with different prescriptions.

    Each half size makes a grid; of several, each has its share of the dose.
    """
    grids = tuple(
        sampled_dose(
            lambda points: dose_at(points) / len(half_mm),
            box_geometry(
                [-half] * 3, [half] * 3, spacing_mm=(2.5, 2.0, 2.0),
                frame_of_reference_uid=FRAME,
            ),
        )
        for half in half_mm
    )  # fmt: skip
    targets = tuple(
        analytic_structure(
            f"PTV{number}",
            sphere_contours(centre, 8.0, slices=SliceStack(2.0), n_vertices=40),
            frame_of_reference_uid=FRAME,
            number=number,
            role=Role.PTV,
        )
        for number, centre in enumerate(CENTRES, start=1)
    )
    prescription = Prescription(
        50.0,
        5,
        "test",
        (TargetPrescription(50.0, 1, "PTV1"), TargetPrescription(30.0, 2, "PTV2")),
    )
    course = Course(
        1, date(2024, 1, 1), "plan", FRAME, prescription, (Delivery(grids, 5),),
        targets, None,
    )  # fmt: skip
    return PlacedCourse(course, from_reference())


@pytest.mark.parametrize(
    "half_mm", [(45.0,), (18.0,), (45.0, 45.0)], ids=["whole", "cut", "two beams"]
)
@pytest.mark.parametrize("axes", [np.eye(3), TILT], ids=["axial", "oblique"])
def test_an_area_is_the_region_cut_by_the_plane(
    half_mm: tuple[float, ...], axes: FloatArray
) -> None:
    one = placed(*half_mm)
    plane = SlicePlane(np.array([0.0, 0.0, -1.0]), axes[0], axes[1])
    areas = IsodoseCutter.of(one).areas(plane)
    regions = course_isodoses(one)
    at = np.random.default_rng(1).uniform(-45, 45, (40_000, 2))
    points = plane.points_mm(at)
    for level in ("2Gy", "50%"):
        region, _ = regions.named(level)
        inside = region(points) >= 0.0
        area = areas["2Gy" if level == "2Gy" else "50%"]
        found = shapely.contains_xy(area, at[:, 0], at[:, 1])
        assert inside.sum() > 500
        wrong = shapely.points(at[inside != found])
        far = shapely.distance(wrong, area.boundary) > NEAR_MM
        assert not far.any()


@pytest.mark.parametrize("outer_gy", [45.0, 20.0])
def test_targets_in_each_other_divide_no_area(outer_gy: float) -> None:
    """Beside a third target, the 50 % level around both of them is the higher one."""
    plain = placed(45.0)
    outer = analytic_structure(
        "outer",
        sphere_contours(CENTRES[0] + 0.3, 12.0, slices=SliceStack(2.0), n_vertices=40),
        frame_of_reference_uid=FRAME,
        number=3,
        role=Role.PTV,
    )
    course = plain.course
    ordered = (*course.prescription.targets, TargetPrescription(outer_gy, 3, "outer"))
    nested = PlacedCourse(
        replace(
            course,
            prescription=replace(course.prescription, targets=ordered),
            structures=(*course.structures, outer),
        ),
        plain.from_reference,
    )
    plane = SlicePlane(np.array([0.0, 0.0, -1.0]), np.eye(3)[0], np.eye(3)[1])
    at = np.random.default_rng(2).uniform(-45, 45, (20_000, 2))
    region, _ = course_isodoses(nested).named("50%")
    area = IsodoseCutter.of(nested).areas(plane)["50%"]
    found = shapely.contains_xy(area, at[:, 0], at[:, 1])
    wrong = shapely.points(at[(region(plane.points_mm(at)) >= 0.0) != found])
    assert found.any()
    assert not (shapely.distance(wrong, area.boundary) > NEAR_MM).any()
    # None of the area around the first target is lost or won by the outer one.
    own = from_reference().apply(plane.points_mm(at))
    around = np.linalg.norm(own - CENTRES[0], axis=1) < 14.0
    alone = IsodoseCutter.of(plain).areas(plane)["50%"]
    same = shapely.contains_xy(alone, at[around, 0], at[around, 1])
    np.testing.assert_array_equal(found[around], same)


def test_half_doses_of_two_targets_both_count() -> None:
    one = placed(45.0)
    middle = from_reference().inverse().apply(CENTRES[1])
    plane = SlicePlane(np.array([0.0, 0.0, middle[2]]), np.eye(3)[0], np.eye(3)[1])
    areas = IsodoseCutter.of(one).areas(plane)
    u, v = plane.coordinates_mm(middle + np.array([11.0, 0.0, 0.0]))
    # Above half of 30 Gy, below half of 50 Gy.
    assert shapely.contains_xy(areas["50%"], u, v)


def test_grids_of_different_size_add_up_where_each_has_dose() -> None:
    one = placed(45.0, 12.0)
    plane = SlicePlane(np.zeros(3), np.eye(3)[0], np.eye(3)[1])
    areas = IsodoseCutter.of(one).areas(plane)
    region, _ = course_isodoses(one).named("2Gy")
    at = np.random.default_rng(1).uniform(-45, 45, (20_000, 2))
    inside = region(plane.points_mm(at)) >= 0.0
    found = shapely.contains_xy(areas["2Gy"], at[:, 0], at[:, 1])
    wrong = shapely.points(at[inside != found])
    # Where a grid ends within an isodose, the border is found to the raster's step.
    assert shapely.distance(wrong, areas["2Gy"].boundary).max(initial=0.0) < 1.0


def test_an_isodose_beyond_the_slices_is_noticed() -> None:
    one = placed(45.0)

    def planes(count: int) -> list[SlicePlane]:
        heights = 2.0 * (np.arange(count) - count // 2)
        return [
            SlicePlane(np.array([0.0, 0.0, z]), np.eye(3)[0], np.eye(3)[1])
            for z in heights
        ]

    assert beyond_slices(planes(11), one, "2Gy")
    assert not beyond_slices(planes(61), one, "2Gy")
    assert not beyond_slices(planes(31), one, "100%")
