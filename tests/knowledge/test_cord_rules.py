import pytest

from reirrad.errors import KnowledgeError
from reirrad.knowledge.cord_rules import load_cord_rules, read_cord_rules
from reirrad.knowledge.tables import table_text


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
