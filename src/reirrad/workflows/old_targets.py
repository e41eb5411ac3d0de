"""Targets of earlier courses that were copied into a later structure set.

Clinics copy the old targets onto the new planning image to see them there. They are no
targets of the new course, although their type and name say so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reirrad.core.courses import Course
from reirrad.core.findings import Finding
from reirrad.core.sampling import shared_cc
from reirrad.core.sections import Sections
from reirrad.core.structure_doses import PlacedStructure
from reirrad.core.structures import Role
from reirrad.workflows.align import OutlinedCourse

__all__ = ["OldTarget", "marked", "old_target_findings", "old_targets", "set_aside"]

LEAST_DICE = 0.7
"""A target of 2 cm that was copied, under a registration 4 mm off."""
BELONGS_RATIO = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class OldTarget:
    """A target of a later course that coincides with one of an earlier course.

    Parameters
    ----------
    drawn, twin
        The later drawing, and the earlier one.
    aside
        Whether the plan aims at other targets, so that this one is none of its own.
    """

    drawn: PlacedStructure
    twin: PlacedStructure
    aside: bool


def old_targets(
    courses: Sequence[Course], structures: Sequence[PlacedStructure]
) -> list[OldTarget]:
    """Targets that coincide with one of an earlier course, of the same role.

    Where a plan refers to its targets, those and all that lies in them are its own.

    Parameters
    ----------
    courses
        Earliest first.
    structures
        Of all courses, in the reference frame.
    """
    targets = [one for one in structures if one.structure.role.is_target]
    found = []
    for course in courses:
        own = [one for one in targets if one.source_course == course.number]
        ordered = {target.roi_number for target in course.prescription.targets}
        aimed_at = [one for one in own if one.structure.number in ordered]
        earlier = [one for one in targets if one.source_course < course.number]
        for one in own:
            twin = next(_coinciding(one, earlier), None)
            if twin is None or _belongs(one, aimed_at):
                continue
            found.append(OldTarget(one, twin, aside=bool(aimed_at)))
    return found


def _coinciding(
    one: PlacedStructure, earlier: Sequence[PlacedStructure]
) -> Iterator[PlacedStructure]:
    for other in earlier:
        same_role = other.structure.role is one.structure.role
        if same_role and _dice(one.sections, other.sections) >= LEAST_DICE:
            yield other


def _belongs(one: PlacedStructure, aimed_at: Sequence[PlacedStructure]) -> bool:
    return any(
        one is target
        or shared_cc(one.sections, target.sections)
        # More than half of it: a GTV, or the PTV of another dose level.
        > BELONGS_RATIO * one.sections.volume_cc
        for target in aimed_at
    )


def _dice(first: Sections, second: Sections) -> float:
    whole_cc = first.volume_cc + second.volume_cc
    if 2.0 * min(first.volume_cc, second.volume_cc) < LEAST_DICE * whole_cc:
        return 0.0
    return 2.0 * shared_cc(first, second) / whole_cc


def set_aside(
    outlined: Sequence[OutlinedCourse], found: Sequence[OldTarget]
) -> tuple[OutlinedCourse, ...]:
    """The courses, their old targets being structures like others."""
    aside = {
        (one.drawn.source_course, one.drawn.structure.number)
        for one in found
        if one.aside
    }
    return tuple(
        replace(
            one,
            course=replace(
                one.course,
                structures=tuple(
                    replace(s, role=Role.OTHER)
                    if (one.course.number, s.number) in aside
                    else s
                    for s in one.course.structures
                ),
            ),
        )
        if any(number == one.course.number for number, _ in aside)
        else one
        for one in outlined
    )


def marked(
    structures: Sequence[PlacedStructure], found: Sequence[OldTarget]
) -> tuple[PlacedStructure, ...]:
    """The same structures, old targets being structures like others."""
    aside = {one.drawn.label for one in found if one.aside}
    return tuple(
        replace(one, structure=replace(one.structure, role=Role.OTHER))
        if one.label in aside
        else one
        for one in structures
    )


def old_target_findings(found: Sequence[OldTarget]) -> list[Finding]:
    """What was set aside, and what only the user can tell."""
    findings = []
    for one in found:
        course, name = one.drawn.source_course, one.drawn.structure.name
        which = f"{one.twin.structure.name} of course {one.twin.source_course}"
        about = f"course {course}"
        if one.aside:
            message = (
                f"{name} in the structure set of course {course} coincides with "
                f"{which}, and the plan refers to other targets: it is taken for a "
                f"copy of that older target, not for a target of course {course}."
            )
            findings.append(Finding("target-set-aside", "warning", about, message))
            continue
        message = (
            f"{name} in the structure set of course {course} coincides with {which}, "
            f"and the plan does not say which targets are its own: it is taken for a "
            f"target of course {course}. If it was copied from the older course, give "
            f'it another meaning under [structures] in the settings, such as "{name}" '
            f'= "Old_Target".'
        )
        findings.append(Finding("target-as-before", "warning", about, message))
    return findings
