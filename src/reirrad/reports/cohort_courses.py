"""Tables with a line for each course, toxicity or item of reporting."""

from collections.abc import Sequence

from reirrad.reports.blocks import Cell, Row, Table
from reirrad.reports.cohort_tables import ALL, NamedTable
from reirrad.reports.cohort_wording import (
    bounds,
    in_words,
    number,
    p_text,
    percent,
    stratum_title,
)
from reirrad.reports.listing import Shown, columns_of, line_of, listing, numeric
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
GRADES = (1, 2, 3, 4, 5)
REDUCED = {True: "yes", False: "no", None: NONE}


def courses_table(courses: Sequence[CourseRow]) -> NamedTable:
    """The published Table 3: type and overlaps of every re-irradiation."""
    note = (
        "Type by the strict reading; as applied with the threshold of minimal overlap. "
        "Same type: plausible registrations with the same type. After: the previous "
        "course that interval and overlap are of. Interval: from its end. As applied "
        "may be of another earlier course."
    )
    caption = "Table 3. Type and overlap of every re-irradiation course"
    table = listing(courses, COURSE_COLUMNS)
    return NamedTable("table3_courses", caption, table, (note,))


def doses_table(courses: Sequence[CourseRow]) -> NamedTable:
    """The published Table 3, second half: doses of every re-irradiation."""
    note = (
        "Prescription: Gy / fractions (BED10, Gy) of each lesion; what several lesions "
        "of a course got stands once. Mean liver dose: of this course as planned, and "
        "of all courses in EQD2."
    )
    caption = "Table 3, continued. Dose of every re-irradiation course"
    return NamedTable("table3_doses", caption, listing(courses, DOSE_COLUMNS), (note,))


def _previous_number(one: CourseRow) -> str:
    return NONE if one.previous_number is None else str(one.previous_number)


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
    return NamedTable("toxicity", caption, listing(rows, TOXICITY_COLUMNS), (note,))


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


def _any_of(row: ToxicityRow) -> str:
    return f"{_any(row)}/{row.of}"


def _share(row: ToxicityRow) -> str:
    if not row.of:
        return NONE
    return f"{percent(_any(row) / row.of)} ({bounds(row.low, row.high)})"


def _graded(grade: int) -> Shown[ToxicityRow]:
    """The column of a grade."""
    return numeric(f"G{grade}", 0.5, lambda row: str(row.by_grade[grade - 1]))


def association_table(associations: Sequence[Association]) -> NamedTable:
    """Dose-response of toxicity: odds ratios, or why none is given."""
    rows: list[Row] = []
    for one in associations:
        rows.append(line_of(one, ASSOCIATION_COLUMNS))
        if one.note:
            rows.append(Row((Cell(one.note),), "note"))
    caption = "Dose-response of toxicity"
    methods = tuple(dict.fromkeys(one.method for one in associations if one.method))
    table = Table(columns_of(ASSOCIATION_COLUMNS), tuple(rows))
    return NamedTable("dose_response", caption, table, methods)


def _odds_ratio(one: Association) -> str:
    if one.odds_ratio is None:
        return NONE
    low, high = number(one.low, 2), number(one.high, 2)
    return f"{number(one.odds_ratio, 2)} ({low} to {high})"


def _p_alone(one: Association) -> str:
    if one.p is None:
        return NONE
    return p_text(one.p).removeprefix("p = ").removeprefix("p ")


def reporting_table(items: Sequence[ReportingItem]) -> NamedTable:
    """Items that should be reported of a re-irradiation, and how many have them."""
    caption = "Completeness by the ESTRO-EORTC reporting items"
    return NamedTable("reporting_items", caption, listing(items, REPORTING_COLUMNS))


def _present(one: ReportingItem) -> Cell:
    complete = one.present == one.total and one.total > 0
    return Cell(str(one.present), "good" if complete else "warn")


COURSE_COLUMNS: tuple[Shown[CourseRow], ...] = (
    Shown("Patient", 2.9, lambda one: one.patient),
    numeric("Course", 1.3, lambda one: str(one.number)),
    numeric("After", 1.2, _previous_number),
    Shown("Type", 1.05, lambda one: one.resbrt_type or NONE),
    Shown("As applied", 1.4, lambda one: one.as_applied_type or NONE),
    Shown("ESTRO-EORTC", 2.4, lambda one: one.estro_eortc or NONE),
    numeric("Same type [%]", 1.25, lambda one: number(one.same_type_percent, 0)),
    numeric("Interval [months]", 1.6, lambda one: number(one.interval_months)),
    numeric("Ov2Gy, organ [cc]", 1.45, lambda one: number(one.ov2gy_organ_cc)),
    numeric("Ov2Gy, all [cc]", 1.45, lambda one: number(one.ov2gy_total_cc)),
    numeric("Ov50%, organ [cc]", 1.45, lambda one: number(one.ov50_organ_cc)),
    numeric("Ov50%, all [cc]", 1.45, lambda one: number(one.ov50_total_cc)),
    numeric("PTV overlap [cc]", 1.45, lambda one: number(one.ptv_overlap_cc)),
)
DOSE_COLUMNS: tuple[Shown[CourseRow], ...] = (
    Shown("Patient", 2.0, lambda one: one.patient),
    numeric("Course", 1.0, lambda one: str(one.number)),
    Shown("Previous course", 2.2, lambda one: _prescriptions(one.previous)),
    Shown("This course", 2.2, lambda one: _prescriptions(one.prescribed)),
    Shown("Reduced", 1.0, lambda one: REDUCED[one.dose_reduced]),
    numeric("Mean liver dose [Gy]", 1.5, lambda one: number(one.liver_mean_gy)),
    numeric(
        "Mean liver dose, all courses [EQD2 Gy]",
        2.2,
        lambda one: number(one.liver_cumulative_eqd2_gy),
    ),
)
TOXICITY_COLUMNS: tuple[Shown[ToxicityRow], ...] = (
    Shown("Term", 2.3, lambda row: in_words(row.term)),
    Shown("Window", 0.9, lambda row: row.window),
    Shown("Group", 1.2, lambda row: stratum_title(row.stratum)),
    *map(_graded, GRADES),
    numeric("Yes, ungraded", 1.1, lambda row: str(row.ungraded)),
    numeric("None", 0.7, lambda row: str(row.of - _any(row))),
    numeric("Any", 0.8, _any_of),
    numeric("Not followed", 1.1, lambda row: str(row.not_followed)),
    numeric("Missing", 1.0, lambda row: str(row.missing)),
    numeric("% (95 % interval)", 1.8, _share),
)
ASSOCIATION_COLUMNS: tuple[Shown[Association], ...] = (
    Shown("Toxicity", 1.8, lambda one: one.outcome),
    Shown("On", 2.0, lambda one: one.exposure),
    numeric("n", 0.45, lambda one: str(one.n)),
    numeric("Events", 0.65, lambda one: str(one.events)),
    numeric("Missing", 0.75, lambda one: str(one.missing)),
    numeric("Per", 0.8, lambda one: f"{agreed_number(one.step)} {one.exposure_unit}"),
    numeric("Odds ratio (95 % interval)", 1.6, _odds_ratio),
    numeric("p", 0.7, _p_alone),
)
REPORTING_COLUMNS: tuple[Shown[ReportingItem], ...] = (
    Shown("Item", 3.0, lambda one: one.item),
    Shown("Unit", 0.8, lambda one: one.of),
    Shown("Present", 0.8, _present, "right"),
    numeric("Of", 0.6, lambda one: str(one.total)),
    Shown("Note", 2.6, lambda one: one.note),
)
