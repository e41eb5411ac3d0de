"""The two-course patient: plausible, reproducible, and consistent with itself."""

import numpy as np
import pytest

from reirrad.core.courses import Course
from reirrad.core.dose import dose_at
from reirrad.core.structures import Role, Structure
from reirrad.phantoms.abdomen import (
    TwoCoursePatient,
    abdominal_patient,
    reference_overlap_cc,
)

pytestmark = pytest.mark.slow

COURSES = (0, 1)


@pytest.fixture(scope="module")
def patient() -> TwoCoursePatient:
    return abdominal_patient(7)


def named(course: Course, name: str) -> Structure:
    return next(one for one in course.structures if one.name == name)


def area_volume_cc(structure: Structure, spacing_mm: float) -> float:
    """Signed polygon areas of axial contours times their spacing."""
    total = 0.0
    for contour in structure.contours:
        x, y, _ = contour.points_mm.T
        total += np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) / 2.0
    return abs(total) * spacing_mm / 1000.0


def test_patient_moved_fifteen_to_twenty_millimetres_and_some_degrees(
    patient: TwoCoursePatient,
) -> None:
    move = patient.first_to_second
    assert move.rotation_degrees == pytest.approx(4.4, abs=1e-6)
    liver = named(patient.courses[0], "Liver")
    points = np.concatenate([one.points_mm for one in liver.contours])
    shift = np.linalg.norm(move.apply(points) - points, axis=1)
    assert 15.0 < np.median(shift) < 20.0
    assert (move.from_frame, move.to_frame) == tuple(
        course.frame_of_reference_uid for course in patient.courses
    )
    assert move.from_frame != move.to_frame


def test_seed_decides_frames_and_noise_but_not_targets_or_dose(
    patient: TwoCoursePatient,
) -> None:
    same, other = abdominal_patient(7), abdominal_patient(8)
    for index in COURSES:
        ours, again = patient.courses[index], same.courses[index]
        assert ours.frame_of_reference_uid == again.frame_of_reference_uid
        assert ours.image is not None
        assert again.image is not None
        np.testing.assert_array_equal(ours.image.values, again.image.values)
        theirs = other.courses[index]
        assert theirs.frame_of_reference_uid != ours.frame_of_reference_uid
        assert theirs.image is not None
        assert np.any(theirs.image.values != ours.image.values)
        np.testing.assert_array_equal(
            theirs.deliveries[0].doses[0].values_gy,
            ours.deliveries[0].doses[0].values_gy,
        )


@pytest.mark.parametrize("index", COURSES)
def test_everything_of_a_course_is_in_its_frame(
    patient: TwoCoursePatient, index: int
) -> None:
    course = patient.courses[index]
    frame = course.frame_of_reference_uid
    assert course.image is not None
    assert course.image.geometry.frame_of_reference_uid == frame
    assert course.deliveries[0].doses[0].geometry.frame_of_reference_uid == frame
    assert {one.frame_of_reference_uid for one in course.structures} == {frame}


@pytest.mark.parametrize("index", COURSES)
def test_image_holds_whole_numbers_that_fit_sixteen_bits(
    patient: TwoCoursePatient, index: int
) -> None:
    image = patient.courses[index].image
    assert image is not None
    assert np.all(image.values == np.rint(image.values))
    assert image.values.min() >= 0
    assert 800 < image.values.max() < 2000


@pytest.mark.parametrize("index", COURSES)
@pytest.mark.parametrize(
    ("name", "expected_cc"),
    [
        ("Liver", (1000, 2600)),
        ("Spleen", (80, 400)),
        ("Kidney_L", (90, 260)),
        ("Kidney_R", (90, 260)),
        ("Stomach", (150, 700)),
        ("Duodenum", (40, 180)),
        ("Gallbladder", (10, 70)),
        ("SpinalCord", (10, 60)),
    ],
)
def test_organs_have_human_volumes(
    patient: TwoCoursePatient, index: int, name: str, expected_cc: tuple[int, int]
) -> None:
    volume_cc = area_volume_cc(named(patient.courses[index], name), 3.0)
    assert expected_cc[0] < volume_cc < expected_cc[1]


@pytest.mark.parametrize("name", ["Liver", "GTV", "PTV", "Stomach", "Bowel_Small"])
@pytest.mark.parametrize("index", COURSES)
def test_every_structure_has_contours_on_image_slices(
    patient: TwoCoursePatient, index: int, name: str
) -> None:
    course = patient.courses[index]
    assert course.image is not None
    points = [one.points_mm for one in named(course, name).contours]
    assert points
    k = course.image.geometry.indices(np.concatenate(points))[:, 0]
    np.testing.assert_allclose(k, np.rint(k), atol=1e-6)


def test_small_bowel_has_several_parts_in_a_slice(patient: TwoCoursePatient) -> None:
    bowel = named(patient.courses[0], "Bowel_Small")
    heights = [round(float(one.points_mm[0, 2]), 3) for one in bowel.contours]
    assert max(heights.count(height) for height in set(heights)) >= 3


def test_liver_contours_are_the_liver_of_the_reference(
    patient: TwoCoursePatient,
) -> None:
    low, high = patient.liver.bounds_mm
    rng = np.random.default_rng(3)
    points = rng.uniform(low, high, (400_000, 3))
    share = patient.in_liver(points).mean()
    expected_cc = share * np.prod(high - low) / 1000.0
    for course, tolerance in zip(patient.courses, (0.01, 0.01), strict=True):
        drawn_cc = area_volume_cc(named(course, "Liver"), 3.0)
        assert drawn_cc == pytest.approx(expected_cc, rel=tolerance)


def test_both_courses_draw_the_same_liver(patient: TwoCoursePatient) -> None:
    second = named(patient.courses[1], "Liver")
    points = np.concatenate([one.points_mm for one in second.contours])
    level = patient.liver.level_mm(patient.first_to_second.inverse().apply(points))
    assert np.percentile(np.abs(level), 99) < 0.1


@pytest.mark.parametrize("index", COURSES)
def test_prescription_names_its_target(patient: TwoCoursePatient, index: int) -> None:
    course = patient.courses[index]
    (target,) = course.prescription.targets
    structure = next(s for s in course.structures if s.number == target.roi_number)
    assert structure.role is Role.PTV
    assert target.dose_gy == course.prescription.dose_gy
    assert course.deliveries[0].n_fractions == course.prescription.n_fractions == 5


@pytest.mark.parametrize("index", COURSES)
def test_plan_covers_its_target_with_a_peak_of_a_quarter_more(
    patient: TwoCoursePatient, index: int
) -> None:
    course = patient.courses[index]
    prescribed = course.prescription.dose_gy
    ptv, gtv = (
        np.concatenate([one.points_mm for one in named(course, name).contours])
        for name in ("PTV", "GTV")
    )
    on_ptv, on_gtv = (patient.dose_at[index](points) for points in (ptv, gtv))
    assert on_ptv.mean() > prescribed
    assert np.percentile(on_ptv, 1) > 0.85 * prescribed
    assert on_gtv.min() > prescribed
    peak = course.deliveries[0].doses[0].values_gy.max()
    assert peak == pytest.approx(1.25 * prescribed, rel=0.04)


@pytest.mark.parametrize("index", COURSES)
def test_dose_grid_is_the_dose_function(patient: TwoCoursePatient, index: int) -> None:
    course = patient.courses[index]
    gtv = np.concatenate([one.points_mm for one in named(course, "GTV").contours])
    expected = patient.dose_at[index](gtv)
    read = dose_at(course.deliveries[0].doses[0], gtv)
    np.testing.assert_allclose(read, expected, rtol=0.01)


def test_lesions_are_less_than_five_centimetres_apart(
    patient: TwoCoursePatient,
) -> None:
    first, second = (
        np.concatenate([c.points_mm for c in named(course, "GTV").contours]).mean(0)
        for course in patient.courses
    )
    distance = np.linalg.norm(patient.first_to_second.apply(first) - second)
    assert 43.0 < distance < 50.0


def test_half_prescription_isodoses_overlap_a_little_in_the_liver(
    patient: TwoCoursePatient,
) -> None:
    overlap_cc, coarse_cc = (
        reference_overlap_cc(
            patient, first_gy=25.0, second_gy=22.5, spacing_mm=spacing_mm
        )
        for spacing_mm in (1.5, 2.0)
    )
    assert 5.0 < overlap_cc < 12.0
    assert coarse_cc == pytest.approx(overlap_cc, rel=0.03)


def test_low_doses_overlap_widely(patient: TwoCoursePatient) -> None:
    overlap_cc = reference_overlap_cc(
        patient, first_gy=2.0, second_gy=2.0, spacing_mm=3.0
    )
    assert 400.0 < overlap_cc < 1200.0


def test_reference_overlap_is_what_random_points_say(
    patient: TwoCoursePatient,
) -> None:
    low, high = patient.liver.bounds_mm
    points = np.random.default_rng(5).uniform(low, high, (60_000, 3))
    hits = patient.in_liver(points)
    hits[hits] &= patient.dose_at[0](points[hits]) >= 10.0
    moved = patient.first_to_second.apply(points[hits])
    hits[hits] &= patient.dose_at[1](moved) >= 10.0
    box_cc = float(np.prod(high - low)) / 1000.0
    share = float(hits.mean())
    error_cc = 4.0 * np.sqrt(share * (1.0 - share) / len(points)) * box_cc
    overlap_cc = reference_overlap_cc(
        patient, first_gy=10.0, second_gy=10.0, spacing_mm=2.0
    )
    assert overlap_cc == pytest.approx(share * box_cc, abs=error_cc)


def test_duodenum_receives_dose_in_the_second_course(
    patient: TwoCoursePatient,
) -> None:
    duodenum = named(patient.courses[1], "Duodenum")
    points = np.concatenate([one.points_mm for one in duodenum.contours])
    assert 5.0 < patient.dose_at[1](points).max() < 45.0
