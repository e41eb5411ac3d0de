"""Bring all courses and structures into the reference course's frame."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.contour_findings import unusable
from reirrad.core.courses import Course
from reirrad.core.findings import Finding
from reirrad.core.nomenclature import NameTable, understand
from reirrad.core.sections import Sections, sections_of
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure, moved
from reirrad.core.structures import Role, Structure
from reirrad.core.transforms import RigidTransform, identity
from reirrad.errors import InputError
from reirrad.knowledge.alpha_beta import load_alpha_beta
from reirrad.knowledge.rules import rule_limits
from reirrad.knowledge.structure_names import load_structure_names
from reirrad.workflows.align import Alignment, OutlinedCourse, align
from reirrad.workflows.align import Method as AlignmentMethod
from reirrad.workflows.old_targets import (
    marked,
    old_target_findings,
    old_targets,
    set_aside,
)
from reirrad.workflows.paired_organs import PairedOrgans, paired_organs

__all__ = ["PlacedPatient", "find_organ", "outlined", "place", "placed_structure"]

NEITHER = (
    "neither RT ROI Interpreted Type (3006,00A4) nor the name says that they are "
    "organs or targets (what a name means can be said under [structures] in the "
    "settings)"
)

KnownTransform = tuple[RigidTransform, AlignmentMethod]


@dataclass(frozen=True, slots=True, eq=False)
class PlacedPatient:
    """Everything in the reference frame, ready to be asked for doses.

    Parameters
    ----------
    reference
        The reference course.
    outlined
        Every course, earliest first.
    placed
        Courses that could be related to the reference frame.
    alignments
        Course number to how it is related; the reference course has none.
    organ
        Structure in which overlap is measured.
    structures
        Every structure that is reported, reference course first.
    findings
        What was noticed on the way.
    paired
        Organs of which both sides are drawn, for limits of both together.
    """

    reference: OutlinedCourse
    outlined: tuple[OutlinedCourse, ...]
    placed: tuple[PlacedCourse, ...]
    alignments: Mapping[int, Alignment]
    organ: PlacedStructure
    structures: tuple[PlacedStructure, ...]
    findings: tuple[Finding, ...]
    paired: PairedOrgans = field(default_factory=PairedOrgans)

    @property
    def course_numbers(self) -> list[int]:
        """Numbers of all courses, earliest first."""
        return [outlined.course.number for outlined in self.outlined]


def outlined(course: Course) -> tuple[OutlinedCourse, list[Finding]]:
    """Sections of every structure of a course; unusable ones become findings."""
    spacing = course.image.geometry.spacing_mm[0] if course.image else None
    sections: dict[int, Sections] = {}
    findings = []
    for structure in course.structures:
        try:
            sections[structure.number] = sections_of(
                structure, slice_spacing_mm=spacing
            )
        except InputError as fault:
            findings.append(unusable(structure, course.number, fault))
    return OutlinedCourse(course, sections), findings


def find_organ(
    courses: Sequence[OutlinedCourse],
    reference: OutlinedCourse,
    name: str,
    *,
    names: NameTable,
) -> tuple[OutlinedCourse, Structure]:
    """The organ in which overlap is measured, and the course that it is drawn in.

    Raises
    ------
    InputError
        If no course has a structure of that name.
    """
    standard, _ = understand(name, "ORGAN", names, {})
    others = [course for course in reversed(courses) if course is not reference]
    for course in (reference, *others):
        structure = course.structure(standard, name)
        if structure is not None:
            return course, structure
    listed = "; ".join(
        f"course {c.course.number}: "
        + ", ".join(sorted(s.name for s in c.course.structures))
        for c in courses
    )
    msg = (
        f"no structure is, or means, {name!r}. Choose one with --organ, or say what a "
        f"drawn name means under [structures] in the settings. Drawn are: {listed}"
    )
    raise InputError(msg)


def place(
    courses: Sequence[Course],
    settings: Settings,
    *,
    reference_course: int,
    known: Callable[[Course, Course], KnownTransform | None],
    progress: Callable[[str], None],
) -> PlacedPatient:
    """Relate all courses to the reference course and collect what is reported.

    Parameters
    ----------
    known
        Given a course and the reference course, a transform that need not be computed.
    """
    findings: list[Finding] = []
    drawn: list[OutlinedCourse] = []
    for course in courses:
        one, remarks = outlined(course)
        drawn.append(one)
        findings += remarks
    reference = drawn[reference_course - 1]
    owner, organ = find_organ(
        drawn, reference, settings.organ, names=load_structure_names()
    )
    limits = rule_limits("registration_rules")
    alignments = {
        other.course.number: align(
            other,
            reference,
            organ=organ,
            known=known(other.course, reference.course),
            limits=limits,
            progress=progress,
        )
        for other in drawn
        if other is not reference
    }
    to_reference = {
        number: alignment.to_reference for number, alignment in alignments.items()
    }
    to_reference[reference_course] = identity(reference.course.frame_of_reference_uid)
    structures, transfers = _reported(drawn, reference, to_reference, settings)
    old = old_targets(courses, structures)
    findings += [*transfers, *old_target_findings(old)]
    seen, structures = set_aside(drawn, old), marked(structures, old)
    own = [s for s in structures if s.structure.number == organ.number]
    own = [s for s in own if s.source_course == owner.course.number]
    if not own:
        msg = (
            f"{settings.organ!r} is drawn in course {owner.course.number} only, which "
            f"cannot be related to course {reference_course}: "
            f"{alignments[owner.course.number].summary.reason}"
        )
        raise InputError(msg)
    placed = tuple(
        PlacedCourse(one.course, transform.inverse())
        for one in seen
        if (transform := to_reference[one.course.number]) is not None
    )
    return PlacedPatient(
        reference=seen[reference_course - 1],
        outlined=seen,
        placed=placed,
        alignments=alignments,
        organ=own[0],
        structures=structures,
        findings=tuple(findings),
        paired=paired_organs(structures),
    )


def _reported(
    drawn: Sequence[OutlinedCourse],
    reference: OutlinedCourse,
    to_reference: Mapping[int, RigidTransform | None],
    settings: Settings,
) -> tuple[tuple[PlacedStructure, ...], list[Finding]]:
    """Structures of the reference course, then what only other courses have."""
    result: list[PlacedStructure] = []
    findings: list[Finding] = []
    for source in (reference, *(o for o in reversed(drawn) if o is not reference)):
        number = source.course.number
        transform = to_reference[number]
        if transform is None:
            reason = "the course cannot be related"
            lacking = [s for s in _usable(source) if _is_lacking(s, result)]
            findings += _left_behind(source, reference, lacking, reason)
            continue
        here = source is reference
        wanted = [s for s in _usable(source) if here or _is_lacking(s, result)]
        for structure in wanted:
            moving = None if here else transform
            label = _label(structure, number, {other.label for other in result})
            result.append(
                placed_structure(
                    source, structure, moving, label=label, settings=settings
                )
            )
        if wanted and not here:
            listed = ", ".join(structure.name for structure in wanted)
            message = (
                f"Not drawn in course {reference.course.number}, carried over from "
                f"course {number} by the registration: {listed}."
            )
            about = f"course {reference.course.number}"
            findings.append(
                Finding("structures-transferred", "warning", about, message)
            )
        if not here:
            left = [s for s in _usable(source) if _is_unknown(s, result)]
            findings += _left_behind(source, reference, left, NEITHER)
    return tuple(result), findings


def _left_behind(
    source: OutlinedCourse,
    reference: OutlinedCourse,
    structures: Sequence[Structure],
    reason: str,
) -> list[Finding]:
    """Which structures of another course have no doses here, and why."""
    if not structures:
        return []
    listed = ", ".join(structure.name for structure in structures)
    message = (
        f"Not drawn in course {reference.course.number} and not carried over from "
        f"course {source.course.number}, as {reason}: {listed}."
    )
    about = f"course {source.course.number}"
    return [Finding("structures-not-transferred", "info", about, message)]


def placed_structure(
    source: OutlinedCourse,
    structure: Structure,
    transform: RigidTransform | None,
    *,
    label: str,
    settings: Settings,
) -> PlacedStructure:
    """A structure as it is reported; carried over where a transform is given."""
    sections = source.sections[structure.number]
    if transform is not None:
        structure = moved(structure, transform)
        image = source.course.image
        spacing = None if image is None else image.geometry.spacing_mm[0]
        sections = sections_of(structure, slice_spacing_mm=spacing)
    ratio, why = load_alpha_beta().ratio_for(
        structure.standard_name, structure.role, settings.alpha_beta_gy
    )
    return PlacedStructure(
        structure,
        sections,
        label,
        source.course.number,
        transform is not None,
        ratio,
        why,
    )


def _label(structure: Structure, number: int, taken: set[str]) -> str:
    """The drawn name, made unique."""
    choices = (
        structure.name,
        f"{structure.name} (course {number})",
        f"{structure.name} (course {number}, ROI {structure.number})",
    )
    return next(choice for choice in choices if choice not in taken)


def _usable(outlined_course: OutlinedCourse) -> list[Structure]:
    return [
        structure
        for structure in outlined_course.course.structures
        if structure.number in outlined_course.sections
    ]


def _is_lacking(structure: Structure, present: Sequence[PlacedStructure]) -> bool:
    """Whether a structure of another course adds something to those present.

    Targets always do: each course has its own. Organs do under a name not yet there.
    """
    if structure.role.is_target:
        return True
    return structure.role is Role.ORGAN and not _has_twin(structure, present)


def _is_unknown(structure: Structure, present: Sequence[PlacedStructure]) -> bool:
    """Whether a structure of another course is lacking here for want of a meaning."""
    known = structure.role.is_target or structure.role is Role.ORGAN
    return not known and not _has_twin(structure, present)


def _has_twin(structure: Structure, present: Sequence[PlacedStructure]) -> bool:
    return any(
        (
            structure.standard_name is not None
            and other.structure.standard_name == structure.standard_name
        )
        or other.structure.name.casefold() == structure.name.casefold()
        for other in present
    )
