"""Which alpha/beta ratio holds, and where it is said to come from."""

import pytest

from reirrad.core.structures import Role
from reirrad.errors import KnowledgeError
from reirrad.knowledge.alpha_beta import load_alpha_beta, read_alpha_beta
from reirrad.knowledge.tables import table_text

TABLE = load_alpha_beta()


@pytest.mark.parametrize(
    ("organ", "ratio"),
    [
        ("Liver", 2.5),
        ("Kidney_R", 2.5),
        ("Kidneys", 2.5),
        ("SpinalCord", 2.0),
        ("Duodenum", 3.0),
        ("Bowel", 3.0),
        ("Heart", 3.0),
        ("GreatVes", 3.0),
        ("Spleen", 3.0),
        (None, 3.0),
    ],
)
def test_organs_have_the_tables_ratio(organ: str | None, ratio: float) -> None:
    assert TABLE.ratio_for(organ, Role.ORGAN, {})[0] == ratio


@pytest.mark.parametrize("role", [Role.GTV, Role.CTV, Role.PTV])
def test_targets_have_the_papers_ratio(role: Role) -> None:
    value, source = TABLE.ratio_for(None, role, {"default_oar": 2.0})
    assert value == 10.0
    assert "Chiloiro" in source
    assert "paper" in source


@pytest.mark.parametrize("role", [Role.EXTERNAL, Role.OTHER])
def test_external_and_other_structures_are_treated_as_organs(role: Role) -> None:
    assert TABLE.ratio_for(None, role, {"target": 8.0})[0] == 3.0
    assert TABLE.ratio_for(None, role, {"default_oar": 4.0})[0] == 4.0


def test_the_users_name_beats_the_users_default_beats_the_table() -> None:
    own = {"Liver": 8.0, "default_oar": 4.0, "target": 12.0}
    assert TABLE.ratio_for("Liver", Role.ORGAN, own)[0] == 8.0
    assert TABLE.ratio_for("Kidney_L", Role.ORGAN, own)[0] == 4.0
    assert TABLE.ratio_for("Kidney_L", Role.ORGAN, {"Liver": 8.0})[0] == 2.5


def test_the_users_ratio_for_one_kind_of_target_beats_the_one_for_all() -> None:
    own = {"target": 12.0, "GTV": 8.0}
    assert TABLE.ratio_for(None, Role.GTV, own) == (8.0, "settings: alpha_beta_gy.GTV")
    assert TABLE.ratio_for(None, Role.PTV, own)[0] == 12.0


def test_a_target_never_takes_an_organs_ratio() -> None:
    assert TABLE.ratio_for("Liver", Role.GTV, {})[0] == 10.0


def test_the_source_says_who_chose() -> None:
    assert "settings" in TABLE.ratio_for("Liver", Role.ORGAN, {"Liver": 3.0})[1]
    assert "secondary" in TABLE.ratio_for("Liver", Role.ORGAN, {})[1]
    assert "without a row" in TABLE.ratio_for("Spleen", Role.ORGAN, {})[1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("alpha_beta_gy = 2.5", "alpha_beta_gy = 0", "above 0"),
        ("alpha_beta_gy = 2.5", "alpha_beta_gy = inf", "above 0"),
        ('organs = ["Liver"]', "organs = []", "at least one structure"),
        ('organs = ["Liver"]', 'organs = ["Kidneys"]', "Kidneys has two ratios"),
        ('verification = "secondary"', "", "'verification' is missing"),
        ('source = "University', 'citation = "University', "'source' is missing"),
    ],
)
def test_a_bad_row_is_refused(old: str, new: str, said: str) -> None:
    text = table_text("alpha_beta")
    assert old in text
    with pytest.raises(KnowledgeError) as caught:
        read_alpha_beta(text.replace(old, new, 1), name="alpha_beta")
    assert said in "\n".join(caught.value.problems)
    assert "alpha_beta.toml" in str(caught.value)


def test_an_empty_source_is_refused() -> None:
    text = table_text("alpha_beta").replace(
        'source = "Chiloiro G et al. Radiat Oncol 2024;19:52"', 'source = " "'
    )
    with pytest.raises(KnowledgeError, match="source is empty"):
        read_alpha_beta(text, name="alpha_beta")
