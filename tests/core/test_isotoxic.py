"""The largest scale of a plan: equality at the limit, and every way not to have one."""

import math
from collections.abc import Mapping

import numpy as np
import pytest

from reirrad.core.constraints import (
    Constraint,
    Measured,
    Query,
    evaluate_constraints,
    holds,
)
from reirrad.core.dvh import dose_volume, metric_value
from reirrad.core.isotoxic import (
    LimitedOrgan,
    ScaleBounds,
    largest_scale,
    scale_bounds,
)
from reirrad.core.organ_doses import OrganDoses, ScaledDose
from reirrad.core.organ_limits import binds, deciding_dose
from reirrad.core.radiobiology import summed_bed, summed_eqd2
from tests.core.budget_specimens import (
    constraint,
    limited,
    organ_doses,
    random_organ,
)

EQUAL_GY = 0.1
UNBOUND = "none"

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


def fed_back(organ: OrganDoses, scale: float) -> dict[str, OrganDoses]:
    """The organ as if the scaled plan had been exported."""
    first, second = organ.courses[1], organ.courses[2]
    ((dose, n_fractions),) = second.delivered_gy
    scaled = type(second)(((scale * dose, n_fractions),), second.covered)
    return {
        "scaled": OrganDoses(
            organ.label,
            organ.standard_name,
            organ.alpha_beta_gy,
            organ.points_mm,
            organ.volumes_cc,
            {1: first, 2: scaled},
            2,
        )
    }


def values_gy(organ: OrganDoses, query: Query) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
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
            relation=result.relation,  # type: ignore[arg-type]
            quantity=result.quantity,
            alpha_beta_gy=result.alpha_beta_gy,
        )
        scope = "cumulative" if result.scope == "cumulative" else 2
        query = Query(
            "Duodenum",
            "whole",
            result.metric,
            result.quantity,
            result.alpha_beta_gy,
            scope,  # type: ignore[arg-type]
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
    bounds = scale_bounds(
        [limited(organ)], rows, n_fractions=n_fractions, planned=True
    )
    if bounds.scale is None:
        assert bounds.exceeded_before
        _, exceeded = evaluated(fed_back(organ, 0.0)["scaled"], rows)
        assert len(exceeded) == len(bounds.exceeded_before)
        return
    if math.isinf(bounds.scale):
        assert bounds.limiting is None
        return
    named = bounds.limiting
    assert named is not None
    off, exceeded = evaluated(fed_back(organ, bounds.scale)["scaled"], rows)
    assert exceeded == []
    scope = "cumulative" if named.scope == "cumulative" else "course 2"
    key = f"{named.metric} {named.quantity} {scope} {named.limit:.6f}"
    assert abs(off[key]) < 1e-6 < EQUAL_GY
    _, beyond = evaluated(fed_back(organ, 1.001 * bounds.scale)["scaled"], rows)
    assert beyond
