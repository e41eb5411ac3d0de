"""The one sentence about what can still be given, and its words."""

import math

from reirrad.core.assessment import Assessment
from reirrad.core.budget import DoseBudget, FractionBudget, NamedLimit, OrganBudget
from reirrad.core.isotoxic_results import Isotoxic, IsotoxicPrescription
from reirrad.reports.wording import ALPHA_BETA, agreed_number, metric_unit, plural

__all__ = ["down", "left_words", "limit_words", "limiting_line", "reservations"]

RELATIONS = {"<=": "≤", ">=": "≥"}


def limiting_line(assessment: Assessment) -> str:
    """One sentence: limiting organ, its limit, what is left and what can be given."""
    budget, isotoxic = assessment.budget, assessment.isotoxic
    if budget is None or isotoxic is None:
        return "What can still be given was not asked for."
    if budget.withheld:
        return f"What can still be given is withheld: {budget.withheld}"
    own = next(row for row in isotoxic.by_fractions if row.planned)
    unsaid = reservations(assessment, own, isotoxic)
    reservation = f"; {', '.join(unsaid)}" if unsaid else ""
    if own.exceeded_before:
        return f"{_exceeded_words(budget, own)}{reservation}."
    if own.largest is None:
        return f"No largest prescription can be given: {own.reason}{reservation}."
    limit = own.largest.limiting
    return (
        f"{limit.structure} limits course {isotoxic.new_course}: "
        f"{limit_words(limit)} ({limit.set}, {limit.verification}) leaves "
        f"{left_words(budget, limit, own.n_fractions)}, and the plan as it is meets "
        f"every limit tested up to {down(own.largest.prescription_gy)} Gy in "
        f"{plural(own.n_fractions, 'fraction')} "
        f"(planned: {agreed_number(isotoxic.prescription_gy)} Gy){reservation}."
    )


def down(value_gy: float) -> str:
    """A dose that may be given, rounded down to 0.1 Gy.

    >>> down(34.79), down(35.0), down(0.04)
    ('34.7', '35.0', '0.0')
    """
    return f"{math.floor(value_gy * 10.0 + 1e-6) / 10.0:.1f}"


def _exceeded_words(budget: DoseBudget, own: IsotoxicPrescription) -> str:
    """Which limits no dose can meet, the worst one first."""

    def left_gy(limit: NamedLimit) -> float:
        found = _budget_of(budget, limit, own.n_fractions)
        left = None if found is None else found.remaining_eqd2_gy
        return -math.inf if left is None else left

    worst, *others = sorted(own.exceeded_before, key=left_gy)
    text = (
        f"No dose meets every limit: {worst.structure} {limit_words(worst)} "
        f"({worst.set}, {worst.verification}) {_why_not(worst, left_gy(worst))}"
    )
    if others:
        organs = ", ".join(dict.fromkeys(limit.structure for limit in others))
        text += f", and {plural(len(others), 'other limit')} likewise ({organs})"
    aside = own.ignoring_exceeded
    if aside is not None:
        text += (
            f"; leaving aside limits exceeded before, the plan as it is meets the "
            f"others up to {down(aside.prescription_gy)} Gy in "
            f"{plural(own.n_fractions, 'fraction')}, limited by "
            f"{aside.limiting.structure}"
        )
    return text


def _why_not(limit: NamedLimit, left_gy: float) -> str:
    if limit.too_small:
        return "cannot be met in so small an organ"
    if not math.isfinite(left_gy):
        return "is exceeded by the earlier courses alone"
    return f"is exceeded by the earlier courses alone, by {-left_gy:.1f} Gy EQD2"


def reservations(
    assessment: Assessment, own: IsotoxicPrescription, isotoxic: Isotoxic
) -> list[str]:
    """What a largest prescription does not cover, in short clauses."""
    reasons = []
    if own.not_evaluated:
        reasons.append(f"{plural(len(own.not_evaluated), 'limit')} not evaluated")
    if isotoxic.not_drawn:
        reasons.append(f"{plural(len(isotoxic.not_drawn), 'limited organ')} not drawn")
    if any(r.verdict == "review" for r in assessment.registrations):
        reasons.append("registration to be reviewed first")
    return reasons


def limit_words(limit: NamedLimit | OrganBudget, value: float | None = None) -> str:
    """A limit as "D0.1cc ≤ 54 Gy, cumulative EQD2", with its ratio.

    The value of an :class:`OrganBudget` is given, since it may depend on fractions.
    """
    relation = RELATIONS.get(limit.relation, limit.relation)
    given = limit.limit if isinstance(limit, NamedLimit) else value
    amount = (
        "" if given is None else f" {relation} {given:.4g} {metric_unit(limit.metric)}"
    )
    kind = "cumulative" if limit.scope == "cumulative" else "new course"
    ratio = ""
    if limit.alpha_beta_gy is not None:
        ratio = f", {ALPHA_BETA} {agreed_number(limit.alpha_beta_gy)} Gy"
    metric = limit.metric.partition("[")[0]
    return f"{metric}{amount}, {kind} {limit.quantity}{ratio}"


def left_words(budget: DoseBudget, limit: NamedLimit, n_fractions: int) -> str:
    """What is left under the limit, in EQD2 and as physical dose."""
    found = _budget_of(budget, limit, n_fractions)
    if found is None or found.dose_gy is None:
        return "an amount that cannot be given as one dose"
    dose = f"{down(found.dose_gy)} Gy in {plural(n_fractions, 'fraction')}"
    where = "" if limit.metric.endswith("[Gy]") else " at the volume that decides"
    if found.remaining_eqd2_gy is None:
        return f"a physical dose of {dose}{where}"
    return f"{down(max(found.remaining_eqd2_gy, 0.0))} Gy EQD2{where} ({dose})"


def _budget_of(
    budget: DoseBudget, limit: NamedLimit, n_fractions: int
) -> FractionBudget | None:
    for row in budget.organs:
        same = all(
            getattr(row, name) == getattr(limit, name)
            for name in ("structure", "label", "metric", "scope", "set", "level")
        )
        if same and row.alpha_beta_gy == limit.alpha_beta_gy:
            for found in row.by_fractions:
                if found.n_fractions == n_fractions and found.limit == limit.limit:
                    return found
    return None
