import numpy as np
import pytest

from reirrad.core.agreement import agreement, agreement_between
from reirrad.core.sections import Sections, sections_of
from reirrad.core.transforms import RigidTransform, identity
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    sphere_contours,
)
from reirrad.phantoms.closed_forms import lens_volume_cc, sphere_volume_cc

RADIUS = 30.0


def ball(spacing_mm: float = 2.0, *, offset_mm: float = 0.0) -> Sections:
    slices = SliceStack(spacing_mm, offset_mm)
    contours = sphere_contours([5, -8, 3], RADIUS, slices=slices)
    return sections_of(
        analytic_structure("organ", contours, frame_of_reference_uid="1")
    )


def shifted(
    shift_mm: float, way: tuple[float, float, float] = (1.0, 0.0, 0.0)
) -> RigidTransform:
    matrix = np.eye(4)
    matrix[:3, 3] = shift_mm * np.array(way)
    return RigidTransform(matrix, "1", "1")


def test_a_structure_agrees_with_itself() -> None:
    same = agreement("organ", ball(), ball(), identity("1"))
    assert same.dice == pytest.approx(1.0, abs=2e-3)
    assert same.mean_distance_mm == 0.0
    assert same.hausdorff95_mm == 0.0
    assert same.centroid_distance_mm == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("shift_mm", [3.0, 10.0, 25.0])
def test_dice_and_centroid_of_a_shifted_ball(shift_mm: float) -> None:
    found = agreement("organ", ball(), ball(), shifted(shift_mm))
    shared = lens_volume_cc(RADIUS, RADIUS, distance_mm=shift_mm)
    assert found.dice == pytest.approx(shared / sphere_volume_cc(RADIUS), abs=0.005)
    assert found.centroid_distance_mm == pytest.approx(shift_mm)
    assert 0.35 * shift_mm < found.mean_distance_mm < shift_mm
    assert found.mean_distance_mm < found.hausdorff95_mm <= shift_mm + 1.0


@pytest.mark.parametrize("spacing_mm", [1.0, 2.0, 3.0, 5.0])
def test_the_same_ball_on_other_slices_lies_no_distance_away(spacing_mm: float) -> None:
    one, other = (ball(spacing_mm, offset_mm=at) for at in (0.0, spacing_mm / 2.0))
    found = agreement("organ", one, other, identity("1"))
    assert found.mean_distance_mm < 0.05
    assert found.hausdorff95_mm < 0.1


@pytest.mark.parametrize("spacing_mm", [2.0, 3.0])
@pytest.mark.parametrize("shift_mm", [1.0, 3.0, 10.0, 25.0])
@pytest.mark.parametrize("way", [(1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.6, 0.0, 0.8)])
def test_surface_distances_of_a_shifted_ball(
    spacing_mm: float, shift_mm: float, way: tuple[float, float, float]
) -> None:
    drawn = ball(spacing_mm), ball(spacing_mm, offset_mm=1.1)
    found = agreement("organ", *drawn, shifted(shift_mm, way))
    # At the cosine c from the shift d, a point lies sqrt(R^2 + d^2 + 2 R d c) from the
    # other centre; c is evenly distributed over a ball.
    cosines = np.linspace(-1.0, 1.0, 20_001)
    from_centre = np.sqrt(RADIUS**2 + shift_mm**2 + 2.0 * RADIUS * shift_mm * cosines)
    exact = np.abs(from_centre - RADIUS)
    assert found.mean_distance_mm == pytest.approx(exact.mean(), abs=0.1)
    assert found.hausdorff95_mm == pytest.approx(np.percentile(exact, 95), abs=0.2)


def test_structures_that_do_not_meet_have_no_dice() -> None:
    found = agreement("organ", ball(), ball(), shifted(100.0))
    assert found.dice == 0.0
    assert found.mean_distance_mm > 40.0


def test_what_shrinks_to_nothing_on_its_way_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="nothing of organ can be carried"):
        agreement_between(
            "organ",
            (ball(), ball()),
            to_second=np.zeros_like,
            to_first=lambda points: points,
        )
