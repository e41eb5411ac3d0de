"""Maps of the remaining dose: for other systems, and for the report's pictures."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.budget_map import (
    LimitedSolid,
    limited_solids,
    remaining_dose,
    target_grid,
)
from reirrad.core.dose import DoseGrid
from reirrad.core.export_doses import known_box, lattice_of
from reirrad.core.exportable import ExportedBudget
from reirrad.core.findings import Finding
from reirrad.core.geometry import GridGeometry
from reirrad.core.planar_view import PlanarView
from reirrad.core.planning_budget import BudgetPlane, MapSummary
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure
from reirrad.core.structures import Role
from reirrad.core.views import plane_points
from reirrad.knowledge.constraint_tables import load_constraints
from reirrad.workflows.place import PlacedPatient

__all__ = [
    "ExportedMap",
    "budget_planes",
    "constrained_organs",
    "course_budget_map",
    "exported_map",
    "grid_around",
]

ABOUT = "budget map"


class ExportedMap(NamedTuple):
    """A map to be written, and what is reported of it."""

    exported: ExportedBudget
    summary: MapSummary


def constrained_organs(
    structures: Sequence[PlacedStructure],
) -> tuple[list[PlacedStructure], list[Finding]]:
    """Organs whose name is understood, each name once; ambiguous ones are told."""
    named: dict[str, list[PlacedStructure]] = {}
    for one in structures:
        name = one.structure.standard_name
        if name is not None and one.structure.role is Role.ORGAN:
            named.setdefault(name, []).append(one)
    findings = [
        Finding(
            "structure-name-shared",
            "warning",
            name,
            f"Several structures mean {name}: {', '.join(p.label for p in several)}. "
            f"No budget is given for {name}. Say under [structures] in the settings "
            f"what each one means.",
        )
        for name, several in named.items()
        if len(several) > 1
    ]
    return [several[0] for several in named.values() if len(several) == 1], findings


def grid_around(
    targets: Sequence[PlacedStructure],
    background: Sequence[PlacedCourse],
    frame_of_reference_uid: str,
) -> GridGeometry:
    """The grid of a map.

    That of the newest dose where it lies in the reference frame and every course was
    calculated somewhere on it; else one around the targets.
    """
    here = [
        one
        for one in background
        if one.course.frame_of_reference_uid == frame_of_reference_uid
    ]
    if here:
        box = known_box(lattice_of(here[-1]), background)
        if box is not None:
            return box
    return target_grid([one.sections for one in targets], frame_of_reference_uid)


def exported_map(
    grid: GridGeometry,
    solids: Sequence[LimitedSolid],
    background: Sequence[PlacedCourse],
    *,
    n_fractions: int,
) -> ExportedMap | None:
    """The remaining dose on a grid; None where no voxel lies in an organ with limits.

    Voxels outside these organs, and those whose background is not known, become 0.
    """
    indices = np.moveaxis(np.indices(grid.shape), 0, -1).reshape(-1, 3)
    left = remaining_dose(
        grid.points_mm(indices), solids, background, n_fractions=n_fractions
    )
    if not left.limited.any():
        return None
    given = left.dose_gy[np.isfinite(left.dose_gy)]
    unknown = 100.0 * float(np.mean(~left.known[left.limited]))
    values = np.nan_to_num(left.dose_gy, nan=0.0).reshape(grid.shape)
    return ExportedMap(
        ExportedBudget(
            DoseGrid(values, grid),
            n_fractions,
            left.organs,
            tuple(one.course.number for one in background),
            unknown,
        ),
        MapSummary(
            n_fractions,
            left.organs,
            float(given.min()) if len(given) else None,
            unknown,
            grid.spacing_mm,
        ),
    )


def course_budget_map(
    patient: PlacedPatient, settings: Settings
) -> tuple[ExportedBudget | None, list[Finding]]:
    """The map for the planned number of fractions of the latest course.

    Its own dose is not in the background. None, and a finding, where a course cannot
    be related or no organ with such a limit is drawn.
    """
    new = patient.outlined[-1].course
    background = [one for one in patient.placed if one.course is not new]
    if len(patient.placed) < len(patient.outlined) or not background:
        message = "No map of the remaining dose is exported: a course is not related."
        return None, [Finding("budget-map-not-given", "warning", ABOUT, message)]
    organs, _ = constrained_organs(patient.structures)
    n_fractions = new.prescription.n_fractions
    solids = limited_solids(
        organs, load_constraints(settings.constraints), n_fractions=n_fractions
    )
    # The plan's own grid shows what can be done with it; its dose does not enter.
    reference = patient.reference.course
    own = next(one for one in patient.placed if one.course is reference)
    grid = known_box(lattice_of(own), [own])
    found = (
        None
        if grid is None
        else exported_map(grid, solids, background, n_fractions=n_fractions)
    )
    if found is None:
        message = (
            "No map of the remaining dose is exported: no organ with a binding limit "
            "of its maximum lies in the dose grid."
        )
        return None, [Finding("budget-map-not-given", "info", ABOUT, message)]
    return found.exported, []


def budget_planes(
    views: Sequence[PlanarView],
    solids: Sequence[LimitedSolid],
    background: Sequence[PlacedCourse],
    *,
    n_fractions: int,
) -> tuple[BudgetPlane, ...]:
    """The remaining dose of each fraction on the rasters of views."""
    planes = []
    for view in views:
        left = remaining_dose(
            plane_points(view), solids, background, n_fractions=n_fractions
        )
        per_fraction = (left.dose_gy / n_fractions).reshape(view.image.shape)
        planes.append(
            BudgetPlane(view, per_fraction.astype(np.float32), n_fractions, left.organs)
        )
    return tuple(planes)
