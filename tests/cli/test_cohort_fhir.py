import json
from datetime import date
from pathlib import Path

from typer.testing import CliRunner

from reirrad.cli.main import app
from reirrad.core.cohort.clinical_records import Patient
from reirrad.store.database import Store
from reirrad.store.registry import put_records


def filled(folder: Path) -> str:
    url = f"sqlite:///{folder}/registry.sqlite"
    store = Store.open(url)
    try:
        patient = Patient(patient="P1", birth_date=date(1950, 6, 1))
        put_records(store, [patient], who="tester", reason="test")
    finally:
        store.close()
    return url


def test_the_command_writes_a_bundle(tmp_path: Path) -> None:
    out = tmp_path / "all.json"
    command = ["cohort", "fhir", "--database", filled(tmp_path), "--out", str(out)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "all.json: 1 patient, 2 resources" in result.output
    patient = json.loads(out.read_text())["entry"][0]["resource"]
    assert patient["birthDate"] == "1950"
    assert CliRunner().invoke(app, [*command, "--full-birth-date"]).exit_code == 0
    patient = json.loads(out.read_text())["entry"][0]["resource"]
    assert patient["birthDate"] == "1950-06-01"


def test_a_registry_that_is_not_there_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/empty.sqlite"
    command = ["cohort", "fhir", "--database", url, "--out", str(tmp_path / "x")]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert "reirrad cohort import" in result.stderr
