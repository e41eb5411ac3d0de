"""Delineated regions, as they were drawn."""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from reirrad.core.geometry import FloatArray

__all__ = ["Contour", "ContourKind", "Role", "Structure"]


class Role(Enum):
    """Why a structure was drawn; decides its alpha/beta ratio and where it is shown."""

    GTV = "GTV"
    CTV = "CTV"
    PTV = "PTV"
    ORGAN = "ORGAN"
    EXTERNAL = "EXTERNAL"
    OTHER = "OTHER"

    @property
    def is_target(self) -> bool:
        """Whether tumour is, or may be, inside."""
        return self in {Role.GTV, Role.CTV, Role.PTV}


class ContourKind(Enum):
    """DICOM Contour Geometric Type (3006,0042) of the contours that enclose an area."""

    CLOSED_PLANAR = "CLOSED_PLANAR"
    CLOSEDPLANAR_XOR = "CLOSEDPLANAR_XOR"


@dataclass(frozen=True, slots=True, eq=False)
class Contour:
    """One closed planar polygon.

    Parameters
    ----------
    points_mm
        ``(n, 3)`` vertices, n at least 3, without repetition of the first at the end.
    kind
        How it combines with the other contours of its plane.
    """

    points_mm: FloatArray
    kind: ContourKind = ContourKind.CLOSED_PLANAR

    def __post_init__(self) -> None:
        points = np.array(self.points_mm, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 3 or len(points) < 3:
            msg = f"points_mm must be (n, 3) with n at least 3, got {points.shape}"
            raise ValueError(msg)
        points.flags.writeable = False
        object.__setattr__(self, "points_mm", points)


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """A region of interest with the name it was given and the name it means.

    Parameters
    ----------
    number
        DICOM ROI Number (3006,0022), the identity within its structure set.
    name
        ROI name as drawn.
    standard_name
        TG-263 name, or None where the drawn name is not understood.
    role
        Why it was drawn.
    contours
        Its closed planar contours, in any order; may be empty.
    frame_of_reference_uid
        Frame in which the contours lie.
    """

    number: int
    name: str
    standard_name: str | None
    role: Role
    contours: tuple[Contour, ...]
    frame_of_reference_uid: str
