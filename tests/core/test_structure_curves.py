"""Curves of a structure: each course in both quantities, the sum in EQD2 alone."""

import numpy as np

from reirrad.core.structure_doses import assessed_structure
from tests.core.two_courses import doses_of, drawn_ball, two_courses


def test_each_course_has_a_physical_curve_that_its_metrics_lie_on() -> None:
    organ = drawn_ball((0.0, 0.0, 0.0), 30.0)
    answer = assessed_structure(organ, doses_of(organ, two_courses()))
    assert [(one.label, one.quantity) for one in answer.curves] == [
        ("course 1", "EQD2"),
        ("course 2", "EQD2"),
        ("cumulative", "EQD2"),
        ("course 1", "physical"),
        ("course 2", "physical"),
    ]
    for number, curve in enumerate(answer.curves[3:]):
        metrics = answer.courses[number].physical
        for percent in (2.0, 50.0, 95.0):
            asked = metrics[f"D{percent:g}%[Gy]"]
            read = np.interp(-percent, -curve.volume_percent, curve.dose_gy)
            assert asked is not None
            assert abs(read - asked) < curve.dose_gy[1]
