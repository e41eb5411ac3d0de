"""Maps and pictures of what a new anatomy can still be given."""

from collections.abc import Iterator, Sequence

import numpy as np

from reirrad.core.budget_map import LimitedSolid, limited_solids
from reirrad.core.courses import Course
from reirrad.core.exportable import Exportable, ExportedCourse, ExportedRegistration
from reirrad.core.planning_budget import BudgetPlane
from reirrad.core.sampling import sample
from reirrad.core.views import DrawnStructure, planar_views
from reirrad.knowledge.constraint_tables import load_constraints
from reirrad.workflows.background_budgets import Background, organs_of
from reirrad.workflows.budget_maps import (
    ExportedMap,
    budget_planes,
    exported_map,
    grid_around,
)
from reirrad.workflows.place import PlacedPatient

__all__ = ["planes_through_target", "planning_export", "planning_maps"]


def planning_maps(work: Background) -> list[ExportedMap]:
    """One map for each number of fractions that leaves a voxel with a limit."""
    frame = work.patient.reference.course.frame_of_reference_uid
    grid = grid_around(work.targets, work.given, frame)
    maps = [
        exported_map(grid, _solids(work, number), work.given, n_fractions=number)
        for number in work.settings.budget_fractions
    ]
    return [one for one in maps if one is not None]


def planes_through_target(work: Background) -> tuple[BudgetPlane, ...]:
    """Planes through the largest target, for the middle one of the fractions."""
    image = work.patient.reference.course.image
    if image is None:
        return ()
    largest = max(work.targets, key=lambda one: one.sections.volume_cc)
    samples = sample(largest.sections, centred=True)
    fractions = work.settings.budget_fractions
    number = fractions[len(fractions) // 2]
    solids = _solids(work, number)
    limited = {solid.label for solid in solids}
    views = planar_views(
        image,
        [],
        [
            DrawnStructure(
                one.label, "PTV" if one in work.targets else "ORGAN", one.sections
            )
            for one in work.patient.structures
            if one in work.targets or one.label in limited
        ],
        centre_mm=np.average(samples.points_mm, axis=0, weights=samples.volumes_cc),
        other=None,
        organ=work.patient.organ.label,
    )
    return budget_planes(views, solids, work.given, n_fractions=number)


def _solids(work: Background, n_fractions: int) -> tuple[LimitedSolid, ...]:
    organs, _ = organs_of(work)
    constraints = load_constraints(work.settings.constraints)
    return limited_solids(organs, constraints, n_fractions=n_fractions)


def planning_export(
    work: Background, courses: Sequence[Course], maps: Sequence[ExportedMap]
) -> Exportable:
    """What is written as DICOM: the maps and the registrations behind them.

    Parameters
    ----------
    work
        What the maps were computed from.
    courses
        Every course, and the new anatomy.
    maps
        Of :func:`planning_maps`.
    """
    reference = work.patient.reference.course
    return Exportable(
        reference_course=reference.number,
        frame_of_reference_uid=reference.frame_of_reference_uid,
        day=reference.start_date,
        study=None if reference.source is None else reference.source.study,
        courses={
            course.number: ExportedCourse(
                label=course.plan_label,
                dose_gy=course.prescription.dose_gy,
                n_fractions=course.prescription.n_fractions,
                source=course.source,
                series=None if course.image is None else course.image.series,
            )
            for course in courses
        },
        registrations=tuple(_registrations(work.patient)),
        regions=(),
        eqd2=(),
        mapped=(),
        budgets=tuple(one.exported for one in maps),
    )


def _registrations(patient: PlacedPatient) -> Iterator[ExportedRegistration]:
    """Maps between different frames; two courses of one frame share theirs."""
    frames = {patient.reference.course.frame_of_reference_uid}
    for number, alignment in patient.alignments.items():
        transform, summary = alignment.to_reference, alignment.summary
        if transform is None or transform.from_frame in frames:
            continue
        frames.add(transform.from_frame)
        comment = f"{summary.method}, {summary.verdict}"
        yield ExportedRegistration(number, transform, comment)
