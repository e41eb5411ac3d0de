"""Whether a dose can be what its prescription says."""

import math
from dataclasses import dataclass

from reirrad.dicom.audit import Audit
from reirrad.dicom.elements import named

__all__ = ["DoseRules", "check_dose"]


@dataclass(frozen=True, slots=True)
class DoseRules:
    """Limits of a dose grid.

    Parameters
    ----------
    lowest_max_over_prescription, highest_max_over_prescription
        Of the dose maximum over the prescribed dose: outside of them the two hardly
        belong together.
    widest_uneven_step_mm
        Distance of two planes up to which dose is interpolated between uneven ones.
    impossible_max_over_prescription
        Above it the numbers are no doses, whatever was prescribed.
    """

    lowest_max_over_prescription: float
    highest_max_over_prescription: float
    widest_uneven_step_mm: float = math.inf
    impossible_max_over_prescription: float = math.inf


def check_dose(
    highest_gy: float,
    *,
    prescribed_gy: float,
    n_fractions: int,
    about: str,
    rules: DoseRules,
    audit: Audit,
) -> bool:
    """Refuse a dose of one fraction, or no dose; note one that does not fit.

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
    if ratio > rules.impossible_max_over_prescription:
        audit.stop(
            f"{about}: {numbers}; no dose is "
            f"{rules.impossible_max_over_prescription:g} times the prescription. "
            f"{named('PixelRepresentation')}, {named('DoseGridScaling')} or the byte "
            f"order of {named('PixelData')} is wrong; export the dose again."
        )
        return False
    if ratio < low:
        audit.note(
            "dose-below-prescription",
            "warning",
            about,
            f"{about}: {numbers}; less than {low:g} of it is reached. The dose may be "
            f"of one beam or of another plan.",
        )
    if ratio > high:
        audit.note(
            "dose-above-prescription",
            "warning",
            about,
            f"{about}: {numbers}; that is more than {high:g} times as much. Dose and "
            f"prescription may not belong together.",
        )
    return True
