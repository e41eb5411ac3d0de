"""Hints appear where their circumstance is given, and nowhere else."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from reirrad.core.hot_places import placed_target
from reirrad.core.organ_doses import OrganDoses
from reirrad.core.reduction_results import ReductionHint
from reirrad.core.sections import sections_of
from reirrad.knowledge.rules import load_rules
from reirrad.phantoms.analytic import SliceStack, analytic_structure, sphere_contours
from reirrad.workflows.reduction_hints import reduction_hints
from tests.core.budget_specimens import organ_doses
from tests.workflows.exports import course


def hints(
    *,
    second: date = date(2024, 9, 1),
    radius_mm: float = 10.0,
    organ: OrganDoses | None = None,
    dose_gy: float = 50.0,
) -> tuple[ReductionHint, ...]:
    """Courses from 1 March 2024 on; a ball as target in the liver."""
    courses = [
        replace(course(1, target_x=0.0), start_date=date(2024, 3, 1)),
        replace(course(2, target_x=0.0, dose_gy=dose_gy), start_date=second),
    ]
    contours = sphere_contours(
        np.zeros(3), radius_mm, slices=SliceStack(spacing_mm=2.0), n_vertices=96
    )
    solid = sections_of(
        analytic_structure("PTV", contours, frame_of_reference_uid="1"),
        slice_spacing_mm=2.0,
    )
    organs = {"Liver": at(0.0, "Liver")}
    if organ is not None:
        organs["DUODENUM"] = organ
    patient = SimpleNamespace(
        outlined=[SimpleNamespace(course=one) for one in courses],
        organ=SimpleNamespace(label="Liver"),
    )
    return reduction_hints(
        patient,  # type: ignore[arg-type]
        [placed_target("PTV", solid)],
        organs,
        load_rules("reduction_hints"),
    )


def at(x_mm: float, name: str = "Duodenum") -> OrganDoses:
    return organ_doses(
        {1: [1.0], 2: [1.0]}, points_mm=np.array([[x_mm, 0.0, 0.0]]), name=name
    )


def names(found: tuple[ReductionHint, ...]) -> list[str]:
    return [hint.name for hint in found]


def test_a_small_target_far_from_organs_after_a_long_time_has_no_hint() -> None:
    assert hints(organ=at(40.0)) == ()


@pytest.mark.parametrize(
    ("second", "expected"),
    [(date(2024, 8, 15), ["interval_months"]), (date(2024, 9, 1), [])],
)
def test_less_than_six_months(second: date, expected: list[str]) -> None:
    assert names(hints(second=second)) == expected


def test_an_organ_near_the_target_is_named_with_its_distance() -> None:
    found = hints(organ=at(13.0))
    assert names(found) == ["organ_distance_mm", "fraction_dose_gy"]
    assert found[0].about == "PTV and DUODENUM"
    assert found[0].value == pytest.approx(3.0, abs=0.5)
    assert found[0].verification == "unverified"
    assert names(hints(organ=at(16.5))) == []


def test_a_large_target_is_said_and_the_dose_per_fraction_with_it() -> None:
    found = hints(radius_mm=20.0)
    assert names(found) == ["target_volume_cc", "fraction_dose_gy"]
    assert found[1].value == pytest.approx(10.0)
    assert names(hints(radius_mm=20.0, dose_gy=30.0)) == ["target_volume_cc"]


def test_every_hint_has_a_source() -> None:
    for hint in hints(second=date(2024, 4, 1), radius_mm=20.0, organ=at(21.0)):
        assert "Chiloiro" in hint.source
        assert hint.fact
