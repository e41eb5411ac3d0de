"""Dose limits of organs: which of them fit a course, and whether they are kept.

A limit for *physical* dose belongs to a number of fractions and is tested course by
course. A limit for EQD2 or BED is independent of fractionation and is tested on the sum
of the courses, or on every course after the first. As the paper tests limits of one
course on the summation plan too, every near-maximum limit of the latest course is also
tested on the sum, converted to EQD2.
"""

import math
import operator
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from reirrad.core.assessment import ConstraintResult
from reirrad.core.constraint_rows import (
    Basis,
    Constraint,
    Quantity,
    Relation,
    Selection,
    Verification,
    lacking_volume,
    select_constraints,
)
from reirrad.core.radiobiology import eqd2

__all__ = [
    "MADE_OF",
    "NOT_DRAWN",
    "WITHOUT_GTV",
    "Constraint",
    "Measured",
    "Query",
    "Relation",
    "Selection",
    "Verification",
    "evaluate_constraints",
    "hangs_on_ends",
    "holds",
    "select_constraints",
    "summed_tolerances",
]

MADE_OF = "made of "
NOT_DRAWN = "not in the structure set"
EXCEEDED_INSIDE = (
    "exceeded whatever the dose is beyond the grid, and given as if there were none"
)
WITHOUT_GTV = "-GTV"

Verdict = Literal["met", "exceeded", "not evaluable"]

_HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_HOTTEST_VOLUME = re.compile(r"D\d+(\.\d+)?cc\[Gy\]|Max\[Gy\]")


@dataclass(frozen=True, slots=True)
class Query:
    """A dose metric that a constraint needs.

    Parameters
    ----------
    structure
        Standard name, one of the given structures.
    basis
        The structure as drawn, or without the GTVs.
    metric
        TG-263 dose metric.
    quantity, alpha_beta_gy
        Dose to take it of; the ratio is None for physical dose.
    scope
        Course number, or "cumulative" for the sum over all courses.
    """

    structure: str
    basis: Basis
    metric: str
    quantity: Quantity
    alpha_beta_gy: float | None
    scope: int | Literal["cumulative"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A value, and the least and largest one that the contours allow.

    Parameters
    ----------
    value
        NaN where it is not known.
    interval
        None where there is none.
    organ_cc
        Volume of what was asked; None where limits do not depend on it.
    without_outside
        Where `value` hangs on dose beyond a grid: the value if there were none, which
        is the one that keeps a limit best.
    reason
        Why there is no value.
    """

    value: float
    interval: tuple[float, float] | None = None
    organ_cc: float | None = None
    reason: str = ""
    without_outside: float | None = None


def hangs_on_ends(result: ConstraintResult) -> bool:
    """Whether a verdict is another one somewhere in the interval of its value."""
    if result.interval is None or result.verdict == "not evaluable":
        return False
    kept = {holds(end, result.relation, result.limit) for end in result.interval}
    return len(kept) > 1


def holds(value: float, relation: str, limit: float) -> bool:
    """Whether a value satisfies a limit; at the limit itself "<" and ">" do not.

    Examples
    --------
    >>> holds(35.0, "<", 35.0), holds(35.0, "<=", 35.0)
    (False, True)
    """
    return _HOLDS[relation](value, limit)


def evaluate_constraints(
    constraints: Collection[Constraint],
    *,
    course_fractions: Mapping[int, int],
    structures: Collection[str],
    alpha_beta_gy: Callable[[str], float],
    measure: Callable[[Query], Measured | None],
) -> tuple[ConstraintResult, ...]:
    """Test every constraint on every dose that it concerns.

    Parameters
    ----------
    constraints
        Rows of the sets to evaluate.
    course_fractions
        Course number to number of fractions; the highest number is the latest course.
    structures
        Standard names of the structures that were drawn.
    alpha_beta_gy
        Ratio of a structure, for limits of one course that are tested on the sum.
    measure
        Answers a query; None where the value is not known.

    Returns
    -------
    tuple of ConstraintResult
        Courses in order, then the sum. An organ that was not drawn, or a value that is
        not known, is "not evaluable" and never "met". So is a limit of more cubic
        centimetres than the organ has; its value is then the lowest dose.
    """
    results: list[ConstraintResult] = []
    for number in sorted(course_fractions):
        selections = select_constraints(
            constraints, n_fractions=course_fractions[number]
        )
        if number != min(course_fractions):
            later = (c for c in constraints if c.scope == "later course")
            selections += tuple(Selection(c, applicable=True, note="") for c in later)
        results += _results(selections, structures, scope=number, measure=measure)
    if course_fractions:
        latest = max(course_fractions)
        summed = summed_tolerances(
            select_constraints(constraints, n_fractions=course_fractions[latest]),
            structures,
            n_fractions=course_fractions[latest],
            alpha_beta_gy=alpha_beta_gy,
        )
        given = (c for c in constraints if c.scope == "cumulative")
        results += _results(
            [*summed, *(Selection(c, applicable=True, note="") for c in given)],
            structures,
            scope="cumulative",
            measure=measure,
        )
    return tuple(results)


def summed_tolerances(
    selections: Iterable[Selection],
    structures: Collection[str],
    *,
    n_fractions: int,
    alpha_beta_gy: Callable[[str], float],
) -> Iterator[Selection]:
    """Near-maximum limits of one course as EQD2 limits of the sum.

    The limit is converted with the course's own number of fractions, not with the
    tabulated one, so that a first course without dose leaves the verdict of the single
    course as it is.
    """
    for selection in selections:
        row = selection.constraint
        if not (
            selection.applicable
            and row.quantity == "physical"
            and _HOTTEST_VOLUME.fullmatch(row.metric)
        ):
            continue
        for organ in _drawn(row, structures):
            ratio_gy = alpha_beta_gy(organ)
            limit = eqd2(row.limit, n_fractions=n_fractions, alpha_beta_gy=ratio_gy)
            degree = "" if row.level == "single" else f" ({row.level})"
            converted = Constraint(
                set=row.set,
                organs=(organ,),
                metric=row.metric,
                relation=row.relation,
                limit=float(limit),
                quantity="EQD2",
                level=f"one-course tolerance{degree}, summed",
                source=row.source,
                verification=row.verification,
                scope="cumulative",
                alpha_beta_gy=ratio_gy,
                basis=row.basis,
                note=_joined(
                    f"EQD2 of {row.limit:g} Gy in {n_fractions} fractions", row.note
                ),
            )
            yield Selection(converted, applicable=True, note=selection.note)


def _results(
    selections: Iterable[Selection],
    structures: Collection[str],
    *,
    scope: int | Literal["cumulative"],
    measure: Callable[[Query], Measured | None],
) -> Iterator[ConstraintResult]:
    for selection in selections:
        row = selection.constraint
        drawn = _drawn(row, structures)
        if not selection.applicable:
            for organ in drawn:
                yield _result(row, organ, scope, None, note=selection.note)
            continue
        if not drawn:
            yield _result(row, row.organs[0], scope, None, note=NOT_DRAWN)
        for organ in drawn:
            measured = measure(
                Query(
                    structure=organ,
                    basis=row.basis,
                    metric=row.metric,
                    quantity=row.quantity,
                    alpha_beta_gy=row.alpha_beta_gy,
                    scope=scope,
                )
            )
            note = selection.note
            if measured is None or math.isnan(measured.value):
                reason = "" if measured is None else measured.reason
                measured = _surely_exceeding(measured, row)
                if measured is not None:
                    reason = EXCEEDED_INSIDE
                note = _joined(reason or "the value is not known", note)
            yield _result(row, organ, scope, measured, note=note)


def _surely_exceeding(measured: Measured | None, row: Constraint) -> Measured | None:
    """The value without any dose beyond the grids, where even that breaks a limit."""
    if measured is None or measured.without_outside is None:
        return None
    if holds(measured.without_outside, row.relation, row.limit):
        return None
    return Measured(measured.without_outside, organ_cc=measured.organ_cc)


def _result(
    row: Constraint,
    organ: str,
    scope: int | Literal["cumulative"],
    measured: Measured | None,
    *,
    note: str,
) -> ConstraintResult:
    lacking = ""
    if measured is not None and measured.organ_cc is not None:
        lacking = lacking_volume(row.metric, measured.organ_cc)
        note = _joined(lacking and f"{lacking}; its lowest dose is given", note)
    verdict: Verdict = "not evaluable"
    if measured is not None and not lacking:
        kept = holds(measured.value, row.relation, row.limit)
        verdict = "met" if kept else "exceeded"
    return ConstraintResult(
        structure=f"{organ}{WITHOUT_GTV}" if row.basis == "minus GTV" else organ,
        metric=row.metric,
        quantity=row.quantity,
        scope=scope if isinstance(scope, str) else f"course {scope}",
        alpha_beta_gy=row.alpha_beta_gy,
        relation=row.relation,
        limit=row.limit,
        value=None if measured is None else measured.value,
        interval=None if measured is None else measured.interval,
        level=row.level,
        verdict=verdict,
        source=row.source,
        verification=row.verification,
        set=row.set,
        note=_joined(note, row.note),
        contains_recovery=row.contains_recovery,
    )


def _drawn(row: Constraint, structures: Collection[str]) -> list[str]:
    return [organ for organ in row.organs if organ in structures]


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
