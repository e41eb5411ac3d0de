"""Values of patients that give the numbers of Chiloiro et al., Radiat Oncol 2024;19:52.

Made up, for `reirrad.phantoms.paper_cohort`; patients are numbered by their follow-up.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from reirrad.core.cohort.terms import OligometastaticState, PrimarySite, Sex

__all__ = [
    "AGES",
    "DIED",
    "FIRST_DOSES_GY",
    "FIRST_LIVER_CC",
    "FIRST_LIVER_GY",
    "FOLLOW_UP_MONTHS",
    "FREE_BREATHING",
    "GIVEN",
    "HOTTEST_GY",
    "HOTTEST_PATIENT",
    "LIVER_CC",
    "LIVER_GY",
    "MEAN_DOSE",
    "PROGRESSED_MONTHS",
    "SITES",
    "STATES",
    "TARGET_GY",
    "THERAPIES",
    "VOLUMES_CC",
    "Given",
]

Therapy = Literal["chemotherapy", "immunotherapy", "chemoimmunotherapy"]
Why = Literal["organ_at_risk", "short_interval", "both"]

AGES = (46, 87, 52, 83, 55, 80, 58, 78, 61, 76, 63, 74, 65, 72, 67, 70, 69, 69)
GYNAE: PrimarySite = "gynaecological"
SITES: tuple[tuple[Sex, PrimarySite], ...] = (
    *((("female", GYNAE),) * 8),
    *((("male", "colorectal"),) * 4),
    *((("male", "hepatocellular"),) * 2),
    ("female", "pancreatic"),
    ("male", "pancreatic"),
    ("male", "lung"),
    ("male", "gastric"),
)
STATES: tuple[OligometastaticState, ...] = (
    *(("metachronous_oligorecurrence",) * 4),
    *(("metachronous_oligoprogression",) * 12),
    *(("induced_oligopersistence",) * 2),
)
FOLLOW_UP_MONTHS = (
    *(3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 10.6),
    *(10.8, 12.1, 12.3, 12.6, 12.9, 13.2, 13.6, 13.9, 34.0),
)
DIED = (1, 9)
PROGRESSED_MONTHS = {1: 2.5, 7: 8.2, 8: 9.0, 9: 9.5, 10: 10.0, 11: 11.0}
THERAPIES: tuple[Therapy, ...] = (
    *(("chemotherapy",) * 4),
    *(("immunotherapy",) * 8),
    *(("chemoimmunotherapy",) * 4),
)
FREE_BREATHING = {4, 8, 10, 12, 16}
MEAN_DOSE = {2, 13, 14}
VOLUMES_CC = (
    *((1.5, 3.6), (1.9, 4.4), (2.3, 5.2), (2.7, 6.0), (3.1, 6.8), (3.5, 7.5)),
    *((3.9, 8.2), (16.2, 29.0), (4.3, 9.0), (4.7, 9.8), (5.1, 10.6), (5.5, 11.5)),
    *((5.9, 12.4), (6.3, 13.4), (6.5, 13.6), (6.7, 13.8), (6.9, 14.1), (7.1, 14.5)),
    *((7.3, 14.9), (8.6, 15.3), (8.9, 15.8), (9.3, 16.4), (9.8, 18.7), (12.1, 23.1)),
    (19.9, 34.9),
)
"""GTV and PTV of every lesion."""

TARGET_GY = {
    50.0: (61.7, 49.2),
    40.0: (49.3, 39.4),
    37.5: (46.3, 36.9),
    35.0: (43.2, 34.5),
    24.0: (29.6, 23.6),
    16.0: (16.5, 15.0),
}
"""D2% and D98% of the PTV by prescribed dose."""

HOTTEST_PATIENT, HOTTEST_GY = 15, (67.5, 59.5)
FIRST_DOSES_GY = (
    *(50.0, 40.0, 50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 40.0),
    *(24.0, 35.0, 50.0, 37.5, 30.0, 40.0, 50.0, 40.0, 40.0),
)
FIRST_LIVER_GY = (
    *(1.0, 1.5, 2.0, 2.3, 2.6, 2.9, 3.1, 3.3, 3.8),
    *(4.1, 4.4, 4.8, 5.3, 5.6, 7.1, 10.0, 3.5, 3.6),
)
LIVER_GY = (
    *(1.6, 2.0, 2.3, 2.5, 2.7, 2.9, 3.1, 3.3, 3.5, 3.6),
    *(3.7, 3.8, 3.9, 4.1, 4.3, 4.4, 4.5, 4.8, 5.0, 8.0),
)
FIRST_LIVER_CC = (
    *(926.0, 1970.0, 1016.75, 1036.75, 1056.75, 1076.75, 1096.75, 1116.75, 1136.75),
    *(1156.75, 1196.75, 1236.75, 1256.75, 1276.75, 1296.75, 1316.75, 1176.75, 1216.75),
)
LIVER_CC = (967.0, *np.linspace(1072.44, 1472.44, 18).round(2).tolist(), 2009.0)


@dataclass(frozen=True, slots=True)
class Given:
    """A re-irradiation: whose, how, and its overlap with the first course."""

    patient: int
    interval_months: float
    dose_gy: float
    n_fractions: int
    n_lesions: int
    ov2gy_cc: float
    ov50_cc: float = 0.0
    site: Literal["liver", "peritoneum"] = "liver"
    reduced: Why | None = None
    adapted: tuple[int, ...] = ()
    mr_guided: bool = True


GIVEN = (
    Given(1, 4.5, 50, 5, 1, 0.0, mr_guided=False),
    Given(2, 5.5, 40, 5, 2, 450.0, mr_guided=False),
    Given(
        3,
        3.0,
        35,
        5,
        1,
        205.0,
        site="peritoneum",
        reduced="both",
        adapted=(1, 2, 3, 4, 5),
    ),
    Given(4, 6.5, 50, 5, 1, 0.0),
    Given(5, 2.0, 24, 3, 2, 880.0, 22.0, reduced="short_interval"),
    Given(6, 3.5, 16, 4, 1, 985.0, 14.0, reduced="organ_at_risk"),
    Given(7, 28.0, 50, 5, 1, 11.0),
    Given(8, 7.5, 50, 5, 2, 861.0, adapted=(1, 3, 5)),
    Given(
        9,
        4.0,
        35,
        5,
        1,
        300.0,
        site="peritoneum",
        reduced="short_interval",
        adapted=(2, 4),
    ),
    Given(10, 13.0, 37.5, 5, 1, 20.0, site="peritoneum"),
    Given(11, 8.4, 37.5, 5, 1, 380.0, site="peritoneum"),
    Given(12, 8.6, 50, 5, 2, 1120.0, 40.0, adapted=(1, 2, 4)),
    Given(13, 8.8, 37.5, 5, 1, 27.8, site="peritoneum"),
    Given(14, 9.0, 40, 5, 2, 1258.2, 3.5),
    Given(15, 9.5, 50, 5, 1, 2098.0, 65.0, adapted=(1, 2, 3)),
    Given(16, 5.0, 35, 5, 1, 540.0, reduced="organ_at_risk"),
    Given(17, 9.2, 50, 5, 1, 640.0),
    Given(17, 10.3, 50, 5, 1, 760.0, 1.0),
    Given(18, 11.5, 50, 5, 1, 920.0, 8.0),
    Given(18, 12.2, 40, 5, 1, 1050.0),
)
