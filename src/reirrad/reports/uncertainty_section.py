"""How sure the numbers are when the registration may be off."""

from collections.abc import Mapping, Sequence

from reirrad.core.assessment import Assessment
from reirrad.core.near_maximum import NearMaximum, WorstCaseLimit
from reirrad.core.uncertainty import (
    PairUncertainty,
    Spread,
    Uncertainty,
    VerdictUncertainty,
    turning_shifts,
    verdict_holds_percent,
)
from reirrad.reports.blocks import (
    Block,
    Cell,
    Column,
    Items,
    Paragraph,
    Row,
    Section,
    Subheading,
    Table,
)
from reirrad.reports.wording import (
    ALPHA_BETA,
    NONE,
    agreed_number,
    courses_named,
    decimal,
    metric_unit,
    plural,
    verdict_cell,
)

__all__ = ["uncertainty_section"]

SURE_PERCENT = 100.0
NEAR_MAXIMA = ("D0.1cc[Gy]", "Max[Gy]")
LEVELS = {"2Gy": "Ov2Gy", "50%": "Ov50%"}


def uncertainty_section(assessment: Assessment) -> Section:
    """What becomes of overlap, class, limits and hottest doses."""
    found = assessment.uncertainty
    blocks: list[Block] = []
    if found is None:
        blocks.append(Paragraph("No plausible registrations were tried.", "muted"))
    elif not found.draws:
        blocks.append(Paragraph(found.reason, "muted"))
    else:
        blocks += _accuracy(found)
        blocks += _pairs(found.pairs)
        blocks += _verdicts(found.constraints)
    blocks += _near_maxima(assessment.near_maxima)
    return Section("how-sure", "How sure", tuple(blocks))


def _accuracy(found: Uncertainty) -> list[Block]:
    return [
        Paragraph(
            f"The assessment was repeated for {found.draws} registrations as plausible "
            f"as the one used (seed {found.seed}). Intervals go from the 5th to the "
            f"95th percentile of these. They tell of the registration alone, as a "
            f"rigid movement: not of contours, dose calculation or organs that change "
            f"their shape."
        ),
        Items(
            tuple(
                Cell(
                    f"Course {item.course}: shift {decimal(item.translation_mm)} mm, "
                    f"rotation {decimal(item.rotation_degrees)}° (root mean square). "
                    f"{item.source[:1].upper()}{item.source[1:]}."
                )
                for item in found.accuracies
            )
        ),
    ]


def _pairs(pairs: Sequence[PairUncertainty]) -> list[Block]:
    blocks: list[Block] = []
    for pair in pairs:
        blocks.append(
            Subheading(f"Course {pair.second} after {courses_named(pair.earlier)}")
        )
        if not pair.resbrt_type:
            blocks.append(Paragraph(pair.reason, "withheld"))
            continue
        agrees = pair.resbrt_type.get(pair.reported_type, 0.0)
        sure = agrees >= SURE_PERCENT
        sentence = pair.sentence[:1].upper() + pair.sentence[1:]
        blocks += [
            Paragraph(f"{'' if sure else '⚠ '}{sentence}.", "strong"),
            Paragraph(
                f"As the authors applied the table: {_shares(pair.as_applied_type)}. "
                f"ESTRO-EORTC: {_shares(pair.estro_eortc)}."
            ),
            Table(
                columns=(
                    Column(f"Overlap in {pair.organ}", 1.6),
                    Column("Reported", 1.0, "right"),
                    Column("Median", 1.0, "right"),
                    Column("5 to 95 %", 1.6, "right"),
                ),
                rows=tuple(
                    Row((Cell(name), *_spread_cells(pair.overlap[level], "cc")))
                    for level, name in LEVELS.items()
                ),
            ),
        ]
    return blocks


def _shares(shares: Mapping[str, float]) -> str:
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} in {_percent(share)}" for name, share in ordered)


def _percent(share: float) -> str:
    """A share; one that is not all, or not nothing, is not rounded to it."""
    if 99.0 < share < 100.0:
        return ">99 %"
    if 0.0 < share < 1.0:
        return "<1 %"
    return f"{share:.0f} %"


def _spread_cells(spread: Spread, unit: str) -> tuple[Cell, Cell, Cell]:
    if spread.low is None or spread.high is None:
        interval = NONE
    else:
        interval = f"{decimal(spread.low)} to {decimal(spread.high)} {unit}"
    return (
        Cell(_value(spread.reported, unit), "strong"),
        Cell(_value(spread.median, unit)),
        Cell(interval),
    )


def _value(value: float | None, unit: str) -> str:
    return NONE if value is None else f"{decimal(value)} {unit}"


def _verdicts(verdicts: Sequence[VerdictUncertainty]) -> list[Block]:
    """The limits whose verdict is another one in some of the draws."""
    blocks: list[Block] = [Subheading("Limits")]
    unsure = [
        item
        for item in verdicts
        if (share := verdict_holds_percent(item)) is not None and share < SURE_PERCENT
    ]
    steady = len(verdicts) - len(unsure)
    text = f"{plural(steady, 'verdict')} on limits "
    text += "is" if steady == 1 else "are"
    blocks.append(Paragraph(f"{text} the same in every draw."))
    blocks += _shifted(verdicts)
    if unsure:
        unsure.sort(key=lambda item: verdict_holds_percent(item) or 0.0)
        blocks.append(
            Table(
                columns=(
                    Column("Structure", 1.3),
                    Column("Metric", 2.1),
                    Column("Limit", 1.1, "right"),
                    Column("Reported", 1.0, "right"),
                    Column("5 to 95 %", 1.5, "right"),
                    Column("Verdict", 1.1),
                    Column("In draws", 0.8, "right"),
                    Column("Set", 1.1),
                ),
                rows=tuple(Row(_verdict_cells(item)) for item in unsure),
            )
        )
        if any(item.reason for item in unsure):
            blocks.append(
                Paragraph(
                    "Where no interval is given, the value depends on dose outside a "
                    "grid in some draws; those count for neither verdict.",
                    "muted",
                )
            )
    return blocks


def _shifted(verdicts: Sequence[VerdictUncertainty]) -> list[Block]:
    """The limits that a fixed shift in some direction turns to another verdict."""
    blocks: list[Block] = []
    for shift_mm in dict.fromkeys(s.shift_mm for v in verdicts for s in v.shifted):
        flips = [
            f"{verdict.structure} {verdict.metric.partition('[')[0]} "
            f"{verdict.quantity}, {verdict.scope} ({verdict.set}): met in "
            f"{one.met_directions}, exceeded in {one.exceeded_directions}"
            for verdict in verdicts
            for one in turning_shifts(verdict)
            if one.shift_mm == shift_mm
        ]
        text = f"Shifted by {agreed_number(shift_mm)} mm in 26 directions: "
        text += "; ".join(flips) if flips else "no verdict changes"
        blocks.append(Paragraph(f"{text}.", "bad" if flips else "plain"))
    return blocks


def _verdict_cells(item: VerdictUncertainty) -> tuple[Cell, ...]:
    unit = metric_unit(item.metric)
    reported, _, interval = _spread_cells(item.value, unit)
    share = verdict_holds_percent(item) or 0.0
    relation = {"<=": "≤", ">=": "≥"}.get(item.relation, item.relation)
    return (
        Cell(item.structure, "strong"),
        Cell(f"{item.metric.partition('[')[0]} {item.quantity}, {item.scope}"),
        Cell(f"{relation} {item.limit:.4g} {unit}"),
        reported,
        interval,
        verdict_cell(item.verdict),
        Cell(_percent(share), "warn"),
        Cell(item.set),
    )


def _near_maxima(items: Sequence[NearMaximum]) -> list[Block]:
    """Hottest doses of the organs in three readings."""
    if not items:
        return []
    distance = max(item.distance_mm for item in items)
    blocks: list[Block] = [
        Subheading("Hottest part of each organ, accumulated EQD2"),
        Paragraph(
            f"As registered; with each point taking the highest dose of the other "
            f"course that is met within {agreed_number(round(distance, 1))} mm inside "
            f"the organ; and as the sum of the courses' near-maxima, each the larger "
            f"one in this drawing and in the course's own (marked *). The last two are "
            f"upper estimates.",
            "muted",
        ),
        Table(
            columns=(
                Column("D0.1cc / Max in Gy", 2.2),
                Column("As registered", 1.4, "right"),
                Column("Searched nearby", 1.4, "right"),
                Column("Sum of own maxima", 1.5, "right"),
            ),
            rows=tuple(_near_row(item) for item in items),
        ),
    ]
    limits = [(item, limit) for item in items for limit in item.worst_case_limits]
    rows = [
        Row((Cell(item.name, "strong"), *_worst_cells(limit)))
        for item, limit in limits
        if limit.verdict != "met" or limit in _closest(item)
    ]
    if rows:
        blocks += [
            Subheading("If the hottest parts of all courses met"),
            Paragraph(
                "For organs that do not keep their shape: the courses' dose-volume "
                "curves added, the hottest of each on the hottest of the others, or "
                "the value as registered where that is worse. Shown are the limit of "
                "each organ that comes closest, and every one that is not met "
                f"({len(rows)} of {len(limits)}).",
                "muted",
            ),
            Table(
                columns=(
                    Column("Organ", 1.4),
                    Column("Metric", 1.9),
                    Column("Limit", 1.1, "right"),
                    Column("As registered", 1.1, "right"),
                    Column("Worst case", 1.1, "right"),
                    Column("Then", 1.2),
                    Column("Set", 1.2),
                ),
                rows=tuple(rows),
            ),
        ]
    return blocks


def _closest(item: NearMaximum) -> list[WorstCaseLimit]:
    """The met limit of an organ of which most is used up."""
    met = [
        limit
        for limit in item.worst_case_limits
        if limit.verdict == "met" and limit.value is not None
    ]
    return sorted(met, key=_room)[:1]


def _room(limit: WorstCaseLimit) -> float:
    """Share of a limit that is left."""
    used = (limit.value or 0.0) / limit.limit if limit.limit else 0.0
    return used - 1.0 if limit.relation.startswith(">") else 1.0 - used


def _near_row(item: NearMaximum) -> Row:
    star = "*" if len(item.own_drawings) > 1 else ""
    columns = (item.registered, item.searched, item.sum_of_maxima)
    texts = [
        " / ".join(
            NONE if values[name] is None else decimal(values[name])
            for name in NEAR_MAXIMA
        )
        for values in columns
    ]
    return Row(
        (
            Cell(item.name),
            Cell(texts[0], "strong"),
            Cell(texts[1]),
            Cell(texts[2] + star),
        )
    )


def _worst_cells(limit: WorstCaseLimit) -> tuple[Cell, ...]:
    unit = metric_unit(limit.metric)
    relation = {"<=": "≤", ">=": "≥"}.get(limit.relation, limit.relation)
    ratio = (
        ""
        if limit.alpha_beta_gy is None
        else f", {ALPHA_BETA} {agreed_number(limit.alpha_beta_gy)} Gy"
    )
    return (
        Cell(f"{limit.metric.partition('[')[0]} {limit.quantity}{ratio}"),
        Cell(f"{relation} {limit.limit:.4g} {unit}"),
        Cell(_value(limit.registered, unit)),
        Cell(_value(limit.value, unit), "strong"),
        verdict_cell(limit.verdict),
        Cell(limit.set),
    )
