"""What recovery, another alpha/beta ratio or another model would change."""

from collections.abc import Collection, Iterator

from reirrad.core.assessment import Assessment, StructureAssessment
from reirrad.core.recovery_results import RecoveredStructure, Recovery
from reirrad.core.sensitivity_results import (
    AlphaBetaSensitivity,
    ConstraintSensitivity,
    StructureSensitivity,
)
from reirrad.reports.blocks import (
    Block,
    Cell,
    Column,
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
    compared_numbers,
    decimal,
    metric_unit,
    plural,
    verdict_cell,
)

__all__ = ["sensitivity_section"]

OTHER = "OTHER"
NEAR_MAXIMUM, MEAN = "D0.1cc[Gy]", "Mean[Gy]"
RELATIONS = {"<=": "≤", ">=": "≥"}


def sensitivity_section(assessment: Assessment) -> Section:
    """Recovery where it is switched on, then the range of alpha/beta ratios."""
    blocks: list[Block] = []
    if assessment.recovery is None:
        blocks.append(
            Paragraph("Recovery of tissue between the courses: none assumed.", "muted")
        )
    else:
        blocks += _recovery(assessment.recovery, assessment.structures)
    if assessment.alpha_beta_sensitivity is not None:
        planning = {s.name for s in assessment.structures if s.role == OTHER}
        blocks += _alpha_beta(assessment.alpha_beta_sensitivity, planning)
    return Section("sensitivity", "What other assumptions would change", tuple(blocks))


def _recovery(
    recovery: Recovery, structures: tuple[StructureAssessment, ...]
) -> Iterator[Block]:
    yield Subheading(f"Recovery of tissue: model {recovery.model} ({recovery.form})")
    yield Paragraph(
        "For comparison. Every other number of this report is without recovery. "
        "Intervals run from start to start of the courses.",
        "warn",
    )
    plain = {structure.name: structure for structure in structures}
    yield Table(
        columns=(
            Column("Structure", 1.6),
            Column("Recovered of earlier courses", 3.0),
            Column("D0.1cc without", 1.2, "right"),
            Column("with recovery", 1.2, "right"),
            Column("Mean without", 1.2, "right"),
            Column("with recovery", 1.2, "right"),
        ),
        rows=tuple(
            _recovered_row(one, plain[one.structure]) for one in recovery.structures
        ),
    )
    yield from _recovered_verdicts(recovery)
    yield Paragraph(
        f"EQD2 in Gy. Source: {recovery.source} ({recovery.verification}). Structures "
        f"that are not listed recover nothing.",
        "muted",
    )


def _recovered_row(one: RecoveredStructure, plain: StructureAssessment) -> Row:
    latest = max(course.number for course in one.courses)
    shares = "; ".join(
        f"course {course.number}: {100 * course.recovered_share:.0f} % after "
        f"{course.months:.1f} months"
        for course in one.courses
        if course.number != latest
    )
    texts = [
        decimal(metrics.get(name))
        for name in (NEAR_MAXIMUM, MEAN)
        for metrics in (plain.cumulative.eqd2, one.eqd2)
    ]
    return Row(
        (
            Cell(one.structure, "strong"),
            Cell(shares or NONE),
            Cell(texts[0], "strong"),
            Cell(texts[1]),
            Cell(texts[2], "strong"),
            Cell(texts[3]),
        )
    )


def _recovered_verdicts(recovery: Recovery) -> Iterator[Block]:
    """Limits that are exceeded, with what recovery makes of them."""
    exceeded = [one for one in recovery.constraints if one.verdict == "exceeded"]
    if exceeded:
        yield Table(
            columns=(
                Column("Exceeded limit", 3.2),
                Column("Without", 1.0, "right"),
                Column("With recovery", 1.0, "right"),
                Column("Verdict with recovery", 2.4),
            ),
            rows=tuple(
                Row(
                    (
                        Cell(
                            f"{one.structure} {one.metric.partition('[')[0]} "
                            f"{one.quantity} {_limit(one.relation, one.limit)} "
                            f"{metric_unit(one.metric)}, {one.set} ({one.level})"
                        ),
                        Cell(compared_numbers(one.value, one.limit)[0], "strong"),
                        Cell(
                            NONE
                            if one.recovered_value is None
                            else compared_numbers(one.recovered_value, one.limit)[0]
                        ),
                        Cell(one.reason, "muted")
                        if one.reason
                        else Cell("met with recovery only", "warn")
                        if one.recovered_verdict == "met"
                        else verdict_cell(one.recovered_verdict),
                    )
                )
                for one in exceeded
            ),
        )
    else:
        yield Paragraph("No cumulative limit of these organs is exceeded.", "muted")


def _alpha_beta(
    result: AlphaBetaSensitivity, planning: Collection[str]
) -> Iterator[Block]:
    """The range of every organ and target; structures for planning are left out."""
    structures = [one for one in result.structures if one.structure not in planning]
    yield Subheading(f"Another {ALPHA_BETA} ratio")
    linear = any(one.linear_above is not None for one in structures)
    columns = [
        Column("Structure", 1.6),
        Column(f"{ALPHA_BETA} low, own, high", 1.6),
        Column("D0.1cc low", 0.9, "right"),
        Column("own", 0.8, "right"),
        Column("high", 0.8, "right"),
        Column("Mean low", 0.9, "right"),
        Column("own", 0.8, "right"),
        Column("high", 0.8, "right"),
    ]
    if linear:
        columns.append(Column("D0.1cc LQ-L", 1.0, "right"))
    yield Table(
        columns=tuple(columns),
        rows=tuple(_ratio_row(one, linear=linear) for one in structures),
    )
    if linear:
        yield Paragraph(
            "LQ-L: effect linear above twice the own ratio per fraction. It lowers the "
            "dose and is less cautious; no limit is tested on it.",
            "warn",
        )
    if result.constraints:
        yield Paragraph(
            f"{plural(len(result.constraints), 'limit')} with another verdict "
            f"somewhere in the range:",
            "warn",
        )
        yield Table(
            columns=(
                Column("Limit", 3.4),
                Column("Verdict", 1.2),
                Column(f"Value at each {ALPHA_BETA}", 4.0),
            ),
            rows=tuple(_hanging_row(one) for one in result.constraints),
        )
    else:
        yield Paragraph(
            "No verdict on an EQD2 or BED limit changes over these ratios.", "muted"
        )
    sources: dict[str, list[str]] = {}
    for one in structures:
        text = f"{one.source} ({one.verification})"
        sources.setdefault(text, []).append(one.structure)
    listed = ". ".join(f"{', '.join(names)}: {text}" for text, names in sources.items())
    yield Paragraph(f"Cumulative EQD2 in Gy. Ranges: {listed}.", "muted")


def _ratio_row(one: StructureSensitivity, *, linear: bool) -> Row:
    own = next(r for r in one.ratios if r.alpha_beta_gy == one.own_alpha_beta_gy)
    shown = (one.ratios[0], own, one.ratios[-1])
    cells = [
        Cell(one.structure, "strong"),
        Cell(", ".join(agreed_number(ratio.alpha_beta_gy) for ratio in shown)),
    ]
    for name in (NEAR_MAXIMUM, MEAN):
        for ratio in shown:
            text = decimal(ratio.eqd2.get(name))
            cells.append(Cell(text, "strong" if ratio is own else "plain"))
    if linear:
        above = one.linear_above
        cells.append(Cell(NONE if above is None else decimal(above.eqd2[NEAR_MAXIMUM])))
    return Row(tuple(cells))


def _hanging_row(one: ConstraintSensitivity) -> Row:
    values = "; ".join(
        f"{agreed_number(ratio.alpha_beta_gy)} Gy: "
        f"{compared_numbers(ratio.value, ratio.limit)[0]} "
        f"({_limit(one.relation, ratio.limit)}) {ratio.verdict}"
        for ratio in one.ratios
    )
    return Row(
        (
            Cell(
                f"{one.structure} {one.metric.partition('[')[0]} {one.quantity} "
                f"{_limit(one.relation, one.limit)} {metric_unit(one.metric)}, "
                f"{one.scope}, {one.set} ({one.level})"
            ),
            verdict_cell(one.verdict),
            Cell(values),
        )
    )


def _limit(relation: str, limit: float) -> str:
    return f"{RELATIONS.get(relation, relation)} {limit:.4g}"
