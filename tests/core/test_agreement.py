import numpy as np
import pytest

from reirrad.core.agreement import agreement, distances_mm, surface_points
from reirrad.core.sections import Sections, sections_of
from reirrad.core.transforms import RigidTransform, identity
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    cylinder_contours,
    sphere_contours,
)
from reirrad.phantoms.closed_forms import lens_volume_cc, sphere_volume_cc

RADIUS = 30.0


def ball() -> Sections:
    contours = sphere_contours([5, -8, 3], RADIUS, slices=SliceStack(spacing_mm=2.0))
    return sections_of(
        analytic_structure("organ", contours, frame_of_reference_uid="1")
    )


def shifted(shift_mm: float) -> RigidTransform:
    matrix = np.eye(4)
    matrix[0, 3] = shift_mm
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


def test_structures_that_do_not_meet_have_no_dice() -> None:
    found = agreement("organ", ball(), ball(), shifted(100.0))
    assert found.dice == 0.0
    assert found.mean_distance_mm > 40.0


def test_the_surface_of_a_cylinder_is_closed() -> None:
    contours = cylinder_contours(
        [0, 0, 0], 20.0, length_mm=30.0, slices=SliceStack(spacing_mm=3.0)
    )
    sections = sections_of(
        analytic_structure("organ", contours, frame_of_reference_uid="1")
    )
    cloud = surface_points(sections, spacing_mm=1.0)
    low, high = sections.slabs[0].bottom_mm, sections.slabs[-1].top_mm
    for centre in ([0.0, 0.0, low], [0.0, 0.0, high], [20.0, 0.0, 0.0]):
        to_cloud, _ = distances_mm(np.array([centre]), cloud)
        assert to_cloud[0] < 1.0
    to_cloud, _ = distances_mm(np.array([[0.0, 0.0, (low + high) / 2]]), cloud)
    assert to_cloud[0] == pytest.approx((high - low) / 2, abs=0.5)
