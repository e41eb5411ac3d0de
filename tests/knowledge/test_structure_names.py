"""The shipped names are sourced and mean one structure each."""

import tomllib

import pytest

from reirrad.core.structures import Role
from reirrad.errors import KnowledgeError
from reirrad.knowledge.structure_names import (
    load_structure_names,
    read_structure_names,
)
from reirrad.knowledge.tables import table_text

HEAD = """
    [sources]
    tg263 = "TG-263"
    [sides]
    left = ["L"]
    right = ["R"]
    [targets]
    GTV = ["GTV"]
    CTV = ["CTV"]
    PTV = ["PTV"]
    not_with = ["opt"]
"""


def row(standard_name: str, names: str, extra: str = "") -> str:
    return f"""
    [[structure]]
    standard_name = "{standard_name}"
    names = {names}
    source = "tg263"
    verification = "unverified"
    {extra}
    """


def test_every_standard_name_is_understood_as_itself() -> None:
    table = load_structure_names()
    content = tomllib.loads(table_text("structure_names"))
    for entry in content["structure"]:
        name = entry["standard_name"]
        spelt = [f"{name}_L", f"{name}_R"] if entry.get("paired") else [name]
        for each in spelt:
            key = each.replace("_", "").lower()
            assert table.standard_names[key] == each


def test_every_row_has_source_and_verification() -> None:
    content = tomllib.loads(table_text("structure_names"))
    for entry in content["structure"]:
        assert entry["source"] in content["sources"]
        assert entry["verification"]


def test_targets_have_their_roles() -> None:
    words = load_structure_names().target_words
    assert words["gtv"] is Role.GTV
    assert words["itv"] is Role.CTV
    assert words["ptv"] is Role.PTV


def test_a_paired_structure_needs_its_side() -> None:
    table = read_structure_names(
        HEAD + row("Kidney", '["rene"]', "paired = true"), name="own"
    )
    assert table.standard_names == {
        "kidneyl": "Kidney_L",
        "lkidney": "Kidney_L",
        "kidneyr": "Kidney_R",
        "rkidney": "Kidney_R",
        "renel": "Kidney_L",
        "lrene": "Kidney_L",
        "rener": "Kidney_R",
        "rrene": "Kidney_R",
    }


def test_a_name_for_two_structures_is_refused() -> None:
    text = HEAD + row("Liver", '["hepar"]') + row("Spleen", '["Hepar"]')
    with pytest.raises(KnowledgeError, match="'hepar' means both Liver and Spleen"):
        read_structure_names(text, name="own")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('source = "tg263"', 'source = "book"', "'book' has no citation"),
        ('source = "tg263"', "", "'source' is missing"),
        ('verification = "unverified"', "", "'verification' is missing"),
        ('["hepar"]', '["--"]', "need letters"),
        ('"Liver"', '""', "need letters"),
    ],
)
def test_a_bad_row_is_refused(old: str, new: str, said: str) -> None:
    text = HEAD + row("Liver", '["hepar"]')
    assert old in text
    with pytest.raises(KnowledgeError) as caught:
        read_structure_names(text.replace(old, new), name="own")
    assert said in str(caught.value)
    assert "own.toml.structure[0]" in str(caught.value)
