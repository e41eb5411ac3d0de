from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.geometry import FloatArray
from reirrad.core.transforms import RigidTransform
from reirrad.errors import FrameMismatchError, RegistrationError
from reirrad.registration.appearance import appearance
from reirrad.registration.similarity import (
    FOCUS_REACH_MM,
    ImageAgreement,
    image_agreement,
    meeting,
    near_points,
)
from tests.registration.abdomen import View, abdomen, liver_points, matrix

VIEW = View(spacing_mm=(4.0, 4.0, 4.0))
MOVE = matrix((30.0, -20.0, 25.0), (6.0, 4.0, -5.0))
FIXED = abdomen(VIEW, moved_by=np.eye(4), frame="1.1")
MOVING = {
    contrast: abdomen(
        replace(VIEW, contrast=contrast, seed=2), moved_by=MOVE, frame="1.2"
    )
    for contrast in ("CT", "MR")
}


def judged(
    contrast: str, off_mm: float, *, focus_mm: FloatArray | None = None
) -> ImageAgreement:
    exact = np.linalg.inv(MOVE)
    off = matrix((off_mm, 0.0, 0.0), (0.0, 0.0, 0.0))
    transform = RigidTransform(np.asarray(off @ exact), "1.2", "1.1")
    return image_agreement(FIXED, MOVING[contrast], transform, fixed_focus_mm=focus_mm)


@pytest.mark.parametrize(
    ("contrast", "metric"),
    [("CT", "local correlation"), ("MR", "normalised mutual information")],
)
def test_agreement_rises_with_the_right_transform(contrast: str, metric: str) -> None:
    agreement = judged(contrast, 0.0)
    assert agreement.metric == metric
    assert agreement.after > agreement.before + 0.02
    assert 70.0 < agreement.overlap_percent <= 100.0


@pytest.mark.parametrize("contrast", ["CT", "MR"])
@pytest.mark.parametrize("focus", [True, False])
def test_agreement_falls_with_the_distance_from_the_truth(
    contrast: str, *, focus: bool
) -> None:
    points = liver_points() if focus else None
    values = [judged(contrast, off, focus_mm=points).after for off in (0.0, 5.0, 15.0)]
    assert values[0] > values[1] > values[2]


def test_a_transform_that_parts_the_images_has_no_overlap_and_no_agreement() -> None:
    same = judged("CT", 900.0)
    other = judged("MR", 900.0)
    assert same.overlap_percent == 0.0
    assert same.after == 0.0
    assert other.after == 1.0


def test_before_lays_the_bodies_centres_together_where_coordinates_do_not_meet() -> (
    None
):
    far = matrix((2000.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    moving = abdomen(
        replace(VIEW, centre_mm=(2000.0, 0.0, 0.0), seed=2), moved_by=far, frame="1.2"
    )
    back = RigidTransform(np.asarray(np.linalg.inv(far)), "1.2", "1.1")

    agreement = image_agreement(FIXED, moving, back)

    assert agreement.after > 0.6
    assert agreement.before == pytest.approx(agreement.after, abs=0.1)


@pytest.mark.parametrize(("start", "end"), [("1.9", "1.1"), ("1.2", "1.9")])
def test_a_transform_between_other_frames_is_refused(start: str, end: str) -> None:
    with pytest.raises(FrameMismatchError, match="different frames of reference"):
        image_agreement(FIXED, MOVING["CT"], RigidTransform(np.eye(4), start, end))


def test_an_image_without_contrast_is_refused() -> None:
    flat = replace(FIXED, values=np.zeros_like(FIXED.values))
    with pytest.raises(RegistrationError, match="The fixed image has the same value"):
        image_agreement(flat, MOVING["CT"], RigidTransform(np.eye(4), "1.2", "1.1"))


def test_an_image_meets_itself_entirely() -> None:
    seen = appearance(FIXED, spacing_mm=4.0, name="The image")
    met = meeting(seen, seen, np.eye(4))
    assert met.overlap_percent == 100.0
    np.testing.assert_allclose(met.moving[met.both], met.fixed[met.both], atol=1e-4)


def test_points_have_a_neighbourhood_of_thirty_millimetres() -> None:
    seen = appearance(FIXED, spacing_mm=4.0, name="The image")
    near = near_points(seen, np.array([[0.0, 0.0, 0.0]]))
    volume = np.count_nonzero(near) * np.prod(seen.spacing_mm)
    assert volume == pytest.approx(4.0 / 3.0 * np.pi * FOCUS_REACH_MM**3, rel=0.05)


def test_a_neighbourhood_is_cut_by_the_border_of_the_image_alone() -> None:
    seen = appearance(FIXED, spacing_mm=4.0, name="The image")
    affine, shape = seen.volume.affine, np.array(seen.body.shape)
    indices = np.array([[0, 0, 0], shape - 1, shape // 2])
    points = indices @ affine[:3, :3].T + affine[:3, 3]

    near = near_points(seen, points)

    every = np.moveaxis(np.indices(seen.body.shape), 0, -1)
    away = [np.linalg.norm((every - i) * seen.spacing_mm, axis=-1) for i in indices]
    np.testing.assert_array_equal(near, np.min(away, axis=0) <= FOCUS_REACH_MM)


def test_points_outside_the_image_are_a_mistake_of_the_caller() -> None:
    seen = appearance(FIXED, spacing_mm=4.0, name="The image")
    with pytest.raises(ValueError, match="are they in its frame"):
        near_points(seen, np.array([[5000.0, 0.0, 0.0]]))
