"""BED and EQD2: identities, inverses, what is unknown and what is refused."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.radiobiology import (
    bed,
    bed_from_eqd2,
    dose_for_bed,
    dose_for_eqd2,
    eqd2,
    eqd2_from_bed,
    eqdx,
)

doses_gy = st.floats(0.0, 100.0)
fractions = st.integers(1, 40)
ratios_gy = st.floats(0.5, 20.0)


@given(n=fractions, ratio=ratios_gy)
def test_two_gray_fractions_are_their_own_equivalent(n: int, ratio: float) -> None:
    assert eqd2(2.0 * n, n_fractions=n, alpha_beta_gy=ratio) == pytest.approx(2.0 * n)


@given(dose=doses_gy, n=fractions, ratio=ratios_gy)
def test_bed_is_at_least_the_physical_dose(dose: float, n: int, ratio: float) -> None:
    assert bed(dose, n_fractions=n, alpha_beta_gy=ratio) >= dose


@given(dose=doses_gy, n=fractions, ratio=ratios_gy)
def test_more_fractions_hurt_less(dose: float, n: int, ratio: float) -> None:
    fewer = eqd2(dose, n_fractions=n, alpha_beta_gy=ratio)
    more = eqd2(dose, n_fractions=n + 1, alpha_beta_gy=ratio)
    assert more <= fewer


@given(dose=doses_gy, n=fractions, ratio=ratios_gy)
def test_dose_for_eqd2_inverts_eqd2(dose: float, n: int, ratio: float) -> None:
    equivalent = eqd2(dose, n_fractions=n, alpha_beta_gy=ratio)
    back = dose_for_eqd2(equivalent, n_fractions=n, alpha_beta_gy=ratio)
    assert back == pytest.approx(dose, rel=1e-9, abs=1e-9)


@given(dose=doses_gy, n=fractions, ratio=ratios_gy)
def test_eqd2_is_bed_converted_to_the_last_bit(
    dose: float, n: int, ratio: float
) -> None:
    effect = bed(dose, n_fractions=n, alpha_beta_gy=ratio)
    direct = eqd2(dose, n_fractions=n, alpha_beta_gy=ratio)
    assert eqd2_from_bed(effect, alpha_beta_gy=ratio) == direct


@given(value=doses_gy, ratio=ratios_gy)
def test_bed_and_eqd2_convert_back_and_forth(value: float, ratio: float) -> None:
    there = bed_from_eqd2(value, alpha_beta_gy=ratio)
    assert eqd2_from_bed(there, alpha_beta_gy=ratio) == pytest.approx(value)


@given(first=doses_gy, second=doses_gy, n=fractions, ratio=ratios_gy)
def test_eqd2_grows_with_dose(
    first: float, second: float, n: int, ratio: float
) -> None:
    low, high = sorted([first, second])
    assert eqd2(low, n_fractions=n, alpha_beta_gy=ratio) <= eqd2(
        high, n_fractions=n, alpha_beta_gy=ratio
    )


def test_a_very_small_dose_survives_the_inverse() -> None:
    tiny = 1e-12
    back = dose_for_bed(tiny, n_fractions=5, alpha_beta_gy=3.0)
    assert back == pytest.approx(tiny, rel=1e-9)


def test_shape_is_kept_and_unknown_dose_stays_unknown() -> None:
    doses = np.array([[0.0, np.nan], [10.0, 20.0]])
    result = eqd2(doses, n_fractions=5, alpha_beta_gy=3.0)
    assert result.shape == (2, 2)
    assert np.isnan(result[0, 1])
    np.testing.assert_allclose(result[[0, 1, 1], [0, 0, 1]], [0.0, 10.0, 28.0])


def test_unknown_passes_through_the_inverse() -> None:
    assert np.isnan(dose_for_eqd2(np.nan, n_fractions=5, alpha_beta_gy=3.0))


def test_no_points_give_no_values() -> None:
    assert eqd2(np.empty(0), n_fractions=5, alpha_beta_gy=3.0).shape == (0,)


def _bed_of(dose: float, n_fractions: int, ratio: float) -> None:
    bed(dose, n_fractions=n_fractions, alpha_beta_gy=ratio)


def _inverse_of(effect: float, n_fractions: int, ratio: float) -> None:
    dose_for_eqd2(effect, n_fractions=n_fractions, alpha_beta_gy=ratio)


@pytest.mark.parametrize("function", [_bed_of, _inverse_of])
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ((-0.1, 5, 3.0), "0 Gy or more"),
        ((np.inf, 5, 3.0), "infinite"),
        ((10.0, 0, 3.0), "n_fractions must be at least 1"),
        ((10.0, -5, 3.0), "n_fractions must be at least 1"),
        ((10.0, 5, 0.0), "alpha_beta_gy must be above 0"),
        ((10.0, 5, -3.0), "alpha_beta_gy must be above 0"),
        ((10.0, 5, np.nan), "alpha_beta_gy must be above 0"),
        ((10.0, 5, np.inf), "alpha_beta_gy must be above 0"),
    ],
)
def test_impossible_input_is_refused(
    function: Callable[[float, int, float], None],
    asked: tuple[float, int, float],
    said: str,
) -> None:
    with pytest.raises(ValueError, match=said):
        function(*asked)


def test_a_negative_dose_beside_an_unknown_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"-0\.5 Gy"):
        bed([np.nan, -0.5, 3.0], n_fractions=5, alpha_beta_gy=3.0)


@pytest.mark.parametrize("reference", [0.0, -2.0, np.nan, np.inf])
def test_an_impossible_reference_fraction_is_refused(reference: float) -> None:
    with pytest.raises(ValueError, match="reference_dose_per_fraction_gy"):
        eqdx(
            10.0,
            n_fractions=5,
            alpha_beta_gy=3.0,
            reference_dose_per_fraction_gy=reference,
        )


@pytest.mark.parametrize("convert", [bed_from_eqd2, eqd2_from_bed])
def test_conversions_refuse_negative_effects(convert: Callable[..., object]) -> None:
    with pytest.raises(ValueError, match="0 Gy or more"):
        convert(-1.0, alpha_beta_gy=3.0)
