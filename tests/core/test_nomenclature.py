"""What drawn names mean, and which are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.nomenclature import name_key, understand
from reirrad.core.structures import Role
from reirrad.knowledge.structure_names import load_structure_names

TABLE = load_structure_names()
SEPARATORS = ["", " ", "_", "-", ".", "  "]


def meaning(name: str, dicom_type: str = "") -> tuple[str | None, Role]:
    return understand(name, dicom_type, TABLE, {})


@pytest.mark.parametrize(
    ("name", "standard_name"),
    [
        ("LIVER", "Liver"),
        ("fegato", "Liver"),
        ("Leber", "Liver"),
        ("Foie", "Liver"),
        ("Hígado", "Liver"),
        ("HIGADO", "Liver"),
        ("CORD", "SpinalCord"),
        ("Midollo", "SpinalCord"),
        ("Midollo spinale", "SpinalCord"),
        ("Rückenmark", "SpinalCord"),
        ("Moelle épinière", "SpinalCord"),
        ("médula espinal", "SpinalCord"),
        ("Canale midollare", "SpinalCanal"),
        ("COLON", "Colon"),
        ("SMALL_BOWEL", "Bowel_Small"),
        ("Dünndarm", "Bowel_Small"),
        ("KIDNEY_R", "Kidney_R"),
        ("Rt Kidney", "Kidney_R"),
        ("L Kidney", "Kidney_L"),
        ("KidneyL", "Kidney_L"),
        ("rene sinistro", "Kidney_L"),
        ("Rene_dx", "Kidney_R"),
        ("Niere links", "Kidney_L"),
        ("re Niere", "Kidney_R"),
        ("rein gauche", "Kidney_L"),
        ("Rein D", "Kidney_R"),
        ("riñón izquierdo", "Kidney_L"),
        ("riñon derecho", "Kidney_R"),
        ("reni", "Kidneys"),
        ("AORTA", "A_Aorta"),
        ("IVC", "V_Venacava_I"),
        ("PORTAL_VEIN", "V_Portal"),
        ("STOMACH", "Stomach"),
        ("Oesophagus", "Esophagus"),
        ("œsophage", "Esophagus"),
        ("Große Gefäße", "GreatVes"),
        ("Liver_1", "Liver"),
        ("Liver (1)", "Liver"),
        ("chest wall", "Chestwall"),
        ("Chestwall_L", "Chestwall_L"),
    ],
)
def test_organs_are_understood_in_five_languages(name: str, standard_name: str) -> None:
    assert meaning(name) == (standard_name, Role.ORGAN)
    assert meaning(name, "ORGAN") == (standard_name, Role.ORGAN)


@pytest.mark.parametrize("name", ["BODY", "Corpo", "Körper", "contour externe"])
def test_the_body_is_external_by_name(name: str) -> None:
    assert meaning(name) == ("External", Role.EXTERNAL)


@pytest.mark.parametrize(
    "name",
    [
        "SpinalCord_PRV5",
        "PRV midollo",
        "PRV_CORD",
        "SpinalCord_03",
        "Cord+5mm",
        "Liver-GTV",
        "Liver - PTV",
        "zLiver",
        "Liver_opt",
        "optLiver",
        "Liver_2",
        "Leber ohne PTV",
        "Kidney",
        "rene",
        "LungInPTV",
        "Ring 2cm",
        "Ring_PTV",
        "zPTV",
        "Dose 50%",
        "",
        "123",
    ],
)
def test_what_is_added_to_a_name_makes_it_another_structure(name: str) -> None:
    assert meaning(name) == (None, Role.OTHER)
    assert meaning(name, "ORGAN")[0] is None


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("GTV", Role.GTV),
        ("gtv1", Role.GTV),
        ("GTVp", Role.GTV),
        ("GTV S7", Role.GTV),
        ("iGTV", Role.GTV),
        ("CTV_high", Role.CTV),
        ("ITV", Role.CTV),
        ("PTV_50Gy", Role.PTV),
        ("PTV-1", Role.PTV),
        ("PTV_liver", Role.PTV),
    ],
)
def test_targets_are_known_by_their_first_word(name: str, role: Role) -> None:
    assert meaning(name) == (None, role)
    assert meaning(name, "ORGAN") == (None, role)


@pytest.mark.parametrize(
    "name",
    ["PTV_opt", "PTV+5", "PTV-Liver", "GTV 3mm", "PTV ring", "PTVliver", "my GTV"],
)
def test_a_structure_made_from_a_target_is_none(name: str) -> None:
    assert meaning(name) == (None, Role.OTHER)


@pytest.mark.parametrize("kind", ["GTV", "CTV", "PTV"])
def test_the_dicom_type_gives_the_role_first(kind: str) -> None:
    assert meaning("lesion S7", kind) == (None, Role[kind])
    assert meaning("Liver", kind) == (None, Role[kind])
    assert meaning("PTV", kind.lower()) == (None, Role[kind])


def test_skin_is_the_body_only_where_the_type_says_so() -> None:
    assert meaning("Skin", "EXTERNAL") == ("External", Role.EXTERNAL)
    assert meaning("outline 3", "EXTERNAL") == ("External", Role.EXTERNAL)
    assert meaning("Skin", "ORGAN") == ("Skin", Role.ORGAN)


def test_a_name_that_contradicts_its_type_is_not_understood() -> None:
    assert meaning("Liver", "EXTERNAL") == (None, Role.EXTERNAL)
    assert meaning("Body", "ORGAN") == (None, Role.ORGAN)


@pytest.mark.parametrize("kind", ["AVOIDANCE", "CONTROL", "SUPPORT", "nonsense"])
def test_an_undecided_type_leaves_the_decision_to_the_name(kind: str) -> None:
    assert meaning("Liver", kind) == ("Liver", Role.ORGAN)
    assert meaning("couch", kind) == (None, Role.OTHER)


def test_the_users_own_names_overrule_name_and_type() -> None:
    own = {"organo 1": "Liver", "ZONE": "GTV", "cord": "Liver", "rest": "Chestwall_2"}
    assert understand("Organo 1", "", TABLE, own) == ("Liver", Role.ORGAN)
    assert understand("zone", "PTV", TABLE, own) == (None, Role.GTV)
    assert understand("CORD", "ORGAN", TABLE, own) == ("Liver", Role.ORGAN)
    assert understand("rest", "", TABLE, own) == ("Chestwall_2", Role.ORGAN)
    assert understand("stomach", "", TABLE, own) == ("Stomach", Role.ORGAN)
    assert understand("b", "", TABLE, {"B": "body"}) == ("External", Role.EXTERNAL)


def test_names_without_letters_of_the_latin_alphabet_do_no_harm() -> None:
    assert meaning("肝臓") == (None, Role.OTHER)


@given(st.data())
def test_case_and_separators_change_nothing(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(TABLE.standard_names)))
    drawn = "".join(
        letter + (data.draw(st.sampled_from(SEPARATORS)) if i + 1 < len(key) else "")
        for i, letter in enumerate(
            data.draw(st.sampled_from([str.upper, str.lower, str.title]))(key)
        )
    )
    assert meaning(drawn)[0] == TABLE.standard_names[key]


@given(name=st.sampled_from(sorted(TABLE.standard_names)), extra=st.integers(2, 99))
def test_a_number_other_than_one_is_never_dropped(name: str, extra: int) -> None:
    assert meaning(f"{name}_{extra}") == (None, Role.OTHER)


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    assert name_key(name_key(text)) == name_key(text)


@given(name=st.text(max_size=20), kind=st.text(max_size=8))
def test_any_name_at_all_is_answered(name: str, kind: str) -> None:
    _, role = meaning(name, kind)
    assert role in Role
