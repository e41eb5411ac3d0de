"""What is kept of a patient and of what followed the treatment."""

from dataclasses import dataclass
from typing import Annotated, Literal

from reirrad.core.cohort.fields import About
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.terms import (
    Analyte,
    Day,
    Ecog,
    LaboratoryUnit,
    PrimarySite,
    Sex,
    SomeCourse,
    SomeLesion,
    ToxicityTerm,
)

__all__ = [
    "FollowUp",
    "Laboratory",
    "Patient",
    "Progression",
    "Response",
    "SystemicTherapy",
    "Toxicity",
    "Visit",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient(Record):
    """Who was treated."""

    birth_date: Annotated[Day | None, About("Date of birth")] = None
    sex: Annotated[Sex | None, About("Sex")] = None
    primary_site: Annotated[PrimarySite | None, About("Site of the primary tumour")] = (
        None
    )
    primary_diagnosis_date: Annotated[
        Day | None, About("Diagnosis of the primary tumour")
    ] = None
    histology_confirmed: Annotated[
        bool | None, About("Malignancy confirmed by histology")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp(Record):
    """What is known at the last contact."""

    last_contact_date: Annotated[Day | None, About("Last known to be alive")] = None
    last_imaging_date: Annotated[
        Day | None, About("Last imaging that could show progression")
    ] = None
    death_date: Annotated[Day | None, About("Date of death")] = None
    death_cause: Annotated[
        Literal["cancer", "treatment", "other", "unknown"] | None,
        About("Cause of death"),
    ] = None
    toxicity_recorded: Annotated[
        bool | None,
        About("Toxicity was asked for at every contact, so that none means none"),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(Record):
    """Response at one date by RECIST 1.1: of one lesion, or of the patient."""

    date: Annotated[Day, About("Date of the imaging")]
    lesion: SomeLesion = None
    baseline: Annotated[
        bool | None, About("Is this the imaging before the course?")
    ] = None
    sum_of_diameters_mm: Annotated[
        float | None, About("Sum of diameters of the target lesions", "mm", 0, 2000)
    ] = None
    new_lesion: Annotated[bool | None, About("Any new lesion")] = None
    category: Annotated[
        Literal["CR", "PR", "SD", "PD", "NE"] | None, About("Response, RECIST 1.1")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progression(Record):
    """A progression: of a treated lesion, or elsewhere."""

    date: Annotated[Day, About("Date of the progression")]
    place: Annotated[
        Literal["local", "same_organ", "elsewhere"],
        About("At the treated lesion, elsewhere in the organ, or in another organ"),
    ]
    lesion: SomeLesion = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxicity(Record):
    """A toxicity event by CTCAE v5.0."""

    date: Annotated[Day, About("Date of the event")]
    term: Annotated[ToxicityTerm, About("Term, CTCAE v5.0")]
    grade: Annotated[int, About("Grade, CTCAE v5.0", minimum=1, maximum=5)]
    course: SomeCourse = None
    attribution: Annotated[
        Literal["unrelated", "unlikely", "possible", "probable", "definite"] | None,
        About("Attribution to the radiotherapy"),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory(Record):
    """A laboratory value."""

    date: Annotated[Day, About("Date of the sample")]
    analyte: Annotated[Analyte, About("What was measured")]
    value: Annotated[float, About("Value", minimum=0, maximum=1e6)]
    unit: Annotated[LaboratoryUnit, About("Unit of the value")]
    upper_normal: Annotated[
        float | None, About("Upper limit of normal, same unit", minimum=0)
    ] = None
    lower_normal: Annotated[
        float | None, About("Lower limit of normal, same unit", minimum=0)
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit(Record):
    """What was found when the patient was seen."""

    date: Annotated[Day, About("Date of the visit")]
    ecog: Ecog = None
    ascites: Annotated[
        Literal["none", "mild", "moderate_or_severe"] | None, About("Ascites")
    ] = None
    encephalopathy: Annotated[
        Literal["none", "grade_1_2", "grade_3_4"] | None, About("Encephalopathy")
    ] = None
    hepatomegaly: Annotated[bool | None, About("Enlarged liver")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemicTherapy(Record):
    """A systemic therapy."""

    start_date: Annotated[Day, About("First day")]
    treatment: Annotated[
        Literal[
            "chemotherapy",
            "immunotherapy",
            "chemoimmunotherapy",
            "targeted",
            "hormonal",
            "other",
        ],
        About("Kind of therapy"),
    ]
    end_date: Annotated[Day | None, About("Last day; empty while it goes on")] = None
