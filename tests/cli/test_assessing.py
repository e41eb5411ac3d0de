"""``reirrad assess`` and ``demo`` from the call to the files."""

import json
from pathlib import Path

import jsonschema
import pytest
from pydicom import dcmread
from typer.testing import CliRunner, Result

from reirrad.cli.main import app
from reirrad.reports.json_document import schema
from tests.dicom.validator import errors_of
from tests.workflows.exports import PATIENT, course, write_patient

REPORTS = {"assessment.json", "report.html", "report.pdf"}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    one = course(1, target_x=-20, frame="1.2.3")
    two = course(2, target_x=20, frame="1.2.3")
    return write_patient(tmp_path_factory.mktemp("export"), one, two)


def test_an_assessment_writes_its_files_and_says_the_verdict(
    export: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = run("assess", export, "--out", out)

    assert result.exit_code == 0, result.output
    assert names(out) == REPORTS
    assert names(tmp_path) == {"out"}
    assert "re-SBRT type" in result.stdout
    assert str(out / "report.html") in result.stdout
    assert PATIENT.name not in result.output
    document = json.loads((out / "assessment.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema())
    assert document["pairs"][0]["classification"]["resbrt_type"] in result.stdout


def test_json_only_leaves_the_report_out(export: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("assess", export, "--out", out, "--json-only")

    assert result.exit_code == 0, result.output
    assert names(out) == {"assessment.json"}
    assert str(out / "assessment.json") in result.stdout


def test_dicom_is_written_when_asked(export: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "dicom").mkdir(parents=True)
    for name in ("reirrad_RTDOSE_EQD2_ab10.dcm", "reirrad_PDF.dcm", "own.dcm"):
        (out / "dicom" / name).write_text("of an earlier run or of somebody else")
    result = run("assess", export, "--out", out, "--dicom", "--json-only")

    assert result.exit_code == 0, result.output
    assert names(out) == {"assessment.json", "dicom"}
    # In one frame of reference there is no registration, without report no PDF.
    assert names(out / "dicom") == {
        "own.dcm",
        "reirrad_RTDOSE_EQD2_ab3.dcm",
        "reirrad_RTDOSE_budget_5fx.dcm",
        "reirrad_RTDOSE_physical_C1.dcm",
        "reirrad_RTSTRUCT.dcm",
        "reirrad_SR.dcm",
    }
    document = json.loads((out / "assessment.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema())


def test_the_report_is_put_into_dicom(export: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("[dicom]\neqd2_alpha_beta_gy = [2.5, 10]\n")
    out = tmp_path / "out"
    result = run("assess", export, "--out", out, "--dicom", "--settings", settings)

    assert result.exit_code == 0, result.output
    pdf = (out / "report.pdf").read_bytes()
    dataset = dcmread(out / "dicom" / "reirrad_PDF.dcm")
    length = dataset.EncapsulatedDocumentLength
    assert dataset.EncapsulatedDocument[:length] == pdf
    ratios = {path.stem[-4:] for path in (out / "dicom").glob("*EQD2*")}
    assert ratios == {"b2.5", "ab10"}


def test_the_organ_can_be_chosen(export: Path, tmp_path: Path) -> None:
    result = run(
        "assess", export, "--out", tmp_path / "out", "--json-only", "--organ", "Brain"
    )

    assert result.exit_code == 2
    assert "Brain" in result.stderr
    assert "Liver" in result.stderr
    assert not (tmp_path / "out").exists()


def test_bad_settings_are_refused_with_every_fault(
    export: Path, tmp_path: Path
) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text(
        "colour = 1\n[prescription.1]\ndose_gy = 5000\nn_fractions = 5\n",
        encoding="utf-8",
    )
    result = run("assess", export, "--out", tmp_path / "out", "--settings", settings)

    assert result.exit_code == 2
    first, second = result.stderr.splitlines()
    assert first.startswith("mine.toml: colour: unknown key")
    assert second.endswith("5000 is outside 0.1 to 200 Gy (is it in cGy?).")
    assert names(tmp_path) == {"mine.toml"}


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(
    export: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    result = run("assess", export, "--out", tmp_path / "out")

    assert result.exit_code == 2
    (sentence,) = result.stderr.splitlines()
    assert "a file stands where a folder is needed" in sentence


def test_an_empty_folder_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("assess", tmp_path / "empty", "--out", tmp_path / "out")

    assert result.exit_code == 2
    assert "DICOM" in result.stderr
    assert result.stdout == ""
    assert names(tmp_path) == {"empty"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("1 0 0\n", "four lines of four numbers", id="no matrix"),
        pytest.param(None, "absent.txt", id="no file"),
    ],
)
def test_a_bad_registration_is_refused(
    export: Path, tmp_path: Path, content: str | None, said: str
) -> None:
    registration = tmp_path / "absent.txt"
    if content is not None:
        registration.write_text(content, encoding="utf-8")
    result = run(
        "assess", export, "--out", tmp_path / "out", "--registration", registration
    )

    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_real_patient_is_assessed(shared: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("assess", shared / "data" / "liver_ct_two_course", "--out", out)

    assert result.exit_code == 0, result.output
    assert names(out) == REPORTS


@pytest.mark.slow
def test_a_wrong_registration_withholds_the_verdict(
    shared: Path, tmp_path: Path
) -> None:
    registration = tmp_path / "matrix.txt"
    registration.write_text(
        "1 0 0 150\n0 1 0 90\n0 0 1 80\n0 0 0 1\n", encoding="utf-8"
    )
    data = shared / "data" / "liver_ct_two_course"
    result = run(
        "assess",
        *(data / "course1", data / "course2"),
        *("--out", tmp_path / "out", "--registration", registration, "--json-only"),
    )

    assert result.exit_code == 3, result.output
    assert result.stdout.startswith("VERDICT WITHHELD")
    assert names(tmp_path / "out") == {"assessment.json"}


@pytest.mark.slow
def test_the_demo_writes_a_patient_and_its_assessment(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    result = run("demo", "--out", out)

    assert result.exit_code == 0, result.output
    assert names(out) == REPORTS | {"patient", "dicom"}
    assert len(names(out / "dicom")) == 7
    assert errors_of(sorted(out.rglob("*.dcm"))) == {}
    assert "re-SBRT type" in result.stdout
