"""What is kept of dose: assessments, overlaps, organs and limits."""

from dataclasses import dataclass
from typing import Annotated, Literal

from reirrad.core.cohort.fields import About
from reirrad.core.cohort.record import Record
from reirrad.core.cohort.terms import CourseNumber, Day, SomeAssessment

__all__ = ["AssessmentRecord", "LimitCheck", "OrganDose", "Overlap"]

TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentRecord(Record):
    """An assessment by this program whose numbers were taken over."""

    created: Annotated[Day, About("Day of the assessment")]
    sha256: Annotated[str, About("SHA-256 of assessment.json", pattern="[0-9a-f]{64}")]
    software_version: Annotated[str, About("Version of the program")]
    organ: Annotated[str, About("Organ in which overlap was measured")]
    reference_course: CourseNumber
    withheld: Annotated[bool, About("Verdict withheld: courses not related in space")]
    n_warnings: Annotated[int, About("Findings that warn", minimum=0)]
    n_errors: Annotated[int, About("Findings that are errors", minimum=0)]
    created_at: Annotated[
        str | None,
        About("Time of the assessment, UTC", pattern=TIME),
    ] = None

    @property
    def moment(self) -> str:
        """When it was made, as text that sorts by time.

        Where the time is not known it is the start of the day.
        """
        return self.created_at or self.created.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap(Record):
    """How a course overlaps an earlier one. Courses are numbered as in the registry."""

    first: Annotated[int, About("Number of the earlier course", minimum=1)]
    second: Annotated[int, About("Number of the later course", minimum=1)]
    assessment: SomeAssessment = None
    organ: Annotated[str | None, About("Organ in which it was measured")] = None
    ov2gy_organ_cc: Annotated[
        float | None, About("Overlap of the 2 Gy isodoses in the organ", "cc", 0, 9000)
    ] = None
    ov2gy_total_cc: Annotated[
        float | None, About("Overlap of the 2 Gy isodoses", "cc", 0, 90000)
    ] = None
    ov50_organ_cc: Annotated[
        float | None, About("Overlap of the 50 % isodoses in the organ", "cc", 0, 9000)
    ] = None
    ov50_total_cc: Annotated[
        float | None, About("Overlap of the 50 % isodoses", "cc", 0, 90000)
    ] = None
    ptv_cc: Annotated[float | None, About("Overlap of the PTVs", "cc", 0, 9000)] = None
    gtv_cc: Annotated[float | None, About("Overlap of the GTVs", "cc", 0, 9000)] = None
    resbrt_type: Annotated[
        Literal["1A", "1B", "2", "1B*", "undetermined"] | None,
        About("Type, strict reading"),
    ] = None
    as_applied_type: Annotated[
        Literal["1A", "1B", "2", "1B*", "undetermined"] | None,
        About("Type with the minimal-overlap threshold"),
    ] = None
    estro_eortc: Annotated[
        Literal[
            "type 1",
            "type 2",
            "repeat organ irradiation",
            "repeat irradiation",
            "undetermined",
        ]
        | None,
        About("ESTRO-EORTC category"),
    ] = None
    same_type_percent: Annotated[
        float | None,
        About("Plausible registrations that give the same type", "%", 0, 100),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganDose(Record):
    """Dose of an organ: of one course, or of all courses of the assessment."""

    organ: Annotated[str, About("Organ, standard name")]
    quantity: Annotated[Literal["physical", "EQD2"], About("Kind of dose")]
    course: Annotated[
        int | None, About("Number of the course; empty for all together", minimum=1)
    ] = None
    assessment: SomeAssessment = None
    alpha_beta_gy: Annotated[
        float | None, About("alpha/beta ratio", "Gy", minimum=0, maximum=50)
    ] = None
    volume_cc: Annotated[float | None, About("Volume", "cc", 0, 90000)] = None
    mean_gy: Annotated[float | None, About("Mean dose", "Gy", 0, 900)] = None
    max_gy: Annotated[float | None, About("Maximum dose", "Gy", 0, 900)] = None
    d0_1cc_gy: Annotated[float | None, About("D0.1cc", "Gy", 0, 900)] = None
    d2_gy: Annotated[float | None, About("D2%", "Gy", 0, 900)] = None
    d50_gy: Annotated[float | None, About("D50%", "Gy", 0, 900)] = None
    d95_gy: Annotated[float | None, About("D95%", "Gy", 0, 900)] = None
    d98_gy: Annotated[float | None, About("D98%", "Gy", 0, 900)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitCheck(Record):
    """A dose limit of an organ and whether it was kept."""

    structure: Annotated[str, About("Organ, standard name")]
    metric: Annotated[str, About("Metric, TG-263")]
    quantity: Annotated[Literal["physical", "EQD2", "BED"], About("Kind of dose")]
    relation: Annotated[Literal["<", "<=", ">", ">="], About("Relation to the limit")]
    limit: Annotated[float, About("Limit", minimum=0)]
    verdict: Annotated[
        Literal["met", "exceeded", "not evaluable"], About("Was it kept?")
    ]
    source: Annotated[str, About("Source of the limit", pattern=r"[^\x00-\x1f]{1,400}")]
    verification: Annotated[
        Literal["paper", "secondary", "unverified"], About("How well it is verified")
    ]
    course: Annotated[
        int | None, About("Number of the course; empty for all together", minimum=1)
    ] = None
    value: Annotated[float | None, About("Value", minimum=0)] = None
    assessment: SomeAssessment = None
