"""Deformable Spatial Registration objects: maps of points that are not rigid.

An item of such an object says, for a point of the object's own frame of reference (the
registered one), where its tissue lies in the item's frame (the source). With the
object's frame that of the reference course, that is the way by which doses are looked
up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from reirrad.core.deformation import DeformableMap
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.transforms import RigidTransform, is_rigid
from reirrad.dicom.audit import FoundObject
from reirrad.dicom.elements import (
    Elements,
    as_stored,
    binary_numbers,
    items,
    named,
    numbers,
    text,
)
from reirrad.dicom.spatial_registration import SAME_MM, rigid_matrix
from reirrad.errors import DicomError

__all__ = [
    "DeformableObject",
    "deformable_between",
    "deformable_rivals",
    "read_deformable",
]

BYTES_PER_VECTOR = 12
LONGEST_VECTOR_MM = 500.0
"""Longer than any way that tissue can move; more is another unit or damage."""
LEAST_STEP_MM, LARGEST_STEP_MM = 0.1, 100.0
MOST_COMPARED = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class DeformableObject:
    """One deformable map that an object holds.

    Parameters
    ----------
    found
        The object.
    deformable
        From the object's frame of reference into that of its item.
    other_reading_mm
        How far the map would differ, at most, if vectors stood where the matrix before
        them leads instead of where the grid says. The standard's equation takes the
        grid, its prose can be read either way; 0 without such a matrix.
    """

    found: FoundObject
    deformable: DeformableMap
    other_reading_mm: float

    @property
    def is_ambiguous(self) -> bool:
        """Whether the two readings differ by more than rounding."""
        return self.other_reading_mm > SAME_MM


def read_deformable(found: FoundObject) -> tuple[DeformableObject, ...]:
    """Read the deformable maps of one object.

    Items without a grid are left out: they deform nothing.

    Raises
    ------
    DicomError
        If the file is cut short, a frame is not named, a matrix is not rigid, the grid
        is not a regular one or its vectors are missing, undefined or impossible.

    References
    ----------
    DICOM PS3.3, section C.20.3.
    """
    dataset, where = found.dataset, found.where
    if found.truncation is not None:
        msg = f"{where}: the file is cut short ({found.truncation}). Export it again."
        raise DicomError(msg)
    registered = text(dataset, "FrameOfReferenceUID")
    maps = []
    for item in items(dataset, "DeformableRegistrationSequence", where):
        source = text(item, "SourceFrameOfReferenceUID")
        grids = items(item, "DeformableRegistrationGridSequence", where)
        if not grids:
            continue
        if not registered or not source:
            empty = "SourceFrameOfReferenceUID" if registered else "FrameOfReferenceUID"
            msg = f"{where}: {named(empty)} is empty. Export the registration again."
            raise DicomError(msg)
        if len(grids) > 1:
            msg = (
                f"{where}: {named('DeformableRegistrationGridSequence')} holds "
                f"{len(grids)} grids, one is allowed. Export the registration again."
            )
            raise DicomError(msg)
        maps.append(_map(found, item, grids[0], (registered, source)))
    if not maps:
        msg = (
            f"{where}: {named('DeformableRegistrationSequence')} holds no grid of "
            f"vectors. Export the deformable registration with its grid, or a rigid "
            f"Spatial Registration."
        )
        raise DicomError(msg)
    return tuple(maps)


def deformable_between(
    objects: Iterable[DeformableObject], from_frame: str, to_frame: str
) -> DeformableObject | None:
    """The object that maps one frame into another, in this direction; else None."""
    for one in objects:
        ends = (one.deformable.from_frame, one.deformable.to_frame)
        if ends == (from_frame, to_frame):
            return one
    return None


def deformable_rivals(objects: Sequence[DeformableObject]) -> tuple[str, ...]:
    """One sentence for each two objects that map the same frames the same way."""
    return tuple(
        f"{left.found.where} and {right.found.path}: both deform the same two frames "
        f"of reference. Remove the one that is not to be used."
        for left, right in combinations(objects, 2)
        if left.found.sop_instance_uid != right.found.sop_instance_uid
        and (left.deformable.from_frame, left.deformable.to_frame)
        == (right.deformable.from_frame, right.deformable.to_frame)
    )


def _map(
    found: FoundObject, item: Elements, grid: Elements, frames: tuple[str, str]
) -> DeformableObject:
    registered, source = frames
    where = found.where
    before = _matrix(item, "PreDeformationMatrixRegistrationSequence", where)
    after = _matrix(item, "PostDeformationMatrixRegistrationSequence", where)
    geometry = _geometry(grid, registered, where)
    little_endian = found.dataset.original_encoding[1] is not False
    vectors = _vectors(grid, geometry, where, little_endian=little_endian)
    deformable = DeformableMap(
        RigidTransform(before, registered, registered),
        geometry,
        vectors,
        RigidTransform(after, registered, source),
    )
    return DeformableObject(found, deformable, _other_reading_mm(deformable))


def _matrix(item: Elements, keyword: str, where: str) -> FloatArray:
    """Matrix of one of the two rigid parts; the identity where there is none."""
    steps = items(item, keyword, where)
    if not steps:
        return np.eye(4)
    if len(steps) > 1:
        msg = (
            f"{where}: {named(keyword)} holds {len(steps)} matrices, one is allowed. "
            f"Export the registration again."
        )
        raise DicomError(msg)
    return rigid_matrix(steps[0], where)


def _geometry(grid: Elements, frame: str, where: str) -> GridGeometry:
    """Grid of the vectors; its dimensions are in the order x, y, z of its axes."""
    origin = numbers(grid, "ImagePositionPatient", where)
    directions = numbers(grid, "ImageOrientationPatient", where)
    dimensions = _three(grid, "GridDimensions", where)
    steps = _three(grid, "GridResolution", where)
    if np.any(dimensions != np.rint(dimensions)) or dimensions.min() < 2:
        raise DicomError(
            _bad(where, "GridDimensions", dimensions, "three whole numbers from 2 on")
        )
    if steps.min() < LEAST_STEP_MM or steps.max() > LARGEST_STEP_MM:
        allowed = f"{LEAST_STEP_MM:g} to {LARGEST_STEP_MM:g} mm"
        raise DicomError(_bad(where, "GridResolution", steps, allowed))
    if origin is None or len(origin) != 3:
        raise DicomError(_bad(where, "ImagePositionPatient", origin, "three numbers"))
    axes = np.eye(4)
    if directions is not None and len(directions) == 6:
        row, column = directions[:3], directions[3:]
        axes[:3, :3] = np.stack([row, column, np.cross(row, column)], axis=1)
    if directions is None or len(directions) != 6 or not is_rigid(axes):
        expected = "two directions of unit length at right angles"
        raise DicomError(_bad(where, "ImageOrientationPatient", directions, expected))
    affine = np.eye(4)
    affine[:3, :3] = (axes[:3, :3] * steps)[:, ::-1]
    affine[:3, 3] = origin
    x, y, z = (int(n) for n in dimensions)
    return GridGeometry((z, y, x), affine, frame)


def _vectors(
    grid: Elements, geometry: GridGeometry, where: str, *, little_endian: bool
) -> npt.NDArray[np.float32]:
    stored = as_stored(grid, "VectorGridData")
    content = stored if isinstance(stored, bytes) else b""
    k, j, i = geometry.shape
    expected = BYTES_PER_VECTOR * k * j * i
    if len(content) != expected:
        msg = (
            f"{where}: {named('VectorGridData')} has {len(content)} bytes, a grid of "
            f"{i} x {j} x {k} vectors needs {expected}. Export the registration again."
        )
        raise DicomError(msg)
    values = np.frombuffer(content, dtype="<f4" if little_endian else ">f4")
    vectors = values.astype(np.float32).reshape(k, j, i, 3)
    undefined = int(np.count_nonzero(~np.isfinite(vectors).all(axis=-1)))
    if undefined:
        msg = (
            f"{where}: {named('VectorGridData')} holds {undefined} vectors that are "
            f"undefined (NaN) or infinite. Export a registration that is defined on "
            f"its whole grid."
        )
        raise DicomError(msg)
    longest = float(np.abs(vectors).max())
    if longest > LONGEST_VECTOR_MM:
        msg = (
            f"{where}: {named('VectorGridData')} moves tissue by {longest:.4g} mm; "
            f"at most {LONGEST_VECTOR_MM:g} mm can be meant. Export it in mm."
        )
        raise DicomError(msg)
    return vectors


def _other_reading_mm(deformable: DeformableMap) -> float:
    if np.array_equal(deformable.before.matrix, np.eye(4)):
        return 0.0
    geometry = deformable.geometry
    indices = np.indices(geometry.shape).reshape(3, -1).T
    indices = indices[:: max(1, len(indices) // MOST_COMPARED)]
    points = geometry.points_mm(indices)
    moved = deformable.before.apply(points)
    plain = DeformableMap(
        RigidTransform(np.eye(4), deformable.from_frame, deformable.from_frame),
        geometry,
        deformable.displacement_mm,
        RigidTransform(np.eye(4), deformable.from_frame, deformable.from_frame),
    )
    here = plain.apply(points) - points
    there = plain.apply(moved) - moved
    return float(np.linalg.norm(here - there, axis=1).max())


def _three(grid: Elements, keyword: str, where: str) -> FloatArray:
    found = binary_numbers(grid, keyword, where)
    if found is None or len(found) != 3:
        raise DicomError(_bad(where, keyword, found, "three numbers"))
    return found


def _bad(where: str, keyword: str, found: FloatArray | None, expected: str) -> str:
    listed = "nothing usable"
    if found is not None:
        listed = ", ".join(f"{value:g}" for value in found)
    return (
        f"{where}: {named(keyword)} must be {expected}, found {listed}. Export the "
        f"registration again."
    )
