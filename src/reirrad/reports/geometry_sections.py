"""Where the courses meet in space: overlap and registration."""

from collections.abc import Collection

from reirrad.core.assessment import (
    Assessment,
    ClassStability,
    PairAssessment,
    RegistrationQuality,
    RegistrationSummary,
    StructureAgreement,
)
from reirrad.reports.blocks import (
    Block,
    Cell,
    Column,
    Figure,
    Items,
    Paragraph,
    Row,
    Section,
    Subheading,
    Table,
)
from reirrad.reports.emphasis import all_pairs
from reirrad.reports.wording import (
    NONE,
    NOT_AVAILABLE,
    REGISTRATION_SYMBOLS,
    REGISTRATION_TONES,
    agreed_number,
    courses_named,
    decimal,
    interval,
    is_withheld,
    type_word,
    with_unit,
)

__all__ = [
    "agreement_facts",
    "apart",
    "overlap_section",
    "quality_facts",
    "registration_section",
    "registration_title",
    "registration_verdict",
]

LEVEL_NAMES = {
    "2Gy": "Ov2Gy: both courses at least 2 Gy",
    "50%": "Ov50%: both courses at least half their prescription",
}


def overlap_section(assessment: Assessment) -> Section:
    """Overlap volumes, type, reasons and stability of every pair."""
    blocks: list[Block] = [
        block for pair in all_pairs(assessment) for block in _pair_blocks(pair)
    ]
    if not blocks:
        blocks = [Paragraph("There is one course only, so nothing can overlap.")]
    return Section("overlap", "Overlap and type of re-irradiation", tuple(blocks))


def _pair_blocks(pair: PairAssessment) -> list[Block]:
    classification = pair.classification
    withheld = is_withheld(pair)
    blocks: list[Block] = [
        Subheading(apart(pair)),
        Paragraph(
            type_word(classification.resbrt_type)
            if withheld
            else f"{type_word(classification.resbrt_type)} by the published table; "
            f"{type_word(classification.as_applied_type)} as its authors applied it; "
            f"ESTRO-EORTC: {classification.estro_eortc}.",
            "withheld" if withheld else "strong",
        ),
        _overlap_table(pair),
        Items(tuple(Cell(reason) for reason in classification.reasons)),
        Paragraph(f"Rule: {classification.policy}.", "muted"),
    ]
    if pair.stability and not withheld:
        blocks.append(_stability_table(pair))
    return blocks


def apart(pair: PairAssessment) -> str:
    """Which courses a pair is of, and how long they are apart."""
    return (
        f"Course {pair.second} after {courses_named(pair.earlier)}, "
        f"{interval(pair.interval_days)} apart, start to start"
    )


def _overlap_table(pair: PairAssessment) -> Table:
    rows = [
        Row(
            (
                Cell(LEVEL_NAMES.get(level, level)),
                Cell(with_unit(pair.overlap[level].organ_cc, "cc"), "strong"),
                Cell(with_unit(pair.overlap[level].total_cc, "cc")),
            )
        )
        for level in LEVEL_NAMES
    ]
    rows += [
        Row(
            (
                Cell(f"Volume shared by the {target}s of both courses"),
                Cell(NONE),
                Cell(with_unit(volume, "cc")),
            )
        )
        for target, volume in sorted(pair.targets.items())
    ]
    return Table(
        columns=(
            Column("Overlap of total physical dose", 4.2),
            Column(f"In {pair.organ}", 1.4, "right"),
            Column("In the whole body", 1.4, "right"),
        ),
        rows=tuple(rows),
    )


def _stability_table(pair: PairAssessment) -> Table:
    return Table(
        columns=(
            Column("If the registration is off by", 1.7),
            Column("Same type", 1.1, "right"),
            Column("Types found (directions)", 2.4),
            Column(f"Ov2Gy in {pair.organ}", 1.9, "right"),
            Column(f"Ov50% in {pair.organ}", 1.9, "right"),
        ),
        rows=tuple(Row(_stability_cells(item)) for item in pair.stability),
    )


def _stability_cells(item: ClassStability) -> tuple[Cell, ...]:
    found = ", ".join(
        f"{name}: {count}" for name, count in sorted(item.classes.items()) if count
    )
    steady = item.same_class_percent >= 100
    return (
        Cell(f"{agreed_number(item.shift_mm)} mm, any direction"),
        Cell(
            f"{'' if steady else '⚠ '}{decimal(item.same_class_percent, 0)} %",
            "strong" if steady else "warn",
        ),
        Cell(found),
        Cell(f"{decimal(item.ov2gy_low_cc)} to {decimal(item.ov2gy_high_cc)} cc"),
        Cell(f"{decimal(item.ov50_low_cc)} to {decimal(item.ov50_high_cc)} cc"),
    )


def registration_section(assessment: Assessment, pictures: Collection[str]) -> Section:
    """How the courses were related in space and how well that holds."""
    blocks: list[Block] = []
    for registration in assessment.registrations:
        blocks += _registration_blocks(registration)
    if not blocks:
        blocks.append(Paragraph("No registration was needed."))
    if "fusion" in pictures:
        blocks.append(
            Figure(
                "fusion",
                "Above: checkerboard of the two planning images. Below: reference "
                "image in red, the other image in cyan; what coincides is grey.",
                "The two planning images fused after registration",
            )
        )
    return Section("registration", "Registration", tuple(blocks))


def _registration_blocks(registration: RegistrationSummary) -> list[Block]:
    verdict = registration_verdict(registration)
    blocks: list[Block] = [
        Subheading(f"{registration_title(registration)} ({registration.method})"),
        Paragraph(f"{verdict.text}: {registration.reason}", verdict.tone),
        _quality_table(registration.quality),
    ]
    if registration.quality.structures:
        blocks.append(_agreement_table(registration.quality))
    if registration.matrix is not None:
        blocks.append(_matrix_table(registration))
    return blocks


def registration_title(registration: RegistrationSummary) -> str:
    """Which courses a registration relates."""
    return f"Course {registration.from_course} to course {registration.to_course}"


def registration_verdict(registration: RegistrationSummary) -> Cell:
    """What the program makes of a registration, as symbol and word."""
    symbol = REGISTRATION_SYMBOLS[registration.verdict]
    return Cell(
        f"{symbol} {registration.verdict.capitalize()}",
        REGISTRATION_TONES[registration.verdict],
    )


def quality_facts(quality: RegistrationQuality) -> tuple[tuple[str, str], ...]:
    """The numbers that judge a registration, each with its name."""
    table = _quality_table(quality)
    (row,) = table.rows
    return tuple(
        (column.title, cell.text)
        for column, cell in zip(table.columns, row.cells, strict=True)
    )


def agreement_facts(quality: RegistrationQuality) -> tuple[tuple[str, str], ...]:
    """How well the structures drawn in both courses coincide, each in a few words."""
    return tuple((item.name, _agreement_words(item)) for item in quality.structures)


def _agreement_words(item: StructureAgreement) -> str:
    distance = with_unit(item.mean_distance_mm, "mm")
    return f"Dice {decimal(item.dice, 2)}, mean distance {distance}"


def _quality_table(quality: RegistrationQuality) -> Table:
    if quality.similarity_metric is None:
        similarity = NOT_AVAILABLE
    else:
        similarity = (
            f"{quality.similarity_metric}: {decimal(quality.similarity_before, 3)} "
            f"before, {decimal(quality.similarity_after, 3)} after"
        )
    return Table(
        columns=(
            Column("Rotation", 1.0),
            Column("Translation", 1.0),
            Column("Image overlap", 1.0),
            Column("Image similarity", 2.6),
        ),
        rows=(
            Row(
                (
                    Cell(with_unit(quality.rotation_degrees, "°")),
                    Cell(with_unit(quality.translation_mm, "mm")),
                    Cell(with_unit(quality.image_overlap_percent, "%")),
                    Cell(similarity),
                )
            ),
        ),
    )


def _agreement_table(quality: RegistrationQuality) -> Table:
    return Table(
        columns=(
            Column("Structure drawn in both courses", 2.4),
            Column("Dice", 1.0, "right"),
            Column("Mean distance", 1.2, "right"),
            Column("95 % Hausdorff", 1.2, "right"),
            Column("Centroids apart", 1.2, "right"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(item.name),
                    Cell(decimal(item.dice, 2)),
                    Cell(with_unit(item.mean_distance_mm, "mm")),
                    Cell(with_unit(item.hausdorff95_mm, "mm")),
                    Cell(with_unit(item.centroid_distance_mm, "mm")),
                )
            )
            for item in quality.structures
        ),
    )


def _matrix_table(registration: RegistrationSummary) -> Table:
    title = (
        f"Matrix, course {registration.from_course} to "
        f"{registration.to_course} (LPS, mm)"
    )
    rows = registration.matrix or ()
    return Table(
        columns=(
            Column(title, 2.4),
            *(Column(name, 1.0, "right") for name in ("x", "y", "z", "shift")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(f"{name}\N{PRIME}"),
                    *(Cell(f"{value + 0.0:.5g}") for value in row),
                )
            )
            for name, row in zip("xyz", rows[:3], strict=False)
        ),
    )
