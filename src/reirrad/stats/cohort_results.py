"""Everything that a report of a cohort prints, as one value."""

from dataclasses import dataclass

from reirrad.stats.results import Association, GroupTest, Output, TimeToEvent

__all__ = [
    "CohortResults",
    "CourseRow",
    "Prescription",
    "ReportingItem",
    "Swim",
    "SwimEvent",
    "ToxicityRow",
]


@dataclass(frozen=True, slots=True)
class Prescription:
    """What was prescribed to a lesion; None where it is not known."""

    dose_gy: float | None
    n_fractions: int | None
    bed10_gy: float | None


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A re-irradiation course, as it stands in the table of courses.

    Parameters
    ----------
    patient
        Pseudonym.
    number, previous_number
        Of the course, and of the one that interval and overlap are of, as in the
        registry; None where that is not known.
    resbrt_type, as_applied_type, estro_eortc
        Type by the strict reading, with the threshold of minimal overlap, and category;
        None where not known.
    same_type_percent
        Plausible registrations that give the same type.
    interval_months
        From the end of the previous course to the start of this one.
    ov2gy_organ_cc, ov2gy_total_cc, ov50_organ_cc, ov50_total_cc, ptv_overlap_cc
        Overlaps with the previous course, in the organ and as a whole.
    previous, prescribed
        To the lesions of the previous course and to those of this one.
    liver_mean_gy
        Mean liver dose of this course, physical.
    liver_cumulative_eqd2_gy
        Mean liver dose of all courses, EQD2.
    dose_reduced
        Whether the prescription was reduced.
    """

    patient: str
    number: int
    previous_number: int | None
    resbrt_type: str | None
    as_applied_type: str | None
    estro_eortc: str | None
    same_type_percent: float | None
    interval_months: float | None
    ov2gy_organ_cc: float | None
    ov2gy_total_cc: float | None
    ov50_organ_cc: float | None
    ov50_total_cc: float | None
    ptv_overlap_cc: float | None
    previous: tuple[Prescription, ...]
    prescribed: tuple[Prescription, ...]
    liver_mean_gy: float | None
    liver_cumulative_eqd2_gy: float | None
    dose_reduced: bool | None


@dataclass(frozen=True, slots=True)
class SwimEvent:
    """Something that happened, in months from the end of re-irradiation."""

    months: float
    what: str


@dataclass(frozen=True, slots=True)
class Swim:
    """A patient's line in the swimmer plot.

    Parameters
    ----------
    patient
        Pseudonym.
    stratum
        Type of the first re-irradiation.
    months
        Follow-up from the end of the first re-irradiation.
    died
        Whether it ends with death.
    events
        "local progression", "progression", "re-irradiation", "toxicity grade 3", "CR".
    """

    patient: str
    stratum: str
    months: float
    died: bool
    events: tuple[SwimEvent, ...]


@dataclass(frozen=True, slots=True)
class ToxicityRow:
    """Worst grade of one term per patient, in one window.

    Parameters
    ----------
    term
        CTCAE term, or "any", "classic RILD", "non-classic RILD".
    window
        "acute" or "late"; "any" for RILD, which has windows of its own.
    stratum
        "all", "1A", ...
    by_grade
        Patients whose worst grade is 1, 2, 3, 4, 5.
    of
        Patients of whom it can be told.
    low, high
        Interval of the share with any grade; with no event `low` is 0.
    ungraded
        Patients who have it where it has no grade: RILD.
    not_followed
        Patients who were not followed long enough to have it: late toxicity.
    missing
        Patients of whom it cannot be told for another reason.
    """

    term: str
    window: str
    stratum: str
    by_grade: tuple[int, int, int, int, int]
    of: int
    low: float | None
    high: float | None
    ungraded: int = 0
    not_followed: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class ReportingItem:
    """An item of the ESTRO-EORTC reporting list and how complete the registry is.

    Parameters
    ----------
    item
        What should be reported.
    of
        Unit of analysis.
    present, total
        Units that have it, and all units.
    note
        What is missing where it cannot be counted.
    """

    item: str
    of: str
    present: int
    total: int
    note: str


@dataclass(frozen=True, slots=True)
class CohortResults:
    """The results of a cohort.

    Parameters
    ----------
    n_patients, n_courses, n_lesions
        Units of analysis: patients with a re-irradiation, re-irradiation courses, and
        lesions treated in them.
    fewest_at_risk
        Units that must remain under observation for an estimate to be shown.
    stratified_by
        Words for what the strata are ("type of re-irradiation, strict reading").
    strata
        Names of the strata, in order, without "all".
    outputs
        O1 to O32.
    survival
        Every endpoint, overall and per stratum.
    tests
        Comparisons between the strata.
    toxicity
        The toxicity table.
    associations
        Dose-response of toxicity.
    overlap_cc
        For each overlap its stratum, Ov2Gy and Ov50% in the organ.
    courses
        Every re-irradiation course, by patient and number.
    swims
        Lines of the swimmer plot, longest first.
    reporting
        The completeness check.
    problems
        Contradictions in the registry that a reader must know.
    gaps
        What the registry lacks, so that a figure is missing.
    software
        Name and version of every program whose numbers are in here.
    """

    n_patients: int
    n_courses: int
    n_lesions: int
    fewest_at_risk: int
    stratified_by: str
    strata: tuple[str, ...]
    outputs: tuple[Output, ...]
    survival: tuple[TimeToEvent, ...]
    tests: tuple[GroupTest, ...]
    toxicity: tuple[ToxicityRow, ...]
    associations: tuple[Association, ...]
    overlap_cc: tuple[tuple[str, float | None, float | None], ...]
    courses: tuple[CourseRow, ...]
    swims: tuple[Swim, ...]
    reporting: tuple[ReportingItem, ...]
    problems: tuple[str, ...]
    gaps: tuple[str, ...]
    software: tuple[tuple[str, str], ...]
