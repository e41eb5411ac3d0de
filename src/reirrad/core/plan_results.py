"""What is reported of a plan: dose metrics and plan quality, as plain values.

A part of :mod:`reirrad.core.assessment`, whose conventions hold here too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Metrics", "NormalLiver", "PlanQuality", "TargetQuality"]

Metrics = Mapping[str, float | None]
"""TG-263 dose-metric name to value."""


@dataclass(frozen=True, slots=True)
class TargetQuality:
    """Dose to one target of a course, against its own prescription."""

    name: str
    role: str
    prescription_gy: float
    volume_cc: float
    metrics: Metrics
    v95_percent: float | None
    homogeneity_icru83: float | None
    homogeneity_rtog: float | None
    conformity_rtog: float | None
    conformity_paddick: float | None
    gradient_index: float | None
    r50: float | None
    gradient_cm: float | None
    margin_mm: float | None


@dataclass(frozen=True, slots=True)
class NormalLiver:
    """Liver minus every GTV of the course."""

    volume_cc: float
    mean_gy: float | None
    mean_eqd2_gy: float | None
    alpha_beta_gy: float


@dataclass(frozen=True, slots=True)
class PlanQuality:
    """How well one course's plan treats its targets and spares the liver."""

    targets: tuple[TargetQuality, ...]
    normal_liver: NormalLiver | None
