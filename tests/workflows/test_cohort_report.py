from dataclasses import replace
from pathlib import Path

import pytest

from reirrad.errors import OutputError
from reirrad.interchange.sheet_reading import read_sheets
from reirrad.interchange.spreadsheets import read_csv
from reirrad.workflows.cohort_report import write_cohort_report
from tests.reports.cohort_specimen import NO_RESULTS, cohort_results

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cohort") / "report"
    write_cohort_report(replace(cohort_results(), swims=(), associations=()), out)
    return out


def test_every_table_is_csv_latex_and_a_sheet(folder: Path) -> None:
    names = {path.stem for path in (folder / "tables").glob("*.csv")}
    assert names == set(read_sheets(folder / "tables.xlsx"))
    latex = {path.stem for path in (folder / "tables").glob("*.tex")}
    assert names == {*latex, "statistics", "notes"}
    assert {"table2_population", "table3_courses", "toxicity"} <= names


def test_a_table_keeps_its_words_and_numbers(folder: Path) -> None:
    heading, first, *_ = read_csv(folder / "tables" / "table3_courses.csv").rows
    course = dict(zip(heading, first, strict=True))
    assert course["Patient"] == "PAAAABBBBCCCC"
    assert course["Type"] == "1B"
    assert course["Ov2Gy, organ [cc]"] == "861"


def test_statistics_are_written_with_all_their_digits(folder: Path) -> None:
    rows = read_csv(folder / "tables" / "statistics.csv").rows
    late = [row for row in rows if row[0] == "O26" and row[7] == "low"]
    assert late == [
        ("O26", "Adaptation", "plan", "all", "", "adapted", "", "low", "0.087")
    ]


def test_what_cannot_be_drawn_any_more_is_removed_and_other_files_stay(
    tmp_path: Path,
) -> None:
    results = replace(NO_RESULTS, overlap_cc=(("2", 0.0, 0.0),))
    own = tmp_path / "figures" / "mine.png"
    write_cohort_report(results, tmp_path)
    own.write_bytes(b"mine")
    assert (tmp_path / "figures" / "overlap.svg").exists()
    write_cohort_report(NO_RESULTS, tmp_path)
    assert not (tmp_path / "figures" / "overlap.svg").exists()
    assert own.read_bytes() == b"mine"


def test_a_report_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    in_the_way = tmp_path / "report"
    in_the_way.write_text("a file")
    with pytest.raises(OutputError):
        write_cohort_report(NO_RESULTS, in_the_way)
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
