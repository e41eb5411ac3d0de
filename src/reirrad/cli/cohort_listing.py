"""What the commands that keep the registry print, 100 columns wide."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence

import typer

from reirrad.cli.terminal_text import printable
from reirrad.core.cohort.fields import fields_of
from reirrad.core.cohort.records import KINDS
from reirrad.reports.wording import plural
from reirrad.stats.patient_rows import PatientRow
from reirrad.store.registry import KeptChange

__all__ = ["show_changes", "show_counts", "show_patients"]

WIDEST = 100
LONGEST_NAME = 24
BETWEEN = "  "
NOTHING = "-"
HEADINGS = (
    "patient",
    "courses",
    "re-irr.",
    "lesions",
    "first re-irr.",
    "type",
    "follow-up (months)",
)


def show_patients(rows: Sequence[PatientRow], kind_of_type: str) -> None:
    """Print a line for each patient, and the sums with their units."""
    if not rows:
        typer.echo("The registry has no patient.")
        return
    _print_table(HEADINGS, [_cells(row) for row in rows])
    treated = [row for row in rows if row.n_reirradiations > 0]
    followed = [row for row in treated if row.followed_months is not None]
    n_courses = sum(row.n_reirradiations for row in treated)
    n_lesions = sum(row.n_lesions for row in treated)
    typer.echo()
    typer.echo(
        f"{plural(len(rows), 'patient')}, {len(treated)} of them re-irradiated: "
        f"{plural(n_courses, 're-irradiation course')}, {plural(n_lesions, 'lesion')}."
    )
    typer.echo(
        f"Follow-up from the end of the first re-irradiation is known for "
        f"{len(followed)} of {len(treated)};\n"
        f"{sum(row.died for row in followed)} of these {len(followed)} died."
    )
    typer.echo(f"Type: {kind_of_type}; of the first re-irradiation.")


def show_changes(changes: Iterable[KeptChange]) -> None:
    """Print every change and the values that it changed, oldest first."""
    for one in changes:
        who = printable(textwrap.shorten(one.who, LONGEST_NAME, placeholder="..."))
        what = f"{one.kind} {one.number} of {one.patient}"
        head = f"{one.at[:19].replace('T', ' ')}  {who}  {one.action} {what}"
        typer.echo(f"{head}  ({printable(one.reason)})"[:WIDEST])
        for line in _differences(one):
            typer.echo(
                textwrap.fill(
                    printable(line),
                    WIDEST,
                    initial_indent="    ",
                    subsequent_indent="      ",
                )
            )


def show_counts(counts: Mapping[str, int]) -> None:
    """Print how many records of each kind there are, and changes."""
    for kind, count in counts.items():
        if count > 0:
            typer.echo(f"{kind.replace('_', ' '):12}{count:8}")


def _differences(change: KeptChange) -> list[str]:
    before, after = change.before or {}, change.after or {}
    fields = fields_of(KINDS[change.kind])
    names = [one.name for one in fields if one.name in {*before, *after}]
    if change.action != "changed":
        known = before or after
        return [", ".join(f"{name} {_text(known, name)}" for name in names)]
    return [
        f"{name}: {_text(before, name)} -> {_text(after, name)}"
        for name in names
        if before.get(name) != after.get(name)
    ]


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "not known" if value is None else str(value)


def _cells(row: PatientRow) -> tuple[str, ...]:
    months = row.followed_months
    followed = NOTHING if months is None else f"{months:.1f}"
    return (
        row.patient,
        str(row.n_courses),
        str(row.n_reirradiations),
        str(row.n_lesions),
        NOTHING if row.first_start is None else row.first_start.isoformat(),
        row.stratum or NOTHING,
        f"{followed}, died" if row.died else followed,
    )


def _print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for cells in (headings, *rows):
        shown = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        typer.echo(BETWEEN.join(shown).rstrip())
