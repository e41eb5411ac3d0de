"""Required output O28: worst toxicity of each patient by term and window."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

from reirrad.core.cohort.ctcae import ToxicityWindow
from reirrad.core.cohort.rild import RildAnswer
from reirrad.core.cohort.terms import ToxicityTerm
from reirrad.stats.cohort_results import ToxicityRow
from reirrad.stats.output_rows import in_stratum, share_rows
from reirrad.stats.proportions import share
from reirrad.stats.results import Output, OutputRow
from reirrad.stats.strata import ALL
from reirrad.stats.study import Study
from reirrad.stats.toxicity_events import (
    ANY,
    GASTROINTESTINAL,
    HEPATIC,
    RELATED,
    RildKind,
    had_rild,
    worst_grade,
)
from reirrad.stats.treated import Treated

__all__ = ["toxicity_results"]

WINDOWS: tuple[ToxicityWindow, ...] = ("acute", "late")
ALWAYS_SHOWN = (ANY, RELATED, GASTROINTESTINAL, HEPATIC, "fatigue")
RILD_NAMES: tuple[tuple[str, RildKind], ...] = (
    ("classic RILD", "classic"),
    ("non-classic RILD", "non_classic"),
)
RILD_WINDOW = "any"
GRADES = (1, 2, 3, 4, 5)
SEVERE = 3

NOT_FOLLOWED: Literal["not followed"] = "not followed"
Worst = int | Literal["not followed"] | None
"""Worst grade of a patient, 0 for none; None where it cannot be told."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the table is made of, by term and window, and by kind of RILD."""

    worst: dict[tuple[str, ToxicityWindow], list[tuple[str, Worst]]]
    rild: dict[str, list[tuple[str, RildAnswer | None]]]


def _counted(study: Study) -> _Counted:
    return _Counted(
        {
            (term, window): study.by_patient(
                partial(_worst, study=study, term=term, window=window)
            )
            for window in WINDOWS
            for term in _terms(study)
        },
        {
            name: study.by_patient(partial(had_rild, kind=kind, rules=study.rules))
            for name, kind in RILD_NAMES
        },
    )


def _terms(study: Study) -> tuple[str, ...]:
    """Groups and fatigue always, other terms where they occurred."""
    seen = {
        event.term
        for one in study.patients
        if one.followup.toxicity_recorded
        for event in study.toxicity[one.name]
    }
    others = [term for term in get_args(ToxicityTerm) if term in seen]
    return (*ALWAYS_SHOWN, *(term for term in others if term not in ALWAYS_SHOWN))


def _worst(one: Treated, *, study: Study, term: str, window: ToxicityWindow) -> Worst:
    if not one.followup.toxicity_recorded or not _has_windows(study, one):
        return None
    if window == "late":
        long_enough = _followed_beyond_acute(study, one)
        if not long_enough:
            return None if long_enough is None else NOT_FOLLOWED
    return worst_grade(study.toxicity[one.name], term, window)


def _has_windows(study: Study, one: Treated) -> bool:
    """Whether every event and every course of a patient has its window."""
    ended = all(course.end_date is not None for course in one.courses)
    return ended and all(event.window for event in study.toxicity[one.name])


def _followed_beyond_acute(study: Study, one: Treated) -> bool | None:
    """Whether late toxicity could have been seen; None where it is not known."""
    if any(event.window == "late" for event in study.toxicity[one.name]):
        return True
    last = one.followup.death_date or one.followup.last_contact_date
    if last is None or one.first.end_date is None:
        return None
    return (last - one.first.end_date).days > study.rules.outcome.acute_up_to_days


def toxicity_results(study: Study) -> tuple[Output, tuple[ToxicityRow, ...]]:
    """O28, and the table with the worst grades by term, window and group, then RILD."""
    counted = _counted(study)
    return _output(study, counted), _table(study, counted)


def _table(study: Study, counted: _Counted) -> tuple[ToxicityRow, ...]:
    rows = [
        _graded_row(worst, term, window, stratum)
        for stratum in (ALL, *study.strata)
        for (term, window), worst in counted.worst.items()
    ]
    rows += [
        _rild_row(name, answers, stratum)
        for stratum in (ALL, *study.strata)
        for name, answers in counted.rild.items()
    ]
    return tuple(rows)


def _graded_row(
    found: Sequence[tuple[str, Worst]], term: str, window: ToxicityWindow, stratum: str
) -> ToxicityRow:
    worst = in_stratum(found, stratum)
    known = [grade for grade in worst if isinstance(grade, int)]
    one, two, three, four, five = (known.count(grade) for grade in GRADES)
    counted = share(term, sum(grade > 0 for grade in known), len(known))
    return ToxicityRow(
        term,
        window,
        stratum,
        (one, two, three, four, five),
        counted.of,
        counted.low,
        counted.high,
        not_followed=worst.count(NOT_FOLLOWED),
        missing=worst.count(None),
    )


def _rild_row(
    name: str, answers: Sequence[tuple[str, RildAnswer | None]], stratum: str
) -> ToxicityRow:
    found = in_stratum(answers, stratum)
    known = [answer for answer in found if answer in {"yes", "no"}]
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
        missing=len(found) - len(known),
    )


def _output(study: Study, counted: _Counted) -> Output:
    rows: list[OutputRow] = []
    for (term, window), worst in counted.worst.items():
        for words, least in (("any grade", 1), (f"grade {SEVERE} or more", SEVERE)):
            values = [
                (stratum, grade >= least if isinstance(grade, int) else None)
                for stratum, grade in worst
            ]
            item = f"{window}, {term.replace('_', ' ')}, {words}"
            rows += share_rows(values, study.strata, item=item)
    for name, answers in counted.rild.items():
        told = [
            (stratum, None if answer in {None, "needs review"} else answer == "yes")
            for stratum, answer in answers
        ]
        rows += share_rows(told, study.strata, item=name)
    return Output(
        "O28",
        "Toxicity",
        "patient",
        _definition(study),
        tuple(rows),
        tuple(_notes(study, counted)),
    )


def _definition(study: Study) -> str:
    days = study.rules.outcome.acute_up_to_days
    return (
        "Worst grade of each term by CTCAE v5.0 and patient, irrespective of "
        "attribution, out of the patients whose toxicity was recorded and whose "
        f"re-irradiations all have a last day. Acute is up to {days:g} days from the "
        "end of the course that the event names, else of the latest re-irradiation "
        "that had begun, or during it; late is after. Late toxicity is out of the "
        f"patients who were followed alive for more than {days:g} days after the first "
        "re-irradiation or had a late event. What is dated on the first day of the "
        "first re-irradiation or before is baseline, but not an event of that day that "
        "names a re-irradiation, or names no course and is attributed as possible or "
        "more, or is of grade 5. Laboratory values count with the "
        "grade that they have; where a patient has none but values that cannot be "
        "graded, the grade of that term is missing. Possibly related or more is by the "
        "recorded attribution; a patient with a worse event of which it is not "
        "recorded, as of laboratory values, is missing there. RILD is out of the "
        "patients of whom it can be told, after any re-irradiation: not, only where "
        "the patient was followed to the end of its window, and where what denies it "
        "was also recorded in the last third of the window or within a month after: "
        "for the classic form the same part of it not there, for the non-classic form "
        "transaminases and Child-Pugh points."
    )


def _notes(study: Study, counted: _Counted) -> list[str]:
    n = len(study.patients)
    recorded = [one for one in study.patients if one.followup.toxicity_recorded]
    late = [worst for _, worst in counted.worst[ANY, "late"]]
    days = study.rules.outcome.acute_up_to_days
    asked = (
        f"Toxicity was recorded in {len(recorded)} of {n} patients; the others are not "
        "counted."
    )
    followed = (
        f"Late: {late.count(NOT_FOLLOWED)} of these {len(recorded)} were not followed "
        f"for more than {days:g} days and had no late event; they are not counted "
        "there."
    )
    notes = [asked, followed]
    notes += _left_out(study, recorded)
    for name, answers in counted.rild.items():
        unclear = sum(answer is None for _, answer in answers)
        review = sum(answer == "needs review" for _, answer in answers)
        notes.append(
            f"{name}: cannot be told in {unclear} of {n} patients; in {review} the "
            "findings are there but the disease progressed, or the state before the "
            "course is not recorded, which needs review."
        )
    return notes


def _left_out(study: Study, recorded: Sequence[Treated]) -> list[str]:
    """Patients without a window, and laboratory values without a grade."""
    notes = []
    without = [one for one in recorded if not _has_windows(study, one)]
    if without:
        events = sum(
            event.window is None
            for one in without
            for event in study.toxicity[one.name]
        )
        notes.append(
            "Missing in acute and late, since the last day of a course is not known: "
            f"{len(without)} of {len(recorded)} patients; events of them that have no "
            f"window: {events}."
        )
    values = [
        (one.name, event.term)
        for one in recorded
        for event in study.toxicity[one.name]
        if event.grade is None
    ]
    if values:
        terms = sorted({term.replace("_", " ") for _, term in values})
        notes.append(
            f"Laboratory values that cannot be graded: {len(values)}, in "
            f"{len({name for name, _ in values})} of {len(recorded)} patients "
            f"({', '.join(terms)})."
        )
    return notes
