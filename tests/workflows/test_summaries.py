from dataclasses import replace

import pytest

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.assessment import CourseSummary
from reirrad.core.courses import Course, Delivery
from reirrad.core.overlap import course_isodoses
from reirrad.core.sampling import sample
from reirrad.core.sections import sections_of
from reirrad.core.structures import Role
from reirrad.core.transforms import identity
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    sphere_contours,
    sphere_dose,
)
from reirrad.workflows.align import OutlinedCourse
from reirrad.workflows.settings import checked_settings
from reirrad.workflows.summaries import course_findings, course_summary
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
