"""Page one: what a tumour board reads."""

from collections.abc import Collection

from reirrad.core.assessment import (
    Assessment,
    ConstraintResult,
    CourseSummary,
    PairAssessment,
    StructureAssessment,
)
from reirrad.core.review import Review
from reirrad.reports.blocks import (
    Cell,
    Column,
    Fact,
    Figure,
    FrontPage,
    Items,
    Row,
    Table,
)
from reirrad.reports.emphasis import (
    all_pairs,
    leading_pair,
    urgent_findings,
    worst_of_each_structure,
)
from reirrad.reports.front_budget import remaining_badge
from reirrad.reports.front_verdict import (
    compared_courses,
    side_badges,
    verdict_badge,
)
from reirrad.reports.review_wording import review_lines, review_tone
from reirrad.reports.wording import (
    ALPHA_BETA,
    NONE,
    NOT_AVAILABLE,
    TIMES,
    agreed_number,
    compared_numbers,
    courses_named,
    decimal,
    interval,
    is_withheld,
    limit_text,
    metric_unit,
    person_name,
    plural,
    squeezed,
    type_word,
    verdict_cell,
    with_unit,
)

__all__ = ["front_page"]

MOST_ORGANS = 5
MOST_WARNINGS = 3
LONGEST_NAME = 28
LONGEST_WARNING = 230
NEAR_MAXIMUM = "D0.1cc[Gy]"


def front_page(
    assessment: Assessment, pictures: Collection[str], review: Review
) -> FrontPage:
    """The page for the tumour board.

    Parameters
    ----------
    assessment
        What to show.
    pictures
        Names of the figures that could be drawn.
    review
        What people decided about it.
    """
    leading = leading_pair(assessment)
    pairs = all_pairs(assessment)
    return FrontPage(
        patient=_patient(assessment),
        courses=_courses(assessment),
        verdict=verdict_badge(assessment, leading),
        remaining=remaining_badge(assessment),
        badges=side_badges(assessment, leading),
        pairs=_pair_table(pairs) if len(pairs) > 1 else None,
        facts=_facts(assessment, leading),
        organs=_organs(assessment),
        organs_note=_organs_note(assessment),
        picture=_picture(assessment, leading) if "planes" in pictures else None,
        warnings=_warnings(assessment),
        review=_review(review),
    )


def _patient(assessment: Assessment) -> tuple[Fact, ...]:
    patient = assessment.patient
    return (
        Fact("Patient", person_name(patient.name), tone="strong"),
        Fact("ID", patient.id or NOT_AVAILABLE, tone="strong"),
        Fact("Born", patient.birth_date or NOT_AVAILABLE),
        Fact("Sex", patient.sex or NOT_AVAILABLE),
        Fact("Assessed", assessment.created[:10]),
    )


def _review(review: Review) -> Items:
    tone = review_tone(review)
    return Items(
        tuple(Cell(_shortened(line, "Review"), tone) for line in review_lines(review))
    )


def _courses(assessment: Assessment) -> Table:
    rows = [
        Row(_course_cells(course, assessment.pairs)) for course in assessment.courses
    ]
    return Table(
        columns=(
            Column("Course", 0.9),
            Column("Start", 1.2),
            Column("Plan", 2.2),
            Column("Prescription", 2.6),
            Column("Tumour EQD2", 1.9),
            Column("Start to start, after the course before", 2.4),
        ),
        rows=tuple(rows),
    )


def _course_cells(
    course: CourseSummary, pairs: tuple[PairAssessment, ...]
) -> tuple[Cell, ...]:
    prescription = course.prescription
    gap = next(
        (
            interval(pair.interval_days)
            for pair in pairs
            if (pair.first, pair.second) == (course.number - 1, course.number)
        ),
        NONE,
    )
    return (
        Cell(str(course.number), "strong"),
        Cell(course.start_date),
        Cell(squeezed(course.plan_label, LONGEST_NAME)),
        Cell(
            f"{agreed_number(prescription.dose_gy)} Gy in "
            f"{prescription.n_fractions} {TIMES} "
            f"{agreed_number(round(prescription.dose_per_fraction_gy, 2))} Gy",
            "strong",
        ),
        Cell(
            f"{with_unit(prescription.eqd2_gy, 'Gy')} "
            f"({ALPHA_BETA} {agreed_number(prescription.alpha_beta_gy)} Gy)"
        ),
        Cell(gap),
    )


def _pair_table(pairs: tuple[PairAssessment, ...]) -> Table:
    rows = []
    for pair in pairs:
        withheld = is_withheld(pair)
        rows.append(
            Row(
                (
                    Cell(compared_courses(pair).capitalize()),
                    Cell(
                        type_word(pair.classification.resbrt_type),
                        "withheld" if withheld else "strong",
                    ),
                    *(
                        Cell(with_unit(pair.overlap[level].organ_cc, "cc"))
                        for level in ("2Gy", "50%")
                    ),
                )
            )
        )
    return Table(
        columns=(
            Column("Pair", 3.2),
            Column("Re-SBRT type", 2.2),
            Column(f"Ov2Gy in {pairs[0].organ}", 1.8, "right"),
            Column(f"Ov50% in {pairs[0].organ}", 1.8, "right"),
        ),
        rows=tuple(rows),
    )


def _facts(assessment: Assessment, pair: PairAssessment | None) -> tuple[Fact, ...]:
    facts = []
    if pair is not None:
        for level, name in (("2Gy", "Ov2Gy"), ("50%", "Ov50%")):
            volume = pair.overlap[level]
            facts.append(
                Fact(
                    f"{name} in {pair.organ}",
                    with_unit(volume.organ_cc, "cc"),
                    f"whole body {with_unit(volume.total_cc, 'cc')}",
                )
            )
    verdicts = [item.verdict for item in assessment.constraints]
    exceeded, met = verdicts.count("exceeded"), verdicts.count("met")
    facts.append(
        Fact(
            "Constraints exceeded",
            f"{exceeded}" if exceeded + met else NOT_AVAILABLE,
            f"of {exceeded + met} evaluated" if exceeded + met else "",
            "bad" if exceeded else "plain",
        )
    )
    unknown = verdicts.count("not evaluable")
    facts.append(
        Fact(
            "Constraints not evaluable",
            str(unknown),
            "structure, value or limit missing" if unknown else "",
        )
    )
    return tuple(facts)


def _organs(assessment: Assessment) -> Table | None:
    structures: dict[str, StructureAssessment] = {}
    for item in assessment.structures:
        structures.setdefault(item.standard_name or item.name, item)
    rows = [
        Row(_organ_cells(result, structures.get(result.structure)))
        for result in worst_of_each_structure(assessment)[:MOST_ORGANS]
    ]
    if not rows:
        return None
    return Table(
        columns=(
            Column("Organ", 1.6),
            Column("Cumulative EQD2 mean / D0.1cc", 1.9, "right"),
            Column("Tightest constraint", 3.6),
            Column("Value", 1.1, "right"),
            Column("Limit", 1.2, "right"),
            Column("Verdict", 1.4),
        ),
        rows=tuple(rows),
    )


def _organ_cells(
    result: ConstraintResult, structure: StructureAssessment | None
) -> tuple[Cell, ...]:
    eqd2 = structure.cumulative.eqd2 if structure is not None else {}
    mean, near_maximum = eqd2.get("Mean[Gy]"), eqd2.get(NEAR_MAXIMUM)
    if structure is None:
        pair = "-"
    elif mean is None and near_maximum is None:
        pair = NOT_AVAILABLE
    else:
        pair = f"{decimal(mean)} / {decimal(near_maximum)} Gy"
    value, limit = compared_numbers(result.value, result.limit)
    unit = metric_unit(result.metric)
    return (
        Cell(squeezed(result.structure, LONGEST_NAME), "strong"),
        Cell(pair),
        Cell(
            f"{result.metric.partition('[')[0]} {result.quantity}, {result.scope} "
            f"({result.level})"
        ),
        Cell(f"{value} {unit}", "strong"),
        Cell(limit_text(result, limit)),
        verdict_cell(result.verdict),
    )


def _organs_note(assessment: Assessment) -> str:
    judged = len(worst_of_each_structure(assessment))
    if judged == 0:
        return "No constraint could be evaluated; see Constraints."
    if judged > MOST_ORGANS:
        return (
            f"The {MOST_ORGANS} tightest of {judged} organs with a limit; "
            f"all are under Constraints."
        )
    return ""


def _picture(assessment: Assessment, pair: PairAssessment | None) -> Figure:
    image = f"on the planning image of course {assessment.reference_course}"
    if pair is None:
        caption = f"Isodoses {image}."
    elif is_withheld(pair):
        caption = f"Isodoses {image}. Their overlap is withheld."
    else:
        courses = courses_named((*pair.earlier, pair.second))
        caption = f"Isodoses of {courses} and their overlap in {pair.organ}, {image}."
    return Figure(
        "planes",
        caption,
        "Axial, sagittal and coronal planes with the 2 Gy and 50 % isodoses of the "
        "earlier and the later course and their overlap in the organ",
    )


def _warnings(assessment: Assessment) -> Items:
    urgent = urgent_findings(assessment)
    items = [
        Cell(
            f"{'✗ Error' if item.severity == 'error' else '⚠ Warning'}, "
            f"{item.about}: {_shortened(item.message, 'Findings')}",
            "bad" if item.severity == "error" else "warn",
        )
        for item in urgent[:MOST_WARNINGS]
    ]
    rest = len(urgent) - MOST_WARNINGS
    if rest > 0:
        items.append(Cell(f"{plural(rest, 'more finding')} under Findings.", "muted"))
    if not items:
        items.append(Cell("No errors or warnings.", "muted"))
    return Items(tuple(items))


def _shortened(text: str, section: str) -> str:
    if len(text) <= LONGEST_WARNING:
        return text
    return f"{text[:LONGEST_WARNING].rsplit(' ', 1)[0]} … (whole text under {section})"
