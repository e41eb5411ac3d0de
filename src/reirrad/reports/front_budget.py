"""What can still be given, as page one says it: organ, dose, and how sure."""

from reirrad.core.assessment import Assessment
from reirrad.core.budget import NamedLimit
from reirrad.core.isotoxic_results import IsotoxicPrescription
from reirrad.core.uncertainty import share_words
from reirrad.reports.blocks import Badge
from reirrad.reports.limit_words import NOT_KNOWN, is_same_limit
from reirrad.reports.limiting_line import (
    down,
    left_words,
    limit_words,
    reservations,
)
from reirrad.reports.wording import agreed_number, decimal, metric_unit, plural

__all__ = ["remaining_badge"]

LABEL = "What can still be given"


def remaining_badge(assessment: Assessment) -> Badge | None:
    """The line on page one; None where there is nothing to add a course to."""
    budget, isotoxic = assessment.budget, assessment.isotoxic
    if budget is None or isotoxic is None or len(assessment.courses) < 2:
        return None
    if budget.withheld:
        return Badge(LABEL, "Withheld", budget.withheld, "withheld")
    own = next(row for row in isotoxic.by_fractions if row.planned)
    if own.exceeded_before:
        return _nothing_left(assessment, own)
    if own.largest is None:
        return Badge(LABEL, "Not known", _sentence([own.reason]), "withheld")
    limit, most_gy = own.largest.limiting, own.largest.prescription_gy
    left = (
        f"{limit_words(limit)} ({limit.set}, {limit.verification}) leaves "
        f"{left_words(budget, limit, own.n_fractions)}"
    )
    return Badge(
        LABEL,
        f"{limit.structure} limits: {down(most_gy)} Gy in "
        f"{plural(own.n_fractions, 'fraction')} at most "
        f"(planned {agreed_number(isotoxic.prescription_gy)} Gy)",
        _sentence(
            [
                left,
                _how_sure(assessment, limit),
                *reservations(assessment, own, isotoxic),
            ]
        ),
        "bad" if most_gy < isotoxic.prescription_gy else "strong",
    )


def _nothing_left(assessment: Assessment, own: IsotoxicPrescription) -> Badge:
    organs = dict.fromkeys(limit.structure for limit in own.exceeded_before)
    first = own.exceeded_before[0]
    aside = own.ignoring_exceeded
    exceeded = (
        f"{plural(len(own.exceeded_before), 'limit')} cannot be met by any dose, as "
        f"{first.structure} {limit_words(first)} ({first.set}, {first.verification})"
    )
    words = [exceeded, _how_sure(assessment, first)]
    if aside is not None:
        words.append(
            f"without them {aside.limiting.structure} limits: "
            f"{down(aside.prescription_gy)} Gy in "
            f"{plural(own.n_fractions, 'fraction')} at most"
        )
    return Badge(
        LABEL,
        f"Nothing that meets every limit: {', '.join(organs)}",
        _sentence(words),
        "bad",
    )


def _how_sure(assessment: Assessment, limit: NamedLimit) -> str:
    """How the limit fares over the plausible registrations, at the planned dose."""
    found = assessment.uncertainty
    if found is None or not found.draws:
        return NOT_KNOWN
    scope = "cumulative" if limit.scope == "cumulative" else "course"
    row = next(
        (
            row
            for row in found.constraints
            if row.scope.startswith(scope) and is_same_limit(row, limit)
        ),
        None,
    )
    if row is None or row.met_percent is None:
        return NOT_KNOWN
    spread = row.value
    words = (
        f"at the planned dose kept in {share_words(row.met_percent)} of plausible "
        f"registrations"
    )
    if spread.low is not None and spread.high is not None:
        unit = metric_unit(limit.metric)
        words += f" ({decimal(spread.low)} to {decimal(spread.high)} {unit})"
    return words


def _sentence(parts: list[str]) -> str:
    return f"{'; '.join(part.rstrip('.') for part in parts)}."
