import numpy as np
import pytest

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.courses import TargetPrescription
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
    sphere_contours,
    sphere_dose,
)
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
