"""The largest scale of a plan: equality at the limit, and every way not to have one."""

import math
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from reirrad.core.accumulation import CourseDose
from reirrad.core.budget import remaining_dose_gy
from reirrad.core.constraints import (
    Constraint,
    Measured,
    Query,
    evaluate_constraints,
)
from reirrad.core.dvh import dose_volume, metric_value
from reirrad.core.isotoxic import (
    ScaleBounds,
    exceeded_beside,
    largest_scale,
    meets,
    scale_bounds,
)
from reirrad.core.limit_questions import UNCOVERED, LimitedOrgan
from reirrad.core.organ_doses import OrganDoses
from reirrad.core.organ_limits import binds, deciding_dose
from reirrad.core.radiobiology import dose_for_eqd2, eqd2, summed_bed, summed_eqd2
from tests.core.budget_specimens import (
    constraint,
    limited,
    organ_doses,
    random_organ,
)

EQUAL_GY = 0.1

CANDIDATES = (
    constraint("D0.1cc[Gy]", 54.0, alpha_beta_gy=2.5),
    constraint("D5cc[Gy]", 40.0, relation="<"),
    constraint("Max[Gy]", 120.0, quantity="BED", alpha_beta_gy=2.0),
    constraint("Mean[Gy]", 15.0),
    constraint("V20Gy[cc]", 4.0, relation="<"),
    constraint("V12Gy[%]", 30.0),
    constraint("CV18Gy[cc]", 3.0, relation=">="),
    constraint("CV30Gy[cc]", 3.0, relation=">", quantity="BED"),
    constraint("D1cc[Gy]", 25.0, scope="later course", alpha_beta_gy=2.0),
    constraint("D0.5cc[Gy]", 20.0, quantity="physical", scope="course", n_fractions=1),
    constraint("V15Gy[cc]", 5.0, quantity="physical", scope="later course"),
    constraint("D30%[Gy]", 12.0, level="mandatory"),
)


def fed_back(organ: OrganDoses, scale: float) -> OrganDoses:
    """The organ as if the scaled plan had been exported."""
    first, second = organ.courses[1], organ.courses[2]
    ((dose, n_fractions),) = second.delivered_gy
    scaled = type(second)(((scale * dose, n_fractions),), second.covered)
    return OrganDoses(
        organ.label,
        organ.standard_name,
        organ.alpha_beta_gy,
        organ.points_mm,
        organ.volumes_cc,
        {1: first, 2: scaled},
        2,
    )


def values_gy(
    organ: OrganDoses, query: Query
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Doses summed with the functions of an assessment, not with those under test."""
    wanted = [1, 2] if query.scope == "cumulative" else [query.scope]
    deliveries = [d for n in wanted for d in organ.courses[int(n)].delivered_gy]
    if query.quantity == "physical" or query.alpha_beta_gy is None:
        return np.asarray(deliveries[0][0])
    summed = summed_bed if query.quantity == "BED" else summed_eqd2
    return summed(deliveries, alpha_beta_gy=query.alpha_beta_gy)


def off_by_gy(organ: OrganDoses, row: Constraint, query: Query) -> float:
    """How far the dose that decides is from its level."""
    curve = dose_volume(values_gy(organ, query), organ.volumes_cc)
    deciding = deciding_dose(row, organ.volume_cc)
    if deciding.volume_cc is None:
        metric = "Mean[Gy]"
    else:
        metric = f"D{deciding.volume_cc:.9f}cc[Gy]" if deciding.volume_cc else "Max[Gy]"
    return metric_value(metric, curve) - deciding.level_gy


def evaluated(
    organ: OrganDoses, rows: tuple[Constraint, ...]
) -> tuple[dict[str, float], list[str]]:
    """How far each binding limit is from equality, and those that are exceeded."""
    (_, first), (_, second) = (organ.courses[n].delivered_gy[0] for n in (1, 2))
    asked: list[Query] = []

    def measure(query: Query) -> Measured:
        asked.append(query)
        curve = dose_volume(values_gy(organ, query), organ.volumes_cc)
        return Measured(metric_value(query.metric, curve))

    results = evaluate_constraints(
        rows,
        course_fractions={1: first, 2: second},
        structures={"Duodenum"},
        alpha_beta_gy=lambda _: organ.alpha_beta_gy,
        measure=measure,
    )
    concerned = [r for r in results if r.scope != "course 1" and r.value is not None]
    exceeded = [
        f"{r.metric} {r.quantity} {r.scope}"
        for r in concerned
        if binds(r.level) and r.verdict == "exceeded"
    ]
    off = {}
    for result in concerned:
        row = constraint(
            result.metric,
            result.limit,
            relation=result.relation,
            quantity=result.quantity,
            alpha_beta_gy=result.alpha_beta_gy,
        )
        scope: Literal["cumulative"] | int = 2
        if result.scope == "cumulative":
            scope = "cumulative"
        query = Query(
            "Duodenum",
            "whole",
            result.metric,
            result.quantity,
            result.alpha_beta_gy,
            scope,
        )
        key = f"{result.metric} {result.quantity} {result.scope} {result.limit:.6f}"
        off[key] = off_by_gy(organ, row, query)
    return off, exceeded


@pytest.mark.parametrize("seed", range(200))
def test_the_budget_closes_the_loop(seed: int) -> None:
    """Fed back, the scaled plan meets the limiting limit with equality, and all others.

    The check goes through `evaluate_constraints`, as an assessment does.
    """
    rng = np.random.default_rng(seed)
    organ = random_organ(rng)
    chosen = rng.choice(len(CANDIDATES), size=4, replace=False)
    rows = tuple(CANDIDATES[int(n)] for n in chosen)
    n_fractions = organ.courses[2].delivered_gy[0][1]
    found = scale_bounds([limited(organ)], rows, n_fractions=n_fractions, planned=True)
    if found.scale is None:
        assert found.exceeded_before
        _, exceeded = evaluated(fed_back(organ, 0.0), rows)
        assert len(exceeded) == len(found.exceeded_before)
        return
    if math.isinf(found.scale):
        assert found.limiting is None
        return
    named = found.limiting
    assert named is not None
    off, exceeded = evaluated(fed_back(organ, found.scale), rows)
    assert exceeded == []
    scope = "cumulative" if named.scope == "cumulative" else "course 2"
    key = f"{named.metric} {named.quantity} {scope} {named.limit:.6f}"
    assert abs(off[key]) < 1e-6 < EQUAL_GY
    _, beyond = evaluated(fed_back(organ, 1.001 * found.scale), rows)
    assert beyond


def bounds(
    organ: OrganDoses,
    *rows: Constraint,
    n_fractions: int = 5,
    planned: bool = True,
) -> ScaleBounds:
    return scale_bounds(
        [limited(organ)], rows, n_fractions=n_fractions, planned=planned
    )


def even(before_gy: float, new_gy: float) -> OrganDoses:
    return organ_doses({1: [before_gy] * 40, 2: [new_gy] * 40})


@pytest.mark.parametrize("metric", ["Max[Gy]", "D0.1cc[Gy]", "Mean[Gy]", "D50%[Gy]"])
@pytest.mark.parametrize("number", [1, 5, 12])
def test_an_even_dose_is_scaled_to_what_is_left(metric: str, number: int) -> None:
    found = bounds(
        even(15.0, 4.0), constraint(metric, 80.0), n_fractions=number, planned=False
    )
    before = float(eqd2(15.0, n_fractions=5, alpha_beta_gy=3.0))
    left = float(
        remaining_dose_gy(
            before, limit_eqd2_gy=80.0, n_fractions=number, alpha_beta_gy=3.0
        )
    )
    assert found.scale == pytest.approx(left / 4.0, rel=1e-8)


def test_the_planned_deliveries_keep_their_own_fractions() -> None:
    two_parts = ((np.full(40, 4.0), 2), (np.full(40, 9.0), 10))
    organ = even(0.0, 1.0)
    organ = OrganDoses(
        organ.label,
        organ.standard_name,
        3.0,
        organ.points_mm,
        organ.volumes_cc,
        {1: organ.courses[1], 2: CourseDose(two_parts, organ.courses[2].covered)},
        2,
    )
    scale = bounds(organ, constraint("Mean[Gy]", 60.0)).scale
    assert scale is not None
    parts = [
        float(eqd2(scale * d, n_fractions=n, alpha_beta_gy=3.0))
        for d, n in ((4, 2), (9, 10))
    ]
    assert sum(parts) == pytest.approx(60.0, abs=1e-6)
    together = bounds(organ, constraint("Mean[Gy]", 60.0), planned=False).scale
    assert together == pytest.approx(
        float(dose_for_eqd2(60.0, n_fractions=5, alpha_beta_gy=3.0)) / 13.0
    )


def test_a_background_over_the_limit_leaves_none_and_the_others_are_given() -> None:
    over, other = constraint("D0.1cc[Gy]", 20.0), constraint("Mean[Gy]", 80.0)
    found = bounds(even(20.0, 5.0), over, other)
    assert found.scale is None
    assert [limit.metric for limit in found.exceeded_before] == ["D0.1cc[Gy]"]
    assert found.limiting_others is not None
    assert found.limiting_others.metric == "Mean[Gy]"
    assert found.ignoring_exceeded == bounds(even(20.0, 5.0), other).scale


def test_a_background_just_at_the_limit_leaves_nothing_but_is_not_over_it() -> None:
    before = float(eqd2(20.0, n_fractions=5, alpha_beta_gy=3.0))
    organ = even(20.0, 5.0)
    exact = float(organ.background_eqd2_gy(3.0)[0])
    assert exact == pytest.approx(before)
    assert bounds(organ, constraint("Max[Gy]", exact)).scale == 0.0
    assert bounds(organ, constraint("Max[Gy]", exact, relation="<")).scale is None


def test_a_strict_limit_is_kept_and_not_only_reached() -> None:
    organ = even(10.0, 5.0)
    row = constraint("Max[Gy]", 60.0, relation="<")
    scaled = organ.scaled("cumulative", "EQD2", 3.0)
    scale = largest_scale(scaled, row)
    assert scale is not None
    assert meets(scaled, row, scale)
    assert not meets(scaled, row, scale * (1 + 1e-6))


def test_optimal_limits_do_not_bind_and_are_named_beside() -> None:
    organ = even(0.0, 5.0)
    optimal = constraint("D0.1cc[Gy]", 30.0, level="optimal")
    binding = constraint("D0.1cc[Gy]", 60.0)
    found = bounds(organ, optimal, binding)
    assert found.scale == bounds(organ, binding).scale
    assert found.scale is not None
    beside = exceeded_beside(
        [limited(organ)], (optimal, binding), found.scale, n_fractions=5, planned=True
    )
    assert [limit.limit for limit in beside] == [30.0]
    assert (
        exceeded_beside([limited(organ)], (optimal,), 0.1, n_fractions=5, planned=True)
        == ()
    )


def test_no_dose_in_the_organ_bounds_nothing() -> None:
    found = bounds(even(10.0, 0.0), constraint("Max[Gy]", 60.0))
    assert found.scale == math.inf
    assert found.limiting is None
    assert found.evaluated == 1


def test_a_number_without_column_is_not_evaluated() -> None:
    row = constraint(
        "Mean[Gy]", 15.0, quantity="physical", scope="course", n_fractions=5
    )
    found = bounds(even(10.0, 5.0), row, n_fractions=8, planned=False)
    assert found.evaluated == 0
    assert found.not_evaluated == (
        "Duodenum Mean: not limited by tabled for 8 fractions",
    )


def test_a_value_that_hangs_on_unknown_dose_is_not_evaluated() -> None:
    covered = np.ones(40, dtype=np.bool_)
    covered[:20] = False
    organ = organ_doses(
        {1: [30.0] * 20 + [10.0] * 20, 2: [5.0] * 40}, covered={1: covered}
    )
    cumulative = constraint("D0.1cc[Gy]", 90.0)
    alone = constraint("D0.1cc[Gy]", 20.0, scope="later course")
    found = bounds(organ, cumulative, alone)
    assert found.not_evaluated == (f"Duodenum D0.1cc: {UNCOVERED}",)
    assert found.evaluated == 1
    assert found.limiting is not None
    assert found.limiting.scope == "new course"


def test_a_value_that_hangs_on_unknown_dose_at_the_scale_is_not_evaluated() -> None:
    # As planned no point reaches 20 Gy; scaled, the uncovered half would.
    covered = np.ones(40, dtype=np.bool_)
    covered[:20] = False
    organ = organ_doses(
        {1: [0.0] * 40, 2: [8.0] * 20 + [2.0] * 20},
        volumes_cc=[1.0] * 40,
        covered={2: covered},
    )
    volume = constraint(
        "V20Gy[cc]", 10.0, relation="<", quantity="physical", scope="later course"
    )
    found = bounds(organ, volume)
    assert found.evaluated == 0
    assert found.not_evaluated == (f"Duodenum V20Gy: {UNCOVERED}",)
    # The covered half has 2 Gy.
    assert found.scale == pytest.approx(10.0, rel=1e-6)


def test_dose_inside_the_grid_bounds_the_scale_where_the_limit_is_unknown() -> None:
    """Without it the largest prescription would rise as more of an organ is cut off."""
    covered = np.arange(40) >= 20
    doses = {1: [0.0] * 40, 2: [30.0] * 20 + [10.0] * 20}
    rows = (
        constraint("D0.1cc[Gy]", 60.0),
        constraint("D0.1cc[Gy]", 200.0, scope="later course"),
    )
    whole = bounds(organ_doses(doses), *rows)
    cut = bounds(organ_doses(doses, covered={2: covered}), *rows)
    inside = bounds(organ_doses({1: [0.0] * 40, 2: [0.0] * 20 + [10.0] * 20}), rows[0])
    assert cut.evaluated == 0
    assert whole.scale is not None
    assert cut.scale is not None
    assert cut.scale == pytest.approx(inside.scale, rel=1e-6)
    assert whole.scale < cut.scale


@pytest.mark.parametrize(("outside_gy", "known"), [(1.0, True), (6.0, False)])
@pytest.mark.parametrize("course", [1, 2])
def test_a_value_that_may_be_higher_beyond_the_grid_is_not_evaluated(
    outside_gy: float, course: int, *, known: bool
) -> None:
    """Inside its grid a course has 10 Gy, the other one everywhere; twice 6 is more."""
    doses = {course: [outside_gy] * 20 + [10.0] * 20, 3 - course: [10.0] * 40}
    organ = organ_doses(doses, covered={course: np.arange(40) >= 20})
    row = constraint("D0.1cc[Gy]", 60.0)
    found = bounds(organ, row)
    assert found.evaluated == int(known)
    if known:
        assert found.scale == bounds(organ_doses(doses), row).scale
    else:
        assert "hangs on dose outside a dose grid" in found.not_evaluated[0]


def test_an_organ_too_small_to_be_spared_cannot_meet_it_and_a_volume_is_kept() -> None:
    spared = constraint("CV32Gy[cc]", 700.0, relation=">=")
    found = bounds(even(0.0, 1.0), spared)
    assert found.scale is None
    assert "the organ is smaller" in found.exceeded_before[0].note
    assert found.exceeded_before[0].too_small
    over = bounds(even(30.0, 1.0), constraint("Max[Gy]", 20.0))
    assert not over.exceeded_before[0].too_small
    volume = constraint("V15Gy[cc]", 120.0, quantity="physical", scope="later course")
    assert bounds(even(0.0, 1.0), volume).scale == math.inf


def test_what_is_left_without_the_gtv_is_asked_there() -> None:
    whole = organ_doses({1: [0.0] * 40, 2: [40.0] * 10 + [10.0] * 30})
    tumour = np.arange(40) < 10
    row = replace(
        constraint("Max[Gy]", 20.0, quantity="physical", scope="course", n_fractions=5),
        basis="minus GTV",
    )

    def scale_of(rest: OrganDoses | None) -> ScaleBounds:
        return scale_bounds(
            [LimitedOrgan(whole, rest)], (row,), n_fractions=5, planned=True
        )

    found = scale_of(whole.where(~tumour))
    assert found.limiting is not None
    # The summed tolerance and the limit itself are met at one scale.
    assert found.scale == pytest.approx(2.0)
    assert found.limiting.structure == "Duodenum-GTV"
    nothing = scale_of(None)
    assert nothing.evaluated == 0
    assert "nothing is left" in nothing.not_evaluated[0]


def test_without_a_new_course_nothing_can_be_scaled() -> None:
    organ = organ_doses({1: [1.0] * 4}, new_course=None)
    with pytest.raises(ValueError, match="no new course"):
        organ.scaled("cumulative", "EQD2", 3.0)


def test_a_limit_on_more_than_the_organ_is_not_evaluated() -> None:
    found = bounds(even(20.0, 5.0), constraint("D10cc[Gy]", 20.0))
    assert found.evaluated == 0
    assert not found.exceeded_before
    (said,) = found.not_evaluated
    assert said.startswith("Duodenum D10cc: not evaluated: the organ has ")
