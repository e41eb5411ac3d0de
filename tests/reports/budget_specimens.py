"""Assessments whose budget is that of one organ with an even dose."""

from dataclasses import replace

import numpy as np

from reirrad.core.assessment import Assessment
from reirrad.core.budget import DoseBudget
from reirrad.core.constraints import Constraint
from reirrad.core.isotoxic_prescription import (
    isotoxic_prescriptions,
    planned_target,
    target_effects,
)
from reirrad.core.isotoxic_results import Isotoxic
from reirrad.core.organ_budgets import limiting_rows, organ_budgets
from reirrad.core.organ_doses import OrganDoses
from reirrad.core.recovery import KeptShares
from reirrad.core.reduction import PlanToReduce, reductions
from reirrad.core.reduction_results import ReductionHint, ReductionRules
from tests.core.budget_specimens import constraint, limited, organ_doses
from tests.reports.specimens import two_courses

FRACTIONS = (1, 5, 8)
PHYSICAL = constraint(
    "D0.1cc[Gy]", 35.0, quantity="physical", scope="course", n_fractions=5
)
CUMULATIVE = constraint("D0.1cc[Gy]", 54.0, alpha_beta_gy=2.5)


def given(
    *rows: Constraint,
    before_gy: float = 10.0,
    kept: KeptShares | None = None,
    hints: tuple[ReductionHint, ...] = (),
    not_drawn: tuple[str, ...] = (),
) -> Assessment:
    """An assessment whose budget is that of one organ with an even dose."""
    organ = organ_doses({1: [before_gy] * 40, 2: [25.0] * 40})
    tumour = organ_doses(
        {1: [0.0] * 40, 2: list(np.linspace(38.0, 48.0, 40))},
        name="PTV",
        alpha_beta_gy=10.0,
    )
    target = planned_target(tumour, 40.0)
    plan = Isotoxic(
        2, 40.0, 5, target_effects([target], 1.0, 5), (), not_drawn=not_drawn
    )
    isotoxic = isotoxic_prescriptions(
        [limited(organ)], rows, [target], plan=plan, fractions=FRACTIONS
    )
    budgets = organ_budgets(organ, rows, fractions=FRACTIONS, targets=(), kept=kept)
    assessment = two_courses()
    registration = replace(assessment.registrations[0], verdict="accepted")
    return replace(
        assessment,
        registrations=(registration,),
        budget=DoseBudget(
            2, (1,), FRACTIONS, budgets, limiting_rows(budgets, FRACTIONS)
        ),
        isotoxic=isotoxic,
        reductions=reductions([limited(organ)], _to_reduce(plan, organ, rows)),
        hints=hints,
    )


def _to_reduce(
    plan: Isotoxic, organ: OrganDoses, rows: tuple[Constraint, ...]
) -> PlanToReduce:
    return PlanToReduce(
        plan=plan,
        constraints=rows,
        targets=[],
        placed=[],
        dose_gy=lambda points: np.full(len(points), 25.0),
        rules=ReductionRules(30, 2.0, 0.1, 20.0),
    )
