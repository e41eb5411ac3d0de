"""Doses on one grid of the reference frame."""

from datetime import date

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.courses import Course, Delivery, Prescription
from reirrad.core.dose import DoseGrid
from reirrad.core.export_doses import (
    accumulated_eqd2,
    known_box,
    lattice_of,
    mapped_dose,
    omitted_gy,
)
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.radiobiology import eqd2
from reirrad.core.transforms import RigidTransform, identity
from reirrad.phantoms.analytic import box_geometry, sampled_dose


def slope(points_mm: FloatArray) -> FloatArray:
    return 20.0 + 0.1 * points_mm[:, 0] - 0.05 * points_mm[:, 2]


def placed(
    number: int,
    *,
    half_mm: float = 30.0,
    from_reference: RigidTransform | None = None,
    axes: FloatArray | None = None,
    n_fractions: int = 5,
) -> PlacedCourse:
    frame = f"1.2.{number}"
    geometry = box_geometry(
        [-half_mm] * 3,
        [half_mm] * 3,
        spacing_mm=(3.0, 2.5, 2.0),
        frame_of_reference_uid=frame,
        axes=np.eye(3) if axes is None else axes,
    )
    course = Course(
        number,
        date(2024, 1, number),
        "plan",
        frame,
        Prescription(50.0, n_fractions, "test"),
        (Delivery((sampled_dose(slope, geometry),), n_fractions),),
        (),
        None,
    )
    return PlacedCourse(course, from_reference or identity(frame))


def turned(number: int, degrees: float, x_mm: float = 0.0) -> RigidTransform:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("z", degrees, degrees=True).as_matrix()
    matrix[0, 3] = x_mm
    return RigidTransform(matrix, "1.2.1", f"1.2.{number}")


def centres(geometry: GridGeometry) -> FloatArray:
    indices = np.moveaxis(np.indices(geometry.shape), 0, -1).reshape(-1, 3)
    return geometry.points_mm(indices)


def test_eqd2_is_formed_per_course_and_then_added() -> None:
    first, second = placed(1), placed(2, from_reference=turned(2, 0.0, 4.0))
    box = known_box(lattice_of(first), [first, second])
    assert box is not None
    found = accumulated_eqd2(box, [first, second], alpha_beta_gy=3.0)
    points = centres(box)
    expected = eqd2(slope(points), n_fractions=5, alpha_beta_gy=3.0) + eqd2(
        slope(points + np.array([4.0, 0.0, 0.0])), n_fractions=5, alpha_beta_gy=3.0
    )
    inner = (slice(2, -2),) * 3
    np.testing.assert_allclose(
        found.grid.values_gy[inner],
        expected.reshape(box.shape)[inner],
        rtol=1e-5,
    )
    assert (found.courses, found.alpha_beta_gy) == ((1, 2), 3.0)


def test_a_box_of_equal_axes_has_no_unknown_voxel() -> None:
    first, second = placed(1), placed(2, from_reference=turned(2, 0.0, 10.0))
    box = known_box(lattice_of(first), [first, second])
    assert box is not None
    low, high = centres(box).min(axis=0), centres(box).max(axis=0)
    np.testing.assert_allclose(low, [-30, -30, -30])
    np.testing.assert_allclose(high, [20, 30, 30], atol=2.0)
    found = accumulated_eqd2(box, [first, second], alpha_beta_gy=3.0)
    assert (found.unknown_percent, found.unknown_max_gy) == (0.0, 0.0)
    assert omitted_gy(box, first) > 20.0
    assert omitted_gy(box, second) > 0.0


def test_a_turned_grid_is_wholly_inside_its_box_and_the_rest_is_told() -> None:
    first, second = placed(1), placed(2, from_reference=turned(2, 20.0))
    box = known_box(lattice_of(first), [second])
    assert box is not None
    found = mapped_dose(box, second)
    assert omitted_gy(box, second) == 0.0
    points = turned(2, 20.0).apply(centres(box))
    halves = np.array([31.0, 31.25, 31.5])
    outside = np.any(np.abs(points) > halves, axis=1)
    assert found.unknown_percent == pytest.approx(100 * outside.mean(), abs=1.0)
    assert found.unknown_percent > 10.0
    assert found.unknown_max_gy >= found.grid.values_gy.ravel()[outside].max() - 1e-9
    # The dose of the border and not zero.
    assert found.grid.values_gy.min() > 10.0


def test_grids_apart_have_no_box() -> None:
    first, second = placed(1), placed(2, from_reference=turned(2, 0.0, 90.0))
    assert known_box(lattice_of(first), [first, second]) is None
    grazing = placed(2, from_reference=turned(2, 0.0, 61.5))
    assert known_box(lattice_of(first), [first, grazing]) is None


def test_slices_are_ordered_along_rows_and_columns() -> None:
    falling = placed(1, axes=np.diag([1.0, 1.0, -1.0]))
    lattice = lattice_of(falling)
    k, j, i = (lattice.affine[:3, axis] for axis in range(3))
    assert np.cross(i, j) @ k > 0.0
    own = falling.course.deliveries[0].doses[0].geometry
    np.testing.assert_allclose(
        np.sort(centres(lattice), axis=0), np.sort(centres(own), axis=0)
    )
    found = mapped_dose(lattice, falling)
    assert isinstance(found.grid, DoseGrid)
    np.testing.assert_allclose(
        found.grid.values_gy.ravel(), slope(centres(lattice)), rtol=1e-5
    )
