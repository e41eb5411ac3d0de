"""What a reader is told of the dose and the isodoses of a course."""

from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.assessment import CourseSummary
from reirrad.core.courses import Course, Delivery, TargetPrescription
from reirrad.core.findings import Finding
from reirrad.core.overlap import course_isodoses
from reirrad.core.sampling import sample
from reirrad.core.sections import sections_of
from reirrad.core.structures import Role, Structure
from reirrad.core.transforms import identity
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    sphere_contours,
    sphere_dose,
)
from reirrad.workflows.align import OutlinedCourse
from reirrad.workflows.settings import checked_settings, load_settings
from reirrad.workflows.summaries import assumptions, course_findings, course_summary
from tests.core.specimens import course_with

CUT = {"isodose-2gy-cut", "isodose-50-cut"}


def treated(n_objects: int) -> OutlinedCourse:
    """50 Gy to the 80 % isodose, cut at 3 Gy, as so many dose objects in equal parts.

    With a PTV of 14 mm in the isodose of 15 mm, which is 80 % of the maximum.
    """
    ptv = analytic_structure(
        "PTV",
        sphere_contours((0.0, 0, 0), 14.0, slices=SliceStack(spacing_mm=1.0)),
        frame_of_reference_uid="1.1",
        number=1,
        role=Role.PTV,
    )
    dose = sphere_dose((0.0, 0, 0), radius_at={62.5: 0.0, 50.0: 15.0, 3.0: 45.0})
    whole: Course = course_with(dose, structures=(ptv,), half_width_mm=45.0)
    grid = whole.deliveries[0].doses[0]
    part = replace(grid, values_gy=grid.values_gy / n_objects)
    course = replace(whole, deliveries=(Delivery((part,) * n_objects, 5),))
    return OutlinedCourse(course, {1: sections_of(ptv)})


def summary_of(outlined: OutlinedCourse) -> CourseSummary:
    settings = checked_settings({}, name="test")
    placed = PlacedCourse(outlined.course, identity("1.1"))
    organ = sample(outlined.sections[1], centred=True)
    return course_summary(outlined, settings, course_isodoses(placed), organ)


def test_beam_doses_are_summed_before_anything_is_said_of_them() -> None:
    one, beams = treated(1), treated(3)
    whole, summed = summary_of(one), summary_of(beams)
    assert summed.dose.max_gy == pytest.approx(whole.dose.max_gy, rel=1e-6)
    assert summed.dose.border_gy == pytest.approx(whole.dose.border_gy, rel=1e-6)
    assert whole.prescription.mode == "to the 80 % isodose"
    assert summed.prescription.mode == whole.prescription.mode
    assert summed.dose.n_grids == 3
    for name in ("2Gy", "50%"):
        total_cc = whole.isodoses[name].total_cc
        assert summed.isodoses[name].total_cc == pytest.approx(total_cc, rel=1e-3)


def test_an_isodose_that_the_sum_of_the_beams_takes_to_the_border_is_told() -> None:
    for n_objects in (1, 3):
        codes = {finding.code for finding in course_findings(treated(n_objects))}
        assert codes & CUT == {"isodose-2gy-cut"}


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


def test_contours_are_said_to_stand_for_the_solid_that_they_stand_for() -> None:
    contours = sphere_contours(
        np.zeros(3), 6.0, slices=SliceStack(spacing_mm=3.0), n_vertices=64
    )
    ball = sections_of(Structure(1, "ball", None, Role.ORGAN, contours, "1.2.3"))
    slabs_cc = sum(s.region.area * s.thickness_mm for s in ball.slabs) / 1000.0
    exact_cc = 4.0 / 3.0 * np.pi * 6.0**3 / 1000.0
    assert abs(ball.volume_cc - exact_cc) < abs(slabs_cc - exact_cc)
    (said,) = (text for text in assumptions(load_settings(None)) if "contour" in text)
    assert "slab" not in said
    assert "a round end is followed" in said
