import numpy as np
import pytest
from hypothesis import given
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import FloatArray
from reirrad.core.sampling import sample
from reirrad.core.sections import is_inside, sections_of
from reirrad.core.structure_doses import moved
from reirrad.core.structures import Contour, ContourKind, Role, Structure
from reirrad.core.transforms import RigidTransform
from reirrad.errors import InputError
from tests.strategies import rigid_transforms


def square(
    side: float, z: float, *, x: float = 0.0, kind: str = "CLOSED_PLANAR"
) -> Contour:
    half = side / 2
    corners = [[-half, -half], [half, -half], [half, half], [-half, half]]
    points = np.array([[x + u, v, z] for u, v in corners])
    return Contour(points, ContourKind(kind))


def structure(*contours: Contour) -> Structure:
    return Structure(1, "organ", None, Role.ORGAN, contours, "1.1")


def volume_cc(*contours: Contour) -> float:
    return sections_of(structure(*contours), slice_spacing_mm=3.0).volume_cc


def test_a_prism_has_its_volume_with_half_a_slice_at_both_ends() -> None:
    prism = [square(20, z) for z in (0, 3, 6)]
    assert volume_cc(*prism) == pytest.approx(20 * 20 * 9 / 1000)


def test_nested_contours_leave_a_hole() -> None:
    assert volume_cc(square(20, 0), square(10, 0)) == pytest.approx(300 * 3 / 1000)


def test_a_part_inside_a_hole_counts_again() -> None:
    nested = [square(20, 0), square(10, 0), square(4, 0)]
    assert volume_cc(*nested) == pytest.approx((400 - 100 + 16) * 3 / 1000)


def test_parts_that_lie_apart_add_up() -> None:
    parts = [square(10, 0), square(10, 0, x=50)]
    assert volume_cc(*parts) == pytest.approx(200 * 3 / 1000)


def test_crossing_contours_are_united_with_a_remark() -> None:
    sections = sections_of(
        structure(square(10, 0), square(10, 0, x=5)), slice_spacing_mm=3.0
    )
    assert sections.volume_cc == pytest.approx(150 * 3 / 1000)
    assert "cross each other" in sections.remarks[0].text


def test_exclusive_or_applies_where_it_is_declared() -> None:
    contours = [
        square(10, 0, kind="CLOSEDPLANAR_XOR"),
        square(10, 0, x=5, kind="CLOSEDPLANAR_XOR"),
    ]
    assert volume_cc(*contours) == pytest.approx(100 * 3 / 1000)


def test_a_contour_drawn_twice_is_one() -> None:
    assert volume_cc(square(10, 0), square(10, 0)) == pytest.approx(100 * 3 / 1000)


def test_a_keyhole_encloses_a_ring() -> None:
    outer = [(-10, -10), (10, -10), (10, 10), (-10, 10), (-10, 0)]
    inner = [(-5, 0), (-5, 5), (5, 5), (5, -5), (-5, -5), (-5, 0), (-10, 0)]
    points = np.array([[x, y, 0.0] for x, y in outer + inner])
    assert volume_cc(Contour(points)) == pytest.approx((400 - 100) * 3 / 1000)


def test_a_gap_between_slices_stays_empty_and_is_remarked() -> None:
    sections = sections_of(structure(*[square(20, z) for z in (0, 3, 6, 18, 21)]))
    assert sections.volume_cc == pytest.approx(5 * 400 * 3 / 1000)
    assert "no contour between 6.0 and 18.0 mm" in sections.remarks[0].text
    assert not is_inside(sections, [[0.0, 0.0, 12.0]])[0]


@pytest.mark.parametrize("ratio", [2.0, 2.5, 3.0, 4.0, 5.0])
@pytest.mark.parametrize("fine_first", [True, False])
@pytest.mark.parametrize("image_mm", [None, 1.0])
def test_a_solid_on_fine_and_coarse_slices_has_its_volume(
    ratio: float, *, fine_first: bool, image_mm: float | None
) -> None:
    fine, coarse = np.arange(-30.0, 0.5), np.arange(ratio, 30.5, ratio)
    heights = np.concatenate([fine, coarse]) * (1.0 if fine_first else -1.0)
    planes = [square(2.0 * np.sqrt(900.0 - z * z), z) for z in heights if abs(z) < 29.9]
    sections = sections_of(structure(*planes), slice_spacing_mm=image_mm)
    # Two cylinders of 30 mm radius that cross at right angles: 16/3 of its cube.
    truth_cc = 16.0 / 3.0 * 30.0**3 / 1000.0
    low, high = sections.solid.volume_interval_cc()
    assert sections.volume_cc == pytest.approx(truth_cc, rel=2e-3)
    assert low <= truth_cc <= high
    assert "gap" not in {remark.code for remark in sections.remarks}


def test_two_distant_planes_are_two_slices_and_not_one_block() -> None:
    assert volume_cc(square(20, 0), square(20, 60)) == pytest.approx(2 * 400 * 3 / 1000)


def test_a_single_plane_needs_the_slice_spacing() -> None:
    assert volume_cc(square(20, 0)) == pytest.approx(1.2)
    with pytest.raises(InputError, match="single plane"):
        sections_of(structure(square(20, 0)))


def test_contours_in_crossing_planes_are_refused() -> None:
    upright = Contour(square(20, 0).points_mm[:, [2, 0, 1]])
    with pytest.raises(InputError, match="parallel planes"):
        sections_of(structure(square(21, 0), square(21, 3), upright))


def test_a_structure_without_contour_or_area_is_refused() -> None:
    with pytest.raises(InputError, match="no closed contour"):
        sections_of(structure())
    line = Contour(np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]]))
    with pytest.raises(InputError, match="no area"):
        sections_of(structure(line), slice_spacing_mm=3.0)


@given(rigid_transforms())
def test_moving_a_structure_keeps_volume_and_inside(transform: RigidTransform) -> None:
    shape = structure(*[c for z in (0, 3, 6) for c in (square(20, z), square(8, z))])
    there = sections_of(moved(shape, transform))
    assert there.volume_cc == pytest.approx(sections_of(shape).volume_cc)
    points = np.array([[7.0, 1, 3], [0, 0, 3], [7, 1, 30], [12, 0, 3]])
    inside = is_inside(there, transform.apply(points))
    assert inside.tolist() == [True, False, False, False]


def _tilted(degrees: float) -> FloatArray:
    return np.asarray(Rotation.from_euler("x", degrees, degrees=True).as_matrix())


@pytest.mark.parametrize("degrees", [0.0, 20.0, 45.0, 90.0, 135.0])
def test_samples_have_the_volume_and_centroid_of_tilted_slices(degrees: float) -> None:
    rotation = _tilted(degrees)
    tilted = structure(
        *[Contour(square(20, z, x=30).points_mm @ rotation.T) for z in (0, 3, 6)]
    )
    points = sample(sections_of(tilted), spacing_mm=1.7)
    assert points.volume_cc == pytest.approx(3.6)
    centroid = np.average(points.points_mm, axis=0, weights=points.volumes_cc)
    assert centroid == pytest.approx(rotation @ [30.0, 0.0, 3.0], abs=1e-6)
