"""Isodoses and their overlaps as closed contours on the slices of the reference image.

What a region is stands in :mod:`reirrad.core.overlap`; here it is cut by planes. In one
plane an isodose is the area inside the level curve of the dose; areas of courses, of
targets and of the organ are united and intersected as polygons, so that corners between
them stay corners.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.exportable import ExportedRegion
from reirrad.core.isodose_areas import LEVELS, IsodoseCutter, Level, levels_of
from reirrad.core.processors import processors
from reirrad.core.slice_planes import SlicePlane, contours_of, raster_over, writable
from reirrad.core.solid_level import level_mm
from reirrad.core.structure_doses import PlacedStructure

__all__ = ["CoursePair", "exported_regions"]

OVERLAP_LEVELS: tuple[Level, ...] = ("2Gy", "50%")

Areas = Mapping[int, Mapping[Level, BaseGeometry]]
"""Course number and level to the area in one plane."""


class CoursePair(NamedTuple):
    """Courses whose isodoses are united, and the later one that they overlap with."""

    earlier: tuple[int, ...]
    later: int


@dataclass(slots=True, eq=False)
class _Drawn:
    """A region while it grows slice by slice."""

    name: str
    description: str
    kind: Literal["isodose", "overlap"]
    level: Level
    courses: tuple[int, ...]
    areas: list[BaseGeometry] = field(default_factory=list)


def exported_regions(
    planes: Sequence[SlicePlane],
    placed: Sequence[PlacedCourse],
    pairs: Sequence[CoursePair],
    *,
    organ: PlacedStructure,
) -> tuple[ExportedRegion, ...]:
    """Every isodose and every overlap that reaches a slice.

    Parameters
    ----------
    planes
        Planes of the slices, in the order of the image series.
    placed
        Courses that could be related to the reference frame.
    pairs
        Overlaps wanted; all their courses must be among `placed`.
    organ
        In which overlap is measured besides in all.
    """
    cutters = [IsodoseCutter.of(one) for one in placed]

    def cut(plane: SlicePlane) -> Areas:
        return {one.placed.course.number: one.areas(plane) for one in cutters}

    with ThreadPoolExecutor(processors()) as pool:
        areas = list(pool.map(cut, planes))
        organs = list(pool.map(lambda plane: _organ_area(plane, organ), planes))
    regions = [_isodose(one, level) for one in placed for level in LEVELS]
    regions += [
        overlap
        for pair in pairs
        for level in OVERLAP_LEVELS
        for overlap in _overlaps(pair, level, organ.label)
    ]
    for in_plane, organ_area in zip(areas, organs, strict=True):
        _grow(regions, in_plane, pairs, organ_area)
    numbered = enumerate(
        (one for one in regions if any(not area.is_empty for area in one.areas)),
        start=1,
    )
    return tuple(_finished(number, one, planes) for number, one in numbered)


def _isodose(placed: PlacedCourse, level: Level) -> _Drawn:
    number = placed.course.number
    doses = "/".join(f"{one.level_gy:g}" for one in levels_of(placed, level))
    if level == "2Gy":
        name, words = f"C{number} isodose 2 Gy", "at least 2 Gy"
    else:
        name = f"C{number} isodose {level} ({doses} Gy)"
        words = f"at least {level} of its prescribed dose ({doses} Gy)"
    sentence = f"Where course {number} gives {words} of physical dose."
    return _Drawn(name, sentence, "isodose", level, (number,))


def _overlaps(pair: CoursePair, level: Level, organ: str) -> tuple[_Drawn, _Drawn]:
    """The overlap in all, then that in the organ."""
    shown = "2 Gy" if level == "2Gy" else level
    early = " or ".join(f"C{number}" for number in pair.earlier)
    early = f"({early})" if len(pair.earlier) > 1 else early
    courses = " or ".join(str(number) for number in pair.earlier)
    what = "2 Gy" if level == "2Gy" else "half of its own prescribed dose"
    name = f"Overlap {shown} {early}+C{pair.later}"
    sentence = (
        f"Where course {courses} and course {pair.later} each give at least {what}"
    )
    involved = (*pair.earlier, pair.later)
    return (
        _Drawn(name, f"{sentence}.", "overlap", level, involved),
        _Drawn(
            f"{name} in {organ}",
            f"{sentence}, inside {organ}.",
            "overlap",
            level,
            involved,
        ),
    )


def _grow(
    regions: Sequence[_Drawn],
    areas: Areas,
    pairs: Sequence[CoursePair],
    organ: BaseGeometry,
) -> None:
    """Add one plane to every region; overlaps follow the isodoses in the same order."""
    isodoses = [one for one in regions if one.kind == "isodose"]
    for one in isodoses:
        one.areas.append(areas[one.courses[0]][one.level])
    overlaps = iter(regions[len(isodoses) :])
    for pair in pairs:
        for level in OVERLAP_LEVELS:
            earlier = shapely.union_all([areas[n][level] for n in pair.earlier])
            shared = writable(earlier.intersection(areas[pair.later][level]))
            next(overlaps).areas.append(shared)
            next(overlaps).areas.append(writable(shared.intersection(organ)))


def _finished(
    number: int, drawn: _Drawn, planes: Sequence[SlicePlane]
) -> ExportedRegion:
    contours = []
    slices = []
    for index, (area, plane) in enumerate(zip(drawn.areas, planes, strict=True)):
        here = contours_of(area, plane)
        contours += here
        slices += [index] * len(here)
    return ExportedRegion(
        number=number,
        name=drawn.name,
        description=drawn.description,
        kind=drawn.kind,
        level=drawn.level,
        courses=drawn.courses,
        contours=tuple(contours),
        slices=tuple(slices),
    )


def _organ_area(plane: SlicePlane, organ: PlacedStructure) -> BaseGeometry:
    points = np.concatenate([one.points_mm for one in organ.structure.contours])
    raster = raster_over(plane, points)
    level = raster.sampled(lambda nodes: level_mm(organ.sections, nodes))
    return raster.area_of(level, 0.0)
