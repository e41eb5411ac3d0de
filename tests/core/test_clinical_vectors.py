"""The reference vectors, each computed by the project's own functions.

A vector's id stands beside the call that must give its value. Groups that this table
does not cover yet are named at the end, so that none is forgotten.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reirrad.core.classification import resbrt_type
from reirrad.core.constraints import holds
from reirrad.core.cord_rules import (
    CordCourses,
    cord_criteria,
    cord_score,
    overall_verdict,
)
from reirrad.core.dvh import dose_volume, metric_value
from reirrad.core.linear_quadratic_linear import bed_linear_above
from reirrad.core.ntcp import (
    effective_volume_share,
    geud_gy,
    lkb_ntcp,
    lkb_ntcp_by_effective_volume,
    m_from_gamma50,
    probit_ntcp,
)
from reirrad.core.plan_quality import (
    PlanIndices,
    gradient_cm,
    homogeneity_icru83,
    homogeneity_rtog,
)
from reirrad.core.radiobiology import (
    bed,
    bed_from_eqd2,
    dose_for_eqd2,
    eqd2,
    eqd2_from_bed,
    eqdx,
)
from reirrad.core.recovery import recovered_share
from reirrad.knowledge.constraint_tables import load_constraints
from reirrad.knowledge.cord_rules import load_cord_rules
from reirrad.knowledge.liver_models import LkbModel, load_liver_models
from reirrad.knowledge.recovery import load_recovery_model
from reirrad.knowledge.rules import rule_limits
from reirrad.phantoms.closed_forms import lens_volume_cc, sphere_volume_cc

pytestmark = pytest.mark.reference

Answer = Callable[[], Any]

COVERED = {
    "BED",
    "EQD2",
    "voxel",
    "cumul",
    "cord",
    "bowel",
    "LQ-L",
    "NTCP",
    "plan",
    "geom",
    "class",
}
LATER = {
    "USC",
    "gate",
    "seed",
}
ELSEWHERE = {"CTCAE", "RECIST", "tox", "liver", "KM", "CI"}
"""Covered by cohort/test_grading_vectors.py and stats/test_survival_vectors.py."""


def bed_of(dose: float, n: int, ratio: float) -> float:
    return float(bed(dose, n_fractions=n, alpha_beta_gy=ratio))


def eqd2_of(dose: float, n: int, ratio: float) -> float:
    return float(eqd2(dose, n_fractions=n, alpha_beta_gy=ratio))


def inverse_of(equivalent: float, n: int, ratio: float) -> float:
    return float(dose_for_eqd2(equivalent, n_fractions=n, alpha_beta_gy=ratio))


BED: dict[str, tuple[float, int, float]] = {
    "B01": (50, 5, 10),
    "B02": (43, 5, 10),
    "B03": (41, 5, 10),
    "B04": (24, 3, 10),
    "B05": (16, 4, 10),
    "B06": (35, 5, 10),
    "B07": (40, 5, 10),
    "B08": (45, 3, 10),
    "B09": (48, 4, 10),
    "B10": (54, 3, 10),
    "B11": (60, 3, 10),
    "B12": (50, 5, 3),
    "B13": (30, 5, 3),
    "B14": (35, 5, 3),
    "B15": (35, 5, 2.5),
    "B16": (50, 25, 2),
}
EQD2: dict[str, tuple[float, int, float]] = {
    "E01": (50, 5, 10),
    "E02": (24, 3, 10),
    "E03": (16, 4, 10),
    "E04": (35, 5, 10),
    "E05": (35, 5, 3),
    "E06": (35, 5, 2.5),
    "E07": (30, 5, 3),
    "E08": (20, 5, 2),
    "E09": (12.4, 1, 2),
    "E10": (14, 1, 2),
    "E11": (20.3, 3, 2),
    "E12": (25.3, 5, 2),
    "E13": (60, 30, 10),
    "E14": (2, 5, 3),
    "E15": (2, 3, 3),
    "E16": (3.9, 5, 2),
    "E17": (3.9, 5, 2.5),
    "E18": (3.9, 5, 3),
    "E19": (3.7, 5, 3),
    "E20": (45, 25, 3),
    "E27": (19, 2, 3),
    "Y01": (21, 5, 2.5),
    "Y02": (17.5, 5, 2.5),
    "Y03": (19.2, 4, 2.5),
    "Y04": (19.2, 3, 2.5),
    "Y05": (17.1, 3, 2.5),
    "J04": (40, 5, 3),
    "J05": (40, 10, 3),
    "J07": (54, 10, 3),
}
INVERSE: dict[str, tuple[float, int, float]] = {
    "E24": (54, 5, 2.5),
    "E25": (98, 5, 3),
    "E26": (25, 3, 2),
    "Y07": (32, 5, 2.5),
    "Y08": (32, 3, 2.5),
    # What is left of 54 Gy after 24 Gy in 5 fractions of which a quarter is recovered.
    "C06": (54 - 0.75 * eqd2_of(24, 5, 2.5), 5, 2.5),
}
# Overlap of the 2 Gy isodoses, of the half-dose isodoses, and the threshold, all in cc.
CLASS: dict[str, tuple[float, float, float]] = {
    "K01": (0, 0, 0),
    "K02": (11, 0, 0),
    "K03": (11, 0, 30),
    "K04": (27.8, 0, 30),
    "K05": (27.8, 0, 27.8),
    "K06": (205, 0, 30),
    "K07": (861, 65, 30),
    "K08": (861, 1, 30),
    "K09": (20, 2, 30),
    "K10": (2098, 0, 30),
    "K11": (205, 0, 205),
}
# Diameter of two equal balls and distance of their centres, both in mm.
LENS: dict[str, tuple[float, float]] = {
    "G01": (50, 45),
    "G02": (50, 48),
    "G03": (50, 42),
    "G04": (50, 51),
    "G05": (50, 48),
    "G06": (120, 50),
    "G07": (120, 53),
}


def lens(diameter_mm: float, distance_mm: float) -> float:
    radius = diameter_mm / 2
    return lens_volume_cc(radius, radius, distance_mm=distance_mm)


def voxels_in_lens_cc(radius_mm: float, distance_mm: float) -> float:
    """Count of 1 mm voxels whose centres lie in both balls: what a mask would say."""
    axis = np.arange(-30.0, 30.0) + 0.5
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
    inside = [
        (x - sign * distance_mm / 2) ** 2 + y**2 + z**2 <= radius_mm**2
        for sign in (-1, 1)
    ]
    return float(np.sum(inside[0] & inside[1])) / 1000.0


def change_percent(diameter_mm: float, distance_mm: float) -> float:
    before = lens(diameter_mm, distance_mm)
    return 100 * (lens(diameter_mm, distance_mm + 3) / before - 1)


def mean_of_eqd2() -> float:
    values = eqd2([0, 0, 0, 20], n_fractions=5, alpha_beta_gy=3)
    return metric_value("Mean[Gy]", dose_volume(values, np.ones(4)))


def eqd2_of_mean() -> float:
    mean = metric_value(
        "Mean[Gy]", dose_volume(np.array([0.0, 0.0, 0.0, 20.0]), np.ones(4))
    )
    return eqd2_of(mean, 5, 3)


def linear_metric(name: str, volume_cc: float) -> float:
    """A metric of doses spread evenly from 0 to 100 Gy."""
    n = 100_000
    doses = np.linspace(0.0, 100.0, n, endpoint=False) + 50.0 / n
    return metric_value(name, dose_volume(doses, np.full(n, volume_cc / n)))


def verdict(value: float, *, quantity: str, organ: str = "Bowel_Small") -> str:
    (row,) = [
        row
        for row in load_constraints(["reirradiation"])
        if row.limit == 98 and row.quantity == quantity and organ in row.organs
    ]
    return "PASS" if holds(value, row.relation, row.limit) else "FAIL"


def slevin_verdicts(value: float) -> str:
    rows = [
        row
        for row in load_constraints(["reirradiation"])
        if "Slevin" in row.source
        and row.metric == "D0.5cc[Gy]"
        and "Bowel_Small" in row.organs
    ]
    assert [row.limit for row in rows] == [70, 90]
    failed = [not holds(value, row.relation, row.limit) for row in rows]
    return "FAIL both" if all(failed) else "PASS one"


def recovered(first: float, second: float, months: float) -> float:
    """EQD2 of two courses of five fractions to the duodenum, with recovery."""
    model = load_recovery_model("michigan")
    assert model is not None
    steps = model.organs["Duodenum"].steps
    kept = 1.0 - recovered_share(steps, months, form="stepped")
    return kept * eqd2_of(first, 5, 2.5) + eqd2_of(second, 5, 2.5)


def recovered_cord(model_name: str, months: float) -> float:
    model = load_recovery_model(model_name)
    assert model is not None
    steps = model.organs["SpinalCord"].steps
    return 1.0 - recovered_share(steps, months, form="stepped")


def cord_courses(
    first: tuple[float, int], second: tuple[float, int], months: float
) -> CordCourses:
    """Both courses even in the cord, with the alpha/beta ratio of the rules."""
    ratio = CORD.alpha_beta_gy
    beds = [bed_of(dose, n, ratio) for dose, n in (first, second)]
    return CordCourses(
        total_eqd2_gy=sum(eqd2_of(dose, n, ratio) for dose, n in (first, second)),
        latest_eqd2_gy=eqd2_of(*second, ratio),
        total_bed_gy=sum(beds),
        course_bed_gy=beds,
        interval_months=months,
    )


def all_criteria(
    first: tuple[float, int], second: tuple[float, int], months: float
) -> bool:
    criteria = cord_criteria(cord_courses(first, second, months), CORD.criterion)
    return overall_verdict(criteria) == "met"


def score_of(
    first: tuple[float, int], second: tuple[float, int], months: float
) -> tuple[float | None, str]:
    score = cord_score(cord_courses(first, second, months), CORD.score)
    return score.cumulative_bed_gy, f"{score.points:g} {score.group}"


def linear_above(dose: float, n: int, ratio: float) -> float:
    transition = rule_limits("radiobiology_rules")["linear_above_ratio"] * ratio
    return float(
        bed_linear_above(
            dose, n_fractions=n, alpha_beta_gy=ratio, transition_gy=transition
        )
    )


def lkb(uniform: float, model: LkbModel) -> float:
    return lkb_ntcp(uniform, td50_gy=model.td50_gy, m=model.m)


def hytec(mean_gy: float) -> float:
    model = LIVER_MODELS.probit
    return probit_ntcp(mean_gy, td50_gy=model.td50_gy, gamma50=model.gamma50)


CORD = load_cord_rules()
LIVER_MODELS = load_liver_models()
METASTASES, PRIMARY = LIVER_MODELS.lkb
LIVER_SHARES = np.array([0.60, 0.25, 0.10, 0.05])
LIVER_GY = np.array([2.0, 8.0, 20.0, 45.0])
LIVER_EQD2 = eqd2(LIVER_GY, n_fractions=5, alpha_beta_gy=METASTASES.alpha_beta_gy)
LIVER_GEUD = geud_gy(LIVER_EQD2, LIVER_SHARES, n=METASTASES.n)
LIVER_VEFF = effective_volume_share(
    LIVER_EQD2, LIVER_SHARES, n=METASTASES.n, reference_gy=float(LIVER_EQD2.max())
)
PLAN = PlanIndices(target_cc=13.4, piv_cc=15.0, covered_cc=13.0, half_cc=68.0)
GTV_CC = 6.8
RULES = rule_limits("plan_rules")
PRESCRIPTION_SHARE = RULES["isodose_percent"] / 100
FIRST_AND_SECOND = (24.0, 30.0)

ANSWERS: dict[str, Answer] = {
    **{key: partial(bed_of, *a) for key, a in BED.items()},
    **{key: partial(eqd2_of, *a) for key, a in EQD2.items()},
    **{key: partial(inverse_of, *a) for key, a in INVERSE.items()},
    **{
        key: partial(resbrt_type, a[0], a[1], minimal_ov2gy_cc=a[2])
        for key, a in CLASS.items()
    },
    **{key: partial(lens, *a) for key, a in LENS.items()},
    "E21": lambda: float(
        eqdx(
            30,
            n_fractions=6,
            alpha_beta_gy=2.5,
            reference_dose_per_fraction_gy=1.5,
        )
    ),
    "E22": lambda: float(eqd2_from_bed(98, alpha_beta_gy=3)),
    "E23": lambda: float(bed_from_eqd2(98, alpha_beta_gy=3)),
    "Y06": lambda: [eqd2_of(16, 4, 2.5), eqd2_of(16, 3, 2.5), eqd2_of(14.4, 3, 2.5)],
    "J01": eqd2_of_mean,
    "J02": mean_of_eqd2,
    "J03": lambda: eqd2_of(20, 5, 3) + eqd2_of(20, 5, 3),
    "J06": lambda: sum(eqd2_of(dose, 5, 3) for dose in FIRST_AND_SECOND),
    "C01": lambda: recovered(24, 30, 8),
    "C02": lambda: "PASS" if holds(recovered(24, 30, 8), "<=", 54) else "FAIL",
    "C03": lambda: recovered(15, 15, 8),
    "C04": lambda: recovered(15, 15, 4),
    "C05": lambda: 54 - recovered(24, 0, 8),
    "C07": lambda: (
        recovered_cord("michigan", 8) * eqd2_of(20, 5, 2.5) + eqd2_of(14, 3, 2.5)
    ),
    "C08": lambda: recovered_cord("simple-cord", 12) * eqd2_of(50, 25, 2),
    "C09": lambda: (
        (eqd2_of(44, 22, 2) - (76.1 - (110 - eqd2_of(44, 22, 2)))) / eqd2_of(44, 22, 2)
    ),
    "C10": lambda: eqd2_of(30, 10, 2) + eqd2_of(14, 3, 2),
    "C11": lambda: eqd2_of(14, 3, 2) / (eqd2_of(30, 10, 2) + eqd2_of(14, 3, 2)),
    "C12": lambda: all_criteria((30, 10), (14, 3), 6),
    "C13": lambda: eqd2_of(50, 25, 2) + eqd2_of(20, 5, 2),
    "C14": lambda: all_criteria((50, 25), (20, 5), 12),
    "C15": lambda: score_of((50, 25), (20, 5), 12)[0],
    "C16": lambda: score_of((50, 25), (20, 5), 12)[1],
    "C17": lambda: "{:g} {}".format(*score_of((30, 10), (20, 5), 4)),
    "C18": lambda: verdict(
        sum(eqd2_of(dose, 5, 3) for dose in FIRST_AND_SECOND), quantity="EQD2"
    ),
    "C19": lambda: sum(bed_of(dose, 5, 3) for dose in FIRST_AND_SECOND),
    "C20": lambda: verdict(
        sum(bed_of(dose, 5, 3) for dose in FIRST_AND_SECOND), quantity="BED"
    ),
    "C21": lambda: slevin_verdicts(
        sum(eqd2_of(dose, 5, 3) for dose in FIRST_AND_SECOND)
    ),
    "L01": lambda: linear_above(60, 3, 10),
    "L02": lambda: linear_above(54, 3, 3),
    "L03": lambda: bed_of(54, 3, 3),
    "L04": lambda: linear_above(50, 5, 3),
    "L05": lambda: linear_above(25, 5, 3),
    "N01": lambda: lkb(30, METASTASES),
    "N02": lambda: lkb(30, PRIMARY),
    "N03": lambda: lkb(45.8, METASTASES),
    "N04": lambda: float(LIVER_SHARES @ LIVER_GY),
    "N05": lambda: list(LIVER_EQD2),
    "N06": lambda: geud_gy(LIVER_EQD2, LIVER_SHARES, n=1.0),
    "N07": lambda: LIVER_GEUD,
    "N08": lambda: lkb(LIVER_GEUD, METASTASES),
    "N09": lambda: LIVER_VEFF,
    "N10": lambda: lkb_ntcp_by_effective_volume(
        LIVER_VEFF,
        reference_gy=float(LIVER_EQD2.max()),
        td50_gy=METASTASES.td50_gy,
        m=METASTASES.m,
        n=METASTASES.n,
    ),
    "N11": lambda: geud_gy([10, 20, 30], [1, 1, 1], n=1.0),
    "N12": lambda: geud_gy([10, 20, 30], [1, 1, 1], n=1 / 8),
    "N13": lambda: hytec(13),
    "N14": lambda: hytec(15),
    "N15": lambda: hytec(18),
    "N16": lambda: hytec(20),
    "N17": lambda: m_from_gamma50(LIVER_MODELS.probit.gamma50),
    "P01": lambda: PLAN.conformity_rtog,
    "P02": lambda: PLAN.conformity_paddick,
    "P03": lambda: PLAN.gradient_index,
    "P04": lambda: PLAN.r50,
    "P05": lambda: homogeneity_icru83(51.0, 47.0, 41.0),
    "P06": lambda: homogeneity_rtog(62.5, 50.0),
    "P07": lambda: 50 / PRESCRIPTION_SHARE,
    "P08": lambda: 50 * RULES["half_dose_share"],
    "P09": lambda: 50 / PRESCRIPTION_SHARE * RULES["half_dose_share"],
    "P10": lambda: [
        linear_metric(f"D{percent}%[Gy]", 10.0) for percent in (2, 50, 95, 98)
    ],
    "P11": lambda: linear_metric("D0.1cc[Gy]", 10.0),
    "P12": lambda: linear_metric("V15Gy[cc]", 200.0),
    "P13": lambda: gradient_cm(0.0, GTV_CC),
    "P14": lambda: sphere_volume_cc(10 * gradient_cm(0.0, GTV_CC) + 3),
    "P15": lambda: sphere_volume_cc(10 * gradient_cm(0.0, GTV_CC) + 5),
    "G08": lambda: change_percent(120, 50),
    "G09": lambda: change_percent(50, 45),
    "G10": lambda: voxels_in_lens_cc(25.0, 45.0),
}


@pytest.fixture(scope="module")
def vectors(shared: Path) -> dict[str, dict[str, Any]]:
    text = (shared / "reference" / "clinical_vectors.json").read_text(encoding="utf-8")
    return {vector["id"]: vector for vector in json.loads(text)}


@pytest.mark.parametrize("key", sorted(ANSWERS))
def test_a_reference_vector_is_met(
    key: str, vectors: dict[str, dict[str, Any]]
) -> None:
    vector = vectors[key]
    answer, expected = ANSWERS[key](), vector["value"]
    if isinstance(expected, str):
        assert answer == expected, vector["desc"]
    else:
        assert answer == pytest.approx(expected, rel=0, abs=vector["tol"]), vector[
            "desc"
        ]


def test_every_vector_of_a_covered_group_has_an_answer(
    vectors: dict[str, dict[str, Any]],
) -> None:
    due = {key for key, vector in vectors.items() if vector["group"] in COVERED}
    assert due == set(ANSWERS)


def test_every_group_is_covered_or_named_for_later(
    vectors: dict[str, dict[str, Any]],
) -> None:
    groups = {vector["group"] for vector in vectors.values()}
    assert groups == COVERED | ELSEWHERE | LATER
