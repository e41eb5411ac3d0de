"""A SimpleITK transform as the matrix that carries the moving image's points."""

import numpy as np
import SimpleITK as sitk  # noqa: N813


def matrix_of(transform: sitk.Transform) -> list[list[float]]:
    """``(4, 4)`` from moving to fixed; SimpleITK's own maps fixed to moving."""
    origin = np.array(transform.TransformPoint((0.0, 0.0, 0.0)))
    columns = [
        np.array(transform.TransformPoint(tuple(axis))) - origin for axis in np.eye(3)
    ]
    forward = np.eye(4)
    forward[:3, :3] = np.stack(columns, axis=1)
    forward[:3, 3] = origin
    return np.linalg.inv(forward).tolist()
