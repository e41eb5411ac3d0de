"""What is asked of a cohort."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["Questions", "StrataName"]

StrataName = Literal[
    "resbrt_type",
    "as_applied_type",
    "estro_eortc",
    "primary_site",
    "sex",
    "technique",
    "irradiated_site",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What a report of a cohort answers.

    Parameters
    ----------
    strata
        Quality by which every output is given beside "all".
    horizons_months
        Times at which survival, control and response are given.
    fewest_at_risk
        An estimate is not given where fewer units than this remain under observation.
    toxicity_grade
        Least grade that counts as an event when toxicity is set against dose.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    strata: StrataName = "resbrt_type"
    horizons_months: tuple[float, ...] = (12.0,)
    fewest_at_risk: int = 5
    toxicity_grade: int = 2

    def __post_init__(self) -> None:
        if self.strata not in get_args(StrataName):
            msg = f"strata must be one of {get_args(StrataName)}, got {self.strata!r}"
            raise ValueError(msg)
        months = self.horizons_months
        if not months or not all(0 < month < math.inf for month in months):
            msg = f"horizons_months must be above 0, got {months}"
            raise ValueError(msg)
        if len(set(months)) < len(months):
            msg = f"horizons_months must differ from one another, got {months}"
            raise ValueError(msg)
        if self.fewest_at_risk < 1:
            msg = f"fewest_at_risk must be 1 or more, got {self.fewest_at_risk}"
            raise ValueError(msg)
        if not 1 <= self.toxicity_grade <= 5:
            msg = f"toxicity_grade must be 1 to 5, got {self.toxicity_grade}"
            raise ValueError(msg)
