"""Whether a dose can be what its prescription says.

See ``docs/decisions/0038-doubtful-plans-doses-and-links.md``.
"""

import math
from dataclasses import dataclass, replace
from typing import Self

from reirrad.dicom.audit import Audit
from reirrad.dicom.elements import named

__all__ = ["DoseRules", "check_dose"]


@dataclass(frozen=True, slots=True)
class DoseRules:
    """Limits of a dose grid and of a prescription.

    Parameters
    ----------
    lowest_max_over_prescription, highest_max_over_prescription
        Of the dose maximum over the prescribed dose: outside of them the two hardly
        belong together.
    widest_uneven_step_mm
        Distance of two planes up to which dose is interpolated between uneven ones.
    impossible_max_over_prescription
        Above it the numbers are no doses, whatever was prescribed.
    impossible_external_max_over_prescription
        Above it they are no doses in gray of beams from outside.
    lowest_per_fraction_gy, highest_per_fraction_gy
        Of the prescribed dose over the number of fractions: outside of them one of the
        two is hardly right.
    """

    lowest_max_over_prescription: float
    highest_max_over_prescription: float
    widest_uneven_step_mm: float = math.inf
    impossible_max_over_prescription: float = math.inf
    impossible_external_max_over_prescription: float = math.inf
    lowest_per_fraction_gy: float = 0.0
    highest_per_fraction_gy: float = math.inf

    def for_brachytherapy(self) -> Self:
        """The same for sources in the patient, beside which the dose is far higher."""
        return replace(self, impossible_external_max_over_prescription=math.inf)


def check_dose(
    highest_gy: float,
    *,
    prescribed_gy: float,
    n_fractions: int,
    about: str,
    rules: DoseRules,
    audit: Audit,
) -> bool:
    """Refuse a dose of one fraction, or no dose; note what hardly fits.

    A dose is taken for that of one fraction where its maximum is below the prescription
    but the maximum times the number of fractions need not be above what is usual. With
    two fractions that is every maximum below the prescription.

    Parameters
    ----------
    highest_gy
        Maximum of the dose.
    prescribed_gy, n_fractions
        What was ordered with it.
    about
        The plan and its dose in the reader's words.

    Returns
    -------
    bool
        False where the dose must not be used.
    """
    ratio = highest_gy / prescribed_gy
    low = rules.lowest_max_over_prescription
    high = rules.highest_max_over_prescription
    numbers = (
        f"its maximum is {highest_gy:.4g} Gy and {prescribed_gy:g} Gy were prescribed "
        f"in {n_fractions} fractions"
    )
    if ratio < low and n_fractions > 1 and ratio <= high / n_fractions:
        audit.stop(
            f"{about}: the dose looks like that of one fraction: {numbers}. Export the "
            f"dose of the plan over all fractions, or correct the prescription (in Gy) "
            f"in the settings."
        )
        return False
    impossible = _impossible(ratio, rules)
    if impossible:
        audit.stop(f"{about}: {numbers}; {impossible}")
        return False
    if ratio < low:
        audit.note(
            "dose-below-prescription",
            "warning",
            about,
            f"{about}: {numbers}; less than {low:g} of it is reached. The dose may be "
            f"of one beam, cut off or of another plan.",
        )
    if ratio > high:
        audit.note(
            "dose-above-prescription",
            "warning",
            about,
            f"{about}: {numbers}; that is more than {high:g} times as much. Dose and "
            f"prescription may not belong together.",
        )
    _note_dose_per_fraction(prescribed_gy, n_fractions, about, rules=rules, audit=audit)
    return True


def _impossible(ratio: float, rules: DoseRules) -> str:
    """Why numbers so far above the prescription are no doses in gray, or empty."""
    if ratio > rules.impossible_max_over_prescription:
        return (
            f"no dose is {rules.impossible_max_over_prescription:g} times the "
            f"prescription. {named('PixelRepresentation')}, {named('DoseGridScaling')} "
            f"or the byte order of {named('PixelData')} is wrong; export the dose "
            f"again."
        )
    if ratio > rules.impossible_external_max_over_prescription:
        return (
            f"no dose of beams from outside is more than "
            f"{rules.impossible_external_max_over_prescription:g} times the "
            f"prescription. It may be in cGy although {named('DoseUnits')} says GY, or "
            f"the prescription that of one fraction. Export the dose in Gy, correct "
            f"the prescription (in Gy) in the settings, or add the RTPLAN if it is "
            f"brachytherapy."
        )
    return ""


def _note_dose_per_fraction(
    prescribed_gy: float,
    n_fractions: int,
    about: str,
    *,
    rules: DoseRules,
    audit: Audit,
) -> None:
    """Say where dose and number of fractions hardly belong together."""
    per_fraction_gy = prescribed_gy / n_fractions
    low, high = rules.lowest_per_fraction_gy, rules.highest_per_fraction_gy
    if low <= per_fraction_gy <= high:
        return
    audit.note(
        "dose-per-fraction-unlikely",
        "warning",
        about,
        f"{about}: {prescribed_gy:g} Gy were prescribed in {n_fractions} fraction(s), "
        f"{per_fraction_gy:.3g} Gy each; {low:g} to {high:g} Gy are usual. Every "
        f"equivalent dose hangs on this: check both, and correct them in the settings "
        f"if they are wrong.",
    )
