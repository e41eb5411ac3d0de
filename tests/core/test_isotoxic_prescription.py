"""Prescriptions from scales: what they mean for the target, and the words for none."""

import numpy as np
import pytest

from reirrad.core.constraints import Constraint
from reirrad.core.isotoxic_prescription import (
    PlannedTarget,
    isotoxic_prescriptions,
    planned_target,
    target_effects,
)
from reirrad.core.isotoxic_results import Isotoxic
from reirrad.core.organ_doses import OrganDoses
from reirrad.core.radiobiology import bed
from tests.core.budget_specimens import constraint, limited, organ_doses

PLAN = Isotoxic(2, 40.0, 5, (), ())


def target() -> PlannedTarget:
    """From 38 to 48 Gy in 200 equal parts, prescribed 40 Gy."""
    doses = np.linspace(38.0, 48.0, 200)
    organ = organ_doses({1: doses * 0.0, 2: doses}, name="PTV", alpha_beta_gy=10.0)
    return planned_target(organ, 40.0)


def prescribed(
    *rows: Constraint,
    organ: OrganDoses | None = None,
    fractions: tuple[int, ...] = (5,),
) -> Isotoxic:
    if organ is None:
        organ = organ_doses({1: [10.0] * 40, 2: [20.0] * 40})
    return isotoxic_prescriptions(
        [limited(organ)],
        rows,
        [target()],
        plan=PLAN,
        fractions=fractions,
        not_evaluated=("Stomach: several structures mean it",),
    )


def test_a_scale_of_one_is_the_plan_itself() -> None:
    (effect,) = target_effects([target()], 1.0, 5)
    assert effect.prescription_gy == 40.0
    assert effect.d95_gy == pytest.approx(38.5, abs=0.03)
    assert effect.v100_percent == pytest.approx(80.0, abs=0.3)
    assert effect.v95_percent == 100.0
    assert effect.bed_gy == pytest.approx(72.0)


@pytest.mark.parametrize("n_fractions", [1, 5, 8])
def test_a_smaller_prescription_covers_less_of_the_planned_one(
    n_fractions: int,
) -> None:
    (whole,) = target_effects([target()], 1.0, n_fractions)
    (less,) = target_effects([target()], 0.9, n_fractions)
    assert whole.d95_gy is not None
    assert less.d95_gy == pytest.approx(0.9 * whole.d95_gy)
    # 40 Gy are now where 44.4 Gy were.
    assert less.v100_percent == pytest.approx(100 * (48 - 40 / 0.9) / 10, abs=0.3)
    assert less.v95_percent == pytest.approx(100 * (48 - 38 / 0.9) / 10, abs=0.3)
    assert less.bed_d95_gy == pytest.approx(
        float(bed(0.9 * whole.d95_gy, n_fractions=n_fractions, alpha_beta_gy=10.0))
    )


def test_no_dose_covers_nothing() -> None:
    (nothing,) = target_effects([target()], 0.0, 5)
    assert nothing.v95_percent == nothing.v100_percent == nothing.d95_gy == 0.0


def test_the_planned_fractions_come_first_and_once() -> None:
    result = prescribed(constraint("Max[Gy]", 80.0), fractions=(1, 5, 8))
    assert [row.n_fractions for row in result.by_fractions] == [5, 1, 8]
    assert [row.planned for row in result.by_fractions] == [True, False, False]
    doses = {
        row.n_fractions: row.largest.prescription_gy
        for row in result.by_fractions
        if row.largest is not None
    }
    assert doses[1] < doses[5] < doses[8]


def test_coverage_is_of_the_planned_fractions_alone() -> None:
    """34.8 Gy at once are BED 156 Gy, 0 % of the target in 40 Gy notwithstanding."""
    result = prescribed(constraint("Max[Gy]", 80.0), fractions=(1, 5, 8))
    planned, *others = (row.largest for row in result.by_fractions)
    assert planned is not None
    assert planned.targets[0].v95_percent is not None
    assert planned.targets[0].v100_percent is not None
    for other in others:
        assert other is not None
        (effect,) = other.targets
        assert effect.v95_percent is effect.v100_percent is None
        assert effect.bed_d95_gy is not None


def test_the_prescription_is_the_scaled_one_and_names_its_limit() -> None:
    (row,) = prescribed(constraint("Max[Gy]", 80.0)).by_fractions
    assert row.reason == ""
    assert row.largest is not None
    assert row.largest.prescription_gy == pytest.approx(40.0 * row.largest.scale)
    assert row.largest.limiting.structure == "Duodenum"
    assert row.largest.targets == target_effects([target()], row.largest.scale, 5)
    assert row.not_evaluated == ("Stomach: several structures mean it",)


def test_even_no_dose_is_too_much_is_said_with_the_organ() -> None:
    over, other = constraint("D0.1cc[Gy]", 5.0), constraint("Mean[Gy]", 80.0)
    (row,) = prescribed(over, other).by_fractions
    assert row.largest is None
    assert row.reason == (
        "Duodenum, D0.1cc <= 5 EQD2 (tabled) is exceeded by the earlier courses alone: "
        "no dose is possible"
    )
    assert row.ignoring_exceeded is not None
    assert row.ignoring_exceeded.limiting.metric == "Mean[Gy]"


def test_if_only_that_limit_exists_nothing_is_given_without_it() -> None:
    (row,) = prescribed(constraint("D0.1cc[Gy]", 5.0)).by_fractions
    assert row.largest is row.ignoring_exceeded is None


def test_nothing_evaluated_is_no_permission() -> None:
    column = constraint(
        "Mean[Gy]", 15.0, quantity="physical", scope="course", n_fractions=10
    )
    (row,) = prescribed(column).by_fractions
    assert row.largest is None
    assert row.evaluated == 0
    assert row.reason == "no binding limit could be evaluated, so nothing can be said"


def test_nothing_that_bounds_is_no_permission() -> None:
    organ = organ_doses({1: [10.0] * 40, 2: [0.0] * 40})
    (row,) = prescribed(constraint("Max[Gy]", 80.0), organ=organ).by_fractions
    assert row.largest is None
    assert row.reason.startswith("none of the limits")


def test_a_target_of_no_course_is_refused() -> None:
    organ = organ_doses({1: [10.0] * 4}, new_course=None)
    with pytest.raises(ValueError, match="no new course"):
        planned_target(organ, 40.0)
