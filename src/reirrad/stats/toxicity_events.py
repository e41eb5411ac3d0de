"""Toxicity after re-irradiation: recorded events and graded laboratory values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from reirrad.core.cohort.clinical_records import Laboratory
from reirrad.core.cohort.clinical_rules import ClinicalRules
from reirrad.core.cohort.ctcae import (
    ToxicityWindow,
    graded_term,
    laboratory_grade,
    toxicity_window,
)
from reirrad.core.cohort.rild import RildAnswer, rild
from reirrad.core.cohort.terms import ToxicityTerm
from reirrad.stats.treated import Treated

__all__ = [
    "ANY",
    "GASTROINTESTINAL",
    "GROUPS",
    "HEPATIC",
    "RildKind",
    "ToxicityEvent",
    "had_rild",
    "is_in",
    "toxicity_events",
    "worst_grade",
]

RildKind = Literal["classic", "non_classic"]

ANY, GASTROINTESTINAL, HEPATIC = "any", "gastrointestinal", "hepatic"
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
    """An event after the start of re-irradiation.

    Parameters
    ----------
    day, term, grade
        What happened when, CTCAE v5.0.
    window
        None where the end of the course before it is not known.
    """

    day: date
    term: ToxicityTerm
    grade: int
    window: ToxicityWindow | None


def toxicity_events(one: Treated, rules: ClinicalRules) -> tuple[ToxicityEvent, ...]:
    """Recorded events and graded laboratory values, earliest first.

    What lies before the first re-irradiation is baseline and is left out. The window
    runs from the end of the latest re-irradiation that had begun.
    """
    start = one.first.start_date
    recorded = (
        (event.date, event.term, event.grade)
        for event in one.records.toxicity
        if event.date >= start
    )
    found = [*recorded, *_graded(one, rules)]
    return tuple(
        ToxicityEvent(day, term, grade, _window(one, day, rules))
        for day, term, grade in sorted(found)
    )


def _graded(
    one: Treated, rules: ClinicalRules
) -> Iterable[tuple[date, ToxicityTerm, int]]:
    start = one.first.start_date
    samples = sorted(
        one.records.laboratory, key=lambda sample: (sample.date, sample.number)
    )
    baselines = {sample.analyte: sample for sample in samples if sample.date <= start}
    for sample in samples:
        if sample.date > start:
            grade = _grade(sample, baselines.get(sample.analyte), rules)
            if grade:
                yield sample.date, graded_term(sample.analyte, rules), grade


def _grade(
    sample: Laboratory, baseline: Laboratory | None, rules: ClinicalRules
) -> int | None:
    return laboratory_grade(sample, baseline=baseline, rules=rules)


def _window(one: Treated, day: date, rules: ClinicalRules) -> ToxicityWindow | None:
    begun = [course for course in one.courses if course.start_date <= day]
    end = begun[-1].end_date
    return None if end is None else toxicity_window((day - end).days, rules.outcome)


def is_in(event: ToxicityEvent, term: str) -> bool:
    """Whether an event is of a term, of a group of terms, or of any."""
    return term in {ANY, event.term} or event.term in GROUPS.get(term, frozenset())


def worst_grade(
    events: Iterable[ToxicityEvent], term: str, window: ToxicityWindow | None = None
) -> int:
    """Worst grade of a term or group in a window, or in both; 0 for none."""
    return max(
        (
            event.grade
            for event in events
            if is_in(event, term) and window in {None, event.window}
        ),
        default=0,
    )


def had_rild(one: Treated, kind: RildKind, rules: ClinicalRules) -> RildAnswer | None:
    """Radiation-induced liver disease after any re-irradiation; None if not told.

    "yes" after one course decides, then "needs review"; "no" holds only where it is
    known for every course.
    """
    answers = {
        getattr(
            rild(
                course,
                laboratory=one.records.laboratory,
                visits=one.records.visit,
                progressions=one.records.progression,
                rules=rules,
            ),
            kind,
        )
        for course in one.courses
    }
    order: tuple[RildAnswer | None, ...] = ("yes", "needs review", None, "no")
    return next(answer for answer in order if answer in answers)
