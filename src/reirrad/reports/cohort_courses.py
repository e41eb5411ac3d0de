"""Tables with a line for each course, toxicity or item of reporting."""

from collections.abc import Sequence

from reirrad.reports.blocks import Cell, Column, Row, Table
from reirrad.reports.cohort_tables import ALL, NamedTable
from reirrad.reports.cohort_wording import (
    bounds,
    in_words,
    number,
    p_text,
    percent,
    stratum_title,
)
from reirrad.reports.wording import NONE, agreed_number
from reirrad.stats.cohort_results import (
    CourseRow,
    Prescription,
    ReportingItem,
    ToxicityRow,
)
from reirrad.stats.results import Association

__all__ = [
    "association_table",
    "courses_table",
    "doses_table",
    "reporting_table",
    "told_of_nobody",
    "toxicity_seen",
    "toxicity_table",
]

ANY = "any"
GRADES = ("1", "2", "3", "4", "5")
REDUCED = {True: "yes", False: "no", None: NONE}


def courses_table(courses: Sequence[CourseRow]) -> NamedTable:
    """The published Table 3: type and overlaps of every re-irradiation."""
    columns = (
        Column("Patient", 2.9),
        Column("Course", 1.3, "right"),
        Column("After", 1.2, "right"),
        Column("Type", 1.05),
        Column("As applied", 1.4),
        Column("ESTRO-EORTC", 2.4),
        Column("Same type [%]", 1.25, "right"),
        Column("Interval [months]", 1.6, "right"),
        Column("Ov2Gy, organ [cc]", 1.45, "right"),
        Column("Ov2Gy, all [cc]", 1.45, "right"),
        Column("Ov50%, organ [cc]", 1.45, "right"),
        Column("Ov50%, all [cc]", 1.45, "right"),
        Column("PTV overlap [cc]", 1.45, "right"),
    )
    note = (
        "Type by the strict reading; as applied with the threshold of minimal overlap. "
        "Same type: plausible registrations with the same type. After: the previous "
        "course that interval and overlap are of. Interval: from its end. As applied "
        "may be of another earlier course."
    )
    rows = tuple(Row(tuple(map(Cell, _course(one)))) for one in courses)
    caption = "Table 3. Type and overlap of every re-irradiation course"
    return NamedTable("table3_courses", caption, Table(columns, rows), (note,))


def _course(one: CourseRow) -> tuple[str, ...]:
    return (
        one.patient,
        str(one.number),
        NONE if one.previous_number is None else str(one.previous_number),
        one.resbrt_type or NONE,
        one.as_applied_type or NONE,
        one.estro_eortc or NONE,
        number(one.same_type_percent, 0),
        number(one.interval_months),
        number(one.ov2gy_organ_cc),
        number(one.ov2gy_total_cc),
        number(one.ov50_organ_cc),
        number(one.ov50_total_cc),
        number(one.ptv_overlap_cc),
    )


def doses_table(courses: Sequence[CourseRow]) -> NamedTable:
    """The published Table 3, second half: doses of every re-irradiation."""
    columns = (
        Column("Patient", 2.0),
        Column("Course", 1.0, "right"),
        Column("Previous course", 2.2),
        Column("This course", 2.2),
        Column("Reduced", 1.0),
        Column("Mean liver dose [Gy]", 1.5, "right"),
        Column("Mean liver dose, all courses [EQD2 Gy]", 2.2, "right"),
    )
    note = (
        "Prescription: Gy / fractions (BED10, Gy) of each lesion; what several lesions "
        "of a course got stands once. Mean liver dose: of this course as planned, and "
        "of all courses in EQD2."
    )
    rows = tuple(Row(tuple(map(Cell, _doses(one)))) for one in courses)
    caption = "Table 3, continued. Dose of every re-irradiation course"
    return NamedTable("table3_doses", caption, Table(columns, rows), (note,))


def _doses(one: CourseRow) -> tuple[str, ...]:
    return (
        one.patient,
        str(one.number),
        _prescriptions(one.previous),
        _prescriptions(one.prescribed),
        REDUCED[one.dose_reduced],
        number(one.liver_mean_gy),
        number(one.liver_cumulative_eqd2_gy),
    )


def _prescriptions(lesions: Sequence[Prescription]) -> str:
    """What the lesions got; what several got is written once."""
    words = dict.fromkeys(_prescription(one) for one in lesions)
    return "; ".join(words) or NONE


def _prescription(one: Prescription) -> str:
    dose = NONE if one.dose_gy is None else agreed_number(one.dose_gy)
    fractions = NONE if one.n_fractions is None else str(one.n_fractions)
    bed = "" if one.bed10_gy is None else f" ({number(one.bed10_gy)})"
    return f"{dose}/{fractions}{bed}"


def toxicity_table(rows: Sequence[ToxicityRow]) -> NamedTable:
    """Patients by the worst grade of each term, with the interval of any grade."""
    note = (
        "Patients whose worst grade (G1 to G5) is this one, out of those of whom it "
        "can be told. Any: with any grade, or yes where it has none. "
        "Not followed: not long enough to have late toxicity. Missing: toxicity not "
        "recorded, or it cannot be told. Where nothing happened the upper limit is the "
        "result: that much toxicity is still compatible with the data."
    )
    caption = "Toxicity by CTCAE v5.0, worst grade per term and patient"
    shown = tuple(Row(tuple(map(Cell, _toxicity(one)))) for one in rows)
    return NamedTable("toxicity", caption, Table(_toxicity_columns(), shown), (note,))


def toxicity_seen(rows: Sequence[ToxicityRow]) -> tuple[list[ToxicityRow], list[str]]:
    """What a reader needs of the toxicity table.

    Returns
    -------
    rows
        Any toxicity in every stratum, and the terms that happened in all patients.
    sentences
        The terms that happened to nobody, with their upper limit.
    """
    seen = [
        row for row in rows if row.term == ANY or (row.stratum == ALL and _any(row))
    ]
    unseen: dict[str, list[str]] = {}
    for row in rows:
        if row not in seen and row.stratum == ALL:
            unseen.setdefault(_nobody(row), []).append(in_words(row.term))
    return seen, [f"{words} {', '.join(terms)}." for words, terms in unseen.items()]


def _nobody(row: ToxicityRow) -> str:
    """How it is said that nobody had something."""
    when = _when(row.window)
    if row.of:
        limit = bounds(row.low, row.high)
        left_out = f"; {row.missing} missing" if row.missing else ""
        if row.not_followed:
            left_out += f"; {row.not_followed} not followed long enough"
        return f"No event{when}: 0/{row.of} ({limit} %{left_out}) each for"
    return f"{told_of_nobody(row).capitalize()}{when}:"


def told_of_nobody(row: ToxicityRow) -> str:
    """Why a line has no denominator; empty where there is nobody in the group."""
    if row.not_followed and not row.missing:
        return "nobody followed long enough"
    if row.not_followed or row.missing:
        return "cannot be told of any patient"
    return "no patient"


def _when(window: str) -> str:
    return "" if window == ANY else f", {window}"


def _any(row: ToxicityRow) -> int:
    return sum(row.by_grade) + row.ungraded


def _toxicity_columns() -> tuple[Column, ...]:
    return (
        Column("Term", 2.3),
        Column("Window", 0.9),
        Column("Group", 1.2),
        *(Column(f"G{grade}", 0.5, "right") for grade in GRADES),
        Column("Yes, ungraded", 1.1, "right"),
        Column("None", 0.7, "right"),
        Column("Any", 0.8, "right"),
        Column("Not followed", 1.1, "right"),
        Column("Missing", 1.0, "right"),
        Column("% (95 % interval)", 1.8, "right"),
    )


def _toxicity(row: ToxicityRow) -> tuple[str, ...]:
    count = _any(row)
    estimate = NONE
    if row.of:
        estimate = f"{percent(count / row.of)} ({bounds(row.low, row.high)})"
    return (
        in_words(row.term),
        row.window,
        stratum_title(row.stratum),
        *map(str, row.by_grade),
        str(row.ungraded),
        str(row.of - count),
        f"{count}/{row.of}",
        str(row.not_followed),
        str(row.missing),
        estimate,
    )


def association_table(associations: Sequence[Association]) -> NamedTable:
    """Dose-response of toxicity: odds ratios, or why none is given."""
    columns = (
        Column("Toxicity", 1.8),
        Column("On", 2.0),
        Column("n", 0.45, "right"),
        Column("Events", 0.65, "right"),
        Column("Missing", 0.75, "right"),
        Column("Per", 0.8, "right"),
        Column("Odds ratio (95 % interval)", 1.6, "right"),
        Column("p", 0.7, "right"),
    )
    rows: list[Row] = []
    for one in associations:
        rows.append(Row(tuple(map(Cell, _association(one)))))
        if one.note:
            rows.append(Row((Cell(one.note),), "note"))
    caption = "Dose-response of toxicity"
    methods = tuple(dict.fromkeys(one.method for one in associations if one.method))
    return NamedTable("dose_response", caption, Table(columns, tuple(rows)), methods)


def _association(one: Association) -> tuple[str, ...]:
    ratio = NONE
    if one.odds_ratio is not None:
        low, high = number(one.low, 2), number(one.high, 2)
        ratio = f"{number(one.odds_ratio, 2)} ({low} to {high})"
    return (
        one.outcome,
        one.exposure,
        str(one.n),
        str(one.events),
        str(one.missing),
        f"{agreed_number(one.step)} {one.exposure_unit}",
        ratio,
        NONE
        if one.p is None
        else p_text(one.p).removeprefix("p = ").removeprefix("p "),
    )


def reporting_table(items: Sequence[ReportingItem]) -> NamedTable:
    """Items that should be reported of a re-irradiation, and how many have them."""
    columns = (
        Column("Item", 3.0),
        Column("Unit", 0.8),
        Column("Present", 0.8, "right"),
        Column("Of", 0.6, "right"),
        Column("Note", 2.6),
    )
    rows = tuple(_reporting(one) for one in items)
    caption = "Completeness by the ESTRO-EORTC reporting items"
    return NamedTable("reporting_items", caption, Table(columns, rows))


def _reporting(one: ReportingItem) -> Row:
    complete = one.present == one.total and one.total > 0
    cells = (one.item, one.of, str(one.present), str(one.total), one.note)
    item, of, present, total, note = map(Cell, cells)
    shown = Cell(present.text, "good" if complete else "warn")
    return Row((item, of, shown, total, note))
