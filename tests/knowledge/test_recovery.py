import pytest

from reirrad.core.recovery import recovered_share
from reirrad.core.structures import Role
from reirrad.errors import KnowledgeError
from reirrad.knowledge.recovery import (
    RecoveryModel,
    load_recovery_model,
    read_recovery_models,
    recovery_model_names,
)

MONTHS = (2, 4, 8, 18, 48)
SERIAL = (0, 10, 25, 50, 50)
MICHIGAN = {
    "Bowel_Small": (0, 0, 25, 40, 40),
    "Stomach": (0, 0, 25, 40, 40),
    "Duodenum": (0, 0, 25, 25, 25),
    "Colon": SERIAL,
    "Rectum": SERIAL,
    "Esophagus": SERIAL,
    "Heart": SERIAL,
    "A_Aorta": SERIAL,
    "Bronchus": SERIAL,
    "Bladder": SERIAL,
    "SpinalCord": SERIAL,
    "CaudaEquina": SERIAL,
    "ThecalSac": SERIAL,
    "Kidneys": (0, 0, 0, 0, 0),
    "Kidney_L": (0, 0, 0, 0, 0),
    "Liver": (0, 0, 50, 50, 100),
    "Lungs": (0, 0, 25, 25, 50),
}


def model(name: str) -> RecoveryModel:
    found = load_recovery_model(name)
    assert found is not None
    return found


def percents(name: str, organ: str) -> tuple[float, ...]:
    steps = model(name).organs[organ].steps
    return tuple(100 * recovered_share(steps, m, form="stepped") for m in MONTHS)


@pytest.mark.parametrize("organ", MICHIGAN)
def test_the_michigan_table_is_what_was_transcribed(organ: str) -> None:
    assert percents("michigan", organ) == pytest.approx(MICHIGAN[organ])


def test_liver_is_half_recovered_up_to_two_years() -> None:
    steps = model("michigan").organs["Liver"].steps
    shares = [recovered_share(steps, m, form="stepped") for m in (5.9, 6, 23.9, 24)]
    assert shares == [0.0, 0.5, 0.5, 1.0]


def test_the_simple_rule_knows_the_cord_alone() -> None:
    assert percents("simple-cord", "SpinalCord") == (0, 0, 25, 50, 50)
    assert set(model("simple-cord").organs) == {
        "SpinalCord",
        "SpinalCanal",
        "ThecalSac",
    }


def test_liver_kidney_and_lung_are_parallel_organs() -> None:
    organs = model("michigan").organs
    parallel = {name for name, row in organs.items() if row.architecture == "parallel"}
    assert parallel == {
        "Liver",
        "Kidneys",
        "Kidney_L",
        "Kidney_R",
        "Lungs",
        "Lung_L",
        "Lung_R",
    }


@pytest.mark.parametrize("role", [Role.GTV, Role.CTV, Role.PTV])
def test_tumour_never_recovers(role: Role) -> None:
    assert model("michigan").row_for("Liver", role) is None


@pytest.mark.parametrize("name", [None, "Spleen", "Skin", "Chestwall_L", "Sigma"])
def test_what_has_no_row_recovers_nothing(name: str | None) -> None:
    assert model("michigan").row_for(name, Role.ORGAN) is None


def test_no_model_is_one_of_the_choices() -> None:
    assert recovery_model_names() == ("none", "michigan", "simple-cord")
    assert load_recovery_model("none") is None


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(KnowledgeError, match="choose from none, michigan"):
        load_recovery_model("nieder")


def test_every_row_says_how_well_it_was_checked() -> None:
    rows = [row for name in MODELS for row in model(name).organs.values()]
    assert {row.verification for row in rows} == {"secondary"}
    assert all(row.source for row in rows)


MODELS = ("michigan", "simple-cord")
TEXT = """
[sources]
some = "Somebody 2020"

[[model]]
name = "own"
title = "own"

[[model.row]]
organs = ["Liver"]
architecture = "parallel"
percent_from_months = { 6 = 50 }
source = "some"
verification = "paper"
note = ""
"""


def test_a_table_is_read() -> None:
    row = read_recovery_models(TEXT, name="recovery")["own"].organs["Liver"]
    assert (row.source, row.steps[0].recovered_share) == ("Somebody 2020", 0.5)


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("{ 6 = 50 }", "{ 6 = 50, 12 = 40 }", "must rise"),
        ("{ 6 = 50 }", "{ 6 = 101 }", "at most 100"),
        ("{ 6 = 50 }", "{ 0 = 50 }", "at least one month"),
        ('["Liver"]', "[]", "at least one structure"),
        ('["Liver"]', '["Liver", "Liver"]', "two rows"),
        ('"some"\n', '"other"\n', "no citation"),
        ('name = "own"', 'name = "none"', "is taken"),
    ],
)
def test_a_bad_table_is_refused(wrong: str, right: str, said: str) -> None:
    assert wrong in TEXT
    if said == "two rows":
        row = TEXT[TEXT.index("[[model.row]]") :]
        text = TEXT + row
    else:
        text = TEXT.replace(wrong, right, 1)
    with pytest.raises(KnowledgeError, match=said):
        read_recovery_models(text, name="recovery")
