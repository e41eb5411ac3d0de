"""Doses and overlaps of a course that is placed by a deformable map."""

import numpy as np
import pytest

from reirrad.core.accumulation import (
    DeformedCourse,
    PlacedCourse,
    course_dose,
    known_dose,
)
from reirrad.core.deformation import DeformableMap
from reirrad.core.geometry import FloatArray
from reirrad.core.overlap import (
    course_isodoses,
    is_wholly_reached,
    isodose_volumes,
    overlap_volumes,
)
from reirrad.core.sampling import sample
from reirrad.core.sections import sections_of
from reirrad.core.transforms import RigidTransform, identity
from reirrad.phantoms.analytic import box_geometry
from tests.workflows.exports import FRAMES, course

ONE, TWO = FRAMES[1], FRAMES[2]


def constant_map(vector: FloatArray) -> DeformableMap:
    """From the frame of course 2 into that of course 1, by vectors alone."""
    geometry = box_geometry(
        np.full(3, -150.0),
        np.full(3, 150.0),
        spacing_mm=(50.0, 50.0, 50.0),
        frame_of_reference_uid=TWO,
    )
    field = np.broadcast_to(vector, (*geometry.shape, 3)).astype(np.float32)
    after = RigidTransform(np.eye(4), TWO, ONE)
    return DeformableMap(identity(TWO), geometry, field, after)


def shifted(vector: FloatArray) -> RigidTransform:
    matrix = np.eye(4)
    matrix[:3, 3] = vector
    return RigidTransform(matrix, TWO, ONE)


SHIFT = np.array([-15.0, 4.0, 0.0])


@pytest.mark.slow
def test_vectors_that_are_all_alike_are_a_shift() -> None:
    first, second = course(1, target_x=-20), course(2, target_x=20)
    here = PlacedCourse(second, identity(TWO))
    organ = sample(sections_of(second.structures[0]), centred=True)
    points = organ.points_mm[::50]
    rigid = PlacedCourse(first, shifted(SHIFT))
    deformed = DeformedCourse(first, constant_map(SHIFT))
    assert course_dose(deformed, points).physical_gy() == pytest.approx(
        course_dose(rigid, points).physical_gy(), abs=1e-3
    )
    later = course_isodoses(here)
    one, other = course_isodoses(rigid), course_isodoses(deformed)
    shared = overlap_volumes([one], later, organ)
    shared_deformed = overlap_volumes([other], later, organ)
    alone, alone_deformed = isodose_volumes(one, organ), isodose_volumes(other, organ)
    for level in ("2Gy", "50%"):
        assert shared_deformed[level].organ_cc == pytest.approx(
            shared[level].organ_cc, rel=0.005, abs=0.01
        )
        assert shared_deformed[level].total_cc == pytest.approx(
            shared[level].total_cc, rel=0.005, abs=0.01
        )
        assert alone_deformed[level].total_cc == pytest.approx(
            alone[level].total_cc, rel=0.005, abs=0.01
        )
    assert (shared["2Gy"].organ_cc or 0.0) > 10.0


def test_swelling_changes_the_volume_of_an_isodose_by_its_cube() -> None:
    first = course(1, target_x=0)
    geometry = constant_map(np.zeros(3)).geometry
    points = geometry.points_mm(np.moveaxis(np.indices(geometry.shape), 0, -1))
    # Four fifths of a way here are the whole way there: isodoses are smaller here.
    field = (0.25 * points).astype(np.float32)
    after = RigidTransform(np.eye(4), TWO, ONE)
    swollen = DeformableMap(identity(TWO), geometry, field, after)
    organ = sample(sections_of(course(2, target_x=0).structures[0]), centred=True)
    plain = isodose_volumes(
        course_isodoses(PlacedCourse(first, shifted(np.zeros(3)))), organ
    )
    deformed = isodose_volumes(course_isodoses(DeformedCourse(first, swollen)), organ)
    for level in ("2Gy", "50%"):
        whole = plain[level].total_cc
        assert whole is not None
        assert deformed[level].total_cc == pytest.approx(whole / 1.25**3, rel=0.005)


def ending_map(vector: FloatArray, high_mm: float) -> DeformableMap:
    """Vectors alone, whose grid ends along y."""
    geometry = box_geometry(
        np.full(3, -150.0),
        np.array([150.0, high_mm, 150.0]),
        spacing_mm=(10.0, 10.0, 10.0),
        frame_of_reference_uid=TWO,
    )
    field = np.broadcast_to(vector, (*geometry.shape, 3)).astype(np.float32)
    return DeformableMap(
        identity(TWO), geometry, field, RigidTransform(np.eye(4), TWO, ONE)
    )


def test_outside_the_grid_of_vectors_dose_is_not_calculated() -> None:
    # By the bare rigid parts the point at y = 40 is looked up 60 mm from the target.
    first = course(1, target_x=0)
    points = np.array([[0.0, y, 0.0] for y in np.linspace(-100.0, 40.0, 57)])
    volumes = np.full(len(points), 1.0)
    shift = np.array([0.0, 40.0, 0.0])
    inside = points[:, 1] <= 20.0 + 1e-9
    way = ending_map(shift, 20.0)
    assert way.covers(points).tolist() == inside.tolist()
    dose = course_dose(DeformedCourse(first, way), points)
    truth = course_dose(PlacedCourse(first, shifted(shift)), points)
    assert dose.covered.tolist() == (inside & truth.covered).tolist()
    assert dose.physical_gy()[inside] == pytest.approx(truth.physical_gy()[inside])
    most_gy = truth.physical_gy().max()
    assert dose.physical_gy()[~inside] == pytest.approx(most_gy, rel=1e-4)
    known = known_dose(dose.physical_gy(), volumes, dose.covered)
    assert known.metric("Max[Gy]") is None
    assert known.metric("Mean[Gy]") is None
    held = course_dose(DeformedCourse(first, way, rigid_parts_hold=True), points)
    assert held.covered.all()
    rigid = course_dose(PlacedCourse(first, shifted(np.zeros(3))), points)
    assert held.physical_gy()[~inside] == pytest.approx(rigid.physical_gy()[~inside])


def test_a_part_lost_outside_the_vectors_that_cannot_matter_leaves_the_metric() -> None:
    first = course(1, target_x=0)
    points = np.array([[0.0, y, 0.0] for y in np.linspace(-20.0, 40.0, 25)])
    volumes = np.where(points[:, 1] <= 20.0 + 1e-9, 1.0, 1e-9)
    dose = course_dose(DeformedCourse(first, ending_map(np.zeros(3), 20.0)), points)
    known = known_dose(dose.physical_gy(), volumes, dose.covered)
    assert not dose.covered.all()
    assert known.metric("Mean[Gy]") is not None


def test_no_isodose_lies_outside_the_grid_of_vectors() -> None:
    # All of course 1 comes from y = -70; its bare rigid parts show it at 0 once more.
    first = course(1, target_x=0)
    way = ending_map(np.array([0.0, 70.0, 0.0]), -20.0)
    strict = course_isodoses(DeformedCourse(first, way))
    loose = course_isodoses(DeformedCourse(first, way, rigid_parts_hold=True))
    points = np.array([[0.0, 0.0, 0.0], [0.0, -70.0, 0.0]])
    assert (strict.iso50(points) >= 0.0).tolist() == [False, True]
    assert (strict.iso2(points) >= 0.0).tolist() == [False, True]
    assert (loose.iso2(points) >= 0.0).tolist() == [True, True]


@pytest.mark.parametrize(
    ("high_mm", "hold", "reached"),
    [(70.0, False, True), (40.0, False, False), (40.0, True, True)],
)
def test_isodoses_are_wholly_reached_or_not(
    high_mm: float, *, hold: bool, reached: bool
) -> None:
    # The 2 Gy isodose ends at y = 40, and with it the organ at 60.
    way = ending_map(np.zeros(3), high_mm)
    moving = DeformedCourse(course(1, target_x=0), way, rigid_parts_hold=hold)
    organ = sample(sections_of(course(2, target_x=0).structures[0]), centred=True)
    assert is_wholly_reached(course_isodoses(moving), organ) is reached
    nearby = organ.where(np.abs(organ.points_mm).max(axis=1) < 20.0)
    assert is_wholly_reached(course_isodoses(moving), nearby) is reached
