"""Doses at a structure's points live as long as they are used; its volume is told."""

import gc
import weakref
from dataclasses import replace

import pytest

from reirrad.core.structure_doses import assessed_structure, structure_doses
from tests.core.two_courses import drawn_ball, two_courses


@pytest.mark.parametrize("apart_mm", [0.0, 30.0])
def test_the_results_do_not_keep_the_points(apart_mm: float) -> None:
    """Without the collector of circles, which may come many structures later."""
    organ = drawn_ball((0.0, 0.0, 0.0), 30.0)
    courses = list(two_courses(apart_mm=apart_mm).values())
    collecting = gc.isenabled()
    gc.disable()
    try:
        doses = structure_doses(organ, courses, [1, 2])
        points = weakref.ref(doses.samples.points_mm)
        assessed = assessed_structure(organ, doses)
        assert points() is not None
        del doses
        assert points() is None
    finally:
        if collecting:
            gc.enable()
    assert assessed.cumulative.eqd2["Mean[Gy]"] is not None


def test_the_interval_of_the_volume_reaches_to_what_may_be_holes() -> None:
    organ = drawn_ball((0.0, 0.0, 0.0), 30.0)
    unsure = replace(organ, sections=replace(organ.sections, unsure_cc=7.0))
    courses = list(two_courses(apart_mm=30.0).values())
    doses = structure_doses(organ, courses, [1, 2])
    low, high = assessed_structure(organ, doses).volume_interval_cc
    found = assessed_structure(unsure, doses).volume_interval_cc
    assert found == pytest.approx((low - 7.0, high))
