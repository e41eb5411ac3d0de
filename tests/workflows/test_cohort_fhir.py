import json
from pathlib import Path

import pytest

from reirrad.core.cohort.clinical_records import Patient
from reirrad.errors import InputError, OutputError
from reirrad.store.database import Store
from reirrad.store.registry import put_records, remove_records
from reirrad.workflows.cohort_fhir import ExportedFhir, export_fhir


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Address of a registry with two patients."""
    address = f"sqlite:///{tmp_path}/registry.sqlite"
    store = Store.open(address)
    try:
        patients = [Patient(patient=name) for name in ("P1", "P2")]
        put_records(store, patients, who="tester", reason="test")
    finally:
        store.close()
    return address


def test_one_file_for_all(url: str, tmp_path: Path) -> None:
    out = tmp_path / "here" / "all.json"
    assert export_fhir(url, out) == ExportedFhir(2, 4)
    assert out.stat().st_mode & 0o777 == 0o600
    bundle = json.loads(out.read_text(encoding="utf-8"))
    assert [one["resource"]["resourceType"] for one in bundle["entry"]] == [
        "Patient",
        "Condition",
        "Patient",
        "Condition",
    ]


def test_a_folder_has_a_file_for_each_and_none_of_an_earlier_run(
    url: str, tmp_path: Path
) -> None:
    out = tmp_path / "fhir"
    export_fhir(url, out)
    (out / "notes.json").write_text("{}")
    assert sorted(file.name for file in out.iterdir()) == [
        "fhir-P1.json",
        "fhir-P2.json",
        "notes.json",
    ]
    store = Store.open(url)
    try:
        remove_records(store, [("patient", "P2", 1)], who="tester", reason="test")
    finally:
        store.close()
    export_fhir(url, out)
    names = sorted(file.name for file in out.iterdir())
    assert names == ["fhir-P1.json", "notes.json"]


def test_an_empty_registry_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/empty.sqlite"
    Store.open(url).close()
    with pytest.raises(InputError, match="has no patients"):
        export_fhir(url, tmp_path / "all.json")
    assert not (tmp_path / "all.json").exists()


def test_a_file_in_the_way_of_the_folder_is_refused(url: str, tmp_path: Path) -> None:
    (tmp_path / "fhir").write_text("")
    with pytest.raises(OutputError):
        export_fhir(url, tmp_path / "fhir")
