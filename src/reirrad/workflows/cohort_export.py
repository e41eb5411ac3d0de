"""The registry as files that other programs read, and empty files to fill in."""

from contextlib import closing
from functools import partial
from pathlib import Path

from reirrad.core.cohort.records import Cohort
from reirrad.errors import InputError
from reirrad.interchange.flat_records import flat_rows, record_sheets
from reirrad.interchange.redcap_dictionary import dictionary_rows
from reirrad.interchange.spreadsheets import write_csv, write_sheets
from reirrad.interchange.templates import (
    flat_template,
    template_drop_downs,
    template_sheets,
)
from reirrad.store.database import Store
from reirrad.store.registry import read_cohort
from reirrad.workflows.publish import publish

__all__ = [
    "COHORT_FILES",
    "TEMPLATE_FILES",
    "export_registry",
    "write_cohort_files",
    "write_templates",
]

COHORT_FILES = ("cohort.csv", "cohort.xlsx")
TEMPLATE_FILES = ("template.xlsx", "template.csv", "redcap_dictionary.csv")


def export_registry(url: str, out: Path) -> Cohort:
    """Write every record of a registry to a folder; the records are returned.

    Raises
    ------
    InputError
        If the registry has no record.
    OutputError
        If the folder cannot be written.
    StoreError
        If the registry cannot be read.
    """
    with closing(Store.existing(url)) as store:
        cohort = read_cohort(store)
    if not cohort.patient:
        msg = (
            "The registry has no patient. Bring some in with `reirrad cohort import` "
            "or `reirrad cohort add`, or name another database with --database."
        )
        raise InputError(msg)
    publish(out, partial(write_cohort_files, cohort), owner_only=True)
    return cohort


def write_cohort_files(cohort: Cohort, folder: Path) -> None:
    """Write a cohort as ``cohort.csv``, which REDCap imports, and ``cohort.xlsx``."""
    write_csv(folder / COHORT_FILES[0], flat_rows(cohort))
    write_sheets(folder / COHORT_FILES[1], record_sheets(cohort))


def write_templates(out: Path) -> None:
    """Write empty tables to fill in, and the data dictionary for REDCap.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    publish(out, _write_templates)


def _write_templates(folder: Path) -> None:
    workbook, table, dictionary = (folder / name for name in TEMPLATE_FILES)
    write_sheets(workbook, template_sheets(), drop_downs=template_drop_downs())
    write_csv(table, flat_template())
    write_csv(dictionary, dictionary_rows())
