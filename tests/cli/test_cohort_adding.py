"""``reirrad cohort add`` and ``cohort assess`` from the call to the registry."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reirrad.cli.main import app
from reirrad.core.assessment import PatientIdentity
from reirrad.core.cohort.records import Cohort
from reirrad.dicom.write_course import write_course
from reirrad.phantoms.small_patient import small_courses
from reirrad.store.database import Store
from reirrad.store.registry import history, read_cohort
from tests.reports.specimens import two_courses, undetermined
from tests.workflows.cases import IDENTITY, write_case
from tests.workflows.many_patients import QUICK_SETTINGS, write_small_patient


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["cohort", *map(str, arguments)])


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/registry.sqlite"


def registry(folder: Path) -> Cohort:
    store = Store.open(url(folder))
    try:
        return read_cohort(store)
    finally:
        store.close()


def test_a_case_is_added_and_said(tmp_path: Path) -> None:
    case = write_case(tmp_path / "case", two_courses())
    result = run("add", case, "--database", url(tmp_path), "--who", "physicist")

    assert result.exit_code == 0, result.output
    cohort = registry(tmp_path)
    first, *remarks = result.stdout.splitlines()
    assert first.startswith(f"{cohort.patient[0].patient}: ")
    assert first.endswith("0 changed, 0 unchanged, 0 removed")
    assert any("its last day is not known" in one for one in remarks)
    assert IDENTITY.id not in result.output
    assert (tmp_path / "cohort.key").stat().st_mode & 0o777 == 0o600
    store = Store.open(url(tmp_path))
    assert {one.who for one in history(store)} == {"physicist"}
    store.close()


def test_the_same_again_is_said_to_be_unchanged(tmp_path: Path) -> None:
    case = write_case(tmp_path / "case", two_courses())
    run("add", case, "--database", url(tmp_path))
    result = run("add", case / "assessment.json", "--database", url(tmp_path))
    assert ": 0 records added, 0 changed, " in result.stdout


def test_one_bad_case_stops_no_other(tmp_path: Path) -> None:
    good = write_case(tmp_path / "good", two_courses())
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "assessment.json").write_text("{}", encoding="utf-8")
    result = run("add", bad, tmp_path / "none", good, "--database", url(tmp_path))

    assert result.exit_code == 2
    assert len(registry(tmp_path).patient) == 1
    assert "1 of 3 assessments added" in result.stdout
    first, second = result.stderr.splitlines()
    assert first.startswith(f"{bad}/assessment.json: is not an assessment")
    assert second.startswith(f"{tmp_path}/none: cannot be read")


def test_a_withheld_verdict_is_told(tmp_path: Path) -> None:
    case = write_case(tmp_path / "case", undetermined())
    result = run("add", case, "--database", url(tmp_path))
    assert result.exit_code == 0
    assert "the verdict was withheld" in result.stdout
    assert registry(tmp_path).overlap[0].resbrt_type == "undetermined"


def test_a_given_pseudonym_needs_no_key(tmp_path: Path) -> None:
    case = write_case(tmp_path / "case", two_courses())
    result = run("add", case, "--as", "LIVER-07", "--database", url(tmp_path))
    assert result.exit_code == 0
    assert registry(tmp_path).patient[0].patient == "LIVER-07"
    assert not (tmp_path / "cohort.key").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("case", "case", "--as", "LIVER-07"), "names one patient"),
        (("case", "--as", "Meyer^Anna"), "is no pseudonym"),
    ],
)
def test_a_pseudonym_that_cannot_be_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    result = run("add", *arguments, "--database", url(tmp_path))
    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.slow
def test_everybody_is_assessed_added_and_summed_up(tmp_path: Path) -> None:
    write_small_patient(tmp_path / "root" / "a", "P0")
    who = PatientIdentity("P1", "Test", None, None)
    write_course(small_courses(14.0)[0], tmp_path / "root" / "b", patient=who)
    (tmp_path / "quick.toml").write_text(QUICK_SETTINGS, encoding="utf-8")
    arguments = (
        *("assess", tmp_path / "root", "--out", tmp_path / "out", "--json-only"),
        *("--settings", tmp_path / "quick.toml", "--workers", "1"),
    )
    first = run(*arguments, "--database", url(tmp_path))
    assert not (tmp_path / "registry.sqlite").exists()
    again = run(*arguments, "--add", "--database", url(tmp_path))

    assert first.exit_code == again.exit_code == 2
    assert "Patients           2, 0 finished before" in first.stdout
    assert "Patients           2, 1 finished before" in again.stdout
    assert "refused: One course only was found" in again.stderr
    assert "1 of 2: " in first.stderr
    (patient,) = registry(tmp_path).patient
    assert (tmp_path / "out" / patient.patient / "assessment.json").exists()
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert summary["counts"] == {
        "assessed": 1,
        "withheld": 0,
        "refused": 1,
        "failed": 0,
    }
    with (tmp_path / "out" / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["record_id"]: row for row in csv.DictReader(file)}
    assert rows[patient.patient]["outcome"] == "assessed"
    assert rows[patient.patient]["resbrt_types"] == "1B"
    assert "last day is not known" in rows[patient.patient]["registry_remarks"]
    assert "in the summary" in again.stdout
    assert str(tmp_path / "root") not in first.output + again.output
    assert "Test" not in first.output + again.output


def test_results_among_the_files_are_refused(tmp_path: Path) -> None:
    result = run(
        *("assess", tmp_path, "--out", tmp_path / "out", "--database", url(tmp_path))
    )
    assert result.exit_code == 2
    assert "Choose another folder with --out" in result.stderr
