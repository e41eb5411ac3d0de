"""What a reader is told of the isodoses of a course."""

import pytest

from reirrad.core.courses import TargetPrescription
from reirrad.core.findings import Finding
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    sphere_contours,
    sphere_dose,
)
from reirrad.workflows.align import OutlinedCourse
from reirrad.workflows.summaries import course_findings
from tests.core.specimens import course_with

STACK = SliceStack(spacing_mm=2.0)


def findings(second_x_mm: float, doses_gy: tuple[float, ...]) -> list[Finding]:
    """Of two targets, the second a small one; as many are ordered as have a dose."""
    structures = tuple(
        analytic_structure(
            f"PTV{number}",
            sphere_contours((x_mm, 0, 0), radius_mm, slices=STACK),
            frame_of_reference_uid="1.1",
            number=number,
        )
        for number, x_mm, radius_mm in ((1, 0.0, 12.0), (2, second_x_mm, 5.0))
    )
    course = course_with(
        sphere_dose((0, 0, 0), radius_at={30.0: 15.0, 2.0: 40.0}),
        prescription_gy=max(doses_gy),
        structures=structures,
        targets=tuple(
            TargetPrescription(dose_gy, number, f"PTV{number}")
            for number, dose_gy in enumerate(doses_gy, start=1)
        ),
    )
    return course_findings(OutlinedCourse(course, {}))


def test_targets_in_each_other_are_told_with_their_one_level() -> None:
    (finding,) = findings(0.3, (45.0, 60.0))
    assert (finding.code, finding.severity) == ("several-prescriptions", "info")
    assert "(60, 45 Gy) and lie in each other or overlap" in finding.message
    assert "half of the highest, 30 Gy, bounds the 50 % isodose" in finding.message


def test_targets_apart_are_told_with_every_level() -> None:
    (finding,) = findings(50.0, (45.0, 60.0))
    assert (finding.code, finding.severity) == ("several-prescriptions", "info")
    assert "22.5 Gy, 30 Gy, each among the points nearest" in finding.message


def test_targets_that_are_not_drawn_are_told_with_the_lowest_level() -> None:
    (finding,) = findings(50.0, (45.0, 60.0, 50.0))
    assert (finding.code, finding.severity) == ("several-prescriptions", "warning")
    assert "the lowest half dose, 22.5 Gy" in finding.message


@pytest.mark.parametrize("doses_gy", [(45.0,), (45.0, 45.0)])
def test_one_prescription_needs_no_word(doses_gy: tuple[float, ...]) -> None:
    assert findings(50.0, doses_gy) == []
