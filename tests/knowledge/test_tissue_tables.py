"""Ranges of alpha/beta, rules for the cord, models of the liver."""

import re

import pytest

from reirrad.core.structures import Role
from reirrad.errors import KnowledgeError
from reirrad.knowledge.alpha_beta import load_alpha_beta
from reirrad.knowledge.alpha_beta_ranges import (
    load_alpha_beta_ranges,
    read_alpha_beta_ranges,
)
from reirrad.knowledge.constraint_tables import load_constraints
from reirrad.knowledge.cord_rules import load_cord_rules, read_cord_rules
from reirrad.knowledge.liver_models import load_liver_models, read_liver_models
from reirrad.knowledge.tables import table_text


def test_organs_without_a_range_are_swept_from_two_to_four() -> None:
    row = load_alpha_beta_ranges().range_for("Heart", Role.ORGAN)
    assert row.ratios_gy == (2.0, 2.5, 3.0, 4.0)
    assert row.source.startswith("reirrad")
    assert load_alpha_beta_ranges().range_for(None, Role.OTHER) == row


def test_a_target_is_never_taken_for_an_organ() -> None:
    ranges = load_alpha_beta_ranges()
    assert ranges.range_for("Liver", Role.GTV) == ranges.target


def test_own_ratio_of_a_tissue_lies_within_its_range() -> None:
    ratios, ranges = load_alpha_beta(), load_alpha_beta_ranges()
    for name in ranges.organs:
        if name == "Skin":  # late reactions; the default ratio is for any organ
            continue
        own, _ = ratios.ratio_for(name, Role.ORGAN, {})
        row = ranges.range_for(name, Role.ORGAN)
        assert row.ratios_gy[0] <= own <= row.ratios_gy[-1], name


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("[2.0, 3.0]", "[3.0, 2.0]", "rising"),
        ("[2.0, 3.0]", "[2.0]", "two or more"),
        ("[2.0, 3.0]", "[0.0, 3.0]", "above 0"),
        ('["Liver"]', "[]", "at least one structure"),
        ('["Liver"]', '["Liver", "Skin"]', "two ranges"),
        ('source = "Gkika', 'source = " "\n#', "source is empty"),
    ],
)
def test_a_bad_range_is_refused(wrong: str, right: str, said: str) -> None:
    text = table_text("alpha_beta_ranges")
    assert wrong in text
    with pytest.raises(KnowledgeError, match=said):
        read_alpha_beta_ranges(text.replace(wrong, right, 1), name="alpha_beta_ranges")


def test_the_rules_for_the_cord_are_those_of_the_paper() -> None:
    table = load_cord_rules()
    assert [(c.quantity, c.relation, c.limit) for c in table.criterion] == [
        ("total EQD2", "<=", 70),
        ("latest EQD2", "<=", 25),
        ("latest share of total", "<=", 0.5),
        ("interval", ">=", 5),
    ]
    assert {c.verification for c in table.criterion} == {"paper"}
    assert table.score.verification == "unverified"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ('source = "sahgal2012"', 'source = "nobody"'),
        ('source = "nieder2005"', 'source = "nobody"'),
        ('quantity = "interval"', 'quantity = "time"'),
    ],
)
def test_a_bad_rule_is_refused(wrong: str, right: str) -> None:
    text = table_text("cord_rules")
    assert wrong in text
    with pytest.raises(KnowledgeError):
        read_cord_rules(text.replace(wrong, right, 1), name="cord_rules")


def test_the_models_say_how_well_they_are_known() -> None:
    models = load_liver_models()
    known = {one.name: (one.td50_gy, one.verification) for one in models.lkb}
    assert known == {
        "LKB, metastases": (45.8, "secondary"),
        "LKB, primary tumours": (39.8, "unverified"),
    }
    assert "illustration" in models.probit.note
    assert models.local_control.bed_gy == 100


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("td50_gy = 45.8", "td50_gy = 0"),
        ("n = 0.97", "n = 0"),
        ("references_gy = [2.0, 1.5]", "references_gy = []"),
        ("gamma50 = 0.95", "gamma50 = -1"),
        ('source = "dawson2002_code"', 'source = "nobody"'),
        ('source = "miften2021"', 'source = "nobody"'),
        ('source = "ohri2021"', 'source = "nobody"'),
    ],
)
def test_a_bad_model_is_refused(wrong: str, right: str) -> None:
    text = table_text("liver_models")
    assert wrong in text
    with pytest.raises(KnowledgeError):
        read_liver_models(text.replace(wrong, right, 1), name="liver_models")


def test_limits_that_say_so_in_words_are_marked_as_containing_recovery() -> None:
    said = re.compile("corrected for recovery|12 months or more|at least 5 months")
    rows = [
        row
        for row in load_constraints(["tg101", "uk2022", "uk2017", "reirradiation"])
        if row.scope == "cumulative"
    ]
    spoken = [row for row in rows if said.search(row.note)]
    assert len(spoken) == 8
    assert all(row.contains_recovery for row in spoken)


def test_limits_made_without_recovery_are_not_marked() -> None:
    rows = [
        row
        for row in load_constraints(["reirradiation"])
        if "no recovery" in row.note and row.scope == "cumulative"
    ]
    assert len(rows) > 10
    assert not any(row.contains_recovery for row in rows)
