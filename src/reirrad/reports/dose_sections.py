"""What the organs and targets receive: constraints, curves, doses, plan quality."""

from collections.abc import Collection, Mapping

from reirrad.core.assessment import (
    Assessment,
    ConstraintResult,
    CourseSummary,
    Intervals,
    StructureAssessment,
)
from reirrad.core.constraints import NOT_DRAWN
from reirrad.core.plan_results import Metrics, PlanQuality, TargetQuality
from reirrad.reports.blocks import (
    Block,
    Cell,
    Column,
    Figure,
    Paragraph,
    Row,
    Section,
    Subheading,
    Table,
    Tone,
)
from reirrad.reports.emphasis import evaluable
from reirrad.reports.limit_words import limit_metric, limit_value
from reirrad.reports.wording import (
    ALPHA_BETA,
    NONE,
    TIMES,
    agreed_number,
    compared_numbers,
    decimal,
    limit_text,
    metric_unit,
    plural,
    verdict_cell,
    with_unit,
)

__all__ = ["constraints_section", "curves_section", "doses_section", "plans_section"]

SHOWN_METRICS = ("Mean", "Max", "D0.1cc", "D2%", "D50%", "D95%", "D98%")
TARGETS_ABREAST = 4
ROLE_WORDS = {"ORGAN": "organ", "EXTERNAL": "body outline", "OTHER": "other"}


def constraints_section(assessment: Assessment) -> Section:
    """Every limit with a verdict, then the organs that could not be judged."""
    judged = evaluable(assessment)
    sources = list(dict.fromkeys(item.source for item in judged))
    rows = tuple(
        Row(_constraint_cells(item, sources.index(item.source) + 1)) for item in judged
    )
    blocks: list[Block] = []
    if rows:
        blocks.append(
            Table(
                columns=(
                    Column("Structure", 1.7),
                    Column("Metric", 2.6),
                    Column("Value", 1.2, "right"),
                    Column("Limit", 1.3, "right"),
                    Column("Verdict", 1.4),
                    Column("Level", 1.2),
                    Column("Source", 1.6),
                    Column("Limit verified", 1.3),
                ),
                rows=rows,
            )
        )
        blocks.append(
            Paragraph(
                "Sources: "
                + "; ".join(f"[{n}] {text}" for n, text in enumerate(sources, start=1))
                + ". Verified: paper = read in the publication, secondary = in a text "
                "that quotes it, unverified = in neither.",
                "muted",
            )
        )
        blocks += _notes(judged)
    else:
        blocks.append(Paragraph("No constraint could be evaluated."))
    missing = _not_evaluable(assessment)
    if missing:
        blocks.append(Paragraph(missing, "muted"))
    return Section("constraints", "Constraints", tuple(blocks))


def _constraint_cells(item: ConstraintResult, source: int) -> tuple[Cell, ...]:
    _, limit = compared_numbers(item.value, item.limit)
    return (
        Cell(item.structure, "strong"),
        Cell(limit_metric(item)),
        limit_value(item),
        Cell(limit_text(item, limit)),
        verdict_cell(item.verdict),
        Cell(item.level),
        Cell(f"{item.set} [{source}]"),
        Cell(
            item.verification,
            "plain" if item.verification == "paper" else "warn",
        ),
    )


def _notes(judged: list[ConstraintResult]) -> list[Block]:
    notes: dict[str, list[str]] = {}
    for item in judged:
        if item.note and item.structure not in notes.setdefault(item.note, []):
            notes[item.note].append(item.structure)
    return [
        Paragraph(f"{', '.join(structures)}: {note}", "muted")
        for note, structures in notes.items()
    ]


def _not_evaluable(assessment: Assessment) -> str:
    unknown = [
        item for item in assessment.constraints if item.verdict == "not evaluable"
    ]
    if not unknown:
        return ""
    reasons: dict[str, list[str]] = {}
    for item in unknown:
        reason = item.note.partition("; ")[0]
        limit = item.structure
        if reason != NOT_DRAWN:
            limit += f" {item.metric.partition('[')[0]}"
        limits = reasons.setdefault(reason or "its value is not known", [])
        if limit not in limits:
            limits.append(limit)
    listed = "; ".join(
        f"{reason}: {', '.join(sorted(limits, key=str.casefold))}"
        for reason, limits in reasons.items()
    )
    return f"{plural(len(unknown), 'constraint')} not evaluable ({listed})."


def curves_section(assessment: Assessment, pictures: Collection[str]) -> Section:
    """Dose-volume histograms in EQD2."""
    keys = sorted(key for key in pictures if key.startswith("dvh-"))
    drawn = sum(bool(item.curves) for item in assessment.structures)
    blocks: list[Block] = [
        Figure(
            key,
            f"Dose-volume histograms in EQD2, each structure with its own "
            f"{ALPHA_BETA}: single courses dashed or dotted as the legend "
            "shows, cumulative solid.",
            f"Dose-volume histograms of {plural(drawn, 'structure')}",
        )
        for key in keys
    ]
    if not blocks:
        blocks.append(Paragraph("No dose-volume histogram is available."))
    return Section("dvh", "Dose-volume histograms", tuple(blocks))


def doses_section(assessment: Assessment) -> Section:
    """Dose metrics of every structure, per course and cumulative."""
    rows: list[Row] = []
    for structure in assessment.structures:
        rows += _structure_rows(structure)
    if not rows:
        blocks: tuple[Block, ...] = (Paragraph("No structure was assessed."),)
    else:
        blocks = (
            Paragraph("All values in Gy unless a unit is given.", "muted"),
            Table(
                columns=(
                    Column("Dose", 2.6),
                    *(Column(name, 1.0, "right") for name in SHOWN_METRICS),
                ),
                rows=tuple(rows),
            ),
        )
    return Section("doses", "Dose to each structure", blocks)


def _structure_rows(structure: StructureAssessment) -> list[Row]:
    known = (
        f" ({structure.standard_name})"
        if structure.standard_name not in {None, structure.name}
        else ""
    )
    drawn = f"drawn in course {structure.source_course}"
    if structure.transferred:
        drawn += ", carried over by registration"
    source = f", {structure.alpha_beta_source}" if structure.alpha_beta_source else ""
    heading = (
        f"{structure.name}{known}: {ROLE_WORDS.get(structure.role, structure.role)}, "
        f"{_volume(structure)}, "
        f"{ALPHA_BETA} {agreed_number(structure.alpha_beta_gy)} Gy{source}; {drawn}"
    )
    rows = [Row((Cell(heading, "strong"),), span="heading")]
    others: list[str] = []
    for course in structure.courses:
        for quantity, metrics in (
            ("physical", course.physical),
            ("EQD2", course.eqd2),
        ):
            name = f"Course {course.number} {quantity}"
            rows.append(_metric_row(name, metrics))
            others += _other_metrics(name, metrics)
    rows.append(_metric_row("Cumulative EQD2", structure.cumulative.eqd2, total=True))
    rows.append(_interval_row(structure.cumulative.eqd2_interval))
    others += _other_metrics("Cumulative EQD2", structure.cumulative.eqd2)
    if others:
        rows.append(Row((Cell("; ".join(others), "muted"),), span="note"))
    return rows


def _metric_row(name: str, metrics: Metrics, *, total: bool = False) -> Row:
    tone: Tone = "strong" if total else "plain"
    return Row(
        (
            Cell(name, tone),
            *(
                Cell(decimal(metrics.get(f"{metric}[Gy]")), tone)
                for metric in SHOWN_METRICS
            ),
        )
    )


def _interval_row(intervals: Intervals) -> Row:
    """Least and largest values that the contours allow, below the values."""
    texts = []
    for metric in SHOWN_METRICS:
        ends = intervals.get(f"{metric}[Gy]")
        texts.append(f"{decimal(ends[0])} to {decimal(ends[1])}" if ends else NONE)
    return Row(
        (Cell("  as far as contours tell", "muted"), *(Cell(t, "muted") for t in texts))
    )


def _volume(structure: StructureAssessment) -> str:
    low, high = structure.volume_interval_cc
    text = with_unit(structure.volume_cc, "cc")
    return f"{text} ({decimal(low)} to {decimal(high)} as far as contours tell)"


def _other_metrics(name: str, metrics: Metrics) -> list[str]:
    """Metrics without a column of their own, as "Course 1 EQD2: V15Gy 120.0 cc"."""
    shown = {f"{metric}[Gy]" for metric in SHOWN_METRICS}
    texts = [
        f"{metric.partition('[')[0]} {with_unit(value, metric_unit(metric))}"
        for metric, value in metrics.items()
        if metric not in shown
    ]
    return [f"{name}: {', '.join(texts)}"] if texts else []


def plans_section(assessment: Assessment) -> Section:
    """Prescription, dose grid and plan quality of every course."""
    blocks: list[Block] = []
    for course in assessment.courses:
        blocks.append(
            Subheading(
                f"Course {course.number}, {course.start_date}, {course.plan_label}"
            )
        )
        blocks.append(_plan_table(course, assessment.organ))
        blocks += _quality_blocks(course.plan_quality)
    return Section("plans", "Prescriptions and plan quality", tuple(blocks))


def _plan_table(course: CourseSummary, organ: str) -> Table:
    order, dose, image = course.prescription, course.dose, course.image
    ratio = agreed_number(order.alpha_beta_gy)
    mode = f" ({order.mode})" if order.mode else ""
    facts = {
        "Prescribed": f"{agreed_number(order.dose_gy)} Gy in {order.n_fractions} "
        f"{TIMES} {agreed_number(round(order.dose_per_fraction_gy, 2))} Gy{mode}, "
        f"from {order.source}",
        f"Tumour, {ALPHA_BETA} {ratio} Gy": f"BED {with_unit(order.bed_gy, 'Gy')}, "
        f"EQD2 {with_unit(order.eqd2_gy, 'Gy')}",
        "Dose grid": f"maximum {with_unit(dose.max_gy, 'Gy')}, "
        f"{_spacing(dose.grid_spacing_mm)} mm, "
        f"{plural(dose.n_grids, 'grid')}, highest dose at the grid's edge "
        f"{with_unit(dose.border_gy, 'Gy')}",
        "Isodoses": "; ".join(
            f"{level} {with_unit(course.isodoses[level].total_cc, 'cc')}, of it "
            f"{with_unit(course.isodoses[level].organ_cc, 'cc')} in {organ}"
            for level in course.isodoses
        ),
        "Planning image": "none"
        if image is None
        else f"{image.modality}, {plural(image.n_slices, 'slice')}, "
        f"{_spacing(image.spacing_mm)} mm",
    }
    liver = course.plan_quality.normal_liver
    if liver is not None:
        facts["Liver minus GTVs"] = (
            f"{with_unit(liver.volume_cc, 'cc')}, mean dose "
            f"{with_unit(liver.mean_gy, 'Gy')}, mean EQD2 "
            f"{with_unit(liver.mean_eqd2_gy, 'Gy')} "
            f"({ALPHA_BETA} {agreed_number(liver.alpha_beta_gy)} Gy)"
        )
    return Table(
        columns=(Column("", 1.4), Column("", 6.0)),
        rows=tuple(
            Row((Cell(name, "strong"), Cell(text))) for name, text in facts.items()
        ),
    )


def _spacing(spacing_mm: tuple[float, float, float]) -> str:
    return f" {TIMES} ".join(f"{value:.3g}" for value in spacing_mm)


def _quality_blocks(quality: PlanQuality) -> list[Block]:
    targets = quality.targets
    blocks: list[Block] = [
        _target_table(targets[start : start + TARGETS_ABREAST])
        for start in range(0, len(targets), TARGETS_ABREAST)
    ]
    if not targets:
        blocks.append(Paragraph("No target is drawn.", "muted"))
    return blocks


def _target_table(targets: tuple[TargetQuality, ...]) -> Table:
    described = [_target_facts(target) for target in targets]
    return Table(
        columns=(
            Column("Target", 2.2),
            *(Column(f"{item.name} ({item.role})", 1.3, "right") for item in targets),
        ),
        rows=tuple(
            Row((Cell(name), *(Cell(facts.get(name, NONE)) for facts in described)))
            for name in dict.fromkeys(key for facts in described for key in facts)
        ),
    )


def _target_facts(target: TargetQuality) -> Mapping[str, str]:
    doses = {
        metric.partition("[")[0]: with_unit(value, metric_unit(metric))
        for metric, value in target.metrics.items()
    }
    return {
        "Prescribed": f"{agreed_number(target.prescription_gy)} Gy",
        "Volume": with_unit(target.volume_cc, "cc"),
        **doses,
        "Volume at 95 % of prescription": with_unit(target.v95_percent, "%"),
        "Homogeneity index (ICRU 83)": decimal(target.homogeneity_icru83, 2),
        "Homogeneity index (RTOG)": decimal(target.homogeneity_rtog, 2),
        "Conformity index (RTOG)": decimal(target.conformity_rtog, 2),
        "Conformity index (Paddick)": decimal(target.conformity_paddick, 2),
        "Gradient index": decimal(target.gradient_index, 2),
        "R50": decimal(target.r50, 2),
        "Gradient": with_unit(target.gradient_cm, "cm", 2),
        "Margin to GTV": with_unit(target.margin_mm, "mm"),
    }
