"""Volumes of isodoses whose surfaces are spheres, against closed forms."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.geometry import FloatArray
from reirrad.core.overlap import course_isodoses, overlap_volumes
from reirrad.core.regions import (
    Region,
    intersection,
    isodose_region,
    measured_volume,
    union,
)
from reirrad.core.sampling import SamplePoints, sample
from reirrad.core.sections import sections_of
from reirrad.core.transforms import RigidTransform, identity
from reirrad.phantoms.analytic import (
    RadialDose,
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)
from reirrad.phantoms.closed_forms import lens_volume_cc, sphere_volume_cc
from tests.core.specimens import course_with

FRAME = "1.1"
STEPS = (3.0, 3.0, 3.0)
TILT: FloatArray = np.asarray(
    Rotation.from_euler("xyz", [17, -9, 31], degrees=True).as_matrix()
)


def around(spacing_mm: float = 3.0) -> SamplePoints:
    """A 10 cm ball of organ around everything."""
    contours = sphere_contours(
        [0, 0, 0], 100.0, slices=SliceStack(spacing_mm=spacing_mm)
    )
    return sample(
        sections_of(
            analytic_structure("organ", contours, frame_of_reference_uid=FRAME)
        ),
        centred=True,
    )


def steep_fall(radius_mm: float) -> Callable[[FloatArray], FloatArray]:
    """From 50 Gy to nothing, 80 to 20 % within 8.3 mm, 20 Gy at the radius."""
    return lambda r: 50.0 / (1.0 + 1.5 * np.exp((r - radius_mm) / 3.0))


def lens_cc(
    radius_mm: float, distance_mm: float, *, steep: bool, axes: FloatArray
) -> float:
    """Measured overlap of two spherical 20 Gy isodoses on 3 mm grids."""
    regions = []
    for sign in (-1, 1):
        centre = np.array([sign * distance_mm / 2 + 0.4, 0.3, 0.2])
        dose = (
            RadialDose(centre, steep_fall(radius_mm))
            if steep
            else sphere_dose(centre, radius_at={20.0: radius_mm, 50.0: radius_mm * 0.5})
        )
        geometry = box_geometry(
            [-80] * 3,
            [80] * 3,
            spacing_mm=STEPS,
            frame_of_reference_uid=FRAME,
            axes=axes,
        )
        grid = sampled_dose(dose.at, geometry)
        regions.append(isodose_region([grid], level_gy=20.0, to_course=identity(FRAME)))
    return measured_volume(around(), intersection(*regions)).volume_cc


@pytest.mark.parametrize(
    ("radius_mm", "distance_mm"),
    [(25.0, 45.0), (25.0, 44.8), (30.0, 50.0), (40.0, 50.0)],
)
@pytest.mark.parametrize("steep", [False, True])
@pytest.mark.parametrize("axes", [np.eye(3), TILT], ids=["axial", "oblique"])
def test_lenses_from_one_cc_are_within_half_a_per_cent(
    radius_mm: float,
    distance_mm: float,
    steep: bool,  # noqa: FBT001 - a parameter of the test
    axes: FloatArray,
) -> None:
    expected = lens_volume_cc(radius_mm, radius_mm, distance_mm=distance_mm)
    measured = lens_cc(radius_mm, distance_mm, steep=steep, axes=axes)
    assert measured == pytest.approx(expected, rel=0.005)


def test_union_and_intersection_add_up() -> None:
    def ball(x: float) -> Region:
        return lambda p: 20.0 - np.linalg.norm(p - [x, 0, 0], axis=1)

    both, either = intersection(ball(-8), ball(8)), union(ball(-8), ball(8))
    organ = around()
    total = sum(measured_volume(organ, r).volume_cc for r in (both, either))
    assert total == pytest.approx(2 * sphere_volume_cc(20.0), rel=1e-3)


def test_overlap_is_symmetric_and_within_both_volumes() -> None:
    first = course_with(sphere_dose([-20, 0, 0], radius_at={2.0: 45, 25.0: 22}))
    second = course_with(sphere_dose([20, 0, 0], radius_at={2.0: 45, 25.0: 22}))
    one = course_isodoses(PlacedCourse(first, identity(FRAME)))
    two = course_isodoses(PlacedCourse(second, identity(FRAME)))
    there, back = (
        overlap_volumes([one], two, around()),
        overlap_volumes([two], one, around()),
    )
    for name, radius in (("2Gy", 45.0), ("50%", 22.0)):
        organ_cc, total_cc = there[name].organ_cc, there[name].total_cc
        expected = lens_volume_cc(radius, radius, distance_mm=40.0)
        assert organ_cc == pytest.approx(expected, rel=0.005)
        assert total_cc == pytest.approx(expected, rel=0.005)
        assert back[name].organ_cc == pytest.approx(organ_cc, rel=0.002)


def test_moving_everything_changes_no_overlap() -> None:
    matrix = np.eye(4)
    matrix[:3, :3] = TILT
    matrix[:3, 3] = [30, -12, 7]
    first = course_with(sphere_dose([-20, 0, 0], radius_at={2.0: 45, 25.0: 22}))
    second = course_with(
        sphere_dose(TILT @ [20, 0, 0] + matrix[:3, 3], radius_at={2.0: 45, 25.0: 22}),
        number=2,
        frame="1.2",
    )
    one = course_isodoses(PlacedCourse(first, identity(FRAME)))
    two = course_isodoses(PlacedCourse(second, RigidTransform(matrix, FRAME, "1.2")))
    overlap = overlap_volumes([one], two, around())
    expected = lens_volume_cc(45.0, 45.0, distance_mm=40.0)
    assert overlap["2Gy"].organ_cc == pytest.approx(expected, rel=0.005)


def test_the_overlap_of_several_earlier_courses_is_that_of_their_union() -> None:
    far = course_with(sphere_dose([0, 60, 0], radius_at={2.0: 30, 25.0: 15}))
    near = course_with(sphere_dose([-20, 0, 0], radius_at={2.0: 45, 25.0: 22}))
    late = course_with(sphere_dose([20, 0, 0], radius_at={2.0: 45, 25.0: 22}))
    isodoses = [
        course_isodoses(PlacedCourse(c, identity(FRAME))) for c in (far, near, late)
    ]
    alone = overlap_volumes([isodoses[1]], isodoses[2], around())
    united = overlap_volumes(isodoses[:2], isodoses[2], around())
    assert united["50%"].organ_cc == pytest.approx(alone["50%"].organ_cc, rel=0.01)
    assert (united["2Gy"].organ_cc or 0) > (alone["2Gy"].organ_cc or 0)
