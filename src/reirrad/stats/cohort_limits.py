"""Limits that the outputs of a cohort use; the knowledge tables give sources."""

from dataclasses import dataclass

__all__ = ["CohortLimits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortLimits:
    """Limits of the outputs.

    Parameters
    ----------
    tumour_alpha_beta_gy
        alpha/beta ratio of tumours, in Gy.
    lesions_below
        A patient is eligible with fewer lesions than this.
    highest_ecog
        And with a performance status of this at most.
    coverage_percent
        Share of the PTV, in per cent, that should receive 95 % of the prescription.
    minimal_ov2gy_cc
        Overlap of the 2 Gy isodoses up to which the type as applied sees none.
    """

    tumour_alpha_beta_gy: float
    lesions_below: float
    highest_ecog: float
    coverage_percent: float
    minimal_ov2gy_cc: float
