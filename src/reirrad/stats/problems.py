"""Contradictions in a cohort that a reader of its results must know."""

from collections.abc import Callable, Iterator
from datetime import date

from reirrad.core.classification import resbrt_type
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.oligometastatic import oligometastatic_conflict
from reirrad.core.cohort.records import Cohort
from reirrad.stats.endpoints import ambiguous_local_progressions
from reirrad.stats.responses import evaluations
from reirrad.stats.study import Study
from reirrad.stats.toxicity_events import toxicity_events
from reirrad.stats.treated import Treated, earlier_course, lesions_in, overlap_of

__all__ = ["problems_of"]

UNDETERMINED = "undetermined"


def problems_of(study: Study) -> tuple[str, ...]:
    """What contradicts itself, a sentence each, patient after patient."""
    return tuple(
        f"{one.name}: {sentence}"
        for one in study.patients
        for check in CHECKS
        for sentence in check(study, one)
    )


def _courses(_study: Study, one: Treated) -> Iterator[str]:
    for course in one.courses:
        words = f"re-irradiation course {course.number}"
        earlier = earlier_course(one, course)
        if earlier is None:
            named = course.previous_course
            lacks = "no earlier course" if named is None else f"no course {named}"
            yield f"{words} has {lacks} to be compared with; its interval is missing."
        elif earlier.start_date >= course.start_date:
            yield (
                f"{words} began {course.start_date}, not after its previous course "
                f"{earlier.number}, {earlier.start_date}."
            )
        elif earlier.end_date and earlier.end_date > course.start_date:
            yield (
                f"{words} began {course.start_date}, before its previous course "
                f"{earlier.number} ended, {earlier.end_date}."
            )
        if course.end_date is None:
            yield f"{words} has no last day; its times to an event are missing."
        elif course.end_date < course.start_date:
            yield f"{words} ends {course.end_date}, before it begins."
        if not lesions_in(one, course):
            yield f"{words} has no lesion; outputs of lesions do not count it."


def _death(_study: Study, one: Treated) -> Iterator[str]:
    death = one.followup.death_date
    if death is None:
        return
    for words, day in _dated(one.records):
        if day > death:
            yield f"{words} is dated {day}, after the death on {death}."


def _dated(records: Cohort) -> Iterator[tuple[str, date]]:
    for followup in records.followup:
        if followup.last_contact_date:
            yield "the last contact", followup.last_contact_date
        if followup.last_imaging_date:
            yield "the last imaging", followup.last_imaging_date
    for course in records.course:
        yield f"the start of course {course.number}", course.start_date
    for kind in ("response", "progression", "toxicity", "laboratory", "visit"):
        for record in getattr(records, kind):
            yield f"{kind} {record.number}", record.date


def _follow_up(_study: Study, one: Treated) -> Iterator[str]:
    followup = one.followup
    last = followup.death_date or followup.last_contact_date
    if last is None:
        yield "neither death nor last contact is recorded; survival is missing."
    elif last < one.first.start_date:
        yield (
            f"death or last contact on {last} lies before the re-irradiation, "
            f"{one.first.start_date}; survival is missing."
        )


def _lesions(_study: Study, one: Treated) -> Iterator[str]:
    courses = {course.number for course in one.records.course}
    for lesion in one.records.lesion:
        if lesion.course not in courses:
            yield f"lesion {lesion.number} is of course {lesion.course}, which is not there."
    numbers = {lesion.number for lesion in one.records.lesion}
    for progression in one.records.progression:
        if progression.lesion is not None and progression.lesion not in numbers:
            yield (
                f"progression {progression.number} is of lesion {progression.lesion}, "
                "which is not there."
            )
    for progression in ambiguous_local_progressions(one):
        yield (
            f"local progression {progression.number} does not say of which lesion it "
            "is; lesions without one of their own are missing in local progression."
        )


def _types(study: Study, one: Treated) -> Iterator[str]:
    policies = (
        ("strict", "resbrt_type", 0.0),
        ("as applied", "as_applied_type", study.limits.minimal_ov2gy_cc),
    )
    for course in one.courses:
        overlap = overlap_of(one, course)
        if overlap is None:
            yield f"re-irradiation course {course.number} has no overlap recorded."
            continue
        for policy, name, minimal_cc in policies:
            recorded = getattr(overlap, name)
            expected = _type_by_volume(overlap, minimal_cc)
            if expected and recorded not in {None, UNDETERMINED, expected}:
                yield (
                    f"course {course.number} is type {recorded} ({policy}), but Ov2Gy "
                    f"{overlap.ov2gy_organ_cc:g} cc and Ov50% "
                    f"{overlap.ov50_organ_cc:g} cc in the organ make it {expected}."
                )


def _type_by_volume(overlap: Overlap, minimal_cc: float) -> str | None:
    ov2gy, ov50 = overlap.ov2gy_organ_cc, overlap.ov50_organ_cc
    if ov2gy is None or ov50 is None:
        return None
    return resbrt_type(ov2gy, ov50, minimal_ov2gy_cc=minimal_cc)


def _overlap_volumes(_study: Study, one: Treated) -> Iterator[str]:
    for overlap in one.records.overlap:
        for words, part, whole in (
            ("Ov2Gy", overlap.ov2gy_organ_cc, overlap.ov2gy_total_cc),
            ("Ov50%", overlap.ov50_organ_cc, overlap.ov50_total_cc),
        ):
            if part is not None and whole is not None and part > whole:
                yield (
                    f"{words} of courses {overlap.first} and {overlap.second} is "
                    f"{part:g} cc in the organ and only {whole:g} cc in all."
                )


def _oligometastatic(_study: Study, one: Treated) -> Iterator[str]:
    conflict = oligometastatic_conflict(one.first)
    if conflict:
        yield conflict


def _response(study: Study, one: Treated) -> Iterator[str]:
    for found in evaluations(one, study.rules):
        if found.recorded and found.derived and found.recorded != found.derived:
            yield (
                f"response on {found.day} is recorded as {found.recorded}, but the sums "
                f"of diameters make it {found.derived}; the recorded one counts."
            )


def _toxicity(study: Study, one: Treated) -> Iterator[str]:
    events = toxicity_events(one, study.rules)
    if events and not one.followup.toxicity_recorded:
        yield (
            f"{len(events)} toxicity events or abnormal laboratory values are kept, but "
            "not that toxicity was asked for at every contact; the patient is not in "
            "the toxicity table."
        )


CHECKS: tuple[Callable[[Study, Treated], Iterator[str]], ...] = (
    _courses,
    _death,
    _follow_up,
    _lesions,
    _types,
    _overlap_volumes,
    _oligometastatic,
    _response,
    _toxicity,
)
