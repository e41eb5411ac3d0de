"""Bad input gets a clear sentence, and nothing is written."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from typer.testing import CliRunner

from reirrad.cli.main import app
from tests.workflows.exports import course, write_patient


@pytest.fixture
def export(tmp_path: Path) -> Path:
    one = course(1, target_x=-20, frame="1.2.3")
    two = course(2, target_x=20, frame="1.2.3")
    return write_patient(tmp_path / "export", one, two)


def refused(*arguments: str | Path, out: Path) -> str:
    """Standard error of a refused call; nothing may have been written."""
    before = sorted(out.rglob("*")) if out.exists() else None
    result = CliRunner().invoke(
        app, ["assess", *map(str, arguments), "--out", str(out), "--json-only"]
    )
    assert result.exit_code == 2, result.output
    assert (sorted(out.rglob("*")) if out.exists() else None) == before
    assert "Traceback" not in result.output
    assert "Test^Case" not in result.output
    return result.stderr


def objects(folder: Path, modality: str) -> list[Path]:
    paths = sorted(folder.rglob("*.dcm"))
    return [
        p for p in paths if dcmread(p, stop_before_pixels=True).Modality == modality
    ]


def change(path: Path, edit: Callable[[Dataset], object]) -> None:
    dataset = dcmread(path)
    edit(dataset)
    dataset.save_as(path)


def test_no_dicom_at_all(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("no image", encoding="utf-8")
    assert "No DICOM" in refused(tmp_path, out=tmp_path / "out")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "nowhere", out=tmp_path / "out")


def test_one_course_only(export: Path, tmp_path: Path) -> None:
    text = refused(export / "course1", out=tmp_path / "out")
    assert "ne course" in text


def test_two_patients(export: Path, tmp_path: Path) -> None:
    for path in (export / "course2").rglob("*.dcm"):
        change(path, lambda d: setattr(d, "PatientID", "P2"))
    text = refused(export, out=tmp_path / "out")
    assert "patients" in text
    assert "P2" not in text


@pytest.mark.parametrize("modality", ["RTDOSE", "RTSTRUCT"])
def test_missing_objects(export: Path, tmp_path: Path, modality: str) -> None:
    for path in objects(export, modality):
        path.unlink()
    assert modality in refused(export, out=tmp_path / "out")


def test_no_organ_of_that_name_lists_the_names(export: Path, tmp_path: Path) -> None:
    text = refused(export, "--organ", "Brain", out=tmp_path / "out")
    assert "Brain" in text
    assert "Duodenum" in text


def test_the_organ_may_be_named_in_another_language(
    export: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(
        app,
        ["assess", str(export), "--organ", "fegato", "--out", str(out), "--json-only"],
    )
    assert result.exit_code == 0, result.output
    assert "in Liver" in result.stdout


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda d: setattr(d, "DoseUnits", "RELATIVE"), "Dose Units"),
        (lambda d: d.pop("DoseGridScaling"), "Dose Grid Scaling"),
        (lambda d: setattr(d, "PixelData", d.PixelData[:-4000]), "bytes"),
        (lambda d: setattr(d, "DoseType", "EFFECTIVE"), "Dose Type"),
        (lambda d: setattr(d, "DoseSummationType", "FRACTION"), "Dose Summation Type"),
        (lambda d: setattr(d, "DoseGridScaling", d.DoseGridScaling / 5), "fraction"),
    ],
    ids=[
        "relative",
        "no scaling",
        "too short",
        "effective",
        "fraction",
        "per fraction",
    ],
)
def test_doses_that_cannot_be_trusted(
    export: Path, tmp_path: Path, edit: Callable[[Dataset], object], words: str
) -> None:
    change(objects(export / "course1", "RTDOSE")[0], edit)
    assert words in refused(export, out=tmp_path / "out")


def test_no_prescription_names_the_setting(export: Path, tmp_path: Path) -> None:
    change(
        objects(export / "course1", "RTPLAN")[0],
        lambda d: d.pop("DoseReferenceSequence"),
    )
    assert "[prescription.1]" in refused(export, out=tmp_path / "out")


def test_a_missing_plan_is_fine_with_settings(tmp_path: Path) -> None:
    one, two = course(1, target_x=-20), course(2, target_x=20, offset_mm=15)
    export = write_patient(tmp_path / "export", one, two)
    for path in objects(export, "RTPLAN"):
        path.unlink()
    settings = tmp_path / "settings.toml"
    settings.write_text(
        "[prescription.1]\ndose_gy = 50\nn_fractions = 5\n"
        "[prescription.2]\ndose_gy = 50\nn_fractions = 5\n"
        "[start_date]\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    result = CliRunner().invoke(
        app,
        [
            "assess",
            str(export),
            "--settings",
            str(settings),
            "--out",
            str(out),
            "--json-only",
        ],
    )
    assert result.exit_code == 0, result.output
    assert (out / "assessment.json").exists()


def test_equal_dates(tmp_path: Path) -> None:
    day = date(2024, 1, 1)
    folder = write_patient(
        tmp_path / "export",
        course(1, target_x=-20, start=day),
        course(2, target_x=20, offset_mm=15, start=day),
    )
    assert "start_date" in refused(folder, out=tmp_path / "out")


def test_a_truncated_file(export: Path, tmp_path: Path) -> None:
    path = objects(export / "course1", "RTSTRUCT")[0]
    path.write_bytes(path.read_bytes()[:-5000])
    text = refused(export, out=tmp_path / "out")
    assert path.name in text


def test_an_unreadable_zip(export: Path, tmp_path: Path) -> None:
    broken = tmp_path / "more.zip"
    broken.write_bytes(b"PK\x03\x04 this is no archive")
    assert "more.zip" in refused(export, broken, out=tmp_path / "out")


def test_zips_are_read_like_folders(export: Path, tmp_path: Path) -> None:
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for path in sorted(export.rglob("*.dcm")):
            target.write(path, path.relative_to(export))
    out = tmp_path / "out"
    result = CliRunner().invoke(
        app, ["assess", str(archive), "--out", str(out), "--json-only"]
    )
    assert result.exit_code == 0, result.output


def test_an_output_that_is_a_file(export: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("occupied", encoding="utf-8")
    result = CliRunner().invoke(
        app, ["assess", str(export), "--out", str(out), "--json-only"]
    )
    assert result.exit_code == 2
    assert str(out) in result.stderr
    assert out.read_text(encoding="utf-8") == "occupied"


def test_all_faults_are_named_at_once(export: Path, tmp_path: Path) -> None:
    change(
        objects(export / "course1", "RTDOSE")[0],
        lambda d: setattr(d, "DoseUnits", "RELATIVE"),
    )
    change(objects(export / "course2", "RTDOSE")[0], lambda d: d.pop("DoseGridScaling"))
    text = refused(export, out=tmp_path / "out")
    assert "Dose Units" in text
    assert "Dose Grid Scaling" in text


def test_a_rejected_registration_exits_with_three(tmp_path: Path) -> None:
    folder = write_patient(
        tmp_path / "export",
        course(1, target_x=-20),
        course(2, target_x=20, offset_mm=15),
    )
    matrix = tmp_path / "matrix.txt"
    matrix.write_text("1 0 0 -70\n0 1 0 0\n0 0 1 0\n0 0 0 1\n", encoding="utf-8")
    out = tmp_path / "out"
    result = CliRunner().invoke(
        app,
        ["assess", str(folder), "--registration", str(matrix), "--out", str(out)],
    )
    assert result.exit_code == 3, result.output
    assert {p.name for p in out.iterdir()} == {
        "assessment.json",
        "report.html",
        "report.pdf",
    }
    assert "WITHHELD" in (out / "report.html").read_text(encoding="utf-8").upper()
