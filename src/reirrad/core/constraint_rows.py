"""Rows of the tables of dose limits, and which of them fit a number of fractions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "Basis",
    "Constraint",
    "Quantity",
    "Relation",
    "Selection",
    "Verification",
    "lacking_volume",
    "limit_kind",
    "select_constraints",
]

Basis = Literal["whole", "minus GTV"]
Quantity = Literal["physical", "EQD2", "BED"]
Relation = Literal["<", "<=", ">", ">="]
Scope = Literal["course", "later course", "cumulative"]
Verification = Literal["paper", "secondary", "unverified"]

_HOTTEST_CC = re.compile(r"D(\d+(?:\.\d+)?)cc\[Gy\]")
_LEVEL = re.compile(r"\d+(?:\.\d+)?(?=Gy)")


@dataclass(frozen=True, slots=True)
class Constraint:
    """One row of a constraint table.

    Parameters
    ----------
    set
        Name of the table, such as "tg101".
    organs
        TG-263 names to which the limit applies, the one it was written for first.
    metric
        Dose metric in TG-263 spelling, such as "D0.1cc[Gy]" or "CV21Gy[cc]".
    relation, limit
        What the value must satisfy, in the metric's own unit.
    quantity
        Dose that the metric is taken of.
    level
        How binding it is: "optimal", "mandatory", "single", "alert", "alternative
        reading".
    source, verification
        Where the number stands and how well that was checked.
    scope
        "course": every course by itself. "later course": every course after the first.
        "cumulative": the sum of all.
    n_fractions
        Number of fractions the limit was written for; None if it holds for any.
    alpha_beta_gy
        Ratio of an EQD2 or BED limit; None for physical dose.
    basis
        The organ as drawn, or without the GTVs of the courses concerned.
    contains_recovery
        Whether it allows for recovery already: doses reduced for it are not tested.
    note
        What a reader must know to use the number.
    """

    set: str
    organs: tuple[str, ...]
    metric: str
    relation: Relation
    limit: float
    quantity: Quantity
    level: str
    source: str
    verification: Verification
    scope: Scope = "course"
    n_fractions: int | None = None
    alpha_beta_gy: float | None = None
    basis: Basis = "whole"
    note: str = ""
    contains_recovery: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """A constraint chosen for a number of fractions.

    Parameters
    ----------
    constraint
        The row.
    applicable
        Whether it may be tested; if not, `note` says why.
    note
        What the choice implies, empty where the row was written for just that number.
    """

    constraint: Constraint
    applicable: bool
    note: str


def lacking_volume(metric: str, organ_cc: float) -> str:
    """What is said where an organ is smaller than the volume that a limit is about.

    No dose breaks a limit on the hottest 10 cc of an organ of 8 cc; but where only part
    of an organ was drawn, its 10 cc may break it. So the limit is not evaluated.

    Parameters
    ----------
    metric
        TG-263 name.
    organ_cc
        Volume of the organ, or of what is left of it without GTVs.

    Returns
    -------
    str
        Empty where the organ is large enough, or the metric is no dose to so many cc.

    Examples
    --------
    >>> lacking_volume("D10cc[Gy]", 8.0)
    'not evaluated: the organ has 8.00 cc, less than the 10 cc that the limit is about'
    >>> lacking_volume("D10cc[Gy]", 12.0), lacking_volume("V15Gy[cc]", 8.0)
    ('', '')
    """
    match = _HOTTEST_CC.fullmatch(metric)
    if match is None or organ_cc >= float(match[1]):
        return ""
    return (
        f"not evaluated: the organ has {organ_cc:.2f} cc, less than the {match[1]} cc "
        f"that the limit is about"
    )


def limit_kind(row: Constraint) -> tuple[object, ...]:
    """What rows of a set have in common that limit the same for other fractions.

    The level of a volume differs between fractions: CV17.1Gy for 3 and CV21Gy for 5 are
    one limit. The volume of a dose does not.
    """
    metric = row.metric
    if not metric.endswith("[Gy]"):
        metric = _LEVEL.sub("", metric)
    return row.set, metric, row.relation, row.level, row.basis


def select_constraints(
    constraints: Iterable[Constraint], *, n_fractions: int
) -> tuple[Selection, ...]:
    """Constraints of a single course that fit its number of fractions.

    Each organ, metric and level of a set has columns of its own. The tabulated number
    that equals `n_fractions` is taken, else the stricter one of its neighbours, which
    is the lower one unless a table says otherwise. Where the number is below or above
    all that are tabulated, the nearest one comes back marked as not applicable: no
    limit vanishes because its set has other limits for that number.

    Parameters
    ----------
    constraints
        Rows of any sets; those of scope "course" with a number of fractions are
        looked at.
    n_fractions
        Number of fractions of the course.
    """
    by_kind: dict[tuple[object, ...], dict[int, list[Constraint]]] = {}
    for row in constraints:
        if row.scope == "course" and row.n_fractions is not None:
            columns = by_kind.setdefault((row.organs, *limit_kind(row)), {})
            columns.setdefault(row.n_fractions, []).append(row)
    return tuple(
        Selection(row, applicable, note)
        for columns in by_kind.values()
        for column, applicable, note in [_column(columns, n_fractions)]
        for row in columns[column]
    )


def _column(
    columns: Mapping[int, Sequence[Constraint]], n_fractions: int
) -> tuple[int, bool, str]:
    """Number of fractions to look up, whether it applies, and what to say about it."""
    tabulated = sorted(columns)
    if n_fractions in columns:
        return n_fractions, True, ""
    name = columns[tabulated[0]][0].set
    listed = ", ".join(str(number) for number in tabulated)
    if n_fractions < tabulated[0]:
        note = f"{name} has this limit for {listed} fractions, the course has"
        return tabulated[0], False, f"{note} {n_fractions}"
    if n_fractions > tabulated[-1]:
        note = f"{name} has this limit for at most {tabulated[-1]} fractions, the"
        return tabulated[-1], False, f"{note} course has {n_fractions}"
    lower = max(number for number in tabulated if number < n_fractions)
    upper = min(number for number in tabulated if number > n_fractions)
    column, words = _stricter(columns, lower, upper)
    return column, True, f"{name} has no limits for {n_fractions} fractions; {words}"


def _stricter(
    columns: Mapping[int, Sequence[Constraint]], lower: int, upper: int
) -> tuple[int, str]:
    """Which of two neighbouring columns is used, and why."""
    rows, others = columns[lower], columns[upper]
    below, above = _is_as_strict(rows, others), _is_as_strict(others, rows)
    if below and above:
        return lower, f"those for {lower} are used, which are those for {upper} too"
    if below or above:
        column = lower if below else upper
        return column, f"the stricter ones for {column} are used"
    return lower, f"those for {lower} are used"


def _is_as_strict(rows: Sequence[Constraint], others: Sequence[Constraint]) -> bool:
    """Whether whatever meets the rows meets the others, which are of the same kind."""
    return len(rows) == len(others) and all(
        all(
            one <= other
            for one, other in zip(_looseness(a), _looseness(b), strict=True)
        )
        for a, b in zip(rows, others, strict=True)
    )


def _looseness(row: Constraint) -> tuple[float, float]:
    """Level of a volume, and limit; the greater, the easier to meet."""
    at_least = row.relation.startswith(">")
    limit = -row.limit if at_least else row.limit
    found = _LEVEL.search(row.metric)
    level = 0.0 if found is None else float(found[0])
    # A spared volume must be large and a hot one small: both are easier at more dose.
    return (level if row.metric.startswith("C") is at_least else -level), limit
