"""Firth's logistic regression and dose-response."""

import math
from collections.abc import Sequence
from typing import TypedDict, Unpack

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from reirrad.stats.penalised_logistic import dose_response, firth
from reirrad.stats.results import Association
from tests.stats.groups import table

Pairs = Sequence[tuple[float | None, bool | None]]
MIXED = [(float(at), at % 3 == 0 or at > 15) for at in range(20)]


class _Limits(TypedDict, total=False):
    step: float
    fewest_events: int


def response(pairs: Pairs, **limits: Unpack[_Limits]) -> Association:
    return dose_response(
        outcome="grade 2",
        exposure="duodenum D0.1cc",
        unit="Gy",
        pairs=pairs,
        step=limits.get("step", 10.0),
        fewest_events=limits.get("fewest_events", 5),
    )


def penalised(
    coefficients: npt.NDArray[np.float64], x: list[float], y: list[bool]
) -> float:
    """Likelihood with Jeffreys' prior for an intercept and a slope, by hand."""
    total = 0.0
    weights = []
    for exposure, happened in zip(x, y, strict=True):
        odds = coefficients[0] + coefficients[1] * exposure
        small = math.exp(-abs(odds))
        total -= math.log1p(small) + (abs(odds) if happened != (odds > 0) else 0.0)
        weights.append(small / (1 + small) ** 2)
    # The determinant of a two-by-two information is a sum over pairs of units.
    information = sum(
        weights[i] * weights[j] * (x[i] - x[j]) ** 2
        for i in range(len(x))
        for j in range(i)
    )
    return total + math.log(information) / 2 if information > 0 else -math.inf


SAMPLES = st.lists(
    st.tuples(st.integers(-8, 8).map(lambda half: half / 4), st.booleans()),
    min_size=6,
    max_size=25,
)


SEPARATED = [(0.0, False)] * 3 + [(-0.5, False), (-0.75, True), (-1.25, True)]

TWO_MAXIMA = [(0.0, False)] * 2 + [(0.5, True)] + [(0.75, True)] * 3


@settings(max_examples=15)
@given(SAMPLES)
@example(SEPARATED)
@example(TWO_MAXIMA)
def test_the_fit_is_the_largest_penalised_likelihood(
    sample: list[tuple[float, bool]],
) -> None:
    x, y = [x for x, _ in sample], [y for _, y in sample]
    assume(len(set(x)) > 1 and 1 < sum(y) < len(y) - 1)
    fit = firth(np.array(x)[:, np.newaxis], np.array(y, dtype=float))
    found = np.array(fit.coefficients)
    searched = minimize(
        lambda b: -penalised(b, x, y),
        found + 0.3,
        method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-12, "maxiter": 5000},
    )
    assert found == pytest.approx(searched.x, abs=1e-4)
    assert penalised(found, x, y) >= -searched.fun - 1e-9
    # At both bounds of the slope, the best intercept lies 3.84 / 2 below the maximum.
    for bound in (fit.low[1], fit.high[1]):
        starts = [-bound * middle for middle in np.linspace(-2, 2, 33)]
        heights = [penalised(np.array([start, bound]), x, y) for start in starts]
        start = starts[heights.index(max(heights))]
        held = minimize(
            lambda a, bound=bound: -penalised(np.array([a[0], bound]), x, y),
            [start],
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 5000},
        )
        ratio = 2 * (penalised(found, x, y) + held.fun)
        assert ratio == pytest.approx(3.841459, abs=1e-4)


@pytest.mark.parametrize("cells", [(6, 4, 3, 12), (5, 0, 7, 9), (0, 8, 9, 0)])
def test_two_exposures_are_a_table_with_half_a_unit_in_each_cell(
    cells: tuple[int, int, int, int],
) -> None:
    exposed_ill, exposed_well, other_ill, other_well = cells
    x = [1.0] * (exposed_ill + exposed_well) + [0.0] * (other_ill + other_well)
    y = (
        [1.0] * exposed_ill
        + [0.0] * exposed_well
        + [1.0] * other_ill
        + [0.0] * other_well
    )
    fit = firth(np.array(x)[:, np.newaxis], np.array(y))
    a, b, c, d = (cell + 0.5 for cell in cells)
    assert fit.coefficients == pytest.approx(
        (math.log(c / d), math.log(a * d / (b * c))), abs=1e-7
    )


@pytest.mark.reference
def test_published_fit_of_the_endometrial_cancer_study() -> None:
    rows = table("endometrial")
    design = np.array(
        [[float(row[name]) for name in ("nv", "pi", "eh")] for row in rows]
    )
    fit = firth(design, np.array([float(row["hg"]) for row in rows]))
    # As R's logistf prints it: intercept, NV (which separates), PI and EH.
    assert fit.coefficients == pytest.approx(
        (3.77455951, 2.92927330, -0.03475175, -2.60416387), abs=1e-6
    )
    assert fit.low == pytest.approx(
        (1.0825371, 0.6097244, -0.1244587, -4.3651832), abs=1e-6
    )
    assert fit.high == pytest.approx(
        (7.2092805, 7.85463171, 0.04045547, -1.23272106), abs=1e-6
    )


def rising(n: int = 20) -> Pairs:
    """Every exposure below the middle without the outcome, every one above with it."""
    return [(2.0 * at, at >= n // 2) for at in range(n)]


def test_separated_groups_have_a_finite_fit() -> None:
    found = response(rising())
    assert found.note == ""
    assert found.odds_ratio is not None
    assert found.low is not None
    assert found.high is not None
    assert found.p is not None
    assert 1 < found.low < found.odds_ratio < found.high < math.inf
    assert found.p < 0.001


def test_numbers_of_an_association() -> None:
    pairs = [*rising(), (None, True), (3.0, None), (None, None)]
    found = response(pairs)
    assert (found.n, found.events, found.missing) == (20, 10, 3)
    assert (found.outcome, found.exposure, found.exposure_unit) == (
        "grade 2",
        "duodenum D0.1cc",
        "Gy",
    )
    assert found.points[0] == (0.0, False)
    assert found.points == tuple(sorted(found.points))
    assert "Firth" in found.method


def test_the_odds_ratio_is_for_the_step() -> None:
    one, ten = response(MIXED, step=1.0), response(MIXED)
    assert one.slope is not None
    assert one.odds_ratio == pytest.approx(math.exp(one.slope))
    assert ten.odds_ratio == pytest.approx(math.exp(10 * one.slope))
    assert ten.p == one.p


@pytest.fixture(scope="module")
def as_it_is() -> Association:
    return response(MIXED, step=1.0)


@settings(max_examples=15)
@given(st.floats(-1000, 1000), st.floats(0.01, 100))
def test_origin_and_scale_of_the_exposure_do_not_matter(
    as_it_is: Association, origin: float, scale: float
) -> None:
    moved: Pairs = [(origin + scale * at, outcome) for at, outcome in MIXED]
    one, other = as_it_is, response(moved, step=scale)
    for name in ("odds_ratio", "low", "high", "p"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-5)
    assert one.slope is not None
    assert other.slope == pytest.approx(one.slope / scale, rel=1e-5)


def test_the_order_of_units_changes_nothing() -> None:
    assert response(MIXED[::-1]) == response(MIXED)


@pytest.mark.parametrize(
    ("pairs", "note"),
    [
        (
            [(float(at), at < 4) for at in range(20)],
            "4 of 20 have the outcome and 16 do",
        ),
        (
            [(float(at), at > 3) for at in range(20)],
            "16 of 20 have the outcome and 4 do",
        ),
        ([], "0 of 0 have the outcome and 0 do not; at least 5 of each are needed"),
        ([(7.5, at < 10) for at in range(20)], "the exposure is 7.5 Gy in all 20"),
        (
            [(30 + at * 1e-6, at >= 10) for at in range(20)],
            "exposures from 30 to 30.000019 Gy cannot tell what 10 more would do",
        ),
    ],
)
def test_what_the_data_cannot_tell_is_refused(pairs: Pairs, note: str) -> None:
    found = response(pairs)
    assert found.note.startswith(f"no fit: {note}")
    assert (found.n, len(found.points)) == (len(pairs), len(pairs))
    assert {
        found.odds_ratio,
        found.low,
        found.high,
        found.p,
        found.intercept,
        found.slope,
    } == {None}


def test_how_many_events_are_needed_can_be_said() -> None:
    pairs: Pairs = [(float(at), at < 4) for at in range(20)]
    assert response(pairs, fewest_events=4).odds_ratio is not None


@pytest.mark.parametrize(
    ("pairs", "step"), [([(math.inf, True)], 1.0), ([(1.0, True)], 0.0)]
)
def test_exposures_that_cannot_be_are_refused(pairs: Pairs, step: float) -> None:
    with pytest.raises(ValueError, match="finite or None"):
        response(pairs, step=step)
