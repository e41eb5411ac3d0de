"""What models of liver and tumour say, as plain values.

A part of :mod:`reirrad.core.assessment`, whose conventions hold here too. Models
describe groups of patients; none decides a verdict.
"""

from dataclasses import dataclass
from typing import Literal

__all__ = ["LocalControl", "Models", "NormalLiverModel"]

Verification = Literal["paper", "secondary", "unverified"]


@dataclass(frozen=True, slots=True)
class NormalLiverModel:
    """One model's answer for the liver without tumour.

    Parameters
    ----------
    model, endpoint
        Name and what it is the probability of.
    scope
        "course 1" or "cumulative".
    dose_kind, dose_gy
        The dose that enters and its value: "gEUD" of equivalent dose, or "physical
        mean"; None where it is not known.
    alpha_beta_gy, reference_dose_per_fraction_gy
        Of the equivalent dose; None for physical dose.
    effective_volume_share
        Share of the liver that would have the same effect at the maximum dose; None
        where the model has none.
    probability_percent
        None where the dose is not known.
    illustration
        Whether the model is too weak to be more than a picture.
    beyond_data
        Why the dose lies outside of what the model was made from; empty if it does not.
    """

    model: str
    endpoint: str
    scope: str
    dose_kind: Literal["gEUD", "physical mean"]
    dose_gy: float | None
    alpha_beta_gy: float | None
    reference_dose_per_fraction_gy: float | None
    effective_volume_share: float | None
    probability_percent: float | None
    illustration: bool
    beyond_data: str
    source: str
    verification: Verification
    note: str


@dataclass(frozen=True, slots=True)
class LocalControl:
    """Which of two groups of metastases a BED belongs to.

    ``above`` says whether the BED is above ``threshold_gy``; the last numbers are local
    control in that group after ``years``.
    """

    course: int
    subject: str
    dose_gy: float | None
    n_fractions: int | None
    alpha_beta_gy: float
    bed_gy: float | None
    threshold_gy: float
    above: bool | None
    control_percent: float | None
    lesions: int | None
    years: int
    source: str
    verification: Verification
    note: str


@dataclass(frozen=True, slots=True)
class Models:
    """Every model; ``missing`` says why one has no answer."""

    normal_liver: tuple[NormalLiverModel, ...]
    local_control: tuple[LocalControl, ...]
    missing: tuple[str, ...]
