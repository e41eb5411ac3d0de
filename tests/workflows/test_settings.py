"""The settings file is taken as a whole, or refused with every fault."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.dose import Interpolation
from reirrad.core.settings import PrescribedDose, Settings
from reirrad.errors import SettingsError
from reirrad.workflows.settings import load_settings


def loaded(folder: Path, text: str) -> Settings:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def refused(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, text)
    return caught.value.problems


def test_without_a_file_the_defaults_hold() -> None:
    assert load_settings(None) == Settings(
        organ="Liver",
        constraints=("tg101", "uk2022", "reirradiation"),
        minimal_ov2gy_cc=30.0,
    )


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == load_settings(None)


def test_every_key_is_read(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        """
        organ = "Kidney_L"
        alpha_beta_gy = { default_oar = 2.5, target = 8, SpinalCord = 2.0 }
        constraints = ["tg101"]
        oar_concern = true
        [structures]
        "Fegato " = "Liver"
        [prescription.1]
        dose_gy = 50
        n_fractions = 5
        [classification]
        minimal_ov2gy_cc = 0
        [recovery]
        model = "michigan"
        form = "smooth"
        [registration]
        translation_mm = 2
        rotation_degrees = 0
        draws = 64
        seed = 7
        deformable = true
        worst_case = ["Stomach"]
        [radiobiology]
        linear_quadratic_linear = true
        [budget]
        fractions = [5, 3]
        [dose]
        interpolation = "linear"
        [start_date]
        "LIVER C1" = 2024-03-05
        """,
    )

    assert settings == Settings(
        organ="Kidney_L",
        constraints=("tg101",),
        minimal_ov2gy_cc=0.0,
        alpha_beta_gy={"default_oar": 2.5, "target": 8.0, "SpinalCord": 2.0},
        oar_concern=True,
        structures={"fegato": "Liver"},
        prescription={1: PrescribedDose(50.0, 5)},
        start_date={"LIVER C1": date(2024, 3, 5)},
        interpolation=Interpolation.LINEAR,
        recovery_model="michigan",
        recovery_form="smooth",
        translation_mm=2.0,
        rotation_degrees=0.0,
        registration_draws=64,
        registration_seed=7,
        deformable=True,
        worst_case=("Stomach",),
        linear_quadratic_linear=True,
        budget_fractions=(3, 5),
    )


def test_the_organ_of_the_command_line_wins(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('organ = "Spleen"', encoding="utf-8")

    assert load_settings(path, organ="Kidney_R").organ == "Kidney_R"


def test_an_empty_organ_on_the_command_line_is_refused() -> None:
    with pytest.raises(SettingsError, match="--organ must be a name"):
        load_settings(None, organ=" ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(
            "[prescription.1]\ndose_gy = 5000\nn_fractions = 5",
            "prescription.1.dose_gy: 5000 is outside 0.1 to 200 Gy (is it in cGy?).",
            id="centigray",
        ),
        pytest.param(
            '[prescription.1]\ndose_gy = "50 Gy"\nn_fractions = 5',
            "prescription.1.dose_gy: must be a number in Gy, written without it; "
            'found "50 Gy".',
            id="unit in the value",
        ),
        pytest.param(
            "[prescription.1]\ndose_gy = nan\nn_fractions = 5",
            "prescription.1.dose_gy: NaN is outside 0.1 to 200 Gy.",
            id="not a number",
        ),
        pytest.param(
            "[prescription.1]\ndose_gy = 50\nn_fractions = 5.0",
            "prescription.1.n_fractions: must be a whole number, 1 to 100; found 5.0.",
            id="fraction of a fraction",
        ),
        pytest.param(
            "[prescription.1]\ndose_gy = 50\nn_fractions = 0",
            "prescription.1.n_fractions: 0 is outside 1 to 100.",
            id="no fraction",
        ),
        pytest.param(
            "[prescription.1]\ndose_gy = 50",
            "prescription.1.n_fractions: missing; a prescription needs it.",
            id="half a prescription",
        ),
        pytest.param(
            "[prescription.1]\ndose_cgy = 50\ndose_gy = 50\nn_fractions = 5",
            "prescription.1.dose_cgy: unknown key (is it dose_gy?); allowed: dose_gy, "
            "n_fractions.",
            id="wrong unit in the key",
        ),
        pytest.param(
            "[prescription.first]\ndose_gy = 50\nn_fractions = 5",
            "prescription.first: unknown key; allowed: a course number, 1 for the "
            "earliest.",
            id="course by name",
        ),
        pytest.param(
            "[prescription.0]\ndose_gy = 50\nn_fractions = 5",
            "prescription.0: unknown key; allowed: a course number, 1 for the "
            "earliest.",
            id="course zero",
        ),
        pytest.param(
            "prescription = 50",
            "prescription: must be a table of a course number, 1 for the earliest; "
            "found 50.",
            id="prescription without course",
        ),
        pytest.param(
            "alpha_beta_gy = { Liver = 0 }",
            "alpha_beta_gy.Liver: 0 is outside 0.1 to 100 Gy.",
            id="ratio of zero",
        ),
        pytest.param(
            "alpha_beta_gy = { Liver = true }",
            "alpha_beta_gy.Liver: must be a number in Gy, written without it; found "
            "true.",
            id="truth for a number",
        ),
        pytest.param(
            "alpha_beta_gy = { SpinalCrd = 2 }",
            "alpha_beta_gy.SpinalCrd: unknown structure (is it SpinalCord?); allowed: "
            "default_oar, target, GTV, CTV, PTV, a TG-263 name, or a name that "
            "[structures] gives to a drawn one.",
            id="ratio of nothing",
        ),
        pytest.param(
            'constraints = ["tg101", "tg11"]',
            'constraints: knows no "tg11"; allowed are "reirradiation" or "tg101" or '
            '"uk2017" or "uk2022".',
            id="unknown constraint set",
        ),
        pytest.param(
            'constraints = ["tg101", "tg101"]',
            'constraints: names "tg101" more than once.',
            id="constraint set twice",
        ),
        pytest.param(
            'constraints = "tg101"',
            'constraints: must be a list of "reirradiation" or "tg101" or "uk2017" or '
            '"uk2022"; found "tg101".',
            id="constraint set without brackets",
        ),
        pytest.param(
            'oar_concern = "yes"',
            'oar_concern: must be true or false; found "yes".',
            id="yes for true",
        ),
        pytest.param(
            'organ = ""', 'organ: must be a name in quotes; found "".', id="no organ"
        ),
        pytest.param(
            "[budget]\nfractions = [5, 0]",
            "budget.fractions: 0 is outside 1 to 100.",
            id="no fractions left",
        ),
        pytest.param(
            "[budget]\nfractions = [5, 5]",
            "budget.fractions: names a number more than once; found [5, 5].",
            id="fractions twice",
        ),
        pytest.param(
            "[registration]\ntranslation_mm = 0",
            "registration.translation_mm: 0 is outside 0.1 to 30 mm.",
            id="perfect registration",
        ),
        pytest.param(
            "[dicom]\neqd2_alpha_beta_gy = 3",
            "dicom.eqd2_alpha_beta_gy: must be a list of numbers in Gy, such as [3.0]; "
            "found 3.",
            id="one ratio without brackets",
        ),
        pytest.param(
            "[dicom]\neqd2_alpha_beta_gy = [3.0, 300]",
            "dicom.eqd2_alpha_beta_gy: 300 is outside 0.1 to 100 Gy (is it in cGy?).",
            id="ratio in cGy",
        ),
        pytest.param(
            "[dicom]\neqd2_alpha_beta_gy = [3, 3.0]",
            "dicom.eqd2_alpha_beta_gy: names a ratio more than once; found [3, 3.0].",
            id="ratio twice",
        ),
        pytest.param(
            "organs = 1",
            "organs: unknown key (is it organ?); allowed: alpha_beta_gy, budget, "
            "classification, constraints, dicom, dose, oar_concern, organ, "
            "prescription, radiobiology, recovery, registration, start_date, "
            "structures.",
            id="unknown key",
        ),
        pytest.param(
            '[structures]\n"fegato" = "liver"',
            'structures.fegato: "liver" is spelt "Liver".',
            id="spelling of a standard name",
        ),
        pytest.param(
            '[structures]\n"Rene 1" = "Kidney_L"\n"rene 1" = "Kidney_R"',
            'structures."rene 1": means both "Kidney_L" and "Kidney_R".',
            id="two meanings",
        ),
        pytest.param(
            "[classification]\nminimal_ov2gy_cc = -1",
            "classification.minimal_ov2gy_cc: -1 is outside 0 to 10000 cc.",
            id="negative volume",
        ),
        pytest.param(
            '[recovery]\nmodel = "nieder"',
            'recovery.model: must be "michigan" or "none" or "simple-cord"; '
            'found "nieder".',
            id="recovery",
        ),
        pytest.param(
            '[dose]\ninterpolation = "nearest"',
            'dose.interpolation: must be "cubic" or "linear"; found "nearest".',
            id="interpolation",
        ),
        pytest.param(
            '[start_date]\n"LIVER C1" = "5 March"',
            'start_date."LIVER C1": must be a date such as 2024-03-05, without quotes; '
            'found "5 March".',
            id="date in words",
        ),
        pytest.param(
            "[start_date]\nC1 = 2024-03-05T10:00:00",
            "start_date.C1: must be a date such as 2024-03-05, without quotes; found "
            "2024-03-05T10:00:00.",
            id="date with time",
        ),
    ],
)
def test_a_fault_is_named_by_its_path(tmp_path: Path, text: str, sentence: str) -> None:
    assert refused(tmp_path, text) == (f"settings.toml: {sentence}",)


def test_a_ratio_may_be_given_to_a_name_of_ones_own(tmp_path: Path) -> None:
    text = 'alpha_beta_gy = { Scar = 2 }\n[structures]\n"cicatrice" = "Scar"'

    assert loaded(tmp_path, text).alpha_beta_gy == {"Scar": 2.0}


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    faults = refused(
        tmp_path,
        """
        organ = 3
        colour = "blue"
        [prescription.2]
        dose_gy = -1
        [dose]
        interpolation = 1
        """,
    )

    assert [fault.split(":")[1].strip() for fault in faults] == [
        "organ",
        "colour",
        "prescription.2.dose_gy",
        "prescription.2.n_fractions",
        "dose.interpolation",
    ]


def test_bad_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, 'organ = "Liver"\noar_concern yes\n')

    assert "settings.toml is not valid TOML" in fault
    assert "line 2" in fault


def test_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b'[structures]\n"H\xedgado" = "Liver"\n')
    with pytest.raises(SettingsError, match=r"line 2 holds bytes that are not UTF-8"):
        load_settings(path)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert loaded(tmp_path, '\ufefforgan = "Spleen"').organ == "Spleen"


@pytest.mark.parametrize("name", ["absent.toml", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="the settings cannot be read"):
        load_settings(tmp_path / name)


@given(number=st.integers() | st.floats())
def test_no_number_breaks_the_check_of_a_dose(
    tmp_path_factory: pytest.TempPathFactory, number: float
) -> None:
    folder = tmp_path_factory.mktemp("settings")
    text = f"[prescription.1]\ndose_gy = {number}\nn_fractions = 5"
    if 0.1 <= number <= 200:
        assert loaded(folder, text).prescription[1].dose_gy == number
    else:
        (fault,) = refused(folder, text)
        assert "is outside 0.1 to 200 Gy" in fault
