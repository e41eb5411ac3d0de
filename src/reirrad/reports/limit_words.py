"""A limit in words: what is measured, its value, and how sure its verdict is."""

from reirrad.core.assessment import Assessment, ConstraintResult
from reirrad.core.budget import NamedLimit
from reirrad.core.constraints import hangs_on_ends
from reirrad.core.uncertainty import (
    VerdictUncertainty,
    share_words,
    turning_shifts,
    verdict_holds_percent,
)
from reirrad.reports.blocks import Cell
from reirrad.reports.wording import (
    ALPHA_BETA,
    agreed_number,
    compared_numbers,
    decimal,
    metric_unit,
    verdict_cell,
)

__all__ = [
    "NOT_KNOWN",
    "drawn_verdict",
    "is_same_limit",
    "is_unsure",
    "limit_metric",
    "limit_sure",
    "limit_value",
    "limit_verdict",
]

SURE_PERCENT = 100.0
MET_NOT_SURE = Cell("⚠ met, not sure", "warn")
NOT_KNOWN = "how sure is not known"
SAME_LIMIT = (
    "structure",
    "metric",
    "quantity",
    "alpha_beta_gy",
    "relation",
    "limit",
    "level",
    "set",
)
"""What makes a limit beside its scope, which budgets and limits name differently."""


def limit_metric(item: ConstraintResult) -> str:
    """Metric, quantity, scope and ratio, as "D0.1cc EQD2, cumulative"."""
    ratio = (
        f", {ALPHA_BETA} {agreed_number(item.alpha_beta_gy)} Gy"
        if item.alpha_beta_gy is not None
        else ""
    )
    return f"{item.metric.partition('[')[0]} {item.quantity}, {item.scope}{ratio}"


def limit_value(item: ConstraintResult) -> Cell:
    """The value, with its interval where the verdict hangs on it."""
    value, _ = compared_numbers(item.value, item.limit)
    text = value if item.value is None else f"{value} {metric_unit(item.metric)}"
    if item.interval is None or not hangs_on_ends(item):
        return Cell(text, "strong")
    low, high = item.interval
    return Cell(f"{text} ({decimal(low)} to {decimal(high)})", "warn")


def drawn_verdict(
    assessment: Assessment, item: ConstraintResult
) -> VerdictUncertainty | None:
    """The same limit over the plausible registrations, where there are any."""
    found = assessment.uncertainty
    if found is None or not found.draws:
        return None
    return next(
        (
            row
            for row in found.constraints
            if row.scope == item.scope and is_same_limit(row, item)
        ),
        None,
    )


def is_same_limit(
    row: VerdictUncertainty, limit: ConstraintResult | NamedLimit
) -> bool:
    """Whether a limit over the draws is another one, whatever their scopes are."""
    return all(getattr(row, name) == getattr(limit, name) for name in SAME_LIMIT)


def is_unsure(item: ConstraintResult, drawn: VerdictUncertainty | None) -> bool:
    """Whether the verdict is another one somewhere.

    In the interval that the contours allow, in a plausible registration, or in a
    direction of a fixed shift.
    """
    if hangs_on_ends(item):
        return True
    if drawn is None:
        return False
    share = verdict_holds_percent(drawn)
    return (share is not None and share < SURE_PERCENT) or bool(turning_shifts(drawn))


def limit_verdict(item: ConstraintResult, drawn: VerdictUncertainty | None) -> Cell:
    """Symbol and word; a limit that is met but not everywhere is not shown as good."""
    if item.verdict == "met" and is_unsure(item, drawn):
        return MET_NOT_SURE
    return verdict_cell(item.verdict)


def limit_sure(item: ConstraintResult, drawn: VerdictUncertainty | None) -> str:
    """How often the verdict is found again, and between which values.

    Empty where there is no verdict.
    """
    if item.verdict == "not evaluable":
        return ""
    share = None if drawn is None else verdict_holds_percent(drawn)
    if drawn is None or share is None:
        return (drawn.reason if drawn is not None else "") or NOT_KNOWN
    words = f"{item.verdict} in {share_words(share)} of plausible registrations"
    if drawn.value.low is not None and drawn.value.high is not None:
        words += (
            f" ({decimal(drawn.value.low)} to {decimal(drawn.value.high)} "
            f"{metric_unit(item.metric)})"
        )
    return "; ".join([words, *_flips(drawn)])


def _flips(drawn: VerdictUncertainty) -> list[str]:
    """The fixed shifts that turn the verdict in some direction."""
    return [
        f"shifted by {agreed_number(one.shift_mm)} mm in 26 directions: met in "
        f"{one.met_directions}, exceeded in {one.exceeded_directions}"
        for one in turning_shifts(drawn)
    ]
