"""Everything a user may decide about an assessment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from reirrad.core.dose import Interpolation

__all__ = ["ORGANS_THAT_CHANGE_SHAPE", "PrescribedDose", "Settings"]

ORGANS_THAT_CHANGE_SHAPE = (
    "Stomach",
    "Duodenum",
    "Bowel",
    "Bag_Bowel",
    "Bowel_Small",
    "Jejunum_Ileum",
    "Jejunum",
    "Ileum",
    "Bowel_Large",
    "Colon",
    "Colon_Sigmoid",
)


@dataclass(frozen=True, slots=True)
class PrescribedDose:
    """A prescription that the plan does not carry, or that overrides it."""

    dose_gy: float
    n_fractions: int


@dataclass(frozen=True, slots=True)
class Settings:
    """The decisions behind one assessment.

    Parameters
    ----------
    organ
        Structure in which overlap is measured: a TG-263 name or a drawn name.
    alpha_beta_gy
        The user's own ratios: standard name, ``default_oar`` or ``target`` to Gy.
    constraints
        Constraint sets to evaluate.
    oar_concern
        Whether the clinician is concerned about cumulative dose.
    structures
        Drawn name, in lower case, to standard name.
    of_many_patients
        Whether the same decisions hold for many patients: a name in `structures` that
        one of them does not have is no fault then.
    prescription
        Course number to prescribed dose.
    start_date
        Plan label or frame of reference UID to the date of the course.
    minimal_ov2gy_cc
        Overlap of the 2 Gy isodoses up to which the paper's authors still saw none.
    recovery_model
        Model of tissue recovery between courses, "none" without one.
    recovery_form
        Whether recovery grows in steps, as published, or smoothly between them.
    interpolation
        How dose between voxel centres is found.
    eqd2_alpha_beta_gy
        Ratios for which the accumulated EQD2 is exported; empty for that of an organ
        without one of its own.
    translation_mm, rotation_degrees
        Stated accuracy of every registration, root mean square; None for the default.
    registration_draws, registration_seed
        How many perturbed registrations are tried, and which.
    deformable
        Whether a deformable registration stands beside the rigid one.
    worst_case
        Standard names of organs that do not keep their shape: limits of their sum are
        also tested as if the hottest parts of all courses met.
    linear_quadratic_linear
        Whether the equivalent doses are also given with a linear high-dose part.
    budget_fractions
        Numbers of fractions for which the remaining dose is given.
    """

    organ: str
    constraints: tuple[str, ...]
    minimal_ov2gy_cc: float
    alpha_beta_gy: Mapping[str, float] = field(default_factory=dict)
    oar_concern: bool = False
    structures: Mapping[str, str] = field(default_factory=dict)
    prescription: Mapping[int, PrescribedDose] = field(default_factory=dict)
    start_date: Mapping[str, date] = field(default_factory=dict)
    recovery_model: str = "none"
    recovery_form: Literal["stepped", "smooth"] = "stepped"
    interpolation: Interpolation = Interpolation.CUBIC
    eqd2_alpha_beta_gy: tuple[float, ...] = ()
    translation_mm: float | None = None
    rotation_degrees: float | None = None
    registration_draws: int = 256
    registration_seed: int = 1
    deformable: bool = False
    worst_case: tuple[str, ...] = ORGANS_THAT_CHANGE_SHAPE
    linear_quadratic_linear: bool = False
    budget_fractions: tuple[int, ...] = (1, 3, 5, 8)
    of_many_patients: bool = False
