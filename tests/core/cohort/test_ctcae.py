from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.cohort.clinical_records import Laboratory
from reirrad.core.cohort.ctcae import (
    graded_term,
    impossible_grade,
    laboratory_grade,
    max_grade,
    toxicity_window,
    value_in,
)
from reirrad.core.cohort.terms import Analyte, ToxicityTerm
from tests.core.cohort.clinic import RULES, sample


def grade(one: Laboratory, baseline: Laboratory | None = None) -> int | None:
    return laboratory_grade(one, baseline=baseline, rules=RULES)


@pytest.mark.parametrize(
    ("analyte", "upper", "limits"),
    [
        ("alt", 40.0, (40.0, 120.0, 200.0, 800.0)),
        ("ast", 40.0, (40.0, 120.0, 200.0, 800.0)),
        ("alp", 100.0, (100.0, 250.0, 500.0, 2000.0)),
        ("ggt", 60.0, (60.0, 150.0, 300.0, 1200.0)),
        ("bilirubin", 1.2, (1.2, 1.8, 3.6, 12.0)),
        ("creatinine", 1.1, (1.1, 1.65, 3.3, 6.6)),
        ("inr", None, (1.2, 1.5, 2.5)),
        ("lipase", 60.0, (60.0, 90.0, 300.0)),
    ],
)
def test_a_grade_begins_beyond_its_limit(
    analyte: Analyte, upper: float | None, limits: tuple[float, ...]
) -> None:
    for lower_grade, limit in enumerate(limits):
        assert grade(sample(analyte, limit, upper=upper)) == lower_grade
        above = sample(analyte, limit * 1.001, upper=upper)
        assert grade(above) == lower_grade + 1


@pytest.mark.parametrize(
    ("analyte", "value", "lower", "expected"),
    [
        ("platelets", 150.0, 150.0, 0),
        ("platelets", 149.0, 150.0, 1),
        ("platelets", 75.0, 150.0, 1),
        ("platelets", 74.9, 150.0, 2),
        ("platelets", 50.0, 150.0, 2),
        ("platelets", 49.9, 150.0, 3),
        ("platelets", 24.9, 150.0, 4),
        ("platelets", 24.9, None, 4),
        ("platelets", 80.0, None, None),
        ("albumin", 3.5, 3.5, 0),
        ("albumin", 3.4, 3.5, 1),
        ("albumin", 3.0, 3.5, 1),
        ("albumin", 2.9, 3.5, 2),
        ("albumin", 2.0, 3.5, 2),
        ("albumin", 1.9, 3.5, 3),
    ],
)
def test_low_values(
    analyte: Analyte, value: float, lower: float | None, expected: int | None
) -> None:
    assert grade(sample(analyte, value, lower=lower)) == expected


@pytest.mark.parametrize(
    ("analyte", "upper", "values", "expected"),
    [
        ("alp", 100.0, (150.0, 299.0), 0),
        ("alp", 100.0, (150.0, 300.0), 1),
        ("alp", 100.0, (150.0, 376.0), 2),
        ("alp", 100.0, (100.0, 300.0), 2),  # a baseline at the limit is normal
        ("bilirubin", 1.2, (2.0, 2.1), 1),
        ("bilirubin", 1.2, (2.0, 3.1), 2),
        ("creatinine", 1.1, (0.5, 0.8), 2),  # normal, but 1.6 times the baseline
        ("creatinine", 1.1, (0.5, 1.6), 3),
        ("creatinine", 1.1, (1.0, 1.2), 1),
        ("lipase", 60.0, (200.0, 200.0), 2),  # the baseline does not count
    ],
)
def test_the_baseline(
    analyte: Analyte, upper: float, values: tuple[float, float], expected: int
) -> None:
    baseline = sample(analyte, values[0], upper=upper, day=-10)
    assert grade(sample(analyte, values[1], upper=upper), baseline) == expected


def test_units_are_converted() -> None:
    baseline = sample("bilirubin", 2.0, upper=1.2, day=-10)
    after = sample("bilirubin", 2.0 * 17.1, upper=1.2 * 17.1, unit="umol/l")
    assert grade(after, baseline) == 0
    assert value_in("umol/l", baseline, RULES.units) == pytest.approx(34.2)
    assert value_in("mg/dl", after, RULES.units) == pytest.approx(2.0)
    assert value_in("ratio", after, RULES.units) is None
    low = sample("albumin", 29.0, lower=35.0, unit="g/l")
    assert grade(low) == grade(sample("albumin", 2.9, lower=3.5)) == 2


def test_multiples_of_the_upper_limit_need_no_limit() -> None:
    multiple = sample("alt", 5.1, unit="multiple_of_uln")
    assert grade(multiple) == 3
    assert grade(multiple, sample("alt", 2.0, unit="multiple_of_uln", day=-9)) == 1


def test_a_baseline_in_multiples_of_normal_is_compared_by_way_of_normal() -> None:
    before = sample("alt", 2.0, unit="multiple_of_uln", day=-9)
    assert grade(sample("alt", 119.0, upper=40.0), before) == 0  # 1.49 times
    assert grade(sample("alt", 120.0, upper=40.0), before) == 1
    assert grade(sample("alt", 6.1, unit="multiple_of_uln"), before) == 2
    value = sample("alt", 80.0, upper=40.0, day=-9)
    assert grade(sample("alt", 3.0, unit="multiple_of_uln"), value) == 1


def test_a_baseline_is_abnormal_by_its_own_limit_of_normal() -> None:
    now = sample("alt", 100.0, upper=60.0)
    assert grade(now, sample("alt", 50.0, upper=40.0, day=-9)) == 1  # twice
    assert grade(now, sample("alt", 50.0, upper=60.0, day=-9)) == 1  # 1.7 times normal
    assert grade(sample("alt", 70.0, upper=60.0), sample("alt", 50.0, upper=40.0)) == 0
    assert grade(sample("alt", 70.0, upper=60.0), sample("alt", 65.0, day=-9)) == 0
    assert grade(sample("alt", 70.0, upper=60.0), sample("alt", 55.0, day=-9)) == 1


@pytest.mark.parametrize(
    ("one", "baseline"),
    [
        (sample("alt", 500.0), None),
        (sample("alt", 500.0, upper=0.0), None),
        (sample("inr", 2.0, unit="g/l"), None),
        (sample("albumin", 20.0, unit="U/l"), None),
        (sample("alt", 90.0, upper=40.0), sample("alt", 1.0, unit="g/l", day=-5)),
        (sample("alt", 90.0, upper=40.0), sample("alt", 0.0, day=-5)),
    ],
    ids=[
        "no limit of normal",
        "limit 0",
        "wrong unit",
        "wrong unit, low value",
        "baseline in a unit that cannot be compared",
        "baseline 0",
    ],
)
def test_what_cannot_be_graded_is_not(
    one: Laboratory, baseline: Laboratory | None
) -> None:
    assert grade(one, baseline) is None


@given(
    st.sampled_from(["alt", "ast", "alp", "ggt", "bilirubin", "creatinine", "lipase"]),
    st.floats(0.1, 50.0),
    st.floats(1.0, 5.0),
    st.floats(0.1, 10.0),
)
def test_more_is_never_a_lower_grade(
    analyte: Analyte, value: float, factor: float, before: float
) -> None:
    baseline = sample(analyte, before, upper=1.0, day=-3)
    lower = grade(sample(analyte, value, upper=1.0), baseline)
    higher = grade(sample(analyte, value * factor, upper=1.0), baseline)
    assert lower is not None
    assert higher is not None
    assert higher >= lower


def test_every_analyte_and_every_term_has_its_rule() -> None:
    assert set(RULES.laboratory) == set(get_args(Analyte))
    assert set(RULES.terms) == set(get_args(ToxicityTerm))
    for analyte in get_args(Analyte):
        rule = RULES.laboratory[analyte]
        assert graded_term(analyte, RULES) == rule.term
        highest = max(s.grade for s in (*rule.steps, *rule.baseline_steps))
        assert highest <= max_grade(rule.term, RULES.terms)


@pytest.mark.parametrize(
    ("term", "value", "words"),
    [
        ("fatigue", 3, ""),
        ("fatigue", 4, "fatigue has grades 1 to 3 in CTCAE v5.0, found grade 4."),
        ("nausea", 4, "nausea has grades 1 to 3"),
        ("hepatic_failure", 2, "hepatic_failure has grades 3 to 5"),
        ("vomiting", 5, ""),
        ("other", 6, "other has grades 1 to 5"),
    ],
)
def test_grades_that_a_term_does_not_have(
    term: ToxicityTerm, value: int, words: str
) -> None:
    found = impossible_grade(term, value, RULES.terms)
    assert found.startswith(words)
    assert bool(found) == bool(words)


@pytest.mark.parametrize(
    ("day", "window"), [(-4, "acute"), (0, "acute"), (90, "acute"), (91, "late")]
)
def test_acute_ends_with_day_90(day: int, window: str) -> None:
    assert toxicity_window(day, RULES.outcome) == window
