"""What can still be given: budget, isotoxic prescription, reductions and hints.

The new course is the latest one; the courses before it are the background.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from reirrad.core.accumulation import PlacedCourse, course_dose
from reirrad.core.budget import DoseBudget, NamedLimit, OrganBudget
from reirrad.core.constraints import Constraint
from reirrad.core.distance_results import TargetDistance
from reirrad.core.findings import Finding
from reirrad.core.geometry import FloatArray
from reirrad.core.hot_places import PlacedTarget, placed_target
from reirrad.core.isotoxic_prescription import (
    PlannedTarget,
    isotoxic_prescriptions,
    planned_target,
    target_effects,
)
from reirrad.core.isotoxic_results import Isotoxic
from reirrad.core.limit_questions import LimitedOrgan
from reirrad.core.organ_budgets import limiting_rows, organ_budgets
from reirrad.core.organ_doses import OrganDoses, kept_doses
from reirrad.core.organ_limits import binds
from reirrad.core.plan_quality import target_prescription_gy
from reirrad.core.recovery import KeptShares
from reirrad.core.reduction import PlanToReduce, reductions
from reirrad.core.reduction_results import Reduction, ReductionHint, ReductionRules
from reirrad.core.sections import is_inside
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure, StructureDoses
from reirrad.core.structures import Role
from reirrad.knowledge.constraint_tables import load_constraints
from reirrad.knowledge.rules import load_rules, rule_limits
from reirrad.workflows.limits import named_structures
from reirrad.workflows.paired_organs import PairedOrgan
from reirrad.workflows.place import PlacedPatient
from reirrad.workflows.reduction_hints import reduction_hints

__all__ = ["BudgetAnswer", "BudgetQuestion", "assessed_budget", "budget_question"]


@dataclass(frozen=True, slots=True, eq=False)
class BudgetQuestion:
    """What the doses of single structures are kept for.

    Parameters
    ----------
    patient, constraints, fractions
        Everything in the reference frame, the rows of the sets, and the numbers of
        fractions that are asked for, that of the new course included.
    new_course
        Number of the latest course.
    organs
        Labels of the organs with limits, and of pairs of organs.
    targets
        Labels of the targets of the new course.
    shared_names
        Standard names that several structures have: their limits are not evaluated.
    withheld
        Why nothing can be given; empty where something can.
    """

    patient: PlacedPatient
    constraints: tuple[Constraint, ...]
    fractions: tuple[int, ...]
    new_course: int
    organs: tuple[str, ...]
    targets: tuple[str, ...]
    shared_names: tuple[str, ...]
    withheld: str

    def kept(self, placed: PlacedStructure, doses: StructureDoses) -> OrganDoses | None:
        """Doses that the budget needs; None for structures that it does not."""
        if self.withheld or placed.label not in {*self.organs, *self.targets}:
            return None
        return kept_doses(
            doses,
            label=placed.label,
            standard_name=placed.structure.standard_name,
            alpha_beta_gy=placed.alpha_beta_gy,
            new_course=self.new_course,
        )

    def kept_pair(self, pair: PairedOrgan, doses: StructureDoses) -> OrganDoses | None:
        """Doses in both sides of an organ; None where the budget does not need them."""
        if self.withheld or pair.label not in self.organs:
            return None
        return kept_doses(
            doses,
            label=pair.label,
            standard_name=pair.name,
            alpha_beta_gy=pair.alpha_beta_gy,
            new_course=self.new_course,
        )

    def placed(self, labels: Sequence[str]) -> list[PlacedStructure]:
        """Structures by their labels."""
        return [s for s in self.patient.structures if s.label in labels]


@dataclass(frozen=True, slots=True)
class BudgetAnswer:
    """Fields of an assessment, and what a reader must know of them."""

    budget: DoseBudget
    isotoxic: Isotoxic
    reductions: tuple[Reduction, ...]
    hints: tuple[ReductionHint, ...]
    findings: tuple[Finding, ...]


def budget_question(patient: PlacedPatient, settings: Settings) -> BudgetQuestion:
    """What to keep of each structure's doses, and whether a budget can be given."""
    constraints = load_constraints(settings.constraints)
    latest = max(patient.outlined, key=lambda o: o.course.number).course
    limited = {organ for row in constraints for organ in row.organs}
    named = {n: s for n, s in named_structures(patient).items() if n in limited}
    own = [s for s in patient.structures if s.source_course == latest.number]
    targets = [s for s in own if s.structure.role is Role.PTV] or [
        s for s in own if s.structure.role.is_target
    ]
    fractions = {latest.prescription.n_fractions, *settings.budget_fractions}
    return BudgetQuestion(
        patient=patient,
        constraints=constraints,
        fractions=tuple(sorted(fractions)),
        new_course=latest.number,
        organs=(
            *(s[0].label for s in named.values() if len(s) == 1),
            *(pair.label for pair in patient.paired.organs if pair.name in limited),
        ),
        targets=tuple(target.label for target in targets),
        shared_names=tuple(name for name, s in named.items() if len(s) > 1),
        withheld=_withheld(patient),
    )


def assessed_budget(
    question: BudgetQuestion,
    doses: Mapping[str, OrganDoses],
    *,
    distances: Sequence[TargetDistance],
    kept: Mapping[str, KeptShares],
) -> BudgetAnswer:
    """Budget, isotoxic prescription, reductions and hints.

    Parameters
    ----------
    question
        Of :func:`budget_question`.
    doses
        Structure label to what :meth:`BudgetQuestion.kept` kept.
    distances
        Of the targets of the latest course.
    kept
        Structure label to what a model of recovery leaves of the earlier courses.
        Results are without recovery; what it would leave stands beside them.
    """
    course = next(
        o.course
        for o in question.patient.outlined
        if o.course.number == question.new_course
    )
    plan = Isotoxic(
        new_course=question.new_course,
        prescription_gy=course.prescription.dose_gy,
        n_fractions=course.prescription.n_fractions,
        targets=(),
        by_fractions=(),
        withheld=question.withheld,
    )
    background = tuple(
        o.course.number
        for o in question.patient.outlined
        if o.course.number != question.new_course
    )
    budget = DoseBudget(
        question.new_course, background, question.fractions, (), (), question.withheld
    )
    if question.withheld:
        message = f"What can still be given is withheld: {question.withheld}"
        finding = Finding("budget-withheld", "warning", "budget", message)
        return BudgetAnswer(budget, plan, (), (), (finding,))
    organs = _limited_organs(question, doses)
    solids = {
        s.label: placed_target(s.label, s.sections)
        for s in question.placed(question.targets)
    }
    targets = _targets(question, doses)
    plan = Isotoxic(
        new_course=plan.new_course,
        prescription_gy=plan.prescription_gy,
        n_fractions=plan.n_fractions,
        targets=target_effects(targets, 1.0, plan.n_fractions),
        by_fractions=(),
        not_drawn=_not_drawn(question),
    )
    with ThreadPoolExecutor(1) as pool:
        prescriptions = pool.submit(
            isotoxic_prescriptions,
            organs,
            question.constraints,
            targets,
            plan=plan,
            fractions=question.fractions,
            not_evaluated=[
                f"{name}: several structures mean it" for name in question.shared_names
            ],
        )
        rows = _rows(question, organs, list(solids.values()), kept)
        ladder = reductions(
            organs, _plan_to_reduce(question, plan, targets, list(solids.values()))
        )
        isotoxic = prescriptions.result()
    return BudgetAnswer(
        budget=DoseBudget(
            question.new_course,
            background,
            question.fractions,
            rows,
            limiting_rows(rows, question.fractions),
        ),
        isotoxic=isotoxic,
        reductions=ladder,
        hints=reduction_hints(
            [o.course for o in question.patient.outlined],
            targets_cc={t.label: t.sections.volume_cc for t in solids.values()},
            # The target lies in the organ in which overlap is measured.
            organs={*question.organs} - {question.patient.organ.label},
            distances=distances,
            rules=load_rules("reduction_hints"),
        ),
        findings=tuple(_findings(isotoxic)),
    )


def _withheld(patient: PlacedPatient) -> str:
    if len(patient.outlined) < 2:
        return "there is one course only, and nothing that it would be added to."
    for alignment in patient.alignments.values():
        if alignment.to_reference is None:
            summary = alignment.summary
            return (
                f"course {summary.from_course} cannot be related to course "
                f"{summary.to_course}: {summary.reason}"
            )
    return ""


def _limited_organs(
    question: BudgetQuestion, doses: Mapping[str, OrganDoses]
) -> list[LimitedOrgan]:
    gtvs = [s for s in question.patient.structures if s.structure.role is Role.GTV]
    without = {
        name
        for row in question.constraints
        if row.basis == "minus GTV"
        for name in row.organs
    }
    organs = []
    for label in question.organs:
        whole = doses[label]
        rest = None
        if whole.standard_name in without:
            tumour = np.zeros(len(whole.volumes_cc), dtype=np.bool_)
            for gtv in gtvs:
                tumour |= is_inside(gtv.sections, whole.points_mm)
            rest = None if tumour.all() else whole.where(~tumour)
        organs.append(LimitedOrgan(whole, rest))
    return organs


def _rows(
    question: BudgetQuestion,
    organs: Sequence[LimitedOrgan],
    targets: Sequence[PlacedTarget],
    kept: Mapping[str, KeptShares],
) -> tuple[OrganBudget, ...]:
    return tuple(
        row
        for organ in organs
        for row in organ_budgets(
            organ.whole,
            question.constraints,
            fractions=question.fractions,
            targets=targets,
            minus_gtv=organ.minus_gtv,
            kept=kept.get(organ.whole.label),
        )
    )


def _targets(
    question: BudgetQuestion, doses: Mapping[str, OrganDoses]
) -> list[PlannedTarget]:
    course = _new_course(question).course
    return [
        planned_target(doses[s.label], target_prescription_gy(course, s.structure))
        for s in question.placed(question.targets)
    ]


def _new_course(question: BudgetQuestion) -> PlacedCourse:
    return next(
        p for p in question.patient.placed if p.course.number == question.new_course
    )


def _plan_to_reduce(
    question: BudgetQuestion,
    plan: Isotoxic,
    targets: Sequence[PlannedTarget],
    solids: Sequence[PlacedTarget],
) -> PlanToReduce:
    limits = rule_limits("reduction_rules")
    course = _new_course(question)

    def dose_gy(points_mm: FloatArray) -> FloatArray:
        return course_dose(course, points_mm).physical_gy()

    return PlanToReduce(
        plan=plan,
        constraints=question.constraints,
        targets=targets,
        placed=solids,
        dose_gy=dose_gy,
        rules=ReductionRules(
            most_fractions=int(limits["most_fractions"]),
            gradient_step_mm=limits["gradient_step_mm"],
            least_gradient_gy_per_mm=limits["least_gradient_gy_per_mm"],
            largest_gap_mm=limits["largest_gap_mm"],
        ),
    )


def _not_drawn(question: BudgetQuestion) -> tuple[str, ...]:
    patient = question.patient
    drawn = {*named_structures(patient), *patient.paired.names}
    absent = {
        row.organs[0]
        for row in question.constraints
        if binds(row.level) and not drawn.intersection(row.organs)
    }
    return tuple(sorted(absent))


def _findings(isotoxic: Isotoxic) -> list[Finding]:
    """What a reader must know of the prescription in the planned fractions."""
    own = next(row for row in isotoxic.by_fractions if row.planned)
    findings = []
    if own.exceeded_before:
        listed = "; ".join(dict.fromkeys(map(_short, own.exceeded_before)))
        message = (
            f"No dose of course {isotoxic.new_course} meets these limits, whatever the "
            f"plan, since the earlier courses alone exceed them or the organ is too "
            f"small: {listed}."
        )
        findings.append(Finding("budget-exceeded-before", "warning", "budget", message))
    if own.not_evaluated:
        message = (
            f"The largest prescription in {own.n_fractions} fractions does not respect "
            f"{len(own.not_evaluated)} limits that could not be evaluated: "
            f"{'; '.join(own.not_evaluated)}."
        )
        findings.append(Finding("budget-not-evaluated", "warning", "budget", message))
    return findings


def _short(limit: NamedLimit) -> str:
    metric = limit.metric.partition("[")[0]
    return (
        f"{limit.structure} {metric} {limit.relation} {limit.limit:.4g} "
        f"({limit.quantity}, {limit.set})"
    )
