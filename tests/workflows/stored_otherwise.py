"""One patient, stored along other axes: the same voxels in another order."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from reirrad.core.courses import Course
from reirrad.core.dose import DoseGrid
from reirrad.core.geometry import GridGeometry
from reirrad.core.structures import Contour, Structure

__all__ = ["POSITIONS", "dose_in_planes", "stored_along"]

POSITIONS: dict[str, Sequence[int]] = {
    "HFS": (1, 0, 0, 0, 1, 0),
    "HFP": (-1, 0, 0, 0, -1, 0),
    "HFDR": (0, 1, 0, -1, 0, 0),
    "HFDL": (0, -1, 0, 1, 0, 0),
    "FFS": (-1, 0, 0, 0, 1, 0),
    "FFP": (1, 0, 0, 0, -1, 0),
    "FFDR": (0, -1, 0, -1, 0, 0),
    "FFDL": (0, 1, 0, 1, 0, 0),
}
"""Direction cosines of rows and columns of transverse slices in each position."""

Values = npt.NDArray[Any]


def stored_along(course: Course, cosines: Sequence[int]) -> Course:
    """A course whose dose and image have rows and columns along other patient axes.

    Points of contours are given in the other order where slices are counted towards
    the feet, and contours too.
    """
    changed = dose_in_planes(course, cosines)
    image = course.image
    if image is not None:
        values, geometry = _turned(image.values, image.geometry, cosines)
        image = replace(image, values=values, geometry=geometry)
    towards_head = np.cross(cosines[:3], cosines[3:])[2] > 0
    structures = (
        course.structures if towards_head else map(_reversed, course.structures)
    )
    return replace(changed, image=image, structures=tuple(structures))


def dose_in_planes(course: Course, cosines: Sequence[int]) -> Course:
    """A course whose dose alone is stored along other axes."""
    (delivery,) = course.deliveries
    doses = []
    for dose in delivery.doses:
        values, geometry = _turned(dose.values_gy, dose.geometry, cosines)
        doses.append(DoseGrid(values, geometry, dose.interpolation))
    return replace(course, deliveries=(replace(delivery, doses=tuple(doses)),))


def _turned(
    values: Values, geometry: GridGeometry, cosines: Sequence[int]
) -> tuple[Values, GridGeometry]:
    row, column = np.array(cosines[:3]), np.array(cosines[3:])
    directions = geometry.affine[:3, :3] / np.array(geometry.spacing_mm)
    # How far each wanted axis (k, j, i) goes along each present one: 1, -1 or 0.
    along = np.rint(np.array([np.cross(row, column), column, row]) @ directions)
    order = np.abs(along).argmax(axis=1)
    signs = along[range(3), order].astype(int)
    turned = np.transpose(values, order)[tuple(slice(None, None, s) for s in signs)]
    first = [0, 0, 0]
    for axis, sign in zip(order, signs, strict=True):
        first[axis] = 0 if sign > 0 else values.shape[axis] - 1
    affine = np.eye(4)
    affine[:3, :3] = geometry.affine[:3, order] * signs
    affine[:3, 3] = geometry.points_mm(first)
    shape = (turned.shape[0], turned.shape[1], turned.shape[2])
    return np.ascontiguousarray(turned), GridGeometry(
        shape, affine, geometry.frame_of_reference_uid
    )


def _reversed(structure: Structure) -> Structure:
    contours = (
        Contour(one.points_mm[::-1], one.kind) for one in reversed(structure.contours)
    )
    return replace(structure, contours=tuple(contours))
