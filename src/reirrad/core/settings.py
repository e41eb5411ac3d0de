"""Everything a user may decide about an assessment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from reirrad.core.dose import Interpolation

__all__ = ["PrescribedDose", "Settings"]


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
    prescription
        Course number to prescribed dose.
    start_date
        Plan label or frame of reference UID to the date of the course.
    minimal_ov2gy_cc
        Overlap of the 2 Gy isodoses up to which the paper's authors still saw none.
    recovery_model
        Model of tissue recovery between courses; only "none" so far.
    interpolation
        How dose between voxel centres is found.
    eqd2_alpha_beta_gy
        Ratios for which the accumulated EQD2 is exported; empty for that of an organ
        without one of its own.
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
    interpolation: Interpolation = Interpolation.CUBIC
    eqd2_alpha_beta_gy: tuple[float, ...] = ()
