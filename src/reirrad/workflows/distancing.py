"""Distances between the new course's targets, the organs and the older targets."""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from reirrad.core.distance_results import TargetDistance
from reirrad.core.distances import LocatedSolid, Separation, located, separation
from reirrad.core.findings import Finding
from reirrad.core.processors import processors
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure
from reirrad.core.structures import Role
from reirrad.workflows.place import PlacedPatient
from reirrad.workflows.registration_accuracy import registration_accuracies

__all__ = ["course_distances", "new_targets", "target_distances"]

MEASURED_FROM = frozenset({Role.GTV, Role.PTV})


def new_targets(patient: PlacedPatient, course: int) -> list[PlacedStructure]:
    """GTVs and PTVs of a course, by their roles."""
    return [
        one
        for one in patient.structures
        if one.source_course == course and one.structure.role in MEASURED_FROM
    ]


def target_distances(
    patient: PlacedPatient,
    settings: Settings,
    *,
    targets: Sequence[PlacedStructure],
    background: Mapping[int, int | None],
) -> tuple[TargetDistance, ...]:
    """Least distance of each new target to each organ and to each older target.

    Parameters
    ----------
    patient, settings
        Everything in the reference frame, and what the user decided.
    targets
        Those of the new course.
    background
        Number of each earlier course to the days from its start to the new course; None
        where the new one has no date.

    Returns
    -------
    tuple of TargetDistance
        Targets in order; for each the nearest first.
    """
    others = [
        one
        for one in patient.structures
        if one not in targets
        and (
            one.structure.role is Role.ORGAN
            or (one.structure.role.is_target and one.source_course in background)
        )
    ]
    latest = max(background, default=0)
    accuracy_mm = {
        number: accuracy.translation_mm
        for number, accuracy in registration_accuracies(patient, settings).items()
    }
    with ThreadPoolExecutor(processors()) as pool:
        solids = list(pool.map(_located, targets))

        def measured(
            target: PlacedStructure, other: PlacedStructure, found: Separation
        ) -> TargetDistance:
            is_target = other.structure.role.is_target
            earlier = other.source_course if is_target else latest
            return TargetDistance(
                target=target.label,
                target_course=target.source_course,
                other=other.label,
                other_kind="target" if is_target else "organ",
                other_course=other.source_course,
                distance_mm=found.distance_mm,
                shared_cc=found.shared_cc,
                target_point_mm=found.first_point_mm,
                other_point_mm=found.second_point_mm,
                plus_minus_mm=_plus_minus_mm(target, other, accuracy_mm),
                interval_days=background.get(earlier),
            )

        def from_targets(other: PlacedStructure) -> list[TargetDistance]:
            # Located here, not before: of many structures only a few are held at once.
            there = _located(other)
            return [
                measured(target, other, separation(solid, there))
                for target, solid in zip(targets, solids, strict=True)
            ]

        found = list(chain.from_iterable(pool.map(from_targets, others)))
    order = {target.label: n for n, target in enumerate(targets)}
    found.sort(key=lambda d: (order[d.target], d.distance_mm, -d.shared_cc, d.other))
    return tuple(found)


def course_distances(
    patient: PlacedPatient, settings: Settings
) -> tuple[tuple[TargetDistance, ...], list[Finding]]:
    """Distances of the targets of the latest course, or a finding that says why none.

    Parameters
    ----------
    patient, settings
        Everything in the reference frame, and what the user decided.
    """
    new = patient.outlined[-1].course
    targets = new_targets(patient, new.number)
    if targets:
        background: dict[int, int | None] = {
            one.course.number: (new.start_date - one.course.start_date).days
            for one in patient.outlined[:-1]
        }
        distances = target_distances(
            patient, settings, targets=targets, background=background
        )
        return distances, []
    related = any(one.course is new for one in patient.placed)
    message = f"Distances of the targets of course {new.number} are not given: " + (
        "it has no GTV and no PTV."
        if related
        else "it cannot be related to the reference anatomy."
    )
    about = f"course {new.number}"
    return (), [Finding("distances-not-given", "warning", about, message)]


def _located(placed: PlacedStructure) -> LocatedSolid:
    return located(placed.structure, placed.sections)


def _plus_minus_mm(
    first: PlacedStructure, second: PlacedStructure, accuracy_mm: Mapping[int, float]
) -> float | None:
    """Structures of one course keep their distance, however they are moved."""
    if first.source_course == second.source_course:
        return None
    moved = [one.source_course for one in (first, second) if one.transferred]
    return math.hypot(*(accuracy_mm[course] for course in moved)) if moved else None
