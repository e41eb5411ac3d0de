"""What a deformable registration would change, beside the rigid one.

A part of :mod:`reirrad.core.assessment`, whose conventions hold here too. The rigid
numbers are those that the assessment reports; the others stand beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "ChangedVerdict",
    "ComparedMetric",
    "ComparedOverlap",
    "ComparedPair",
    "ComparedStructure",
    "DeformableQuality",
    "DeformableResult",
]


@dataclass(frozen=True, slots=True)
class ComparedStructure:
    """How well a structure drawn in both courses coincides, before and after.

    ``rigid`` and ``deformable`` have the keys "dice", "mean_distance_mm",
    "hausdorff95_mm" and "centroid_distance_mm".
    """

    name: str
    rigid: Mapping[str, float]
    deformable: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class DeformableQuality:
    """Numbers that judge a deformable registration, in the organ of the overlap.

    None where the input does not allow one.

    Parameters
    ----------
    longest_mm
        Longest displacement on top of the rigid parts, anywhere.
    outside_percent
        Share of the organ outside the grid of vectors.
    jacobian_least, jacobian_largest
        Range of the Jacobian determinant.
    folded_percent
        Share of the organ's grid cells in which tissue is folded over.
    inverse_consistency_mean_mm, inverse_consistency_p95_mm
        How far points come back from where they were, there and back.
    similarity_before, similarity_after
        Local correlation of the images in the patient.
    other_reading_mm
        How far the map would differ under the other reading of a DICOM object with a
        matrix before its vectors.
    structures
        Organs that both courses have.
    """

    longest_mm: float
    outside_percent: float
    jacobian_least: float | None
    jacobian_largest: float | None
    folded_percent: float | None
    inverse_consistency_mean_mm: float | None
    inverse_consistency_p95_mm: float | None
    similarity_before: float | None
    similarity_after: float | None
    other_reading_mm: float
    structures: tuple[ComparedStructure, ...]


@dataclass(frozen=True, slots=True)
class ComparedMetric:
    """EQD2 of all courses together in one organ, under both registrations.

    ``sum_of_maxima_gy`` adds the near-maxima of the courses
    (:class:`reirrad.core.near_maximum.NearMaximum`); None of a mean.
    """

    structure: str
    metric: str
    alpha_beta_gy: float
    rigid_gy: float | None
    deformable_gy: float | None
    sum_of_maxima_gy: float | None


@dataclass(frozen=True, slots=True)
class ComparedOverlap:
    """Volume shared by the isodoses of a pair, under both registrations."""

    rigid_organ_cc: float | None
    rigid_total_cc: float | None
    deformable_organ_cc: float | None
    deformable_total_cc: float | None


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """Overlap and type of a pair of courses; ``overlap`` has "2Gy" and "50%"."""

    first: int
    second: int
    overlap: Mapping[str, ComparedOverlap]
    rigid_type: str
    deformable_type: str
    rigid_as_applied_type: str
    deformable_as_applied_type: str


@dataclass(frozen=True, slots=True)
class ChangedVerdict:
    """A limit whose verdict depends on the choice of registration."""

    structure: str
    metric: str
    quantity: str
    scope: str
    relation: str
    limit: float
    level: str
    set: str
    rigid_value: float | None
    rigid_verdict: str
    deformable_value: float | None
    deformable_verdict: str


@dataclass(frozen=True, slots=True)
class DeformableResult:
    """The deformable registration of one course, and what it would change.

    Only this course is deformed; the others stay where the rigid result has them. What
    rests on a rejected registration is empty, and ``quality`` is None where none was
    found. ``pairs`` is empty too where the grid of vectors loses a part of the isodoses
    or of the organ and the rigid parts do not hold there. ``not_compared`` lists
    structures carried over from a course: they follow the rigid registration, so their
    doses under the other one are not given.
    """

    from_course: int
    to_course: int
    method: Literal["dicom-deformable", "deformable"]
    quality: DeformableQuality | None
    verdict: Literal["accepted", "review", "rejected"]
    reason: str
    metrics: tuple[ComparedMetric, ...]
    pairs: tuple[ComparedPair, ...]
    changed_verdicts: tuple[ChangedVerdict, ...]
    not_compared: tuple[str, ...]
