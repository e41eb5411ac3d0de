import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.linear_quadratic_linear import (
    bed_linear_above,
    eqd2_linear_above,
    summed_eqd2_linear_above,
)
from reirrad.core.radiobiology import bed, eqd2

doses = st.floats(0, 120)
fractions = st.integers(1, 40)
ratios = st.floats(0.5, 20)
transitions = st.floats(0.5, 30)


def slow_bed(dose: float, n: int, ratio: float, transition: float) -> float:
    """The formula as published, fraction by fraction."""
    d = dose / n
    if d <= transition:
        return n * d * (1 + d / ratio)
    slope = 1 + 2 * transition / ratio
    return n * (transition * (1 + transition / ratio) + slope * (d - transition))


@given(doses, fractions, ratios, transitions)
def test_it_is_the_published_formula(
    dose: float, n: int, ratio: float, transition: float
) -> None:
    found = bed_linear_above(
        dose, n_fractions=n, alpha_beta_gy=ratio, transition_gy=transition
    )
    expected = slow_bed(dose, n, ratio, transition)
    assert float(found) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(doses, fractions, ratios, transitions)
def test_it_never_exceeds_the_linear_quadratic_model(
    dose: float, n: int, ratio: float, transition: float
) -> None:
    lower = bed_linear_above(
        dose, n_fractions=n, alpha_beta_gy=ratio, transition_gy=transition
    )
    upper = bed(dose, n_fractions=n, alpha_beta_gy=ratio)
    assert dose <= float(lower) + 1e-9
    assert float(lower) <= float(upper)
    if dose / n <= transition:
        assert float(lower) == float(upper)


@given(st.integers(1, 30), st.floats(1.0, 15))
def test_fractions_of_the_reference_size_are_their_own_eqd2(
    n: int, ratio: float
) -> None:
    # Even where 2 Gy lie above the transition.
    found = eqd2_linear_above(
        2.0 * n, n_fractions=n, alpha_beta_gy=ratio, transition_gy=1.5
    )
    assert float(found) == pytest.approx(2.0 * n)


def test_below_the_transition_eqd2_is_the_linear_quadratic_one() -> None:
    dose = np.array([0.0, 5.0, 29.9])
    found = eqd2_linear_above(dose, n_fractions=5, alpha_beta_gy=3, transition_gy=6)
    assert found == pytest.approx(eqd2(dose, n_fractions=5, alpha_beta_gy=3))


def test_unknown_dose_stays_unknown() -> None:
    found = eqd2_linear_above(
        [np.nan, 50.0], n_fractions=5, alpha_beta_gy=3.0, transition_gy=6.0
    )
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(190.0 / (1 + 2 / 3))


def test_deliveries_are_converted_one_by_one() -> None:
    first, second = np.array([54.0, 10.0]), np.array([50.0, 0.0])
    found = summed_eqd2_linear_above(
        [(first, 3), (second, 5)], alpha_beta_gy=3.0, transition_gy=6.0
    )
    assert found == pytest.approx(
        [(234.0 + 190.0) / (1 + 2 / 3), float(eqd2(10, n_fractions=3, alpha_beta_gy=3))]
    )


@pytest.mark.parametrize("transition", [0.0, -1.0, np.inf])
def test_an_impossible_transition_is_refused(transition: float) -> None:
    with pytest.raises(ValueError, match="transition_gy"):
        bed_linear_above(
            10.0, n_fractions=5, alpha_beta_gy=3.0, transition_gy=transition
        )


def test_an_impossible_dose_is_refused() -> None:
    with pytest.raises(ValueError, match="dose_gy"):
        bed_linear_above(-1.0, n_fractions=5, alpha_beta_gy=3.0, transition_gy=6.0)
