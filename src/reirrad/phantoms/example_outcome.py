"""What followed the treatment of a made-up patient."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from reirrad.core.cohort.clinical_records import (
    FollowUp,
    Laboratory,
    Progression,
    Response,
    SystemicTherapy,
    Toxicity,
    Visit,
)
from reirrad.core.cohort.terms import Analyte, LaboratoryUnit, ToxicityTerm
from reirrad.core.cohort.treatment_records import Course
from reirrad.phantoms.chances import happens, one_of
from reirrad.phantoms.example_treatment import Treatment

__all__ = ["Outcome", "made_up_outcome"]

IMAGING_DAYS = 92
MEAN_SURVIVAL_DAYS = 1400.0
MEAN_ELSEWHERE_DAYS = 850.0
MEAN_LOCAL_DAYS = 3200.0
OBSERVED_DAYS = (270, 1050)

ANALYTES: tuple[tuple[Analyte, LaboratoryUnit, float, float, float | None], ...] = (
    ("alt", "U/l", 24.0, 0.25, 40.0),
    ("ast", "U/l", 22.0, 0.25, 40.0),
    ("alp", "U/l", 80.0, 0.20, 120.0),
    ("bilirubin", "umol/l", 10.0, 0.30, 21.0),
    ("albumin", "g/l", 41.0, 0.06, 52.0),
    ("inr", "ratio", 1.02, 0.05, 1.2),
    ("platelets", "10^9/l", 220.0, 0.15, 400.0),
    ("creatinine", "umol/l", 75.0, 0.12, 100.0),
)
"""The made-up laboratory: unit, usual value, its spread, upper limit of normal."""

LOWER_NORMAL: dict[Analyte, float] = {"albumin": 35.0, "platelets": 150.0}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Records of what followed."""

    followup: FollowUp
    responses: tuple[Response, ...]
    progressions: tuple[Progression, ...]
    toxicities: tuple[Toxicity, ...]
    laboratory: tuple[Laboratory, ...]
    visits: tuple[Visit, ...]
    systemic: tuple[SystemicTherapy, ...]


@dataclass(frozen=True, slots=True)
class _Course:
    """A re-irradiation and the last day that is known before the next one."""

    course: Course
    end: date
    until: date


def made_up_outcome(
    treatment: Treatment, *, duodenum_eqd2_gy: float, rng: np.random.Generator
) -> Outcome:
    """What followed the re-irradiations of a patient.

    Parameters
    ----------
    treatment
        What was given.
    duodenum_eqd2_gy
        Cumulative near-maximum of the duodenum, on which the chance of an ulcer
        depends.
    rng
        Source of chance.
    """
    followup = _followup(treatment, rng)
    known_until = followup.last_contact_date or treatment.courses[-1].start_date
    spans = tuple(_spans(treatment.courses, known_until))
    progressions = tuple(_progressions(treatment, spans, rng))
    return Outcome(
        followup=followup,
        responses=tuple(_responses(spans, progressions, rng)),
        progressions=progressions,
        toxicities=tuple(_toxicities(spans, followup, duodenum_eqd2_gy, rng))
        if followup.toxicity_recorded
        else (),
        laboratory=tuple(_laboratory(spans, rng)),
        visits=tuple(_visits(spans)),
        systemic=tuple(_systemic(treatment, spans, rng)),
    )


def _last_day(course: Course) -> date:
    return course.end_date or course.start_date


def _followup(treatment: Treatment, rng: np.random.Generator) -> FollowUp:
    end = _last_day(treatment.courses[-1])
    observed = int(rng.integers(*OBSERVED_DAYS))
    survival = 45 + int(rng.exponential(MEAN_SURVIVAL_DAYS))
    died = survival <= observed
    last = end + timedelta(days=survival - int(rng.integers(1, 30)))
    if not died:
        last = end + timedelta(days=observed)
    imaged = (last - end).days // IMAGING_DAYS * IMAGING_DAYS
    return FollowUp(
        patient=treatment.patient.patient,
        last_contact_date=last,
        last_imaging_date=end + timedelta(days=imaged) if imaged else None,
        death_date=end + timedelta(days=survival) if died else None,
        death_cause=one_of(("cancer", "other"), (0.85, 0.15), rng) if died else None,
        toxicity_recorded=happens(0.95, rng),
    )


def _spans(courses: Sequence[Course], known_until: date) -> Iterator[_Course]:
    later = [course for course in courses if course.reirradiation]
    ends = [course.start_date - timedelta(days=8) for course in later[1:]]
    for course, until in zip(later, [*ends, known_until], strict=True):
        yield _Course(course, _last_day(course), until)


def _progressions(
    treatment: Treatment, spans: Sequence[_Course], rng: np.random.Generator
) -> Iterator[Progression]:
    """Found at imaging; what led to the next course comes before it."""
    found: list[tuple[date, bool, int | None]] = []
    for at, span in enumerate(spans):
        is_last = at == len(spans) - 1
        if not is_last:
            found.append((span.until - timedelta(days=14), False, None))
            continue
        elsewhere = _imaging_after(span, rng.exponential(MEAN_ELSEWHERE_DAYS))
        if elsewhere:
            found.append((elsewhere, happens(0.6, rng), None))
        for lesion in treatment.lesions:
            local = _imaging_after(span, rng.exponential(MEAN_LOCAL_DAYS))
            if lesion.course == span.course.number and local:
                found.append((local, False, lesion.number))
    ordered = sorted(found, key=lambda one: (one[0], one[2] or 0))
    for number, (day, away, lesion_number) in enumerate(ordered, start=1):
        yield Progression(
            patient=treatment.patient.patient,
            number=number,
            date=day,
            place="local" if lesion_number else "elsewhere" if away else "same_organ",
            lesion=lesion_number,
        )


def _imaging_after(span: _Course, days: float) -> date | None:
    """Imaging that first shows what happened so many days after the course."""
    shown = int(np.ceil(max(days, 1.0) / IMAGING_DAYS)) * IMAGING_DAYS
    day = span.end + timedelta(days=shown)
    return day if day <= span.until else None


def _responses(
    spans: Sequence[_Course],
    progressions: Sequence[Progression],
    rng: np.random.Generator,
) -> Iterator[Response]:
    """Of the patient: baseline, then every three months until progression."""
    number = 0
    for span in spans:
        first_mm = smallest_mm = round(float(rng.uniform(14, 38)), 1)
        best: Literal["CR", "PR", "SD"] = one_of(
            ("CR", "PR", "SD"), (0.2, 0.45, 0.35), rng
        )
        left = {"CR": 0.0, "PR": 0.5, "SD": 0.85}[best]
        number += 1
        yield Response(
            patient=span.course.patient,
            number=number,
            date=span.course.start_date - timedelta(days=7),
            baseline=True,
            sum_of_diameters_mm=first_mm,
            new_lesion=False,
        )
        ahead = [one for one in progressions if span.end < one.date <= span.until]
        day = span.end + timedelta(days=IMAGING_DAYS)
        while day <= span.until and not (ahead and ahead[0].date < day):
            number += 1
            now = [one for one in ahead if one.date == day]
            local = any(one.place == "local" for one in now)
            grown_mm = round(1.3 * smallest_mm + 6.0, 1)
            smallest_mm = round(left * first_mm, 1)
            yield Response(
                patient=span.course.patient,
                number=number,
                date=day,
                baseline=False,
                sum_of_diameters_mm=grown_mm if local else smallest_mm,
                new_lesion=any(one.place != "local" for one in now),
                category="PD" if now else best,
            )
            day += timedelta(days=IMAGING_DAYS)


def _toxicities(
    spans: Sequence[_Course],
    followup: FollowUp,
    duodenum_eqd2_gy: float,
    rng: np.random.Generator,
) -> Iterator[Toxicity]:
    ulcer = float(1.0 / (1.0 + np.exp(5.0 - 0.045 * duodenum_eqd2_gy)))
    number = 0
    for span in spans:
        events: list[tuple[int, ToxicityTerm, int, float]] = [
            (14, "fatigue", int(rng.integers(1, 3)), 0.25),
            (7, "nausea", int(rng.integers(1, 3)), 0.15),
            (30, "abdominal_pain", 1, 0.08),
            (150, "duodenal_ulcer", int(rng.integers(2, 4)), ulcer),
            (200, "chest_wall_pain", int(rng.integers(1, 3)), 0.04),
            (260, "biliary_tract_stenosis", 3, 0.02),
        ]
        for days, term, grade, share in events:
            day = span.end + timedelta(days=days + int(rng.integers(0, 20)))
            if happens(share, rng) and day <= span.until:
                number += 1
                yield Toxicity(
                    patient=followup.patient,
                    number=number,
                    date=day,
                    term=term,
                    grade=grade,
                    course=span.course.number,
                    attribution=one_of(("possible", "probable"), (0.6, 0.4), rng),
                )


def _laboratory(
    spans: Sequence[_Course], rng: np.random.Generator
) -> Iterator[Laboratory]:
    number = 0
    for span in spans:
        raised = 7.0 if happens(0.03, rng) else 1.0
        for days in (-7, 30, 60, 90, 180):
            day = span.end + timedelta(days=days)
            if days < 0:
                day = span.course.start_date + timedelta(days=days)
            if day > span.until:
                continue
            for analyte, unit, usual, spread, upper in ANALYTES:
                number += 1
                value = usual * float(np.exp(spread * rng.standard_normal()))
                if analyte in {"alt", "ast"} and days == 60:
                    value *= raised
                yield Laboratory(
                    patient=span.course.patient,
                    number=number,
                    date=day,
                    analyte=analyte,
                    value=round(value, 2),
                    unit=unit,
                    upper_normal=upper,
                    lower_normal=LOWER_NORMAL.get(analyte),
                )


def _visits(spans: Sequence[_Course]) -> Iterator[Visit]:
    number = 0
    for span in spans:
        before = span.course.start_date - timedelta(days=7)
        after = [span.end + timedelta(days=days) for days in (30, 90, 180, 365, 730)]
        for day in (before, *(one for one in after if one <= span.until)):
            number += 1
            yield Visit(
                patient=span.course.patient,
                number=number,
                date=day,
                ecog=min(2, (span.course.ecog or 0) + int(day > span.end)),
                ascites="none",
                encephalopathy="none",
                hepatomegaly=False,
            )


def _systemic(
    treatment: Treatment, spans: Sequence[_Course], rng: np.random.Generator
) -> Iterator[SystemicTherapy]:
    """One after the primary diagnosis, mostly another after re-irradiation."""
    patient = treatment.patient
    diagnosed = patient.primary_diagnosis_date or treatment.courses[0].start_date
    yield SystemicTherapy(
        patient=patient.patient,
        number=1,
        start_date=diagnosed + timedelta(days=30),
        end_date=diagnosed + timedelta(days=200),
        treatment="chemotherapy",
    )
    start = spans[0].end + timedelta(days=21)
    if happens(0.85, rng) and start <= spans[0].until:
        ended = start + timedelta(days=int(rng.integers(60, 300)))
        yield SystemicTherapy(
            patient=patient.patient,
            number=2,
            start_date=start,
            end_date=ended if ended <= spans[-1].until else None,
            treatment=one_of(
                ("chemotherapy", "immunotherapy", "chemoimmunotherapy"),
                (0.3, 0.45, 0.25),
                rng,
            ),
        )
