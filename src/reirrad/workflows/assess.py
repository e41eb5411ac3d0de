"""From files to an assessment: gather, align, assess."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from reirrad.core.assessment import (
    Assessment,
    CourseSummary,
    PairAssessment,
    Software,
)
from reirrad.core.distance_results import TargetDistance
from reirrad.core.export_regions import CoursePair
from reirrad.core.findings import Finding, ordered
from reirrad.core.geometry import FloatArray
from reirrad.core.overlap import overlap_centre_mm
from reirrad.core.planar_view import PlanarView
from reirrad.core.processors import processors
from reirrad.core.scene import Scene
from reirrad.core.settings import Settings
from reirrad.core.structures import Role
from reirrad.core.transforms import RigidTransform
from reirrad.core.views import DrawnStructure, planar_views
from reirrad.errors import InputError
from reirrad.workflows.biology import biology_assessed
from reirrad.workflows.budgeting import assessed_budget
from reirrad.workflows.deform import deformed
from reirrad.workflows.distancing import course_distances
from reirrad.workflows.exporting import computed_export
from reirrad.workflows.gather import Survey, gather
from reirrad.workflows.given_registration import (
    is_text,
    known_transforms,
    require_used,
)
from reirrad.workflows.limits import assessed_limits
from reirrad.workflows.other_drawings import drawing_findings, kept_on_every_drawing
from reirrad.workflows.pairs import (
    PairQuestion,
    assessed_pairs,
    assessed_unions,
    pair_question,
)
from reirrad.workflows.place import PlacedPatient, place
from reirrad.workflows.recovering import kept_shares
from reirrad.workflows.robustness import (
    near_maxima,
    robustness_findings,
    uncertainty,
)
from reirrad.workflows.scene import scene_of
from reirrad.workflows.structure_answers import (
    PairAnswers,
    StructureAnswers,
    StructureQuestions,
    structure_questions,
)
from reirrad.workflows.summaries import (
    assumptions,
    course_findings,
    course_summary,
    dose_findings,
)

__all__ = ["SCHEMA_VERSION", "assess", "related", "to_be_exported"]

SCHEMA_VERSION = "1"


def assess(  # noqa: PLR0913 - the options of the command
    paths: Sequence[Path],
    *,
    settings: Settings,
    registration: Path | RigidTransform | None = None,
    reference_course: int | None = None,
    with_views: bool = True,
    with_export: bool = False,
    progress: Callable[[str], None],
) -> Assessment:
    """Assess the re-irradiation of one patient.

    Parameters
    ----------
    paths
        Folders, files and zips with the DICOM export of two or more courses.
    settings
        What the user decided.
    registration
        A DICOM registration object or a text file with a 4x4 matrix that maps points of
        the earlier course's frame into the reference course's frame; or a transform,
        which is refused between other frames than its own.
    reference_course
        Course whose anatomy everything is shown on; by default the latest.
    with_views
        Whether to prepare the planes and the scene that are shown.
    with_export
        Whether to compute what other systems are given as DICOM.
    progress
        Told each step.

    Raises
    ------
    InputError
        With every fault of the input.
    """
    gathered, patient = related(
        paths,
        settings=settings,
        registration=registration,
        reference_course=reference_course,
        progress=progress,
    )
    assessment = _assessed(
        gathered, patient, settings, with_views=with_views, tell=progress
    )
    if settings.deformable or gathered.deformables:
        results, remarks = deformed(
            assessment,
            patient,
            settings,
            objects=gathered.deformables,
            progress=progress,
        )
        assessment = replace(
            assessment,
            deformable=results,
            findings=ordered([*assessment.findings, *remarks]),
        )
    if not with_export:
        return assessment
    return to_be_exported(assessment, patient, settings, progress)


def related(
    paths: Sequence[Path],
    *,
    settings: Settings,
    registration: Path | RigidTransform | None = None,
    reference_course: int | None = None,
    progress: Callable[[str], None],
) -> tuple[Survey, PlacedPatient]:
    """Read all courses of one patient and bring them into the reference frame.

    Parameters and errors are those of :func:`assess`.
    """
    objects = (
        [registration]
        if isinstance(registration, Path) and not is_text(registration)
        else []
    )
    gathered = gather([*paths, *objects], settings, progress=progress)
    for file in objects:
        require_used(file, gathered)
    courses = gathered.courses
    if reference_course is None:
        reference_course = len(courses)
    if not 1 <= reference_course <= len(courses):
        msg = (
            f"--reference-course {reference_course}: there are courses 1 to "
            f"{len(courses)}"
        )
        raise InputError(msg)
    patient = place(
        courses,
        settings,
        reference_course=reference_course,
        known=known_transforms(
            gathered, gathered.courses, None if objects else registration
        ),
        progress=progress,
    )
    return gathered, patient


def to_be_exported(
    assessment: Assessment,
    patient: PlacedPatient,
    settings: Settings,
    progress: Callable[[str], None],
) -> Assessment:
    """The same assessment with what other systems are given as DICOM."""
    progress("preparing DICOM objects")
    pairs = (*assessment.pairs, *assessment.united_pairs)
    export = computed_export(
        patient, settings, [CoursePair(pair.earlier, pair.second) for pair in pairs]
    )
    return replace(
        assessment,
        findings=ordered([*assessment.findings, *export.findings]),
        exportable=export.exportable,
    )


class _Measured(NamedTuple):
    """Everything that is measured side by side."""

    courses: tuple[CourseSummary, ...]
    pairs: tuple[PairAssessment, ...]
    united_pairs: tuple[PairAssessment, ...]
    structures: Mapping[str, StructureAnswers]
    paired: tuple[PairAnswers, ...]
    distances: tuple[TargetDistance, ...]
    findings: Sequence[Finding]


def _measured(question: PairQuestion, questions: StructureQuestions) -> _Measured:
    patient = question.patient
    # The largest first: none is left alone at the end.
    by_size = sorted(patient.structures, key=lambda p: -p.sections.volume_cc)
    with ThreadPoolExecutor(processors()) as pool:
        pairs = pool.submit(assessed_pairs, question)
        unions = pool.submit(assessed_unions, question)
        courses = [
            pool.submit(
                course_summary,
                outlined,
                question.settings,
                question.isodoses.get(outlined.course.number),
                question.organ,
            )
            for outlined in patient.outlined
        ]
        distances = pool.submit(course_distances, patient, question.settings)
        paired = [
            pool.submit(questions.asked_pair, pair) for pair in patient.paired.organs
        ]
        answers = list(pool.map(questions.asked, by_size))
    apart, remarks = distances.result()
    return _Measured(
        courses=tuple(course.result() for course in courses),
        pairs=pairs.result(),
        united_pairs=unions.result(),
        structures={
            placed.label: answer
            for placed, answer in zip(by_size, answers, strict=True)
        },
        paired=tuple(pair.result() for pair in paired),
        distances=apart,
        findings=remarks,
    )


def _assessed(
    gathered: Survey,
    patient: PlacedPatient,
    settings: Settings,
    *,
    with_views: bool,
    tell: Callable[[str], None],
) -> Assessment:
    if gathered.patient is None:
        msg = "the objects carry no Patient ID (0010,0020)"
        raise InputError(msg)
    tell("accumulating dose and measuring overlap")
    question = pair_question(patient, settings)
    questions = structure_questions(question)
    found = _measured(question, questions)
    answers = [found.structures[placed.label] for placed in patient.structures]
    tell("evaluating constraints")
    asked = [(a.assessed.name, a.limits, a.budget_doses) for a in answers]
    asked += [(p.label, p.limits, p.budget_doses) for p in found.paired]
    values = {query: m for _, limits, _ in asked for query, m in limits.items()}
    evaluated, about_limits = assessed_limits(patient, values, settings)
    drawings = [drawing for answer in answers for drawing in answer.others]
    constraints = kept_on_every_drawing(evaluated, drawings)
    biology = biology_assessed(
        questions.biology, [a.biology for a in answers], constraints, found.courses
    )
    tell("finding what can still be given")
    given = assessed_budget(
        questions.budget,
        {label: doses for label, _, doses in asked if doses is not None},
        distances=found.distances,
        kept=kept_shares(patient, settings),
    )
    tell("repeating it for plausible registrations")
    robust = [answer.robust for answer in answers]
    unsure = uncertainty(
        questions.robustness,
        robust,
        pairs=(*found.pairs, *found.united_pairs),
        constraints=constraints,
    )
    shown = _shown(question, answers, tell) if with_views else _Shown()
    uncovered = {label: answer.uncovered for label, answer in found.structures.items()}
    findings = [
        *gathered.findings,
        *patient.findings,
        *(f for outlined in patient.outlined for f in course_findings(outlined)),
        *dose_findings(patient, uncovered),
        *about_limits,
        *drawing_findings(drawings, constraints),
        *found.findings,
        *biology.findings,
        *given.findings,
        *robustness_findings(unsure),
    ]
    return Assessment(
        schema_version=SCHEMA_VERSION,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        software=Software("reirrad", version("reirrad")),
        inputs=gathered.inputs,
        links=gathered.trees[0].courses,
        patient=gathered.patient,
        organ=patient.organ.label,
        courses=found.courses,
        reference_course=patient.reference.course.number,
        registrations=tuple(a.summary for a in patient.alignments.values()),
        pairs=found.pairs,
        united_pairs=found.united_pairs,
        structures=tuple(answer.assessed for answer in answers),
        constraints=constraints,
        assumptions=assumptions(settings),
        findings=ordered(findings),
        distances=found.distances,
        budget=given.budget,
        isotoxic=given.isotoxic,
        reductions=given.reductions,
        hints=given.hints,
        uncertainty=unsure,
        near_maxima=near_maxima(patient, robust, constraints),
        recovery=biology.recovery,
        alpha_beta_sensitivity=biology.alpha_beta_sensitivity,
        cord_rules=biology.cord_rules,
        models=biology.models,
        views=shown.views,
        scene=shown.scene,
    )


class _Shown(NamedTuple):
    """What is made for eyes only."""

    views: tuple[PlanarView, ...] = ()
    scene: Scene | None = None


def _shown(
    question: PairQuestion,
    answers: Sequence[StructureAnswers],
    tell: Callable[[str], None],
) -> _Shown:
    """Pictures and scene, centred on what the latest course shares with the others."""
    tell("preparing pictures")
    patient, isodoses = question.patient, question.isodoses
    *earlier, later = [isodoses[number] for number in sorted(isodoses)]
    centre_mm = overlap_centre_mm(earlier or [later], later, question.organ)
    with ThreadPoolExecutor(processors()) as pool:
        scene = pool.submit(
            scene_of,
            patient,
            question.settings,
            centre_mm=centre_mm,
            places=[place for answer in answers for place in answer.hottest],
        )
        views = _views(patient, centre_mm)
    return _Shown(views, scene.result())


def _views(patient: PlacedPatient, centre_mm: FloatArray) -> tuple[PlanarView, ...]:
    image = patient.reference.course.image
    if image is None:
        return ()
    return planar_views(
        image,
        patient.placed,
        [
            DrawnStructure(s.label, s.structure.role.value, s.sections)
            for s in patient.structures
            if s.structure.role is not Role.OTHER
        ],
        centre_mm=centre_mm,
        other=next(
            (
                (placed.course.image, placed.from_reference)
                for placed in patient.placed
                if placed.course is not patient.reference.course
                and placed.course.image is not None
            ),
            None,
        ),
        organ=patient.organ.label,
    )
