"""Overlap and class of every pair of courses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from reirrad.core.assessment import ClassStability, OverlapVolume, PairAssessment
from reirrad.core.classification import classify
from reirrad.core.overlap import CourseIsodoses, course_isodoses, overlap_volumes
from reirrad.core.sampling import SamplePoints, sample, shared_cc
from reirrad.core.sections import is_inside
from reirrad.core.settings import Settings
from reirrad.core.stability import class_stability
from reirrad.core.structure_doses import PlacedStructure
from reirrad.core.structures import Role
from reirrad.knowledge.rules import rule_limits
from reirrad.workflows.place import PlacedPatient

__all__ = [
    "PairQuestion",
    "assessed_pairs",
    "assessed_unions",
    "in_irradiated_organ",
    "isodoses_by_course",
    "pair_question",
]


def isodoses_by_course(patient: PlacedPatient) -> dict[int, CourseIsodoses]:
    """Isodose regions of every course that could be related to the reference."""
    return {p.course.number: course_isodoses(p) for p in patient.placed}


@dataclass(frozen=True, slots=True, eq=False)
class PairQuestion:
    """What every pair is asked with.

    Parameters
    ----------
    patient
        Everything in the reference frame.
    isodoses
        Course number to isodose regions, of the courses that could be related to it.
    organ
        The organ in which overlap is measured, sampled.
    settings
        What the user decided.
    shifts_mm
        Registration errors for which the class is asked again.
    """

    patient: PlacedPatient
    isodoses: Mapping[int, CourseIsodoses]
    organ: SamplePoints
    settings: Settings
    shifts_mm: Sequence[float]


def pair_question(patient: PlacedPatient, settings: Settings) -> PairQuestion:
    """Prepare what every pair of a patient's courses is asked."""
    rules = rule_limits("registration_rules")
    return PairQuestion(
        patient,
        isodoses_by_course(patient),
        sample(patient.organ.sections, centred=True),
        settings,
        [rules["stability_shift_small_mm"], rules["stability_shift_large_mm"]],
    )


def assessed_pairs(question: PairQuestion) -> tuple[PairAssessment, ...]:
    """Every earlier course against every later one."""
    return tuple(
        _assessed(question, (first,), second)
        for first, second in combinations(question.patient.course_numbers, 2)
    )


def assessed_unions(question: PairQuestion) -> tuple[PairAssessment, ...]:
    """Each course from the third on against the united isodoses of all before it."""
    numbers = question.patient.course_numbers
    return tuple(
        _assessed(question, tuple(numbers[:n]), numbers[n])
        for n in range(2, len(numbers))
    )


def _assessed(
    question: PairQuestion, earlier: tuple[int, ...], later: int
) -> PairAssessment:
    patient, isodoses, organ = question.patient, question.isodoses, question.organ
    courses = {o.course.number: o.course for o in patient.outlined}
    involved = (*earlier, later)
    lost = [number for number in involved if number not in isodoses]
    overlap = {"2Gy": OverlapVolume(None, None), "50%": OverlapVolume(None, None)}
    stability: tuple[ClassStability, ...] = ()
    targets: dict[str, float | None] = {}
    withheld = ""
    if lost:
        reasons = {n: patient.alignments[n].summary.reason for n in lost}
        withheld = " ".join(
            f"The registration of course {n} to course "
            f"{patient.reference.course.number} is rejected: {reason}"
            for n, reason in reasons.items()
        )
    else:
        before = [isodoses[number] for number in earlier]
        overlap = overlap_volumes(before, isodoses[later], organ)
        targets = _target_overlaps(patient, earlier, later)
    classification = classify(
        overlap,
        organ=patient.organ.label,
        minimal_ov2gy_cc=question.settings.minimal_ov2gy_cc,
        oar_concern=question.settings.oar_concern,
        target_in_irradiated_organ=not lost
        and in_irradiated_organ(question, earlier, later),
        withheld_because=withheld,
    )
    if not lost:
        stability = tuple(
            class_stability(
                [isodoses[number] for number in earlier],
                isodoses[later],
                organ,
                shift_mm=shift,
                reported=classification.resbrt_type,
            )
            for shift in question.shifts_mm
        )
    interval = courses[later].start_date - courses[earlier[-1]].start_date
    return PairAssessment(
        first=earlier[-1],
        second=later,
        earlier=earlier,
        interval_days=interval.days,
        organ=patient.organ.label,
        overlap=overlap,
        targets=targets,
        classification=classification,
        stability=stability,
    )


def in_irradiated_organ(
    question: PairQuestion, earlier: tuple[int, ...], later: int
) -> bool:
    """Whether a course aims at the organ, and any of the earlier ones did, too."""

    def aims(number: int) -> bool:
        return _aims_at_organ(
            question.patient, question.isodoses[number], question.organ
        )

    return aims(later) and any(aims(number) for number in earlier)


def _aims_at_organ(
    patient: PlacedPatient, isodoses: CourseIsodoses, organ: SamplePoints
) -> bool:
    """Whether most of a course's target lies in the organ.

    Without a drawn target, whether its 50 % isodose reaches the organ.
    """
    number = isodoses.placed.course.number
    targets = _targets(patient, number, Role.PTV) or _targets(patient, number, Role.GTV)
    if not targets:
        return bool(np.any(isodoses.iso50(organ.points_mm) >= 0.0))
    organ_sections = patient.organ.sections
    inside_cc = sum(shared_cc(one.sections, organ_sections) for one in targets)
    return inside_cc > sum(one.sections.volume_cc for one in targets) / 2.0


def _targets(patient: PlacedPatient, number: int, role: Role) -> list[PlacedStructure]:
    return [
        placed
        for placed in patient.structures
        if placed.source_course == number and placed.structure.role is role
    ]


def _target_overlaps(
    patient: PlacedPatient, earlier: tuple[int, ...], later: int
) -> dict[str, float | None]:
    """Volume that the PTVs, and the GTVs, of both sides share."""
    result: dict[str, float | None] = {}
    for role in (Role.PTV, Role.GTV):
        new = _targets(patient, later, role)
        old = [t for number in earlier for t in _targets(patient, number, role)]
        if not new or not old:
            result[role.value] = None
            continue
        shared = 0.0
        for target in new:
            samples = sample(target.sections)
            hit = np.zeros(len(samples.volumes_cc), dtype=np.bool_)
            for other in old:
                hit |= is_inside(other.sections, samples.points_mm)
            shared += float(samples.volumes_cc[hit].sum())
        result[role.value] = shared
    return result
