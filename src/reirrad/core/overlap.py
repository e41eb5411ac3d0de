"""What the isodoses of two courses share, in the organ and in the whole body.

Definitions of Chiloiro et al. (Radiat Oncol 2024;19:52): Iso2Gy is where the total
physical dose of a course is at least 2 Gy, Iso50% where it is at least half of the
prescribed dose. Where targets that lie apart have different prescriptions, Iso50% is
each target's own half dose among the points nearest to that target's centre; targets
that lie in each other have half of the highest dose among them
(``docs/decisions/0037-what-plans-and-settings-say-of-targets.md``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from reirrad.core.accumulation import DeformedCourse, Placed
from reirrad.core.assessment import OverlapVolume
from reirrad.core.courses import Course
from reirrad.core.deformation import DeformableMap
from reirrad.core.dose import DoseGrid
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.regions import (
    Region,
    catchment,
    cells_within,
    intersection,
    isodose_region,
    measured_volume,
    union,
)
from reirrad.core.sampling import SamplePoints, grid_cells
from reirrad.core.summed_grids import is_cut, reaching_voxels
from reirrad.core.target_places import groups_apart
from reirrad.core.transforms import RigidTransform

__all__ = [
    "ISO2_GY",
    "ISO50_RATIO",
    "CourseIsodoses",
    "TargetLevel",
    "course_isodoses",
    "drawn_levels_gy",
    "is_wholly_reached",
    "iso50_levels",
    "isodose_cells",
    "isodose_volumes",
    "overlap_centre_mm",
    "overlap_volumes",
    "touches_border",
]

ISO2_GY = 2.0
ISO50_RATIO = 0.5
ENOUGH_CELLS = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class TargetLevel:
    """Half of one target's prescription, and where the target is.

    ``centre_mm`` lies in the course's frame; None where one level holds everywhere.
    """

    level_gy: float
    centre_mm: FloatArray | None


@dataclass(frozen=True, slots=True, eq=False)
class CourseIsodoses:
    """The isodose regions of one course, asked in the reference frame.

    ``lowest_50_gy`` is the lowest level that bounds the 50 % region anywhere.
    """

    placed: Placed
    iso2: Region
    iso50: Region
    lowest_50_gy: float

    def named(self, name: str) -> tuple[Region, float]:
        """Region "2Gy" or "50%" and the lowest dose it can contain."""
        if name == "2Gy":
            return self.iso2, ISO2_GY
        return self.iso50, self.lowest_50_gy


def iso50_levels(course: Course) -> tuple[tuple[TargetLevel, ...], bool]:
    """Half-dose levels of a course's targets.

    Targets that no plane separates, such as one within another, are a group; half of
    its highest dose is the level of all of them.

    Returns
    -------
    levels
        One level for the whole course, or one per target.
    simplified
        True where targets have different prescriptions but not all of them are drawn:
        the lowest prescription then holds everywhere, which makes the region too large
        rather than too small.
    """
    targets = course.prescription.targets
    doses = {target.dose_gy for target in targets} or {course.prescription.dose_gy}
    if len(doses) == 1:
        return (TargetLevel(ISO50_RATIO * doses.pop(), None),), False
    numbered = {structure.number: structure for structure in course.structures}
    drawn = [
        numbered[target.roi_number]
        for target in targets
        if target.roi_number is not None and target.roi_number in numbered
    ]
    if len(drawn) < len(targets):
        return (TargetLevel(ISO50_RATIO * min(doses), None),), True
    groups = groups_apart(drawn)
    levels = []
    for group, structure in zip(groups, drawn, strict=True):
        pairs = zip(groups, targets, strict=True)
        highest = max(one.dose_gy for other, one in pairs if other == group)
        centre = np.mean([c.points_mm.mean(axis=0) for c in structure.contours], axis=0)
        levels.append(TargetLevel(ISO50_RATIO * highest, centre))
    if len({level.level_gy for level in levels}) == 1:
        return (TargetLevel(levels[0].level_gy, None),), False
    return tuple(levels), False


def drawn_levels_gy(course: Course) -> dict[str, float]:
    """Isodose levels of a course that pictures show, by name.

    Of targets with different prescriptions the lowest half dose.
    """
    levels, _ = iso50_levels(course)
    return {"2Gy": ISO2_GY, "50%": min(level.level_gy for level in levels)}


def course_isodoses(placed: Placed) -> CourseIsodoses:
    """Regions of the 2 Gy and 50 % isodoses of a course."""
    grids = _grids(placed.course)
    levels, _ = iso50_levels(placed.course)
    parts = []
    for own in levels:
        isodose = isodose_region(
            grids, level_gy=own.level_gy, to_course=placed.from_reference
        )
        if own.centre_mm is None:
            parts.append(isodose)
            continue
        others = [
            o.centre_mm
            for o in levels
            if o.level_gy != own.level_gy and o.centre_mm is not None
        ]
        near = catchment(own.centre_mm, others, to_course=placed.from_reference)
        parts.append(intersection(isodose, near))
    iso2 = isodose_region(grids, level_gy=ISO2_GY, to_course=placed.from_reference)
    iso50 = union(*parts)
    if isinstance(placed, DeformedCourse) and not placed.rigid_parts_hold:
        within = placed.from_reference.clearance_mm
        iso2, iso50 = intersection(iso2, within), intersection(iso50, within)
    return CourseIsodoses(placed, iso2, iso50, min(level.level_gy for level in levels))


def is_wholly_reached(isodoses: CourseIsodoses, organ: SamplePoints) -> bool:
    """Whether no part of a course's isodoses, nor of the organ, is lost.

    One is where a deformable way, whose rigid parts do not hold, leads nowhere: outside
    its grid of vectors, and to voxels that nothing in the grid is carried to.
    """
    placed = isodoses.placed
    if not isinstance(placed, DeformedCourse) or placed.rigid_parts_hold:
        return True
    way = placed.from_reference
    if not way.covers(organ.points_mm).all():
        return False
    lowest_gy = min(ISO2_GY, isodoses.lowest_50_gy)
    geometry, chosen = reaching_voxels(_grids(placed.course), lowest_gy)
    # What is reached all around is reached within, of far more voxels.
    around = chosen & ~ndimage.binary_erosion(chosen)
    from_points = way.unapplied(geometry.points_mm(np.argwhere(around)))
    return bool(way.covers(from_points).all())


def overlap_volumes(
    earlier: Sequence[CourseIsodoses], later: CourseIsodoses, organ: SamplePoints
) -> dict[str, OverlapVolume]:
    """Ov2Gy and Ov50% of a course with one or several earlier ones.

    Parameters
    ----------
    earlier : sequence of CourseIsodoses
        Where there are several, their isodose regions are united.
    later : CourseIsodoses
    organ : SamplePoints
        The organ, in the reference frame.

    Returns
    -------
    dict
        "2Gy" and "50%" to the volume shared in the organ and in all.
    """
    result = {}
    for name in ("2Gy", "50%"):
        later_region, lowest_gy = later.named(name)
        shared = intersection(later_region, union(*(e.named(name)[0] for e in earlier)))
        everywhere = isodose_cells(later.placed, lowest_gy)
        result[name] = _volumes(organ, everywhere, shared)
    return result


def isodose_volumes(
    isodoses: CourseIsodoses, organ: SamplePoints
) -> dict[str, OverlapVolume]:
    """Volume inside the isodoses "2Gy" and "50%" of a course.

    Parameters
    ----------
    isodoses : CourseIsodoses
    organ : SamplePoints
        Centred, in the reference frame.
    """
    result = {}
    for name in ("2Gy", "50%"):
        region, lowest_gy = isodoses.named(name)
        everywhere = isodose_cells(isodoses.placed, lowest_gy)
        result[name] = _volumes(organ, everywhere, region)
    return result


def _volumes(
    organ: SamplePoints, everywhere: SamplePoints, region: Region
) -> OverlapVolume:
    """Volume of a region in the organ and in all, which is no less.

    Both are measured with cells of their own. Where the one in the organ is larger
    within what both may be off, it is the better one of the two for both.
    """
    inside = measured_volume(organ, region)
    total = measured_volume(everywhere, region)
    off_cc = inside.uncertainty_cc + total.uncertainty_cc
    total_cc = total.volume_cc
    if total_cc < inside.volume_cc <= total_cc + off_cc:
        total_cc = inside.volume_cc
    return OverlapVolume(organ_cc=inside.volume_cc, total_cc=total_cc)


def overlap_centre_mm(
    earlier: Sequence[CourseIsodoses], later: CourseIsodoses, organ: SamplePoints
) -> FloatArray:
    """Point at which pictures show an overlap best, shape (3,).

    The centre of what the 50 % isodoses share in the organ; without one, of what the
    2 Gy isodoses share; without that, of the later 50 % isodose; else of the organ.
    """
    any_50 = union(*(isodoses.iso50 for isodoses in earlier))
    any_2 = union(*(isodoses.iso2 for isodoses in earlier))
    for region in (
        intersection(later.iso50, any_50),
        intersection(later.iso2, any_2),
        later.iso50,
    ):
        chosen = cells_within(organ, region, enough=ENOUGH_CELLS)
        if len(chosen.volumes_cc):
            return np.average(chosen.points_mm, axis=0, weights=chosen.volumes_cc)
    return np.average(organ.points_mm, axis=0, weights=organ.volumes_cc)


def touches_border(course: Course, level_gy: float) -> bool:
    """Whether an isodose may be cut off by the border of a dose grid."""
    return is_cut(_grids(course), level_gy)


def isodose_cells(placed: Placed, lowest_gy: float) -> SamplePoints:
    """Voxels in which a course may reach a dose, in the reference frame.

    They reach as far as all of its grids together, and each place is there once.
    """
    geometry, chosen = reaching_voxels(_grids(placed.course), lowest_gy)
    cells = grid_cells(geometry, chosen)
    way = placed.from_reference
    if isinstance(way, DeformableMap):
        return _enclosing_cells(cells.points_mm, way, geometry)
    if not isinstance(way, RigidTransform):
        msg = f"no cells for courses placed by {type(way).__name__}"
        raise TypeError(msg)
    to_reference = way.inverse()
    return SamplePoints(
        to_reference.apply(cells.points_mm),
        cells.volumes_cc,
        cells.extents_mm,
        cells.axes @ to_reference.matrix[:3, :3].T,
    )


def _enclosing_cells(
    points_mm: FloatArray, way: DeformableMap, geometry: GridGeometry
) -> SamplePoints:
    """A box of the reference frame around all points that may lie in given voxels.

    Deformed voxels have no cells of their own; a region tells what it holds of the box.
    """
    side = max(geometry.spacing_mm)
    rigid = way.rigid.inverse().apply(points_mm)
    margin = way.longest_mm + side
    low = rigid.min(axis=0, initial=np.inf) - margin
    high = rigid.max(axis=0, initial=-np.inf) + margin
    if not len(points_mm):
        low = high = np.zeros(3)
    n = np.maximum(np.ceil((high - low) / side), 1).astype(int)
    affine = np.zeros((4, 4))
    affine[[0, 1, 2], [2, 1, 0]] = side
    affine[:3, 3] = low + side / 2.0
    affine[3, 3] = 1.0
    shape = (int(n[2]), int(n[1]), int(n[0]))
    box = GridGeometry(shape, affine, way.from_frame)
    return grid_cells(box, np.ones(shape, dtype=np.bool_))


def _grids(course: Course) -> list[DoseGrid]:
    return [grid for delivery in course.deliveries for grid in delivery.doses]
