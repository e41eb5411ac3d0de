"""Rules for the spinal cord, models of liver and tumour, and how sure each one is."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from reirrad.core.assessment import Assessment
from reirrad.core.cord_results import CordCriterion, CordRules, CordScore
from reirrad.core.model_results import LocalControl, Models, NormalLiverModel
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
    NOT_AVAILABLE,
    agreed_number,
    decimal,
    verdict_cell,
    with_unit,
)

__all__ = ["models_section"]

QUANTITIES = {
    "total EQD2": "All courses, point maximum, EQD2",
    "latest EQD2": "Latest course, point maximum, EQD2",
    "latest share of total": "Latest course / all courses",
    "interval": "Shortest interval between courses, start to start",
}
START_TO_START = (
    "Intervals run from start to start of the courses; from the end of a course they "
    "are shorter by its duration, and so may fall below a least interval that is met."
)
RELATIONS = {"<=": "≤", ">=": "≥"}


def models_section(assessment: Assessment) -> Section:
    """Rules where a cord is drawn, models where a liver or a target is."""
    blocks: list[Block] = []
    for rules in assessment.cord_rules:
        blocks += _cord(rules)
    if assessment.models is not None:
        blocks += _models(assessment.models)
    if not blocks:
        blocks.append(Paragraph("No rule or model applies."))
    return Section("models", "Rules and models", tuple(blocks))


def _cord(rules: CordRules) -> Iterator[Block]:
    ratio = agreed_number(rules.alpha_beta_gy)
    yield Subheading(f"Spinal cord again: {rules.structure}, {ALPHA_BETA} {ratio} Gy")
    yield Table(
        columns=(
            Column("Criterion of lower risk", 3.2),
            Column("Value", 1.2, "right"),
            Column("Limit", 1.2, "right"),
            Column("Verdict", 1.4),
            Column("Verified", 1.2),
        ),
        rows=tuple(_criterion_row(criterion) for criterion in rules.criteria),
    )
    yield Paragraph(_score_sentence(rules.score))
    if rules.reason:
        yield Paragraph(f"Not evaluable in full: {rules.reason}.", "warn")
    sources = dict.fromkeys(
        [*(one.source for one in rules.criteria), rules.score.source]
    )
    yield Paragraph(
        f"Experience, not tolerance: all criteria met does not make a plan safe. "
        f"{START_TO_START} Sources: {'; '.join(sources)}.",
        "muted",
    )


def _criterion_row(one: CordCriterion) -> Row:
    relation = RELATIONS.get(one.relation, one.relation)
    unit = f" {one.unit}" if one.unit else ""
    value = NOT_AVAILABLE
    if one.value is not None:
        value = f"{decimal(one.value, 1 if one.unit else 2)}{unit}"
    return Row(
        (
            Cell(QUANTITIES[one.quantity]),
            Cell(value, "strong"),
            Cell(f"{relation} {agreed_number(one.limit)}{unit}"),
            Cell("✗ not met", "bad")
            if one.verdict == "exceeded"
            else verdict_cell(one.verdict),
            Cell(one.verification),
        )
    )


def _score_sentence(score: CordScore) -> str:
    if score.points is None:
        return "Risk score (Nieder): not evaluable."
    return (
        f"Risk score (Nieder): {agreed_number(score.points)} points, {score.group} "
        f"risk; myelopathy was reported in {with_unit(score.risk_percent, '%', 0)} of "
        f"that group; cumulative BED {with_unit(score.cumulative_bed_gy, 'Gy')}. "
        f"The table of points is {score.verification}."
    )


def _models(models: Models) -> Iterator[Block]:
    if models.normal_liver:
        yield Subheading("Liver without tumour")
        yield Table(
            columns=(
                Column("Model", 2.0),
                Column("Dose", 1.3),
                Column("Value", 1.2, "right"),
                Column("Reference fraction", 1.2, "right"),
                Column("Probability", 1.2, "right"),
                Column("Parameters", 1.6),
            ),
            rows=tuple(_liver_row(group) for group in _by_dose(models.normal_liver)),
        )
        yield from _liver_notes(models.normal_liver)
    if models.local_control:
        yield Subheading("Local control of liver metastases, two groups by BED")
        yield Table(
            columns=(
                Column("Course", 0.8),
                Column("Dose", 2.0),
                Column("BED", 1.2, "right"),
                Column("Group", 1.6),
                Column("Local control reported", 2.4),
            ),
            rows=tuple(_control_row(one) for one in models.local_control),
        )
        first = models.local_control[0]
        yield Paragraph(
            f"{ALPHA_BETA} {agreed_number(first.alpha_beta_gy)} Gy. {first.source} "
            f"({first.verification}): {first.note}.",
            "muted",
        )
    for reason in models.missing:
        yield Paragraph(f"{reason[:1].upper()}{reason[1:]}.", "muted")


def _by_dose(
    rows: tuple[NormalLiverModel, ...],
) -> Iterator[tuple[NormalLiverModel, ...]]:
    """Rows that differ in the reference fractionation alone stand in one."""
    for _, group in groupby(rows, key=lambda one: (one.model, one.scope)):
        yield tuple(group)


def _liver_row(group: tuple[NormalLiverModel, ...]) -> Row:
    one = group[0]
    references = [r.reference_dose_per_fraction_gy for r in group]
    return Row(
        (
            Cell(one.model, "strong"),
            Cell(f"{one.scope}, {one.dose_kind}"),
            Cell(_either([decimal(r.dose_gy) for r in group], "Gy")),
            Cell(
                _either([agreed_number(r) for r in references if r is not None], "Gy")
            ),
            Cell(_either([decimal(r.probability_percent) for r in group], "%")),
            Cell(
                f"{one.verification}, illustration"
                if one.illustration
                else one.verification,
                "plain" if one.verification == "paper" else "warn",
            ),
        )
    )


def _either(texts: Sequence[str], unit: str) -> str:
    """Alternatives with one unit, as "0.2 or 1.2 %"."""
    if not texts:
        return NONE
    if NOT_AVAILABLE in texts:
        return NOT_AVAILABLE
    return f"{' or '.join(texts)} {unit}"


def _liver_notes(rows: tuple[NormalLiverModel, ...]) -> Iterator[Block]:
    beyond = dict.fromkeys(one.beyond_data for one in rows if one.beyond_data)
    if beyond:
        yield Paragraph(
            f"Beyond the data behind them: {'; '.join(beyond)}. To compare plans, not "
            f"a risk.",
            "warn",
        )
    notes = dict.fromkeys(
        f"{one.model}: {one.endpoint}. {one.source}. {one.note[:1].upper()}"
        f"{one.note[1:]}."
        for one in rows
    )
    for note in notes:
        yield Paragraph(note, "muted")


def _control_row(one: LocalControl) -> Row:
    group, control = NOT_AVAILABLE, NOT_AVAILABLE
    threshold = agreed_number(one.threshold_gy)
    if one.above is not None:
        group = f"above {threshold} Gy" if one.above else f"not above {threshold} Gy"
        control = (
            f"{with_unit(one.control_percent, '%', 0)} after {one.years} years "
            f"({one.lesions} lesions)"
        )
    return Row(
        (
            Cell(f"{one.course}"),
            Cell(f"{one.subject}, {with_unit(one.dose_gy, 'Gy')}"),
            Cell(with_unit(one.bed_gy, "Gy"), "strong"),
            Cell(group),
            Cell(control),
        )
    )
