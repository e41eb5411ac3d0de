"""Contradictions in a cohort that a reader of its results must know."""

from collections.abc import Callable, Iterator
from datetime import date

from reirrad.core.classification import resbrt_type
from reirrad.core.cohort.checks import faults_between
from reirrad.core.cohort.dose_records import Overlap
from reirrad.core.cohort.faults import Fault
from reirrad.core.cohort.records import records_of
from reirrad.stats.endpoints import ambiguous_local_progressions
from reirrad.stats.responses import evaluations
from reirrad.stats.study import Study
from reirrad.stats.treated import Treated, lesions_in, overlap_of

__all__ = ["problems_of"]

UNDETERMINED = "undetermined"


def problems_of(study: Study) -> tuple[str, ...]:
    """What contradicts itself, a sentence each, patient after patient.

    First what is wrong between the records of a patient, then what keeps a figure from
    being given or speaks against one.
    """
    sentences = []
    for one in study.patients:
        # Without a clock nothing is in the future.
        records = records_of(one.records)
        faults = faults_between(records, today=date.max, rules=study.rules)
        sentences += [_sentence(fault) for fault in faults]
        sentences += [
            f"{one.name}: {found}" for check in CHECKS for found in check(study, one)
        ]
    return tuple(sentences)


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


def _follow_up(_study: Study, one: Treated) -> Iterator[str]:
    followup = one.followup
    if followup.death_date is None and followup.last_contact_date is None:
        yield "neither death nor last contact is recorded; survival is missing."
    if followup.death_date is None and followup.last_imaging_date is None:
        yield (
            "neither death nor last imaging is recorded; progression-free survival and "
            "local control are missing unless the disease progressed."
        )


def _local_progressions(_study: Study, one: Treated) -> Iterator[str]:
    for progression in ambiguous_local_progressions(one):
        yield (
            f"local progression {progression.number} does not say of which lesion it "
            "is; lesions without one of their own are missing in local progression."
        )


def _types(study: Study, one: Treated) -> Iterator[str]:
    minimal_cc = study.limits.minimal_ov2gy_cc
    applied = f"as applied, up to {minimal_cc:g} cc count as none"
    policies = (
        ("strict", "resbrt_type", 0.0),
        (applied, "as_applied_type", minimal_cc),
    )
    for course in one.courses:
        overlap = overlap_of(one, course)
        if overlap is None:
            yield f"re-irradiation course {course.number} has no overlap recorded."
            continue
        for policy, name, none_up_to_cc in policies:
            recorded = getattr(overlap, name)
            expected = _type_by_volume(overlap, none_up_to_cc)
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


def _response(study: Study, one: Treated) -> Iterator[str]:
    for found in evaluations(one, study.rules):
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


CHECKS: tuple[Callable[[Study, Treated], Iterator[str]], ...] = (
    _courses,
    _follow_up,
    _local_progressions,
    _types,
    _response,
    _toxicity,
)
