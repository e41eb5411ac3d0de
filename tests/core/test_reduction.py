"""The ladder: each change, applied, just meets its limit, or it says that it cannot."""

from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.constraints import Constraint
from reirrad.core.dvh import dose_volume, metric_value
from reirrad.core.geometry import FloatArray
from reirrad.core.hot_places import PlacedTarget, placed_target
from reirrad.core.isotoxic_prescription import planned_target
from reirrad.core.isotoxic_results import Isotoxic
from reirrad.core.organ_doses import OrganDoses
from reirrad.core.radiobiology import summed_eqd2
from reirrad.core.reduction import PlanToReduce, reductions
from reirrad.core.reduction_results import Reduction, ReductionRules
from reirrad.core.sections import sections_of
from reirrad.phantoms.analytic import SliceStack, analytic_structure, sphere_contours
from tests.core.budget_specimens import constraint, limited, organ_doses

RADIUS_MM = 15.0
FALL_GY_PER_MM = 2.0
LEFT = np.array([1.0, 0.0, 0.0])
RULES = ReductionRules(30, 2.0, 0.1, 20.0)


def new_dose_gy(points_mm: FloatArray) -> FloatArray:
    """50 Gy inside a ball, falling by 2 Gy/mm outside it, down to nothing."""
    away = np.linalg.norm(points_mm, axis=1) - RADIUS_MM
    return np.asarray(np.clip(50.0 - FALL_GY_PER_MM * away, 0.0, 50.0))


@pytest.fixture(scope="module")
def ball() -> PlacedTarget:
    contours = sphere_contours(
        np.zeros(3), RADIUS_MM, slices=SliceStack(spacing_mm=2.0), n_vertices=96
    )
    structure = analytic_structure("PTV", contours, frame_of_reference_uid="1")
    return placed_target("PTV", sections_of(structure, slice_spacing_mm=2.0))


def bar(*, start_mm: float = 18.0, before_gy: float = 10.0) -> OrganDoses:
    """A thin organ that leads straight away to the left from the target."""
    x = np.arange(start_mm, start_mm + 30.0, 0.1)
    points = np.column_stack([x, np.zeros((len(x), 2))])
    return organ_doses(
        {1: np.full(len(x), before_gy), 2: new_dose_gy(points)}, points_mm=points
    )


def grid_points(ball: PlacedTarget) -> FloatArray:
    axis = np.arange(-16.0, 17.0)
    points = np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(-1, 3)
    return np.asarray(points[np.linalg.norm(points, axis=1) <= RADIUS_MM])


def plan(ball: PlacedTarget, *rows: Constraint, drawn: bool = True) -> PlanToReduce:
    points = grid_points(ball)
    dose = new_dose_gy(points)
    target = planned_target(
        organ_doses(
            {1: dose * 0.0, 2: dose},
            points_mm=points,
            volumes_cc=np.full(len(points), 0.001),
            name="PTV",
            alpha_beta_gy=10.0,
        ),
        50.0,
    )
    named = replace(target, name="PTV")
    return PlanToReduce(
        plan=Isotoxic(2, 50.0, 5, (), ()),
        constraints=rows,
        targets=[named] if drawn else [],
        placed=[ball] if drawn else [],
        dose_gy=new_dose_gy,
        rules=RULES,
    )


def only(
    ball: PlacedTarget, row: Constraint, organ: OrganDoses | None = None
) -> Reduction:
    (found,) = reductions([limited(organ or bar())], plan(ball, row))
    return found


def value_with(
    organ: OrganDoses, row: Constraint, new_gy: FloatArray, n_fractions: int
) -> float:
    (before, first) = organ.courses[1].delivered_gy[0]
    ratio = row.alpha_beta_gy
    assert ratio is not None
    total = summed_eqd2([(before, first), (new_gy, n_fractions)], alpha_beta_gy=ratio)
    return metric_value(row.metric, dose_volume(total, organ.volumes_cc))


ROW = constraint("D0.1cc[Gy]", 70.0)


def test_the_value_and_the_limit_are_named(ball: PlacedTarget) -> None:
    organ = bar()
    found = only(ball, ROW)
    new = organ.courses[2].delivered_gy[0][0]
    assert found.value == pytest.approx(value_with(organ, ROW, new, 5))
    assert (found.limit.structure, found.limit.limit) == ("Duodenum", 70.0)


def test_the_lower_prescription_meets_the_limit(ball: PlacedTarget) -> None:
    organ = bar()
    step = only(ball, ROW).lower_prescription
    assert step.scale is not None
    assert step.prescription_gy == pytest.approx(50.0 * step.scale)
    scaled = step.scale * organ.courses[2].delivered_gy[0][0]
    assert value_with(organ, ROW, scaled, 5) == pytest.approx(70.0, abs=1e-6)
    assert step.targets[0].bed_gy < 100.0


def test_the_number_of_fractions_is_the_smallest_that_meets_it(
    ball: PlacedTarget,
) -> None:
    organ = bar()
    step = only(ball, ROW).more_fractions
    new = organ.courses[2].delivered_gy[0][0]
    assert step.n_fractions is not None
    assert step.n_fractions > 5
    assert value_with(organ, ROW, new, step.n_fractions) <= 70.0
    assert value_with(organ, ROW, new, step.n_fractions - 1) > 70.0
    assert step.value == pytest.approx(value_with(organ, ROW, new, step.n_fractions))


def test_the_spared_volume_meets_the_limit(ball: PlacedTarget) -> None:
    organ = bar()
    step = only(ball, ROW).spared_volume
    new = organ.courses[2].delivered_gy[0][0]
    total = summed_eqd2([organ.courses[1].delivered_gy[0], (new, 5)], alpha_beta_gy=3.0)
    hot = total >= 70.0
    assert step.hot_cc == pytest.approx(organ.volumes_cc[hot].sum(), abs=0.01)
    assert step.allowed_cc == pytest.approx(0.1)
    assert step.volume_cc == pytest.approx(organ.volumes_cc[hot].sum() - 0.1, abs=0.01)
    assert step.place is not None
    assert step.place.centroid_mm == pytest.approx(organ.points_mm[hot].mean(axis=0))
    assert step.place.direction == "left"
    assert step.place.distance_mm == pytest.approx(3.0, abs=0.5)


def test_the_distance_is_that_of_the_known_fall(ball: PlacedTarget) -> None:
    organ = bar()
    step = only(ball, ROW).cropped_target
    assert step.gradient_gy_per_mm == pytest.approx(FALL_GY_PER_MM, rel=0.01)
    assert step.distance_mm is not None
    moved = new_dose_gy(organ.points_mm + step.distance_mm * LEFT)
    assert value_with(organ, ROW, moved, 5) == pytest.approx(70.0, rel=0.03)
    assert step.target == "PTV"
    assert step.gap_mm == pytest.approx(3.0, abs=0.5)
    assert step.lost_percent is not None
    assert 0.0 < step.lost_percent < 50.0


def test_what_is_lost_is_the_part_of_the_target_nearer_than_gap_and_step(
    ball: PlacedTarget,
) -> None:
    step = only(ball, ROW).cropped_target
    organ = bar()
    assert step.gap_mm is not None
    assert step.distance_mm is not None
    new = organ.courses[2].delivered_gy[0][0]
    total = summed_eqd2([organ.courses[1].delivered_gy[0], (new, 5)], alpha_beta_gy=3.0)
    hot = organ.points_mm[total >= 70.0]
    points = grid_points(ball)
    away = np.array([np.linalg.norm(hot - p, axis=1).min() for p in points])
    slow = 0.001 * np.count_nonzero(away <= away.min() + step.distance_mm)
    assert step.lost_cc == pytest.approx(slow)


def test_a_limit_that_is_met_needs_no_change(ball: PlacedTarget) -> None:
    assert reductions([limited(bar())], plan(ball, replace(ROW, limit=500.0))) == ()


def test_an_optimal_limit_is_no_reason(ball: PlacedTarget) -> None:
    assert reductions([limited(bar())], plan(ball, replace(ROW, level="optimal"))) == ()


def test_no_change_helps_where_the_background_alone_is_over(ball: PlacedTarget) -> None:
    found = only(ball, ROW, bar(before_gy=40.0))
    assert found.lower_prescription.scale is None
    assert found.more_fractions.n_fractions is None
    assert found.spared_volume.volume_cc is None
    assert found.cropped_target.distance_mm is None
    assert {
        found.lower_prescription.reason,
        found.more_fractions.reason,
        found.spared_volume.reason,
        found.cropped_target.reason,
    } == {"the earlier courses alone exceed it"}


def test_no_number_of_fractions_may_help(ball: PlacedTarget) -> None:
    step = only(ball, replace(ROW, limit=40.0)).more_fractions
    assert step.n_fractions is None
    assert step.reason == "none up to 30 fractions"


def test_fractions_beyond_the_last_column_are_not_counted_as_met(
    ball: PlacedTarget,
) -> None:
    columns = [
        constraint(
            "D0.1cc[Gy]", limit, quantity="physical", scope="course", n_fractions=n
        )
        for n, limit in ((5, 30.0), (8, 35.0))
    ]
    found = {
        r.limit.scope: r.more_fractions
        for r in reductions([limited(bar())], plan(ball, *columns))
    }
    assert found["new course"].n_fractions is None
    assert "has no limit for more than 8" in found["new course"].reason


def test_a_spared_volume_has_another_level_in_another_column(
    ball: PlacedTarget,
) -> None:
    least_cc = 0.9 * bar().volume_cc
    columns = [
        constraint(
            f"CV{level}Gy[cc]",
            least_cc,
            relation=">=",
            quantity="physical",
            scope="course",
            n_fractions=n,
        )
        for n, level in ((5, 1), (8, 200))
    ]
    (found,) = reductions([limited(bar())], plan(ball, *columns))
    step = found.more_fractions
    assert (step.n_fractions, step.metric) == (8, "CV200Gy[cc]")
    assert step.value == pytest.approx(bar().volume_cc)


def test_a_higher_column_may_meet_a_physical_limit(ball: PlacedTarget) -> None:
    columns = [
        constraint(
            "D0.1cc[Gy]", limit, quantity="physical", scope="course", n_fractions=n
        )
        for n, limit in ((5, 30.0), (8, 45.0))
    ]
    step = next(
        r.more_fractions
        for r in reductions([limited(bar())], plan(ball, *columns))
        if r.limit.scope == "new course"
    )
    assert (step.n_fractions, step.limit) == (8, 45.0)


def test_physical_limits_of_any_fractionation_do_not_hang_on_it(
    ball: PlacedTarget,
) -> None:
    row = constraint("V15Gy[cc]", 0.2, quantity="physical", scope="later course")
    step = only(ball, row).more_fractions
    assert step.n_fractions is None
    assert "physical dose in any number of fractions" in step.reason


def test_a_mean_has_neither_place_nor_distance(ball: PlacedTarget) -> None:
    found = only(ball, constraint("Mean[Gy]", 30.0))
    assert found.lower_prescription.scale is not None
    assert found.spared_volume.volume_cc is None
    assert found.spared_volume.place is None
    assert found.cropped_target.distance_mm is None
    assert "mean" in found.spared_volume.reason


def test_a_part_far_from_the_target_is_not_blamed_on_its_edge(
    ball: PlacedTarget,
) -> None:
    far = organ_doses(
        {1: [0.0] * 40, 2: [50.0] * 40},
        points_mm=np.column_stack(
            [np.full(40, 60.0), np.arange(40) / 10, np.zeros(40)]
        ),
    )
    step = only(ball, ROW, far).cropped_target
    assert step.distance_mm is None
    assert "45 mm from the target" in step.reason


def test_a_flat_dose_gives_no_distance(ball: PlacedTarget) -> None:
    inside = bar(start_mm=-10.0)
    inside = inside.where(inside.points_mm[:, 0] < 10.0)
    step = only(ball, ROW, inside).cropped_target
    assert step.distance_mm is None
    assert "flat" in step.reason


def test_without_a_target_there_is_nothing_to_crop(ball: PlacedTarget) -> None:
    (found,) = reductions([limited(bar())], plan(ball, ROW, drawn=False))
    assert found.cropped_target.distance_mm is None
    assert found.cropped_target.reason == "no target is drawn"
    assert found.spared_volume.place is not None
    assert found.spared_volume.place.target is None


def test_a_limit_that_cannot_be_evaluated_is_not_reduced_for(
    ball: PlacedTarget,
) -> None:
    organ = bar()
    unknown = np.ones(len(organ.volumes_cc), dtype=np.bool_)
    unknown[:50] = False
    dose = organ.courses[2]
    courses = {1: organ.courses[1], 2: replace(dose, covered=unknown)}
    hidden = replace(organ, courses=courses, _known={})
    assert reductions([limited(hidden)], plan(ball, ROW)) == ()
