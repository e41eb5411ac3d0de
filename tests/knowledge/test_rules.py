"""Rules are sourced, reasoned and consistent with one another."""

from pathlib import Path

import pytest

import reirrad
from reirrad.errors import KnowledgeError
from reirrad.knowledge.rules import load_rules, read_rules, rule_limits

TABLES = [
    "registration_rules",
    "gathering_rules",
    "plan_rules",
    "comparison_rules",
    "reduction_rules",
    "reduction_hints",
    "recist_rules",
    "rild_rules",
    "outcome_rules",
    "cohort_rules",
]

ROW = """
    [[rule]]
    name = "rotation_degrees"
    relation = ">"
    limit = 5
    unit = "degrees"
    source = "reirrad"
    verification = "unverified"
    note = "a reason"
"""
HEAD = '[sources]\nreirrad = "reirrad"\n'


@pytest.mark.parametrize("name", TABLES)
def test_every_rule_has_source_and_reason(name: str) -> None:
    for rule in load_rules(name).values():
        assert rule.source
        assert len(rule.note) > 20
        assert rule.verification in {"paper", "secondary", "unverified"}


@pytest.mark.parametrize("name", TABLES)
def test_a_rules_unit_is_the_last_word_of_its_name(name: str) -> None:
    words = {"%": "percent", "mm": "mm", "Gy": "gy", "degrees": "degrees"}
    for rule in load_rules(name).values():
        if rule.unit in words:
            assert rule.name.endswith(f"_{words[rule.unit]}")


def test_the_limits_of_acceptance_lie_inside_those_of_rejection() -> None:
    limits = rule_limits("registration_rules")
    assert limits["organ_dice_accepted"] == 0.90
    assert limits["organ_dice_rejected"] == 0.80
    assert limits["mean_distance_accepted_mm"] == 3.0
    assert limits["mean_distance_rejected_mm"] == 5.0
    assert limits["rotation_review_degrees"] < limits["rotation_rejected_degrees"]
    assert (
        limits["image_overlap_rejected_percent"]
        < limits["image_overlap_review_percent"]
    )


def test_every_rule_of_gathering_is_read() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (Path(reirrad.__file__).parent / "workflows").glob("*.py")
    )
    names = load_rules("gathering_rules")
    assert {name for name in names if f'["{name}"]' not in source} == set()


def test_the_papers_isodoses_are_rules() -> None:
    limits = rule_limits("plan_rules")
    assert limits["low_isodose_gy"] == 2.0
    assert limits["half_dose_share"] == 0.5
    assert limits["isodose_percent"] == 80.0


def test_a_rule_says_whether_it_applies() -> None:
    rule = load_rules("registration_rules")["rotation_review_degrees"]
    assert rule.applies_to(5.1)
    assert not rule.applies_to(5.0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('source = "reirrad"', 'source = "book"', "'book' has no citation"),
        ('note = "a reason"', 'note = ""', "no note that gives its reason"),
        ('note = "a reason"', "", "'note' is missing"),
        ("limit = 5", "limit = nan", "must be finite"),
        ('verification = "unverified"', "", "'verification' is missing"),
    ],
)
def test_a_bad_rule_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        read_rules(HEAD + ROW.replace(old, new), name="own_rules")
    assert said in str(caught.value)
    assert "own_rules.toml.rule[0]" in str(caught.value)


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(KnowledgeError, match="two rules rotation_degrees"):
        read_rules(HEAD + ROW + ROW, name="own_rules")
