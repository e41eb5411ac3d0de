"""Radiation-induced liver disease after a course, classic and non-classic."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Literal, TypeVar

from reirrad.core.cohort.clinical_records import Laboratory, Visit
from reirrad.core.cohort.clinical_rules import ClinicalRules, RildRules
from reirrad.core.cohort.ctcae import laboratory_grade
from reirrad.core.cohort.liver_function import ChildPugh, child_pugh
from reirrad.core.cohort.terms import Analyte
from reirrad.core.cohort.treatment_records import Course
from reirrad.core.recovery import DAYS_PER_MONTH

__all__ = ["Rild", "RildAnswer", "rild"]

RildAnswer = Literal["yes", "no", "needs review"]

Dated = TypeVar("Dated", Laboratory, Visit)

TRANSAMINASES: tuple[Analyte, ...] = ("alt", "ast")

LATE_FROM = 2.0 / 3.0
"""Share of a window after which a finding must be looked for to deny the disease."""
LATE_MONTHS_AFTER = 1.0
"""How long after the window that may be: a visit planned at its end comes later."""
NOT_LATE = (
    "not shown in the last third of the window or within a month after it, so that "
    "it may have come later"
)

Window = tuple[float, float]
"""First and last day from the end of the course."""


@dataclass(frozen=True, slots=True)
class Rild:
    """Whether the findings after a course are those of a radiation-induced disease.

    Parameters
    ----------
    classic, non_classic
        "needs review" where the findings are there but the disease progressed, which
        may explain them, or (classic) the state before the course is not recorded; None
        where too little was recorded to say yes or no.
    reasons
        What each answer rests on, or what is missing for it.
    """

    classic: RildAnswer | None
    non_classic: RildAnswer | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Course:
    """The records of a patient beside one course."""

    start: date
    end: date
    laboratory: Sequence[Laboratory]
    visits: Sequence[Visit]
    last_contact: date | None
    rules: ClinicalRules

    def followed(self, last: float) -> bool:
        """Whether anything is known of the patient at the end of a window or later."""
        known = [sample.date for sample in self.laboratory]
        known += [visit.date for visit in self.visits]
        if self.last_contact is not None:
            known.append(self.last_contact)
        return any(self.days(day) >= int(last) for day in known)

    def days(self, day: date) -> int:
        return (day - self.end).days

    def before(self, analyte: Analyte) -> Laboratory | None:
        return _latest(s for s in self._of(analyte) if s.date <= self.start)

    def within(self, analyte: Analyte, first: float, last: float) -> list[Laboratory]:
        return [s for s in self._of(analyte) if first <= self.days(s.date) <= last]

    def seen(self, first: float, last: float) -> list[Visit]:
        return [v for v in self.visits if first <= self.days(v.date) <= last]

    def _of(self, analyte: Analyte) -> list[Laboratory]:
        return [s for s in self.laboratory if s.analyte == analyte]


def rild(
    course: Course,
    *,
    laboratory: Sequence[Laboratory],
    visits: Sequence[Visit],
    progressions: Sequence[date],
    last_contact: date | None,
    rules: ClinicalRules,
) -> Rild:
    """Radiation-induced liver disease after a course.

    Classic: ascites and an enlarged liver that were not there before, with alkaline
    phosphatase raised while bilirubin and transaminases are nearly normal. Non-classic:
    transaminases of grade 3, or Child-Pugh points risen by 2 (limits and windows are
    rules). What is recorded up to the first day of the course is the baseline. There is
    none only where the patient was followed to the end of the window, and where what
    denies it was also recorded in the last third of the window or the month after it: a
    part of the classic disease, or both findings of the non-classic one.

    Parameters
    ----------
    course
        The re-irradiation.
    laboratory, visits
        All records of this patient.
    progressions
        Days on which the disease of this patient progressed.
    last_contact
        Last day on which the patient is known to be alive, or of death; None if not
        known.
    rules
        Limits and windows.
    """
    if course.end_date is None:
        return Rild(None, None, ("the last day of the course is not known",))
    there = _Course(
        course.start_date, course.end_date, laboratory, visits, last_contact, rules
    )
    limits = rules.rild
    progressed = [there.days(day) for day in progressions if day > there.start]
    classic, why_classic = _answer(
        there, _classic(there, limits), progressed, limits.classic_up_to_months
    )
    lacking = _lacking_before(there)
    if classic == "yes" and lacking:
        classic = "needs review"
        why_classic += f"; not recorded before the course: {', '.join(lacking)}"
    other, why_other = _answer(
        there, _non_classic(there, limits), progressed, limits.non_classic_up_to_months
    )
    return Rild(
        classic, other, (f"classic: {why_classic}", f"non-classic: {why_other}")
    )


def _answer(
    there: _Course,
    found: tuple[bool | None, str],
    progressed: Iterable[int],
    months: float,
) -> tuple[RildAnswer | None, str]:
    """The answer and what it rests on."""
    what, why = found
    last = months * DAYS_PER_MONTH
    if what is None:
        return None, why
    if not what:
        if there.followed(last):
            return "no", why
        return None, f"{why}, but not followed to the end of {months:g} months"
    if any(day <= last for day in progressed):
        return "needs review", f"{why}; the disease progressed"
    return "yes", why


def _lacking_before(there: _Course) -> list[str]:
    """What the state before the course would need and is not recorded."""
    before = [visit for visit in there.visits if visit.date <= there.start]
    known = {
        "ascites": any(_ascites(visit) is not None for visit in before),
        "enlarged liver": any(_hepatomegaly(visit) is not None for visit in before),
        "alkaline phosphatase": there.before("alp") is not None,
        "bilirubin": there.before("bilirubin") is not None,
        "transaminases": any(there.before(one) is not None for one in TRANSAMINASES),
    }
    return [name for name, there_before in known.items() if not there_before]


def _classic(there: _Course, limits: RildRules) -> tuple[bool | None, str]:
    window = (
        limits.classic_from_days,
        limits.classic_up_to_months * DAYS_PER_MONTH,
    )
    return _all_of(
        _classic_parts(there, limits, window),
        _classic_parts(there, limits, _late(window)),
    )


def _late(window: Window) -> Window:
    """When a finding must have been looked for again, so that there is none."""
    first, last = window
    return (
        first + LATE_FROM * (last - first),
        last + LATE_MONTHS_AFTER * DAYS_PER_MONTH,
    )


def _classic_parts(
    there: _Course, limits: RildRules, window: Window
) -> dict[str, bool | None]:
    """Whether each part of the classic disease is there; None where not known."""
    seen = there.seen(*window)
    return {
        "ascites": _new_finding(there, seen, _ascites),
        "enlarged liver": _new_finding(there, seen, _hepatomegaly),
        "raised alkaline phosphatase": _alp_raised(there, *window),
        "nearly normal bilirubin": _nearly_normal(
            there, ("bilirubin",), window, limits.classic_bilirubin_grade
        ),
        "nearly normal transaminases": _nearly_normal(
            there, TRANSAMINASES, window, limits.classic_transaminase_grade
        ),
    }


def _all_of(
    parts: dict[str, bool | None], late: dict[str, bool | None]
) -> tuple[bool | None, str]:
    """Whether all are there; not, where one is not there and was not late either."""
    absent = [name for name, there in parts.items() if there is False]
    if absent:
        why = f"without {', '.join(absent)}"
        if any(late[name] is False for name in absent):
            return False, why
        return None, f"{why}, but {NOT_LATE}"
    unknown = [name for name, there in parts.items() if there is None]
    if unknown:
        return None, f"not recorded in the window: {', '.join(unknown)}"
    return True, f"with {', '.join(parts)}"


def _ascites(visit: Visit) -> bool | None:
    return None if visit.ascites is None else visit.ascites != "none"


def _hepatomegaly(visit: Visit) -> bool | None:
    return visit.hepatomegaly


def _new_finding(
    there: _Course, seen: Iterable[Visit], finding: Callable[[Visit], bool | None]
) -> bool | None:
    """Whether it was found in the window and not already before the course."""
    answers = {finding(visit) for visit in seen} - {None}
    if True not in answers:
        return False if answers else None
    before = _latest(
        visit
        for visit in there.visits
        if visit.date <= there.start and finding(visit) is not None
    )
    return before is None or not finding(before)


def _alp_raised(there: _Course, first: float, last: float) -> bool | None:
    samples = there.within("alp", first, last)
    multiples = [_multiple(there.before("alp"), sample) for sample in samples]
    known = [one for one in multiples if one is not None]
    limit = there.rules.rild.classic_alp_multiple
    if any(one > limit for one in known):
        return True
    return False if known and len(known) == len(samples) else None


def _multiple(baseline: Laboratory | None, sample: Laboratory) -> float | None:
    """Multiple of the upper limit of normal, or of a baseline above it."""
    if sample.unit == "multiple_of_uln":
        upper: float | None = 1.0
    else:
        upper = sample.upper_normal
    if not upper:
        return None
    if baseline is not None and baseline.unit == sample.unit:
        upper = max(upper, baseline.value)
    return sample.value / upper


def _nearly_normal(
    there: _Course,
    analytes: Iterable[Analyte],
    window: Window,
    grade: float,
) -> bool | None:
    grades = [one for analyte in analytes for one in _grades(there, analyte, window)]
    known = [one for one in grades if one is not None]
    if any(one > grade for one in known):
        return False
    return True if known and len(known) == len(grades) else None


def _grades(there: _Course, analyte: Analyte, window: Window) -> list[int | None]:
    baseline = there.before(analyte)
    return [
        laboratory_grade(sample, baseline=baseline, rules=there.rules)
        for sample in there.within(analyte, *window)
    ]


def _non_classic(there: _Course, limits: RildRules) -> tuple[bool | None, str]:
    window = (1.0, limits.non_classic_up_to_months * DAYS_PER_MONTH)
    found, why = _non_classic_in(there, limits, window)
    if found is False and _non_classic_in(there, limits, _late(window))[0] is not False:
        return None, f"{why}, but {NOT_LATE}"
    return found, why


def _non_classic_in(
    there: _Course, limits: RildRules, window: Window
) -> tuple[bool | None, str]:
    grades = [
        one for analyte in TRANSAMINASES for one in _grades(there, analyte, window)
    ]
    worst = max((one for one in grades if one is not None), default=None)
    if worst is not None and worst >= limits.non_classic_transaminase_grade:
        return True, f"transaminases of grade {worst}"
    rise = _child_pugh_rise(there, window)
    if rise is not None and rise >= limits.non_classic_child_pugh_rise:
        return True, f"Child-Pugh points risen by {rise}"
    if worst is None or None in grades:
        return None, "transaminases cannot be graded in the window"
    if rise is None:
        return None, "Child-Pugh points are not known before and after the course"
    return False, f"transaminases of grade {worst}, Child-Pugh points by {rise:+d}"


def _child_pugh_rise(there: _Course, window: Window) -> int | None:
    """Largest rise of the points in the window over those before the course."""
    first, last = window
    before = _child_pugh(there, date.min, there.start)
    days = {one.date for one in there.laboratory} | {one.date for one in there.visits}
    after = [
        _child_pugh(there, there.end + timedelta(days=ceil(first)), day)
        for day in sorted(days)
        if first <= there.days(day) <= last
    ]
    points = [one.points for one in after if one is not None]
    return max(points) - before.points if before is not None and points else None


def _child_pugh(there: _Course, first: date, last: date) -> ChildPugh | None:
    """Child-Pugh class of the latest values in a span of days."""

    def latest(analyte: Analyte) -> Laboratory | None:
        return _latest(
            sample
            for sample in there.laboratory
            if sample.analyte == analyte and first <= sample.date <= last
        )

    findings = _latest(
        visit
        for visit in there.visits
        if first <= visit.date <= last
        and visit.ascites is not None
        and visit.encephalopathy is not None
    )
    return child_pugh(
        bilirubin=latest("bilirubin"),
        albumin=latest("albumin"),
        inr=latest("inr"),
        findings=findings,
        rules=there.rules,
    )


def _latest(records: Iterable[Dated]) -> Dated | None:
    return max(records, key=lambda one: (one.date, one.number), default=None)
