from collections import Counter

import numpy as np
import pytest

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.classification import SMALLEST_OVERLAP_CC
from reirrad.core.overlap import CourseIsodoses, course_isodoses
from reirrad.core.stability import DIRECTIONS, class_stability
from reirrad.core.transforms import identity
from reirrad.phantoms.analytic import sphere_dose
from reirrad.phantoms.closed_forms import lens_volume_cc
from tests.core.specimens import course_with
from tests.core.test_overlap import organ


def isodoses(x: float) -> CourseIsodoses:
    dose = sphere_dose((x, 0.0, 0.0), radius_at={2.0: 45, 25.0: 25})
    return course_isodoses(PlacedCourse(course_with(dose), identity("1.1")))


def test_there_are_26_directions_of_unit_length() -> None:
    assert len(np.unique(DIRECTIONS.round(6), axis=0)) == 26
    assert np.linalg.norm(DIRECTIONS, axis=1) == pytest.approx(np.ones(26))
    assert DIRECTIONS.sum(axis=0) == pytest.approx([0, 0, 0], abs=1e-12)


def test_a_shift_moves_a_small_overlap_as_the_closed_form_says() -> None:
    found = class_stability(
        [isodoses(-22.5)], isodoses(22.5), organ(), shift_mm=3.0, reported="1B"
    )
    assert found.ov50_low_cc == pytest.approx(
        lens_volume_cc(25, 25, distance_mm=48.0), abs=0.1
    )
    assert found.ov50_high_cc == pytest.approx(
        lens_volume_cc(25, 25, distance_mm=42.0), rel=0.05
    )
    assert found.classes == {"1B": 26}
    assert found.same_class_percent == 100.0


def test_a_shift_can_flip_the_class() -> None:
    found = class_stability(
        [isodoses(-25.5)], isodoses(25.5), organ(), shift_mm=3.0, reported="1A"
    )
    assert set(found.classes) == {"1A", "1B"}
    assert found.same_class_percent == pytest.approx(100 * found.classes["1A"] / 26)


@pytest.mark.parametrize("distance_mm", [49.4, 49.6, 50.6, 53.6])
@pytest.mark.parametrize("reported", ["1A", "1B", "2"])
def test_the_share_of_the_reported_class_follows_the_closed_form(
    distance_mm: float, reported: str
) -> None:
    """Lenses of some cubic millimetres, which no sum over points shows, decide."""
    half_mm = distance_mm / 2.0
    apart_mm = np.linalg.norm(
        np.array([distance_mm, 0.0, 0.0]) + 3.0 * DIRECTIONS, axis=1
    )
    lenses_cc = [lens_volume_cc(25, 25, distance_mm=one) for one in apart_mm]
    expected = Counter(
        "1B" if volume > SMALLEST_OVERLAP_CC else "1A" for volume in lenses_cc
    )
    found = class_stability(
        [isodoses(-half_mm)],
        isodoses(half_mm),
        organ(),
        shift_mm=3.0,
        reported=reported,
    )
    assert found.classes == expected
    assert found.same_class_percent == pytest.approx(100 * expected[reported] / 26)


def test_each_of_several_earlier_courses_is_shifted() -> None:
    earlier = [isodoses(-24.8), isodoses(500.0)]
    several, one = (
        class_stability(courses, isodoses(24.8), organ(), shift_mm=3.0, reported="1B")
        for courses in (earlier, earlier[:1])
    )
    assert several.classes == one.classes


def test_distant_courses_stay_type_two() -> None:
    far = sphere_dose((80.0, 0, 0), radius_at={2.0: 20, 25.0: 10})
    near = sphere_dose((-80.0, 0, 0), radius_at={2.0: 20, 25.0: 10})
    one, two = (
        course_isodoses(PlacedCourse(course_with(d), identity("1.1")))
        for d in (near, far)
    )
    found = class_stability([one], two, organ(), shift_mm=5.0, reported="2")
    assert found.classes == {"2": 26}
    assert found.ov2gy_high_cc == 0.0
