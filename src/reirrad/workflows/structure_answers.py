"""Everything asked of one structure, while the doses at its points are at hand.

They are not kept: with many structures they would be larger than the images.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reirrad.core.assessment import StructureAssessment
from reirrad.core.constraints import Measured, Query
from reirrad.core.organ_doses import OrganDoses
from reirrad.core.scene import HottestPoint
from reirrad.core.scene_places import hottest_points
from reirrad.core.structure_doses import (
    PlacedStructure,
    assessed_structure,
    structure_doses,
)
from reirrad.core.structures import Role
from reirrad.workflows.biology import (
    BiologyQuestion,
    StructureBiology,
    biology_question,
    structure_biology,
)
from reirrad.workflows.budgeting import BudgetQuestion, budget_question
from reirrad.workflows.limits import answered, limit_queries
from reirrad.workflows.other_drawings import (
    OtherDrawing,
    cautious_rules,
    other_drawings,
)
from reirrad.workflows.paired_organs import PairedOrgan
from reirrad.workflows.pairs import PairQuestion
from reirrad.workflows.place import PlacedPatient
from reirrad.workflows.robustness import (
    Robustness,
    StructureRobustness,
    robustness,
)

__all__ = [
    "PairAnswers",
    "StructureAnswers",
    "StructureQuestions",
    "structure_questions",
]


@dataclass(frozen=True, slots=True, eq=False)
class StructureAnswers:
    """What is kept of one structure.

    Parameters
    ----------
    assessed
        Its metrics and curves, as they are reported.
    limits
        What the constraint tables ask of it.
    uncovered
        Share outside the dose grid of each course.
    biology
        What hangs on models of tissue.
    budget_doses
        Doses of an organ with limits, or of a target of the latest course.
    robust
        What plausible registrations are asked with.
    hottest
        Where it is hottest, in each course and in the sum.
    others
        What the drawings of other courses say of it.
    """

    assessed: StructureAssessment
    limits: Mapping[Query, Measured]
    uncovered: Mapping[int, float]
    biology: StructureBiology
    budget_doses: OrganDoses | None
    robust: StructureRobustness
    hottest: tuple[HottestPoint, ...]
    others: tuple[OtherDrawing, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PairAnswers:
    """What is kept of both sides of an organ together.

    Parameters
    ----------
    label
        Of the pair.
    limits
        What the constraint tables ask of it.
    budget_doses
        Doses in both sides, for the budget.
    """

    label: str
    limits: Mapping[Query, Measured]
    budget_doses: OrganDoses | None


@dataclass(frozen=True, slots=True, eq=False)
class StructureQuestions:
    """What every structure is asked with, prepared before any dose is looked up."""

    patient: PlacedPatient
    queries: Mapping[str, Sequence[Query]]
    biology: BiologyQuestion
    budget: BudgetQuestion
    robustness: Robustness

    def asked(self, placed: PlacedStructure) -> StructureAnswers:
        """Look up the doses of one structure and ask everything of them."""
        shown = self._as_shown(placed)
        # After it: the doses of two large drawings are not held at once.
        others = other_drawings(placed, shown.assessed, self.biology)
        cord = cautious_rules(shown.biology.cord, others)
        biology = replace(shown.biology, cord=cord)
        return replace(shown, biology=biology, others=others)

    def _as_shown(self, placed: PlacedStructure) -> StructureAnswers:
        patient = self.patient
        doses = structure_doses(placed, patient.placed, patient.course_numbers)
        assessed = assessed_structure(placed, doses)
        queries = self.queries.get(placed.label, ())
        gtvs = [p for p in patient.structures if p.structure.role is Role.GTV]
        limits = answered(queries, doses, gtvs)
        return StructureAnswers(
            assessed=assessed,
            limits=limits,
            uncovered={
                p.course.number: doses.uncovered_ratio(p.course.number)
                for p in patient.placed
            },
            biology=structure_biology(self.biology, placed, doses),
            budget_doses=self.budget.kept(placed, doses),
            robust=self.robustness.of_structure(
                placed, doses, assessed, {query: limits.get(query) for query in queries}
            ),
            hottest=hottest_points(placed, doses),
        )

    def asked_pair(self, pair: PairedOrgan) -> PairAnswers:
        """Look up the doses of both sides of an organ and ask them as one."""
        patient = self.patient
        queries = self.queries.get(pair.label, ())
        budgeted = pair.label in self.budget.organs and not self.budget.withheld
        if not queries and not budgeted:
            return PairAnswers(pair.label, {}, None)
        doses = pair.doses(patient.placed, patient.course_numbers)
        gtvs = [p for p in patient.structures if p.structure.role is Role.GTV]
        return PairAnswers(
            pair.label,
            answered(queries, doses, gtvs),
            self.budget.kept_pair(pair, doses),
        )


def structure_questions(question: PairQuestion) -> StructureQuestions:
    """Prepare what the structures of a patient are asked."""
    patient, settings = question.patient, question.settings
    queries = limit_queries(patient, settings)
    return StructureQuestions(
        patient,
        queries,
        biology_question(patient, settings, queries),
        budget_question(patient, settings),
        robustness(question),
    )
