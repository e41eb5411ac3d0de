"""What a viewer draws of a patient: images, doses, outlines and places, in one frame.

Everything lies in the reference course's frame on grids along the patient axes. It is
made for eyes: no metric and no verdict comes from it
(``docs/decisions/0031-review-grid.md``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray

__all__ = [
    "HottestPoint",
    "PlanePolygon",
    "PlanePositions",
    "Scene",
    "SceneOutline",
    "ScenePlanes",
    "SceneVolume",
    "VolumeKind",
]

VolumeKind = Literal["image", "dose", "eqd2", "half", "budget"]

PlanePolygon = tuple[int, FloatArray]
"""Index of a plane, and the vertices (n, 2), mm, of a closed polygon in it; the last
vertex is not the first one again."""


@dataclass(frozen=True, slots=True, eq=False)
class SceneVolume:
    """Values on a grid along the patient axes.

    Parameters
    ----------
    name
        Unique in its scene: "image-2", "dose-1", "eqd2-1", "half-1", "budget".
    kind
        An image; the physical dose or EQD2 of a course; its dose as a multiple of the
        50 % level that holds at a point; the largest dose that a new course can give.
    course
        Number of the course; None for a budget.
    values
        ``(k, j, i)`` float32; NaN where nothing is known.
    origin_mm
        (x, y, z) of the centre of the first voxel.
    spacing_mm
        (x, y, z) distances of centres: k grows with z, j with y, i with x.
    unit
        "Gy", "HU" or "".
    window
        Values of an image that are shown black and white.
    alpha_beta_gy
        Of an EQD2.
    n_fractions
        For which a budget holds.
    modality
        DICOM Modality of an image, else "".
    """

    name: str
    kind: VolumeKind
    course: int | None
    values: npt.NDArray[np.float32]
    origin_mm: tuple[float, float, float]
    spacing_mm: tuple[float, float, float]
    unit: str = ""
    window: tuple[float, float] | None = None
    alpha_beta_gy: float | None = None
    n_fractions: int | None = None
    modality: str = ""


@dataclass(frozen=True, slots=True)
class PlanePositions:
    """Parallel planes: position of the first, distance of the next, and how many."""

    first_mm: float
    step_mm: float
    count: int

    @property
    def last_mm(self) -> float:
        """Position of the last plane."""
        return self.first_mm + self.step_mm * (self.count - 1)


@dataclass(frozen=True, slots=True)
class ScenePlanes:
    """Where outlines exist: axial along z, sagittal along x, coronal along y."""

    axial: PlanePositions
    sagittal: PlanePositions
    coronal: PlanePositions


@dataclass(frozen=True, slots=True, eq=False)
class SceneOutline:
    """Outlines of a structure in the planes of a scene.

    Parameters
    ----------
    label
        Unique in its scene.
    role
        "GTV", "CTV", "PTV", "ORGAN", "EXTERNAL" or "OTHER".
    course
        Where it was drawn.
    carried_over
        Whether the registration brought it into the reference frame.
    colour
        "#rrggbb".
    volume_cc
        Of the solid.
    axial, sagittal, coronal
        Polygons in (x, y), (y, z) and (x, z). What an odd number of a plane's polygons
        surrounds lies inside.
    """

    label: str
    role: str
    course: int
    carried_over: bool
    colour: str
    volume_cc: float
    axial: tuple[PlanePolygon, ...]
    sagittal: tuple[PlanePolygon, ...]
    coronal: tuple[PlanePolygon, ...]


@dataclass(frozen=True, slots=True)
class HottestPoint:
    """The hottest sampled point of a structure, (x, y, z), in one course or the sum."""

    structure: str
    scope: str
    point_mm: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """All that is drawn of one patient.

    Parameters
    ----------
    reference_course
        Number of the course in whose frame everything lies.
    frame_of_reference_uid
        Of that frame.
    centre_mm
        Where the planes cross at first.
    volumes
        Images, doses and what is derived from them.
    levels_gy
        Course number to level name ("2Gy", "50%") to dose.
    planes
        Where outlines exist.
    outlines
        Of every structure.
    places
        Where structures are hottest.
    """

    reference_course: int
    frame_of_reference_uid: str
    centre_mm: tuple[float, float, float]
    volumes: tuple[SceneVolume, ...]
    levels_gy: Mapping[int, Mapping[str, float]]
    planes: ScenePlanes
    outlines: tuple[SceneOutline, ...]
    places: tuple[HottestPoint, ...]
