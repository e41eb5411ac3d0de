"""Hints appear where their circumstance is given, and nowhere else."""

from dataclasses import replace
from datetime import date
from typing import Literal

import pytest

from reirrad.core.distance_results import TargetDistance
from reirrad.core.reduction_results import ReductionHint
from reirrad.knowledge.rules import load_rules
from reirrad.workflows.reduction_hints import reduction_hints
from tests.workflows.exports import course


def hints(
    *,
    second: date = date(2024, 9, 1),
    volume_cc: float = 4.2,
    apart_mm: float | None = None,
    dose_gy: float = 50.0,
) -> tuple[ReductionHint, ...]:
    """Courses from 1 March 2024 on; a target in the liver."""
    near = () if apart_mm is None else (apart("DUODENUM", apart_mm),)
    return reduction_hints(
        [
            replace(course(1, target_x=0.0), start_date=date(2024, 3, 1)),
            replace(course(2, target_x=0.0, dose_gy=dose_gy), start_date=second),
        ],
        targets_cc={"PTV": volume_cc},
        organs={"DUODENUM"},
        distances=(apart("LIVER", 0.0), apart("PTV 1", 0.0, kind="target"), *near),
        rules=load_rules("reduction_hints"),
    )


def apart(
    other: str, distance_mm: float, *, kind: Literal["organ", "target"] = "organ"
) -> TargetDistance:
    return TargetDistance(
        target="PTV",
        target_course=2,
        other=other,
        other_kind=kind,
        other_course=1,
        distance_mm=distance_mm,
        shared_cc=0.0,
        target_point_mm=(0.0, 0.0, 0.0),
        other_point_mm=(distance_mm, 0.0, 0.0),
        plus_minus_mm=None,
        interval_days=None,
    )


def names(found: tuple[ReductionHint, ...]) -> list[str]:
    return [hint.name for hint in found]


def test_a_small_target_far_from_organs_after_a_long_time_has_no_hint() -> None:
    assert hints(apart_mm=30.0) == ()


@pytest.mark.parametrize(
    ("second", "expected"),
    [(date(2024, 8, 15), ["interval_months"]), (date(2024, 9, 1), [])],
)
def test_less_than_six_months(second: date, expected: list[str]) -> None:
    found = hints(second=second)
    assert names(found) == expected
    assert all(one.about == "courses 1 and 2, start to start" for one in found)


def test_an_organ_near_the_target_is_named_with_its_distance() -> None:
    found = hints(apart_mm=3.0)
    assert names(found) == ["organ_distance_mm", "fraction_dose_gy"]
    assert found[0].about == "PTV and DUODENUM"
    assert found[0].value == 3.0
    assert found[0].verification == "unverified"
    assert names(hints(apart_mm=6.5)) == []


def test_a_large_target_is_said_and_the_dose_per_fraction_with_it() -> None:
    found = hints(volume_cc=33.5)
    assert names(found) == ["target_volume_cc", "fraction_dose_gy"]
    assert found[1].value == pytest.approx(10.0)
    assert names(hints(volume_cc=33.5, dose_gy=30.0)) == ["target_volume_cc"]


def test_every_hint_has_a_source() -> None:
    for hint in hints(second=date(2024, 4, 1), volume_cc=33.5, apart_mm=1.0):
        assert "Chiloiro" in hint.source
        assert hint.fact
