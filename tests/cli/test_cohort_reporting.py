from pathlib import Path

import pytest
from typer.testing import CliRunner

from reirrad.cli.cohort_reporting import checked_months
from reirrad.cli.main import app
from reirrad.cli.outcome import Exit
from reirrad.core.cohort.records import records_of
from reirrad.phantoms.example_cohort import example_cohort
from reirrad.store.database import Store
from reirrad.store.registry import put_records

run = CliRunner()
OUTCOMES = (
    "Overall survival · patients",
    "Progression-free survival · patients",
    "Local progression · lesions",
    "Objective response · patients",
    "Clinical benefit · patients",
    "Any toxicity, acute (over the whole of its window) · patients",
    "Any toxicity, late (over the whole of its window) · patients",
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('cohort') / 'registry.sqlite'}"
    store = Store.open(url)
    try:
        records = records_of(example_cohort())
        put_records(store, records, who="tester", reason="example")
    finally:
        store.close()
    return url


@pytest.mark.slow
def test_the_question_of_the_paper_is_answered_by_one_command(database: str) -> None:
    told = run.invoke(app, ["cohort", "outcome", "--database", database])
    assert told.exit_code == Exit.ASSESSED
    lines = told.stdout.splitlines()
    assert lines[0].startswith("Outcome at 12 months by type of re-irradiation")
    assert lines[1] == "18 patients, 20 re-irradiation courses, 25 lesions"
    for outcome in OUTCOMES:
        start = lines.index(outcome) + 1
        groups = [line.split()[0] for line in lines[start : start + 3]]
        assert groups[0] == "All"
        assert groups[1] == "1A"
    assert max(map(len, lines)) <= 100


@pytest.mark.slow
def test_another_time_and_other_groups_can_be_asked_for(database: str) -> None:
    asked = ["cohort", "outcome", "--months", "6", "--by", "sex"]
    told = run.invoke(app, [*asked, "--database", database])
    assert told.stdout.startswith("Outcome at 6 months by sex")
    assert "female" in told.stdout


@pytest.mark.slow
def test_a_report_of_the_registry_is_written_whole(
    database: str, tmp_path: Path
) -> None:
    out = tmp_path / "report"
    asked = ["cohort", "report", "--out", str(out), "--database", database]
    told = run.invoke(app, [*asked, "--horizon", "6", "--horizon", "12"])
    assert told.exit_code == Exit.ASSESSED
    assert told.stdout.strip() == str(out / "report.html")
    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert {
        "report.html",
        "report.pdf",
        "results.json",
        "methods.txt",
        "tables.xlsx",
        "figures/swimmer.svg",
        "figures/overall_survival.png",
        "tables/outcome_6_months.csv",
        "tables/outcome_12_months.csv",
        "tables/table2_population.tex",
    } <= names


def test_an_empty_registry_is_told_as_such(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    Store.open(url).close()
    told = run.invoke(app, ["cohort", "outcome", "--database", url])
    assert told.exit_code == Exit.ASSESSED
    assert "0 patients" in told.stdout
    assert "nothing to report" in told.stdout


def test_an_empty_registry_is_not_reported(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    Store.open(url).close()
    out = tmp_path / "report"
    asked = ["cohort", "report", "--out", str(out), "--database", url]
    told = run.invoke(app, asked)
    assert told.exit_code == Exit.REFUSED
    assert "nothing to report" in told.stderr
    assert not out.exists()


def test_a_registry_that_is_not_there_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'mistyped.sqlite'}"
    told = run.invoke(app, ["cohort", "outcome", "--database", url])
    assert told.exit_code == Exit.REFUSED
    assert "there is no such database" in told.stderr


def test_times_come_sorted_and_once() -> None:
    assert checked_months([12.0, 6.0, 12.0]) == (6.0, 12.0)


@pytest.mark.parametrize("months", ["0", "-3", "1200", "nan", "inf"])
def test_what_is_no_time_is_refused_in_a_sentence(months: str) -> None:
    told = run.invoke(app, ["cohort", "outcome", "--months", months])
    assert told.exit_code == Exit.REFUSED
    assert "Give months above 0 and below 1200." in told.stderr


@pytest.mark.parametrize("call", [["--by", "eye_colour"], ["--months", "soon"]])
def test_a_call_that_makes_no_sense_is_refused(call: list[str]) -> None:
    assert run.invoke(app, ["cohort", "outcome", *call]).exit_code == Exit.REFUSED


def test_a_folder_that_cannot_be_written_is_told_before_the_work(
    tmp_path: Path,
) -> None:
    in_the_way = tmp_path / "report"
    in_the_way.write_text("a file")
    told = run.invoke(app, ["cohort", "report", "--out", str(in_the_way)])
    assert told.exit_code == Exit.REFUSED
    assert "a file stands where a folder is needed" in told.stderr
