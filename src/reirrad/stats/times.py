"""Times to an event as statistics take them."""

from dataclasses import dataclass

__all__ = ["CENSORED", "COMPETING", "DAYS_PER_MONTH", "EVENT", "Observed"]

CENSORED, EVENT, COMPETING = 0, 1, 2

DAYS_PER_MONTH = 30.4375
"""A twelfth of 365.25 days, the convention of every interval in months."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Times of one group.

    Parameters
    ----------
    endpoint
        Its name.
    stratum
        Which group.
    unit
        "patient", "course" or "lesion".
    months
        Time of each unit, 0 or more.
    outcome
        `CENSORED`, `EVENT` or `COMPETING` of each.
    missing
        Units of the group whose time cannot be told.
    """

    endpoint: str
    stratum: str
    unit: str
    months: tuple[float, ...]
    outcome: tuple[int, ...]
    missing: int
