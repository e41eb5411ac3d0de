import numpy as np
import pytest

from reirrad.core.radiobiology import bed
from reirrad.core.structures import Role
from reirrad.workflows.settings import load_settings
from tests.workflows.tissues import EVEN, Organ, Outcome, outcome, stomach

SETTINGS = load_settings(None)


LIVER = Organ("Liver", {1: [50.0, 50.0, 20.0, 2.0], 2: [50.0, 10.0, 20.0, 0.0]})
GTV = Organ("GTV", {1: [50.0], 2: [50.0]}, Role.GTV)


def test_tumour_is_no_part_of_the_normal_liver() -> None:
    # The first two points lie in the tumour.
    result = outcome(SETTINGS, LIVER, GTV).biology
    cumulative = [m for m in result.models.normal_liver if m.scope == "cumulative"]
    assert len(cumulative) == 4
    received = [([20.0, 2.0], 5), ([20.0, 0.0], 5)]
    effect = sum(bed(dose, n_fractions=n, alpha_beta_gy=2.5) for dose, n in received)
    for one in cumulative:
        assert one.reference_dose_per_fraction_gy is not None
        doses = np.asarray(effect) / (1 + one.reference_dose_per_fraction_gy / 2.5)
        expected = np.mean(doses ** (1 / 0.97)) ** 0.97
        assert one.dose_gy == pytest.approx(expected)
        assert one.probability_percent is not None


def test_a_later_tumour_is_normal_liver_for_the_course_before() -> None:
    result = outcome(SETTINGS, LIVER, GTV).biology
    alone = outcome(SETTINGS, LIVER).biology
    by_scope = {m.scope: m.dose_gy for m in result.models.normal_liver}
    whole = {m.scope: m.dose_gy for m in alone.models.normal_liver}
    assert by_scope["course 1"] == pytest.approx(whole["course 1"])
    assert by_scope["course 2"] != pytest.approx(whole["course 2"], rel=0.1)


def test_each_course_has_its_own_row() -> None:
    result = outcome(SETTINGS, LIVER, GTV).biology
    scopes = {m.scope for m in result.models.normal_liver}
    assert scopes == {"cumulative", "course 1", "course 2"}


def test_the_smaller_reference_fraction_gives_the_higher_probability() -> None:
    organ = Organ("Liver", {1: [30.0] * 4, 2: [1.0] * 4})
    at = {
        m.reference_dose_per_fraction_gy: m.probability_percent
        for m in outcome(SETTINGS, organ).biology.models.normal_liver
        if (m.model, m.scope) == ("LKB, metastases", "cumulative")
    }
    assert at[1.5] is not None
    assert at[2.0] is not None
    assert at[1.5] > at[2.0]


def test_extrapolation_is_told() -> None:
    hot = outcome(SETTINGS, LIVER)
    assert "more than 2 Gy per fraction" in hot.message("model-extrapolated")
    even = Organ("Liver", {1: [9.0] * 4, 2: [9.0] * 4})
    assert "model-extrapolated" not in outcome(SETTINGS, even).codes


def test_without_dose_there_is_no_probability() -> None:
    organ = Organ("Liver", {1: None, 2: [20.0] * 4})
    result = outcome(SETTINGS, organ)
    by_scope = {
        m.scope: m.probability_percent for m in result.biology.models.normal_liver
    }
    assert by_scope["cumulative"] is None
    assert by_scope["course 1"] is None
    assert by_scope["course 2"] is not None
    assert "model-not-evaluable" in result.codes


def test_a_liver_without_dose_has_the_probability_of_none() -> None:
    result = outcome(SETTINGS, Organ("Liver", {1: [0.0] * 4, 2: [0.0] * 4}))
    for one in result.biology.models.normal_liver:
        assert one.dose_gy == 0.0
        assert one.effective_volume_share is None


def test_a_missing_liver_is_told() -> None:
    result = outcome(SETTINGS, stomach())
    assert result.biology.models.normal_liver == ()
    assert "no liver" in result.biology.models.missing[0]
    assert "model-not-evaluable" in result.codes


def test_no_model_of_liver_tumours_is_given_elsewhere() -> None:
    result = outcome(SETTINGS, stomach())
    assert result.biology.models.local_control == ()
    (found,) = (f for f in result.biology.findings if f.code == "model-not-evaluable")
    assert found.severity == "info"


def test_of_two_livers_none_is_chosen() -> None:
    other = Organ("Liver", {1: EVEN, 2: EVEN}, label="Liver 2")
    result = outcome(SETTINGS, Organ("Liver", {1: EVEN, 2: EVEN}), other)
    assert result.biology.models.normal_liver == ()
    assert result.biology.models.missing == (
        "several structures mean Liver: no model of liver or of liver tumours",
    )


def test_a_probability_that_hangs_on_unknown_dose_is_not_given() -> None:
    doses = {1: [30.0, 30.0, 30.0, 1.0], 2: [1.0] * 4}
    hanging_on = outcome(SETTINGS, Organ("Liver", doses, uncovered={1: [2]}))
    hardly = outcome(SETTINGS, Organ("Liver", doses, uncovered={1: [3]}))

    def percents(result: Outcome, scope: str) -> set[bool]:
        rows = result.biology.models.normal_liver
        return {m.probability_percent is None for m in rows if m.scope == scope}

    assert percents(hanging_on, "cumulative") == {True}
    assert percents(hanging_on, "course 1") == {True}
    assert percents(hanging_on, "course 2") == {False}
    assert percents(hardly, "cumulative") == {False}
    assert "model-not-evaluable" in hanging_on.codes


def test_a_probability_that_more_dose_beyond_the_grid_would_change_is_not_given() -> (
    None
):
    """Without the last point's dose it changes by less than 2 %, with twice by more."""

    def percents(last_gy: float) -> set[bool]:
        doses = {1: [30.0, 30.0, 30.0, last_gy], 2: [1.0] * 4}
        result = outcome(SETTINGS, Organ("Liver", doses, uncovered={1: [3]}))
        rows = result.biology.models.normal_liver
        return {m.probability_percent is None for m in rows if m.scope == "course 1"}

    assert percents(2.0) == {False}
    assert percents(4.0) == {True}
