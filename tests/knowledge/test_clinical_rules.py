import pytest

from reirrad.errors import KnowledgeError
from reirrad.knowledge.clinical_rules import (
    load_clinical_rules,
    read_ctcae,
    read_liver_function,
)
from reirrad.knowledge.tables import table_text


def test_the_papers_windows_and_the_limits_of_recist() -> None:
    rules = load_clinical_rules()
    assert rules.outcome.acute_up_to_days == 90
    assert rules.outcome.response_months == 12
    assert rules.recist.partial_decrease_percent == 30
    assert rules.recist.progression_increase_percent == 20
    assert rules.recist.progression_increase_mm == 5


def test_every_row_cites_its_source() -> None:
    rules = load_clinical_rules()
    sources = [
        *(row.source for row in rules.laboratory.values()),
        *(row.source for row in rules.terms.values()),
        *(row.source for row in rules.units),
        *(row.source for row in rules.child_pugh_bands),
        rules.child_pugh.source,
        rules.albi.source,
    ]
    assert all(len(source) > 20 for source in sources)


@pytest.mark.parametrize(
    ("wrong", "right", "problem"),
    [
        ('source = "admiral"', 'source = "nobody"', "laboratory"),
        ('term = "nausea"', 'term = "sickness"', "sickness"),
        ('term = "nausea"', 'term = "fatigue"', "fatigue has two rows"),
        ('analyte = "ast"', 'analyte = "alt"', "alt has two rows"),
        ("grade = 1, beyond = 1.0", "grade = 1", "beyond"),
    ],
)
def test_a_bad_row_of_ctcae_is_refused(wrong: str, right: str, problem: str) -> None:
    text = table_text("ctcae")
    assert wrong in text
    with pytest.raises(KnowledgeError, match=problem):
        read_ctcae(text.replace(wrong, right, 1), name="ctcae")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ('source = "albi"', 'source = "nobody"'),
        ('source = "child_pugh"', 'source = "nobody"'),
        ("b_from = 7", "b_from = 7.5"),
    ],
)
def test_a_bad_row_of_liver_function_is_refused(wrong: str, right: str) -> None:
    text = table_text("liver_function")
    assert wrong in text
    with pytest.raises(KnowledgeError):
        read_liver_function(text.replace(wrong, right, 1), name="liver_function")
