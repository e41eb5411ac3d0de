"""Organs with doses made of numbers, for tests of budgets; nothing is looked up."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from reirrad.core.accumulation import CourseDose
from reirrad.core.constraints import Constraint
from reirrad.core.geometry import FloatArray
from reirrad.core.limit_questions import LimitedOrgan
from reirrad.core.organ_doses import OrganDoses

__all__ = ["constraint", "limited", "organ_doses", "random_organ", "unknown_organ"]


def constraint(
    metric: str,
    limit: float,
    *,
    organ: str = "Duodenum",
    relation: Literal["<", "<=", ">", ">="] = "<=",
    quantity: Literal["physical", "EQD2", "BED"] = "EQD2",
    alpha_beta_gy: float | None = 3.0,
    scope: Literal["course", "later course", "cumulative"] = "cumulative",
    n_fractions: int | None = None,
    level: str = "single",
    name: str = "tabled",
) -> Constraint:
    return Constraint(
        set=name,
        organs=(organ,),
        metric=metric,
        relation=relation,
        limit=limit,
        quantity=quantity,
        level=level,
        source="a book",
        verification="secondary",
        scope=scope,
        n_fractions=n_fractions,
        alpha_beta_gy=None if quantity == "physical" else alpha_beta_gy,
    )


def organ_doses(
    doses_gy: Mapping[int, FloatArray | list[float]],
    *,
    volumes_cc: FloatArray | list[float] | None = None,
    n_fractions: int | Mapping[int, int] = 5,
    new_course: int | None = 2,
    points_mm: FloatArray | None = None,
    covered: Mapping[int, np.ndarray[tuple[int], np.dtype[np.bool_]]] | None = None,
    name: str = "Duodenum",
    alpha_beta_gy: float = 3.0,
) -> OrganDoses:
    """Every course is one delivery; points lie 1 mm apart along x."""
    count = len(next(iter(doses_gy.values())))
    courses = {}
    for number, dose in doses_gy.items():
        given = n_fractions if isinstance(n_fractions, int) else n_fractions[number]
        known = np.ones(count, dtype=np.bool_)
        if covered is not None and number in covered:
            known = covered[number]
        courses[number] = CourseDose(
            ((np.asarray(dose, dtype=np.float64), given),), known
        )
    if points_mm is None:
        points_mm = np.column_stack([np.arange(count), np.zeros((count, 2))])
    volumes = np.full(count, 0.01) if volumes_cc is None else np.asarray(volumes_cc)
    return OrganDoses(
        label=name.upper(),
        standard_name=name,
        alpha_beta_gy=alpha_beta_gy,
        points_mm=np.asarray(points_mm, dtype=np.float64),
        volumes_cc=volumes,
        courses=courses,
        new_course=new_course,
    )


def limited(whole: OrganDoses, minus_gtv: OrganDoses | None = None) -> LimitedOrgan:
    return LimitedOrgan(whole, minus_gtv)


def random_organ(rng: np.random.Generator, *, name: str = "Duodenum") -> OrganDoses:
    """A ball of unequal cells in the fall-off of two courses' targets."""
    count = int(rng.integers(300, 1500))
    radius_mm = float(rng.uniform(10.0, 40.0))
    points = rng.normal(size=(count, 3))
    points *= (
        radius_mm
        * rng.uniform(size=(count, 1)) ** (1 / 3)
        / np.linalg.norm(points, axis=1, keepdims=True)
    )
    cell_cc = 4.0 / 3.0 * np.pi * (radius_mm / 10.0) ** 3 / count
    volumes = cell_cc * rng.uniform(0.3, 1.7, size=count)

    def fall_off(most_gy: float) -> FloatArray:
        centre = rng.normal(size=3)
        centre *= rng.uniform(0.5, 2.0) * radius_mm / np.linalg.norm(centre)
        distance = np.linalg.norm(points - centre, axis=1)
        return np.asarray(most_gy * np.exp(-((distance / (0.8 * radius_mm)) ** 2)))

    return organ_doses(
        {1: fall_off(rng.uniform(5.0, 40.0)), 2: fall_off(rng.uniform(5.0, 60.0))},
        volumes_cc=volumes,
        n_fractions={1: int(rng.integers(1, 30)), 2: int(rng.integers(1, 10))},
        points_mm=points,
        name=name,
        alpha_beta_gy=float(rng.uniform(2.0, 10.0)),
    )


def unknown_organ(*, new_course: int | None = 2) -> OrganDoses:
    """An organ wholly outside the dose grid of course 1, whose border has 20 Gy."""
    return organ_doses(
        {1: [20.0] * 40, 2: [0.0] * 40},
        covered={1: np.zeros(40, dtype=np.bool_)},
        new_course=new_course,
    )
