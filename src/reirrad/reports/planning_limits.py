"""What binding limits leave, as tables: the tightest of each organ, and the rest."""

from collections.abc import Mapping, Sequence
from math import inf

from reirrad.core.budget import DoseBudget, FractionBudget, OrganBudget
from reirrad.core.organ_budgets import is_near_maximum
from reirrad.reports.blocks import Cell, Column, Paragraph, Row, Section, Table
from reirrad.reports.limiting_line import down
from reirrad.reports.wording import (
    NONE,
    NOT_AVAILABLE,
    agreed_number,
    decimal,
    metric_unit,
    plural,
    with_unit,
)

__all__ = [
    "TIGHTEST_NOTE",
    "binding_rows",
    "least_left",
    "limit_words",
    "limits_section",
    "tightest_table",
]

TIGHTEST_NOTE = (
    "Nearest organ first: total physical dose of a new course that the tightest "
    "binding limit of the maximum leaves at the organ's hottest place; of the volume "
    "or mean named where it has no such limit. \N{LESS-THAN OR EQUAL TO} comes from a "
    "limit of the new course alone. Limits of volumes and means bind as well: see the "
    "next page."
)

Least = tuple[OrganBudget, FractionBudget]


def binding_rows(
    budget: DoseBudget, *, near_maximum: bool
) -> dict[str, list[OrganBudget]]:
    """Binding limits by organ: those of a near maximum, or all others."""
    found: dict[str, list[OrganBudget]] = {}
    for row in budget.organs:
        if row.binding and is_near_maximum(row.metric) is near_maximum:
            found.setdefault(row.label, []).append(row)
    return found


def least_left(rows: Sequence[OrganBudget], place: int) -> Least | None:
    """The limit that leaves the least physical dose, for one number of fractions.

    Parameters
    ----------
    rows
        Limits of one organ and of one kind.
    place
        Index of the number of fractions.
    """
    given = [
        (row.by_fractions[place].dose_gy, index)
        for index, row in enumerate(rows)
        if row.by_fractions[place].dose_gy is not None
    ]
    if not given:
        return None
    _, index = min(given)
    return rows[index], rows[index].by_fractions[place]


def tightest_table(budget: DoseBudget, apart_mm: Mapping[str, float]) -> Table | None:
    """One row for each organ, the nearest first; None without any limit.

    Parameters
    ----------
    budget
        With its rows.
    apart_mm
        Distance of each organ from the nearest target.
    """
    hot, wide = (binding_rows(budget, near_maximum=near) for near in (True, False))
    labels = dict.fromkeys((*hot, *wide))
    rows = []
    for label in sorted(labels, key=lambda name: (apart_mm.get(name, inf), name)):
        chosen = hot.get(label) or wide[label]
        places = range(len(budget.fractions))
        least = [least_left(chosen, place) for place in places]
        away = with_unit(apart_mm.get(label), "mm")
        rows.append(Row((Cell(label, "strong"), Cell(away), *map(_least_cell, least))))
    if not rows:
        return None
    return Table(
        columns=(
            Column("Organ", 1.8),
            Column("From targets", 1.2, "right"),
            *(Column(plural(n, "fraction"), 1.7, "right") for n in budget.fractions),
        ),
        rows=tuple(rows),
    )


def _least_cell(least: Least | None) -> Cell:
    if least is None:
        return Cell("not limited here", "muted")
    row, left = least
    sign = "" if row.scope == "cumulative" else "\N{LESS-THAN OR EQUAL TO} "
    dose = NOT_AVAILABLE if left.dose_gy is None else f"{down(left.dose_gy)} Gy"
    text = f"{sign}{dose} ({row.metric.partition('[')[0]})"
    return Cell(text, "bad" if left.dose_gy == 0 else "plain")


def limit_words(row: OrganBudget, left: Sequence[FractionBudget]) -> str:
    """A limit in words, with its number for each number of fractions if they differ."""
    numbers = [
        NONE if one.limit is None else agreed_number(round(one.limit, 1))
        for one in left
    ]
    if len(set(numbers)) == 1:
        numbers = numbers[:1]
    relation = {"<=": "\N{LESS-THAN OR EQUAL TO}", ">=": "\N{GREATER-THAN OR EQUAL TO}"}
    scope = "sum" if row.scope == "cumulative" else "new course"
    return (
        f"{row.metric.partition('[')[0]} {relation.get(row.relation, row.relation)} "
        f"{' / '.join(numbers)} {metric_unit(row.metric)}, {row.quantity}, {scope}"
    )


def limits_section(budget: DoseBudget) -> Section:
    """The limits that decide for any number of fractions, of both kinds."""
    deciding: list[OrganBudget] = []
    for near in (True, False):
        for rows in binding_rows(budget, near_maximum=near).values():
            least = [least_left(rows, place) for place in range(len(budget.fractions))]
            chosen = {id(one[0]) for one in least if one is not None}
            deciding += [row for row in rows if id(row) in chosen]
    order = {id(row): index for index, row in enumerate(budget.organs)}
    deciding.sort(key=lambda row: order[id(row)])
    table = Table(
        columns=(
            Column("Organ", 1.5),
            Column("Limit (in the order of fractions, if they differ)", 4.4),
            Column("Set", 2.2),
            Column("Used EQD2", 1.2, "right"),
            *(Column(f"{n} fx", 0.8, "right") for n in budget.fractions),
        ),
        rows=tuple(Row(_limit_cells(row)) for row in deciding),
    )
    others = len(budget.organs) - len(deciding)
    note = Paragraph(
        "Limits are on the sum of courses or on the new course alone. Total physical "
        "dose in Gy at the place or volume that decides, of the "
        "tightest binding limits of near maxima and of the tightest others. A dash "
        "means that the set has no limit for this number of fractions, or that the "
        "value is not known; it does not mean that the limit is met. Doses "
        "are rounded down. "
        f"{plural(others, 'more row')}, also of limits that do not bind, in "
        "budget.json.",
        "muted",
    )
    return Section("limits", "The limits that decide", (table, note))


def _limit_cells(row: OrganBudget) -> tuple[Cell, ...]:
    used = [one.background_eqd2_gy for one in row.by_fractions]
    known = [one for one in used if one is not None]
    return (
        Cell(row.structure, "strong"),
        Cell(limit_words(row, row.by_fractions)),
        Cell(f"{row.set}, {row.verification}", "muted"),
        Cell(f"{decimal(known[0])} Gy" if known else NONE),
        *(_dose_cell(left) for left in row.by_fractions),
    )


def _dose_cell(left: FractionBudget) -> Cell:
    if left.dose_gy is None:
        return Cell(NONE, "muted")
    return Cell(down(left.dose_gy), "bad" if left.dose_gy == 0 else "plain")
