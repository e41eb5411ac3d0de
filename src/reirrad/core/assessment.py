"""The result of an assessment: a plain value from which everything else is made.

Field names are those of ``assessment.json``; lengths in mm, volumes in cc, doses in Gy.
``None`` stands for a number that cannot be given; a finding then says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reirrad.core.budget import DoseBudget
from reirrad.core.cord_results import CordRules
from reirrad.core.deformable_results import DeformableResult
from reirrad.core.distance_results import TargetDistance
from reirrad.core.exportable import Exportable
from reirrad.core.findings import Finding
from reirrad.core.geometry import FloatArray
from reirrad.core.isotoxic_results import Isotoxic
from reirrad.core.links import LinkNode
from reirrad.core.model_results import Models
from reirrad.core.near_maximum import NearMaximum
from reirrad.core.plan_results import Metrics, PlanQuality
from reirrad.core.planar_view import PlanarView
from reirrad.core.recovery_results import Recovery
from reirrad.core.reduction_results import Reduction, ReductionHint
from reirrad.core.scene import Scene
from reirrad.core.sensitivity_results import AlphaBetaSensitivity
from reirrad.core.uncertainty import Uncertainty

__all__ = [
    "Assessment",
    "ClassStability",
    "Classification",
    "ConstraintResult",
    "CourseMetrics",
    "CourseSummary",
    "CumulativeMetrics",
    "DoseCurve",
    "DoseSummary",
    "ImageSummary",
    "InputObject",
    "Intervals",
    "OverlapVolume",
    "PairAssessment",
    "PatientIdentity",
    "PrescriptionSummary",
    "RegistrationQuality",
    "RegistrationSummary",
    "Software",
    "StructureAgreement",
    "StructureAssessment",
]

Intervals = Mapping[str, tuple[float, float] | None]
"""TG-263 dose-metric name to the least and the largest value that the contours
allow."""


@dataclass(frozen=True, slots=True)
class Software:
    """The program that made an assessment."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class InputObject:
    """One file that was seen, and what became of it."""

    path: str
    sop_class: str | None
    sop_instance_uid: str | None
    sha256: str
    status: Literal["used", "ignored", "refused"]
    reason: str


@dataclass(frozen=True, slots=True)
class PatientIdentity:
    """Who the assessment is about, as the DICOM objects say it."""

    id: str
    name: str
    birth_date: str | None
    sex: str | None


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """The planning image of a course."""

    modality: str
    n_slices: int
    spacing_mm: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class DoseSummary:
    """The dose grid or grids of a course."""

    max_gy: float
    grid_spacing_mm: tuple[float, float, float]
    border_gy: float
    n_grids: int


@dataclass(frozen=True, slots=True)
class PrescriptionSummary:
    """What was ordered, with its equivalent doses for tumour."""

    dose_gy: float
    n_fractions: int
    dose_per_fraction_gy: float
    bed_gy: float
    eqd2_gy: float
    alpha_beta_gy: float
    source: str
    mode: str


@dataclass(frozen=True, slots=True)
class OverlapVolume:
    """Volume inside an isodose, or shared by those of two courses.

    In the organ in which overlap is measured, and in all; None where it is withheld.
    """

    organ_cc: float | None
    total_cc: float | None


@dataclass(frozen=True, slots=True)
class CourseSummary:
    """One course, earliest first.

    ``isodoses`` has the volumes inside the isodoses "2Gy" and "50%".
    """

    number: int
    start_date: str
    plan_label: str
    frame_of_reference_uid: str
    image: ImageSummary | None
    prescription: PrescriptionSummary
    dose: DoseSummary
    plan_quality: PlanQuality
    isodoses: Mapping[str, OverlapVolume]


@dataclass(frozen=True, slots=True)
class StructureAgreement:
    """How well one structure drawn in both courses coincides after registration."""

    name: str
    dice: float
    mean_distance_mm: float
    hausdorff95_mm: float
    centroid_distance_mm: float


@dataclass(frozen=True, slots=True)
class RegistrationQuality:
    """Numbers that judge a registration; None where the input does not allow one."""

    image_overlap_percent: float | None
    similarity_metric: str | None
    similarity_before: float | None
    similarity_after: float | None
    rotation_degrees: float | None
    translation_mm: float | None
    structures: tuple[StructureAgreement, ...]


@dataclass(frozen=True, slots=True)
class RegistrationSummary:
    """How two courses are related in space, and whether that can be trusted.

    ``matrix`` maps a point of ``from_course``'s frame into ``to_course``'s; None where
    no transform was found.
    """

    from_course: int
    to_course: int
    method: Literal["same-frame", "dicom-reg", "rigid", "given"]
    matrix: tuple[tuple[float, ...], ...] | None
    quality: RegistrationQuality
    verdict: Literal["accepted", "review", "rejected"]
    reason: str


@dataclass(frozen=True, slots=True)
class ClassStability:
    """What becomes of the class if the registration is off by a fixed shift.

    ``same_class_percent`` is the share of the 26 directions with the reported class.
    """

    shift_mm: float
    same_class_percent: float
    classes: Mapping[str, int]
    ov50_low_cc: float
    ov50_high_cc: float
    ov2gy_low_cc: float
    ov2gy_high_cc: float


@dataclass(frozen=True, slots=True)
class Classification:
    """Which kind of re-irradiation a pair of courses is, and why."""

    resbrt_type: Literal["1A", "1B", "2", "1B*", "undetermined"]
    policy: str
    as_applied_type: Literal["1A", "1B", "2", "1B*", "undetermined"]
    estro_eortc: Literal[
        "type 1",
        "type 2",
        "repeat organ irradiation",
        "repeat irradiation",
        "undetermined",
    ]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairAssessment:
    """Overlap of an earlier course, or several, with a later one.

    ``overlap`` has the keys "2Gy" and "50%". ``earlier`` lists the courses whose
    isodoses are united on the first side: one number for a pair, several where a course
    is set against all before it. ``targets`` has "PTV" and "GTV", where both courses
    have one.
    """

    first: int
    second: int
    earlier: tuple[int, ...]
    interval_days: int
    organ: str
    overlap: Mapping[str, OverlapVolume]
    targets: Mapping[str, float | None]
    classification: Classification
    stability: tuple[ClassStability, ...]


@dataclass(frozen=True, slots=True)
class CourseMetrics:
    """Dose of one course to one structure."""

    number: int
    physical: Metrics
    eqd2: Metrics
    physical_interval: Intervals
    eqd2_interval: Intervals


@dataclass(frozen=True, slots=True)
class CumulativeMetrics:
    """EQD2 of all courses together to one structure."""

    eqd2: Metrics
    eqd2_interval: Intervals


@dataclass(frozen=True, slots=True, eq=False)
class DoseCurve:
    """A cumulative dose-volume histogram, for drawing.

    ``label`` is "course 1" or "cumulative"; ``volume_percent`` falls from 100.
    """

    label: str
    quantity: Literal["physical", "EQD2"]
    dose_gy: FloatArray
    volume_percent: FloatArray


@dataclass(frozen=True, slots=True)
class StructureAssessment:
    """Everything known about the dose to one structure.

    ``volume_interval_cc`` goes from the solid that ends with its first and last contour
    to the largest one that ends before the next, empty planes; less what may be holes
    drawn beside their slices.
    """

    name: str
    standard_name: str | None
    role: str
    source_course: int
    transferred: bool
    volume_cc: float
    volume_interval_cc: tuple[float, float]
    alpha_beta_gy: float
    alpha_beta_source: str
    courses: tuple[CourseMetrics, ...]
    cumulative: CumulativeMetrics
    curves: tuple[DoseCurve, ...]


@dataclass(frozen=True, slots=True)
class ConstraintResult:
    """One limit, and whether it is kept.

    ``interval`` is that of the value over all solids that the contours allow.
    ``contains_recovery`` marks limits that allow for recovery of tissue already.
    """

    structure: str
    metric: str
    quantity: Literal["physical", "EQD2", "BED"]
    scope: str
    alpha_beta_gy: float | None
    relation: Literal["<", "<=", ">", ">="]
    limit: float
    value: float | None
    interval: tuple[float, float] | None
    level: str
    verdict: Literal["met", "exceeded", "not evaluable"]
    source: str
    verification: Literal["paper", "secondary", "unverified"]
    set: str
    note: str
    contains_recovery: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole answer for one patient.

    ``links`` says how the objects of every course were tied together; ``budget``,
    ``isotoxic``, ``reductions`` and ``hints`` what the latest course could be given;
    ``uncertainty`` what becomes of the numbers if the registrations are off;
    ``near_maxima`` the hottest part of every organ in several readings; ``scene`` what
    a viewer draws.
    """

    schema_version: str
    created: str
    software: Software
    inputs: tuple[InputObject, ...]
    links: tuple[LinkNode, ...]
    patient: PatientIdentity
    organ: str
    courses: tuple[CourseSummary, ...]
    reference_course: int
    registrations: tuple[RegistrationSummary, ...]
    pairs: tuple[PairAssessment, ...]
    united_pairs: tuple[PairAssessment, ...]
    structures: tuple[StructureAssessment, ...]
    constraints: tuple[ConstraintResult, ...]
    assumptions: tuple[str, ...]
    findings: tuple[Finding, ...]
    budget: DoseBudget | None = None
    isotoxic: Isotoxic | None = None
    reductions: tuple[Reduction, ...] = ()
    hints: tuple[ReductionHint, ...] = ()
    distances: tuple[TargetDistance, ...] = ()
    views: tuple[PlanarView, ...] = ()
    scene: Scene | None = None
    exportable: Exportable | None = None
    recovery: Recovery | None = None
    alpha_beta_sensitivity: AlphaBetaSensitivity | None = None
    cord_rules: tuple[CordRules, ...] = ()
    models: Models | None = None
    uncertainty: Uncertainty | None = None
    near_maxima: tuple[NearMaximum, ...] = ()
    deformable: tuple[DeformableResult, ...] = ()
