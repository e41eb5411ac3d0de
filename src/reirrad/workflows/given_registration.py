"""A registration that the user gives: a DICOM object or a text file with a matrix."""

from collections.abc import Callable, Sequence
from pathlib import Path

from reirrad.core.courses import Course
from reirrad.core.transforms import RigidTransform
from reirrad.dicom.spatial_registration import transform_between
from reirrad.errors import InputError
from reirrad.workflows.gather import Survey
from reirrad.workflows.matrix_file import read_matrix
from reirrad.workflows.place import KnownTransform

__all__ = ["is_text", "known_transforms", "require_used"]


def is_text(registration: Path | None) -> bool:
    """Whether a registration file is text rather than DICOM."""
    if registration is None:
        return False
    try:
        head = registration.read_bytes()[:1024]
    except OSError as fault:
        msg = f"--registration {registration}: cannot be read ({fault.strerror})"
        raise InputError(msg) from fault
    return b"\0" not in head and b"DICM" not in head


def require_used(registration: Path, gathered: Survey) -> None:
    """A registration that was asked for is used, or nothing is assessed without it."""
    for row in gathered.inputs:
        unused = row.status != "used" and not row.reason.startswith("copy of ")
        if unused and Path(row.path).resolve() == registration.resolve():
            msg = f"--registration {registration}: cannot be used: {row.reason}"
            raise InputError(msg)


def known_transforms(
    gathered: Survey,
    courses: Sequence[Course],
    given: Path | RigidTransform | None,
) -> Callable[[Course, Course], KnownTransform | None]:
    """Look up transforms that need not be computed.

    Parameters
    ----------
    gathered
        With the registration objects that were read.
    courses
        Every course that is to be related.
    given
        Text file with a 4x4 matrix that maps whatever is earlier onto the reference
        course, or a transform that says which frames it maps; or None.

    Raises
    ------
    InputError
        If there is a matrix, and not just two frames of reference; later, if a
        transform is asked for between other frames than its own, or a matrix without
        frames from the frame of courses that are all later than the reference.
    """
    matrix = read_matrix(given) if isinstance(given, Path) else None
    frames = {course.frame_of_reference_uid for course in courses}
    if given is not None and len(frames) != 2:
        name = f"--registration {given}" if matrix is not None else "registration"
        msg = (
            f"{name}: a 4x4 matrix can only relate two frames of reference, the "
            f"courses have {len(frames)}. Use DICOM registration objects"
        )
        raise InputError(msg)

    def known(moving: Course, reference: Course) -> KnownTransform | None:
        here, there = moving.frame_of_reference_uid, reference.frame_of_reference_uid
        if here == there:
            return None
        if isinstance(given, RigidTransform):
            _require_frames(given, moving, reference)
            return given, "given"
        if matrix is not None:
            _require_earlier(f"--registration {given}", moving, reference, courses)
            return RigidTransform(matrix, here, there), "given"
        transform = transform_between(gathered.registrations, here, there)
        return None if transform is None else (transform, "dicom-reg")

    return known


def _require_earlier(
    name: str, moving: Course, reference: Course, courses: Sequence[Course]
) -> None:
    """A matrix in a text file names no frames: which way it maps is told by the order.

    It maps the frame of an earlier course into that of the reference. With the earliest
    course as reference the same file would be applied the other way round.
    """
    here = moving.frame_of_reference_uid
    own = [one for one in courses if one.frame_of_reference_uid == here]
    if any(one.number < reference.number for one in own):
        return
    msg = (
        f"{name}: a 4x4 matrix in a text file maps an earlier course's frame of "
        f"reference into the reference course's, but course {moving.number} is later "
        f"than the reference, course {reference.number}: which way the matrix maps is "
        f"not certain. Use a DICOM registration object, which names its frames, or "
        f"choose course {moving.number} as the reference with --reference-course "
        f"{moving.number}"
    )
    raise InputError(msg)


def _require_frames(given: RigidTransform, moving: Course, reference: Course) -> None:
    """A matrix is never applied the wrong way round, nor to another image."""
    here, there = moving.frame_of_reference_uid, reference.frame_of_reference_uid
    if (here, there) == (given.from_frame, given.to_frame):
        return
    msg = (
        f"The registration that was given maps frame of reference {given.from_frame} "
        f"into {given.to_frame}. The reference is now course {reference.number} in "
        f"frame {there}, to which course {moving.number} in frame {here} is mapped: "
        f"the order of the courses was changed, by their start dates or by what was "
        f"read. Restore it, or leave the registration out and adjust it again."
    )
    raise InputError(msg)
