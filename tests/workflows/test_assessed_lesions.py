"""Lesions are what the targets tell, and nothing is guessed."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest

from reirrad.core.assessment import CourseSummary, ImageSummary
from reirrad.core.cohort.records import Cohort, cohort_of
from reirrad.core.cohort.terms import Modality
from reirrad.core.cohort.treatment_records import Lesion, Plan
from reirrad.core.plan_results import TargetQuality
from reirrad.workflows.assessed_lesions import lesions_of, plan_of
from tests.reports.specimens import two_courses

P = "P1"
COURSE = two_courses().courses[0]
PLAN = Plan(patient=P, number=3, course=2)
PLACE = Lesion(patient=P, number=7, course=2)


def target(
    name: str, *, volume_cc: float = 30.0, dose_gy: float = 50.0
) -> TargetQuality:
    return TargetQuality(
        name=name,
        role=name[:3].upper(),
        prescription_gy=dose_gy,
        volume_cc=volume_cc,
        metrics={"Mean[Gy]": 52.0, "D2%[Gy]": 58.0, "D95%[Gy]": 49.0, "D98%[Gy]": 47.0},
        v95_percent=97.0,
        homogeneity_icru83=None,
        homogeneity_rtog=None,
        conformity_rtog=None,
        conformity_paddick=None,
        gradient_index=None,
        r50=None,
        gradient_cm=None,
        margin_mm=5.0 if name[:3].upper() == "PTV" else None,
    )


def course(*targets: TargetQuality, mode: str = "to the 80 % isodose") -> CourseSummary:
    return replace(
        COURSE,
        plan_quality=replace(COURSE.plan_quality, targets=targets),
        prescription=replace(COURSE.prescription, mode=mode),
    )


def lesions(
    assessed: CourseSummary, *kept: Lesion, measured: Collection[tuple[int, str]] = ()
) -> tuple[list[Lesion], Sequence[str]]:
    there = Cohort() if not kept else cohort_of(kept)
    return lesions_of(assessed, there, plan=3, place=PLACE, measured=measured)


def test_a_gtv_in_a_ptv_is_one_lesion() -> None:
    (one,), remarks = lesions(
        course(target("GTV", volume_cc=9.0), target("PTV", volume_cc=21.0))
    )

    assert one == Lesion(
        patient=P,
        number=7,
        course=2,
        plan=3,
        gtv_cc=9.0,
        ptv_cc=21.0,
        margin_mm=5.0,
        dose_gy=50.0,
        n_fractions=5,
        prescription_mode="isodose_80",
        ptv_mean_gy=52.0,
        ptv_d2_gy=58.0,
        ptv_d95_gy=49.0,
        ptv_d98_gy=47.0,
        ptv_v95_percent=97.0,
    )
    assert not remarks


def test_several_belong_together_by_their_names() -> None:
    found, remarks = lesions(
        course(
            target("GTV_2", volume_cc=2.0),
            target("gtv 1", volume_cc=1.0),
            target("PTV1", volume_cc=10.0),
            target("ptv-2", volume_cc=20.0, dose_gy=40.0),
        )
    )

    assert [(one.number, one.gtv_cc, one.ptv_cc, one.dose_gy) for one in found] == [
        (7, 1.0, 10.0, 50.0),
        (8, 2.0, 20.0, 40.0),
    ]
    assert {one.prescription_mode for one in found} == {None}
    assert not remarks


def test_names_that_do_not_tell_it_leave_the_gtvs_out() -> None:
    found, (remark,) = lesions(
        course(target("GTV a"), target("GTV b"), target("PTV 1"), target("PTV 2"))
    )
    assert [one.gtv_cc for one in found] == [None, None]
    assert "do not tell which belong together" in remark


@pytest.mark.parametrize("name", ["GTV", "PTV"])
def test_one_kind_of_target_is_enough(name: str) -> None:
    found, remarks = lesions(course(target(f"{name}1"), target(f"{name}2")))
    assert len(found) == 2
    assert {one.ptv_d95_gy for one in found} == {49.0 if name == "PTV" else None}
    assert not remarks


def test_a_number_of_lesions_that_is_not_told_is_not_made_up() -> None:
    found, (remark,) = lesions(course(target("GTV"), target("PTV"), target("PTV2")))
    assert not found
    assert "1 GTV(s) and 2 PTV(s)" in remark


def test_no_target_is_told() -> None:
    found, (remark,) = lesions(course())
    assert not found
    assert "no GTV and no PTV" in remark


def test_another_prescription_mode_is_not_guessed() -> None:
    (one,), _ = lesions(course(target("PTV"), mode="not recognised: no PTV"))
    assert one.prescription_mode is None


def test_a_lesion_of_the_registry_gets_new_measures_and_keeps_the_rest() -> None:
    known = Lesion(
        patient=P, number=4, course=2, site="liver", ptv_cc=1.0, dose_gy=45.0
    )
    (one,), (remark,) = lesions(
        course(target("PTV", volume_cc=21.0)), known, measured={(4, "ptv_cc")}
    )

    assert (one.number, one.site, one.ptv_cc, one.dose_gy) == (4, "liver", 21.0, 45.0)
    assert "dose_gy stays 45.0" in remark


def test_a_volume_that_a_person_entered_stays_and_both_are_told() -> None:
    known = Lesion(patient=P, number=4, course=2, ptv_cc=33.0, dose_gy=50.0)
    (one,), (remark,) = lesions(
        course(target("PTV", volume_cc=21.0)), known, measured={(5, "ptv_cc")}
    )
    assert one.ptv_cc == 33.0
    assert remark == (
        "lesion 4: ptv_cc stays 33.0 as in the registry; the assessment says 21.0."
    )


def test_several_are_known_by_their_volumes() -> None:
    known = [
        Lesion(patient=P, number=4, course=2, ptv_cc=20.0, site="liver"),
        Lesion(patient=P, number=5, course=2, ptv_cc=10.0),
    ]
    found, remarks = lesions(
        course(target("PTV1", volume_cc=10.0), target("PTV2", volume_cc=20.0)), *known
    )
    assert [(one.number, one.ptv_cc, one.site) for one in found] == [
        (4, 20.0, "liver"),
        (5, 10.0, None),
    ]
    assert not remarks


@pytest.mark.parametrize("volumes_cc", [(10.0,), (10.0, 10.0), (10.0, 99.0)])
def test_lesions_that_cannot_be_told_apart_stay(volumes_cc: tuple[float, ...]) -> None:
    known = [
        Lesion(patient=P, number=number, course=2, ptv_cc=volume)
        for number, volume in enumerate(volumes_cc, start=1)
    ]
    found, (remark,) = lesions(
        course(target("PTV1", volume_cc=10.0), target("PTV2", volume_cc=20.0)), *known
    )
    assert not found
    assert "stay as they are" in remark


def test_lesions_of_other_courses_do_not_count() -> None:
    other = Lesion(patient=P, number=1, course=1, ptv_cc=20.0)
    (one,), _ = lesions(course(target("PTV")), other)
    assert one.number == 7


@pytest.mark.parametrize(
    ("modality", "kept_as"), [("MR", "MR"), ("CT", "CT"), ("PT", "other")]
)
def test_a_plan_has_its_image_and_prescription(
    modality: str, kept_as: Modality
) -> None:
    image = ImageSummary(modality, 10, (1.0, 1.0, 1.0))
    plan, remarks = plan_of(replace(COURSE, image=image), 1, [], place=PLAN)
    assert plan == replace(PLAN, modality=kept_as, dose_gy=50.0, n_fractions=5)
    assert not remarks


def test_a_plan_without_image_has_no_modality() -> None:
    plan, _ = plan_of(replace(COURSE, image=None), 1, [], place=PLAN)
    assert plan is not None
    assert plan.modality is None


@pytest.mark.parametrize(("n_plans", "n_kept"), [(2, 0), (1, 2)])
def test_several_plans_are_left_to_a_person(n_plans: int, n_kept: int) -> None:
    plan, (remark,) = plan_of(COURSE, n_plans, [PLAN] * n_kept, place=PLAN)
    assert plan is None
    assert "several plans" in remark
