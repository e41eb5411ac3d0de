"""Spatial Registration objects: rigid maps between frames of reference."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from reirrad.core.geometry import FloatArray
from reirrad.core.transforms import (
    RigidTransform,
    identity,
    is_rigid,
    nearest_rigid,
    turn_degrees,
)
from reirrad.dicom.audit import FoundObject
from reirrad.dicom.elements import Elements, items, named, numbers, text
from reirrad.errors import DicomError

__all__ = [
    "SAME_DEGREES",
    "SAME_MM",
    "SpatialRegistration",
    "contradictions",
    "read_registration",
    "rigid_matrix",
    "route_between",
    "transform_between",
]

# Two objects that agree this well were made from one registration and rounded.
SAME_MM = 0.5
SAME_DEGREES = 0.1
# As far from the origin of a frame as a patient reaches: the order of two turns shows
# only there.
REACH_MM = 500.0
# Ten digits, as most programs write; a chain of such matrices is rigid enough.
EXACT = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class SpatialRegistration:
    """One map that a registration object holds.

    Parameters
    ----------
    found
        The object.
    transform
        From the frame of one of its items into the frame of the object.
    """

    found: FoundObject
    transform: RigidTransform


def read_registration(found: FoundObject) -> tuple[SpatialRegistration, ...]:
    """Read the maps of one object, without those of a frame onto itself.

    Raises
    ------
    DicomError
        If the file is cut short, a frame is not named, or a map is not rigid.

    References
    ----------
    DICOM PS3.3, section C.20.2: the matrix of an item maps coordinates of the item's
    frame into the frame of the registration object.
    """
    dataset, where = found.dataset, found.where
    if found.truncation is not None:
        msg = f"{where}: the file is cut short ({found.truncation}). Export it again."
        raise DicomError(msg)
    registered = text(dataset, "FrameOfReferenceUID")
    maps: list[SpatialRegistration] = []
    for item in items(dataset, "RegistrationSequence", where):
        frame = text(item, "FrameOfReferenceUID")
        matrix = _item_matrix(item, where)
        if not registered or not frame:
            msg = (
                f"{where}: {named('FrameOfReferenceUID')} of the object or of one of "
                f"its items is empty. Export the registration again."
            )
            raise DicomError(msg)
        if frame != registered:
            transform = RigidTransform(matrix, frame, registered)
            maps.append(SpatialRegistration(found, transform))
    if not maps:
        msg = f"{where}: relates no two frames of reference. Export it again."
        raise DicomError(msg)
    return tuple(maps)


def transform_between(
    registrations: Sequence[SpatialRegistration], from_frame: str, to_frame: str
) -> RigidTransform | None:
    """Map from one frame into another, either way round and through frames between.

    Returns
    -------
    RigidTransform or None
        By the fewest objects; None where no chain of registrations links the frames.
    """
    route = route_between(registrations, from_frame, to_frame)
    if route is None:
        return None
    result = identity(from_frame)
    for step in route:
        forward = step.transform.from_frame == result.to_frame
        result = result.then(step.transform if forward else step.transform.inverse())
    return result


def route_between(
    registrations: Sequence[SpatialRegistration], from_frame: str, to_frame: str
) -> tuple[SpatialRegistration, ...] | None:
    """The registrations to follow from one frame to another, or None."""
    waiting: deque[tuple[str, tuple[SpatialRegistration, ...]]]
    waiting = deque([(from_frame, ())])
    reached = {from_frame}
    while waiting:
        frame, route = waiting.popleft()
        if frame == to_frame:
            return route
        for one in registrations:
            ends = (one.transform.from_frame, one.transform.to_frame)
            if frame not in ends:
                continue
            other = ends[1] if frame == ends[0] else ends[0]
            if other not in reached:
                reached.add(other)
                waiting.append((other, (*route, one)))
    return None


def contradictions(registrations: Iterable[SpatialRegistration]) -> tuple[str, ...]:
    """One sentence for each two maps between the same frames that differ.

    Two maps agree if they differ by at most 0.5 mm at the frame's origin and 0.1
    degrees.
    """
    problems = []
    for left, right in combinations(registrations, 2):
        frames = {left.transform.from_frame, left.transform.to_frame}
        if frames != {right.transform.from_frame, right.transform.to_frame}:
            continue
        other = right.transform
        if other.from_frame != left.transform.from_frame:
            other = other.inverse()
        rest = np.linalg.inv(other.matrix) @ left.transform.matrix
        shift_mm = float(np.linalg.norm(rest[:3, 3]))
        if shift_mm > SAME_MM or turn_degrees(rest) > SAME_DEGREES:
            problems.append(
                f"{left.found.where} and {right.found.path}: relate the same two "
                f"frames of reference differently, by {shift_mm:.1f} mm and "
                f"{turn_degrees(rest):.2f} degrees. Remove the one that is not to "
                f"be used."
            )
    return tuple(problems)


def _item_matrix(item: Elements, where: str) -> FloatArray:
    """Product of the matrices of one item.

    Programs disagree about which of several matrices is applied first, so several are
    accepted only where the order makes no difference.
    """
    forward, backward = np.eye(4), np.eye(4)
    for step in items(item, "MatrixRegistrationSequence", where):
        for one in items(step, "MatrixSequence", where):
            matrix = rigid_matrix(one, where)
            forward, backward = matrix @ forward, backward @ matrix
    corners = np.array([(*c, 1.0) for c in product((-REACH_MM, REACH_MM), repeat=3)])
    apart_mm = np.linalg.norm(corners @ (forward - backward)[:3].T, axis=1).max()
    if apart_mm > SAME_MM:
        msg = (
            f"{where}: {named('MatrixSequence')} holds several matrices whose result "
            f"depends on their order, by up to {apart_mm:.1f} mm for points within "
            f"{REACH_MM:g} mm along each axis. Export the registration as one matrix."
        )
        raise DicomError(msg)
    return forward


def _exact(matrix: FloatArray) -> FloatArray:
    """A matrix of few digits made a rotation; one of many digits as it stands."""
    off = np.abs(matrix[:3, :3] @ matrix[:3, :3].T - np.eye(3)).max()
    return matrix if off <= EXACT else nearest_rigid(matrix)


def rigid_matrix(one: Elements, where: str) -> FloatArray:
    """Matrix of an item, shape (4, 4).

    Raises
    ------
    DicomError
        If it is not a rotation with a translation.
    """
    values = numbers(one, "FrameOfReferenceTransformationMatrix", where)
    if values is not None and len(values) == 16 and is_rigid(values.reshape(4, 4)):
        return _exact(values.reshape(4, 4))
    kind = text(one, "FrameOfReferenceTransformationMatrixType").upper()
    msg = (
        f"{where}: {named('FrameOfReferenceTransformationMatrix')} must be a rotation "
        f"with a translation, found a matrix of type {kind or 'not stated'} that is "
        f"not. Export a rigid registration."
    )
    raise DicomError(msg)
