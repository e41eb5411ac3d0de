"""Toxicity after re-irradiation: recorded events and graded laboratory values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from reirrad.core.cohort.clinical_records import Toxicity
from reirrad.core.cohort.clinical_rules import ClinicalRules
from reirrad.core.cohort.ctcae import (
    ToxicityWindow,
    graded_term,
    laboratory_grade,
    toxicity_window,
)
from reirrad.core.cohort.rild import RildAnswer, rild
from reirrad.core.cohort.terms import ToxicityTerm
from reirrad.stats.progressions import progressions
from reirrad.stats.treated import Treated

__all__ = [
    "ANY",
    "GASTROINTESTINAL",
    "GROUPS",
    "HEPATIC",
    "RELATED",
    "RildKind",
    "ToxicityEvent",
    "baseline_of_first_day",
    "first_day",
    "had_rild",
    "is_in",
    "toxicity_events",
    "worst_grade",
]

RildKind = Literal["classic", "non_classic"]

ANY, GASTROINTESTINAL, HEPATIC = "any", "gastrointestinal", "hepatic"
RELATED = "any, possibly related or more"
FATAL = 5
RELATED_BY = frozenset({"possible", "probable", "definite"})
GROUPS: dict[str, frozenset[ToxicityTerm]] = {
    GASTROINTESTINAL: frozenset(
        {
            "nausea",
            "vomiting",
            "diarrhea",
            "abdominal_pain",
            "upper_gastrointestinal_hemorrhage",
            "lower_gastrointestinal_hemorrhage",
            "gastric_ulcer",
            "duodenal_ulcer",
            "gastric_perforation",
            "duodenal_perforation",
            "small_intestinal_perforation",
            "colonic_perforation",
            "small_intestinal_obstruction",
        }
    ),
    HEPATIC: frozenset(
        {
            "alanine_aminotransferase_increased",
            "aspartate_aminotransferase_increased",
            "alkaline_phosphatase_increased",
            "ggt_increased",
            "blood_bilirubin_increased",
            "hepatic_failure",
            "ascites",
            "portal_vein_thrombosis",
        }
    ),
}
"""Terms of each group, beside "any"."""


@dataclass(frozen=True, slots=True)
class ToxicityEvent:
    """An event after re-irradiation, or of its first day and not baseline.

    Parameters
    ----------
    day, term
        What happened when, CTCAE v5.0.
    grade
        None for a laboratory value that cannot be graded.
    window
        None where the end of its course is not known.
    related
        Whether it is attributed to the radiotherapy as possible or more; None where
        that is not recorded, as of every laboratory value.
    """

    day: date
    term: ToxicityTerm
    grade: int | None
    window: ToxicityWindow | None
    related: bool | None = None


def toxicity_events(one: Treated, rules: ClinicalRules) -> tuple[ToxicityEvent, ...]:
    """Recorded events and graded laboratory values, earliest first.

    What is dated before the first re-irradiation is baseline and is left out, and so is
    what is dated on its first day, but for an event that names a re-irradiation, or
    names no course and is attributed to the radiotherapy as possible or more, or is of
    grade 5. The window runs from the end of the course that an event names, else of the
    latest re-irradiation that had begun.
    """
    found = [
        ToxicityEvent(
            event.date,
            event.term,
            event.grade,
            _window(one, event.date, rules, course=event.course),
            _is_related(event),
        )
        for event in one.records.toxicity
        if _is_after(one, event)
    ]
    found += [
        ToxicityEvent(day, term, grade, _window(one, day, rules))
        for day, term, grade in _graded(one, rules)
    ]
    return tuple(
        sorted(found, key=lambda event: (event.day, event.term, event.grade or 0))
    )


def baseline_of_first_day(one: Treated) -> tuple[Toxicity, ...]:
    """Events of the first day of the first re-irradiation that count as baseline."""
    return tuple(
        event
        for event in one.records.toxicity
        if event.date == one.first.start_date and not _is_after(one, event)
    )


def _is_after(one: Treated, event: Toxicity) -> bool:
    if event.date != one.first.start_date:
        return event.date > one.first.start_date
    if event.grade == FATAL:
        return True
    if event.course is None:
        return _is_related(event) is True
    return event.course in {course.number for course in one.courses}


def _is_related(event: Toxicity) -> bool | None:
    return None if event.attribution is None else event.attribution in RELATED_BY


def _graded(
    one: Treated, rules: ClinicalRules
) -> Iterable[tuple[date, ToxicityTerm, int | None]]:
    """Laboratory values that have a grade, or of which it cannot be told."""
    start = one.first.start_date
    samples = sorted(
        one.records.laboratory, key=lambda sample: (sample.date, sample.number)
    )
    baselines = {sample.analyte: sample for sample in samples if sample.date <= start}
    for sample in samples:
        if sample.date > start:
            before = baselines.get(sample.analyte)
            grade = laboratory_grade(sample, baseline=before, rules=rules)
            if grade != 0:
                yield sample.date, graded_term(sample.analyte, rules), grade


def _window(
    one: Treated, day: date, rules: ClinicalRules, *, course: int | None = None
) -> ToxicityWindow | None:
    named = [known for known in one.records.course if known.number == course]
    begun = [known for known in one.courses if known.start_date < day] or [one.first]
    end = (named or begun)[-1].end_date
    return None if end is None else toxicity_window((day - end).days, rules.outcome)


def is_in(event: ToxicityEvent, term: str) -> bool:
    """Whether an event is of a term, of a group of terms, or of any."""
    if term in {ANY, RELATED, event.term}:
        return True
    return event.term in GROUPS.get(term, frozenset())


def worst_grade(
    events: Iterable[ToxicityEvent], term: str, window: ToxicityWindow | None = None
) -> int | None:
    """Worst grade of a term or group in a window, or in both; 0 for none.

    None where nothing has a grade but a laboratory value that cannot be graded. Of the
    related ones also where one that is worse has no attribution.
    """
    found = [
        event
        for event in events
        if is_in(event, term) and window in {None, event.window}
    ]
    if term == RELATED:
        return _worst_related(found)
    graded = [event.grade for event in found if event.grade is not None]
    return max(graded, default=None if found else 0)


def _worst_related(found: Sequence[ToxicityEvent]) -> int | None:
    worst = max((event.grade or 0 for event in found if event.related), default=0)
    unclear = any(
        (event.grade is None and worst == 0) or (event.grade or 0) > worst
        for event in found
        if event.related is None
    )
    return None if unclear else worst


def first_day(
    events: Iterable[ToxicityEvent], term: str, least_grade: int
) -> date | None:
    """First day of a term or group of a grade or worse; None if there is none."""
    days = [
        event.day
        for event in events
        if is_in(event, term) and event.grade is not None and event.grade >= least_grade
    ]
    return min(days, default=None)


def had_rild(one: Treated, kind: RildKind, rules: ClinicalRules) -> RildAnswer | None:
    """Radiation-induced liver disease after any re-irradiation; None if not told.

    "yes" after one course decides, then "needs review"; "no" holds only where it is
    known for every course.
    """
    days = [found.day for found in progressions(one, rules)]
    known = (one.followup.last_contact_date, one.followup.death_date)
    last_contact = max((day for day in known if day is not None), default=None)
    answers = {
        getattr(
            rild(
                course,
                laboratory=one.records.laboratory,
                visits=one.records.visit,
                progressions=days,
                last_contact=last_contact,
                rules=rules,
            ),
            kind,
        )
        for course in one.courses
    }
    order: tuple[RildAnswer | None, ...] = ("yes", "needs review", None, "no")
    return next(answer for answer in order if answer in answers)
