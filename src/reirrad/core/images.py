"""Planning images, as values."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import GridGeometry
from reirrad.core.sources import SeriesReference

__all__ = ["Image"]


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """A planning image on a regular grid.

    Parameters
    ----------
    values
        ``(k, j, i)`` float32 array; Hounsfield units for CT, arbitrary for MR.
    geometry
        Where the voxels lie.
    modality
        DICOM Modality (0008,0060): ``CT``, ``MR`` or ``PT``.
    series
        The slices it was read from, in the order of the grid; None where it was not
        read.
    """

    values: npt.NDArray[np.float32]
    geometry: GridGeometry
    modality: str
    series: SeriesReference | None = None

    def __post_init__(self) -> None:
        if self.values.shape != self.geometry.shape:
            msg = (
                f"values has shape {self.values.shape}, "
                f"its geometry {self.geometry.shape}"
            )
            raise ValueError(msg)
