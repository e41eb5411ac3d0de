"""A voxel grid as the attributes of an image plane."""

import numpy as np
from pydicom.dataset import Dataset

from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.dicom.identity import decimal

__all__ = ["place_plane", "slice_step_mm"]

RIGHT_ANGLE_TOLERANCE = 1e-6


def place_plane(dataset: Dataset, geometry: GridGeometry, *, slice_index: int) -> None:
    """Set position, orientation, spacing and size of one slice of a grid.

    Parameters
    ----------
    dataset
        Receives the attributes.
    geometry
        The whole grid.
    slice_index
        The slice at whose first voxel Image Position (Patient) lies.

    Raises
    ------
    ValueError
        If the axes of the grid are not at right angles.
    """
    directions, spacing = _axes(geometry)
    dataset.FrameOfReferenceUID = geometry.frame_of_reference_uid
    dataset.PositionReferenceIndicator = ""
    position = geometry.points_mm([slice_index, 0, 0])
    dataset.ImagePositionPatient = [decimal(value) for value in position]
    along = np.concatenate([directions[2], directions[1]])
    dataset.ImageOrientationPatient = [decimal(value) for value in along]
    dataset.PixelSpacing = [decimal(spacing[1]), decimal(spacing[2])]
    dataset.SliceThickness = decimal(spacing[0])
    dataset.Rows, dataset.Columns = geometry.shape[1], geometry.shape[2]
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"


def slice_step_mm(geometry: GridGeometry) -> float:
    """Way from slice to slice along row x column, below zero if it runs against it."""
    directions, spacing = _axes(geometry)
    normal = np.cross(directions[2], directions[1])
    return float(np.sign(normal @ directions[0]) * spacing[0])


def _axes(geometry: GridGeometry) -> tuple[FloatArray, FloatArray]:
    """Unit vectors of k, j and i as rows, and their spacings."""
    spacing = np.array(geometry.spacing_mm)
    directions = (geometry.affine[:3, :3] / spacing).T
    if np.abs(directions @ directions.T - np.eye(3)).max() > RIGHT_ANGLE_TOLERANCE:
        msg = (
            "a grid whose axes are not at right angles cannot be written as DICOM "
            "image planes"
        )
        raise ValueError(msg)
    return directions, spacing
