"""Every limit as the review page lists it: the worst first, each with its place."""

from collections.abc import Mapping, Sequence

from reirrad.core.assessment import (
    Assessment,
    ConstraintResult,
    StructureAssessment,
)
from reirrad.core.constraints import MADE_OF, NOT_DRAWN, WITHOUT_GTV
from reirrad.core.nomenclature import PAIRED_ORGANS
from reirrad.core.uncertainty import VerdictUncertainty
from reirrad.reports.limit_words import (
    drawn_verdict,
    is_unsure,
    limit_metric,
    limit_sure,
    limit_value,
    limit_verdict,
)
from reirrad.reports.page_blocks import Json
from reirrad.reports.wording import (
    compared_numbers,
    decimal,
    limit_text,
    metric_unit,
    share_of_limit,
)

__all__ = [
    "limit_json",
    "limit_structures",
    "named_structures",
    "ordered_limits",
]

Judged = tuple[ConstraintResult, VerdictUncertainty | None]


def ordered_limits(assessment: Assessment) -> list[Judged]:
    """Every limit with what the plausible registrations say, the worst first.

    Exceeded; met, but not everywhere; not evaluable, of drawn structures first; met.
    Within each the one of which most is used up.
    """
    named = named_structures(assessment)
    judged = [
        (item, drawn_verdict(assessment, item)) for item in assessment.constraints
    ]
    return sorted(
        judged,
        key=lambda one: (
            _rank(*one),
            len(_drawn_as(one[0], named)) != 1,
            -share_of_limit(one[0]),
        ),
    )


def _rank(item: ConstraintResult, drawn: VerdictUncertainty | None) -> int:
    if item.verdict == "exceeded":
        return 0
    if item.verdict == "not evaluable":
        return 2
    return 1 if is_unsure(item, drawn) else 3


def named_structures(
    assessment: Assessment,
) -> Mapping[str, Sequence[StructureAssessment]]:
    """Structures by the standard name under which the limits know them."""
    named: dict[str, list[StructureAssessment]] = {}
    for item in assessment.structures:
        named.setdefault(item.standard_name or item.name, []).append(item)
    return named


def limit_structures(assessment: Assessment) -> Mapping[str, StructureAssessment]:
    """The structure that each name stands for.

    A name that several structures have stands for none of them.
    """
    named = named_structures(assessment)
    return {name: found[0] for name, found in named.items() if len(found) == 1}


def _drawn_as(
    item: ConstraintResult, named: Mapping[str, Sequence[StructureAssessment]]
) -> Sequence[StructureAssessment]:
    """The structures with the name of a limit, also where it excludes the GTVs.

    Both sides where the limit was asked of them together.
    """
    name = item.structure.removesuffix(WITHOUT_GTV)
    found = named.get(item.structure) or named.get(name)
    if found or item.note.startswith(NOT_DRAWN):
        return found or ()
    return [one for side in PAIRED_ORGANS.get(name, ()) for one in named.get(side, ())]


def limit_json(
    judged: Judged, named: Mapping[str, Sequence[StructureAssessment]]
) -> Json:
    """One limit in final words.

    ``about`` is the name of the drawn structure, None where there is none or where
    several have the name of the limit; ``drawn_as`` names all of them, and ``why`` says
    what keeps the limit from a structure.
    """
    item, over_draws = judged
    unsure = is_unsure(item, over_draws)
    verdict = limit_verdict(item, over_draws)
    value = limit_value(item)
    drawn_as = [found.name for found in _drawn_as(item, named)]
    return {
        "structure": item.structure,
        "about": drawn_as[0] if len(drawn_as) == 1 else None,
        "drawn_as": drawn_as,
        "why": _why(item, drawn_as),
        "metric": limit_metric(item),
        "quantity": item.quantity,
        "scope": item.scope,
        "value": value.text,
        "value_tone": value.tone,
        "interval": _interval(item),
        "limit": limit_text(item, compared_numbers(item.value, item.limit)[1]),
        "state": item.verdict,
        "verdict": verdict.text,
        "tone": verdict.tone,
        "unsure": unsure,
        "sure": limit_sure(item, over_draws),
        "level": item.level,
        "set": item.set,
        "source": item.source,
        "verification": item.verification,
        "note": item.note,
    }


def _why(item: ConstraintResult, drawn_as: Sequence[str]) -> str:
    if len(drawn_as) == 1:
        return ""
    if len(drawn_as) == 2 and MADE_OF in item.note:
        return f"both sides together: {', '.join(drawn_as)}"
    if not drawn_as:
        return "not drawn"
    return f"{len(drawn_as)} structures have this name: {', '.join(drawn_as)}"


def _interval(item: ConstraintResult) -> str:
    if item.interval is None or item.value is None:
        return ""
    low, high = item.interval
    return f"{decimal(low)} to {decimal(high)} {metric_unit(item.metric)}"
