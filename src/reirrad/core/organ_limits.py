"""Limits of one organ for a new course: which bind, and what dose decides each.

Every limit reads as one upper bound: the dose at a certain volume, or the mean, may not
pass a level. A volume at a dose, V15Gy, is kept below v where the dose at v stays below
15 Gy; a spared volume, CV15Gy, where the dose at the rest of the organ does.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from reirrad.core.constraint_rows import Constraint, Selection, select_constraints
from reirrad.core.constraints import summed_tolerances

__all__ = [
    "NOTHING_LEFT",
    "BudgetScope",
    "DecidingDose",
    "OrganLimit",
    "binds",
    "deciding_dose",
    "not_limited",
    "organ_limits",
]

BudgetScope = Literal["cumulative", "new course"]

NOTHING_LEFT = "nothing is left of the organ without its GTVs"
NOT_BINDING = frozenset({"optimal", "alert", "alternative reading"})

_SUMMED = re.compile(r"one-course tolerance(?: \((?P<degree>.+)\))?, summed")
_METRIC = re.compile(
    r"(?P<plain>Mean|Max)\[Gy\]"
    r"|D(?P<d_at>\d+(?:\.\d+)?)(?P<d_unit>cc|%)\[Gy\]"
    r"|(?P<cold>C?)V(?P<level>\d+(?:\.\d+)?)Gy\[(?P<v_unit>cc|%)\]"
)


@dataclass(frozen=True, slots=True)
class OrganLimit:
    """A limit of one organ for a number of fractions of the new course.

    Parameters
    ----------
    constraint
        The row, for this organ alone.
    scope
        "cumulative": the sum with the earlier courses; "new course": that one alone.
    n_fractions
        Of the new course.
    applicable
        Whether it may be used for that number; if not, `note` says why.
    depends_on_fractions
        Whether another number of fractions has another limit.
    note
        What the choice implies.
    """

    constraint: Constraint
    scope: BudgetScope
    n_fractions: int
    applicable: bool
    depends_on_fractions: bool
    note: str

    @property
    def binding(self) -> bool:
        """Whether it bounds what can be given."""
        return binds(self.constraint.level)

    @property
    def family(self) -> tuple[object, ...]:
        """What the same row of a table has in common for all numbers of fractions."""
        row = self.constraint
        return (
            row.set,
            row.metric,
            row.relation,
            row.quantity,
            row.level,
            row.alpha_beta_gy,
            row.basis,
            row.source,
            self.scope,
            None if self.depends_on_fractions else row.limit,
        )


@dataclass(frozen=True, slots=True)
class DecidingDose:
    """The one dose that a limit bounds.

    Parameters
    ----------
    volume_cc
        The dose is that at this hottest volume; 0 for the maximum, None for the mean.
    level_gy
        What it may not pass, in the limit's own quantity.
    always, never
        Whether the limit holds, or fails, whatever the dose: the organ is too small.
    """

    volume_cc: float | None
    level_gy: float
    always: bool = False
    never: bool = False


def binds(level: str) -> bool:
    """Whether a limit of a level bounds what can be given.

    Examples
    --------
    >>> binds("mandatory"), binds("optimal")
    (True, False)
    >>> binds("one-course tolerance (optimal), summed")
    False
    """
    match = _SUMMED.fullmatch(level)
    return (match["degree"] if match else level) not in NOT_BINDING


def organ_limits(
    constraints: Collection[Constraint],
    organ: str,
    *,
    n_fractions: int,
    alpha_beta_gy: float,
) -> tuple[OrganLimit, ...]:
    """Every limit of an organ that a new course of n fractions meets.

    Parameters
    ----------
    constraints
        Rows of the sets to evaluate.
    organ
        Standard name.
    n_fractions
        Number of fractions of the new course.
    alpha_beta_gy
        Ratio of the organ, for limits of one course that are tested on the sum.
    """
    rows = [replace(c, organs=(organ,)) for c in constraints if organ in c.organs]
    chosen = select_constraints(rows, n_fractions=n_fractions)
    summed = tuple(
        summed_tolerances(
            chosen,
            {organ},
            n_fractions=n_fractions,
            alpha_beta_gy=lambda _: alpha_beta_gy,
        )
    )
    return (
        *_of(chosen, "new course", n_fractions, varying=True),
        *_of(_always(rows, "later course"), "new course", n_fractions),
        *_of(summed, "cumulative", n_fractions, varying=True),
        *_of(_always(rows, "cumulative"), "cumulative", n_fractions),
    )


def deciding_dose(constraint: Constraint, organ_cc: float) -> DecidingDose:
    """The dose that a limit bounds in an organ of a volume.

    Raises
    ------
    ValueError
        If more dose would help to meet the limit, as with a least dose: those are no
        limits of an organ.
    """
    match = _METRIC.fullmatch(constraint.metric)
    falls = match is not None and match["cold"] == "C"
    if match is None or constraint.relation.startswith(">") is not falls:
        msg = (
            f"{constraint.metric} {constraint.relation} {constraint.limit:g} "
            f"({constraint.set}) is not a limit that only more dose can break"
        )
        raise ValueError(msg)
    if match["plain"]:
        volume = None if match["plain"] == "Mean" else 0.0
        return DecidingDose(volume, constraint.limit)
    unit = match["d_unit"] or match["v_unit"]
    one = 1.0 if unit == "cc" else organ_cc / 100.0
    if match["d_at"]:
        return DecidingDose(float(match["d_at"]) * one, constraint.limit)
    volume = constraint.limit * one
    hot = organ_cc - volume if falls else volume
    return DecidingDose(
        min(max(hot, 0.0), organ_cc),
        float(match["level"]),
        always=not falls and hot > organ_cc,
        never=falls and hot < 0.0,
    )


def not_limited(set_name: str, n_fractions: int) -> str:
    """What is said where a set has no limit for a number of fractions.

    Examples
    --------
    >>> not_limited("uk2022", 1)
    'not limited by uk2022 for 1 fraction'
    """
    noun = "fraction" if n_fractions == 1 else "fractions"
    return f"not limited by {set_name} for {n_fractions} {noun}"


def _always(rows: Collection[Constraint], scope: str) -> Iterator[Selection]:
    return (Selection(c, applicable=True, note="") for c in rows if c.scope == scope)


def _of(
    selections: Iterable[Selection],
    scope: BudgetScope,
    n_fractions: int,
    *,
    varying: bool = False,
) -> Iterator[OrganLimit]:
    for selection in selections:
        yield OrganLimit(
            constraint=selection.constraint,
            scope=scope,
            n_fractions=n_fractions,
            applicable=selection.applicable,
            depends_on_fractions=varying,
            note=selection.note,
        )
