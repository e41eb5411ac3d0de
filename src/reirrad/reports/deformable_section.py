"""What a deformable registration would change, beside the rigid result."""

from collections.abc import Iterable

from reirrad.core.assessment import Assessment
from reirrad.core.deformable_results import (
    ChangedVerdict,
    ComparedMetric,
    ComparedPair,
    ComparedStructure,
    DeformableQuality,
    DeformableResult,
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
    NONE,
    NOT_AVAILABLE,
    REGISTRATION_SYMBOLS,
    REGISTRATION_TONES,
    decimal,
    type_word,
    with_unit,
)

__all__ = ["deformable_section"]

LEVELS = {"2Gy": "Ov2Gy", "50%": "Ov50%"}
AGREEMENTS = (
    ("dice", "", 3),
    ("mean_distance_mm", "mm", 1),
    ("hausdorff95_mm", "mm", 1),
    ("centroid_distance_mm", "mm", 1),
)
ARROW = "\N{RIGHTWARDS ARROW}"


def deformable_section(assessment: Assessment) -> Section | None:
    """Quality, doses, overlaps and verdicts of every deformable registration.

    None where no course was deformed.
    """
    if not assessment.deformable:
        return None
    blocks: list[Block] = [
        Paragraph(
            "The reported result is the rigid one. What follows shows how much it "
            "hangs on that choice; where the two differ, neither is proved right."
        )
    ]
    for result in assessment.deformable:
        blocks += _result_blocks(result)
    return Section(
        "deformable", "Deformable registration for comparison", tuple(blocks)
    )


def _result_blocks(result: DeformableResult) -> list[Block]:
    source = (
        "computed"
        if result.method == "deformable"
        else "from a DICOM Deformable Spatial Registration"
    )
    blocks: list[Block] = [
        Subheading(
            f"Course {result.from_course} to course {result.to_course} ({source})"
        ),
        Paragraph(
            f"{REGISTRATION_SYMBOLS[result.verdict]} {result.verdict.capitalize()}: "
            f"{result.reason}",
            REGISTRATION_TONES[result.verdict],
        ),
    ]
    if result.quality is not None:
        blocks.append(_quality_table(result.quality))
        if result.quality.structures:
            blocks.append(_agreement_table(result.quality.structures))
    if result.verdict == "rejected":
        blocks.append(Paragraph("Nothing is computed from it.", "muted"))
        return blocks
    blocks += _change_blocks(result.changed_verdicts)
    if result.pairs:
        blocks.append(_overlap_table(result.pairs))
    else:
        blocks.append(Paragraph("Overlaps and types are not compared.", "muted"))
    if result.metrics:
        blocks.append(_metric_table(result.metrics))
    if result.not_compared:
        listed = ", ".join(result.not_compared)
        blocks.append(
            Paragraph(
                f"Not compared, because carried over by the rigid registration: "
                f"{listed}.",
                "muted",
            )
        )
    return blocks


def _quality_table(quality: DeformableQuality) -> Table:
    least, largest = quality.jacobian_least, quality.jacobian_largest
    jacobian = NOT_AVAILABLE
    if least is not None and largest is not None:
        folded = with_unit(quality.folded_percent, "%")
        jacobian = f"{decimal(least, 2)} to {decimal(largest, 2)}; folded {folded}"
    consistency = NOT_AVAILABLE
    if quality.inverse_consistency_mean_mm is not None:
        p95 = with_unit(quality.inverse_consistency_p95_mm, "mm")
        mean = with_unit(quality.inverse_consistency_mean_mm, "mm")
        consistency = f"mean {mean}, 95 % within {p95}"
    similarity = NOT_AVAILABLE
    if quality.similarity_before is not None:
        similarity = (
            f"{decimal(quality.similarity_before, 3)} {ARROW} "
            f"{decimal(quality.similarity_after, 3)}"
        )
    return Table(
        columns=(
            Column("Longest displacement", 1.1),
            Column("Jacobian determinant in the organ", 1.9),
            Column("There and back", 1.8),
            Column("Image similarity", 1.2),
        ),
        rows=(
            Row(
                (
                    Cell(with_unit(quality.longest_mm, "mm")),
                    Cell(jacobian),
                    Cell(consistency),
                    Cell(similarity),
                )
            ),
        ),
    )


def _agreement_table(structures: tuple[ComparedStructure, ...]) -> Table:
    return Table(
        columns=(
            Column(f"Drawn in both courses, rigid {ARROW} deformable", 2.4),
            Column("Dice", 1.3, "right"),
            Column("Mean distance", 1.4, "right"),
            Column("95 % Hausdorff", 1.4, "right"),
            Column("Centroids apart", 1.4, "right"),
        ),
        rows=tuple(
            Row((Cell(one.name), *(_agreement_cell(one, *a) for a in AGREEMENTS)))
            for one in structures
        ),
    )


def _agreement_cell(
    structure: ComparedStructure, key: str, unit: str, decimals: int
) -> Cell:
    before = decimal(structure.rigid[key], decimals)
    after = decimal(structure.deformable[key], decimals)
    return Cell(f"{before} {ARROW} {after} {unit}".strip())


def _change_blocks(changes: tuple[ChangedVerdict, ...]) -> list[Block]:
    if not changes:
        return [Paragraph("No verdict that could be compared depends on the choice.")]
    return [
        Paragraph("Verdicts that depend on the choice of registration:", "warn"),
        Table(
            columns=(
                Column("Limit", 2.6),
                Column("Applies to", 1.2),
                Column("Rigid", 1.6, "right"),
                Column("Deformable", 1.6, "right"),
            ),
            rows=tuple(
                Row(
                    (
                        Cell(
                            f"{one.structure} {one.metric} {one.relation} "
                            f"{one.limit:g} ({one.quantity}, {one.level})"
                        ),
                        Cell(_scope(one.scope)),
                        _verdict_cell(one.rigid_verdict, one.rigid_value),
                        _verdict_cell(one.deformable_verdict, one.deformable_value),
                    )
                )
                for one in changes
            ),
        ),
    ]


def _scope(scope: str) -> str:
    return "all courses" if scope == "cumulative" else scope


def _verdict_cell(verdict: str, value: float | None) -> Cell:
    text = verdict if value is None else f"{verdict}, {decimal(value)}"
    return Cell(text, "bad" if verdict == "exceeded" else "plain")


def _overlap_table(pairs: tuple[ComparedPair, ...]) -> Table:
    rows = []
    for pair in pairs:
        name = f"Courses {pair.first} and {pair.second}"
        for level, word in LEVELS.items():
            overlap = pair.overlap[level]
            rows.append(
                Row(
                    (
                        Cell(f"{name}: {word} in the organ"),
                        Cell(with_unit(overlap.rigid_organ_cc, "cc")),
                        Cell(with_unit(overlap.deformable_organ_cc, "cc")),
                    )
                )
            )
            rows.append(
                Row(
                    (
                        Cell(f"{name}: {word} in the whole body"),
                        Cell(with_unit(overlap.rigid_total_cc, "cc")),
                        Cell(with_unit(overlap.deformable_total_cc, "cc")),
                    )
                )
            )
        differ = pair.rigid_type != pair.deformable_type
        rows.append(
            Row(
                (
                    Cell(f"{name}: type"),
                    Cell(type_word(pair.rigid_type)),
                    Cell(type_word(pair.deformable_type), "bad" if differ else "plain"),
                )
            )
        )
    return Table(
        columns=(
            Column("Overlap", 3.0),
            Column("Rigid", 1.2, "right"),
            Column("Deformable", 1.2, "right"),
        ),
        rows=tuple(rows),
    )


def _metric_table(metrics: tuple[ComparedMetric, ...]) -> Table:
    """One row for each structure, its metrics side by side in every cell."""
    by_structure: dict[str, list[ComparedMetric]] = {}
    for one in metrics:
        by_structure.setdefault(one.structure, []).append(one)
    names = dict.fromkeys(one.metric.partition("[")[0] for one in metrics)
    return Table(
        columns=(
            Column(f"EQD2 of all courses: {' / '.join(names)}, Gy", 2.6),
            Column("Rigid", 1.5, "right"),
            Column("Deformable", 1.5, "right"),
            Column("Sum of own maxima", 1.5, "right"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(structure),
                    Cell(_side_by_side(one.rigid_gy for one in own)),
                    Cell(_side_by_side(one.deformable_gy for one in own)),
                    Cell(_side_by_side(one.sum_of_maxima_gy for one in own)),
                )
            )
            for structure, own in by_structure.items()
        ),
    )


def _side_by_side(values_gy: Iterable[float | None]) -> str:
    return " / ".join(NONE if value is None else decimal(value) for value in values_gy)
