import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reirrad.cli.cohort_listing import show_patients
from reirrad.cli.main import app
from reirrad.core.cohort.clinical_records import Patient
from reirrad.core.cohort.records import records_of
from reirrad.phantoms.example_cohort import example_cohort
from reirrad.stats.patient_rows import PatientRow
from reirrad.store.database import Store
from reirrad.store.registry import put_records

WIDEST = 100
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a registry with the example of a cohort."""
    url = f"sqlite:///{tmp_path / 'reirrad.sqlite'}"
    cohort = example_cohort(1)
    with closing(Store.open(url)) as store:
        put_records(store, records_of(cohort), who="anna", reason="import")
        course = replace(cohort.course[0], ecog=3, intent=None)
        put_records(store, [course], who="p" * 60, reason="r" * 190)
    monkeypatch.setenv("REIRRAD_DATABASE", url)
    runner = CliRunner()
    return lambda *words, **options: runner.invoke(app, ["cohort", *words], **options)


def test_the_list_of_patients(run: Run) -> None:
    result = run("list")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[0].split()[0] == "patient"
    assert sum(line.startswith("EX") for line in lines) == 18
    assert "20 re-irradiation courses, 25 lesions." in result.stdout
    assert "known for 18 of 18" in result.stdout
    assert "of these 18 died." in result.stdout
    assert max(map(len, lines)) <= WIDEST


def test_one_patient_is_counted_in_the_singular(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = PatientRow(
        patient="EX001",
        n_courses=2,
        n_reirradiations=1,
        n_lesions=1,
        first_start=None,
        stratum="1A",
        followed_months=None,
        died=True,
    )
    show_patients([row], "strict")
    told = capsys.readouterr().out
    assert "1 patient, 1 of them re-irradiated: 1 re-irradiation course, 1 les" in told
    # Whoever is not followed is not counted among the dead either.
    assert "0 of these 0 died." in told


def test_the_history_of_a_patient(run: Run) -> None:
    everything = run("history").stdout.splitlines()
    assert max(map(len, everything)) <= WIDEST
    course = example_cohort(1).course[0]
    result = run("history", "--patient", course.patient)
    lines = result.stdout.splitlines()
    assert 0 < len(lines) < len(everything)
    assert f"changed course {course.number} of {course.patient}" in result.stdout
    before = "not known" if course.ecog is None else course.ecog
    assert f"    ecog: {before} -> 3" in lines


def test_the_history_of_nobody(run: Run) -> None:
    result = run("history", "--patient", "P9")
    assert result.exit_code == 2
    assert "no such patient" in result.stderr


def test_backup_and_restore(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(tmp_path / "backup.zip")
    saved = run("backup", file)
    assert saved.exit_code == 0
    assert saved.stdout.splitlines()[-1] == file
    before = run("history").stdout
    assert run("restore", file).exit_code == 2
    monkeypatch.setenv("REIRRAD_DATABASE", f"sqlite:///{tmp_path / 'new.sqlite'}")
    restored = run("restore", file, "--who", "it")
    assert restored.exit_code == 0
    assert restored.stdout.splitlines() == saved.stdout.splitlines()[:-1]
    assert run("history").stdout == before


def test_a_patient_is_removed_when_it_is_meant(run: Run) -> None:
    patient = example_cohort(1).patient[0].patient
    asked = ["remove", patient, "--reason", "withdrawn"]
    assert run(*asked, input="n\n").exit_code == 2
    assert patient in run("list").stdout
    unanswered = run(*asked, input="")
    assert unanswered.exit_code == 2
    assert "Nothing was removed" in unanswered.stderr
    assert run(*asked, input="y\n").exit_code == 0
    assert patient not in run("list").stdout
    assert run(*asked, "--yes").exit_code == 2


def test_pseudonyms_are_read_from_lines_that_are_typed(
    run: Run, tmp_path: Path
) -> None:
    typed = run("pseudonym", "-", input="4711\n4712\n")
    assert typed.exit_code == 0
    first, second = typed.stdout.splitlines()
    assert run("pseudonym", "4712").stdout == f"{second}\n"
    key = str(tmp_path / "other.key")
    assert run("pseudonym", "4711", "--key", key).stdout != f"{first}\n"
    assert run("pseudonym", "-", input="").exit_code == 2


def test_an_empty_registry(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    monkeypatch.setenv("REIRRAD_DATABASE", url)
    assert run("list").exit_code == 2
    Store.open(url).close()
    assert run("list").stdout == "The registry has no patient.\n"
    assert run("history").stdout == ""


@pytest.mark.slow
def test_a_removal_that_is_interrupted(run: Run) -> None:
    program = "from reirrad.cli.main import app; app()"
    asked = ["cohort", "remove", "EX001", "--reason", "withdrawn"]
    with subprocess.Popen(  # noqa: S603 - the program itself
        [sys.executable, "-c", program, *asked],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read(6) == b"Remove"
        # One that comes just before it begins to read the answer is not noticed.
        for _ in range(6):
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
                break
        _, said = process.communicate(timeout=30)
    assert (process.returncode, b"Nothing was removed" in said) == (130, True)
    assert "EX001" in run("list").stdout


def test_one_record_is_one_record(run: Run) -> None:
    url = os.environ["REIRRAD_DATABASE"]
    with closing(Store.open(url)) as store:
        put_records(store, [Patient(patient="P1")], who="anna", reason="import")
    removed = run("remove", "P1", "--reason", "mistake", "--yes")
    assert removed.stdout == "Removed 1 record of P1.\n"
