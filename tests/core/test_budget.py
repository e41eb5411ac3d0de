"""What is left under a cumulative limit: the closed form and its identities."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.budget import remaining_dose_gy
from reirrad.core.radiobiology import eqd2

RATIOS = st.floats(min_value=1.0, max_value=12.0)
NUMBERS = st.integers(min_value=1, max_value=40)


@given(
    background=st.floats(min_value=0.0, max_value=150.0),
    limit=st.floats(min_value=0.0, max_value=150.0),
    n_fractions=NUMBERS,
    ratio=RATIOS,
)
def test_the_remaining_dose_fills_the_limit(
    background: float, limit: float, n_fractions: int, ratio: float
) -> None:
    dose = remaining_dose_gy(
        background, limit_eqd2_gy=limit, n_fractions=n_fractions, alpha_beta_gy=ratio
    )
    total = background + eqd2(dose, n_fractions=n_fractions, alpha_beta_gy=ratio)
    assert float(total) == pytest.approx(max(limit, background), abs=1e-9)


@given(
    left=st.floats(min_value=0.1, max_value=150.0), n_fractions=NUMBERS, ratio=RATIOS
)
def test_it_is_the_published_closed_form(
    left: float, n_fractions: int, ratio: float
) -> None:
    root = math.sqrt(ratio**2 + 4.0 * (2.0 + ratio) * left / n_fractions)
    dose = remaining_dose_gy(
        0.0, limit_eqd2_gy=left, n_fractions=n_fractions, alpha_beta_gy=ratio
    )
    assert float(dose) == pytest.approx(n_fractions / 2.0 * (root - ratio), rel=1e-9)


@given(left=st.floats(min_value=0.1, max_value=150.0), ratio=RATIOS)
def test_more_fractions_allow_more_dose(left: float, ratio: float) -> None:
    doses = [
        float(
            remaining_dose_gy(
                0.0, limit_eqd2_gy=left, n_fractions=n, alpha_beta_gy=ratio
            )
        )
        for n in range(1, 12)
    ]
    assert doses == sorted(doses)


def test_a_slow_search_finds_the_same() -> None:
    """Step by step up to the limit, with nothing but the definition of EQD2."""
    step, dose = 1e-4, 0.0
    while 40.0 + (dose + step) * ((dose + step) / 5 + 3.0) / 5.0 <= 65.0:
        dose += step
    found = remaining_dose_gy(40.0, limit_eqd2_gy=65.0, n_fractions=5, alpha_beta_gy=3)
    assert float(found) == pytest.approx(dose, abs=2 * step)


def test_nothing_is_left_where_the_limit_is_used_up_and_unknown_stays_unknown() -> None:
    background = np.array([[0.0, 54.0], [60.0, np.nan]])
    dose = remaining_dose_gy(
        background, limit_eqd2_gy=54.0, n_fractions=5, alpha_beta_gy=2.5
    )
    assert dose.shape == (2, 2)
    assert dose[0, 0] > 0.0
    assert dose[0, 1] == dose[1, 0] == 0.0
    assert np.isnan(dose[1, 1])


@pytest.mark.reference
def test_duodenum_after_24_gy_with_three_quarters_kept() -> None:
    """Vectors C05 and C06: 54 - 0.75 EQD2(24/5) Gy, and that in five fractions."""
    kept = 0.75 * eqd2(24.0, n_fractions=5, alpha_beta_gy=2.5)
    assert 54.0 - float(kept) == pytest.approx(24.8, abs=1e-6)
    dose = remaining_dose_gy(kept, limit_eqd2_gy=54.0, n_fractions=5, alpha_beta_gy=2.5)
    assert float(dose) == pytest.approx(18.184862, abs=1e-6)


@pytest.mark.parametrize("background", [-1.0, np.inf])
def test_an_impossible_background_is_refused(background: float) -> None:
    with pytest.raises(ValueError, match="background_eqd2_gy must be finite"):
        remaining_dose_gy(
            background, limit_eqd2_gy=54.0, n_fractions=5, alpha_beta_gy=2.5
        )


@pytest.mark.parametrize("limit", [-1.0, np.inf, np.nan])
def test_an_impossible_limit_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match="limit_eqd2_gy must be finite"):
        remaining_dose_gy(0.0, limit_eqd2_gy=limit, n_fractions=5, alpha_beta_gy=2.5)


def test_no_fractions_and_no_ratio_are_refused() -> None:
    with pytest.raises(ValueError, match="n_fractions"):
        remaining_dose_gy(0.0, limit_eqd2_gy=54.0, n_fractions=0, alpha_beta_gy=2.5)
    with pytest.raises(ValueError, match="alpha_beta_gy"):
        remaining_dose_gy(0.0, limit_eqd2_gy=54.0, n_fractions=5, alpha_beta_gy=0.0)
