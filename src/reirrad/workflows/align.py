"""Relate every course to the reference course, and judge how well."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np

from reirrad.core.agreement import agreement
from reirrad.core.assessment import (
    RegistrationQuality,
    RegistrationSummary,
    StructureAgreement,
)
from reirrad.core.courses import Course
from reirrad.core.geometry import FloatArray
from reirrad.core.processors import processors
from reirrad.core.registration_verdict import judge_registration
from reirrad.core.sampling import sample
from reirrad.core.sections import Sections
from reirrad.core.structures import Role, Structure
from reirrad.core.transforms import RigidTransform, identity
from reirrad.errors import RegistrationError
from reirrad.registration.rigid import register_rigid
from reirrad.registration.similarity import ImageAgreement, image_agreement

__all__ = ["Alignment", "OutlinedCourse", "align"]

FOCUS_SPACING_MM = 5.0

Method = Literal["same-frame", "dicom-reg", "rigid", "given"]


@dataclass(frozen=True, slots=True, eq=False)
class OutlinedCourse:
    """A course with the sections of its usable structures, by ROI number."""

    course: Course
    sections: Mapping[int, Sections]

    def structure(self, standard_name: str | None, name: str) -> Structure | None:
        """The usable structure of a standard name, else of a drawn name."""
        usable = [s for s in self.course.structures if s.number in self.sections]
        for structure in usable:
            if standard_name is not None and structure.standard_name == standard_name:
                return structure
        for structure in usable:
            if structure.name.casefold() == name.casefold():
                return structure
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """How a course is related to the reference course.

    ``to_reference`` is None where no transform was found or the one found is rejected.
    """

    summary: RegistrationSummary
    to_reference: RigidTransform | None


def align(
    moving: OutlinedCourse,
    reference: OutlinedCourse,
    *,
    organ: Structure,
    known: tuple[RigidTransform, Method] | None,
    limits: Mapping[str, float],
    progress: Callable[[str], None],
) -> Alignment:
    """Relate one course to the reference course.

    Parameters
    ----------
    moving, reference : OutlinedCourse
    organ : Structure
        Structure of the reference course, or moved from another, in which overlap is
        measured.
    known : (RigidTransform, method), optional
        A transform from a DICOM object or from the user; without one the frames decide:
        one frame needs none, different ones are registered by their images.
    limits : mapping
        Registration rules by name.
    progress : callable
        Told each step.
    """
    organ_pair = (
        moving.structure(organ.standard_name, organ.name),
        reference.structure(organ.standard_name, organ.name),
    )
    same = (
        moving.course.frame_of_reference_uid == reference.course.frame_of_reference_uid
    )
    method: Method
    if known is not None:
        transform, method = known
    elif same:
        transform = identity(reference.course.frame_of_reference_uid)
        method = "same-frame"
    else:
        method = "rigid"
        try:
            transform = _registered(moving, reference, organ_pair, progress)
        except RegistrationError as failure:
            return _failed(moving.course, reference.course, " ".join(failure.problems))
    progress("judging the registration")
    quality = _quality(moving, reference, organ_pair, transform)
    registered = (moving.course, reference.course) if method == "rigid" else ()
    judged = judge_registration(
        quality, organ.name, limits, registered_modalities=_modalities(*registered)
    )
    summary = RegistrationSummary(
        from_course=moving.course.number,
        to_course=reference.course.number,
        method=method,
        matrix=tuple(tuple(float(x) for x in row) for row in transform.matrix),
        quality=quality,
        verdict=judged.verdict,
        reason=judged.reason,
    )
    return Alignment(summary, None if judged.verdict == "rejected" else transform)


def _modalities(*courses: Course) -> list[str]:
    return [course.image.modality for course in courses if course.image is not None]


def _registered(
    moving: OutlinedCourse,
    reference: OutlinedCourse,
    organ: tuple[Structure | None, Structure | None],
    progress: Callable[[str], None],
) -> RigidTransform:
    if moving.course.image is None or reference.course.image is None:
        lacking = [
            f"course {outlined.course.number}"
            for outlined in (moving, reference)
            if outlined.course.image is None
        ]
        msg = (
            f"The courses lie in different frames of reference, no registration object "
            f"links them, and {' and '.join(lacking)} has no usable planning image. "
            f"Supply a DICOM registration or a 4x4 matrix with --registration."
        )
        raise RegistrationError(msg)
    here, there = organ
    fixed_focus, moving_focus = _focus(reference, there), _focus(moving, here)
    if fixed_focus is None or moving_focus is None:
        fixed_focus = moving_focus = None
    return register_rigid(
        reference.course.image,
        moving.course.image,
        fixed_focus_mm=fixed_focus,
        moving_focus_mm=moving_focus,
        progress=progress,
    )


def _focus(outlined: OutlinedCourse, organ: Structure | None) -> FloatArray | None:
    """Points of the organ that the planning image shows, shape (n, 3), if any."""
    image = outlined.course.image
    if organ is None or image is None:
        return None
    sections = outlined.sections[organ.number]
    points = sample(sections, spacing_mm=FOCUS_SPACING_MM).points_mm
    indices = image.geometry.indices(points)
    last = np.asarray(image.geometry.shape) - 1
    shown = points[np.all((indices >= 0) & (indices <= last), axis=1)]
    return shown if len(shown) else None


def _quality(
    moving: OutlinedCourse,
    reference: OutlinedCourse,
    organ: tuple[Structure | None, Structure | None],
    transform: RigidTransform,
) -> RegistrationQuality:
    with ThreadPoolExecutor(processors()) as pool:
        comparing = pool.submit(
            _compared_images, moving, reference, organ[1], transform
        )
        structures = _common(moving, reference, transform)
    images = comparing.result()
    middle = _focus(moving, organ[0])
    centre = None if middle is None else middle.mean(axis=0)
    moved = None if centre is None else transform.apply(centre) - centre
    return RegistrationQuality(
        image_overlap_percent=images.overlap_percent if images else None,
        similarity_metric=images.metric if images else None,
        similarity_before=images.before if images else None,
        similarity_after=images.after if images else None,
        rotation_degrees=transform.rotation_degrees,
        translation_mm=None if moved is None else float(np.linalg.norm(moved)),
        structures=structures,
    )


def _compared_images(
    moving: OutlinedCourse,
    reference: OutlinedCourse,
    organ: Structure | None,
    transform: RigidTransform,
) -> ImageAgreement | None:
    """Agreement of the images; None where they cannot be compared."""
    if moving.course.image is None or reference.course.image is None:
        return None
    try:
        return image_agreement(
            reference.course.image,
            moving.course.image,
            transform,
            fixed_focus_mm=_focus(reference, organ),
        )
    except RegistrationError:
        return None


def _common(
    moving: OutlinedCourse, reference: OutlinedCourse, transform: RigidTransform
) -> tuple[StructureAgreement, ...]:
    """Agreement of every organ that both courses have."""
    twins = [
        (structure, twin)
        for structure in reference.course.structures
        if structure.number in reference.sections
        and structure.role is Role.ORGAN
        and (twin := moving.structure(structure.standard_name, structure.name))
    ]

    def compared(pair: tuple[Structure, Structure]) -> StructureAgreement:
        here, there = pair
        return agreement(
            here.name,
            moving.sections[there.number],
            reference.sections[here.number],
            transform,
        )

    with ThreadPoolExecutor(processors()) as pool:
        return tuple(pool.map(compared, twins))


def _failed(moving: Course, reference: Course, reason: str) -> Alignment:
    nothing = RegistrationQuality(None, None, None, None, None, None, ())
    return Alignment(
        RegistrationSummary(
            from_course=moving.number,
            to_course=reference.number,
            method="rigid",
            matrix=None,
            quality=nothing,
            verdict="rejected",
            reason=reason,
        ),
        None,
    )
