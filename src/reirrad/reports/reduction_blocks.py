"""The ladder of single changes for each exceeded limit, and the numbers behind it."""

from collections.abc import Sequence

from reirrad.core.budget import DecidingPlace
from reirrad.core.isotoxic_results import TargetEffect
from reirrad.core.reduction_results import (
    CroppedTarget,
    LowerPrescription,
    MoreFractions,
    Reduction,
    SparedVolume,
)
from reirrad.reports.blocks import Block, Cell, Column, Paragraph, Row, Table
from reirrad.reports.limiting_line import down, limit_words
from reirrad.reports.wording import (
    ALPHA_BETA,
    agreed_number,
    compared_numbers,
    decimal,
    metric_unit,
    plural,
    with_unit,
)

__all__ = ["reduction_blocks"]

CANNOT = "cannot meet it"


def reduction_blocks(reductions: Sequence[Reduction]) -> list[Block]:
    """One table with four rows for each exceeded limit."""
    if not reductions:
        return [
            Paragraph(
                "The plan as it is exceeds no binding limit that could be evaluated."
            )
        ]
    rows: list[Row] = []
    for item in reductions:
        limit = item.limit
        value, _ = compared_numbers(item.value, limit.limit)
        heading = (
            f"{limit.structure}: {value} {metric_unit(limit.metric)}, "
            f"{limit_words(limit)} ({limit.set}, {limit.verification})"
        )
        rows.append(Row((Cell(heading, "strong"),), span="heading"))
        reason = _common_reason(item)
        if reason:
            rows.append(_row("No single change", f"{CANNOT}: {reason}", ""))
            continue
        rows += [
            _row("Lower prescription", *_lower(item.lower_prescription)),
            _row("More fractions, same dose", *_fractions(item.more_fractions)),
            _row("Spare part of the organ", *_spared(item.spared_volume)),
            _row("Step back with the PTV", *_cropped(item.cropped_target)),
        ]
    return [
        Paragraph(
            "Each change is meant by itself and meets this one limit; others may ask "
            "for more. They are facts about this plan, not orders.",
            "muted",
        ),
        Table(
            columns=(
                Column("Change", 1.6),
                Column("What it takes", 3.4),
                Column("Found from", 4.0),
            ),
            rows=tuple(rows),
        ),
    ]


def _common_reason(item: Reduction) -> str:
    """Why no change helps, where all four fail for one reason."""
    reasons = {
        item.lower_prescription.reason,
        item.more_fractions.reason,
        item.spared_volume.reason,
        item.cropped_target.reason,
    }
    return reasons.pop() if len(reasons) == 1 else ""


def _row(change: str, takes: str, basis: str) -> Row:
    cannot = takes.startswith(CANNOT)
    return Row(
        (
            Cell(change),
            Cell(takes, "warn" if cannot else "strong"),
            Cell(basis, "muted"),
        )
    )


def _lower(item: LowerPrescription) -> tuple[str, str]:
    if item.prescription_gy is None or item.scale is None:
        return f"{CANNOT}: {item.reason}", ""
    return (
        f"{down(item.prescription_gy)} Gy (factor {item.scale:.3f})",
        _effects(item.targets),
    )


def _fractions(item: MoreFractions) -> tuple[str, str]:
    if item.n_fractions is None:
        return f"{CANNOT}: {item.reason}", ""
    metric, value = item.metric or "", ""
    if item.value is not None and item.limit is not None:
        shown, limit = compared_numbers(item.value, item.limit)
        value = f"{metric.partition('[')[0]} is then {shown}, limit {limit} "
        value += f"{metric_unit(metric)}; "
    return plural(item.n_fractions, "fraction"), value + _effects(item.targets)


def _spared(item: SparedVolume) -> tuple[str, str]:
    if item.volume_cc is None:
        return f"{CANNOT}: {item.reason}", _hot(item)
    level = agreed_number(round(item.level_gy, 2))
    volume = with_unit(item.volume_cc, "cc", 2)
    return f"{volume} below {level} Gy {item.quantity}", _hot(item)


def _hot(item: SparedVolume) -> str:
    if item.hot_cc is None or item.allowed_cc is None:
        return ""
    text = (
        f"{with_unit(item.hot_cc, 'cc', 2)} at or above it, "
        f"{with_unit(item.allowed_cc, 'cc', 2)} may be"
    )
    return text if item.place is None else f"{text}; {_where(item.place)}"


def _where(place: DecidingPlace) -> str:
    x, y, z = place.centroid_mm
    text = f"centre at ({x:.0f}, {y:.0f}, {z:.0f}) mm"
    if place.target is None or place.distance_mm is None:
        return text
    away = f"{decimal(place.distance_mm)} mm from {place.target}"
    return f"{text}, {away}, {place.direction} of it"


def _cropped(item: CroppedTarget) -> tuple[str, str]:
    basis = ""
    if item.excess_gy is not None and item.gradient_gy_per_mm is not None:
        basis = (
            f"estimate: {with_unit(item.excess_gy, 'Gy')} too much, median gradient "
            f"{with_unit(item.gradient_gy_per_mm, 'Gy/mm', 2)} there, "
            f"{with_unit(item.gap_mm, 'mm')} from the target now"
        )
    if item.reason or item.distance_mm is None:
        return f"{CANNOT}: {item.reason}", basis
    cost = (
        f"{decimal(item.lost_percent)} % of {item.target} "
        f"({with_unit(item.lost_cc, 'cc')})"
    )
    distance = with_unit(item.distance_mm, "mm")
    return f"about {distance}, which costs about {cost}", basis


def _effects(targets: Sequence[TargetEffect]) -> str:
    return "; ".join(
        f"{target.name}: D95 {with_unit(target.d95_gy, 'Gy')}, BED of prescription "
        f"{decimal(target.bed_gy)} and of D95 {with_unit(target.bed_d95_gy, 'Gy')} "
        f"({ALPHA_BETA} {agreed_number(target.alpha_beta_gy)} Gy)"
        for target in targets
    )
