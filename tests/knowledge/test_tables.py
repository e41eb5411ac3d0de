"""Shipped tables are found, read whole, and refused with every fault at once."""

import tomllib
from dataclasses import dataclass

import pytest

from reirrad.errors import KnowledgeError
from reirrad.knowledge.tables import cited, read_table, table_names, table_text


@dataclass(frozen=True)
class Row:
    name: str
    size: float = 0.0
    count: int = 0
    is_open: bool = False


@dataclass(frozen=True)
class Table:
    row: list[Row]


def test_every_shipped_table_is_toml() -> None:
    for name in table_names():
        assert tomllib.loads(table_text(name))


def test_the_tables_are_all_there() -> None:
    assert set(table_names()) >= {
        "alpha_beta",
        "constraints_reirradiation",
        "constraints_tg101",
        "constraints_uk2017",
        "constraints_uk2022",
        "defaults",
        "gathering_rules",
        "plan_rules",
        "reduction_hints",
        "reduction_rules",
        "registration_rules",
        "structure_names",
    }


def test_an_unknown_table_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KnowledgeError, match=r"no table 'tg999'.*alpha_beta"):
        table_text("tg999")


def test_a_row_becomes_a_value() -> None:
    text = '[[row]]\nname = "a"\nsize = 2\ncount = 3\nis_open = true'
    assert read_table(text, Table, name="t").row == [Row("a", 2.0, 3, is_open=True)]


def test_every_fault_is_named_with_its_path() -> None:
    text = """
        [[row]]
        name = "fine"
        [[row]]
        size = 1.0
        [[row]]
        name = 3
        [[row]]
        name = "x"
        size = "large"
        [[row]]
        name = "x"
        colour = "red"
        [[row]]
        name = "x"
        count = 1.5
        [[row]]
        name = "x"
        is_open = 1
        [[row]]
        name = "x"
        size = true
    """
    with pytest.raises(KnowledgeError) as caught:
        read_table(text, Table, name="sizes")
    said = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 7
    assert "sizes.toml.row[0]" not in said
    for index, fault in enumerate(
        [
            "'name' is missing",
            "expected text, found 3",
            "expected a number, found 'large'",
            "unknown key colour",
            "expected a whole number, found 1.5",
            "expected true or false, found 1",
            "expected a number, found True",
        ],
        start=1,
    ):
        (problem,) = [p for p in caught.value.problems if f"row[{index}]" in p]
        assert fault in problem


def test_what_is_not_toml_is_refused() -> None:
    with pytest.raises(KnowledgeError, match=r"sizes\.toml is not TOML"):
        read_table("[[row]", Table, name="sizes")


@pytest.mark.parametrize("citation", [{}, {"book": "  "}])
def test_a_source_without_citation_is_refused(citation: dict[str, str]) -> None:
    with pytest.raises(KnowledgeError, match=r"row\[2\]: source 'book'"):
        cited("book", citation, path="row[2]")


def test_a_source_stands_for_its_citation() -> None:
    assert cited("book", {"book": "A book"}, path="row[2]") == "A book"
