"""What can still be given: largest prescriptions, what organs have left, changes."""

from collections.abc import Sequence

from reirrad.core.assessment import Assessment
from reirrad.core.budget import DoseBudget
from reirrad.core.isotoxic_results import (
    Isotoxic,
    IsotoxicPrescription,
    LargestPrescription,
    TargetEffect,
)
from reirrad.core.reduction_results import ReductionHint
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
    Tone,
)
from reirrad.reports.limiting_line import down, limit_words, limiting_line
from reirrad.reports.organ_budget_table import organ_blocks
from reirrad.reports.reduction_blocks import reduction_blocks
from reirrad.reports.wording import (
    ALPHA_BETA,
    NONE,
    NOT_AVAILABLE,
    agreed_number,
    courses_named,
    decimal,
    plural,
    with_unit,
)

__all__ = ["budget_section", "limiting_line"]


def budget_section(assessment: Assessment) -> Section:
    """What the latest course could be given under the limits that bind."""
    budget, isotoxic = assessment.budget, assessment.isotoxic
    blocks: list[Block] = [Paragraph(limiting_line(assessment), "strong")]
    if budget is not None and isotoxic is not None and not budget.withheld:
        blocks += [
            Paragraph(_premises(budget), "muted"),
            Subheading(
                f"Largest prescription of course {isotoxic.new_course} as planned, "
                f"scaled"
            ),
            *_isotoxic_blocks(isotoxic),
            Subheading("What is left in each organ, as total physical dose"),
            *organ_blocks(budget, isotoxic.n_fractions),
            Subheading("Exceeded limits, and the single changes that would meet them"),
            *reduction_blocks(assessment.reductions),
        ]
        if assessment.hints:
            blocks += [
                Subheading("Circumstances in which others lowered the dose"),
                Items(tuple(map(_hint, assessment.hints))),
            ]
    return Section("budget", "What can still be given", tuple(blocks))


def _premises(budget: DoseBudget) -> str:
    background = courses_named(budget.background_courses)
    return (
        f"Background: the EQD2 of {background}, without recovery of tissue. Optimal "
        f"limits, alerts and alternative readings do not bind; all other limits do. "
        f"Doses are rounded down. The plan keeps its shape: another plan may give more "
        f"or less."
    )


def _isotoxic_blocks(isotoxic: Isotoxic) -> list[Block]:
    planned = Row(
        (
            Cell(f"{isotoxic.n_fractions}, as planned", "strong"),
            Cell(f"{agreed_number(isotoxic.prescription_gy)} Gy", "muted"),
            Cell("1"),
            Cell(NONE, "muted"),
            *_target_cells(isotoxic.targets[:1]),
            Cell(NONE, "muted"),
        )
    )
    rows = [planned]
    own = next(item for item in isotoxic.by_fractions if item.planned)
    for item in sorted(isotoxic.by_fractions, key=lambda item: item.n_fractions):
        rows += _prescription_rows(item, fewer=item.evaluated < own.evaluated)
    blocks: list[Block] = [
        Table(
            columns=(
                Column("Fractions", 1.1),
                Column("Largest prescription", 1.3, "right"),
                Column("Factor", 0.8, "right"),
                Column("Limited by", 3.0),
                Column("PTV D95", 1.0, "right"),
                Column("V95 / V100", 1.3, "right"),
                Column("BED of prescription / D95", 1.8, "right"),
                Column("Limits tested", 0.9, "right"),
            ),
            rows=tuple(rows),
        ),
        Paragraph(
            "V95 and V100: share of the PTV that still receives 95 and 100 % of the "
            f"planned prescription. BED with {ALPHA_BETA} "
            f"{_tumour_ratio(isotoxic)}. Limits of one course depend on the number of "
            "fractions; where a set has none, fewer limits are tested and the "
            "prescription is not safer for it.",
            "muted",
        ),
    ]
    if isotoxic.not_drawn:
        blocks.append(
            Paragraph(
                "Not drawn, so no prescription respects their limits: "
                f"{', '.join(isotoxic.not_drawn)}.",
                "warn",
            )
        )
    return blocks


def _tumour_ratio(isotoxic: Isotoxic) -> str:
    ratios = dict.fromkeys(target.alpha_beta_gy for target in isotoxic.targets)
    return ", ".join(f"{agreed_number(r)} Gy" for r in ratios) or NOT_AVAILABLE


def _prescription_rows(item: IsotoxicPrescription, *, fewer: bool) -> list[Row]:
    """Rows of one number of fractions.

    ``fewer`` says that fewer limits were tested than for the planned number: a larger
    prescription may then be one that nobody has limited.
    """
    label = str(item.n_fractions)
    if item.largest is not None:
        rows = _largest_rows(label, item.largest, item, fewer=fewer)
    else:
        rows = [
            Row(
                (
                    Cell(label, "strong"),
                    Cell("none", "bad"),
                    *[Cell(NONE, "muted")] * 5,
                    Cell(str(item.evaluated)),
                )
            ),
            _note(f"{label}: {_reason(item)}.", "bad"),
        ]
    if item.ignoring_exceeded is not None:
        rows.append(_note(f"{label}, ignoring limits already exceeded before:"))
        aside = item.ignoring_exceeded
        rows += _largest_rows(f"({label})", aside, item, fewer=fewer)
    if item.not_evaluated:
        rows.append(
            _note(
                f"{label}: {plural(len(item.not_evaluated), 'limit')} not evaluated, "
                f"so not respected: {_grouped(item.not_evaluated)}.",
                "warn",
            )
        )
    if item.note:
        rows.append(_note(f"{label}: {item.note}."))
    return rows


def _reason(item: IsotoxicPrescription) -> str:
    """Why there is no prescription, each limit in the words of this report."""
    if not item.exceeded_before:
        return item.reason
    before = [x for x in item.exceeded_before if x.scope == "cumulative"]
    small = [x for x in item.exceeded_before if x.scope == "new course"]
    texts = []
    for limits, why in (
        (before, "exceeded by the earlier courses alone, so that no dose is possible"),
        (small, "cannot be met in so small an organ"),
    ):
        if limits:
            listed = "; ".join(
                f"{x.structure} {limit_words(x)} ({x.set})" for x in limits
            )
            texts.append(f"{why}: {listed}")
    return ". ".join(texts)


def _largest_rows(
    label: str, largest: LargestPrescription, item: IsotoxicPrescription, *, fewer: bool
) -> list[Row]:
    limit = largest.limiting
    dose = f"{down(largest.prescription_gy)} Gy"
    rows = [
        Row(
            (
                Cell(label, "strong"),
                Cell(f"{dose}, fewer limits", "warn")
                if fewer
                else Cell(dose, "strong"),
                Cell(f"{largest.scale:.2f}"),
                Cell(
                    f"{limit.structure}, {limit_words(limit)} ({limit.set}, "
                    f"{limit.verification})"
                ),
                *_target_cells(largest.targets[:1]),
                Cell(str(item.evaluated)),
            )
        )
    ]
    rows += [_note(f"{label}: {_target_words(t)}.") for t in largest.targets[1:]]
    if largest.exceeded_beside:
        listed = "; ".join(
            f"{beside.structure} {limit_words(beside)} ({beside.level}, {beside.set})"
            for beside in largest.exceeded_beside
        )
        rows.append(_note(f"{label}: exceeded then, though not binding: {listed}."))
    return rows


def _target_cells(targets: Sequence[TargetEffect]) -> tuple[Cell, ...]:
    if not targets:
        return (Cell(NONE, "muted"),) * 3
    (target,) = targets
    return (
        Cell(with_unit(target.d95_gy, "Gy")),
        Cell(_coverage(target)),
        Cell(f"{decimal(target.bed_gy)} / {with_unit(target.bed_d95_gy, 'Gy')}"),
    )


def _coverage(target: TargetEffect) -> str:
    if target.v95_percent is None and target.v100_percent is None:
        return NONE
    return f"{decimal(target.v95_percent)} / {decimal(target.v100_percent)} %"


def _target_words(target: TargetEffect) -> str:
    return (
        f"{target.name} D95 {with_unit(target.d95_gy, 'Gy')}, V95 / V100 "
        f"{_coverage(target)}, BED "
        f"{decimal(target.bed_gy)} / {with_unit(target.bed_d95_gy, 'Gy')}"
    )


def _grouped(reasons: Sequence[str]) -> str:
    """Texts such as "Liver CV21Gy: not limited by ..." with each reason once."""
    by_reason: dict[str, list[str]] = {}
    for text in reasons:
        what, _, why = text.partition(": ")
        by_reason.setdefault(why, []).append(what)
    return "; ".join(f"{why}: {', '.join(what)}" for why, what in by_reason.items())


def _hint(hint: ReductionHint) -> Cell:
    relation = {"<=": "≤", ">=": "≥"}.get(hint.relation, hint.relation)
    return Cell(
        f"{hint.about}: {decimal(hint.value)} {hint.unit} ({relation} "
        f"{agreed_number(hint.limit)} {hint.unit}). {hint.fact} [{hint.source}; "
        f"{hint.verification}]"
    )


def _note(text: str, tone: Tone = "muted") -> Row:
    return Row((Cell(text, tone),), span="note")
