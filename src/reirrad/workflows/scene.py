"""From a placed patient to the scene that a viewer draws."""

from collections.abc import Sequence

import numpy as np

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.budget_map import limited_solids
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.core.overlap import ISO2_GY, drawn_levels_gy
from reirrad.core.scene import HottestPoint, Scene, SceneVolume
from reirrad.core.scene_grids import (
    Box,
    body_box,
    dose_box,
    dose_grid,
    image_box,
    image_grid,
    points_box,
    united,
)
from reirrad.core.scene_outlines import outlines_of, scene_planes
from reirrad.core.scene_volumes import budget_volume, course_volumes, image_volume
from reirrad.core.settings import Settings
from reirrad.core.structures import Role
from reirrad.core.transforms import RigidTransform
from reirrad.knowledge.alpha_beta import load_alpha_beta
from reirrad.knowledge.constraint_tables import load_constraints
from reirrad.workflows.budget_maps import constrained_organs
from reirrad.workflows.place import PlacedPatient

__all__ = ["scene_of"]

MARGIN_MM = 10.0
SHOWN_DOSE_GY = 0.5


def scene_of(
    patient: PlacedPatient,
    settings: Settings,
    *,
    centre_mm: FloatArray,
    places: Sequence[HottestPoint],
) -> Scene:
    """All that is drawn of a patient.

    Of a course whose registration was rejected the image alone is drawn, of one without
    any registration nothing.

    Parameters
    ----------
    centre_mm
        ``(3,)`` where the planes cross at first.
    places
        Where structures are hottest.
    """
    reference = patient.reference.course
    image = reference.image
    if image is None:
        doses = shown = _dose_grid(patient, None)
    else:
        seen = _seen(patient, image)
        doses = _dose_grid(patient, seen.within(image_box(image.geometry)))
        shown = image_grid(image, seen)
    planes = scene_planes(shown)
    x, y, z = (float(value) for value in centre_mm)
    return Scene(
        reference_course=reference.number,
        frame_of_reference_uid=reference.frame_of_reference_uid,
        centre_mm=(x, y, z),
        volumes=(
            *_images(patient, shown),
            *_doses(patient, settings, doses),
            *_budget(patient, settings, doses),
        ),
        levels_gy={
            placed.course.number: drawn_levels_gy(placed.course)
            for placed in patient.placed
        },
        planes=planes,
        outlines=outlines_of(patient.structures, planes),
        places=tuple(places),
    )


def _structure_boxes(patient: PlacedPatient, *, of_body: bool) -> list[Box]:
    """Boxes around the contours of the body, or of everything else."""
    return [
        points_box(np.concatenate([c.points_mm for c in one.structure.contours]))
        for one in patient.structures
        if (one.structure.role is Role.EXTERNAL) is of_body
    ]


def _dose_boxes(patient: PlacedPatient, level_gy: float) -> list[Box]:
    boxes = [dose_box(placed, level_gy) for placed in patient.placed]
    return [box for box in boxes if box is not None]


def _seen(patient: PlacedPatient, image: Image) -> Box:
    """What must be seen: the body, every structure and the doses of all courses."""
    body = _structure_boxes(patient, of_body=True) or [body_box(image)]
    boxes = [*body, *_structure_boxes(patient, of_body=False)]
    boxes += _dose_boxes(patient, ISO2_GY)
    return united(boxes).widened(MARGIN_MM)


def _dose_grid(patient: PlacedPatient, seen: Box | None) -> GridGeometry:
    """The grid of all doses: where there is any, in what is seen of the image."""
    boxes = _dose_boxes(patient, SHOWN_DOSE_GY) or _dose_boxes(patient, 0.0)
    box = united(boxes)
    if seen is not None:
        box = box.within(seen) or box
    frame = patient.reference.course.frame_of_reference_uid
    return dose_grid(patient.placed, box, frame)


def _images(patient: PlacedPatient, grid: GridGeometry) -> list[SceneVolume]:
    """The reference image, then those of the other courses, latest first."""
    reference = patient.reference.course
    others = [p for p in reversed(patient.placed) if p.course is not reference]
    own = [p for p in patient.placed if p.course is reference]
    return [
        image_volume(p.course.number, p.course.image, p.from_reference, grid)
        for p in (*own, *others, *_rejected(patient))
        if p.course.image is not None
    ]


def _rejected(patient: PlacedPatient) -> list[PlacedCourse]:
    """Courses whose registration was rejected, as it would have them, latest first.

    Their images are drawn, and nothing else of them: whoever adjusts the registration
    must see what does not fit.
    """
    related = {placed.course.number for placed in patient.placed}
    frame = patient.reference.course.frame_of_reference_uid
    return [
        PlacedCourse(
            course,
            RigidTransform(
                np.array(matrix), course.frame_of_reference_uid, frame
            ).inverse(),
        )
        for course in (one.course for one in reversed(patient.outlined))
        if course.number not in related
        and (matrix := patient.alignments[course.number].summary.matrix) is not None
    ]


def _doses(
    patient: PlacedPatient, settings: Settings, grid: GridGeometry
) -> list[SceneVolume]:
    ratio, _ = load_alpha_beta().ratio_for(None, Role.ORGAN, settings.alpha_beta_gy)
    return [
        volume
        for placed in patient.placed
        for volume in course_volumes(placed, grid, alpha_beta_gy=ratio)
    ]


def _budget(
    patient: PlacedPatient, settings: Settings, grid: GridGeometry
) -> list[SceneVolume]:
    """The map for the planned number of fractions of the latest course, if any.

    Its own dose is not in the background; without every earlier course there is none.
    """
    new = patient.outlined[-1].course
    background = [one for one in patient.placed if one.course is not new]
    if len(patient.placed) < len(patient.outlined) or not background:
        return []
    n_fractions = new.prescription.n_fractions
    organs, _ = constrained_organs(patient.structures)
    rows = load_constraints(settings.constraints)
    solids = limited_solids(organs, rows, n_fractions=n_fractions)
    found = budget_volume(grid, solids, background, n_fractions=n_fractions)
    return [] if found is None else [found]
