"""A plane through a reference image, ready to be drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["PlanarView"]


@dataclass(frozen=True, slots=True, eq=False)
class PlanarView:
    """A plane through the reference image, ready to be drawn.

    All arrays share one (row, column) raster; row 0 is at the top of the picture.

    Parameters
    ----------
    plane
        "axial", "sagittal" or "coronal".
    position_mm
        Coordinate of the plane along its normal.
    extent_mm
        (left, right, bottom, top) of the outer edges of the raster, in patient mm.
    image
        Grey values of the reference image, NaN outside.
    other_image
        Grey values of the earlier course's image carried into the plane, or None.
    doses_gy
        Course number to physical dose in the plane, NaN outside its grid.
    isodoses_gy
        Course number to isodose level name ("2Gy", "50%") to level in Gy.
    structures
        Structure name to share of each pixel inside it, 0 to 1.
    roles
        Structure name to role.
    organ
        Name of the structure in which overlap is measured.
    """

    plane: Literal["axial", "sagittal", "coronal"]
    position_mm: float
    extent_mm: tuple[float, float, float, float]
    image: npt.NDArray[np.float32]
    other_image: npt.NDArray[np.float32] | None
    doses_gy: Mapping[int, npt.NDArray[np.float32]]
    isodoses_gy: Mapping[int, Mapping[str, float]]
    structures: Mapping[str, npt.NDArray[np.float32]]
    roles: Mapping[str, str]
    organ: str
