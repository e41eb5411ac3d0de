"""What is kept of a treatment: courses, lesions, plans, fractions."""

from dataclasses import dataclass
from typing import Annotated, Literal

from reirrad.core.cohort.fields import About
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.terms import (
    CourseNumber,
    Day,
    Ecog,
    Modality,
    OligometastaticState,
    Technique,
)

__all__ = ["Course", "Fraction", "Lesion", "Plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course(Record):
    """A course of radiotherapy, numbered as in the registry, earliest first."""

    start_date: Annotated[Day, About("First day of treatment")]
    reirradiation: Annotated[bool, About("Is this a re-irradiation?")]
    end_date: Annotated[Day | None, About("Last day of treatment")] = None
    previous_course: Annotated[
        int | None,
        About("Number of the earlier course that it is compared with", minimum=1),
    ] = None
    intent: Annotated[
        Literal["ablative", "palliative"] | None, About("Intent of the course")
    ] = None
    technique: Annotated[Technique | None, About("Technique")] = None
    ecog: Ecog = None
    n_lesions_present: Annotated[
        int | None, About("Lesions present, treated or not", minimum=0, maximum=200)
    ] = None
    previous_liver_sbrt: Annotated[
        bool | None, About("Stereotactic radiotherapy of the liver before this course")
    ] = None
    oar_concern: Annotated[
        bool | None, About("Concern about the cumulative dose of organs at risk")
    ] = None
    polymetastatic_before: Annotated[
        bool | None, About("Polymetastatic disease at any time before")
    ] = None
    oligometastatic_before: Annotated[
        bool | None, About("Oligometastatic disease at any time before")
    ] = None
    over_6_months_from_diagnosis: Annotated[
        bool | None, About("Found more than 6 months after the primary diagnosis")
    ] = None
    active_systemic_therapy: Annotated[
        bool | None, About("Under active systemic therapy when found")
    ] = None
    progressive_lesion: Annotated[
        bool | None, About("Any lesion progressive on current imaging")
    ] = None
    oligometastatic_state_reported: Annotated[
        OligometastaticState | None,
        About("Oligometastatic state as written in the record"),
    ] = None
    cine_frames_per_s: Annotated[
        float | None, About("Cine imaging rate", "1/s", minimum=0, maximum=60)
    ] = None
    gating_boundary_mm: Annotated[
        float | None, About("Gating boundary around the target", "mm", 0, 50)
    ] = None
    gating_tolerance_percent: Annotated[
        float | None, About("Target allowed outside the boundary", "%", 0, 100)
    ] = None
    completed: Annotated[bool | None, About("All planned fractions given")] = None
    interrupted: Annotated[bool | None, About("Interrupted without being planned")] = (
        None
    )
    dose_reduced: Annotated[bool | None, About("Prescription reduced")] = None
    dose_reduction_reason: Annotated[
        Literal["organ_at_risk", "short_interval", "both", "other"] | None,
        About("Why the prescription was reduced"),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion(Record):
    """A treated lesion; the same place treated again is a lesion of its own."""

    course: CourseNumber
    site: Annotated[
        Literal["liver", "peritoneum", "lymph_node", "adrenal", "other"] | None,
        About("Irradiated site"),
    ] = None
    plan: Annotated[int | None, About("Number of the plan", minimum=1)] = None
    gtv_cc: Annotated[float | None, About("Volume of the GTV", "cc", 0, 5000)] = None
    ptv_cc: Annotated[float | None, About("Volume of the PTV", "cc", 0, 9000)] = None
    margin_mm: Annotated[float | None, About("Margin from GTV to PTV", "mm", 0, 50)] = (
        None
    )
    dose_gy: Annotated[
        float | None, About("Prescribed dose of the course", "Gy", 0, 150)
    ] = None
    n_fractions: Annotated[
        int | None, About("Prescribed number of fractions", "", 1, 60)
    ] = None
    prescription_mode: Annotated[
        Literal["isodose_80", "mean_dose", "other"] | None,
        About(
            "Prescribed to the 80 % isodose, or as mean dose covering 95 % of the PTV"
        ),
    ] = None
    gating: Annotated[
        Literal["inspiration_hold", "expiration_hold", "free_breathing"] | None,
        About("Breathing while treated"),
    ] = None
    ptv_mean_gy: Annotated[
        float | None, About("Mean dose of the PTV", "Gy", 0, 300)
    ] = None
    ptv_d2_gy: Annotated[float | None, About("D2% of the PTV", "Gy", 0, 300)] = None
    ptv_d95_gy: Annotated[float | None, About("D95% of the PTV", "Gy", 0, 300)] = None
    ptv_d98_gy: Annotated[float | None, About("D98% of the PTV", "Gy", 0, 300)] = None
    ptv_v95_percent: Annotated[
        float | None,
        About("PTV that receives 95 % of the prescribed dose", "%", 0, 100),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Record):
    """A treatment plan of a course."""

    course: CourseNumber
    modality: Annotated[Modality | None, About("Planning image")] = None
    technique: Annotated[Technique | None, About("Technique")] = None
    dose_gy: Annotated[float | None, About("Prescribed dose", "Gy", 0, 150)] = None
    n_fractions: Annotated[int | None, About("Number of fractions", "", 1, 60)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fraction(Record):
    """A fraction where the plan could be adapted to the day, adapted or not."""

    plan: Annotated[int, About("Number of the plan", minimum=1)]
    index: Annotated[int, About("Which fraction of the plan", minimum=1, maximum=60)]
    adapted: Annotated[bool, About("Treated with a plan adapted that day")]
    date: Annotated[Day | None, About("Day of the fraction")] = None
    reason: Annotated[
        Literal["organ_at_risk", "coverage", "both", "other"] | None,
        About("Why it was adapted"),
    ] = None
