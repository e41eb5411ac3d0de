"""Sets of dose limits, from ``constraints_*.toml``."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from reirrad.core.constraints import Constraint
from reirrad.errors import KnowledgeError
from reirrad.knowledge.tables import (
    Verification,
    cited,
    read_table,
    table_names,
    table_text,
)

__all__ = ["constraint_set_names", "load_constraints", "read_constraints"]

PREFIX = "constraints_"
METRIC = re.compile(
    r"(Mean|Max|Min)\[Gy\]|D\d+(\.\d+)?(cc|%)\[Gy\]|C?V\d+(\.\d+)?Gy\[(cc|%)\]"
)


@dataclass(frozen=True, slots=True)
class _Set:
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class _Row:
    organs: tuple[str, ...]
    metric: str
    relation: Literal["<", "<=", ">", ">="]
    quantity: Literal["physical", "EQD2", "BED"]
    level: Literal["single", "optimal", "mandatory", "alert", "alternative reading"]
    source: str
    verification: Verification
    limit: float | None = None
    limits: dict[int, float] = field(default_factory=dict)
    alpha_beta_gy: float | None = None
    scope: Literal["course", "later course", "cumulative"] = "course"
    basis: Literal["whole", "minus GTV"] = "whole"
    contains_recovery: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        faults = [*_dose_faults(self), *_limit_faults(self)]
        if not self.organs or not all(self.organs):
            faults.append("organs must name at least one structure")
        if not METRIC.fullmatch(self.metric):
            faults.append(f"metric {self.metric!r} is not in TG-263 spelling")
        if faults:
            raise ValueError("; ".join(faults))


@dataclass(frozen=True, slots=True)
class _Table:
    set: _Set
    sources: dict[str, str]
    constraint: list[_Row]


def constraint_set_names() -> tuple[str, ...]:
    """Names of the shipped constraint sets, such as "tg101"."""
    return tuple(
        name.removeprefix(PREFIX) for name in table_names() if name.startswith(PREFIX)
    )


def load_constraints(sets: Iterable[str]) -> tuple[Constraint, ...]:
    """Every constraint of the named sets, in their order.

    Raises
    ------
    KnowledgeError
        Naming every unknown set and every bad row.
    """
    constraints: list[Constraint] = []
    problems: list[str] = []
    known = constraint_set_names()
    for name in dict.fromkeys(sets):
        if name not in known:
            problems.append(
                f"There is no constraint set {name!r}; choose from {', '.join(known)}."
            )
            continue
        try:
            constraints += _shipped(name)
        except KnowledgeError as error:
            problems += error.problems
    if problems:
        raise KnowledgeError(*problems)
    return tuple(constraints)


@cache
def _shipped(name: str) -> tuple[Constraint, ...]:
    """One set; read once, an assessment evaluates it several times."""
    return read_constraints(table_text(PREFIX + name), name=name)


def read_constraints(text: str, *, name: str) -> tuple[Constraint, ...]:
    """Constraints of one table's text; a row with limits per fraction becomes several.

    Parameters
    ----------
    text
        TOML, laid out as the shipped tables are.
    name
        Name of the set, which the table must repeat.

    Raises
    ------
    KnowledgeError
        One problem for each bad row.
    """
    file = f"{PREFIX}{name}"
    table = read_table(text, _Table, name=file)
    problems = []
    if table.set.name != name:
        problems.append(f"{file}.toml: set.name is {table.set.name!r}, not {name!r}.")
    constraints: list[Constraint] = []
    for index, row in enumerate(table.constraint):
        path = f"{file}.toml.constraint[{index}]"
        try:
            source = cited(row.source, table.sources, path=path)
        except KnowledgeError as error:
            problems += error.problems
        else:
            constraints += _constraints(row, name, source)
    if problems:
        raise KnowledgeError(*problems)
    return tuple(constraints)


def _constraints(row: _Row, name: str, source: str) -> Iterator[Constraint]:
    limits: list[tuple[int | None, float]] = [*row.limits.items()]
    if row.limit is not None:
        limits.append((None, row.limit))
    for n_fractions, limit in limits:
        yield Constraint(
            set=name,
            organs=row.organs,
            metric=row.metric,
            relation=row.relation,
            limit=limit,
            quantity=row.quantity,
            level=row.level,
            source=source,
            verification=row.verification,
            scope=row.scope,
            n_fractions=n_fractions,
            alpha_beta_gy=row.alpha_beta_gy,
            basis=row.basis,
            contains_recovery=row.contains_recovery,
            note=row.note,
        )


def _dose_faults(row: _Row) -> Iterator[str]:
    ratio = row.alpha_beta_gy
    if row.quantity == "physical":
        if ratio is not None:
            yield "alpha_beta_gy has no meaning for physical dose"
        if row.scope == "cumulative":
            yield "physical doses of several courses are not added up; use EQD2 or BED"
    elif ratio is None or not ratio > 0:
        yield f"alpha_beta_gy above 0 is needed for {row.quantity}, found {ratio}"


def _limit_faults(row: _Row) -> Iterator[str]:
    by_fractions = row.scope == "course" and row.quantity == "physical"
    if by_fractions and (row.limit is not None or not row.limits):
        yield "a physical limit of a course needs limits = { fractions = value }"
    if not by_fractions and (row.limit is None or row.limits):
        yield "this limit holds for any fractionation and needs limit = value"
    if row.scope == "course" and row.quantity != "physical":
        yield "an EQD2 or BED limit has the scope later course or cumulative"
    values = [*row.limits.values(), *([] if row.limit is None else [row.limit])]
    if any(not value > 0 for value in values):
        yield f"every limit must be above 0, found {values}"
    if any(number < 1 for number in row.limits):
        yield f"numbers of fractions must be at least 1, found {list(row.limits)}"
