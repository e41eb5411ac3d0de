"""A made-up cohort with the numbers that Chiloiro et al. state of theirs.

Radiat Oncol 2024;19:52. No patient of it is one of theirs: the values are chosen so
that counts, means, medians and ranges come out as printed, as far as the printed
numbers agree with one another. Where they do not, the choice is explained in
``docs/paper-numbers.md``. What the paper does not say is left empty.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from reirrad.core.classification import estro_eortc_type, resbrt_type
from reirrad.core.cohort.clinical_records import (
    FollowUp,
    Patient,
    Progression,
    Response,
    SystemicTherapy,
)
from reirrad.core.cohort.dose_records import OrganDose, Overlap
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.records import Cohort, cohort_of
from reirrad.core.cohort.treatment_records import Course, Fraction, Lesion, Plan
from reirrad.core.radiobiology import eqd2
from reirrad.phantoms.paper_numbers import (
    AGES,
    DIED,
    FIRST_DOSES_GY,
    FIRST_LIVER_CC,
    FIRST_LIVER_GY,
    FOLLOW_UP_MONTHS,
    FREE_BREATHING,
    GIVEN,
    HOTTEST_GY,
    HOTTEST_PATIENT,
    LIVER_CC,
    LIVER_GY,
    MEAN_DOSE,
    PROGRESSED_MONTHS,
    SITES,
    STATES,
    TARGET_GY,
    THERAPIES,
    VOLUMES_CC,
    Given,
)

__all__ = ["paper_cohort"]

DAYS_PER_MONTH = 30.4375
FIRST_START = date(2019, 7, 1)
ALPHA_BETA_GY = 3.0
UNEVEN = 1.1
"""EQD2 of the liver over that of its mean dose given evenly; at least 1 (Jensen)."""


def paper_cohort() -> Cohort:
    """18 patients, 20 courses and 25 lesions with the numbers of the publication."""
    return cohort_of(_records())


def _records() -> Iterator[Record]:
    lesion = 0
    for number in range(1, len(AGES) + 1):
        given = [one for one in GIVEN if one.patient == number]
        courses = _courses(number, given)
        yield from courses
        yield from _plans(courses, given)
        yield from _lesions(courses, given, first=lesion)
        lesion += sum(one.n_lesions for one in given)
        yield from _overlaps(courses, given)
        yield from _fractions(courses, given)
        yield from _liver(courses)
        yield from _person(number, courses)
        yield from _outcome(number, courses)


def _pseudonym(patient: int) -> str:
    return f"PAPER{patient:02d}"


def _days(months: float) -> timedelta:
    return timedelta(days=round(months * DAYS_PER_MONTH))


def _start(given: Given) -> date:
    """Re-irradiations begin ten days apart; a second one by its own interval."""
    opened = FIRST_START + timedelta(days=10 * (given.patient - 1))
    first = next(one for one in GIVEN if one.patient == given.patient)
    return opened - _days(first.interval_months) + _days(given.interval_months)


def _courses(patient: int, given: Sequence[Given]) -> list[Course]:
    ended = _start(given[0]) - _days(given[0].interval_months)
    courses = [
        Course(
            patient=_pseudonym(patient),
            number=1,
            start_date=ended - timedelta(days=4),
            end_date=ended,
            reirradiation=False,
        )
    ]
    for number, one in enumerate(given, start=2):
        start = _start(one)
        courses.append(
            Course(
                patient=_pseudonym(patient),
                number=number,
                start_date=start,
                end_date=start + timedelta(days=one.n_fractions - 1),
                reirradiation=True,
                previous_course=1,
                intent="ablative",
                technique="mr_guided" if one.mr_guided else "other",
                n_lesions_present=sum(each.n_lesions for each in given),
                previous_liver_sbrt=True,
                oar_concern=True,
                oligometastatic_state_reported=STATES[patient - 1],
                cine_frames_per_s=(4.0 if patient % 2 else 8.0)
                if one.mr_guided
                else None,
                completed=True,
                interrupted=False,
                dose_reduced=one.reduced is not None,
                dose_reduction_reason=one.reduced,
            )
        )
    return courses


def _plans(courses: Sequence[Course], given: Sequence[Given]) -> Iterator[Plan]:
    """One for each course, of the same number."""
    first_gy = FIRST_DOSES_GY[given[0].patient - 1]
    schemes = [(first_gy, 5), *((one.dose_gy, one.n_fractions) for one in given)]
    for course, (dose_gy, n_fractions) in zip(courses, schemes, strict=True):
        yield Plan(
            patient=course.patient,
            number=course.number,
            course=course.number,
            technique=course.technique,
            dose_gy=dose_gy,
            n_fractions=n_fractions,
        )


def _lesions(
    courses: Sequence[Course], given: Sequence[Given], *, first: int
) -> Iterator[Lesion]:
    patient = given[0].patient
    yield Lesion(
        patient=courses[0].patient,
        number=1,
        course=1,
        plan=1,
        dose_gy=FIRST_DOSES_GY[patient - 1],
        n_fractions=5,
    )
    free = patient in FREE_BREATHING
    number = 1
    for course, one in zip(courses[1:], given, strict=True):
        target_gy = TARGET_GY[one.dose_gy]
        if patient == HOTTEST_PATIENT:
            target_gy = HOTTEST_GY
        for _ in range(one.n_lesions):
            number += 1
            gtv_cc, ptv_cc = VOLUMES_CC[first + number - 2]
            yield Lesion(
                patient=course.patient,
                number=number,
                course=course.number,
                plan=course.number,
                site=one.site,
                gtv_cc=gtv_cc,
                ptv_cc=ptv_cc,
                margin_mm=5.0 if free else 3.0,
                dose_gy=one.dose_gy,
                n_fractions=one.n_fractions,
                prescription_mode="mean_dose" if patient in MEAN_DOSE else "isodose_80",
                gating="free_breathing" if free else "inspiration_hold",
                ptv_d2_gy=target_gy[0],
                ptv_d98_gy=target_gy[1],
            )


def _overlaps(courses: Sequence[Course], given: Sequence[Given]) -> Iterator[Overlap]:
    smallest_type_1_cc = 205.0
    for number, (course, one) in enumerate(
        zip(courses[1:], given, strict=True), start=1
    ):
        yield Overlap(
            patient=course.patient,
            number=number,
            first=1,
            second=course.number,
            organ="Liver",
            ov2gy_organ_cc=one.ov2gy_cc,
            ov50_organ_cc=one.ov50_cc,
            ptv_cc=0.0,
            gtv_cc=0.0,
            resbrt_type=resbrt_type(one.ov2gy_cc, one.ov50_cc, minimal_ov2gy_cc=0.0),
            as_applied_type=resbrt_type(
                one.ov2gy_cc, one.ov50_cc, minimal_ov2gy_cc=smallest_type_1_cc - 1.0
            ),
            estro_eortc=estro_eortc_type(
                one.ov2gy_cc > 0.0,
                oar_concern=True,
                target_in_irradiated_organ=one.site == "liver",
            ),
        )


def _fractions(courses: Sequence[Course], given: Sequence[Given]) -> Iterator[Fraction]:
    """Of the plans that were adapted; of the others the paper says nothing."""
    for course, one in zip(courses[1:], given, strict=True):
        if not one.adapted:
            continue
        for index in range(1, one.n_fractions + 1):
            yield Fraction(
                patient=course.patient,
                number=index,
                plan=course.number,
                index=index,
                adapted=index in one.adapted,
                date=course.start_date + timedelta(days=index - 1),
            )


def _liver(courses: Sequence[Course]) -> Iterator[OrganDose]:
    """Liver without GTV: physical mean dose, and as EQD2."""
    patient = courses[0].patient
    index = int(patient.removeprefix("PAPER")) - 1
    later = next(n for n, one in enumerate(GIVEN) if one.patient == index + 1)
    number = 0
    for course in courses:
        mean_gy, volume_cc = FIRST_LIVER_GY[index], FIRST_LIVER_CC[index]
        if course.reirradiation:
            here = later + course.number - 2
            mean_gy, volume_cc = LIVER_GY[here], LIVER_CC[here]
        even_gy = float(eqd2(mean_gy, n_fractions=5, alpha_beta_gy=ALPHA_BETA_GY))
        number += 2
        yield OrganDose(
            patient=patient,
            number=number - 1,
            organ="Liver-GTV",
            quantity="physical",
            course=course.number,
            volume_cc=volume_cc,
            mean_gy=mean_gy,
        )
        yield OrganDose(
            patient=patient,
            number=number,
            organ="Liver-GTV",
            quantity="EQD2",
            course=course.number,
            alpha_beta_gy=ALPHA_BETA_GY,
            volume_cc=volume_cc,
            mean_gy=round(UNEVEN * even_gy, 3),
        )


def _person(patient: int, courses: Sequence[Course]) -> Iterator[Record]:
    start = courses[1].start_date
    sex, site = SITES[patient - 1]
    yield Patient(
        patient=_pseudonym(patient),
        birth_date=start.replace(year=start.year - AGES[patient - 1]),
        sex=sex,
        primary_site=site,
        histology_confirmed=True,
    )
    if patient <= len(THERAPIES):
        yield SystemicTherapy(
            patient=_pseudonym(patient),
            start_date=_end(courses) + timedelta(days=14),
            treatment=THERAPIES[patient - 1],
        )


def _end(courses: Sequence[Course]) -> date:
    return courses[1].end_date or courses[1].start_date


def _outcome(patient: int, courses: Sequence[Course]) -> Iterator[Record]:
    """Follow-up; response at progression, else at 12 months where seen then."""
    pseudonym, end = _pseudonym(patient), _end(courses)
    months = FOLLOW_UP_MONTHS[patient - 1]
    last = end + _days(months)
    yield FollowUp(
        patient=pseudonym,
        last_contact_date=last,
        last_imaging_date=last,
        death_date=last if patient in DIED else None,
        death_cause="cancer" if patient in DIED else None,
        toxicity_recorded=True,
    )
    progressed = PROGRESSED_MONTHS.get(patient)
    if progressed is not None:
        day = end + _days(progressed)
        yield Progression(patient=pseudonym, date=day, place="elsewhere")
        yield Response(patient=pseudonym, date=day, baseline=False, category="PD")
    elif months > 12:
        day = end + timedelta(days=365)
        yield Response(patient=pseudonym, date=day, baseline=False, category="PR")
