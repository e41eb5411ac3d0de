"""Near-maximum of every organ, and limits of organs that do not keep their shape."""

from collections.abc import Mapping, Sequence

from reirrad.core.accumulation import KnownDose, PlacedCourse
from reirrad.core.assessment import ConstraintResult
from reirrad.core.constraint_rows import lacking_volume
from reirrad.core.constraints import Query, holds
from reirrad.core.near_maximum import (
    NEAR_MAXIMA,
    NearMaximum,
    WorstCaseLimit,
    hottest_on_hottest,
    searched_maxima,
)
from reirrad.core.perturbations import RegistrationAccuracy
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import (
    PlacedStructure,
    StructureDoses,
    structure_doses,
)
from reirrad.core.structures import Role
from reirrad.core.transforms import identity
from reirrad.workflows.place import PlacedPatient
from reirrad.workflows.structure_robustness import moves_with

__all__ = [
    "WorstCases",
    "near_maximum",
    "own_doses",
    "worst_case_limit",
    "worst_cases",
]

WorstCases = Mapping[Query, float | None]
"""Values of the limits of a sum, the hottest parts of all courses meeting."""


def near_maximum(
    placed: PlacedStructure,
    doses: StructureDoses,
    own: Mapping[int, StructureDoses],
    *,
    patient: PlacedPatient,
    accuracies: Mapping[int, RegistrationAccuracy],
    settings: Settings,
) -> NearMaximum:
    """Near-maximum of an organ, three ways.

    Parameters
    ----------
    doses
        Of the organ, in the reference frame.
    own
        Course number to dose in that course's own drawing (:func:`own_doses`).
    accuracies
        Of every moving course: the distances of the search.
    """
    ratio = placed.alpha_beta_gy
    distances = _distances(placed, patient, accuracies)
    maxima = {name: _sum_of_maxima(name, doses, own, ratio) for name in NEAR_MAXIMA}
    searched: dict[str, float | None] = dict.fromkeys(NEAR_MAXIMA)
    if all(number in doses.doses for number in doses.all_courses):
        searched = searched_maxima(
            doses.samples, doses.doses, ratio, distances_mm=distances
        )
    return NearMaximum(
        placed.label,
        ratio,
        max(distances.values(), default=0.0),
        {name: doses.metric(name, "cumulative", "EQD2", ratio) for name in NEAR_MAXIMA},
        searched,
        maxima,
        tuple(sorted({placed.source_course, *own})),
        placed.structure.standard_name in settings.worst_case,
        (),
    )


def _sum_of_maxima(
    name: str,
    doses: StructureDoses,
    own: Mapping[int, StructureDoses],
    alpha_beta_gy: float,
) -> float | None:
    """Near-maxima of all courses added, each the larger one of both drawings.

    A course that could not be related has its own drawing alone.
    """
    total = 0.0
    for number in doses.all_courses:
        drawings = [own[number]] if number in own else []
        if number in doses.doses:
            drawings.append(doses)
        found = [one.metric(name, number, "EQD2", alpha_beta_gy) for one in drawings]
        known = [value for value in found if value is not None]
        if not known or len(known) < len(found):
            return None
        total += max(known)
    return total


def _distances(
    placed: PlacedStructure,
    patient: PlacedPatient,
    accuracies: Mapping[int, RegistrationAccuracy],
) -> dict[int, float]:
    """How far each course may lie from a structure: the sum of both inaccuracies.

    The dose of the course in which the structure was drawn lies where it is.
    """
    own = moves_with(placed, patient.reference.course.number)

    def off_mm(number: int) -> float:
        return accuracies[number].translation_mm if number in accuracies else 0.0

    return {
        p.course.number: off_mm(p.course.number) + off_mm(own)
        for p in patient.placed
        if p.course.number != own
    }


def own_doses(
    placed: PlacedStructure, patient: PlacedPatient
) -> dict[int, StructureDoses]:
    """Dose of the other courses in their own drawings of an organ.

    No registration has a part in it, so that courses that could not be related have
    theirs, too. Courses without such a drawing are not in it.
    """
    result = {}
    structure = placed.structure
    for outlined in patient.outlined:
        course = outlined.course
        if course.number == placed.source_course:
            continue
        twin = outlined.structure(structure.standard_name, structure.name)
        if twin is None or twin.role is not Role.ORGAN:
            continue
        drawn = PlacedStructure(
            twin,
            outlined.sections[twin.number],
            placed.label,
            course.number,
            transferred=False,
            alpha_beta_gy=placed.alpha_beta_gy,
            alpha_beta_source=placed.alpha_beta_source,
        )
        here = PlacedCourse(course, identity(course.frame_of_reference_uid))
        result[course.number] = structure_doses(drawn, [here], [course.number])
    return result


def worst_cases(
    placed: PlacedStructure,
    doses: StructureDoses,
    own: Mapping[int, StructureDoses],
    *,
    queries: Sequence[Query],
) -> dict[Query, float | None]:
    """Every limit of the sum of an organ, the hottest parts of all courses meeting.

    But for those of more volume than the organ has, which are not evaluated at all.
    """
    organ_cc = doses.samples.volume_cc
    return {
        query: _worst(doses, own, query)
        for query in queries
        if query.scope == "cumulative"
        and query.basis == "whole"
        and not lacking_volume(query.metric, organ_cc)
    }


def _worst(
    doses: StructureDoses, own: Mapping[int, StructureDoses], query: Query
) -> float | None:
    """One metric of the summed curves; None where it hangs on unknown dose."""
    known = [
        own.get(number, doses).known(number, query.quantity, query.alpha_beta_gy)
        for number in doses.all_courses
    ]
    given = [one for one in known if one is not None]
    if len(given) < len(known):
        return None
    volume_cc = doses.samples.volume_cc
    without = more = None
    if any(one.without is not None for one in given):
        without, more = (
            hottest_on_hottest(parts, volume_cc)
            for parts in (
                [one.without or one.curve for one in given],
                [one.more or one.curve for one in given],
            )
        )
    curve = hottest_on_hottest([one.curve for one in given], volume_cc)
    return KnownDose(curve, without, more, tuple).metric(query.metric)


def worst_case_limit(item: ConstraintResult, worst: float | None) -> WorstCaseLimit:
    """One limit as registered, and as it reads in the worst case."""
    value = worst
    if worst is not None and item.value is not None:
        value = (min if item.relation.startswith(">") else max)(worst, item.value)
    verdict = "not evaluable"
    if value is not None:
        kept = holds(value, item.relation, item.limit)
        verdict = "met" if kept else "exceeded"
    return WorstCaseLimit(
        item.metric,
        item.quantity,
        item.alpha_beta_gy,
        item.relation,
        item.limit,
        item.level,
        item.set,
        item.value,
        item.verdict,
        value,
        verdict,
    )
