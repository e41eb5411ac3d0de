"""What hangs on models of tissue: recovery, alpha/beta, spinal cord, liver, tumour.

The doses at a structure's points are not kept. So everything that needs them is asked
structure by structure, and put together when all structures and limits are known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reirrad.core.assessment import ConstraintResult, CourseSummary
from reirrad.core.constraints import Query
from reirrad.core.cord_results import CordRules
from reirrad.core.findings import Finding
from reirrad.core.model_results import Models, NormalLiverModel
from reirrad.core.recovery_results import Recovery
from reirrad.core.sensitivity_results import AlphaBetaSensitivity
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure, StructureDoses
from reirrad.core.structures import Role
from reirrad.knowledge.alpha_beta_ranges import AlphaBetaRanges, load_alpha_beta_ranges
from reirrad.knowledge.cord_rules import CordTable, load_cord_rules
from reirrad.knowledge.liver_models import LiverModels, load_liver_models
from reirrad.knowledge.rules import rule_limits
from reirrad.workflows.cord import (
    cord_findings,
    cord_rules_of,
    shortest_interval_months,
)
from reirrad.workflows.models import models_assessed, normal_liver_models
from reirrad.workflows.place import PlacedPatient
from reirrad.workflows.recovering import (
    RecoveredAnswers,
    recovered_answers,
    recovery_assessed,
)
from reirrad.workflows.sensitivity import (
    RatioAnswers,
    ratio_answers,
    sensitivity_assessed,
)

__all__ = [
    "Biology",
    "BiologyQuestion",
    "StructureBiology",
    "biology_assessed",
    "biology_question",
    "structure_biology",
]


@dataclass(frozen=True, slots=True, eq=False)
class BiologyQuestion:
    """What every structure is asked with: read once, before the doses."""

    patient: PlacedPatient
    settings: Settings
    queries: Mapping[str, Sequence[Query]]
    gtvs: Sequence[PlacedStructure]
    ranges: AlphaBetaRanges
    linear_above_ratio: float | None
    cord: CordTable
    interval_months: float | None
    models: LiverModels


@dataclass(frozen=True, slots=True)
class StructureBiology:
    """What is kept of one structure; None or empty where it is not concerned."""

    recovered: RecoveredAnswers | None
    ratios: RatioAnswers | None
    cord: CordRules | None
    liver: tuple[NormalLiverModel, ...]


@dataclass(frozen=True, slots=True)
class Biology:
    """The parts of an assessment that hang on models of tissue."""

    recovery: Recovery | None
    alpha_beta_sensitivity: AlphaBetaSensitivity
    cord_rules: tuple[CordRules, ...]
    models: Models
    findings: list[Finding]


def biology_question(
    patient: PlacedPatient, settings: Settings, queries: Mapping[str, Sequence[Query]]
) -> BiologyQuestion:
    """Prepare what the structures are asked.

    Parameters
    ----------
    queries
        What the constraint tables ask of each structure, by its label.
    """
    factor = rule_limits("radiobiology_rules")["linear_above_ratio"]
    return BiologyQuestion(
        patient=patient,
        settings=settings,
        queries=queries,
        gtvs=[p for p in patient.structures if p.structure.role is Role.GTV],
        ranges=load_alpha_beta_ranges(),
        linear_above_ratio=factor if settings.linear_quadratic_linear else None,
        cord=load_cord_rules(),
        interval_months=shortest_interval_months(patient),
        models=load_liver_models(),
    )


def structure_biology(
    question: BiologyQuestion, placed: PlacedStructure, doses: StructureDoses
) -> StructureBiology:
    """Ask one structure, while the doses at its points are at hand."""
    queries = question.queries.get(placed.label, ())
    return StructureBiology(
        recovered_answers(
            placed,
            doses,
            queries,
            patient=question.patient,
            settings=question.settings,
        ),
        ratio_answers(
            placed,
            doses,
            queries,
            ranges=question.ranges,
            gtvs=question.gtvs,
            linear_above_ratio=question.linear_above_ratio,
        ),
        cord_rules_of(
            placed, doses, question.cord, interval_months=question.interval_months
        ),
        normal_liver_models(placed, doses, question.gtvs, question.models),
    )


def biology_assessed(
    question: BiologyQuestion,
    answers: Sequence[StructureBiology],
    constraints: Sequence[ConstraintResult],
    courses: Sequence[CourseSummary],
) -> Biology:
    """Put the answers of all structures together."""
    patient, settings = question.patient, question.settings
    recovery, recovery_findings = recovery_assessed(
        patient,
        settings,
        [one.recovered for one in answers if one.recovered is not None],
        constraints,
    )
    sensitivity, sensitivity_findings = sensitivity_assessed(
        patient,
        settings,
        [one.ratios for one in answers if one.ratios is not None],
        constraints,
    )
    cord = tuple(one.cord for one in answers if one.cord is not None)
    models, model_findings = models_assessed(
        patient,
        [result for one in answers for result in one.liver],
        courses,
        question.models,
    )
    return Biology(
        recovery,
        sensitivity,
        cord,
        models,
        [
            *recovery_findings,
            *sensitivity_findings,
            *cord_findings(cord),
            *model_findings,
        ],
    )
