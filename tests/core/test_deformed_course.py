"""Doses and overlaps of a course that is placed by a deformable map."""

import numpy as np
import pytest

from reirrad.core.accumulation import DeformedCourse, PlacedCourse, course_dose
from reirrad.core.deformation import DeformableMap
from reirrad.core.geometry import FloatArray
from reirrad.core.overlap import course_isodoses, isodose_volumes, overlap_volumes
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
