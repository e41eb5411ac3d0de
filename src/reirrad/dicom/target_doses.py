"""Which drawn region each target of a course is, and its dose from all plans.

See ``docs/decisions/0037-what-plans-and-settings-say-of-targets.md``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reirrad.core.courses import TargetPrescription
from reirrad.core.structures import Structure
from reirrad.core.target_places import lie_apart, lies_within
from reirrad.dicom.audit import Audit
from reirrad.dicom.linking import LinkedPlan
from reirrad.dicom.prescriptions import (
    OrderedDose,
    PlanDose,
    named_targets,
    same_gy,
)
from reirrad.dicom.rtstruct import StructureSetHeader, roi_names
from reirrad.errors import DicomError, InputError

__all__ = ["CourseTargets", "course_targets"]

Targets = tuple[TargetPrescription, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CourseTargets:
    """What is known of a course before its targets are.

    Parameters
    ----------
    number
        Of the course.
    dose_gy
        Its prescription, from the plans or from the settings.
    ordered
        What its plans say together.
    structures
        Its drawn regions.
    shown
        The structure set that they come from.
    """

    number: int
    dose_gy: float
    ordered: OrderedDose | None
    structures: tuple[Structure, ...]
    shown: StructureSetHeader | None

    @property
    def drawn(self) -> Mapping[int, Structure]:
        """Its regions by ROI number."""
        return {one.number: one for one in self.structures}


def course_targets(
    plans: Sequence[PlanDose], course: CourseTargets, audit: Audit
) -> Targets:
    """Targets of a course with their total doses and ROI numbers.

    Parameters
    ----------
    plans
        The plans of the course.
    course
        What else is known of it.
    audit
        Receives findings on targets that are not clear.

    Returns
    -------
    tuple of TargetPrescription
        Empty where a plan orders no dose for a target: the course's then holds.
    """
    if course.ordered is None:
        return ()
    identified = [_identified(one.linked, course, audit) for one in plans]
    if not same_gy(course.ordered.dose_gy, course.dose_gy):
        return tuple(
            replace(target, dose_gy=course.dose_gy)
            for targets in identified
            for target in targets
        )
    if len(plans) == 1:
        return identified[0]
    if course.ordered.adds_up:
        return _added(identified, course, audit)
    foreign = [not _knows_shown(one.linked, course) for one in plans]
    return _side_by_side(identified, foreign, course, audit)


# --- which region a target is ---------------------------------------------------------


def _identified(linked: LinkedPlan, course: CourseTargets, audit: Audit) -> Targets:
    """Targets of a plan, with numbers of regions of the shown structure set or none."""
    if linked.plan is None:
        return ()
    found: list[TargetPrescription] = []
    for target in linked.plan.targets:
        if target.roi_number is None:
            found.extend(named_targets([target], course.structures))
        elif _knows_shown(linked, course):
            found.append(target)
        else:
            elsewhere = _of_another_set(target, linked, course)
            if elsewhere.roi_number is None:
                _note_unknown(target, linked, course, audit)
            found.append(elsewhere)
    return tuple(found)


def _knows_shown(linked: LinkedPlan, course: CourseTargets) -> bool:
    """Whether a plan refers to the structure set that is shown."""
    plan, shown = linked.plan, course.shown
    if plan is None or shown is None:
        return False
    return plan.structure_set_uid == shown.found.sop_instance_uid


def _of_another_set(
    target: TargetPrescription, linked: LinkedPlan, course: CourseTargets
) -> TargetPrescription:
    """A target whose number counts in a structure set that is not shown.

    The same number may be another region there. The region's name leads on where it is
    the only one in both sets; where its set is not given, the plan's own words do.
    """
    names = _names_of_own_set(linked)
    name = target.description
    if names:
        own = [text for number, text in names.items() if number == target.roi_number]
        keys = [_key(text) for text in names.values()]
        name = next((text for text in own if keys.count(_key(text)) == 1), "")
    unnumbered = replace(target, roi_number=None, description=name)
    (found,) = named_targets([unnumbered], course.structures)
    return replace(found, description=target.description or name)


def _names_of_own_set(linked: LinkedPlan) -> Mapping[int, str]:
    """ROI names of the set that a plan refers to; none where it is not given."""
    plan, own = linked.plan, linked.structure_set
    if plan is None or own is None:
        return {}
    if plan.structure_set_uid != own.found.sop_instance_uid:
        return {}
    try:
        return roi_names(own)
    except DicomError:
        return {}


def _key(name: str) -> str:
    return name.strip().casefold()


def _note_unknown(
    target: TargetPrescription, linked: LinkedPlan, course: CourseTargets, audit: Audit
) -> None:
    about = f"course {course.number}"
    shown = "" if course.shown is None else course.shown.found.where
    audit.note(
        "target-not-identified",
        "warning",
        about,
        f"{about}: {linked.where} orders {target.dose_gy:g} Gy for region number "
        f"{target.roi_number} of a structure set other than {shown}, which is used; "
        f"no single region there has its name. The dose belongs to a target that is "
        f"not known.",
    )


# --- its dose from several plans ------------------------------------------------------


def _added(by_plan: Sequence[Targets], course: CourseTargets, audit: Audit) -> Targets:
    """Targets of plans that add up, each with its dose from all of them.

    Where the plans leave open what a target receives, the prescription of the course
    stands for the highest target of a plan, and its own dose for any other.
    """
    drawn = course.drawn
    totals: list[TargetPrescription] = []
    unclear: list[str] = []
    for place, targets in enumerate(by_plan):
        others = [one for n, one in enumerate(by_plan) if n != place]
        for target in targets:
            more = [_more_gy(target, other, drawn) for other in others]
            known = [dose_gy for dose_gy in more if dose_gy is not None]
            total_gy = target.dose_gy + sum(known)
            if len(known) < len(more):
                highest = same_gy(target.dose_gy, targets[0].dose_gy)
                total_gy = course.dose_gy if highest else total_gy
                unclear.append(f"{_words(target, drawn)}: {total_gy:g} Gy")
            totals.append(replace(target, dose_gy=total_gy))
    if unclear:
        about = f"course {course.number}"
        audit.note(
            "target-dose-assumed",
            "warning",
            about,
            f"{about}: its plans add up to {course.dose_gy:g} Gy, but they do not say "
            f"clearly what each target receives in all; taken was "
            f"{', '.join(dict.fromkeys(unclear))}.",
        )
    return _each_once(totals)


def _more_gy(
    target: TargetPrescription, others: Targets, drawn: Mapping[int, Structure]
) -> float | None:
    """What another plan adds to a target; None where that is not clear.

    Its dose for the same region, or for one around it; nothing where its regions lie
    apart from the target or within it.
    """
    region = _region(target, drawn)
    regions = [_region(other, drawn) for other in others]
    if region is None:
        return None
    around = [0.0]
    for other, its_region in zip(others, regions, strict=True):
        if its_region is None:
            return None
        place = _place(region, its_region)
        if place is None:
            return None
        if place == "around":
            around.append(other.dose_gy)
    return max(around)


def _place(region: Structure, other: Structure) -> str | None:
    """How another region lies to one: "around", "within" or "apart"; None else."""
    try:
        if other is region or lies_within(region, other):
            return "around"
        if lie_apart(region, other):
            return "apart"
        return "within" if lies_within(other, region) else None
    except InputError:
        return None


def _region(
    target: TargetPrescription, drawn: Mapping[int, Structure]
) -> Structure | None:
    return None if target.roi_number is None else drawn.get(target.roi_number)


def _words(target: TargetPrescription, drawn: Mapping[int, Structure]) -> str:
    region = _region(target, drawn)
    return target.description or "a target" if region is None else region.name


def _side_by_side(
    by_plan: Sequence[Targets],
    foreign: Sequence[bool],
    course: CourseTargets,
    audit: Audit,
) -> Targets:
    """Targets of plans that do not add up.

    A region that two plans name is not the same one where one of them means that of
    another structure set: they treat different places. Of one structure set it is, and
    the highest of its doses counts, as it does for the course.
    """
    about = f"course {course.number}"
    found: list[TargetPrescription] = []
    for place, targets in enumerate(by_plan):
        others = [one for n, one in enumerate(by_plan) if n != place]
        named_too = {one.roi_number for other in others for one in other} - {None}
        for target in targets:
            if not foreign[place] or target.roi_number not in named_too:
                found.append(target)
                continue
            found.append(replace(target, roi_number=None))
            message = (
                f"{about}: several plans name {_words(target, course.drawn)!r}, one of "
                f"them in another structure set than the one that is used, and their "
                f"doses do not add up: its {target.dose_gy:g} Gy belong to a target "
                f"that is not known."
            )
            audit.note("target-not-identified", "warning", about, message)
    return _each_once(found)


def _each_once(targets: Iterable[TargetPrescription]) -> Targets:
    """Highest first; of several doses of one region the highest."""
    kept: list[TargetPrescription] = []
    for target in sorted(targets, key=lambda one: one.dose_gy, reverse=True):
        same = [one.roi_number for one in kept if one.roi_number is not None]
        if target.roi_number not in same:
            kept.append(target)
    return tuple(kept)
