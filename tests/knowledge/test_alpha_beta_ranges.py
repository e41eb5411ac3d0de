import pytest

from reirrad.core.structures import Role
from reirrad.errors import KnowledgeError
from reirrad.knowledge.alpha_beta import load_alpha_beta
from reirrad.knowledge.alpha_beta_ranges import (
    load_alpha_beta_ranges,
    read_alpha_beta_ranges,
)
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
    for name in {*ranges.organs, *ratios.organs}:
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
