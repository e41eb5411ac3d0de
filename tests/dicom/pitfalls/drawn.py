"""A course whose liver is drawn as a test wants it.

The image has slices at 0, 4, ... 16 mm and shows x from -8 to 8 and y from -9.5 to 8.5.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from reirrad.core.findings import Finding
from reirrad.core.sampling import SamplePoints, sample
from reirrad.core.sections import sections_of
from reirrad.core.settings import Settings
from reirrad.core.structures import Structure
from reirrad.workflows.gather import Survey, survey
from tests.dicom.exports import CourseExport, contour, course_export, written

__all__ = [
    "SLICE_MM",
    "box",
    "codes",
    "drawn",
    "found_in",
    "liver",
    "only",
    "points_of",
    "polygon",
    "surveyed",
    "volume_cc",
]

SETTINGS = Settings("Liver", (), 30.0)
SLICE_MM = 4.0


def polygon(
    corners: Iterable[tuple[float, float]], z: float, kind: str = "CLOSED_PLANAR"
) -> Dataset:
    """A contour of corners (x, y) in the plane at z."""
    return contour((value for x, y in corners for value in (x, y, z)), kind)


def box(
    half: float,
    z: float,
    *,
    x: float = 0.0,
    y: float = 0.0,
    kind: str = "CLOSED_PLANAR",
) -> Dataset:
    """A square contour of twice a half side around (x, y)."""
    signs = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    return polygon([(x + half * u, y + half * v) for u, v in signs], z, kind)


def drawn(*contours: Dataset) -> CourseExport:
    """A course whose liver has these contours, and nothing else is drawn."""
    export = course_export(1)
    structure_set = export["rs.dcm"]
    structure_set.ROIContourSequence[0].ContourSequence = list(contours)
    del structure_set.StructureSetROISequence[1]
    del structure_set.ROIContourSequence[1]
    del structure_set.RTROIObservationsSequence[1]
    return export


def surveyed(folder: Path, *exports: CourseExport) -> Survey:
    return survey([written(folder, *exports)], SETTINGS)


def liver(found: Survey) -> Structure:
    """The only structure of the only course."""
    assert found.problems == ()
    (course,) = found.courses
    (structure,) = course.structures
    return structure


def volume_cc(found: Survey) -> float:
    return sections_of(liver(found), slice_spacing_mm=SLICE_MM).volume_cc


def points_of(found: Survey) -> SamplePoints:
    return sample(sections_of(liver(found), slice_spacing_mm=SLICE_MM))


def codes(found: Survey) -> list[str]:
    noted = [finding.code for finding in found.findings]
    return [code for code in noted if code != "course-date-source"]


def only(found: Survey, code: str) -> Finding:
    """The one finding there is besides that of the date."""
    assert codes(found) == [code]
    return found_in(found, code)


def found_in(found: Survey, code: str) -> Finding:
    (finding,) = [one for one in found.findings if one.code == code]
    return finding


def turned(
    contours: Sequence[Dataset], rotation: np.ndarray, about: np.ndarray
) -> list[Dataset]:
    """Contours turned about a point."""
    result = []
    for one in contours:
        points = np.array(one.ContourData, dtype=float).reshape(-1, 3)
        there = (points - about) @ rotation.T + about
        values = [round(float(value), 4) for value in there.ravel()]
        result.append(contour(values, one.ContourGeometricType))
    return result
