from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.radiobiology import bed, eqd2
from reirrad.core.sensitivity_results import ConstraintSensitivity
from reirrad.core.structures import Role
from reirrad.workflows.settings import load_settings
from tests.workflows.tissues import EVEN, Organ, Outcome, outcome, stomach

SETTINGS = load_settings(None)


def hanging(result: Outcome) -> list[ConstraintSensitivity]:
    return list(result.biology.alpha_beta_sensitivity.constraints)


def test_a_verdict_that_hangs_on_the_ratio_is_marked() -> None:
    result = outcome(SETTINGS, stomach())
    (found,) = (one for one in hanging(result) if one.limit == 54)
    assert found.verdict == "exceeded"
    tested = {ratio.alpha_beta_gy: ratio for ratio in found.ratios}
    assert list(tested) == [2.5, 3.0, 4.0]
    for ratio, one in tested.items():
        expected = 2 * float(eqd2(20.0, n_fractions=5, alpha_beta_gy=ratio))
        assert one.value == pytest.approx(expected)
        assert one.limit == 54
        assert one.verdict == ("met" if expected <= 54 else "exceeded")
    assert "Stomach D0.1cc[Gy] <= 54 EQD2" in result.message(
        "limit-hangs-on-alpha-beta"
    )


def test_bed_limits_are_recomputed_as_bed() -> None:
    # Largest ratio of the range of bowel: 5.3 Gy.
    organ = Organ("Bowel_Small", {1: [25.0] * 4, 2: [20.0] * 4})
    found = [one for one in hanging(outcome(SETTINGS, organ)) if one.quantity == "BED"]
    assert [one.limit for one in found] == [98]
    last = found[0].ratios[-1]
    expected = sum(
        float(bed(dose, n_fractions=5, alpha_beta_gy=5.3)) for dose in (25.0, 20.0)
    )
    assert last.value == pytest.approx(expected)
    assert (found[0].verdict, last.verdict) == ("exceeded", "met")


def test_verdicts_far_from_their_limits_do_not_hang_on_anything() -> None:
    result = outcome(SETTINGS, stomach(1.0, 1.0))
    assert hanging(result) == []
    assert "limit-hangs-on-alpha-beta" not in result.codes


@given(st.floats(0, 60))
def test_without_earlier_dose_a_limit_of_one_course_hangs_on_no_ratio(
    dose_gy: float,
) -> None:
    # The physical dose decides, whatever the ratio that both are converted with.
    organ = Organ("SpinalCord", {1: [0.0] * 4, 2: [dose_gy] * 4})
    result = outcome(replace(SETTINGS, constraints=("tg101",)), organ)
    for one in hanging(result):
        assert one.value == pytest.approx(one.limit, rel=1e-9)


@given(
    st.lists(st.floats(0, 60), min_size=3, max_size=3),
    st.lists(st.floats(0, 60), min_size=3, max_size=3),
)
def test_metrics_over_the_range_are_those_of_each_ratio(
    first: list[float], second: list[float]
) -> None:
    result = outcome(SETTINGS, Organ("SpinalCord", {1: first, 2: second}))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert [one.alpha_beta_gy for one in found.ratios] == [0.87, 2.0, 3.7]
    assert found.own_alpha_beta_gy == 2.0
    for one in found.ratios:
        ratio = one.alpha_beta_gy
        total = eqd2(first, n_fractions=5, alpha_beta_gy=ratio) + eqd2(
            second, n_fractions=5, alpha_beta_gy=ratio
        )
        assert one.eqd2["Mean[Gy]"] == pytest.approx(total.mean(), abs=1e-9)
        assert one.eqd2["Max[Gy]"] == pytest.approx(total.max(), abs=1e-9)


def test_an_own_ratio_outside_of_the_range_widens_it() -> None:
    settings = replace(SETTINGS, alpha_beta_gy={"Liver": 8.0})
    result = outcome(settings, Organ("Liver", {1: EVEN, 2: EVEN}))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert [one.alpha_beta_gy for one in found.ratios] == [2.0, 3.0, 8.0]


def test_organs_without_a_published_range_are_swept() -> None:
    result = outcome(SETTINGS, Organ("Spleen", {1: EVEN, 2: EVEN}))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert [one.alpha_beta_gy for one in found.ratios] == [2.0, 2.5, 3.0, 4.0]
    assert found.source.startswith("reirrad")


def test_the_body_outline_is_left_out() -> None:
    body = Organ("External", {1: EVEN, 2: EVEN}, Role.EXTERNAL)
    assert outcome(SETTINGS, body).biology.alpha_beta_sensitivity.structures == ()


def test_without_the_dose_of_a_course_no_sum_has_a_value() -> None:
    result = outcome(SETTINGS, Organ("Stomach", {1: None, 2: EVEN}))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert {v for one in found.ratios for v in one.eqd2.values()} == {None}
    assert hanging(result) == []


def test_a_name_that_two_structures_share_hangs_on_nothing() -> None:
    result = outcome(
        SETTINGS, stomach(), Organ("Stomach", {1: EVEN, 2: EVEN}, label="Stomach 2")
    )
    assert hanging(result) == []


LINEAR = replace(SETTINGS, linear_quadratic_linear=True)


def test_the_linear_part_is_beside_and_lower() -> None:
    result = outcome(LINEAR, stomach(40.0, 5.0))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert found.linear_above is not None
    assert found.linear_above.transition_gy == 6.0
    d = 8.0
    lower = 5 * (6 * (1 + 6 / 3) + (1 + 2 * 6 / 3) * (d - 6)) / (1 + 2 / 3)
    other = float(eqd2(5.0, n_fractions=5, alpha_beta_gy=3.0))
    assert found.linear_above.eqd2["Max[Gy]"] == pytest.approx(lower + other)
    own = next(r for r in found.ratios if r.alpha_beta_gy == 3.0).eqd2["Max[Gy]"]
    assert own is not None
    assert lower + other < own
    assert "less cautious" in result.message("linear-above-less-cautious")


def test_without_the_switch_there_is_no_linear_part() -> None:
    result = outcome(SETTINGS, stomach(40.0, 5.0))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert found.linear_above is None
    assert "linear-above-less-cautious" not in result.codes


@given(st.lists(st.floats(0, 90), min_size=4, max_size=4))
def test_no_limit_ever_sees_the_linear_part(doses: list[float]) -> None:
    organs = stomach(), Organ("SpinalCord", {1: doses, 2: doses[::-1]})
    off, on = outcome(SETTINGS, *organs), outcome(LINEAR, *organs)
    assert repr(on.constraints) == repr(off.constraints)
    assert repr(hanging(on)) == repr(hanging(off))


def test_an_unknown_dose_has_no_linear_part() -> None:
    result = outcome(LINEAR, Organ("Stomach", {1: None, 2: EVEN}))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert found.linear_above is not None
    assert set(found.linear_above.eqd2.values()) == {None}


@pytest.mark.parametrize(("outside_gy", "known"), [(2.0, True), (30.0, False)])
def test_a_linear_part_that_may_be_higher_beyond_the_grid_is_not_given(
    outside_gy: float, *, known: bool
) -> None:
    doses = {1: [40.0] * 3 + [outside_gy], 2: [1.0] * 4}
    result = outcome(LINEAR, Organ("Stomach", doses, uncovered={1: [3]}))
    (found,) = result.biology.alpha_beta_sensitivity.structures
    assert found.linear_above is not None
    assert (found.linear_above.eqd2["Max[Gy]"] is not None) is known
