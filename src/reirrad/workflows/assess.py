"""From files to an assessment: gather, align, assess."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from reirrad.core.assessment import (
    Assessment,
    PlanarView,
    Software,
    StructureAssessment,
)
from reirrad.core.constraints import Measured, Query
from reirrad.core.export_regions import CoursePair
from reirrad.core.findings import Finding
from reirrad.core.organ_doses import OrganDoses
from reirrad.core.overlap import CourseIsodoses, overlap_centre_mm
from reirrad.core.sampling import sample
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import (
    PlacedStructure,
    assessed_structure,
    structure_doses,
)
from reirrad.core.structures import Role
from reirrad.core.views import DrawnStructure, planar_views
from reirrad.errors import InputError
from reirrad.knowledge.rules import rule_limits
from reirrad.workflows.biology import (
    StructureBiology,
    biology_assessed,
    biology_question,
    structure_biology,
)
from reirrad.workflows.budgeting import assessed_budget, budget_question
from reirrad.workflows.deform import deformed
from reirrad.workflows.distancing import course_distances
from reirrad.workflows.exporting import computed_export
from reirrad.workflows.gather import Survey, gather
from reirrad.workflows.given_registration import (
    is_text,
    known_transforms,
    require_used,
)
from reirrad.workflows.limits import answered, assessed_limits, limit_queries
from reirrad.workflows.pairs import (
    PairQuestion,
    assessed_pairs,
    assessed_unions,
    isodoses_by_course,
)
from reirrad.workflows.place import PlacedPatient, place
from reirrad.workflows.recovering import kept_shares
from reirrad.workflows.robustness import (
    StructureRobustness,
    near_maxima,
    robustness,
    robustness_findings,
    uncertainty,
)
from reirrad.workflows.summaries import (
    assumptions,
    course_findings,
    course_summary,
    dose_findings,
)

__all__ = ["SCHEMA_VERSION", "assess"]

SCHEMA_VERSION = "1"
PROCESSORS = os.cpu_count()
SEVERITIES = ("error", "warning", "info")


def assess(  # noqa: PLR0913 - the options of the command
    paths: Sequence[Path],
    *,
    settings: Settings,
    registration: Path | None = None,
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
        the earlier course's frame into the reference course's frame.
    reference_course
        Course whose anatomy everything is shown on; by default the latest.
    with_views
        Whether to prepare the planes that the report shows.
    with_export
        Whether to compute what other systems are given as DICOM.
    progress
        Told each step.

    Raises
    ------
    InputError
        With every fault of the input.
    """
    matrix_file = registration if is_text(registration) else None
    given = [] if registration is None or matrix_file else [registration]
    gathered = gather([*paths, *given], settings, progress=progress)
    for file in given:
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
        known=known_transforms(gathered, gathered.courses, matrix_file),
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
            findings=_ordered([*assessment.findings, *remarks]),
        )
    if not with_export:
        return assessment
    progress("preparing DICOM objects")
    pairs = (*assessment.pairs, *assessment.united_pairs)
    export = computed_export(
        patient, settings, [CoursePair(pair.earlier, pair.second) for pair in pairs]
    )
    return replace(
        assessment,
        findings=_ordered([*assessment.findings, *export.findings]),
        exportable=export.exportable,
    )


class _Answers(NamedTuple):
    """What is kept of one structure.

    ``uncovered`` is the share outside the dose grid of each course; ``kept`` are the
    doses of organs with limits and of the latest course's targets.
    """

    assessed: StructureAssessment
    limits: Mapping[Query, Measured]
    uncovered: Mapping[int, float]
    biology: StructureBiology
    kept: OrganDoses | None
    robust: StructureRobustness


def _assessed(
    gathered: Survey,
    patient: PlacedPatient,
    settings: Settings,
    *,
    with_views: bool,
    tell: Callable[[str], None],
) -> Assessment:
    tell("accumulating dose and measuring overlap")
    numbers = [outlined.course.number for outlined in patient.outlined]
    isodoses = isodoses_by_course(patient)
    rules = rule_limits("registration_rules")
    shifts = [rules["stability_shift_small_mm"], rules["stability_shift_large_mm"]]
    organ = sample(patient.organ.sections, centred=True)
    question = PairQuestion(patient, isodoses, organ, settings, shifts)

    sure = robustness(question)
    queries = limit_queries(patient, settings)
    budgeting = budget_question(patient, settings)
    gtvs = [p for p in patient.structures if p.structure.role is Role.GTV]
    biological = biology_question(patient, settings, queries)

    def asked(placed: PlacedStructure) -> _Answers:
        # The doses at a structure's points are not kept: with many structures they
        # would be larger than the images.
        doses = structure_doses(placed, patient.placed, numbers)
        asked_limits = queries.get(placed.label, ())
        assessed = assessed_structure(placed, doses)
        limits = answered(asked_limits, doses, gtvs)
        return _Answers(
            assessed,
            limits,
            {
                p.course.number: doses.uncovered_ratio(p.course.number)
                for p in patient.placed
            },
            structure_biology(biological, placed, doses),
            budgeting.kept(placed, doses),
            sure.of_structure(
                placed, doses, assessed, {q: limits.get(q) for q in asked_limits}
            ),
        )

    # The largest first: none is left alone at the end.
    by_size = sorted(patient.structures, key=lambda p: -p.sections.volume_cc)
    with ThreadPoolExecutor(PROCESSORS) as pool:
        pairs = pool.submit(assessed_pairs, question)
        unions = pool.submit(assessed_unions, question)
        courses = [
            pool.submit(
                course_summary, o, settings, isodoses.get(o.course.number), organ
            )
            for o in patient.outlined
        ]
        distances = pool.submit(course_distances, patient, settings)
        by_label = dict(
            zip((p.label for p in by_size), pool.map(asked, by_size), strict=True)
        )
    answers = [by_label[placed.label] for placed in patient.structures]
    tell("evaluating constraints")
    measured = {query: m for answer in answers for query, m in answer.limits.items()}
    constraints, limit_findings = assessed_limits(patient, measured, settings)
    summaries = tuple(course.result() for course in courses)
    biology = biology_assessed(
        biological, [answer.biology for answer in answers], constraints, summaries
    )
    tell("finding what can still be given")
    given = assessed_budget(
        budgeting,
        {label: a.kept for label, a in by_label.items() if a.kept},
        kept=kept_shares(patient, settings),
    )
    tell("repeating it for plausible registrations")
    robust = [answer.robust for answer in answers]
    unsure = uncertainty(
        sure,
        robust,
        pairs=(*pairs.result(), *unions.result()),
        constraints=constraints,
    )
    uncovered = {
        placed.label: answer.uncovered
        for placed, answer in zip(patient.structures, answers, strict=True)
    }
    findings = [*gathered.findings, *patient.findings]
    for outlined in patient.outlined:
        findings += course_findings(outlined)
    distances_mm, about_distances = distances.result()
    findings += dose_findings(patient, uncovered) + limit_findings + about_distances
    findings += biology.findings
    findings += given.findings
    if gathered.patient is None:
        msg = "the objects carry no Patient ID (0010,0020)"
        raise InputError(msg)
    return Assessment(
        schema_version=SCHEMA_VERSION,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        software=Software("reirrad", version("reirrad")),
        inputs=gathered.inputs,
        links=gathered.trees[0].courses,
        patient=gathered.patient,
        organ=patient.organ.label,
        courses=summaries,
        reference_course=patient.reference.course.number,
        registrations=tuple(a.summary for a in patient.alignments.values()),
        pairs=pairs.result(),
        united_pairs=unions.result(),
        structures=tuple(answer.assessed for answer in answers),
        constraints=constraints,
        assumptions=assumptions(settings),
        budget=given.budget,
        isotoxic=given.isotoxic,
        reductions=given.reductions,
        hints=given.hints,
        recovery=biology.recovery,
        alpha_beta_sensitivity=biology.alpha_beta_sensitivity,
        cord_rules=biology.cord_rules,
        models=biology.models,
        distances=distances_mm,
        findings=_ordered([*findings, *robustness_findings(unsure)]),
        views=_views(patient, isodoses, tell) if with_views else (),
        uncertainty=unsure,
        near_maxima=near_maxima(patient, robust, constraints),
    )


def _ordered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    once = dict.fromkeys(findings)
    return tuple(sorted(once, key=lambda f: SEVERITIES.index(f.severity)))


def _views(
    patient: PlacedPatient,
    isodoses: dict[int, CourseIsodoses],
    tell: Callable[[str], None],
) -> tuple[PlanarView, ...]:
    """Planes through the overlap of the latest related course with those before it."""
    image = patient.reference.course.image
    if image is None:
        return ()
    tell("preparing pictures")
    *earlier, later = [isodoses[number] for number in sorted(isodoses)]
    organ = sample(patient.organ.sections, centred=True)
    return planar_views(
        image,
        patient.placed,
        [
            DrawnStructure(s.label, s.structure.role.value, s.sections)
            for s in patient.structures
            if s.structure.role is not Role.OTHER
        ],
        centre_mm=overlap_centre_mm(earlier or [later], later, organ),
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
