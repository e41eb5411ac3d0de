"""The report of a cohort as a folder of files."""

from pathlib import Path

from reirrad.interchange.spreadsheets import Rows, write_csv, write_sheets
from reirrad.reports.cohort_document import cohort_tables
from reirrad.reports.cohort_files import FIGURE_FILES, cohort_files
from reirrad.reports.cohort_latex import note_rows, table_rows
from reirrad.reports.cohort_statistics import STATISTICS, statistics_rows
from reirrad.stats.cohort_results import CohortResults
from reirrad.workflows.publish import publish

__all__ = ["write_cohort_report"]

NOTES = "notes"


def write_cohort_report(results: CohortResults, folder: Path) -> None:
    """Write page, PDF, tables, figures, results and methods, all or nothing.

    The same results give the same bytes. A figure of an earlier report in this folder
    is removed where it cannot be drawn any more.

    Parameters
    ----------
    results
        What to report.
    folder
        Created where missing.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    files = cohort_files(results)
    named = cohort_tables(results)
    tables: dict[str, Rows] = {name: table_rows(table) for name, table in named.items()}
    tables[NOTES] = note_rows(named.values())
    tables[STATISTICS] = statistics_rows(results.outputs)

    def write(fresh: Path) -> None:
        for name, content in files.items():
            place = fresh / name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(content)
        for name, rows in tables.items():
            write_csv(fresh / "tables" / f"{name}.csv", rows)
        write_sheets(fresh / "tables.xlsx", tables)

    publish(folder, write, only_new=FIGURE_FILES)
