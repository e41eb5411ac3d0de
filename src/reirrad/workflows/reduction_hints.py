"""Circumstances of this patient in which a lower dose has been reported."""

from collections.abc import Collection, Mapping, Sequence

from reirrad.core.courses import Course
from reirrad.core.distance_results import TargetDistance
from reirrad.core.recovery import months_between
from reirrad.core.reduction_results import ReductionHint
from reirrad.knowledge.rules import Rule

__all__ = ["reduction_hints"]


def reduction_hints(
    courses: Sequence[Course],
    *,
    targets_cc: Mapping[str, float],
    organs: Collection[str],
    distances: Sequence[TargetDistance],
    rules: Mapping[str, Rule],
) -> tuple[ReductionHint, ...]:
    """Every hint whose circumstance is given; facts with their sources, no orders.

    Parameters
    ----------
    courses
        Earliest first; the latest is the new one.
    targets_cc
        Label of each target of the latest course to its volume.
    organs
        Labels of the organs whose distance matters.
    distances
        Of the targets of the latest course.
    rules
        Of the table "reduction_hints".
    """
    *earlier, latest = courses
    hints = []
    if earlier:
        months = months_between(earlier[-1].start_date, latest.start_date)
        about = f"courses {earlier[-1].number} and {latest.number}, start to start"
        hints += _hint(rules["interval_months"], about, months)
    size_or_place = [
        hint
        for target, volume_cc in targets_cc.items()
        for hint in (
            *_near(target, organs, distances, rules["organ_distance_mm"]),
            *_hint(rules["target_volume_cc"], target, volume_cc),
        )
    ]
    hints += size_or_place
    if size_or_place:
        order = latest.prescription
        hints += _hint(
            rules["fraction_dose_gy"],
            f"course {latest.number}",
            order.dose_gy / order.n_fractions,
        )
    return tuple(hints)


def _near(
    target: str,
    organs: Collection[str],
    distances: Sequence[TargetDistance],
    rule: Rule,
) -> list[ReductionHint]:
    return [
        hint
        for one in distances
        if one.target == target and one.other_kind == "organ" and one.other in organs
        for hint in _hint(rule, f"{target} and {one.other}", one.distance_mm)
    ]


def _hint(rule: Rule, about: str, value: float) -> list[ReductionHint]:
    if not rule.applies_to(value):
        return []
    return [
        ReductionHint(
            name=rule.name,
            about=about,
            value=value,
            relation=rule.relation,
            limit=rule.limit,
            unit=rule.unit,
            fact=rule.note,
            source=rule.source,
            verification=rule.verification,
        )
    ]
