"""Organ doses of a made-up patient, and whether limits are kept.

Every organ is a set of points at their distances from the target of each course; the
dose falls with distance. All courses are asked at the same points, so that sums,
equivalent doses and metrics agree with one another as those of a real patient do.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from reirrad.core.cohort.dose_records import LimitCheck, OrganDose
from reirrad.core.constraints import (
    Constraint,
    Measured,
    Query,
    evaluate_constraints,
)
from reirrad.core.dvh import DoseVolume, dose_volume, metric_value
from reirrad.core.geometry import FloatArray
from reirrad.core.radiobiology import bed, eqd2
from reirrad.phantoms.example_treatment import Treatment

__all__ = ["MadeUpOrgans", "made_up_organs"]

FALL_OFF_MM = 18.0
TARGET_RADIUS_MM = 12.0
PEAK = 1.2
SPARED_GY = 33.0
"""What the made-up planner lets a hollow organ receive in one course."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """Volume, usual gap to the target's surface, extent away from it, alpha/beta.

    Without a gap the target lies inside; the extent is then from its centre.
    """

    volume_cc: float
    gap_mm: float
    extent_mm: float
    alpha_beta_gy: float = 3.0
    spared: bool = False
    n_points: int = 300


SHAPES: Mapping[str, _Shape] = {
    "Liver": _Shape(1350.0, 0.0, 95.0, 2.5, n_points=3000),
    "Duodenum": _Shape(75.0, 22.0, 60.0, spared=True),
    "Stomach": _Shape(240.0, 26.0, 90.0, spared=True),
    "Bowel_Small": _Shape(420.0, 32.0, 140.0, spared=True),
    "Colon": _Shape(380.0, 28.0, 150.0, spared=True),
    "Esophagus": _Shape(32.0, 55.0, 110.0),
    "Heart": _Shape(620.0, 45.0, 100.0),
    "Kidney_R": _Shape(160.0, 45.0, 90.0, 2.5),
    "Kidney_L": _Shape(165.0, 85.0, 90.0, 2.5),
    "SpinalCord": _Shape(40.0, 70.0, 80.0, 2.0),
    "Chestwall_R": _Shape(520.0, 15.0, 150.0),
    "Skin": _Shape(900.0, 35.0, 180.0),
}


@dataclass(slots=True)
class MadeUpOrgans:
    """Doses of all courses at the points of every organ.

    Parameters
    ----------
    treatment
        What was given.
    doses_gy
        For each organ a row of points for each course.
    volumes_cc
        Volume of each organ.
    """

    treatment: Treatment
    doses_gy: Mapping[str, FloatArray]
    volumes_cc: Mapping[str, float]
    known: dict[tuple[object, ...], DoseVolume] = field(default_factory=dict)

    def curve(
        self, organ: str, quantity: str, alpha_beta_gy: float | None, scope: int | str
    ) -> DoseVolume:
        """Dose-volume curve: of one course, or "cumulative" of all."""
        key = (organ, quantity, alpha_beta_gy, scope)
        if key not in self.known:
            values = [
                self._equivalent(organ, quantity, alpha_beta_gy, plan.course)
                for plan in self.treatment.plans
                if scope in {plan.course, "cumulative"}
            ]
            summed_gy = np.sum(values, axis=0)
            each_cc = self.volumes_cc[organ] / len(summed_gy)
            self.known[key] = dose_volume(summed_gy, np.full_like(summed_gy, each_cc))
        return self.known[key]

    def _equivalent(
        self, organ: str, quantity: str, alpha_beta_gy: float | None, course: int
    ) -> FloatArray:
        dose_gy: FloatArray = self.doses_gy[organ][course - 1]
        if quantity == "physical" or alpha_beta_gy is None:
            return dose_gy
        n_fractions = self.treatment.plan_of(course).n_fractions or 1
        convert = eqd2 if quantity == "EQD2" else bed
        return convert(dose_gy, n_fractions=n_fractions, alpha_beta_gy=alpha_beta_gy)

    def near_maximum_eqd2_gy(self, organ: str) -> float:
        """Cumulative EQD2 of the hottest 0.1 cc."""
        ratio = SHAPES[organ].alpha_beta_gy
        curve = self.curve(organ, "EQD2", ratio, "cumulative")
        return metric_value("D0.1cc[Gy]", curve)

    def dose_records(self) -> Iterator[OrganDose]:
        """Physical dose and EQD2 of every course and of all together."""
        number = 0
        scopes: list[int | str] = [course.number for course in self.treatment.courses]
        for organ in self.doses_gy:
            for quantity in ("physical", "EQD2"):
                for scope in (*scopes, "cumulative"):
                    number += 1
                    yield self._dose_record(number, organ, quantity, scope)

    def _dose_record(
        self, number: int, organ: str, quantity: str, scope: int | str
    ) -> OrganDose:
        whole = organ.removesuffix("-GTV")
        ratio = None if quantity == "physical" else SHAPES[whole].alpha_beta_gy
        curve = self.curve(organ, quantity, ratio, scope)
        return OrganDose(
            patient=self.treatment.patient.patient,
            number=number,
            organ=organ,
            quantity="physical" if quantity == "physical" else "EQD2",
            course=scope if isinstance(scope, int) else None,
            alpha_beta_gy=ratio,
            volume_cc=round(curve.volume_cc, 1),
            mean_gy=_rounded("Mean[Gy]", curve),
            max_gy=_rounded("Max[Gy]", curve),
            d0_1cc_gy=_rounded("D0.1cc[Gy]", curve),
            d2_gy=_rounded("D2%[Gy]", curve),
            d50_gy=_rounded("D50%[Gy]", curve),
            d95_gy=_rounded("D95%[Gy]", curve),
            d98_gy=_rounded("D98%[Gy]", curve),
        )

    def limit_records(self, constraints: Collection[Constraint]) -> list[LimitCheck]:
        """Every limit that concerns these courses, and whether it is kept."""
        results = evaluate_constraints(
            constraints,
            course_fractions={
                plan.course: plan.n_fractions or 1 for plan in self.treatment.plans
            },
            structures=sorted(SHAPES),
            alpha_beta_gy=lambda organ: SHAPES[organ].alpha_beta_gy,
            measure=self._measured,
        )
        drawn = [one for one in results if one.structure.removesuffix("-GTV") in SHAPES]
        return [
            LimitCheck(
                patient=self.treatment.patient.patient,
                number=number,
                structure=one.structure,
                metric=one.metric,
                quantity=one.quantity,
                relation=one.relation,
                limit=one.limit,
                verdict=one.verdict,
                source=one.source,
                verification=one.verification,
                course=_course_number(one.scope),
                value=None if one.value is None else round(one.value, 2),
            )
            for number, one in enumerate(drawn, start=1)
        ]

    def _measured(self, query: Query) -> Measured | None:
        organ = query.structure
        if query.basis == "minus GTV":
            organ = f"{organ}-GTV"
        if organ not in self.doses_gy:
            return None
        curve = self.curve(organ, query.quantity, query.alpha_beta_gy, query.scope)
        return Measured(round(metric_value(query.metric, curve), 2))


def made_up_organs(treatment: Treatment, rng: np.random.Generator) -> MadeUpOrgans:
    """Organs of a patient with the dose of every course at their points."""
    scale = float(rng.uniform(0.8, 1.35))
    gtv_cc = sum(lesion.gtv_cc or 0.0 for lesion in treatment.lesions)
    volumes = {name: shape.volume_cc * scale for name, shape in SHAPES.items()}
    doses = {
        name: np.stack(
            [_dose_gy(shape, plan.dose_gy or 0.0, rng) for plan in treatment.plans]
        )
        for name, shape in SHAPES.items()
    }
    doses["Liver-GTV"] = np.minimum(doses["Liver"], _outside_gtv(treatment))
    volumes["Liver-GTV"] = volumes["Liver"] - gtv_cc
    return MadeUpOrgans(treatment, doses, volumes)


def _dose_gy(
    shape: _Shape, prescribed_gy: float, rng: np.random.Generator
) -> FloatArray:
    gap_mm = shape.gap_mm * float(rng.uniform(0.3, 1.7))
    depth = rng.random(shape.n_points) ** (1.0 if shape.gap_mm else 1 / 3)
    centre_mm = TARGET_RADIUS_MM if not shape.gap_mm else 0.0
    away_mm = np.maximum(gap_mm + depth * shape.extent_mm - centre_mm, 0.0)
    dose_gy = PEAK * prescribed_gy * np.exp(-away_mm / FALL_OFF_MM)
    return np.minimum(dose_gy, SPARED_GY if shape.spared else np.inf)


def _outside_gtv(treatment: Treatment) -> FloatArray:
    prescribed = [plan.dose_gy or 0.0 for plan in treatment.plans]
    return np.array(prescribed, dtype=float)[:, np.newaxis]


def _rounded(metric: str, curve: DoseVolume) -> float:
    return round(metric_value(metric, curve), 2)


def _course_number(scope: str) -> int | None:
    word, _, number = scope.partition(" ")
    return int(number) if word == "course" else None
