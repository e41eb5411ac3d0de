"""The limits by which outcome is graded; the tables of knowledge fill them in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reirrad.core.cohort.terms import Analyte, LaboratoryUnit, ToxicityTerm

__all__ = [
    "AlbiRule",
    "ChildPughBand",
    "ChildPughRule",
    "ClinicalRules",
    "CourseRules",
    "GradeStep",
    "LaboratoryRule",
    "OutcomeRules",
    "RecistRules",
    "RildRules",
    "TermRule",
    "UnitFactor",
]

Worse = Literal["higher", "lower"]
Verification = Literal["paper", "secondary", "unverified"]


@dataclass(frozen=True, slots=True)
class GradeStep:
    """A grade and the limit beyond which it begins.

    Parameters
    ----------
    grade
        CTCAE grade.
    beyond
        Limit; at the limit itself the lower grade holds.
    inclusive
        Whether the grade holds at the limit already.
    """

    grade: int
    beyond: float
    inclusive: bool = False


@dataclass(frozen=True, slots=True)
class LaboratoryRule:
    """How a laboratory value is graded.

    Parameters
    ----------
    analyte, term
        What was measured, and the CTCAE term that it belongs to.
    worse
        Which direction is worse.
    scale
        Whether the steps are multiples of the upper limit of normal, or values in
        `unit`. Where lower is worse, grade 1 begins below the lower limit of normal.
    unit
        Unit of steps that are values, and the one in which samples are compared.
    steps
        Grades with a normal baseline, lowest first.
    baseline
        When the steps in multiples of the baseline count: "abnormal" instead of
        `steps` if the baseline was abnormal, "always" beside them.
    baseline_steps
        Grades in multiples of the baseline.
    source, verification, note
        Where the numbers stand, how well that was checked, and what they leave out.
    """

    analyte: Analyte
    term: ToxicityTerm
    worse: Worse
    scale: Literal["upper normal", "value"]
    unit: LaboratoryUnit
    steps: tuple[GradeStep, ...]
    baseline: Literal["never", "abnormal", "always"]
    source: str
    verification: Verification
    baseline_steps: tuple[GradeStep, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class TermRule:
    """Lowest and highest grade that CTCAE gives a term."""

    term: ToxicityTerm
    lowest: int
    highest: int
    source: str
    verification: Verification


@dataclass(frozen=True, slots=True)
class UnitFactor:
    """A value in `unit` times `factor` is the value in `into`."""

    analyte: Analyte
    unit: LaboratoryUnit
    into: LaboratoryUnit
    factor: float
    source: str
    verification: Verification


@dataclass(frozen=True, slots=True)
class ChildPughBand:
    """Points of a laboratory value: 2 from `two_points` to `three_points`, 3 beyond."""

    analyte: Analyte
    unit: LaboratoryUnit
    worse: Worse
    two_points: float
    three_points: float
    source: str
    verification: Verification


@dataclass(frozen=True, slots=True)
class ChildPughRule:
    """Points of the clinical findings, and the sums from which B and C begin."""

    ascites: dict[str, int]
    encephalopathy: dict[str, int]
    b_from: int
    c_from: int
    source: str
    verification: Verification


@dataclass(frozen=True, slots=True)
class AlbiRule:
    """Coefficients of the ALBI score and the scores up to which grades 1 and 2 go."""

    log10_bilirubin_umol_l: float
    albumin_g_l: float
    grade_1_up_to: float
    grade_2_up_to: float
    source: str
    verification: Verification


@dataclass(frozen=True, slots=True)
class RecistRules:
    """Changes of the sum of diameters that make a response or a progression."""

    partial_decrease_percent: float
    progression_increase_percent: float
    progression_increase_mm: float


@dataclass(frozen=True, slots=True)
class RildRules:
    """Windows and limits of radiation-induced liver disease.

    Windows count from the end of the course.
    """

    classic_from_days: float
    classic_up_to_months: float
    classic_alp_multiple: float
    classic_bilirubin_grade: float
    classic_transaminase_grade: float
    non_classic_up_to_months: float
    non_classic_transaminase_grade: float
    non_classic_child_pugh_rise: float


@dataclass(frozen=True, slots=True)
class OutcomeRules:
    """Windows in which toxicity and response are counted.

    All count from the end of the re-irradiation.
    """

    acute_up_to_days: float
    response_months: float
    response_from_months: float
    response_up_to_months: float


@dataclass(frozen=True, slots=True)
class CourseRules:
    """What a course usually is; beyond it there is doubt.

    Parameters
    ----------
    same_course_days
        Days between two starts up to which they are taken for one course.
    dose_per_fraction_low_gy, dose_per_fraction_high_gy
        Least and most of a fraction.
    """

    same_course_days: float
    dose_per_fraction_low_gy: float
    dose_per_fraction_high_gy: float


@dataclass(frozen=True, slots=True)
class ClinicalRules:
    """Every limit of the grading, and of what is usual in a course."""

    laboratory: Mapping[Analyte, LaboratoryRule]
    terms: Mapping[ToxicityTerm, TermRule]
    units: tuple[UnitFactor, ...]
    child_pugh_bands: tuple[ChildPughBand, ...]
    child_pugh: ChildPughRule
    albi: AlbiRule
    recist: RecistRules
    rild: RildRules
    outcome: OutcomeRules
    course: CourseRules
