"""Which assessments of the registry are older than a new one, which it replaces."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from reirrad.core.cohort.dose_records import AssessmentRecord
from reirrad.core.cohort.records import Cohort
from reirrad.workflows.assessment_document import AssessmentDocument, ReadAssessment

__all__ = ["Ages", "ages_of", "courses_of", "courses_told_later", "moment_of"]


@dataclass(frozen=True, slots=True)
class Ages:
    """Numbers of the assessments of the registry, beside a new one.

    Parameters
    ----------
    replaced
        Nothing is left of them when the new one is there.
    older, newer
        The others, by their time.
    """

    replaced: frozenset[int]
    older: frozenset[int]
    newer: frozenset[int]


def moment_of(document: AssessmentDocument) -> str:
    """Time of an assessment in UTC, to the second, as the registry keeps it."""
    return document.created.strftime("%Y-%m-%dT%H:%M:%SZ")


def ages_of(
    read: ReadAssessment,
    kept: Cohort,
    pairs: AbstractSet[tuple[int, int]],
    courses: AbstractSet[int],
) -> Ages:
    """Compare a new assessment with all of the registry.

    Parameters
    ----------
    read
        The new one.
    kept
        Everything that the registry has of the patient.
    pairs, courses
        What the new one assessed, numbered as in the registry.
    """
    moment = moment_of(read.document)
    newer = {
        one.number
        for one in kept.assessment
        if one.moment > moment and one.sha256 != read.sha256
    }
    replaced = {
        one.number
        for one in kept.assessment
        if one.sha256 == read.sha256
        or (one.number not in newer and _is_covered(one, kept, pairs, courses))
    }
    others = {one.number for one in kept.assessment} - newer - replaced
    return Ages(frozenset(replaced), frozenset(others), frozenset(newer))


def courses_told_later(read: ReadAssessment, kept: Cohort) -> frozenset[int]:
    """Courses of the registry of which it has a newer assessment than this one."""
    newer = ages_of(read, kept, frozenset(), frozenset()).newer
    return frozenset(
        course
        for one in kept.assessment
        if one.number in newer
        for course in courses_of(one, kept)
    )


def _is_covered(
    older: AssessmentRecord,
    kept: Cohort,
    pairs: AbstractSet[tuple[int, int]],
    courses: AbstractSet[int],
) -> bool:
    """Whether all of an older assessment is in the new one.

    One whose pairs were all taken over before, as by an addition that was interrupted,
    is covered if its courses are.
    """
    own = _pairs_of(older, kept)
    return own <= pairs if own else courses_of(older, kept) <= courses


def _pairs_of(one: AssessmentRecord, kept: Cohort) -> set[tuple[int, int]]:
    return {(o.first, o.second) for o in kept.overlap if o.assessment == one.number}


def courses_of(one: AssessmentRecord, kept: Cohort) -> set[int]:
    """Courses of an assessment, as far as the registry tells."""
    doses = ((dose.assessment, dose.course) for dose in kept.organ_dose)
    limits = ((check.assessment, check.course) for check in kept.limit)
    told = {
        course
        for number, course in (*doses, *limits)
        if number == one.number and course is not None
    }
    paired = {course for pair in _pairs_of(one, kept) for course in pair}
    return {one.reference_course, *told, *paired}
