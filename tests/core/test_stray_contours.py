import numpy as np
import pytest

from reirrad.core.drawn_planes import DrawnPlanes, planes_of
from reirrad.core.sections import Sections, sections_of
from reirrad.core.structures import Contour, Role, Structure
from reirrad.phantoms.analytic import SliceStack, sphere_contours
from reirrad.phantoms.closed_forms import sphere_volume_cc

SLICES = np.arange(-20.0, 20.1, 2.5)


def square(z: float, *, half: float = 10.0, x: float = 0.0) -> Contour:
    corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
    return Contour(np.array([(x + u, v, z) for u, v in corners]))


def organ(*contours: Contour) -> Structure:
    return Structure(1, "organ", None, Role.ORGAN, contours, "1.1")


def solid(*contours: Contour, image_mm: float | None = 2.5) -> Sections:
    return sections_of(organ(*contours), slice_spacing_mm=image_mm)


def told(sections: Sections | DrawnPlanes) -> dict[str, str]:
    return {remark.code: remark.text for remark in sections.remarks}


def box_cc(half: float, count: int) -> float:
    return (2.0 * half) ** 2 * 2.5 * count / 1000.0


@pytest.mark.parametrize("offset_mm", [0.3, 0.5, 1.0, 1.25, 1.5, 2.2])
@pytest.mark.parametrize("image_mm", [None, 2.5])
def test_two_parts_on_planes_beside_each_other_keep_their_volume(
    offset_mm: float, image_mm: float | None
) -> None:
    pair = [
        square(z + shift, x=x)
        for z in SLICES
        for x, shift in ((-20, 0), (20, offset_mm))
    ]
    found = solid(*pair, image_mm=image_mm)
    low, high = found.volume_interval_cc()
    truth_cc = 2.0 * box_cc(10.0, len(SLICES))
    assert found.volume_cc == pytest.approx(truth_cc, rel=1e-6)
    assert low < truth_cc < high
    assert set(told(found)) == {"moved"}
    assert f"by up to {min(offset_mm, 2.5 - offset_mm):.1f} mm" in told(found)["moved"]


@pytest.mark.parametrize("offset_mm", [0.4, 1.0])
def test_two_balls_keep_theirs_and_the_larger_one_its_place(offset_mm: float) -> None:
    balls = [
        contour
        for centre, radius, start in (
            ((-30, 0, 0), 20.0, 0.0),
            ((30, 0, 6), 14.0, offset_mm),
        )
        for contour in sphere_contours(
            centre, radius, slices=SliceStack(spacing_mm=3.0, offset_mm=start)
        )
    ]
    found = solid(*balls, image_mm=3.0)
    assert found.volume_cc == pytest.approx(
        sphere_volume_cc(20.0) + sphere_volume_cc(14.0), rel=0.01
    )
    phases = {
        round(slab.bottom_mm + slab.top_mm, 6) % 3.0 for slab in found.slabs[1:-1]
    }
    assert len(phases) == 1


def test_small_parts_beside_the_slices_cut_nothing_out_of_the_rest() -> None:
    islands = [square(z + 0.5, half=2.0, x=20.0) for z in SLICES[5:8]]
    found = solid(*map(square, SLICES), *islands)
    assert found.volume_cc == pytest.approx(box_cc(10.0, 17) + box_cc(2.0, 3), rel=1e-6)
    assert told(found)["moved"] == (
        "parts drawn between the planes of the others, at -7.0, -4.5, -2.0 mm, were "
        "moved onto these by up to 0.5 mm"
    )


def test_a_part_just_beyond_the_last_plane_of_the_rest_is_moved_onto_it() -> None:
    found = solid(*map(square, SLICES), square(20.6, half=2.0, x=20.0))
    assert found.volume_cc == pytest.approx(box_cc(10.0, 17) + box_cc(2.0, 1), rel=1e-6)


def test_single_planes_of_two_parts_are_one_slice_of_the_image() -> None:
    assert solid(square(0.0), square(1.0, x=40.0)).volume_cc == pytest.approx(
        2.0 * box_cc(10.0, 1), rel=1e-6
    )


def test_a_small_contour_inside_the_rest_takes_nothing_away_and_is_told() -> None:
    found = solid(*map(square, SLICES), square(1.0, half=2.0))
    assert found.volume_cc == pytest.approx(box_cc(10.0, 17), rel=1e-6)
    assert set(told(found)) == {"completed"}
    # It stands for 1.25 mm, half way to both neighbours.
    assert "up to 0.48 cc too large" in told(found)["completed"]


@pytest.mark.parametrize("offset_mm", [0.5, 1.25])
@pytest.mark.parametrize("half", [3.0, 5.0, 7.0])
def test_holes_beside_their_slices_leave_the_volume_unsure(
    offset_mm: float, half: float
) -> None:
    rings = [c for z in SLICES for c in (square(z), square(z + offset_mm, half=half))]
    found = solid(*rings)
    low, high = found.volume_interval_cc()
    whole_cc, hole_cc = box_cc(10.0, 17), box_cc(half, 17)
    assert "completed" in told(found)
    assert low < whole_cc - hole_cc
    # The last hole ends the solid half a slice sooner.
    assert whole_cc < high + 1.25 * 400.0 / 1000.0


def test_a_part_that_skips_the_finer_planes_of_a_larger_one_is_completed() -> None:
    coarse = [square(z, x=40.0) for z in np.arange(-12.0, 12.1, 3.0)]
    fine = [square(z) for z in np.arange(-12.0, 12.1, 1.0)]
    found = solid(*coarse, *fine, image_mm=3.0)
    assert "completed" in told(found)
    # Both ends of the coarse part lie half a fine plane beyond its last contours.
    assert found.volume_cc == pytest.approx(2.0 * 400.0 * 25.0 / 1000.0, rel=1e-6)


@pytest.mark.parametrize(
    "contours",
    [
        pytest.param([square(z) for z in np.arange(12.0)], id="prism"),
        pytest.param([square(z, x=0.9 * z) for z in np.arange(12.0)], id="oblique"),
        pytest.param(
            [square(z, half=0.4, x=0.9 * z) for z in np.arange(12.0)], id="vessel"
        ),
        pytest.param(
            [square(z, half=0.4, x=2.9 * z) for z in np.arange(12.0)], id="flat vessel"
        ),
        pytest.param([square(z, half=12.0 - z) for z in np.arange(12.0)], id="pyramid"),
        pytest.param(
            [square(z, x=40.0 * (z > 5)) for z in np.arange(12.0)], id="two in turn"
        ),
        pytest.param(
            [
                square(z, half=h, x=x)
                for z in np.arange(12.0)
                for h, x in ((6.0, 0.0), (3.0, 20.0))
                if x == 0 or z not in (4, 7)
            ],
            id="a part with missing planes",
        ),
    ],
)
@pytest.mark.parametrize("image_mm", [None, 3.0])
def test_finer_slices_stay_as_they_are(
    contours: list[Contour], image_mm: float | None
) -> None:
    found = planes_of(organ(*contours), slice_spacing_mm=image_mm)
    heights = [plane.height_mm for plane in found.planes]
    area = sum(plane.region.area for plane in found.planes)
    drawn = sum(np.ptp(one.points_mm[:, 0]) ** 2 for one in contours)
    assert heights == pytest.approx(np.arange(12.0))
    assert area == pytest.approx(drawn)
    assert found.remarks == ()
    assert found.unsure_cc == 0.0
