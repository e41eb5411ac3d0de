"""How far a registration may be off where the overlap organ is drawn in one course."""

from dataclasses import replace

import pytest

from reirrad.core.courses import Course
from reirrad.knowledge.rules import rule_limits
from reirrad.workflows.place import PlacedPatient, place
from reirrad.workflows.registration_accuracy import registration_accuracies
from tests.workflows.exports import FEW_DRAWS, course

DEMANDED_MM = rule_limits("registration_rules")["accuracy_translation_mm"]


def one_frame(
    moved_mm: float, *, common: tuple[str, ...] = ("Duodenum",)
) -> PlacedPatient:
    """The patient has moved between two courses of one frame; the liver is new."""

    def drawn(one: Course, *names: str) -> Course:
        kept = [s for s in one.structures if s.name in {"PTV", *names}]
        return replace(one, image=None, structures=tuple(kept))

    first = course(1, target_x=0.0, frame="1.2.3")
    second = course(2, target_x=10.0, frame="1.2.3", offset_mm=moved_mm)
    return place(
        (drawn(first, *common), drawn(second, *common, "Liver")),
        FEW_DRAWS,
        reference_course=2,
        known=lambda _, __: None,
        progress=lambda _: None,
    )


def with_still_organ(one: Course) -> Course:
    """An organ that lies at one place of the frame, wherever the patient is."""
    still = course(1, target_x=0.0, frame="1.2.3").structures[2]
    named = replace(still, number=9, name="Spleen", standard_name="Spleen")
    return replace(one, structures=(*one.structures, named))


def test_a_patient_who_moved_in_one_frame_is_not_related() -> None:
    patient = one_frame(40.0)
    summary = patient.alignments[1].summary
    assert summary.method == "same-frame"
    assert summary.verdict == "rejected"
    assert "mean distance of Duodenum" in summary.reason
    assert "centroid distance 40.0 mm" in summary.reason
    assert [placed.course.number for placed in patient.placed] == [2]
    assert registration_accuracies(patient, FEW_DRAWS) == {}


def test_what_another_organ_shows_enters_the_accuracy() -> None:
    patient = one_frame(8.0)
    summary = patient.alignments[1].summary
    (duodenum,) = summary.quality.structures
    accuracy = registration_accuracies(patient, FEW_DRAWS)[1]
    assert summary.verdict == "review"
    assert accuracy.translation_mm == duodenum.mean_distance_mm > DEMANDED_MM
    assert accuracy.source.startswith(
        "shift: measured mean distance of Duodenum, as Liver is not drawn in both"
    )


@pytest.mark.parametrize("common", [("Duodenum",), ()])
def test_an_organ_in_its_place_or_none_leaves_what_is_demanded(
    common: tuple[str, ...],
) -> None:
    patient = one_frame(0.0, common=common)
    accuracy = registration_accuracies(patient, FEW_DRAWS)[1]
    assert accuracy.translation_mm == DEMANDED_MM
    assert "measured" not in accuracy.source


def test_the_users_accuracy_wins() -> None:
    stated = replace(FEW_DRAWS, translation_mm=1.0)
    assert registration_accuracies(one_frame(8.0), stated)[1].translation_mm == 1.0


def test_of_several_organs_the_median_counts() -> None:
    courses = [o.course for o in one_frame(14.0).outlined]
    patient = place(
        [with_still_organ(one) for one in courses],
        FEW_DRAWS,
        reference_course=2,
        known=lambda _, __: None,
        progress=lambda _: None,
    )
    summary = patient.alignments[1].summary
    far_mm = {s.name: s.mean_distance_mm for s in summary.quality.structures}
    assert far_mm["Spleen"] == pytest.approx(0.0, abs=0.1)
    assert far_mm["Duodenum"] > 5.0
    assert summary.verdict == "review"
    assert "mean distance of Duodenum" in summary.reason
    accuracy = registration_accuracies(patient, FEW_DRAWS)[1]
    wanted_mm = max(sum(far_mm.values()) / 2.0, DEMANDED_MM)
    assert accuracy.translation_mm == pytest.approx(wanted_mm)
    assert "median mean distance of Duodenum, Spleen" in accuracy.source
