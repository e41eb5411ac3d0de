"""What binding limits leave, as tables: the tightest of each organ, and the rest."""

from collections.abc import Mapping, Sequence
from math import inf

from reirrad.core.budget import DoseBudget, FractionBudget, OrganBudget
from reirrad.core.organ_budgets import LeastLeft, is_near_maximum, least_left
from reirrad.reports.blocks import Cell, Column, Paragraph, Row, Section, Table
from reirrad.reports.limiting_line import down
from reirrad.reports.wording import (
    NONE,
    agreed_number,
    decimal,
    metric_unit,
    plural,
    with_unit,
)

__all__ = [
    "binding_rows",
    "limit_words",
    "limits_section",
    "tightest_note",
    "tightest_table",
]

TIGHTEST_NOTE = (
    "Nearest organ first: total physical dose of a new course that the tightest "
    "binding limit of the maximum leaves at the organ's hottest place; of the volume "
    "or mean named where it has no such limit. \N{LESS-THAN OR EQUAL TO} comes from a "
    "limit of the new course alone. Limits of volumes and means bind as well: see the "
    "next page."
)
NOT_KNOWN_NOTE = (
    " Not known: part of the organ lies outside the dose grid of an earlier course; "
    "limits of the sum may leave less than the limits that are known, or nothing."
)


def binding_rows(
    budget: DoseBudget, *, near_maximum: bool
) -> dict[str, list[OrganBudget]]:
    """Binding limits by organ: those of a near maximum, or all others."""
    found: dict[str, list[OrganBudget]] = {}
    for row in budget.organs:
        if row.binding and is_near_maximum(row.metric) is near_maximum:
            found.setdefault(row.label, []).append(row)
    return found


def tightest_note(budget: DoseBudget) -> str:
    """What stands below the table of the tightest limits; empty without any limit."""
    if not budget.organs:
        return ""
    unknown = _has_unknown([row for row in budget.organs if row.binding])
    return TIGHTEST_NOTE + (NOT_KNOWN_NOTE if unknown else "")


def _has_unknown(rows: Sequence[OrganBudget]) -> bool:
    return any(one.not_known for row in rows for one in row.by_fractions)


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
        kinds = (hot.get(label, []), wide.get(label, []))
        cells = [_least_cell(kinds, place) for place in range(len(budget.fractions))]
        away = with_unit(apart_mm.get(label), "mm")
        rows.append(Row((Cell(label, "strong"), Cell(away), *cells)))
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


def _least_cell(kinds: Sequence[Sequence[OrganBudget]], place: int) -> Cell:
    """The least that the first kind of limits leaves that has one at all."""
    for rows in kinds:
        least = least_left(rows, place)
        if least.deciding is not None:
            return _limited_cell(rows, least, place)
    return Cell("not limited here", "muted")


def _limited_cell(rows: Sequence[OrganBudget], least: LeastLeft, place: int) -> Cell:
    if least.lowest is None:
        return Cell("not known", "warn")
    row = rows[least.lowest]
    dose_gy = row.by_fractions[place].dose_gy or 0.0
    text = f"{down(dose_gy)} Gy ({row.metric.partition('[')[0]})"
    if not least.is_known:
        return Cell(f"not known, at most {text}", "warn")
    sign = "" if row.scope == "cumulative" else "\N{LESS-THAN OR EQUAL TO} "
    return Cell(f"{sign}{text}", "bad" if dose_gy == 0 else "plain")


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
            chosen = {index for one in least for index in (one.lowest, *one.not_known)}
            deciding += [row for index, row in enumerate(rows) if index in chosen]
    order = {id(row): index for index, row in enumerate(budget.organs)}
    deciding.sort(key=lambda row: order[id(row)])
    width = 1.2 if _has_unknown(deciding) else 0.8
    table = Table(
        columns=(
            Column("Organ", 1.5),
            Column("Limit (in the order of fractions, if they differ)", 4.4),
            Column("Set", 2.2),
            Column("Used EQD2", 1.2, "right"),
            *(Column(f"{n} fx", width, "right") for n in budget.fractions),
        ),
        rows=tuple(Row(_limit_cells(row)) for row in deciding),
    )
    others = len(budget.organs) - len(deciding)
    note = Paragraph(
        "Limits are on the sum of courses or on the new course alone. Total physical "
        "dose in Gy at the place or volume that decides, of the "
        "tightest binding limits of near maxima and of the tightest others. A dash "
        "means that the set has no limit for this number of fractions, or that the "
        "organ is smaller than the volume of the limit; it does not mean that the "
        "limit is met. Doses are rounded down. "
        f"{plural(others, 'more row')}, also of limits that do not bind, in "
        "budget.json.",
        "muted",
    )
    return Section("limits", "The limits that decide", (table, note))


def _limit_cells(row: OrganBudget) -> tuple[Cell, ...]:
    used = [one.background_eqd2_gy for one in row.by_fractions]
    known = [one for one in used if one is not None]
    unused = "not known" if _has_unknown([row]) else NONE
    return (
        Cell(row.structure, "strong"),
        Cell(limit_words(row, row.by_fractions)),
        Cell(f"{row.set}, {row.verification}", "muted"),
        Cell(f"{decimal(known[0])} Gy" if known else unused),
        *(_dose_cell(left) for left in row.by_fractions),
    )


def _dose_cell(left: FractionBudget) -> Cell:
    if left.not_known:
        return Cell("not known", "warn")
    if left.dose_gy is None:
        return Cell(NONE, "muted")
    return Cell(down(left.dose_gy), "bad" if left.dose_gy == 0 else "plain")
