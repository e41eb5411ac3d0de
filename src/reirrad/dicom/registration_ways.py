"""All ways that registrations lead from one frame of reference to another."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reirrad.core.geometry import FloatArray
from reirrad.core.transforms import turn_degrees
from reirrad.dicom.spatial_registration import (
    SAME_DEGREES,
    SAME_MM,
    SpatialRegistration,
)

__all__ = ["disagreeing_ways", "registrations_between"]


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """How a frame is reached: matrix from the first frame, and the last step."""

    matrix: FloatArray
    back: tuple[str, SpatialRegistration] | None = None


def registrations_between(
    registrations: Sequence[SpatialRegistration], frames: Collection[str]
) -> tuple[SpatialRegistration, ...]:
    """Registrations that lie on any way between two of the frames, in their order.

    A way meets no frame twice. A registration lies on none if taking one frame away
    cuts it off from all of `frames`: whoever went there would have to come back through
    that frame.
    """
    neighbours: dict[str, set[str]] = {}
    for one in registrations:
        start, end = one.transform.from_frame, one.transform.to_frame
        neighbours.setdefault(start, set()).add(end)
        neighbours.setdefault(end, set()).add(start)
    kept = set(neighbours)
    for cut in neighbours:
        connected = _reached(neighbours, set(frames) - {cut}, without=cut)
        kept &= connected | {cut}
    return tuple(
        one
        for one in registrations
        if {one.transform.from_frame, one.transform.to_frame} <= kept
    )


def _reached(
    neighbours: Mapping[str, set[str]], starts: Collection[str], *, without: str
) -> set[str]:
    """Frames that can be reached without one of them."""
    waiting = [frame for frame in starts if frame in neighbours]
    reached = {without, *waiting}
    while waiting:
        fresh = neighbours[waiting.pop()] - reached
        reached |= fresh
        waiting += fresh
    return reached


def disagreeing_ways(registrations: Sequence[SpatialRegistration]) -> tuple[str, ...]:
    """One sentence for each way round through several frames that does not close.

    Each registration is compared with the way that the others lead between its frames,
    by the tolerances of :func:`~reirrad.dicom.spatial_registration.contradictions`,
    which compares two registrations of the same frames. If all of these agree, so do
    all ways between any two frames.
    """
    return tuple(
        problem
        for ways in _trees(registrations)
        for one in registrations
        if one.transform.from_frame in ways and (problem := _disagreement(one, ways))
    )


def _trees(
    registrations: Sequence[SpatialRegistration],
) -> Iterator[Mapping[str, _Way]]:
    """For every group of connected frames, a shortest way from its first to each."""
    meeting: dict[str, list[SpatialRegistration]] = {}
    for one in registrations:
        for frame in (one.transform.from_frame, one.transform.to_frame):
            meeting.setdefault(frame, []).append(one)
    seen: set[str] = set()
    for root in meeting:
        if root in seen:
            continue
        ways = {root: _Way(np.eye(4))}
        waiting = deque([root])
        while waiting:
            frame = waiting.popleft()
            for one in meeting[frame]:
                other, matrix = _step_from(frame, one)
                if other not in ways:
                    ways[other] = _Way(matrix @ ways[frame].matrix, (frame, one))
                    waiting.append(other)
        seen |= ways.keys()
        yield ways


def _step_from(frame: str, one: SpatialRegistration) -> tuple[str, FloatArray]:
    """Where a registration leads from one of its frames, and its matrix that way."""
    if one.transform.from_frame == frame:
        return one.transform.to_frame, one.transform.matrix
    return one.transform.from_frame, one.transform.inverse().matrix


def _disagreement(one: SpatialRegistration, ways: Mapping[str, _Way]) -> str:
    """How a registration differs from the way of a tree, or empty."""
    start, end = one.transform.from_frame, one.transform.to_frame
    around = ways[end].matrix @ np.linalg.inv(ways[start].matrix)
    rest = np.linalg.inv(one.transform.matrix) @ around
    shift_mm = float(np.linalg.norm(rest[:3, 3]))
    if shift_mm <= SAME_MM and turn_degrees(rest) <= SAME_DEGREES:
        return ""
    others = _steps(start, ways) ^ _steps(end, ways)
    # One other object between the same frames is compared as a pair.
    if len(others) < 2:
        return ""
    listed = " with ".join(sorted({step.found.path for step in others}))
    return (
        f"{one.found.where} and {listed}: lead from one frame of reference to another "
        f"differently, by {shift_mm:.1f} mm and {turn_degrees(rest):.2f} degrees. "
        f"Remove those that are not to be used."
    )


def _steps(frame: str, ways: Mapping[str, _Way]) -> set[SpatialRegistration]:
    """The registrations of the way of a tree to a frame."""
    steps = set()
    back = ways[frame].back
    while back is not None:
        frame, step = back
        steps.add(step)
        back = ways[frame].back
    return steps
