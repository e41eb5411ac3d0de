"""Contradictions and gaps in a cohort that a reader of its results must know."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from reirrad.core.classification import resbrt_type
from reirrad.core.cohort.checks import faults_between
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.faults import Fault
from reirrad.core.cohort.records import records_of
from reirrad.stats.endpoints import ambiguous_local_progressions, last_imaging
from reirrad.stats.evaluations import evaluations
from reirrad.stats.organ_doses import sums_of
from reirrad.stats.progressions import progressions, without_record
from reirrad.stats.study import Study
from reirrad.stats.toxicity_events import baseline_of_first_day
from reirrad.stats.treated import (
    UNDETERMINED,
    Treated,
    earlier_course,
    lesions_in,
    overlap_of,
    overlaps_of,
)

__all__ = ["gaps_of", "problems_of"]


def problems_of(study: Study) -> tuple[str, ...]:
    """What contradicts itself, a sentence each, patient after patient.

    First what is wrong between the records of a patient, then what speaks against a
    figure.
    """
    sentences = []
    for one in study.patients:
        # Without a clock nothing is in the future.
        records = records_of(one.records)
        faults = faults_between(records, today=date.max, rules=study.rules)
        sentences += [_sentence(fault) for fault in faults]
        sentences += [
            f"{one.name}: {found}"
            for check in CONTRADICTIONS
            for found in check(study, one)
        ]
    return tuple(sentences)


def gaps_of(study: Study) -> tuple[str, ...]:
    """What is lacking, so that a figure is missing, a sentence each."""
    return tuple(
        f"{one.name}: {found}"
        for one in study.patients
        for check in GAPS
        for found in check(study, one)
    )


def _sentence(fault: Fault) -> str:
    where = f"{fault.patient}: {fault.kind} {fault.number}, {fault.field}"
    return f"{where} {fault.value}: {fault.problem}; expected {fault.allowed}."


def _courses(_study: Study, one: Treated) -> Iterator[str]:
    for course in one.courses:
        words = f"re-irradiation course {course.number}"
        if course.end_date is None:
            yield f"{words} has no last day; its times to an event are missing."
        if not lesions_in(one, course):
            yield f"{words} has no lesion; outputs of lesions do not count it."


def _intervals(_study: Study, one: Treated) -> Iterator[str]:
    for course in one.courses:
        earlier = earlier_course(one, course)
        ended = None if earlier is None else earlier.end_date
        if earlier is not None and ended is not None and ended > course.start_date:
            yield (
                f"re-irradiation course {course.number} began on {course.start_date}, "
                f"and course {earlier.number} before it ended on {ended}; the interval "
                "between them is missing."
            )


def _follow_up(study: Study, one: Treated) -> Iterator[str]:
    followup = one.followup
    if followup.death_date is not None:
        return
    if one.died_unknown_day:
        yield (
            "a cause of death is recorded and no date of death; survival and follow-up "
            "are missing, and progression-free survival and local control unless the "
            "disease progressed."
        )
        return
    if followup.last_contact_date is None:
        yield "neither death nor last contact is recorded; survival is missing."
    if last_imaging(one, study.rules) is None:
        yield (
            "neither death nor last imaging is recorded; progression-free survival and "
            "local control are missing unless the disease progressed or a lesion has "
            "responses of its own."
        )


def _last_imaging(study: Study, one: Treated) -> Iterator[str]:
    recorded, last = one.followup.last_imaging_date, last_imaging(one, study.rules)
    if recorded is not None and last is not None and recorded < last:
        yield (
            f"the last imaging is recorded as {recorded}, but a response was seen on "
            f"{last}; the later day counts."
        )


def _local_progressions(study: Study, one: Treated) -> Iterator[str]:
    for found in ambiguous_local_progressions(one, study.rules):
        yield (
            f"local progression {found.number} does not say of which lesion it is, and "
            "several had been treated; lesions without one of their own are missing in "
            "local progression."
        )


def _unrecorded_progressions(study: Study, one: Treated) -> Iterator[str]:
    """By the sums of diameters; what a record says is checked with the records."""
    said = {
        (record.date, record.lesion)
        for record in one.records.response
        if record.category == "PD" or record.new_lesion
    }
    for found in without_record(progressions(one, study.rules)):
        if (found.day, found.lesion) not in said:
            of = "" if found.lesion is None else f" of lesion {found.lesion}"
            yield (
                f"the sum of diameters{of} on {found.day} is a progression, and none "
                "is recorded up to then; it counts as one."
            )


def _types(study: Study, one: Treated) -> Iterator[str]:
    minimal_cc = study.limits.minimal_ov2gy_cc
    applied = f"as applied, up to {minimal_cc:g} cc count as none"
    policies = (
        ("strict", "resbrt_type", 0.0),
        (applied, "as_applied_type", minimal_cc),
    )
    checked = [
        (course, overlap, *policy)
        for course in one.courses
        for overlap in overlaps_of(one, course)
        for policy in policies
    ]
    for course, overlap, policy, name, none_up_to_cc in checked:
        recorded = getattr(overlap, name)
        expected = _type_by_volume(overlap, none_up_to_cc)
        if expected and recorded not in {None, UNDETERMINED, expected}:
            yield (
                f"course {course.number} is type {recorded} ({policy}) beside course "
                f"{overlap.first}, but Ov2Gy {overlap.ov2gy_organ_cc:g} cc and Ov50% "
                f"{overlap.ov50_organ_cc:g} cc in the organ make it {expected}."
            )


def _named(_study: Study, one: Treated) -> Iterator[str]:
    """A type that is another because the course is compared with a named one alone."""
    for course in one.courses:
        counted = overlap_of(one, course)
        other = overlap_of(one, replace(course, previous_course=None))
        if counted and other and counted.resbrt_type != other.resbrt_type:
            yield (
                f"course {course.number} is type {counted.resbrt_type or 'not known'} "
                f"beside course {counted.first}, which it names; its overlap with "
                f"course {other.first} makes it {other.resbrt_type or 'not known'} and "
                "does not count. Empty previous_course to have every overlap count."
            )


def _overlaps(_study: Study, one: Treated) -> Iterator[str]:
    for course in one.courses:
        words = f"re-irradiation course {course.number}"
        overlaps = overlaps_of(one, course)
        if not overlaps:
            beside = course.previous_course
            which = "" if beside is None else f" with course {beside}, which it names"
            yield f"{words} has no overlap{which}."
        deciding = overlap_of(one, course)
        if len(overlaps) > 1 and deciding and deciding.resbrt_type == UNDETERMINED:
            yield (
                f"{words} has no type, as that of its overlap with course "
                f"{deciding.first} is not determined and could be the highest."
            )


def _unassessed(_study: Study, one: Treated) -> Iterator[str]:
    """Overlaps that nobody measured, of a course with others."""
    for course in one.courses:
        measured = {overlap.first for overlap in overlaps_of(one, course)}
        for earlier in one.records.course:
            if (
                measured
                and course.previous_course is None
                and earlier.number not in measured
                and earlier.start_date < course.start_date
            ):
                yield (
                    f"re-irradiation course {course.number} has no overlap with course "
                    f"{earlier.number}; its type is by the others alone."
                )


def _sums(_study: Study, one: Treated) -> Iterator[str]:
    """Doses of all courses together that do not count, as courses are lacking."""
    for course in one.courses:
        sums = sums_of(one, course)
        assessed = [lacks for number, lacks in sums.items() if number is not None]
        if assessed and all(assessed):
            _, fewest = min((len(lacks), lacks) for lacks in assessed)
            lacking = " and ".join(map(str, fewest))
            yield (
                f"no assessment sums every course up to re-irradiation course "
                f"{course.number}: course {lacking} is lacking, and no sum of fewer "
                "counts. Assess them together."
            )


def _type_by_volume(overlap: Overlap, minimal_cc: float) -> str | None:
    ov2gy, ov50 = overlap.ov2gy_organ_cc, overlap.ov50_organ_cc
    if ov2gy is None or ov50 is None:
        return None
    return resbrt_type(ov2gy, ov50, minimal_ov2gy_cc=minimal_cc)


def _response(study: Study, one: Treated) -> Iterator[str]:
    for found in evaluations(one, study.rules):
        if found.new_lesion:  # told with the records
            continue
        if found.recorded and found.derived and found.recorded != found.derived:
            yield (
                f"response on {found.day} is recorded as {found.recorded}, but the "
                f"sums of diameters make it {found.derived}; the recorded one counts."
            )


def _toxicity(study: Study, one: Treated) -> Iterator[str]:
    events = study.toxicity[one.name]
    if events and not one.followup.toxicity_recorded:
        yield (
            f"toxicity or abnormal laboratory values are kept ({len(events)}), but not "
            "that toxicity was asked for at every contact; the patient is not in the "
            "toxicity table."
        )


def _baseline_toxicity(_study: Study, one: Treated) -> Iterator[str]:
    for event in baseline_of_first_day(one):
        yield (
            f"toxicity {event.number} ({event.term.replace('_', ' ')}, grade "
            f"{event.grade}) is of the first day of the re-irradiation and neither "
            "names a re-irradiation nor is attributed to it; it counts as baseline and "
            "is not in the toxicity table."
        )


def _ungraded(study: Study, one: Treated) -> Iterator[str]:
    for event in study.toxicity[one.name]:
        if event.grade is None:
            yield (
                f"the laboratory value of {event.day} cannot be graded as "
                f"{event.term.replace('_', ' ')}: neither limit of normal nor baseline "
                "tell its grade."
            )


Check = Callable[[Study, Treated], Iterator[str]]
CONTRADICTIONS: tuple[Check, ...] = (_types, _named, _response, _last_imaging)
GAPS: tuple[Check, ...] = (
    _courses,
    _intervals,
    _follow_up,
    _overlaps,
    _unassessed,
    _sums,
    _local_progressions,
    _unrecorded_progressions,
    _toxicity,
    _baseline_toxicity,
    _ungraded,
)
