from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.courses import Course, Delivery, TargetPrescription
from reirrad.core.overlap import (
    course_isodoses,
    iso50_levels,
    isodose_volumes,
    overlap_centre_mm,
    overlap_volumes,
    touches_border,
)
from reirrad.core.sampling import SamplePoints, sample
from reirrad.core.sections import sections_of
from reirrad.core.structures import Role, Structure
from reirrad.core.transforms import identity
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
    sphere_contours,
    sphere_dose,
)
from reirrad.phantoms.closed_forms import sphere_volume_cc
from tests.core.specimens import course_with

LEFT, RIGHT = (-40.0, 0.0, 0.0), (40.0, 0.0, 0.0)


def ball(
    number: int, centre: tuple[float, float, float], radius_mm: float = 10.0
) -> Structure:
    contours = sphere_contours(centre, radius_mm, slices=SliceStack(spacing_mm=2.0))
    return analytic_structure(
        f"PTV{number}",
        contours,
        frame_of_reference_uid="1.1",
        number=number,
        role=Role.PTV,
    )


def organ() -> SamplePoints:
    return sample(sections_of(ball(9, (0.0, 0.0, 0.0), 90.0)))


def targets(*doses: float, drawn: bool = True) -> tuple[TargetPrescription, ...]:
    return tuple(
        TargetPrescription(dose, number if drawn else None, f"PTV{number}")
        for number, dose in enumerate(doses, start=1)
    )


def two_targets(*doses: float, drawn: bool = True) -> PlacedCourse:
    left = sphere_dose(LEFT, radius_at={2.0: 35, 25.0: 18})
    right = sphere_dose(RIGHT, radius_at={2.0: 35, 25.0: 18})
    course = course_with(
        left,
        right,
        prescription_gy=max(doses),
        structures=(ball(1, LEFT), ball(2, RIGHT)),
        targets=targets(*doses, drawn=drawn),
    )
    return PlacedCourse(course, identity("1.1"))


def test_one_prescription_has_one_level() -> None:
    levels, simplified = iso50_levels(two_targets(50.0, 50.0).course)
    assert [level.level_gy for level in levels] == [25.0]
    assert not simplified


def test_each_target_has_its_own_half_dose() -> None:
    placed = two_targets(50.0, 30.0)
    levels, simplified = iso50_levels(placed.course)
    assert [level.level_gy for level in levels] == [25.0, 15.0]
    assert not simplified
    iso50 = course_isodoses(placed).iso50
    # 20 Gy: inside the right target's region (15 Gy) and outside the left one's (25).
    at_20_gy = float(
        np.interp(
            -20.0,
            -sphere_dose(RIGHT, radius_at={2.0: 35, 25.0: 18}).at(
                np.array(RIGHT) + np.outer(np.linspace(0, 40, 400), [0, 1, 0])
            ),
            np.linspace(0, 40, 400),
        )
    )
    inside = iso50(np.array([[40.0, at_20_gy, 0.0], [-40.0, at_20_gy, 0.0]])) >= 0
    assert inside.tolist() == [True, False]


def test_undrawn_targets_take_the_lowest_prescription_everywhere() -> None:
    levels, simplified = iso50_levels(two_targets(50.0, 30.0, drawn=False).course)
    assert [level.level_gy for level in levels] == [15.0]
    assert simplified


def boosted(*, inner_x_mm: float, beside_gy: float | None = None) -> PlacedCourse:
    """45 Gy with 60 Gy within, left; where asked for, another target right."""
    doses = [sphere_dose(LEFT, radius_at={30.0: 12.0, 2.0: 35.0})]
    inner = (LEFT[0] + inner_x_mm, 0.0, 0.0)
    structures = [ball(1, LEFT), ball(2, inner, 5.0)]
    ordered = list(targets(45.0, 60.0))
    if beside_gy is not None:
        doses.append(sphere_dose(RIGHT, radius_at={15.0: 12.0, 2.0: 25.0}))
        structures.append(ball(3, RIGHT))
        ordered.append(TargetPrescription(beside_gy, 3, "PTV3"))
    course = course_with(
        *doses,
        prescription_gy=60.0,
        structures=tuple(structures),
        targets=tuple(ordered),
    )
    return PlacedCourse(course, identity("1.1"))


@pytest.mark.parametrize("inner_x_mm", [-0.2, 0.0, 0.2, 3.0])
def test_targets_in_each_other_have_half_of_the_highest_dose(inner_x_mm: float) -> None:
    placed = boosted(inner_x_mm=inner_x_mm)
    levels, simplified = iso50_levels(placed.course)
    assert [(one.level_gy, one.centre_mm) for one in levels] == [(30.0, None)]
    assert not simplified
    isodoses = course_isodoses(placed)
    assert isodoses.lowest_50_gy == 30.0
    volume = isodose_volumes(isodoses, organ())["50%"]
    assert volume.total_cc == pytest.approx(sphere_volume_cc(12.0), rel=0.005)


@pytest.mark.parametrize("inner_x_mm", [-0.2, 0.2])
def test_only_targets_that_lie_apart_share_the_space(inner_x_mm: float) -> None:
    placed = boosted(inner_x_mm=inner_x_mm, beside_gy=30.0)
    levels, simplified = iso50_levels(placed.course)
    assert [level.level_gy for level in levels] == [30.0, 30.0, 15.0]
    assert not simplified
    volume = isodose_volumes(course_isodoses(placed), organ())["50%"]
    both = 2 * sphere_volume_cc(12.0)
    assert volume.total_cc == pytest.approx(both, rel=0.005)


def test_equal_levels_apart_are_one() -> None:
    levels, _ = iso50_levels(boosted(inner_x_mm=1.0, beside_gy=60.0).course)
    assert [(one.level_gy, one.centre_mm) for one in levels] == [(30.0, None)]


def test_one_region_with_two_doses_has_half_of_the_higher() -> None:
    course = two_targets(50.0, 30.0).course
    twice = (TargetPrescription(50.0, 1, "PTV"), TargetPrescription(40.0, 1, "PTV"))
    prescription = replace(course.prescription, targets=twice)
    levels, _ = iso50_levels(replace(course, prescription=prescription))
    assert [(one.level_gy, one.centre_mm) for one in levels] == [(25.0, None)]


def test_without_overlap_both_volumes_are_nothing() -> None:
    near = course_with(sphere_dose(LEFT, radius_at={2.0: 20, 25.0: 10}))
    far = course_with(sphere_dose(RIGHT, radius_at={2.0: 20, 25.0: 10}), number=2)
    isodoses = [course_isodoses(PlacedCourse(c, identity("1.1"))) for c in (near, far)]
    overlap = overlap_volumes([isodoses[0]], isodoses[1], organ())
    assert overlap["2Gy"].organ_cc == overlap["2Gy"].total_cc == 0.0
    assert overlap["50%"].organ_cc == overlap["50%"].total_cc == 0.0


def test_the_organ_holds_no_more_than_the_whole() -> None:
    one = course_isodoses(two_targets(50.0, 50.0))
    overlap = overlap_volumes([one], one, organ())
    for name in ("2Gy", "50%"):
        assert (overlap[name].organ_cc or 0) <= 1.002 * (overlap[name].total_cc or 0)
    assert (overlap["50%"].total_cc or 0) < (overlap["2Gy"].total_cc or 0)


@pytest.mark.parametrize("shift_mm", [0.0, 2.0])
def test_rounding_leaves_no_more_in_the_organ_than_in_all(shift_mm: float) -> None:
    """Isodoses wholly in the organ: both volumes are the same but for their cells."""
    around = sample(sections_of(ball(9, (0.0, 0.0, 0.0), 90.0)), centred=True)
    earlier, later = (
        course_isodoses(
            PlacedCourse(
                course_with(
                    sphere_dose((x, 0.3 * shift_mm, 0.0), radius_at={2.0: 30, 25.0: 14})
                ),
                identity("1.1"),
            )
        )
        for x in (-3.0 - shift_mm, 3.0 + shift_mm)
    )
    for found in (
        overlap_volumes([earlier], later, around),
        isodose_volumes(later, around),
    ):
        for volume in found.values():
            assert volume.organ_cc is not None
            assert volume.total_cc is not None
            assert volume.organ_cc <= volume.total_cc
            assert volume.total_cc == pytest.approx(volume.organ_cc, rel=2e-3)


def test_pictures_centre_on_the_overlap() -> None:
    left = course_with(sphere_dose((-20.0, 0, 0), radius_at={2.0: 45, 25.0: 22}))
    right = course_with(sphere_dose((20.0, 0, 0), radius_at={2.0: 45, 25.0: 22}))
    isodoses = [
        course_isodoses(PlacedCourse(c, identity("1.1"))) for c in (left, right)
    ]
    centre = overlap_centre_mm([isodoses[0]], isodoses[1], organ())
    assert centre == pytest.approx([0.0, 0.0, 0.0], abs=1.0)


def test_an_isodose_on_the_border_is_noticed() -> None:
    wide = sphere_dose((0.0, 0, 0), radius_at={2.0: 60, 25.0: 20})
    assert touches_border(course_with(wide, half_width_mm=40.0), 2.0)
    assert not touches_border(course_with(wide, half_width_mm=105.0), 2.0)


PLANS = (
    sphere_dose((-45.0, 0, 0), radius_at={2.0: 30, 25.0: 15}),
    sphere_dose((45.0, 0, 0), radius_at={2.0: 30, 25.0: 15}),
)
Box = tuple[tuple[float, float, float], tuple[float, float, float], float]
WHOLE: Box = ((-105.0, -60, -60), (105, 60, 60), 3.0)


def plans_on(*boxes: Box, number: int = 1) -> PlacedCourse:
    """Both plans in one course: corners and spacing of each plan's grid."""
    grids = tuple(
        sampled_dose(
            plan.at,
            box_geometry(
                list(low), list(high), spacing_mm=(mm,) * 3, frame_of_reference_uid="1"
            ),
        )
        for plan, (low, high, mm) in zip(PLANS, boxes, strict=True)
    )
    course = course_with(PLANS[0], number=number)
    course = replace(course, deliveries=(Delivery(grids, 5),))
    return PlacedCourse(course, identity("1.1"))


SEVERAL = {
    "apart": (((-81.0, -39, -39), (-9, 39, 39), 3.0), ((9, -60, -60), (87, 60, 60), 3)),
    "in part": (
        ((-84.0, -48, -40), (50, 41, 45), 2.5),
        ((-20, -60, -60), (90, 60, 60), 3),
    ),
    "one in the other": (((-82.0, -41, -41), (-8, 41, 41), 2.0), WHOLE),
    "the same voxels": (WHOLE, WHOLE),
}


@pytest.mark.parametrize("boxes", SEVERAL.values(), ids=SEVERAL)
def test_isodoses_reach_over_all_grids_and_shared_space_counts_once(
    boxes: tuple[Box, Box],
) -> None:
    """As one grid that holds both plans does."""
    together = course_with(PLANS[0])
    grid = sampled_dose(
        lambda points: PLANS[0].at(points) + PLANS[1].at(points),
        box_geometry(
            list(WHOLE[0]),
            list(WHOLE[1]),
            spacing_mm=(3.0,) * 3,
            frame_of_reference_uid="1",
        ),
    )
    together = replace(together, deliveries=(Delivery((grid,), 5),))
    merged = course_isodoses(PlacedCourse(together, identity("1.1")))
    several = course_isodoses(plans_on(*boxes))
    found, expected = (isodose_volumes(one, organ()) for one in (several, merged))
    for name in ("2Gy", "50%"):
        total = found[name].total_cc or 0.0
        assert total == pytest.approx(expected[name].total_cc, rel=5e-3)
        assert total >= 0.998 * (found[name].organ_cc or 0.0) > 0.0


@pytest.mark.parametrize("boxes", SEVERAL.values(), ids=SEVERAL)
def test_overlap_in_the_smaller_grid_alone_is_found_in_the_whole_body(
    boxes: tuple[Box, Box],
) -> None:
    earlier = course_isodoses(PlacedCourse(course_with(PLANS[0]), identity("1.1")))
    later = course_isodoses(plans_on(*boxes, number=2))
    overlap = overlap_volumes([earlier], later, organ())
    for name in ("2Gy", "50%"):
        organ_cc, total_cc = overlap[name].organ_cc, overlap[name].total_cc
        assert organ_cc is not None
        assert total_cc is not None
        assert total_cc >= 0.998 * organ_cc > 10.0


def beams(count: int, *, half_width_mm: float = 105.0) -> Course:
    """One dose in equal parts, as that many objects."""
    whole = course_with(
        sphere_dose((0.0, 0, 0), radius_at={2.0: 60, 25.0: 20}),
        half_width_mm=half_width_mm,
    )
    grid = whole.deliveries[0].doses[0]
    part = replace(grid, values_gy=grid.values_gy / count)
    return replace(whole, deliveries=(Delivery((part,) * count, 5),))


def test_the_sum_of_beams_on_the_border_is_noticed() -> None:
    for level_gy in (2.0, 4.0):
        cut = touches_border(beams(1, half_width_mm=50.0), level_gy)
        assert touches_border(beams(3, half_width_mm=50.0), level_gy) is cut
    assert touches_border(beams(3, half_width_mm=50.0), 2.0)
    assert not touches_border(beams(3), 2.0)
