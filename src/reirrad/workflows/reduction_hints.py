"""Circumstances of this patient in which a lower dose has been reported."""

import math
from collections.abc import Mapping, Sequence

from reirrad.core.hot_places import PlacedTarget
from reirrad.core.organ_doses import OrganDoses
from reirrad.core.reduction_results import ReductionHint
from reirrad.knowledge.rules import Rule
from reirrad.workflows.place import PlacedPatient

__all__ = ["reduction_hints"]

DAYS_PER_MONTH = 365.25 / 12


def reduction_hints(
    patient: PlacedPatient,
    targets: Sequence[PlacedTarget],
    organs: Mapping[str, OrganDoses],
    rules: Mapping[str, Rule],
) -> tuple[ReductionHint, ...]:
    """Every hint whose circumstance is given; facts with their sources, no orders.

    Parameters
    ----------
    patient
        Everything in the reference frame.
    targets
        Of the latest course.
    organs
        Organs with limits, by label. The organ in which overlap is measured is not
        asked for its distance: the target lies in it.
    rules
        Of the table "reduction_hints".
    """
    *earlier, latest = sorted(
        (o.course for o in patient.outlined), key=lambda course: course.number
    )
    hints = []
    if earlier:
        days = (latest.start_date - earlier[-1].start_date).days
        about = f"courses {earlier[-1].number} and {latest.number}"
        hints += _hint(rules["interval_months"], about, days / DAYS_PER_MONTH)
    size_or_place = [
        hint
        for target in targets
        for hint in (
            *_near(target, patient, organs, rules["organ_distance_mm"]),
            *_hint(rules["target_volume_cc"], target.label, target.sections.volume_cc),
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
    target: PlacedTarget,
    patient: PlacedPatient,
    organs: Mapping[str, OrganDoses],
    rule: Rule,
) -> list[ReductionHint]:
    found = []
    for label, organ in organs.items():
        if label == patient.organ.label:
            continue
        distance = target.distance_mm(organ.points_mm, within_mm=rule.limit)
        if math.isfinite(distance):
            found += _hint(rule, f"{target.label} and {label}", distance)
    return found


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
