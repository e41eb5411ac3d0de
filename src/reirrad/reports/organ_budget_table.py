"""What each organ has left, as a table."""

from reirrad.core.budget import DecidingPlace, DoseBudget, FractionBudget, OrganBudget
from reirrad.core.organ_budgets import is_near_maximum, least_left
from reirrad.reports.blocks import Block, Cell, Column, Paragraph, Row, Table, Tone
from reirrad.reports.limiting_line import down, limit_words
from reirrad.reports.wording import NONE, NOT_AVAILABLE, decimal, with_unit

__all__ = ["organ_blocks"]


def organ_blocks(budget: DoseBudget, planned: int) -> list[Block]:
    """Table of the tightest binding limits of each organ.

    Parameters
    ----------
    budget
        What is left.
    planned
        Number of fractions of the new course as planned.
    """
    shown = _deciding_rows(budget)
    sources = list(dict.fromkeys(row.source for row in shown))
    rows: list[Row] = []
    width = 1.2 if any(f.not_known for r in shown for f in r.by_fractions) else 0.9
    for name in dict.fromkeys(row.structure for row in shown):
        rows.append(Row((Cell(name, "strong"),), span="heading"))
        for row in shown:
            if row.structure == name:
                rows += _organ_rows(row, sources.index(row.source) + 1, planned)
    if not rows:
        return [Paragraph("No binding limit of a drawn organ was found.")]
    return [
        Table(
            columns=(
                Column("Limit", 3.2),
                Column("Source", 2.0),
                Column("Before, EQD2", 1.1, "right"),
                Column("Left, EQD2", 1.1, "right"),
                *(Column(f"in {n}", width, "right") for n in budget.fractions),
                Column("Where it is decided", 2.4),
            ),
            rows=tuple(rows),
        ),
        Paragraph(
            "Columns: total physical dose in Gy that could be added evenly until the "
            "limit is met, by number of fractions; limits of the new course alone are "
            "plain bounds. For each organ the tightest limits of hottest volumes up to "
            "1 cc, of larger volumes, and of the mean; all rows are in "
            "assessment.json. EQD2 is for the planned fractions where a limit depends "
            "on them. A limit that a set does not have is not met. Sources: "
            + "; ".join(f"[{n}] {text}" for n, text in enumerate(sources, start=1))
            + ".",
            "muted",
        ),
    ]


def _deciding_rows(budget: DoseBudget) -> list[OrganBudget]:
    """Binding rows that leave the least of their kind in an organ for some number.

    Rows whose value is not known are always shown: they may leave less.
    """
    groups: dict[tuple[str, str], list[OrganBudget]] = {}
    for row in budget.organs:
        if row.binding:
            groups.setdefault((row.structure, _kind(row.metric)), []).append(row)
    shown = []
    for rows in groups.values():
        least = [least_left(rows, place) for place in range(len(budget.fractions))]
        chosen = {n for one in least for n in (one.lowest, *one.not_known)}
        shown += [row for n, row in enumerate(rows) if n in chosen]
    return sorted(shown, key=_least_left)


def _least_left(row: OrganBudget) -> tuple[str, float]:
    """Key to sort by: what is not known stands first in its organ."""
    doses = [f.dose_gy for f in row.by_fractions if f.dose_gy is not None]
    return row.structure, min(doses, default=-1.0)


def _kind(metric: str) -> str:
    if metric == "Mean[Gy]":
        return "mean"
    return "hottest" if is_near_maximum(metric) else "volume"


def _organ_rows(row: OrganBudget, source: int, planned: int) -> list[Row]:
    limited = [f for f in row.by_fractions if f.limit is not None]
    own = next((f for f in limited if f.n_fractions == planned), limited[0])
    several = len({f.limit for f in limited}) > 1
    text = limit_words(row, None if several else own.limit)
    if several:
        limits = ", ".join(
            f"{f.limit:.4g} in {f.n_fractions}" for f in limited if f.limit is not None
        )
        text = f"{text}: {limits}"
    rows = [
        Row(
            (
                Cell(text),
                Cell(f"{row.set} [{source}], {row.verification}"),
                Cell(_amount(own.background_eqd2_gy)),
                Cell(_amount(own.remaining_eqd2_gy), _tone(own.remaining_eqd2_gy)),
                *map(_dose_cell, row.by_fractions),
                Cell(NONE if own.not_known else _place(row.place)),
            )
        )
    ]
    if own.not_known:
        rows.append(
            _note(
                "Not known: part of the organ lies outside the dose grid of an earlier "
                "course. This limit may leave less than any other, or nothing."
            )
        )
    missing = dict.fromkeys(f.note for f in row.by_fractions if f.limit is None)
    if missing:
        rows.append(_note(f"{'; '.join(missing)}."))
    if own.recovered is not None:
        recovered = ", ".join(
            f"{_down(f.recovered.dose_gy)} in {f.n_fractions}"
            for f in row.by_fractions
            if f.recovered is not None
        )
        rows.append(
            _note(
                f"With recovery, for comparison only: background "
                f"{with_unit(own.recovered.background_eqd2_gy, 'Gy')} EQD2, left "
                f"{recovered} Gy."
            )
        )
    return rows


def _amount(value_gy: float | None) -> str:
    return NONE if value_gy is None else decimal(value_gy)


def _tone(value_gy: float | None) -> Tone:
    return "bad" if value_gy is not None and value_gy <= 0.0 else "plain"


def _dose_cell(found: FractionBudget) -> Cell:
    if found.not_known:
        return Cell("not known", "warn")
    text = NONE if found.dose_gy is None else down(found.dose_gy)
    return Cell(text, _tone(found.dose_gy))


def _down(value_gy: float | None) -> str:
    return NOT_AVAILABLE if value_gy is None else down(value_gy)


def _place(place: DecidingPlace | None) -> str:
    """Where the part lies that decides, as "12.3 mm from PTV: left, anterior"."""
    if place is None:
        return NONE
    if place.target is None or place.distance_mm is None:
        x, y, z = place.centroid_mm
        return f"at ({x:.0f}, {y:.0f}, {z:.0f}) mm"
    return f"{decimal(place.distance_mm)} mm from {place.target}: {place.direction}"


def _note(text: str) -> Row:
    return Row((Cell(text, "muted"),), span="note")
