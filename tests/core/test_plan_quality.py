import math
from dataclasses import replace

import pytest

from reirrad.core.courses import Course, Delivery, TargetPrescription
from reirrad.core.plan_quality import (
    PlanIndices,
    PrescriptionRules,
    gradient_cm,
    plan_quality,
    prescription_mode,
)
from reirrad.core.plan_results import TargetQuality
from reirrad.core.sections import sections_of
from reirrad.core.structures import Role, Structure
from reirrad.phantoms.analytic import (
    RadialDose,
    SliceStack,
    analytic_structure,
    sphere_contours,
    sphere_dose,
)
from reirrad.phantoms.closed_forms import sphere_volume_cc
from tests.core.specimens import course_with

RULES = PrescriptionRules(80.0, 5.0, 3.0, 95.0)
DOSE = sphere_dose((0.0, 0, 0), radius_at={50.0: 15.0, 25.0: 22.0})


def ball(
    number: int, role: Role, radius_mm: float, *, slice_mm: float = 1.0
) -> Structure:
    contours = sphere_contours(
        (0.0, 0, 0), radius_mm, slices=SliceStack(spacing_mm=slice_mm)
    )
    return analytic_structure(
        f"{role.value}{number}",
        contours,
        frame_of_reference_uid="1.1",
        number=number,
        role=role,
    )


def concentric(dose: RadialDose = DOSE) -> Course:
    return course_with(
        dose,
        structures=(
            ball(1, Role.GTV, 11.0),
            ball(2, Role.PTV, 14.0),
            ball(3, Role.ORGAN, 60.0),
        ),
        targets=(TargetPrescription(50.0, 2, "PTV2"),),
    )


def quality_of(course: Course) -> tuple[TargetQuality, TargetQuality]:
    sections = {s.number: sections_of(s) for s in course.structures}
    found = plan_quality(
        course, sections, liver=course.structures[2], liver_alpha_beta_gy=2.5
    )
    gtv, ptv = found.targets
    return gtv, ptv


def test_indices_of_concentric_balls() -> None:
    _, ptv = quality_of(concentric())
    target, piv, half = (sphere_volume_cc(r) for r in (14.0, 15.0, 22.0))
    assert ptv.conformity_rtog == pytest.approx(piv / target, rel=0.01)
    assert ptv.conformity_paddick == pytest.approx(target / piv, rel=0.01)
    assert ptv.gradient_index == pytest.approx(half / piv, rel=0.01)
    assert ptv.r50 == pytest.approx(half / target, rel=0.01)
    assert ptv.gradient_cm == pytest.approx(0.7, abs=0.01)
    assert ptv.v95_percent == pytest.approx(100.0, abs=0.05)


def test_the_prescription_isodose_is_measured_in_the_grids_of_all_plans() -> None:
    """The target lies in the smaller of two grids, which the larger one misses."""
    away = sphere_dose((400.0, 0, 0), radius_at={50.0: 15.0, 25.0: 22.0})
    small = replace(concentric(), deliveries=course_with(DOSE).deliveries)
    grids = [
        *course_with(DOSE, half_width_mm=45.0).deliveries[0].doses,
        *course_with(away).deliveries[0].doses,
    ]
    both = replace(small, deliveries=(Delivery(tuple(grids), 5),))
    (_, alone), (_, beside) = quality_of(small), quality_of(both)
    # With one PTV the whole isodose counts, and so does the other plan's.
    assert alone.conformity_rtog is not None
    assert beside.conformity_rtog == pytest.approx(2 * alone.conformity_rtog, rel=0.01)
    assert beside.gradient_index == pytest.approx(alone.gradient_index, rel=0.01)


@pytest.mark.parametrize("inner_x_mm", [-0.2, 0.0, 0.2])
def test_of_ptvs_in_each_other_each_has_its_whole_isodose(inner_x_mm: float) -> None:
    outer_gy, inner_gy = 50.0, float(DOSE.at([[9.0, 0, 0]])[0])
    inner = analytic_structure(
        "PTV inner",
        sphere_contours((inner_x_mm, 0, 0), 8.0, slices=SliceStack(spacing_mm=1.0)),
        frame_of_reference_uid="1.1",
        number=4,
        role=Role.PTV,
    )
    course = course_with(
        DOSE,
        structures=(ball(2, Role.PTV, 14.0), inner, ball(3, Role.ORGAN, 60.0)),
        prescription_gy=inner_gy,
        targets=(
            TargetPrescription(inner_gy, 4, ""),
            TargetPrescription(outer_gy, 2, ""),
        ),
    )
    outer_found, inner_found = plan_quality(
        course,
        {s.number: sections_of(s) for s in course.structures},
        liver=None,
        liver_alpha_beta_gy=2.5,
    ).targets
    assert outer_found.conformity_rtog == pytest.approx((15 / 14) ** 3, rel=0.01)
    assert inner_found.conformity_rtog == pytest.approx((9 / 8) ** 3, rel=0.02)


def test_the_margin_is_the_distance_between_the_surfaces() -> None:
    gtv, ptv = quality_of(concentric())
    assert ptv.margin_mm == pytest.approx(3.0, abs=0.05)
    assert gtv.margin_mm is None
    assert gtv.prescription_gy == 50.0


@pytest.mark.parametrize("slice_mm", [2.0, 3.0, 5.0])
@pytest.mark.parametrize("margin_mm", [3.0, 5.0])
def test_the_margin_does_not_hang_on_the_slices(
    slice_mm: float, margin_mm: float
) -> None:
    structures = (
        ball(1, Role.GTV, 12.0, slice_mm=slice_mm),
        ball(2, Role.PTV, 12.0 + margin_mm, slice_mm=slice_mm),
        ball(3, Role.ORGAN, 60.0),
    )
    targets = (TargetPrescription(50.0, 2, "PTV2"),)
    _, ptv = quality_of(course_with(DOSE, structures=structures, targets=targets))
    assert ptv.margin_mm == pytest.approx(margin_mm, abs=0.1)


def test_near_minimum_and_maximum_follow_the_radius() -> None:
    _, ptv = quality_of(concentric())
    radius = 14.0 * 0.98 ** (1 / 3)
    expected = float(DOSE.at([[radius, 0, 0]])[0])
    assert ptv.metrics["D98%[Gy]"] == pytest.approx(expected, rel=0.005)


def test_normal_liver_leaves_out_the_gtv() -> None:
    course = concentric()
    sections = {s.number: sections_of(s) for s in course.structures}
    found = plan_quality(
        course, sections, liver=course.structures[2], liver_alpha_beta_gy=2.5
    ).normal_liver
    assert found is not None
    assert found.volume_cc == pytest.approx(
        sphere_volume_cc(60.0) - sphere_volume_cc(11.0), rel=0.002
    )
    assert found.mean_eqd2_gy is not None
    assert found.mean_gy is not None
    assert found.mean_gy > 0


def test_without_liver_there_is_no_normal_liver() -> None:
    course = concentric()
    sections = {s.number: sections_of(s) for s in course.structures}
    found = plan_quality(course, sections, liver=None, liver_alpha_beta_gy=2.5)
    assert found.normal_liver is None


@pytest.mark.parametrize(
    ("max_gy", "mean_gy", "v95", "expected"),
    [
        (62.5, 56.0, 99.0, "to the 80 % isodose"),
        (55.0, 50.2, 97.0, "to the mean dose of the PTV"),
        (62.5, 50.2, 90.0, "to the 80 % isodose"),
        (52.0, 51.9, 90.0, "not recognised"),
    ],
)
def test_prescription_modes(
    max_gy: float, mean_gy: float, v95: float, expected: str
) -> None:
    ptv = quality_of(concentric())[1]
    made = TargetQuality(
        **{
            **{f: getattr(ptv, f) for f in TargetQuality.__dataclass_fields__},
            "metrics": {"Mean[Gy]": mean_gy},
            "v95_percent": v95,
        }
    )
    assert prescription_mode([made], max_gy, RULES).startswith(expected)


def test_a_course_without_ptv_has_no_recognised_mode() -> None:
    assert "no PTV" in prescription_mode([], 60.0, RULES)


def test_formulas_of_the_reference_sheet() -> None:
    indices = PlanIndices(target_cc=13.4, piv_cc=15.0, covered_cc=13.0, half_cc=68.0)
    assert indices.conformity_rtog == pytest.approx(1.119403, abs=1e-6)
    assert indices.conformity_paddick == pytest.approx(0.840796, abs=1e-6)
    assert indices.gradient_index == pytest.approx(4.533333, abs=1e-6)
    assert indices.r50 == pytest.approx(5.074627, abs=1e-6)
    ball = 4 / 3 * math.pi
    assert gradient_cm(ball, 8 * ball) == pytest.approx(1.0)


def test_without_a_prescription_isodose_there_is_no_ratio() -> None:
    indices = PlanIndices(target_cc=13.4, piv_cc=0.0, covered_cc=0.0, half_cc=68.0)
    assert indices.conformity_paddick is None
    assert indices.gradient_index is None
