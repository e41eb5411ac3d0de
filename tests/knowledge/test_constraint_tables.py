"""The shipped limits are sourced, sound, and the values the publications give."""

import re

import pytest

from reirrad.core.constraints import Constraint, select_constraints
from reirrad.core.dvh import is_metric
from reirrad.errors import KnowledgeError
from reirrad.knowledge.alpha_beta import load_alpha_beta
from reirrad.knowledge.constraint_tables import (
    constraint_set_names,
    load_constraints,
    read_constraints,
)
from reirrad.knowledge.structure_names import load_structure_names

EVERY = load_constraints(constraint_set_names())

HEAD = """
    [set]
    name = "own"
    title = "Own"
    [sources]
    book = "A book"
"""
ROW = """
    [[constraint]]
    organs = ["Liver"]
    metric = "Mean[Gy]"
    relation = "<"
    limits = { 5 = 13 }
    quantity = "physical"
    level = "single"
    source = "book"
    verification = "secondary"
"""
CUMULATIVE_ROW = """
    [[constraint]]
    organs = ["Bowel"]
    metric = "D0.1cc[Gy]"
    relation = "<"
    limit = 98
    quantity = "EQD2"
    alpha_beta_gy = 3
    scope = "cumulative"
    level = "single"
    source = "book"
    verification = "secondary"
"""


def found(
    set_name: str, organ: str, metric: str, n_fractions: int | None
) -> list[Constraint]:
    return [
        row
        for row in EVERY
        if (row.set, row.metric, row.n_fractions) == (set_name, metric, n_fractions)
        and organ in row.organs
    ]


def test_the_shipped_sets_are_named() -> None:
    assert constraint_set_names() == ("reirradiation", "tg101", "uk2017", "uk2022")


def test_every_row_has_a_source_and_a_verification() -> None:
    assert all(len(row.source) > 10 for row in EVERY)
    assert {row.verification for row in EVERY} == {"paper", "secondary", "unverified"}


def test_every_metric_is_one_that_can_be_computed() -> None:
    assert all(is_metric(row.metric) for row in EVERY)


def test_every_organ_is_a_name_that_can_be_understood() -> None:
    known = set(load_structure_names().standard_names.values())
    assert {organ for row in EVERY for organ in row.organs} <= known


def test_every_organ_with_limits_has_a_ratio_of_its_own() -> None:
    without = {organ for row in EVERY for organ in row.organs} - set(
        load_alpha_beta().organs
    )
    assert not without


def test_no_limit_stands_twice() -> None:
    keys = [
        (r.set, organ, r.metric, r.quantity, r.scope, r.level, r.n_fractions, r.limit)
        for r in EVERY
        for organ in r.organs
    ]
    assert len(keys) == len(set(keys))


def test_optimal_limits_are_stricter_than_mandatory_ones() -> None:
    pairs = 0
    for row in EVERY:
        for other in EVERY:
            same = (row.set, row.organs, row.metric, row.n_fractions) == (
                other.set,
                other.organs,
                other.metric,
                other.n_fractions,
            )
            if same and (row.level, other.level) == ("optimal", "mandatory"):
                assert row.limit < other.limit
                pairs += 1
    assert pairs >= 4


def test_tolerated_physical_dose_grows_with_the_number_of_fractions() -> None:
    for row in EVERY:
        if row.set != "tg101" or not row.metric.startswith("D"):
            continue
        more = [
            other.limit
            for other in EVERY
            if (other.set, other.organs, other.metric)
            == (row.set, row.organs, row.metric)
            and (other.n_fractions or 0) > (row.n_fractions or 0)
        ]
        assert all(limit > row.limit for limit in more)


@pytest.mark.parametrize(
    ("set_name", "organ", "metric", "n_fractions", "limit"),
    [
        ("tg101", "Duodenum", "D0.035cc[Gy]", 5, 32.0),
        ("tg101", "Bowel_Small", "D5cc[Gy]", 3, 17.7),
        ("tg101", "SpinalCord", "D1.2cc[Gy]", 1, 7.0),
        ("tg101", "Liver", "CV21Gy[cc]", 5, 700.0),
        ("tg101", "Liver", "CV17.1Gy[cc]", 3, 700.0),
        ("tg101", "Kidneys", "CV14.4Gy[cc]", 3, 200.0),
        ("uk2022", "Duodenum", "D0.1cc[Gy]", 5, 35.0),
        ("uk2022", "GreatVes", "D0.1cc[Gy]", 8, 60.0),
        ("uk2017", "Heart", "D0.5cc[Gy]", 3, 24.0),
        ("reirradiation", "Duodenum", "D0.1cc[Gy]", None, 98.0),
        ("reirradiation", "Duodenum", "D0.1cc[Gy]", None, 54.0),
        ("reirradiation", "Bowel_Small", "V15Gy[cc]", None, 120.0),
        ("reirradiation", "Colon", "D10cc[Gy]", None, 100.0),
        ("reirradiation", "Bowel_Small", "D0.5cc[Gy]", None, 70.0),
        ("reirradiation", "Liver", "CV32Gy[cc]", None, 700.0),
        ("reirradiation", "ThecalSac", "Max[Gy]", None, 70.0),
        ("reirradiation", "SacralPlex", "D0.1cc[Gy]", None, 67.0),
        ("reirradiation", "SacralPlex", "D0.1cc[Gy]", None, 85.0),
        ("reirradiation", "SacralPlex", "D0.1cc[Gy]", None, 70.0),
        ("reirradiation", "BrachialPlex_L", "D0.1cc[Gy]", None, 70.0),
        ("reirradiation", "SpinalCord", "D0.1cc[Gy]", None, 55.0),
    ],
)
def test_published_values_stand_in_the_tables(
    set_name: str, organ: str, metric: str, n_fractions: int | None, *, limit: float
) -> None:
    assert limit in {row.limit for row in found(set_name, organ, metric, n_fractions)}


def test_both_readings_of_the_papers_bowel_limit_are_there() -> None:
    rows = [
        r for r in found("reirradiation", "Bowel", "D0.1cc[Gy]", None) if r.limit == 98
    ]
    assert {(r.quantity, r.level, r.alpha_beta_gy) for r in rows} == {
        ("EQD2", "single", 3.0),
        ("BED", "alternative reading", 3.0),
    }


def test_a_liver_course_of_five_fractions_finds_the_normal_liver_limits() -> None:
    chosen = select_constraints(load_constraints(["uk2022"]), n_fractions=5)
    means = [
        (s.constraint.limit, s.constraint.level)
        for s in chosen
        if s.constraint.metric == "Mean[Gy]" and s.constraint.basis == "minus GTV"
    ]
    assert means == [(13.0, "optimal"), (15.2, "mandatory")]


def test_the_cord_near_a_target_does_not_loosen_what_binds() -> None:
    rows = {
        row.limit: row
        for row in found("reirradiation", "SpinalCord", "D0.1cc[Gy]", None)
    }
    assert rows[50.0].level == "single"
    assert rows[55.0].level == "alternative reading"
    assert "less than 2 mm from the target" in rows[55.0].note


def test_sets_come_in_the_order_asked_for_and_once() -> None:
    rows = load_constraints(["uk2022", "tg101", "uk2022"])
    assert list(dict.fromkeys(row.set for row in rows)) == ["uk2022", "tg101"]
    assert len(rows) == len(load_constraints(["tg101", "uk2022"]))


def test_no_set_gives_no_limits() -> None:
    assert load_constraints([]) == ()


def test_unknown_sets_are_all_named() -> None:
    with pytest.raises(KnowledgeError) as caught:
        load_constraints(["tg101", "tg102", "uk2023"])
    assert len(caught.value.problems) == 2
    assert "'tg102'" in caught.value.problems[0]
    assert "uk2022" in caught.value.problems[1]


def test_limits_per_fraction_become_one_row_each() -> None:
    text = HEAD + ROW.replace("{ 5 = 13 }", "{ 3 = 12, 5 = 13 }") + CUMULATIVE_ROW
    rows = read_constraints(text, name="own")
    assert [(r.n_fractions, r.limit) for r in rows] == [
        (3, 12.0),
        (5, 13.0),
        (None, 98.0),
    ]
    assert {r.source for r in rows} == {"A book"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('source = "book"', "", "'source' is missing"),
        ('source = "book"', 'source = "film"', "'film' has no citation"),
        ('verification = "secondary"', "", "'verification' is missing"),
        ('verification = "secondary"', 'verification = "sure"', "sure"),
        ('organs = ["Liver"]', "organs = []", "at least one structure"),
        ('"Mean[Gy]"', '"Dmean"', "not in TG-263 spelling"),
        ('relation = "<"', 'relation = "=="', "=="),
        ("limits = { 5 = 13 }", "limit = 13", "needs limits"),
        ("limits = { 5 = 13 }", "", "needs limits"),
        ("limits = { 5 = 13 }", "limits = { 5 = 0 }", "must be above 0"),
        ("limits = { 5 = 13 }", "limits = { 5 = nan }", "must be above 0"),
        ("limits = { 5 = 13 }", "limits = { 0 = 13 }", "at least 1"),
        ("limits = { 5 = 13 }", "limits = { five = 13 }", "expected a whole number"),
        ('quantity = "physical"', 'quantity = "EQD2"', "alpha_beta_gy above 0"),
        (
            'quantity = "physical"',
            'quantity = "physical"\nalpha_beta_gy = 3',
            "no meaning for physical",
        ),
        (
            'quantity = "physical"',
            'quantity = "physical"\nscope = "cumulative"',
            "not added up",
        ),
        (
            'quantity = "physical"',
            'quantity = "EQD2"\nalpha_beta_gy = 3',
            "later course or cumulative",
        ),
        ('level = "single"', 'level = "vital"', "vital"),
        ('level = "single"', 'level = "single"\ncolour = "red"', "unknown key colour"),
    ],
)
def test_a_bad_row_is_refused_with_its_path(old: str, new: str, said: str) -> None:
    assert old in ROW
    text = HEAD + CUMULATIVE_ROW + ROW.replace(old, new)
    with pytest.raises(KnowledgeError) as caught:
        read_constraints(text, name="own")
    problem = "\n".join(caught.value.problems)
    assert said in problem
    assert "constraints_own.toml.constraint[1]" in problem


def test_all_bad_rows_are_named_at_once() -> None:
    bad = ROW.replace('source = "book"', 'source = "film"')
    with pytest.raises(KnowledgeError) as caught:
        read_constraints(HEAD.replace('"own"', '"other"') + bad + bad, name="own")
    assert len(caught.value.problems) == 3
    assert "set.name is 'other'" in caught.value.problems[0]


def test_limits_that_say_so_in_words_are_marked_as_containing_recovery() -> None:
    said = re.compile("corrected for recovery|12 months or more|at least 5 months")
    rows = [
        row
        for row in load_constraints(["tg101", "uk2022", "uk2017", "reirradiation"])
        if row.scope == "cumulative"
    ]
    spoken = [row for row in rows if said.search(row.note)]
    assert len(spoken) == 9
    assert all(row.contains_recovery for row in spoken)


def test_limits_made_without_recovery_are_not_marked() -> None:
    rows = [
        row
        for row in load_constraints(["reirradiation"])
        if "no recovery" in row.note and row.scope == "cumulative"
    ]
    assert len(rows) > 10
    assert not any(row.contains_recovery for row in rows)
