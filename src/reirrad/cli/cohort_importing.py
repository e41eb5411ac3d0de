"""What ``reirrad cohort import`` says: faults in their cells, and what was done."""

import shutil
import textwrap
from collections import Counter, defaultdict
from pathlib import Path

import typer

from reirrad.cli.outcome import Exit
from reirrad.cli.terminal_text import print_problem, printable
from reirrad.interchange.file_faults import FileFault
from reirrad.workflows.cohort_import import ImportResult, write_faults

__all__ = ["show_import"]

WIDEST = 100
MOST_SHOWN = 50
LONGEST_VALUE = 60
INDENT = "    "


def show_import(
    result: ImportResult, *, errors_file: Path | None, dry_run: bool
) -> Exit:
    """Print what is wrong in a file and what was taken over.

    Faults go to stderr, those that keep records out first. Exit code 2 if nothing can
    be taken over.
    """
    for note in result.notes:
        typer.echo(note)
    for fault in result.faults[:MOST_SHOWN]:
        _print_wrapped(f"{fault.severity}: {_place(fault)}", _sentence(fault))
    _print_rest(result, errors_file)
    if result.refused:
        _print_refusal(result)
        return Exit.REFUSED
    _print_changes(result)
    _print_left_out(result)
    typer.echo(_done(result, dry_run=dry_run))
    return Exit.ASSESSED


def _place(fault: FileFault) -> str:
    parts = [
        f"sheet {fault.sheet}" if fault.sheet else "",
        f"row {fault.row}" if fault.row else "",
        f"column {fault.column}" if fault.column else "",
    ]
    place = ", ".join(part for part in parts if part)
    return f"{place}: {_short(fault.value)}" if fault.value else place


def _short(value: str) -> str:
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}..."


def _sentence(fault: FileFault) -> str:
    return f"{fault.problem}. Allowed: {fault.allowed}."


def _print_wrapped(first: str, second: str) -> None:
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    for text, indent in ((first, ""), (second, INDENT)):
        wrapped = textwrap.wrap(
            printable(text),
            width,
            initial_indent=indent,
            subsequent_indent=INDENT,
            break_on_hyphens=False,
        )
        for line in wrapped:
            print_problem(line)


def _print_rest(result: ImportResult, errors_file: Path | None) -> None:
    more = len(result.faults) - MOST_SHOWN
    if errors_file is not None:
        write_faults(result.faults, errors_file)
        print_problem(f"All {len(result.faults)} errors and warnings: {errors_file}")
    elif more > 0:
        print_problem(f"And {more} more; --errors FILE.csv writes all of them.")


def _print_refusal(result: ImportResult) -> None:
    counts = Counter(fault.severity for fault in result.faults)
    errors = _counted(counts["error"], "error")
    print_problem(f"Nothing was imported: {errors}. Correct the file and try again.")
    right = result.n_patients - len(result.left_out)
    if result.may_skip:
        print_problem(
            f"--skip-wrong imports the {right} of {result.n_patients} patients "
            f"without an error."
        )


def _print_changes(result: ImportResult) -> None:
    typer.echo(f"{'':<12}{'added':>10}{'changed':>10}{'unchanged':>11}")
    for kind, done in result.changes.items():
        typer.echo(f"{kind:<12}{done.added:>10}{done.changed:>10}{done.unchanged:>11}")


def _print_left_out(result: ImportResult) -> None:
    if not result.left_out:
        return
    rows: dict[str, list[int]] = defaultdict(list)
    for sheet, row in result.left_out:
        rows[sheet].append(row)
    places = "; ".join(
        f"{f'sheet {sheet}, ' if sheet else ''}rows {', '.join(map(str, numbers))}"
        for sheet, numbers in rows.items()
    )
    _print_wrapped(
        f"Left out: {len(result.left_out)} of {result.n_patients} patients, with "
        f"all their records, for their errors:",
        f"{places}.",
    )


def _done(result: ImportResult, *, dry_run: bool) -> str:
    changed = sum(done.added + done.changed for done in result.changes.values())
    patients = result.n_patients - len(result.left_out)
    what = f"{_counted(changed, 'record')} of {_counted(patients, 'patient')}"
    if dry_run:
        return f"Would import {what}; nothing was changed (--dry-run)."
    return f"Imported {what}."


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
