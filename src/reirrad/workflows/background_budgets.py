"""What the limits of each organ leave, with every given course as background."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.budget import DoseBudget, OrganBudget
from reirrad.core.findings import Finding
from reirrad.core.hot_places import PlacedTarget, placed_target
from reirrad.core.organ_budgets import limiting_rows, organ_budgets
from reirrad.core.organ_doses import OrganDoses, kept_doses
from reirrad.core.sections import is_inside
from reirrad.core.settings import Settings
from reirrad.core.structure_doses import PlacedStructure, structure_doses
from reirrad.core.structures import Role
from reirrad.knowledge.constraint_tables import load_constraints
from reirrad.workflows.budget_maps import constrained_organs
from reirrad.workflows.place import PlacedPatient
from reirrad.workflows.summaries import dose_findings

__all__ = ["Background", "background_budget", "organs_of"]


class Background(NamedTuple):
    """What a budget is computed from.

    Parameters
    ----------
    patient
        Everything in the frame of the new anatomy.
    settings
        What the user decided.
    targets
        Those of the new course.
    given
        The courses with dose that could be related.
    """

    patient: PlacedPatient
    settings: Settings
    targets: Sequence[PlacedStructure]
    given: Sequence[PlacedCourse]


def organs_of(work: Background) -> tuple[list[PlacedStructure], list[Finding]]:
    """Organs that limits are asked of; none of the new targets."""
    return constrained_organs(
        [one for one in work.patient.structures if one not in work.targets]
    )


def background_budget(work: Background) -> tuple[DoseBudget, list[Finding]]:
    """Every limit of every organ, and what it leaves."""
    organs, findings = organs_of(work)
    numbers = [one.course.number for one in work.given]
    targets = [placed_target(one.label, one.sections) for one in work.targets]
    rows: list[OrganBudget] = []
    uncovered = {}
    for organ in organs:
        doses = structure_doses(organ, work.given, numbers)
        uncovered[organ.label] = {n: doses.uncovered_ratio(n) for n in numbers}
        kept = kept_doses(
            doses,
            label=organ.label,
            standard_name=organ.structure.standard_name,
            alpha_beta_gy=organ.alpha_beta_gy,
            new_course=None,
        )
        rows += _rows(kept, work, targets)
    for pair in work.patient.paired.organs:
        if not any(side in work.targets for side in pair.sides):
            kept = kept_doses(
                pair.doses(work.given, numbers),
                label=pair.label,
                standard_name=pair.name,
                alpha_beta_gy=pair.alpha_beta_gy,
                new_course=None,
            )
            rows += _rows(kept, work, targets)
    related = replace(work.patient, placed=tuple(work.given), structures=tuple(organs))
    findings += dose_findings(related, uncovered)
    if not rows:
        message = (
            "No organ with a limit is drawn in the new anatomy: nothing says what can "
            "still be given. Name the organs under [structures] in the settings."
        )
        findings.append(Finding("budget-without-limits", "warning", "budget", message))
    fractions = work.settings.budget_fractions
    budget = DoseBudget(
        None, tuple(numbers), fractions, tuple(rows), limiting_rows(rows, fractions)
    )
    return budget, findings


def _rows(
    kept: OrganDoses | None, work: Background, targets: Sequence[PlacedTarget]
) -> tuple[OrganBudget, ...]:
    if kept is None:
        return ()
    constraints = load_constraints(work.settings.constraints)
    own = [one for one in constraints if kept.standard_name in one.organs]
    if not own:
        return ()
    asks = any(one.basis == "minus GTV" for one in own)
    return organ_budgets(
        kept,
        constraints,
        fractions=work.settings.budget_fractions,
        targets=targets,
        minus_gtv=_minus_gtv(kept, work) if asks else None,
    )


def _minus_gtv(doses: OrganDoses, work: Background) -> OrganDoses | None:
    """An organ without the GTVs of all courses and without named targets."""
    tumour = np.zeros(len(doses.volumes_cc), dtype=np.bool_)
    for one in work.patient.structures:
        role = one.structure.role
        named = one in work.targets and not role.is_target
        if role is Role.GTV or named:
            tumour |= is_inside(one.sections, doses.points_mm)
    return None if tumour.all() else doses.where(~tumour)
