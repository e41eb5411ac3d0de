"""How many re-irradiations keep each limit of the organs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reirrad.core.cohort.dose_records import LimitCheck
from reirrad.core.cohort.treatment_records import Course
from reirrad.stats.organ_doses import Scope, oldest_first, whole_sums
from reirrad.stats.output_rows import shares_rows
from reirrad.stats.results import OutputRow
from reirrad.stats.strata import choices_of
from reirrad.stats.study import Study
from reirrad.stats.treated import Treated, earlier_course

__all__ = ["limit_rows"]

WORST_FIRST = ("exceeded", "not evaluable", "met")


@dataclass(frozen=True, slots=True, order=True)
class _Kind:
    """What limits have in common that may differ with the number of fractions."""

    structure: str
    metric: str
    quantity: str
    relation: str
    scope: Scope
    source: str
    verification: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the table: one kind of limit, with the limits that it has."""

    kind: _Kind
    limits: tuple[float, ...]


Verdicts = Mapping[_Kind, Mapping[float, str]]


def limit_rows(study: Study) -> tuple[tuple[OutputRow, ...], tuple[str, ...]]:
    """Shares of the re-irradiations by their answer to each limit.

    Limits of one kind that differ are one line unless a course was held to several.

    Returns
    -------
    rows
        The item names the limit and the number of its source in brackets.
    sources
        The sources with their numbers, and how far each was verified.
    """
    verdicts = study.by_course(_verdicts)
    lines = _lines([found for _, found in verdicts])
    sources = sorted({(line.kind.source, line.kind.verification) for line in lines})
    numbers = {source: number for number, source in enumerate(sources, start=1)}
    order = choices_of(LimitCheck, "verdict")
    rows: list[OutputRow] = []
    for line in lines:
        values = [(stratum, _verdict(found, line)) for stratum, found in verdicts]
        number = numbers[line.kind.source, line.kind.verification]
        item = f"{_words(line)} [{number}]"
        rows += shares_rows(values, study.strata, order, item=item)
    listed = (
        f"[{number}] {source} ({verification})"
        for (source, verification), number in numbers.items()
    )
    return tuple(rows), tuple(listed)


def _verdicts(one: Treated, course: Course) -> Verdicts:
    """Verdicts of a re-irradiation on every limit, by the newest assessment.

    On the limits of all courses together by the newest that has all of them.
    """
    found: dict[_Kind, list[LimitCheck]] = defaultdict(list)
    whole = whole_sums(one, course)
    for check in oldest_first(one, one.records.limit):
        if check.course is None and check.assessment not in whole:
            continue
        scope = _scope(one, course, check)
        if scope is not None:
            found[_kind(check, scope)].append(check)
    return {kind: _worst_of_newest(checks) for kind, checks in found.items()}


def _worst_of_newest(checks: Sequence[LimitCheck]) -> Mapping[float, str]:
    """The worst verdict on each limit in the assessment that the last check is of."""
    newest = [one for one in checks if one.assessment == checks[-1].assessment]
    worst_last = sorted(newest, key=lambda one: -WORST_FIRST.index(one.verdict))
    return {one.limit: one.verdict for one in worst_last}


def _scope(one: Treated, course: Course, check: LimitCheck) -> Scope | None:
    """What the check is of, seen from a re-irradiation; None if of another one."""
    if check.course is None:
        return "cumulative"
    if check.course == course.number:
        return "re-irradiation"
    earlier = earlier_course(one, course)
    previous = earlier is not None and check.course == earlier.number
    return "previous course" if previous else None


def _kind(check: LimitCheck, scope: Scope) -> _Kind:
    return _Kind(
        structure=check.structure,
        metric=check.metric,
        quantity=check.quantity,
        relation=check.relation,
        scope=scope,
        source=check.source,
        verification=check.verification,
    )


def _lines(verdicts: Sequence[Verdicts]) -> list[_Line]:
    limits: dict[_Kind, set[float]] = defaultdict(set)
    apart: set[_Kind] = set()
    for found in verdicts:
        for kind, of in found.items():
            limits[kind].update(of)
            if len(of) > 1:
                apart.add(kind)
    return [
        line
        for kind in sorted(limits)
        for line in _lines_of(kind, sorted(limits[kind]), joined=kind not in apart)
    ]


def _lines_of(kind: _Kind, limits: Iterable[float], *, joined: bool) -> Iterator[_Line]:
    if joined:
        yield _Line(kind, tuple(limits))
    else:
        yield from (_Line(kind, (limit,)) for limit in limits)


def _verdict(found: Verdicts, line: _Line) -> str | None:
    of = found.get(line.kind, {})
    return next((of[limit] for limit in line.limits if limit in of), None)


def _words(line: _Line) -> str:
    # A metric of TG-263 ends with its unit, as in D0.1cc[Gy].
    kind = line.kind
    metric, _, unit = kind.metric.rstrip("]").partition("[")
    quantity = "" if kind.quantity == "physical" else f" {kind.quantity}"
    limits = " or ".join(f"{limit:.4g}" for limit in line.limits)
    named = f"{kind.structure}, {metric}{quantity} {kind.relation} {limits} {unit}"
    return f"{named.rstrip()}, {kind.scope}"
