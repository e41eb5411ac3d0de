import sys
from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.deformation import inverse_consistency_mm, jacobian_range
from reirrad.core.transforms import RigidTransform, identity
from reirrad.errors import FrameMismatchError, RegistrationError
from reirrad.phantoms.deformed_pair import Kind, pair_of
from reirrad.registration.deformable import register_deformable

COARSE_MM = (8.0, 8.0, 8.0)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "seed"), [("CT", 2), ("MR abdomen", 2)])
def test_a_known_deformation_is_found_to_a_millimetre_and_a_half(
    kind: Kind, seed: int
) -> None:
    pair = pair_of(kind, seed)
    found = register_deformable(pair.fixed, pair.moving, pair.moving_to_fixed)
    points, truth = pair.liver_mm, pair.true_mm(pair.liver_mm)
    rigid = np.linalg.norm(pair.moving_to_fixed.inverse().apply(points) - truth, axis=1)
    away = np.linalg.norm(found.forward.apply(points) - truth, axis=1)
    assert rigid.max() > 9.0
    assert away.mean() < 1.5
    assert away.mean() < rigid.mean() / 2.0
    jacobian = jacobian_range(found.forward, points)
    assert jacobian is not None
    assert jacobian.folded_percent == 0.0
    misses = inverse_consistency_mm(found.forward, found.backward, points)
    assert misses.mean() < 1.5
    assert found.similarity_after > found.similarity_before


@pytest.mark.slow
def test_the_same_images_give_the_same_vectors_and_a_deformation_is_followed() -> None:
    pair = pair_of("MR", 2, spacing_mm=COARSE_MM)
    one, two = (
        register_deformable(pair.fixed, pair.moving, pair.moving_to_fixed)
        for _ in range(2)
    )
    for left, right in (
        (one.forward, two.forward),
        (one.backward, two.backward),
    ):
        np.testing.assert_array_equal(left.displacement_mm, right.displacement_mm)
    truth = pair.true_mm(pair.liver_mm)
    away = np.linalg.norm(one.forward.apply(pair.liver_mm) - truth, axis=1)
    assert away.mean() < 3.0
    back = np.linalg.norm(one.backward.apply(truth) - pair.true_back_mm(truth), axis=1)
    assert back.mean() < 3.0


def test_an_image_and_itself_are_left_alone() -> None:
    image = pair_of("CT", 1, spacing_mm=COARSE_MM).fixed
    frame = image.geometry.frame_of_reference_uid
    found = register_deformable(image, image, identity(frame))
    assert found.forward.longest_mm < 0.1
    assert found.similarity_after == pytest.approx(found.similarity_before, abs=1e-3)


@pytest.mark.slow
def test_a_given_outline_replaces_the_threshold() -> None:
    pair = pair_of("CT", 1, spacing_mm=COARSE_MM)
    found = register_deformable(
        pair.fixed,
        pair.moving,
        pair.moving_to_fixed,
        fixed_body=lambda points: points[:, 2] > 0.0,
        moving_body=lambda points: np.ones(len(points), dtype=np.bool_),
    )
    corners = found.forward.geometry.corners_mm()
    assert corners[:, 2].min() > -35.0
    with pytest.raises(RegistrationError, match="Check External"):
        register_deformable(
            pair.fixed,
            pair.moving,
            pair.moving_to_fixed,
            fixed_body=lambda points: np.zeros(len(points), dtype=np.bool_),
        )


def test_other_modalities_are_refused() -> None:
    pair = pair_of("CT", 1, spacing_mm=COARSE_MM)
    with pytest.raises(RegistrationError, match="CT and MR"):
        register_deformable(
            pair.fixed, replace(pair.moving, modality="MR"), pair.moving_to_fixed
        )


def test_a_start_between_other_frames_is_refused() -> None:
    pair = pair_of("CT", 1, spacing_mm=COARSE_MM)
    with pytest.raises(FrameMismatchError):
        register_deformable(pair.fixed, pair.moving, identity("1.9"))


def test_a_start_that_leads_away_is_refused() -> None:
    pair = pair_of("CT", 1, spacing_mm=COARSE_MM)
    away = pair.moving_to_fixed.matrix.copy()
    away[0, 3] += 300.0
    start = RigidTransform(
        away, pair.moving_to_fixed.from_frame, pair.moving_to_fixed.to_frame
    )
    with pytest.raises(RegistrationError, match="Too little of the patient"):
        register_deformable(pair.fixed, pair.moving, start)


def test_without_simpleitk_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "reirrad.registration.demons", None)
    pair = pair_of("CT", 1, spacing_mm=COARSE_MM)
    with pytest.raises(RegistrationError, match=r"reirrad\[deformable\]"):
        register_deformable(pair.fixed, pair.moving, pair.moving_to_fixed)
