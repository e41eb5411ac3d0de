"""What can still be given, before a new course is planned."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from reirrad.core.assessment import ImageSummary, Software
from reirrad.core.budget import DoseBudget
from reirrad.core.courses import Course, Prescription
from reirrad.core.distance_results import TargetDistance
from reirrad.core.exportable import Exportable
from reirrad.core.findings import Finding, ordered
from reirrad.core.new_anatomy import NewAnatomy
from reirrad.core.planning_budget import (
    AnatomySummary,
    BackgroundCourse,
    BudgetPlane,
    PlanningBudget,
    TargetSummary,
)
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure
from reirrad.errors import InputError
from reirrad.workflows.background_budgets import Background, background_budget
from reirrad.workflows.budget_maps import ExportedMap
from reirrad.workflows.distancing import new_targets, target_distances
from reirrad.workflows.gather import Survey, gather_background
from reirrad.workflows.given_registration import (
    is_text,
    known_transforms,
    require_used,
)
from reirrad.workflows.place import PlacedPatient, place
from reirrad.workflows.planning_maps import (
    planes_through_target,
    planning_export,
    planning_maps,
)

__all__ = ["SCHEMA_VERSION", "budget_before_planning"]

SCHEMA_VERSION = "1"
ASSUMPTIONS = tuple(
    " ".join(text.split())
    for text in """
All dose of the earlier courses counts in full: no recovery of tissue.

EQD2 and BED follow the linear-quadratic model with equal fractions, each limit with its
own alpha/beta ratio.

Remaining EQD2 is what could be added evenly at the place that decides; remaining
physical dose is the same as total dose of a new course in n equal fractions.

Limits of the levels optimal, alert and alternative reading do not bind.

The earlier courses are related to the new anatomy by one rigid movement each; organs
that move or change shape are not where it says.

A map is defined inside the named organs alone, for limits of the maximum or of at most
1 cc; limits of means and volumes are in the table only.
""".strip().split("\n\n")
)


class _Situation(NamedTuple):
    """The courses with dose and the anatomy for which the next one is meant.

    ``day`` is that of a structure set of its own; None for that of the latest course.
    """

    given: tuple[Course, ...]
    anatomy: Course
    label: str
    day: date | None

    @property
    def courses(self) -> tuple[Course, ...]:
        """All that must be related, the anatomy last."""
        own = () if self.anatomy in self.given else (self.anatomy,)
        return (*self.given, *own)

    def days_since(self, course: Course) -> int | None:
        """From the start of a course to the date of the new anatomy."""
        return None if self.day is None else (self.day - course.start_date).days


def budget_before_planning(
    paths: Sequence[Path],
    *,
    settings: Settings,
    targets: Sequence[str] = (),
    registration: Path | None = None,
    progress: Callable[[str], None],
) -> PlanningBudget:
    """Say what the organs of a new anatomy can still be given.

    Parameters
    ----------
    paths
        Folders, files and zips with the export of one treated course or more, and of
        the new structure set with its image.
    settings
        What the user decided; its `budget_fractions` are the numbers of fractions.
    targets
        Names of the new targets; without any, the GTVs and PTVs of the new structure
        set. Needed where the new targets are drawn in the latest course's own one.
    registration
        As for an assessment; a matrix maps into the new anatomy's frame.
    progress
        Told each step.

    Raises
    ------
    InputError
        With every fault of the input.
    """
    matrix_file = registration if is_text(registration) else None
    objects = [] if registration is None or matrix_file else [registration]
    gathered = gather_background([*paths, *objects], settings, progress=progress)
    for file in objects:
        require_used(file, gathered)
    situation = _situation(gathered, targets)
    patient = place(
        situation.courses,
        settings,
        reference_course=len(situation.courses),
        known=known_transforms(gathered, situation.courses, matrix_file),
        progress=progress,
    )
    progress("computing what is left")
    numbers = {course.number for course in situation.given}
    given = [one for one in patient.placed if one.course.number in numbers]
    chosen = _chosen_targets(patient, targets)
    work = Background(patient, settings, chosen, given)
    return _answered(gathered, situation, work)


def _situation(gathered: Survey, targets: Sequence[str]) -> _Situation:
    new = gathered.new_anatomy
    if new is not None:
        number = len(gathered.courses) + 1
        anatomy = _unplanned(new, number)
        return _Situation(gathered.courses, anatomy, new.label, new.day)
    latest = gathered.courses[-1]
    if not targets:
        msg = (
            "There is no new anatomy: no structure set with an image and without dose "
            "is later than the latest course. Add the export of the new image and its "
            f"structure set, or, if the new targets are drawn in the structure set of "
            f"course {latest.number} ({latest.plan_label}), name them with --target. "
            f"Drawn there are: {_listed(latest)}."
        )
        raise InputError(msg)
    return _Situation(gathered.courses, latest, latest.plan_label, None)


def _unplanned(new: NewAnatomy, number: int) -> Course:
    """The anatomy as a course without any delivery, to be placed like the others.

    Its prescription is never read.
    """
    return Course(
        number=number,
        start_date=new.day,
        plan_label=new.label,
        frame_of_reference_uid=new.frame_of_reference_uid,
        prescription=Prescription(0.0, 0, "not planned"),
        deliveries=(),
        structures=new.structures,
        image=new.image,
        source=new.source,
    )


def _listed(course: Course) -> str:
    return ", ".join(sorted(structure.name for structure in course.structures))


def _chosen_targets(
    patient: PlacedPatient, names: Sequence[str]
) -> list[PlacedStructure]:
    """The new targets, drawn in the new anatomy."""
    number = patient.reference.course.number
    own = [one for one in patient.structures if one.source_course == number]
    if not names:
        found = new_targets(patient, number)
        if not found:
            msg = (
                f"The new structure set has no usable GTV or PTV. Name its targets "
                f"with --target. Drawn are: {_listed(patient.reference.course)}."
            )
            raise InputError(msg)
        return found
    chosen = []
    for name in names:
        wanted = name.strip().casefold()
        same = [one for one in own if one.structure.name.strip().casefold() == wanted]
        if not same:
            msg = (
                f"--target {name}: no usable structure of the new anatomy has this "
                f"name. Drawn are: {_listed(patient.reference.course)}."
            )
            raise InputError(msg)
        chosen += [one for one in same if one not in chosen]
    return chosen


def _answered(
    gathered: Survey, situation: _Situation, work: Background
) -> PlanningBudget:
    if gathered.patient is None:
        msg = "the objects carry no Patient ID (0010,0020)"
        raise InputError(msg)
    patient = work.patient
    withheld = _withheld(patient)
    found = (
        _nothing(situation, work.settings, withheld)
        if withheld
        else _found(work, situation)
    )
    return PlanningBudget(
        schema_version=SCHEMA_VERSION,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        software=Software("reirrad", version("reirrad")),
        inputs=gathered.inputs,
        patient=gathered.patient,
        organ=patient.organ.label,
        courses=tuple(_background_course(one, situation) for one in situation.given),
        anatomy=_anatomy(situation),
        targets=tuple(
            TargetSummary(t.label, t.structure.role.value, t.sections.volume_cc)
            for t in work.targets
        ),
        registrations=tuple(a.summary for a in patient.alignments.values()),
        verdict="withheld" if withheld else "given",
        budget=found.budget,
        maps=tuple(one.summary for one in found.maps),
        distances=found.distances,
        assumptions=ASSUMPTIONS,
        findings=ordered([*gathered.findings, *patient.findings, *found.findings]),
        planes=found.planes,
        exportable=found.exportable,
    )


class _Found(NamedTuple):
    """What is given; nothing where the budget is withheld."""

    budget: DoseBudget
    maps: Sequence[ExportedMap]
    distances: tuple[TargetDistance, ...]
    planes: tuple[BudgetPlane, ...]
    exportable: Exportable | None
    findings: list[Finding]


def _withheld(patient: PlacedPatient) -> str:
    rejected = [
        f"course {number}: {alignment.summary.reason}"
        for number, alignment in patient.alignments.items()
        if alignment.to_reference is None
    ]
    if not rejected:
        return ""
    return (
        f"The earlier dose cannot be related to the new anatomy safely "
        f"({'; '.join(rejected)})."
    )


def _nothing(situation: _Situation, settings: Settings, withheld: str) -> _Found:
    numbers = tuple(course.number for course in situation.given)
    budget = DoseBudget(None, numbers, settings.budget_fractions, (), (), withheld)
    finding = Finding("budget-withheld", "error", "budget", withheld)
    return _Found(budget, (), (), (), None, [finding])


def _found(work: Background, situation: _Situation) -> _Found:
    budget, findings = background_budget(work)
    maps = planning_maps(work)
    if not maps:
        message = (
            "No organ with a binding limit of its maximum lies around the targets: no "
            "map is given."
        )
        findings.append(Finding("budget-map-not-given", "info", "budget map", message))
    distances = target_distances(
        work.patient,
        work.settings,
        targets=work.targets,
        background={c.number: situation.days_since(c) for c in situation.given},
    )
    return _Found(
        budget,
        maps,
        distances,
        planes_through_target(work),
        planning_export(work, situation.courses, maps),
        findings,
    )


def _background_course(course: Course, situation: _Situation) -> BackgroundCourse:
    return BackgroundCourse(
        number=course.number,
        start_date=course.start_date.isoformat(),
        plan_label=course.plan_label,
        dose_gy=course.prescription.dose_gy,
        n_fractions=course.prescription.n_fractions,
        interval_days=situation.days_since(course),
    )


def _anatomy(situation: _Situation) -> AnatomySummary:
    image = situation.anatomy.image
    own = situation.day is not None
    return AnatomySummary(
        source="structure set without dose"
        if own
        else "structure set of the latest course",
        date=None if situation.day is None else situation.day.isoformat(),
        label=situation.label,
        frame_of_reference_uid=situation.anatomy.frame_of_reference_uid,
        image=None
        if image is None
        else ImageSummary(
            image.modality, image.geometry.shape[0], image.geometry.spacing_mm
        ),
    )
