"""Pitfalls of contours: what they enclose, where they lie, what they leave out."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import FloatArray
from reirrad.core.structures import ContourKind
from reirrad.workflows.gather import Survey, survey
from tests.dicom.exports import SLICES, contour, item
from tests.dicom.pitfalls.drawn import (
    SETTINGS,
    box,
    codes,
    drawn,
    found_in,
    liver,
    only,
    points_of,
    polygon,
    surveyed,
    turned,
    volume_cc,
)

HEIGHTS = (4.0, 8.0, 12.0)
THICK_MM = 12.0
"""Of a prism drawn on three slices: half a slice at both ends."""
XOR = "CLOSEDPLANAR_XOR"


def inside_of(found: Survey) -> FloatArray:
    points = points_of(found)
    return points.points_mm[points.volumes_cc > 0]


def prism(half: float, *, x: float = 0.0, kind: str = "CLOSED_PLANAR") -> list[Dataset]:
    return [box(half, z, x=x, kind=kind) for z in HEIGHTS]


def test_pitfall_27_a_hole_is_kept_and_told(tmp_path: Path) -> None:
    found = surveyed(tmp_path, drawn(*prism(6.0), *prism(3.0)))
    assert volume_cc(found) == pytest.approx((144 - 36) * THICK_MM / 1000)
    assert not np.any(np.abs(inside_of(found)[:, :2]).max(axis=1) < 2.5)
    told = only(found, "contours-nested")
    assert told.severity == "info"
    assert "rs.dcm: 'Fegato'" in told.message
    assert "holes" in told.message
    assert "3 plane(s): 4.0, 8.0, 12.0 mm" in told.message


def test_pitfall_28_parts_that_lie_apart_are_united(tmp_path: Path) -> None:
    found = surveyed(tmp_path, drawn(*prism(2.0, x=-5.0), *prism(2.0, x=5.0)))
    assert volume_cc(found) == pytest.approx(2 * 16 * THICK_MM / 1000)
    assert codes(found) == []


def test_pitfall_28_a_part_inside_a_hole_counts_again(tmp_path: Path) -> None:
    found = surveyed(tmp_path, drawn(*prism(6.0), *prism(4.0), *prism(1.0)))
    assert volume_cc(found) == pytest.approx((144 - 64 + 4) * THICK_MM / 1000)


def test_pitfall_28_partly_overlapping_contours_are_united_with_a_warning(
    tmp_path: Path,
) -> None:
    found = surveyed(tmp_path, drawn(*prism(3.0, x=-2.0), *prism(3.0, x=2.0)))
    assert volume_cc(found) == pytest.approx((2 * 36 - 12) * THICK_MM / 1000)
    told = only(found, "contours-crossing")
    assert told.severity == "warning"
    assert "make sure that none is a hole" in told.message


def test_pitfall_28_declared_exclusive_or_is_exclusive_or(tmp_path: Path) -> None:
    parts = prism(3.0, x=-2.0, kind=XOR) + prism(3.0, x=2.0, kind=XOR)
    found = surveyed(tmp_path, drawn(*parts))
    assert volume_cc(found) == pytest.approx((2 * 36 - 2 * 12) * THICK_MM / 1000)
    assert codes(found) == []


def test_pitfall_28_the_order_of_exclusive_or_does_not_matter(tmp_path: Path) -> None:
    parts = [box(half, z, kind=XOR) for half in (2.0, 6.0, 4.0) for z in HEIGHTS]
    found = surveyed(tmp_path, drawn(*parts))
    assert volume_cc(found) == pytest.approx((144 - 64 + 16) * THICK_MM / 1000)


def test_pitfall_28_mixed_kinds_in_one_plane_are_told(tmp_path: Path) -> None:
    found = surveyed(tmp_path, drawn(*prism(6.0), *prism(3.0, kind=XOR)))
    assert volume_cc(found) == pytest.approx((144 - 36) * THICK_MM / 1000)
    assert only(found, "contours-mixed-kinds").severity == "warning"


def test_pitfall_28_a_contour_exported_twice_counts_once(tmp_path: Path) -> None:
    found = surveyed(tmp_path, drawn(*prism(4.0), *prism(4.0)))
    assert volume_cc(found) == pytest.approx(64 * THICK_MM / 1000)
    assert only(found, "contours-repeated").severity == "info"


def test_pitfall_29_exclusive_or_contours_are_not_skipped(tmp_path: Path) -> None:
    mixed = [box(6.0, 4.0), box(6.0, 8.0, kind=XOR), box(3.0, 8.0, kind=XOR)]
    found = surveyed(tmp_path, drawn(*mixed, box(6.0, 12.0)))
    kinds = [one.kind for one in liver(found).contours]
    assert kinds.count(ContourKind.CLOSEDPLANAR_XOR) == 2
    assert codes(found) == []
    inside = inside_of(found)
    at_8 = inside[np.abs(inside[:, 2] - 8.0) < 0.5]
    assert not np.any(np.abs(at_8[:, :2]).max(axis=1) < 2.5)


@pytest.mark.parametrize("width", [0.0, 0.001])
def test_pitfall_30_a_keyhole_encloses_a_ring(tmp_path: Path, width: float) -> None:
    outer = [(-6, width), (-6, 6), (6, 6), (6, -6), (-6, -6), (-6, 0)]
    inner = [(-3, 0), (-3, -3), (3, -3), (3, 3), (-3, 3), (-3, width)]
    ring = [polygon([*outer, *inner], z) for z in HEIGHTS]
    found = surveyed(tmp_path, drawn(*ring))
    assert volume_cc(found) == pytest.approx((144 - 36) * THICK_MM / 1000, rel=2e-4)


def test_pitfall_30_a_pointed_inner_contour_may_touch_the_outer(
    tmp_path: Path,
) -> None:
    pointed = [polygon([(6, 0), (-3, 3), (-3, -3)], z) for z in HEIGHTS]
    found = surveyed(tmp_path, drawn(*prism(6.0), *pointed))
    assert volume_cc(found) == pytest.approx((144 - 27) * THICK_MM / 1000)


def test_pitfall_30_a_contour_that_crosses_itself_encloses_both_parts(
    tmp_path: Path,
) -> None:
    bow_tie = [polygon([(-6, -6), (6, 6), (6, -6), (-6, 6)], z) for z in HEIGHTS]
    # Without an area of its own it gives the planes no direction; the box does.
    found = surveyed(tmp_path, drawn(*bow_tie, box(1.0, 16.0)))
    points = inside_of(found)
    at_8 = points[np.abs(points[:, 2] - 8.0) < 0.5]
    assert np.all(np.abs(at_8[:, 1]) <= np.abs(at_8[:, 0]) + 0.1)
    assert {1.0, -1.0} <= set(np.sign(at_8[:, 0]))


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        (contour([1, 2, 4], "POINT"), "1 contour(s) of type POINT"),
        (contour([0, 0, 4, 9, 0, 4, 9, 9, 4], "OPEN_PLANAR"), "of type OPEN_PLANAR"),
        (contour([0, 0, 4, 9, 0, 7], "OPEN_NONPLANAR"), "of type OPEN_NONPLANAR"),
        (contour([1, 2, 4]), "with fewer than three points"),
        (contour([1, 2, 4, 3, 2, 4]), "with fewer than three points"),
        (item(ContourGeometricType="CLOSED_PLANAR"), "without points"),
    ],
)
def test_pitfall_31_points_and_lines_are_listed_and_have_no_volume(
    tmp_path: Path, extra: Dataset, told: str
) -> None:
    found = surveyed(tmp_path, drawn(*prism(4.0), extra))
    assert volume_cc(found) == pytest.approx(64 * THICK_MM / 1000)
    message = only(found, "contours-not-used").message
    assert told in message
    assert "rs.dcm" in message
    assert "'Fegato'" in message


def test_pitfall_31_a_type_that_is_not_known_leaves_the_region_out(
    tmp_path: Path,
) -> None:
    export = drawn(*prism(4.0, kind="CLOSED_NONPLANAR"))
    found = surveyed(tmp_path, export)
    told = found_in(found, "contours-of-unknown-type").message
    assert "3 contour(s) of 'Fegato'" in told
    assert "(3006,0042) 'CLOSED_NONPLANAR'" in told
    assert "holds no closed contour" in found.problems[0]


def test_pitfall_32_numbers_that_are_not_in_threes_are_refused(tmp_path: Path) -> None:
    broken = box(4.0, 8.0)
    broken.ContourData = [*broken.ContourData[:-1]]
    found = surveyed(tmp_path, drawn(box(4.0, 4.0), broken))
    (problem,) = found.problems
    assert "rs.dcm, region 'Fegato': Contour Data (3006,0050)" in problem
    assert "found 11 numbers" in problem
    assert "export it again" in problem
    assert found.courses == ()


def test_pitfall_32_a_missing_value_is_refused(tmp_path: Path) -> None:
    export = drawn(*prism(4.0))
    export["rs.dcm"].ROIContourSequence[0].ContourSequence[1].ContourData = [7.25] * 12
    surveyed(tmp_path, export)
    path = tmp_path / "c1" / "rs.dcm"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"7.25\\7.25", b"    \\7.25", 1))
    found = survey([tmp_path], SETTINGS)
    assert "Contour Data (3006,0050) must be numbers" in found.problems[0]


@pytest.mark.parametrize("x", [0.0, 4.0, 4.004, 6.0])
def test_pitfall_33_a_speck_beside_a_contour_removes_nothing(
    tmp_path: Path, x: float
) -> None:
    specks = [box(0.004, z, x=x) for z in HEIGHTS]
    found = surveyed(tmp_path, drawn(*prism(4.0), *specks))
    assert volume_cc(found) == pytest.approx(64 * THICK_MM / 1000, rel=1e-4)


def test_pitfall_33_a_contour_of_one_place_removes_nothing(tmp_path: Path) -> None:
    flat = contour([1, 1, 8, 1, 1, 8, 1, 1, 8])
    found = surveyed(tmp_path, drawn(*prism(4.0), flat))
    assert volume_cc(found) == pytest.approx(64 * THICK_MM / 1000)


def test_pitfall_34_contours_between_slices_stay_where_they_are(
    tmp_path: Path,
) -> None:
    found = surveyed(tmp_path, drawn(*[box(4.0, z) for z in (5.3, 9.3, 13.3)]))
    assert volume_cc(found) == pytest.approx(64 * THICK_MM / 1000)
    points = points_of(found)
    centre = np.average(points.points_mm, axis=0, weights=points.volumes_cc)
    assert centre == pytest.approx([0.0, 0.0, 9.3], abs=1e-6)
    told = only(found, "contours-between-slices")
    assert told.severity == "info"
    assert "'Fegato'" in told.message


def test_pitfall_34_contours_on_the_outermost_slices_count(tmp_path: Path) -> None:
    every = [box(4.0, 4.0 * k) for k in range(SLICES)]
    found = surveyed(tmp_path, drawn(*every))
    assert volume_cc(found) == pytest.approx(64 * 20.0 / 1000)


def test_pitfall_35_a_missing_slice_is_a_gap_and_is_not_filled(tmp_path: Path) -> None:
    heights = (-8.0, -4.0, 0.0, 12.0, 16.0, 20.0)
    found = surveyed(tmp_path, drawn(*[box(4.0, z) for z in heights]))
    assert volume_cc(found) == pytest.approx(64 * 24.0 / 1000)
    told = found_in(found, "contours-gap")
    assert told.severity == "warning"
    assert "between 0.0 and 12.0 mm" in told.message
    assert "nothing is assumed there" in told.message
    assert not np.any(np.abs(inside_of(found)[:, 2] - 6.0) < 3.99)


def test_pitfall_35_two_contours_that_skip_a_slice_are_not_joined(
    tmp_path: Path,
) -> None:
    found = surveyed(tmp_path, drawn(box(4.0, 4.0), box(4.0, 12.0)))
    assert volume_cc(found) == pytest.approx(2 * 64 * 4.0 / 1000)
    assert "between 4.0 and 12.0 mm" in only(found, "contours-gap").message


def test_pitfall_35_every_second_slice_is_told(tmp_path: Path) -> None:
    found = surveyed(tmp_path, drawn(*[box(4.0, z) for z in (0.0, 8.0, 16.0)]))
    assert volume_cc(found) == pytest.approx(64 * 24.0 / 1000)
    told = found_in(found, "contours-skip-slices")
    assert told.severity == "warning"
    assert "up to 8.0 mm apart where 4.0 mm are usual" in told.message


def test_pitfall_35_every_third_slice_is_told_and_keeps_its_volume(
    tmp_path: Path,
) -> None:
    heights = (-24.0, -12.0, 0.0, 12.0, 24.0)
    found = surveyed(tmp_path, drawn(*[box(4.0, z) for z in heights]))
    assert volume_cc(found) == pytest.approx(64 * 60.0 / 1000)
    told = found_in(found, "contours-skip-slices").message
    assert "up to 12.0 mm apart where 4.0 mm are usual" in told


def test_pitfall_36_what_lies_beyond_the_image_is_told_and_counts(
    tmp_path: Path,
) -> None:
    found = surveyed(tmp_path, drawn(*prism(4.0, x=6.0)))
    assert volume_cc(found) == pytest.approx(64 * THICK_MM / 1000)
    told = only(found, "contours-beyond-image")
    assert told.severity == "warning"
    # x from 2 to 10 on an image that ends at 8.
    assert "'Fegato' (25.0 %)" in told.message
    assert "rs.dcm" in told.message


def test_pitfall_36_slices_above_the_image_are_told(tmp_path: Path) -> None:
    found = surveyed(tmp_path, drawn(*[box(4.0, z) for z in (8.0, 12.0, 16.0, 20.0)]))
    assert "'Fegato' (25.0 %)" in only(found, "contours-beyond-image").message


ABOUT = np.array([0.0, 0.0, 8.0])
OBLIQUE = Rotation.from_euler("xyz", [25.0, -18.0, 40.0], degrees=True).as_matrix()


@pytest.mark.parametrize(
    "rotation",
    [
        pytest.param(OBLIQUE, id="oblique"),
        pytest.param(np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]), id="coronal"),
        pytest.param(np.array([[0, 0, -1], [1, 0, 0], [0, -1, 0]]), id="sagittal"),
    ],
)
def test_pitfall_37_contours_of_a_tilted_series_are_used_in_its_planes(
    tmp_path: Path, rotation: np.ndarray
) -> None:
    ring = [*prism(6.0, x=1.0), *prism(3.0, x=1.0)]
    export = drawn(*turned(ring, rotation, ABOUT))
    for k in range(SLICES):
        image = export[f"ct{k}.dcm"]
        corner = np.array([-7.0, -8.0, 4.0 * k])
        image.ImagePositionPatient = [
            round(float(v), 5) for v in rotation @ (corner - ABOUT) + ABOUT
        ]
        image.ImageOrientationPatient = [
            round(float(v), 7) for v in rotation[:, :2].T.ravel()
        ]
    found = surveyed(tmp_path, export)
    assert codes(found) == ["contours-nested"]
    assert volume_cc(found) == pytest.approx((144 - 36) * THICK_MM / 1000, rel=1e-4)
    points = points_of(found)
    centre = np.average(points.points_mm, axis=0, weights=points.volumes_cc)
    assert centre == pytest.approx(rotation @ [1.0, 0, 0] + ABOUT, abs=1e-3)
    image_there = found.courses[0].image
    assert image_there is not None
    slices = image_there.geometry.indices(liver(found).contours[0].points_mm)[:, 0]
    np.testing.assert_allclose(slices, np.round(slices[0]), atol=1e-3)


def test_pitfall_37_axial_contours_on_a_tilted_image_are_told(tmp_path: Path) -> None:
    export = drawn(*prism(3.0))
    for k in range(SLICES):
        image = export[f"ct{k}.dcm"]
        corner = np.array([-7.0, -8.0, 4.0 * k])
        image.ImagePositionPatient = list(OBLIQUE @ (corner - ABOUT) + ABOUT)
        image.ImageOrientationPatient = list(OBLIQUE[:, :2].T.ravel())
        for keyword in ("ImagePositionPatient", "ImageOrientationPatient"):
            values = getattr(image, keyword)
            setattr(image, keyword, [round(float(v), 7) for v in values])
    found = surveyed(tmp_path, export)
    assert volume_cc(found) == pytest.approx(36 * THICK_MM / 1000)
    assert "contours-other-planes" in codes(found)


def raised(rise_mm: float, z: float) -> Dataset:
    """A square of 12 mm of which one side is lifted."""
    corners = [(-6, -6, z), (6, -6, z + rise_mm), (6, 6, z + rise_mm), (-6, 6, z)]
    return contour([value for corner in corners for value in corner])


def test_pitfall_37_a_slightly_bent_contour_is_taken_as_flat(tmp_path: Path) -> None:
    found = surveyed(tmp_path, drawn(box(6.0, 4.0), raised(0.3, 8.0), box(6.0, 12.0)))
    assert volume_cc(found) == pytest.approx(144 * THICK_MM / 1000, rel=1e-3)
    assert codes(found) == []


def test_pitfall_37_contours_that_cross_planes_are_refused(tmp_path: Path) -> None:
    upright = contour([0, -3, 4, 0, 3, 4, 0, 3, 12, 0, -3, 12])
    found = surveyed(tmp_path, drawn(*prism(6.0), upright))
    told = only(found, "structure-unusable")
    assert told.severity == "warning"
    assert "deviates by 8.0 mm" in told.message
    assert "drawn in one orientation" in told.message


def test_defect_10_one_contour_tilted_by_a_voxel_does_not_lose_the_region(
    tmp_path: Path,
) -> None:
    found = surveyed(tmp_path, drawn(box(6.0, 4.0), raised(3.0, 6.5), box(6.0, 12.0)))
    assert volume_cc(found) == pytest.approx(144 * THICK_MM / 1000, rel=1e-3)
    told = only(found, "contours-flattened")
    assert told.severity == "warning"
    assert "rise by up to 3.0 mm" in told.message


def test_defect_10_the_type_of_every_contour_counts(tmp_path: Path) -> None:
    contours = [contour([1, 2, 4], "POINT"), *prism(6.0, kind=XOR), box(2.0, 8.0)]
    found = surveyed(tmp_path, drawn(*contours))
    kinds = [one.kind.value for one in liver(found).contours]
    assert kinds == [XOR] * 3 + ["CLOSED_PLANAR"]
    assert set(codes(found)) == {"contours-not-used", "contours-mixed-kinds"}


def test_defect_10_vertices_are_not_rounded_to_voxels(tmp_path: Path) -> None:
    found = surveyed(tmp_path, drawn(*[box(3.3, z, x=0.17) for z in HEIGHTS]))
    vertices = liver(found).contours[0].points_mm
    assert vertices[:, 0] == pytest.approx([-3.13, 3.47, 3.47, -3.13], abs=1e-9)
    assert volume_cc(found) == pytest.approx(6.6**2 * THICK_MM / 1000)


def test_defect_11_every_point_and_the_last_slice_are_kept(tmp_path: Path) -> None:
    angles = np.linspace(0.0, 2.0 * np.pi, 101)[:-1]
    circle = [(6.0 * np.cos(a), 6.0 * np.sin(a)) for a in angles]
    circle = [(round(float(x), 4), round(float(y), 4)) for x, y in circle]
    export = drawn(*[polygon(circle, 4.0 * k) for k in range(SLICES)])
    for k in range(SLICES):
        export[f"ct{k}.dcm"].SliceLocation = 100.0 - 4.0 * k
    found = surveyed(tmp_path, export)
    contours = liver(found).contours
    assert [len(one.points_mm) for one in contours] == [100] * SLICES
    assert [one.points_mm[0, 2] for one in contours] == [0.0, 4.0, 8.0, 12.0, 16.0]
    assert volume_cc(found) == pytest.approx(np.pi * 36 * 20.0 / 1000, rel=1e-3)


def test_defect_11_a_plan_without_dose_does_not_become_one_centigray(
    tmp_path: Path,
) -> None:
    export = drawn(*prism(4.0))
    del export["rp.dcm"].DoseReferenceSequence
    found = surveyed(tmp_path, export)
    assert found.courses == ()
    (problem,) = found.problems
    assert "no prescription" in problem
    assert "rp.dcm" in problem
