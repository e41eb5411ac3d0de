"""Required output O28: worst toxicity of each patient by term and window."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import get_args

from reirrad.core.cohort.ctcae import ToxicityWindow
from reirrad.core.cohort.rild import RildAnswer
from reirrad.core.cohort.terms import ToxicityTerm
from reirrad.stats.cohort_results import ToxicityRow
from reirrad.stats.endpoints import followed_months
from reirrad.stats.output_rows import in_stratum, share_rows
from reirrad.stats.proportions import share
from reirrad.stats.results import Output, OutputRow
from reirrad.stats.strata import ALL
from reirrad.stats.study import Study
from reirrad.stats.times import DAYS_PER_MONTH
from reirrad.stats.toxicity_events import (
    ANY,
    GASTROINTESTINAL,
    HEPATIC,
    RildKind,
    ToxicityEvent,
    had_rild,
    worst_grade,
)
from reirrad.stats.treated import Treated

__all__ = ["toxicity_results"]

WINDOWS: tuple[ToxicityWindow, ...] = ("acute", "late")
ALWAYS_SHOWN = (ANY, GASTROINTESTINAL, HEPATIC, "fatigue")
RILD_NAMES: tuple[tuple[str, RildKind], ...] = (
    ("classic RILD", "classic"),
    ("non-classic RILD", "non_classic"),
)
RILD_WINDOW = "any"
GRADES = (1, 2, 3, 4, 5)
SEVERE = 3

Recorded = list[tuple[str, tuple[ToxicityEvent, ...] | None]]
"""Events of each patient; None where toxicity was not recorded."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the table is made of."""

    events: Recorded
    rild: dict[str, list[tuple[str, RildAnswer | None]]]


def _counted(study: Study) -> _Counted:
    def events(one: Treated) -> tuple[ToxicityEvent, ...] | None:
        if not one.followup.toxicity_recorded:
            return None
        return study.toxicity[one.name]

    return _Counted(
        study.by_patient(events),
        {
            name: study.by_patient(partial(had_rild, kind=kind, rules=study.rules))
            for name, kind in RILD_NAMES
        },
    )


def _terms(events: Recorded) -> tuple[str, ...]:
    """Groups and fatigue always, other terms where they occurred."""
    seen = {event.term for _, found in events for event in found or ()}
    others = [term for term in get_args(ToxicityTerm) if term in seen]
    return (*ALWAYS_SHOWN, *(term for term in others if term not in ALWAYS_SHOWN))


def toxicity_results(study: Study) -> tuple[Output, tuple[ToxicityRow, ...]]:
    """O28, and the table with the worst grades by term, window and group, then RILD."""
    counted = _counted(study)
    return _output(study, counted), _table(study, counted)


def _table(study: Study, counted: _Counted) -> tuple[ToxicityRow, ...]:
    rows = [
        _graded_row(counted.events, term, window, stratum)
        for stratum in (ALL, *study.strata)
        for window in WINDOWS
        for term in _terms(counted.events)
    ]
    rows += [
        _rild_row(name, answers, stratum)
        for stratum in (ALL, *study.strata)
        for name, answers in counted.rild.items()
    ]
    return tuple(rows)


def _graded_row(
    events: Recorded, term: str, window: ToxicityWindow, stratum: str
) -> ToxicityRow:
    known = [found for found in in_stratum(events, stratum) if found is not None]
    worst = [worst_grade(found, term, window) for found in known]
    one, two, three, four, five = (worst.count(grade) for grade in GRADES)
    counted = share(term, sum(grade > 0 for grade in worst), len(known))
    return ToxicityRow(
        term,
        window,
        stratum,
        (one, two, three, four, five),
        counted.of,
        counted.low,
        counted.high,
    )


def _rild_row(
    name: str, answers: Sequence[tuple[str, RildAnswer | None]], stratum: str
) -> ToxicityRow:
    known = [found for found in in_stratum(answers, stratum) if found in {"yes", "no"}]
    counted = share(name, known.count("yes"), len(known))
    return ToxicityRow(
        name,
        RILD_WINDOW,
        stratum,
        (0, 0, 0, 0, 0),
        counted.of,
        counted.low,
        counted.high,
        ungraded=counted.count,
    )


def _output(study: Study, counted: _Counted) -> Output:
    rows: list[OutputRow] = []
    for window in WINDOWS:
        for term in _terms(counted.events):
            for words, least in (("any grade", 1), (f"grade {SEVERE} or more", SEVERE)):
                values = [
                    (
                        stratum,
                        None
                        if found is None
                        else worst_grade(found, term, window) >= least,
                    )
                    for stratum, found in counted.events
                ]
                item = f"{window}, {term.replace('_', ' ')}, {words}"
                rows += share_rows(values, study.strata, item=item)
    for name, answers in counted.rild.items():
        told = [
            (stratum, None if answer in {None, "needs review"} else answer == "yes")
            for stratum, answer in answers
        ]
        rows += share_rows(told, study.strata, item=name)
    days = study.rules.outcome.acute_up_to_days
    return Output(
        "O28",
        "Toxicity",
        "patient",
        "Worst grade of each term by CTCAE v5.0 and patient, out of the patients whose "
        f"toxicity was recorded. Acute is up to {days:g} days from the end of the "
        "latest re-irradiation that had begun, or during it; late is after. What lies "
        "before the first re-irradiation is baseline. Laboratory values count with "
        "the grade that they have. RILD is out of the patients of whom it can be told, "
        "after any re-irradiation.",
        tuple(rows),
        tuple(_notes(study, counted)),
    )


def _notes(study: Study, counted: _Counted) -> list[str]:
    notes = []
    recorded = [found for _, found in counted.events if found is not None]
    n = len(counted.events)
    notes.append(
        f"Toxicity was recorded in {len(recorded)} of {n} patients; the others are not "
        "counted."
    )
    days = study.rules.outcome.acute_up_to_days
    followed = study.by_patient(followed_months)
    late = sum(
        months is not None and found is not None and months * DAYS_PER_MONTH > days
        for (_, months), (_, found) in zip(followed, counted.events, strict=True)
    )
    notes.append(
        f"{late} of these {len(recorded)} were followed for more than {days:g} days; "
        "late toxicity could be seen in no other."
    )
    unplaced = sum(event.window is None for found in recorded for event in found)
    if unplaced:
        notes.append(
            f"Neither acute nor late, and not in the table: {unplaced}, since the last "
            "day of the course before is not known."
        )
    for name, answers in counted.rild.items():
        unclear = sum(answer is None for _, answer in answers)
        review = sum(answer == "needs review" for _, answer in answers)
        notes.append(
            f"{name}: cannot be told in {unclear} of {n} patients; in {review} the "
            "findings are there but the disease progressed, which needs review."
        )
    return notes
