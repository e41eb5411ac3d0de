from dataclasses import replace
from typing import Any

import pytest

from reirrad.core.deformable_results import ComparedStructure, DeformableQuality
from reirrad.core.deformable_verdict import judge_deformable
from reirrad.knowledge.rules import rule_limits

LIMITS = rule_limits("registration_rules")


def compared(before_mm: float, after_mm: float) -> ComparedStructure:
    numbers = {"dice": 0.95, "hausdorff95_mm": 4.0, "centroid_distance_mm": 1.0}
    return ComparedStructure(
        "Liver",
        {**numbers, "mean_distance_mm": before_mm},
        {**numbers, "mean_distance_mm": after_mm},
    )


GOOD = DeformableQuality(
    longest_mm=12.0,
    outside_percent=0.0,
    jacobian_least=0.7,
    jacobian_largest=1.4,
    folded_percent=0.0,
    inverse_consistency_mean_mm=1.0,
    inverse_consistency_p95_mm=2.0,
    similarity_before=0.6,
    similarity_after=0.7,
    other_reading_mm=0.0,
    structures=(compared(2.0, 1.0),),
)


def test_a_good_one_is_accepted_with_its_numbers() -> None:
    judged = judge_deformable(GOOD, "Liver", LIMITS)
    assert judged.verdict == "accepted"
    assert "1.0 mm after 2.0 mm" in judged.reason


def test_the_limits_themselves_are_kept() -> None:
    at_limit = replace(
        GOOD,
        inverse_consistency_mean_mm=3.0,
        outside_percent=1.0,
        other_reading_mm=0.5,
        structures=(compared(2.0, 2.1),),
    )
    assert judge_deformable(at_limit, "Liver", LIMITS).verdict == "accepted"


@pytest.mark.parametrize(
    ("change", "verdict", "said"),
    [
        ({"folded_percent": 0.01, "jacobian_least": -0.2}, "rejected", "folded over"),
        (
            {"folded_percent": None, "jacobian_least": None, "jacobian_largest": None},
            "rejected",
            "does not reach the organ",
        ),
        ({"inverse_consistency_mean_mm": 3.1}, "review", "misses by 3.1 mm"),
        ({"inverse_consistency_mean_mm": None}, "review", "no map back"),
        ({"outside_percent": 4.0}, "review", "4 % of the organ lies outside"),
        ({"other_reading_mm": 2.0}, "review", "in two ways"),
        ({"similarity_after": 0.6}, "review", "ot better than the rigid"),
        ({"structures": ()}, "review", "Liver is not drawn in both"),
        ({"structures": (compared(1.0, 1.3),)}, "review", "ot better than the rigid"),
    ],
)
def test_each_fault_decides(change: dict[str, Any], verdict: str, said: str) -> None:
    judged = judge_deformable(replace(GOOD, **change), "Liver", LIMITS)
    assert judged.verdict == verdict
    assert said in judged.reason
