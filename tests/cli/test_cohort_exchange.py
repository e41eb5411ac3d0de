"""``reirrad cohort template``, ``import`` and ``export`` from the call to the files."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reirrad.cli.main import app
from reirrad.interchange.spreadsheets import Cell, Rows, read_csv, write_csv
from reirrad.workflows.cohort_export import COHORT_FILES, TEMPLATE_FILES

HEADER: list[Cell] = ["record_id", "patient_sex", "patient_birth_date"]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["cohort", *map(str, arguments)])


def bring(*arguments: str | Path) -> Result:
    return run("import", *arguments, "--own-pseudonyms")


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'registry.sqlite'}"


def table(folder: Path, rows: Rows) -> Path:
    write_csv(folder / "records.csv", [HEADER, *rows])
    return folder / "records.csv"


def test_templates_are_written_and_named(tmp_path: Path) -> None:
    result = run("template", "--out", tmp_path)

    assert result.exit_code == 0, result.output
    assert result.stdout.split() == [str(tmp_path / name) for name in TEMPLATE_FILES]


def test_a_table_goes_in_and_comes_out(tmp_path: Path, database: str) -> None:
    file = table(tmp_path, [["P1", "male", "1950-01-01"]])

    brought = bring(file, "--database", database, "--who", "tester")
    out = run("export", "--out", tmp_path / "out", "--database", database)

    assert (brought.exit_code, out.exit_code) == (0, 0), brought.output + out.output
    assert "patient              1         0          0" in brought.stdout
    assert brought.stdout.endswith("Imported 1 record of 1 patient.\n")
    assert out.stdout.startswith("1 patient, 0 courses\n")
    assert [(tmp_path / "out" / name).is_file() for name in COHORT_FILES] == [True] * 2


def test_every_error_is_said_with_its_place(tmp_path: Path, database: str) -> None:
    file = table(tmp_path, [["P1", "man", "1950"], ["P2", "male", None]])

    result = bring(file, "--database", database)

    assert result.exit_code == 2
    assert "error: row 2, column patient_sex: man\n" in result.stderr
    assert "    not a value of this field. Allowed: one of female" in result.stderr
    assert "error: row 2, column patient_birth_date: 1950\n" in result.stderr
    assert "Nothing was imported: 2 errors." in result.stderr
    assert "--skip-wrong imports the 1 of 2 patients" in result.stderr
    assert "Imported" not in result.stdout


def test_patients_with_errors_are_left_out_and_told(
    tmp_path: Path, database: str
) -> None:
    file = table(tmp_path, [["P1", "man", None], ["P2", "male", None]])

    result = bring(file, "--database", database, "--skip-wrong", "--dry-run")

    assert result.exit_code == 0
    assert "Left out: 1 of 2 patients" in result.stderr
    assert "    rows 2." in result.stderr
    assert "Would import 1 record of 1 patient; nothing was changed" in result.stdout


def test_more_errors_than_a_screen_holds_go_to_a_table(
    tmp_path: Path, database: str
) -> None:
    file = table(tmp_path, [[f"P{n}", "man", None] for n in range(60)])
    errors = tmp_path / "errors.csv"

    short = bring(file, "--database", database)
    all_of_them = bring(file, "--database", database, "--errors", errors)

    assert short.stderr.count("error: row") == 50
    assert "And 10 more; --errors FILE.csv writes all of them." in short.stderr
    assert f"All 60 errors and warnings: {errors}" in all_of_them.stderr
    assert len(read_csv(errors).rows) == 61


def test_no_line_is_wider_than_a_hundred_columns(tmp_path: Path, database: str) -> None:
    header: list[Cell] = [
        "record_id",
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
        "toxicity_term",
    ]
    write_csv(
        tmp_path / "t.csv", [header, ["P1", "toxicity", 1, "headache\x1b[2J" * 9]]
    )

    result = bring(tmp_path / "t.csv", "--database", database)

    assert max(map(len, result.stderr.splitlines())) <= 100
    assert "\x1b" not in result.stderr


def test_a_file_of_another_kind_is_refused(tmp_path: Path, database: str) -> None:
    result = bring(tmp_path / "records.ods", "--database", database)

    assert result.exit_code == 2
    assert ".csv and .xlsx" in result.stderr


def test_a_table_of_errors_that_cannot_be_written_stops_the_import(
    tmp_path: Path, database: str
) -> None:
    file = table(tmp_path, [["P1", "male", None]])

    result = bring(file, "--database", database, "--errors", tmp_path / "no" / "e.csv")

    assert result.exit_code == 2
    assert "--errors" in result.stderr
    assert not (tmp_path / "registry.sqlite").exists()


def test_hospital_numbers_need_an_option(tmp_path: Path, database: str) -> None:
    file = table(tmp_path, [["4711", "male", None]])
    errors = tmp_path / "errors.csv"

    result = run("import", file, "--database", database, "--errors", errors)

    assert result.exit_code == 2
    assert "--own-pseudonyms" in result.stderr
    assert "4711" not in result.output + errors.read_text()


def test_everybody_left_out_is_a_refusal(tmp_path: Path, database: str) -> None:
    file = table(tmp_path, [["P1", "man", None]])

    result = bring(file, "--database", database, "--skip-wrong")

    assert result.exit_code == 2
    assert "Nothing was imported: 1 error." in result.stderr


@pytest.mark.parametrize("kind", ["sqlite", "sqlite+pysqlite", "SQLite"])
def test_the_key_lies_beside_the_database(tmp_path: Path, kind: str) -> None:
    write_csv(tmp_path / "t.csv", [["patient_id"], ["4711"]])

    result = run(
        "import", tmp_path / "t.csv", "--database", f"{kind}:///{tmp_path}/r.sqlite"
    )

    assert result.exit_code == 0, result.output
    assert (tmp_path / "cohort.key").is_file()
