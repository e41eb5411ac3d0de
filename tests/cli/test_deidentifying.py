"""``reirrad deidentify`` from the call to the files."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reirrad.cli.main import app
from tests.dicom.exports import bare, course_export, written


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def export(tmp_path: Path) -> Path:
    course = course_export(1)
    course.objects["sr.dcm"] = bare("SR", "1.2.3.4")
    course["rs.dcm"].StructureSetROISequence[0].ROIName = "Liver Phantom"
    return written(tmp_path / "Phantom^One", course)


def test_copies_are_written_and_said(export: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("deidentify", export, "--out", out, "--key", tmp_path / "key")

    assert result.exit_code == 0, result.output
    report = json.loads((out / "deidentification.json").read_text(encoding="utf-8"))
    (patient,) = report["patients"]
    assert f"{patient['id']}: 5 CT, 1 RTDOSE, 1 RTPLAN, 1 RTSTRUCT" in result.stdout, (
        result.stdout
    )
    assert "ROI Name kept: PTV" in result.stdout
    assert "warning: output: ROI Name: 1 text(s) held a name" in result.stdout
    assert "Files left out: 1" in result.stdout
    assert str(out / "deidentification.json") in result.stdout
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_what_is_kept_and_sent_names_nobody(export: Path, tmp_path: Path) -> None:
    result = run("deidentify", export, "--out", tmp_path / "out")

    assert "Phantom" not in result.stdout
    assert "PHANTOM" not in result.stdout
    assert "sr.dcm" not in result.stdout
    (line,) = [one for one in result.stderr.splitlines() if "left out" in one]
    assert "sr.dcm: is of a kind that is not cleaned" in line


def test_a_refusal_leaves_nothing(export: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    result = run("deidentify", export, "--out", tmp_path / "out")

    assert result.exit_code == 2
    assert result.stdout == ""
    (sentence,) = result.stderr.splitlines()
    assert sentence.endswith(
        "is not empty, so that not all of it would be cleaned. "
        "Choose a new folder with --out."
    )
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("deidentify", tmp_path / "empty", "--out", tmp_path / "out")

    assert result.exit_code == 2
    assert "No DICOM object was found" in result.stderr
    assert not (tmp_path / "out").exists()
