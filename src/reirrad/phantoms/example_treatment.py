"""Treatment of a made-up patient: courses, lesions, plans, fractions, overlaps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import numpy as np

from reirrad.core.classification import estro_eortc_type, resbrt_type
from reirrad.core.cohort.clinical_records import Patient
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.oligometastatic import oligometastatic_state
from reirrad.core.cohort.terms import OligometastaticState
from reirrad.core.cohort.treatment_records import Course, Fraction, Lesion, Plan
from reirrad.phantoms.chances import happens, lognormal, one_of

__all__ = ["Field", "Treatment", "made_up_treatment", "treatment_day"]

Field = Literal["1A", "1B", "2 minimal", "2 none"]
"""How a re-irradiation lies to the course before it."""

DAYS_PER_MONTH = 30.4375
FIRST_RE_START = date(2017, 1, 2)
MINIMAL_CC = (11.0, 27.8)
LOW_CC = (205.0, 1400.0)
HIGH_CC = (1.0, 65.0)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A prescription."""

    dose_gy: float
    n_fractions: int


SCHEMES = (Scheme(50, 5), Scheme(45, 5), Scheme(40, 5), Scheme(35, 5), Scheme(24, 3))
FIRST_SHARES = (0.60, 0.15, 0.15, 0.05, 0.05)
LATER_SHARES = (0.45, 0.20, 0.15, 0.12, 0.08)


@dataclass(frozen=True, slots=True)
class Treatment:
    """What was given to a patient, and how the courses lie to one another."""

    patient: Patient
    courses: tuple[Course, ...]
    lesions: tuple[Lesion, ...]
    plans: tuple[Plan, ...]
    fractions: tuple[Fraction, ...]
    overlaps: tuple[Overlap, ...]

    def plan_of(self, course: int) -> Plan:
        """The one plan of a course."""
        return next(plan for plan in self.plans if plan.course == course)


def treatment_day(start: date, index: int) -> date:
    """Day of a fraction, counted from 0, where treatment begins on a Monday."""
    return start + timedelta(days=index + 2 * (index // 5))


def made_up_treatment(
    pseudonym: str,
    n_lesions: Sequence[int],
    fields: Sequence[Field],
    rng: np.random.Generator,
) -> Treatment:
    """One earlier course and the re-irradiations after it.

    Parameters
    ----------
    pseudonym
        Of the patient.
    n_lesions
        Lesions of each re-irradiation.
    fields
        How each re-irradiation lies to the course before it.
    rng
        Source of chance.
    """
    schemes = [_scheme(FIRST_SHARES, rng)]
    schemes += [_scheme(LATER_SHARES, rng) for _ in n_lesions]
    plans = tuple(
        Plan(
            patient=pseudonym,
            number=number,
            course=number,
            modality="MR",
            technique="mr_guided",
            dose_gy=scheme.dose_gy,
            n_fractions=scheme.n_fractions,
        )
        for number, scheme in enumerate(schemes, start=1)
    )
    courses = tuple(_courses(pseudonym, schemes, n_lesions, rng))
    lesions = tuple(_lesions(plans, (1, *n_lesions), rng))
    courses = tuple(_with_liver_before(course, lesions) for course in courses)
    return Treatment(
        patient=_patient(pseudonym, courses, rng),
        courses=courses,
        lesions=lesions,
        plans=plans,
        fractions=tuple(_fractions(plans[1:], courses, rng)),
        overlaps=tuple(_overlaps(courses, lesions, fields, rng)),
    )


def _scheme(shares: Sequence[float], rng: np.random.Generator) -> Scheme:
    return SCHEMES[int(rng.choice(len(SCHEMES), p=shares))]


def _courses(
    pseudonym: str,
    schemes: Sequence[Scheme],
    n_lesions: Sequence[int],
    rng: np.random.Generator,
) -> Iterator[Course]:
    starts = _starts(len(schemes), rng)
    concern = happens(0.75, rng)
    polymetastatic = happens(0.15, rng)
    for number, (start, scheme) in enumerate(zip(starts, schemes, strict=True), 1):
        later = number > 1
        reduced = later and scheme.dose_gy < schemes[0].dose_gy
        short = later and (start - starts[number - 2]).days < 6 * DAYS_PER_MONTH
        present = int(n_lesions[number - 2] if later else 1) + int(rng.integers(0, 2))
        course = Course(
            patient=pseudonym,
            number=number,
            start_date=start,
            end_date=treatment_day(start, scheme.n_fractions - 1),
            reirradiation=later,
            previous_course=number - 1 if later else None,
            intent="ablative",
            technique="mr_guided",
            ecog=int(rng.choice(3, p=(0.55, 0.35, 0.10))),
            n_lesions_present=present,
            oar_concern=concern if later else None,
            polymetastatic_before=polymetastatic,
            oligometastatic_before=later,
            over_6_months_from_diagnosis=True,
            active_systemic_therapy=happens(0.6, rng),
            progressive_lesion=happens(0.85, rng),
            cine_frames_per_s=float(rng.choice([4, 8])),
            gating_boundary_mm=float(rng.choice([3, 5])),
            gating_tolerance_percent=5.0,
            completed=True,
            interrupted=False,
            dose_reduced=reduced if later else None,
            dose_reduction_reason=(
                ("short_interval" if short else "organ_at_risk") if reduced else None
            ),
        )
        yield replace(course, oligometastatic_state_reported=_state(course))


def _with_liver_before(course: Course, lesions: Sequence[Lesion]) -> Course:
    """Say whether a lesion of an earlier course was in the liver."""
    earlier = [lesion for lesion in lesions if lesion.course < course.number]
    in_liver = any(lesion.site == "liver" for lesion in earlier)
    return replace(course, previous_liver_sbrt=in_liver)


def _state(course: Course) -> OligometastaticState | None:
    return oligometastatic_state(
        polymetastatic_before=course.polymetastatic_before,
        oligometastatic_before=course.oligometastatic_before,
        over_6_months_from_diagnosis=course.over_6_months_from_diagnosis,
        active_systemic_therapy=course.active_systemic_therapy,
        progressive_lesion=course.progressive_lesion,
    )


def _starts(n_courses: int, rng: np.random.Generator) -> list[date]:
    """Mondays; the first re-irradiation within two years."""
    first_re = FIRST_RE_START + timedelta(weeks=int(rng.integers(0, 104)))
    starts = [first_re - timedelta(weeks=_interval_weeks(rng)), first_re]
    for _ in range(n_courses - 2):
        starts.append(starts[-1] + timedelta(weeks=_interval_weeks(rng)))
    return starts


def _interval_weeks(rng: np.random.Generator) -> int:
    return round(lognormal(8.5, 0.65, (2.5, 28.0), rng) * DAYS_PER_MONTH / 7)


def _patient(
    pseudonym: str, courses: Sequence[Course], rng: np.random.Generator
) -> Patient:
    age_years = float(np.clip(68 + 10 * rng.standard_normal(), 46, 87))
    diagnosed = courses[0].start_date - timedelta(days=int(rng.integers(240, 1800)))
    return Patient(
        patient=pseudonym,
        birth_date=courses[1].start_date - timedelta(days=int(age_years * 365.25) + 30),
        sex="female" if happens(0.5, rng) else "male",
        primary_site=one_of(
            ("colorectal", "gynaecological", "hepatocellular", "pancreatic", "breast"),
            (0.30, 0.32, 0.12, 0.12, 0.14),
            rng,
        ),
        primary_diagnosis_date=diagnosed,
        histology_confirmed=True,
    )


def _lesions(
    plans: Sequence[Plan], n_lesions: Sequence[int], rng: np.random.Generator
) -> Iterator[Lesion]:
    number = 0
    for plan, count in zip(plans, n_lesions, strict=True):
        mode: Literal["isodose_80", "mean_dose"] = one_of(
            ("isodose_80", "mean_dose"), (0.8, 0.2), rng
        )
        gating: Literal["inspiration_hold", "free_breathing"] = one_of(
            ("inspiration_hold", "free_breathing"), (0.7, 0.3), rng
        )
        margin_mm = 3.0 if happens(0.7, rng) else 5.0
        for _ in range(count):
            number += 1
            gtv_cc = lognormal(5.0, 0.7, (1.5, 20.0), rng)
            lesion = Lesion(
                patient=plan.patient,
                number=number,
                course=plan.course,
                plan=plan.number,
                site="liver" if happens(0.8, rng) else "peritoneum",
                gtv_cc=round(gtv_cc, 1),
                ptv_cc=round(_grown_cc(gtv_cc, margin_mm), 1),
                margin_mm=margin_mm,
                dose_gy=plan.dose_gy,
                n_fractions=plan.n_fractions,
                prescription_mode=mode,
                gating=gating,
            )
            yield _with_target_doses(lesion, rng)


def _grown_cc(ball_cc: float, margin_mm: float) -> float:
    """Volume of a ball with a margin around it."""
    radius_mm = (3000.0 * ball_cc / (4.0 * np.pi)) ** (1 / 3)
    return float(4.0 / 3.0 * np.pi * (radius_mm + margin_mm) ** 3 / 1000.0)


def _with_target_doses(lesion: Lesion, rng: np.random.Generator) -> Lesion:
    """PTV metrics; in one PTV of seven an organ at risk costs coverage."""
    hottest, mean, d95, d98 = 1.22, 1.12, 1.00, 0.97
    if lesion.prescription_mode == "mean_dose":
        hottest, mean, d95, d98 = 1.05, 1.00, 0.96, 0.94
    compromised = happens(0.15, rng)
    cut = float(rng.uniform(0.82, 0.93)) if compromised else 1.0
    covered = float(rng.uniform(80, 94) if compromised else rng.uniform(95.5, 100))
    dose_gy = (lesion.dose_gy or 0.0) * float(rng.uniform(0.98, 1.02))
    return replace(
        lesion,
        ptv_mean_gy=round(dose_gy * mean * (1 + cut) / 2, 2),
        ptv_d2_gy=round(dose_gy * hottest, 2),
        ptv_d95_gy=round(dose_gy * d95 * cut, 2),
        ptv_d98_gy=round(dose_gy * d98 * cut * cut, 2),
        ptv_v95_percent=round(covered, 1),
    )


def _fractions(
    plans: Sequence[Plan], courses: Sequence[Course], rng: np.random.Generator
) -> Iterator[Fraction]:
    start = {course.number: course.start_date for course in courses}
    number = 0
    for plan in plans:
        share = float(rng.uniform(0.3, 1.0)) if happens(0.3, rng) else 0.0
        for index in range(plan.n_fractions or 0):
            number += 1
            adapted = happens(share, rng)
            yield Fraction(
                patient=plan.patient,
                number=number,
                plan=plan.number,
                index=index + 1,
                adapted=adapted,
                date=treatment_day(start[plan.course], index),
                reason=_reason(rng) if adapted else None,
            )


def _reason(rng: np.random.Generator) -> Literal["organ_at_risk", "coverage"]:
    return "organ_at_risk" if happens(0.7, rng) else "coverage"


def _overlaps(
    courses: Sequence[Course],
    lesions: Sequence[Lesion],
    fields: Sequence[Field],
    rng: np.random.Generator,
) -> Iterator[Overlap]:
    """Of every pair; pairs that are not neighbours share the 2 Gy isodoses alone."""
    number = 0
    for later in courses[1:]:
        in_liver = any(
            lesion.site == "liver" and lesion.course == later.number
            for lesion in lesions
        )
        for earlier in courses[: later.number - 1]:
            number += 1
            neighbours = earlier.number == later.previous_course
            field: Field = fields[later.number - 2] if neighbours else "1A"
            yield _overlap(number, (earlier, later), field, in_liver, rng=rng)


def _overlap(
    number: int,
    pair: tuple[Course, Course],
    field: Field,
    in_liver: bool,  # noqa: FBT001 - a fact of the pair
    *,
    rng: np.random.Generator,
) -> Overlap:
    low_cc, high_cc = _shared_cc(field, rng)
    wider = float(rng.uniform(1.05, 1.4))
    strict = resbrt_type(low_cc, high_cc, minimal_ov2gy_cc=0.0)
    return Overlap(
        patient=pair[1].patient,
        number=number,
        first=pair[0].number,
        second=pair[1].number,
        organ="Liver",
        ov2gy_organ_cc=low_cc,
        ov2gy_total_cc=round(low_cc * wider, 1),
        ov50_organ_cc=high_cc,
        ov50_total_cc=round(high_cc * min(wider, 1.15), 1),
        ptv_cc=round(0.02 * high_cc, 1) if high_cc > 40 else 0.0,
        gtv_cc=0.0,
        resbrt_type=strict,
        as_applied_type=resbrt_type(low_cc, high_cc, minimal_ov2gy_cc=max(MINIMAL_CC)),
        estro_eortc=estro_eortc_type(
            low_cc > 0,
            oar_concern=bool(pair[1].oar_concern),
            target_in_irradiated_organ=in_liver,
        ),
        same_type_percent=round(float(rng.uniform(70, 100))),
    )


def _shared_cc(field: Field, rng: np.random.Generator) -> tuple[float, float]:
    low = round(float(rng.uniform(*LOW_CC)), 1)
    high = round(float(rng.uniform(*HIGH_CC)), 1)
    minimal = round(float(rng.uniform(*MINIMAL_CC)), 1)
    return {
        "1A": (low, 0.0),
        "1B": (low, high),
        "2 minimal": (minimal, 0.0),
        "2 none": (0.0, 0.0),
    }[field]
