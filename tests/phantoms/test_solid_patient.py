import numpy as np
import pytest

from reirrad.core.dose import dose_at
from reirrad.phantoms.analytic import SliceStack
from reirrad.phantoms.solid_patient import flat_solids, round_solids, solid_courses


def test_the_doses_of_both_courses_are_those_of_each_solid() -> None:
    random = np.random.default_rng(5)
    known = [*round_solids(random), *flat_solids(random)]
    courses = solid_courses(known, SliceStack(3.0))
    for one in known:
        points = np.concatenate(
            [c.points_mm for c in one.structure(1, SliceStack(3.0)).contours]
        )
        for number, _, dose in one.doses:
            (grid,) = courses[number - 1].deliveries[0].doses
            np.testing.assert_allclose(
                dose_at(grid, points), dose.at(points), rtol=0.01, atol=0.05
            )


def test_a_tube_is_its_outside_without_its_hole() -> None:
    tube = flat_solids(np.random.default_rng(5))[-1]
    height_mm, outer_mm, hole_mm = 24.0, 16.0, 8.0
    ring_cc = np.pi * (outer_mm**2 - hole_mm**2) * height_mm / 1000.0
    assert tube.value("volume[cc]", tube.gaussian) == pytest.approx(ring_cc)
    _, linear = tube.doses[0][1:]
    middle = linear.at(tube.solid.centroid_mm)
    assert tube.value("Mean[Gy]", linear) == pytest.approx(float(middle))
    with pytest.raises(ValueError, match="hollow"):
        tube.value("D98%[Gy]", linear)
