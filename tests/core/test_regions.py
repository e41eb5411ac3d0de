"""Volumes of isodoses whose surfaces are spheres, against closed forms."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.dose import DoseGrid, Interpolation, clearance_there, dose_there
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
from reirrad.phantoms.closed_forms import (
    cap_height_mm,
    cap_volume_cc,
    lens_volume_cc,
    sphere_volume_cc,
)
from tests.core.specimens import course_with

FRAME = "1.1"
STEPS = (3.0, 3.0, 3.0)
TILT: FloatArray = np.asarray(
    Rotation.from_euler("xyz", [17, -9, 31], degrees=True).as_matrix()
)


@pytest.fixture(scope="module")
def around() -> SamplePoints:
    """A 10 cm ball of organ around everything."""
    contours = sphere_contours([0, 0, 0], 100.0, slices=SliceStack(spacing_mm=3.0))
    return sample(
        sections_of(
            analytic_structure("organ", contours, frame_of_reference_uid=FRAME)
        ),
        centred=True,
    )


def fall(
    radius_mm: float, within_mm: float | None
) -> Callable[[FloatArray], FloatArray]:
    """From 50 Gy to nothing, 20 Gy at the radius; 80 to 20 % within a distance.

    Without a distance, the Gaussian with 50 Gy at half the radius.
    """
    if within_mm is None:
        return sphere_dose(
            np.zeros(3), radius_at={20.0: radius_mm, 50.0: radius_mm * 0.5}
        ).profile_gy
    slope_mm = within_mm / (2.0 * np.log(4.0))
    return lambda r: 50.0 / (1.0 + 1.5 * np.exp((r - radius_mm) / slope_mm))


def grid_around(
    dose: RadialDose, axes: FloatArray, interpolation: Interpolation
) -> DoseGrid:
    geometry = box_geometry(
        [-80] * 3, [80] * 3, spacing_mm=STEPS, frame_of_reference_uid=FRAME, axes=axes
    )
    values = sampled_dose(dose.at, geometry).values_gy
    return DoseGrid(values, geometry, interpolation)


def lens_cc(
    organ: SamplePoints,
    radius_mm: float,
    distance_mm: float,
    *,
    within_mm: float | None,
    axes: FloatArray,
    interpolation: Interpolation = Interpolation.CUBIC,
) -> float:
    """Measured overlap of two spherical 20 Gy isodoses on 3 mm grids."""
    profile = fall(radius_mm, within_mm)
    grids = []
    for sign in (-1, 1):
        centre = np.array([sign * distance_mm / 2 + 0.4, 0.3, 0.2])
        grids.append(grid_around(RadialDose(centre, profile), axes, interpolation))
    return shared_cc(organ, grids, level_gy=20.0)


def shared_cc(
    organ: SamplePoints, grids: Sequence[DoseGrid], *, level_gy: float
) -> float:
    """Measured overlap of isodoses."""
    regions = (
        isodose_region([grid], level_gy=level_gy, to_course=identity(FRAME))
        for grid in grids
    )
    return measured_volume(organ, intersection(*regions)).volume_cc


@pytest.mark.parametrize(
    ("radius_mm", "distance_mm"),
    [(25.0, 44.8), (30.0, 50.0), (40.0, 50.0)],
    ids=["1 cc", "7 cc", "50 cc"],
)
@pytest.mark.parametrize("within_mm", [None, 8.3, 5.5])
@pytest.mark.parametrize("axes", [np.eye(3), TILT], ids=["axial", "oblique"])
def test_lenses_are_within_four_per_mille_at_1_cc_and_one_above(
    around: SamplePoints,
    radius_mm: float,
    distance_mm: float,
    *,
    within_mm: float | None,
    axes: FloatArray,
) -> None:
    expected = lens_volume_cc(radius_mm, radius_mm, distance_mm=distance_mm)
    measured = lens_cc(around, radius_mm, distance_mm, within_mm=within_mm, axes=axes)
    percent = 0.1 if expected > 5.0 else 0.4
    assert measured == pytest.approx(expected, rel=percent / 100.0)


@pytest.mark.parametrize("level_gy", [10.0, 30.0])
@pytest.mark.parametrize("within_mm", [8.3, 5.5])
@pytest.mark.parametrize(
    ("distance_mm", "percent"), [(44.86, 0.4), (33.0, 0.1)], ids=["1 cc", "10 cc"]
)
def test_steep_lenses_hold_at_other_levels_in_an_oblique_direction(
    around: SamplePoints,
    *,
    level_gy: float,
    within_mm: float,
    distance_mm: float,
    percent: float,
) -> None:
    slope_mm = within_mm / (2.0 * np.log(4.0))

    def profile_gy(r: FloatArray) -> FloatArray:
        beyond = (50.0 / level_gy - 1.0) * np.exp((r - 25.0) / slope_mm)
        return np.asarray(50.0 / (1.0 + beyond))

    grids = [
        grid_around(
            RadialDose(TILT @ [side * distance_mm / 2.0, 0.0, 0.0], profile_gy),
            axes,
            Interpolation.CUBIC,
        )
        for side, axes in ((-1, np.eye(3)), (1, TILT.T))
    ]
    expected = lens_volume_cc(25.0, 25.0, distance_mm=distance_mm)
    measured = shared_cc(around, grids, level_gy=level_gy)
    assert measured == pytest.approx(expected, rel=percent / 100.0)


def test_union_and_intersection_add_up(around: SamplePoints) -> None:
    def ball(x: float) -> Region:
        return lambda p: 20.0 - np.linalg.norm(p - [x, 0, 0], axis=1)

    both, either = intersection(ball(-8), ball(8)), union(ball(-8), ball(8))
    total = sum(measured_volume(around, r).volume_cc for r in (both, either))
    assert total == pytest.approx(2 * sphere_volume_cc(20.0), rel=1e-3)


def test_overlap_is_symmetric_and_within_both_volumes(around: SamplePoints) -> None:
    first = course_with(sphere_dose([-20, 0, 0], radius_at={2.0: 45, 25.0: 22}))
    second = course_with(sphere_dose([20, 0, 0], radius_at={2.0: 45, 25.0: 22}))
    one = course_isodoses(PlacedCourse(first, identity(FRAME)))
    two = course_isodoses(PlacedCourse(second, identity(FRAME)))
    there, back = (
        overlap_volumes([one], two, around),
        overlap_volumes([two], one, around),
    )
    for name, radius in (("2Gy", 45.0), ("50%", 22.0)):
        organ_cc, total_cc = there[name].organ_cc, there[name].total_cc
        expected = lens_volume_cc(radius, radius, distance_mm=40.0)
        assert organ_cc == pytest.approx(expected, rel=0.005)
        assert total_cc == pytest.approx(expected, rel=0.005)
        assert back[name].organ_cc == pytest.approx(organ_cc, rel=0.002)


def test_moving_everything_changes_no_overlap(around: SamplePoints) -> None:
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
    overlap = overlap_volumes([one], two, around)
    expected = lens_volume_cc(45.0, 45.0, distance_mm=40.0)
    assert overlap["2Gy"].organ_cc == pytest.approx(expected, rel=0.005)


def test_the_overlap_of_several_earlier_courses_is_that_of_their_union(
    around: SamplePoints,
) -> None:
    far = course_with(sphere_dose([0, 60, 0], radius_at={2.0: 30, 25.0: 15}))
    near = course_with(sphere_dose([-20, 0, 0], radius_at={2.0: 45, 25.0: 22}))
    late = course_with(sphere_dose([20, 0, 0], radius_at={2.0: 45, 25.0: 22}))
    isodoses = [
        course_isodoses(PlacedCourse(c, identity(FRAME))) for c in (far, near, late)
    ]
    alone = overlap_volumes([isodoses[1]], isodoses[2], around)
    united = overlap_volumes(isodoses[:2], isodoses[2], around)
    assert united["50%"].organ_cc == pytest.approx(alone["50%"].organ_cc, rel=0.01)
    assert (united["2Gy"].organ_cc or 0) > (alone["2Gy"].organ_cc or 0)


def steep_grid(interpolation: Interpolation = Interpolation.CUBIC) -> DoseGrid:
    dose = RadialDose([0.4, 0.3, 0.2], fall(30.0, 5.5))
    return grid_around(dose, np.eye(3), interpolation)


def near_the_border(grid: DoseGrid) -> FloatArray:
    """Points of which many lie within a twentieth of a voxel of the 20 Gy isodose."""
    random = np.random.default_rng(6)
    outwards = random.normal(size=(4_000, 3))
    outwards /= np.linalg.norm(outwards, axis=1)[:, None]
    return [0.4, 0.3, 0.2] + outwards * random.uniform(29.7, 30.3, (4_000, 1))


def test_two_halves_of_a_dose_have_the_border_of_the_whole() -> None:
    whole = steep_grid()
    half = DoseGrid(whole.values_gy / 2.0, whole.geometry)
    points = near_the_border(whole)
    one, two = (
        isodose_region(grids, level_gy=20.0, to_course=identity(FRAME))(points)
        for grids in ([whole], [half, half])
    )
    assert two == pytest.approx(one, abs=1e-5)


def test_only_what_lies_next_to_the_border_is_corrected_and_by_little() -> None:
    grid = steep_grid()
    points = near_the_border(grid)
    cubic = clearance_there(
        grid, points, level_gy=20.0, flattest_gy_per_mm=1e-6, far_mm=5.0
    )
    region = isodose_region([grid], level_gy=20.0, to_course=identity(FRAME))
    moved = np.abs(region(points) - cubic)
    assert moved.max() <= 0.075
    assert moved[np.abs(cubic) >= 0.15].max() == 0.0
    assert np.median(moved[np.abs(cubic) < 0.1]) > 0.001


def test_a_trilinear_dose_is_not_corrected() -> None:
    grid = steep_grid(Interpolation.LINEAR)
    points = near_the_border(grid)
    region = isodose_region([grid], level_gy=20.0, to_course=identity(FRAME))
    inside = dose_there(grid, points).dose_gy >= 20.0
    np.testing.assert_array_equal(region(points) >= 0.0, inside)


def ball(radius_mm: float, centre_mm: FloatArray) -> SamplePoints:
    contours = sphere_contours(
        centre_mm, radius_mm, slices=SliceStack(spacing_mm=3.0), n_vertices=128
    )
    structure = analytic_structure("organ", contours, frame_of_reference_uid=FRAME)
    return sample(sections_of(structure), centred=True)


def flat_fall(direction: FloatArray, level_at_mm: float) -> DoseGrid:
    """60 Gy on a plane across a direction, half a Gy less for each mm further on."""
    geometry = box_geometry(
        [-100.3] * 3, [100.0] * 3, spacing_mm=STEPS, frame_of_reference_uid=FRAME
    )
    indices = np.moveaxis(np.indices(geometry.shape), 0, -1)
    along = geometry.points_mm(indices) @ direction
    return DoseGrid(np.maximum(60.0 - 0.5 * (along - level_at_mm), 0.0), geometry)


@pytest.mark.parametrize("radius_mm", [20.0, 40.0, 75.0])
@pytest.mark.parametrize(("volume_cc", "percent"), [(1.0, 0.4), (10.0, 0.1)])
@pytest.mark.parametrize(
    "direction",
    [[1.0, 0, 0], [0, 0, 1.0], [0, 0, -1.0], [0, 0.6, 0.8], [1 / 3, 2 / 3, 2 / 3]],
)
def test_a_flat_isodose_cuts_off_what_the_closed_form_does(
    radius_mm: float, volume_cc: float, percent: float, direction: list[float]
) -> None:
    """All cells along it lie alike, and the organ's surface lies along it too."""
    centre = np.array([0.7, -0.4, 1.1])
    height_mm = cap_height_mm(radius_mm, volume_cc)
    normal = np.array(direction)
    grid = flat_fall(normal, float(centre @ normal) - radius_mm + height_mm)
    region = isodose_region([grid], level_gy=60.0, to_course=identity(FRAME))

    found = measured_volume(ball(radius_mm, centre), region)

    assert found.volume_cc == pytest.approx(volume_cc, rel=percent / 100.0)


@pytest.mark.parametrize("parts", [1, 2], ids=["one grid", "two that add up"])
@pytest.mark.parametrize("axes", [np.eye(3), TILT], ids=["axial", "oblique"])
@pytest.mark.parametrize("edge_mm", [-11.0, -4.6, 0.3, 7.9])
def test_nothing_lies_inside_an_isodose_beyond_the_border_of_its_grid(
    parts: int, axes: FloatArray, edge_mm: float
) -> None:
    """Half of a ball and more; of two grids, only the larger one goes on."""
    radius_mm, low_mm = 20.0, [-60.2, -60.4]
    tall = box_geometry(
        [*low_mm, edge_mm - 1.5 - 90.0],
        [60.0, 60.0, edge_mm - 1.5],
        spacing_mm=STEPS,
        frame_of_reference_uid=FRAME,
        axes=axes,
    )
    grids = [DoseGrid(np.full(tall.shape, 24.0 / parts), tall)]
    if parts == 2:
        further = box_geometry(
            [*low_mm, -60.0],
            [60.0] * 3,
            spacing_mm=STEPS,
            frame_of_reference_uid=FRAME,
            axes=axes,
        )
        grids.append(DoseGrid(np.full(further.shape, 12.0), further))
    region = isodose_region(grids, level_gy=20.0, to_course=identity(FRAME))

    found = measured_volume(ball(radius_mm, np.zeros(3)), region)

    expected = cap_volume_cc(radius_mm, radius_mm + edge_mm)
    assert found.volume_cc == pytest.approx(expected, rel=0.002)


def test_where_grids_end_the_sum_is_asked_on_both_sides() -> None:
    """Beyond the border of a grid that the level does not need, nothing changes."""
    near = box_geometry(
        [-30.0] * 3, [0.0] * 3, spacing_mm=STEPS, frame_of_reference_uid=FRAME
    )
    far = box_geometry(
        [-30.0] * 3, [30.0] * 3, spacing_mm=STEPS, frame_of_reference_uid=FRAME
    )
    at_border = np.array([[1.4, -9.0, -9.0], [1.6, -9.0, -9.0]])

    def clearance(near_gy: float, far_gy: float) -> FloatArray:
        grids = [
            DoseGrid(np.full(near.shape, near_gy), near),
            DoseGrid(np.full(far.shape, far_gy), far),
        ]
        return isodose_region(grids, level_gy=20.0, to_course=identity(FRAME))(
            at_border
        )

    assert clearance(12.0, 12.0) == pytest.approx([0.1, -0.1])
    assert (clearance(3.0, 30.0) > 5.0).all()
    assert (clearance(3.0, 3.0) < -5.0).all()
