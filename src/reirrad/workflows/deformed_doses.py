"""Doses, limits and overlaps under a deformable registration, beside the rigid ones."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from reirrad.core.accumulation import DeformedCourse, Placed
from reirrad.core.assessment import Assessment, ConstraintResult, PairAssessment
from reirrad.core.constraints import Measured, Query
from reirrad.core.deformable_results import (
    ChangedVerdict,
    ComparedMetric,
    ComparedOverlap,
    ComparedPair,
)
from reirrad.core.overlap import course_isodoses, is_wholly_reached
from reirrad.core.processors import processors
from reirrad.core.sampling import SamplePoints
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import (
    PlacedStructure,
    StructureDoses,
    structure_doses,
)
from reirrad.core.structures import Role
from reirrad.workflows.limits import answered, assessed_limits, limit_queries
from reirrad.workflows.other_drawings import is_left_open
from reirrad.workflows.pairs import PairQuestion, assessed_pairs, isodoses_by_course
from reirrad.workflows.place import PlacedPatient

__all__ = ["compared_doses", "compared_pairs"]

COMPARED_METRICS = ("D0.1cc[Gy]", "Max[Gy]", "Mean[Gy]")


def compared_doses(
    ways: Sequence[Placed],
    patient: PlacedPatient,
    assessment: Assessment,
    settings: Settings,
) -> tuple[tuple[ComparedMetric, ...], tuple[ChangedVerdict, ...]]:
    """Cumulative metrics of the organs, and the limits whose verdict changes.

    Parameters
    ----------
    ways
        Every placed course, one or more of them deformed.
    patient
        Everything in the reference frame, rigidly.
    assessment
        The rigid result.
    settings
        What the user decided.
    """
    numbers = [outlined.course.number for outlined in patient.outlined]
    queries = limit_queries(patient, settings)
    gtvs = [p for p in patient.structures if p.structure.role is Role.GTV]
    # What is carried over follows the rigid registration, its dose would not.
    own = [p for p in patient.structures if not p.transferred]

    def asked(
        placed: PlacedStructure,
    ) -> tuple[tuple[ComparedMetric, ...], dict[Query, Measured]]:
        doses = structure_doses(placed, ways, numbers)
        compared = _metrics(placed, doses, assessment)
        return compared, answered(queries.get(placed.label, ()), doses, gtvs)

    with ThreadPoolExecutor(processors()) as pool:
        answers = list(pool.map(asked, own))
    measured = {query: m for _, answer in answers for query, m in answer.items()}
    limits, _ = assessed_limits(patient, measured, settings)
    names = {p.structure.standard_name for p in own}
    changed = tuple(
        _changed(rigid, other)
        for rigid, other in zip(assessment.constraints, limits, strict=True)
        if rigid.verdict != other.verdict
        and not is_left_open(rigid)
        and rigid.structure.removesuffix("-GTV") in names
    )
    return tuple(metric for rows, _ in answers for metric in rows), changed


def _metrics(
    placed: PlacedStructure,
    doses: StructureDoses,
    assessment: Assessment,
) -> tuple[ComparedMetric, ...]:
    if placed.structure.role is not Role.ORGAN:
        return ()
    rigid = next(s for s in assessment.structures if s.name == placed.label)
    hottest = next((m for m in assessment.near_maxima if m.name == placed.label), None)
    maxima = {} if hottest is None else hottest.sum_of_maxima
    ratio = placed.alpha_beta_gy
    return tuple(
        ComparedMetric(
            placed.label,
            name,
            ratio,
            rigid.cumulative.eqd2.get(name),
            doses.metric(name, "cumulative", "EQD2", ratio),
            maxima.get(name),
        )
        for name in COMPARED_METRICS
    )


def _changed(rigid: ConstraintResult, other: ConstraintResult) -> ChangedVerdict:
    return ChangedVerdict(
        structure=rigid.structure,
        metric=rigid.metric,
        quantity=rigid.quantity,
        scope=rigid.scope,
        relation=rigid.relation,
        limit=rigid.limit,
        level=rigid.level,
        set=rigid.set,
        rigid_value=rigid.value,
        rigid_verdict=rigid.verdict,
        deformable_value=other.value,
        deformable_verdict=other.verdict,
    )


def compared_pairs(
    moving: DeformedCourse,
    patient: PlacedPatient,
    assessment: Assessment,
    asked: tuple[Settings, SamplePoints],
) -> tuple[ComparedPair, ...]:
    """Overlap and type of the pairs that the deformed course belongs to.

    Parameters
    ----------
    moving
        The course that is deformed.
    patient
        Everything in the reference frame, rigidly.
    assessment
        The rigid result.
    asked
        What the user decided, and the organ in which overlap is measured.

    Returns
    -------
    tuple of ComparedPair
        None of them where a part of the organ or of the course's isodoses is lost
        outside the grid of vectors: a part of an overlap is no overlap.
    """
    settings, organ = asked
    number = moving.course.number
    isodoses = isodoses_by_course(patient)
    isodoses[number] = course_isodoses(moving)
    if not is_wholly_reached(isodoses[number], organ):
        return ()
    question = PairQuestion(patient, isodoses, organ, settings, shifts_mm=())
    return tuple(
        _compared_pair(rigid, other)
        for rigid, other in zip(assessment.pairs, assessed_pairs(question), strict=True)
        if number in (rigid.first, rigid.second)
    )


def _compared_pair(rigid: PairAssessment, other: PairAssessment) -> ComparedPair:
    return ComparedPair(
        first=rigid.first,
        second=rigid.second,
        overlap={
            level: ComparedOverlap(
                rigid.overlap[level].organ_cc,
                rigid.overlap[level].total_cc,
                other.overlap[level].organ_cc,
                other.overlap[level].total_cc,
            )
            for level in rigid.overlap
        },
        rigid_type=rigid.classification.resbrt_type,
        deformable_type=other.classification.resbrt_type,
        rigid_as_applied_type=rigid.classification.as_applied_type,
        deformable_as_applied_type=other.classification.as_applied_type,
    )
