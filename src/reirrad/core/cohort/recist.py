"""Response by RECIST 1.1 (Eisenhauer et al., Eur J Cancer 2009;45:228)."""

from collections.abc import Iterable
from typing import Literal

from reirrad.core.cohort.clinical_rules import OutcomeRules, RecistRules

__all__ = ["RecistCategory", "recist_category", "response_at_landmark"]

RecistCategory = Literal["CR", "PR", "SD", "PD"]

FROM_BEST: tuple[RecistCategory, ...] = ("CR", "PR", "SD", "PD")

DECIMALS = 9


def recist_category(
    *,
    baseline_mm: float,
    nadir_mm: float,
    now_mm: float,
    new_lesion: bool,
    rules: RecistRules,
) -> RecistCategory:
    """Category of a sum of diameters.

    Parameters
    ----------
    baseline_mm
        Sum of the target lesions before the course, above 0.
    nadir_mm
        Smallest sum so far, before this imaging.
    now_mm
        Sum now. It is 0 where every target lesion is gone; a lymph node that has
        become normal must be entered as 0.
    new_lesion
        Whether there is any new lesion.
    rules
        Changes that count.

    Raises
    ------
    ValueError
        If the baseline is not above 0, or another sum is negative.
    """
    if baseline_mm <= 0.0 or nadir_mm < 0.0 or now_mm < 0.0:
        msg = (
            "sums of diameters must be 0 mm or more and the baseline above 0 mm, found "
            f"baseline {baseline_mm}, nadir {nadir_mm}, now {now_mm}"
        )
        raise ValueError(msg)
    if new_lesion or _progressed(min(nadir_mm, baseline_mm), now_mm, rules):
        return "PD"
    if now_mm == 0.0:
        return "CR"
    decrease = round(100.0 * (baseline_mm - now_mm) / baseline_mm, DECIMALS)
    return "PR" if decrease >= rules.partial_decrease_percent else "SD"


def _progressed(nadir_mm: float, now_mm: float, rules: RecistRules) -> bool:
    if nadir_mm == 0.0:
        return now_mm > 0.0  # a lesion that had disappeared is there again
    growth_mm = round(now_mm - nadir_mm, DECIMALS)
    growth_percent = round(100.0 * growth_mm / nadir_mm, DECIMALS)
    return (
        growth_mm >= rules.progression_increase_mm
        and growth_percent >= rules.progression_increase_percent
    )


def response_at_landmark(
    evaluations: Iterable[tuple[float, RecistCategory]], rules: OutcomeRules
) -> RecistCategory | None:
    """Response that stands at the landmark, which is 12 months with the shipped rules.

    A progression up to the landmark stays one, since what is treated afterwards is
    no longer the response to this course. Otherwise the evaluation in the window that
    is nearest to the landmark counts, the earlier one of two that are equally near, and
    the worse one of two on the same day.

    Parameters
    ----------
    evaluations
        Months from the end of the re-irradiation, and category; in any order.
    rules
        Landmark and window.

    Returns
    -------
    RecistCategory or None
        None where nothing in the window was evaluated and nothing progressed before.
    """
    known = list(evaluations)
    landmark = rules.response_months
    if any(what == "PD" and 0.0 <= months <= landmark for months, what in known):
        return "PD"
    window = [
        (abs(months - landmark), months, -FROM_BEST.index(what))
        for months, what in known
        if rules.response_from_months <= months <= rules.response_up_to_months
    ]
    return FROM_BEST[-min(window)[2]] if window else None
