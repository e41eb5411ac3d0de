from dataclasses import replace

import pytest

from reirrad.core.assessment import RegistrationQuality, StructureAgreement
from reirrad.core.registration_verdict import RegistrationVerdict, judge_registration
from reirrad.knowledge.rules import rule_limits

LIMITS = rule_limits("registration_rules")
LIVER = StructureAgreement("Liver", 0.95, 1.0, 3.0, 1.0)
GOOD = RegistrationQuality(90.0, "local correlation", 0.1, 0.8, 2.0, 10.0, (LIVER,))


def verdict(quality: RegistrationQuality) -> str:
    return judge_registration(quality, "Liver", LIMITS).verdict


def with_liver(**changes: float) -> RegistrationQuality:
    return replace(GOOD, structures=(replace(LIVER, **changes),))  # type: ignore[arg-type]


def test_an_automatic_one_of_different_modalities_is_for_review() -> None:
    judged = judge_registration(
        GOOD, "Liver", LIMITS, registered_modalities=["CT", "MR"]
    )
    assert judged.verdict == "review"
    assert "different modalities (CT and MR)" in judged.reason
    alike = judge_registration(
        GOOD, "Liver", LIMITS, registered_modalities=["MR", "MR"]
    )
    assert alike.verdict == "accepted"


def test_a_good_registration_is_accepted_with_its_numbers() -> None:
    judged = judge_registration(GOOD, "Liver", LIMITS)
    assert judged.verdict == "accepted"
    assert "0.950" in judged.reason


@pytest.mark.parametrize(
    "quality",
    [
        pytest.param(with_liver(dice=0.85), id="Dice"),
        pytest.param(with_liver(mean_distance_mm=4.0), id="mean distance"),
        pytest.param(with_liver(hausdorff95_mm=12.0), id="Hausdorff"),
        pytest.param(with_liver(centroid_distance_mm=6.0), id="centroid"),
        pytest.param(replace(GOOD, rotation_degrees=8.0), id="rotation"),
        pytest.param(replace(GOOD, image_overlap_percent=40.0), id="overlap"),
        pytest.param(replace(GOOD, structures=()), id="organ not in both"),
        pytest.param(replace(GOOD, similarity_after=None), id="images not compared"),
    ],
)
def test_doubts_ask_for_review(quality: RegistrationQuality) -> None:
    assert verdict(quality) == "review"


@pytest.mark.parametrize(
    "quality",
    [
        pytest.param(with_liver(dice=0.5), id="Dice"),
        pytest.param(with_liver(mean_distance_mm=9.0), id="mean distance"),
        pytest.param(replace(GOOD, rotation_degrees=60.0), id="rotation"),
        pytest.param(replace(GOOD, image_overlap_percent=5.0), id="overlap"),
        pytest.param(replace(GOOD, similarity_after=0.05), id="less alike"),
    ],
)
def test_faults_reject(quality: RegistrationQuality) -> None:
    assert verdict(quality) == "rejected"


def test_the_reason_names_every_fault() -> None:
    both = replace(with_liver(dice=0.5), rotation_degrees=60.0)
    reason = judge_registration(both, "Liver", LIMITS).reason
    assert "Rotation 60.0 degrees, above 20" in reason
    assert "Dice of Liver 0.50, below 0.80" in reason


BOWEL = StructureAgreement("Bowel", 0.0, 29.2, 50.0, 40.0)
CORD = StructureAgreement("Cord", 0.72, 1.4, 3.0, 2.0)


def judged_without_liver(*others: StructureAgreement) -> RegistrationVerdict:
    return judge_registration(replace(GOOD, structures=others), "Liver", LIMITS)


def test_without_the_organ_every_other_one_far_off_rejects() -> None:
    judged = judged_without_liver(BOWEL)
    assert judged.verdict == "rejected"
    assert judged.reason == (
        "Liver is not drawn in both courses, and no organ that is lies where it "
        "should; Dice of Bowel 0.00, below 0.80; mean distance of Bowel 29.2 mm, above "
        "5 mm (centroid distance 40.0 mm)."
    )
    both = judged_without_liver(BOWEL, replace(BOWEL, name="Stomach"))
    assert both.verdict == "rejected"
    assert "mean distance of Bowel" in both.reason
    assert "mean distance of Stomach" in both.reason


def test_without_the_organ_one_that_moved_by_itself_is_named() -> None:
    judged = judged_without_liver(BOWEL, replace(CORD, dice=0.9))
    assert judged.verdict == "review"
    assert "Liver is not drawn in both courses; Dice of Bowel 0.00" in judged.reason
    assert "mean distance of Bowel 29.2 mm, above 5 mm" in judged.reason
    assert "Cord" not in judged.reason


def test_a_thin_organ_in_its_place_does_not_reject_by_its_dice() -> None:
    judged = judged_without_liver(CORD)
    assert judged.verdict == "review"
    assert "Dice of Cord 0.72, below 0.80" in judged.reason


def test_the_distance_at_the_limit_does_not_reject() -> None:
    limit_mm = LIMITS["mean_distance_rejected_mm"]
    at = judged_without_liver(replace(BOWEL, mean_distance_mm=limit_mm))
    beyond = judged_without_liver(replace(BOWEL, mean_distance_mm=limit_mm + 0.01))
    assert (at.verdict, beyond.verdict) == ("review", "rejected")


def test_with_the_organ_the_others_change_nothing() -> None:
    alone = judge_registration(GOOD, "Liver", LIMITS)
    more = replace(GOOD, structures=(LIVER, BOWEL))
    assert judge_registration(more, "Liver", LIMITS) == alone
