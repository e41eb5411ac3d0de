"""Overlap under draws, held against the closed form of two balls (clinical.md, E3)."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import ncx2

from reirrad.core.accumulation import PlacedCourse
from reirrad.core.classification import SMALLEST_OVERLAP_CC
from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.overlap import CourseIsodoses, course_isodoses, isodose_cells
from reirrad.core.overlap_draws import MovedRegion, reachable_cells, shared_in_draws
from reirrad.core.perturbations import (
    RegistrationAccuracy,
    drawn_motions,
    moved_points,
)
from reirrad.core.sampling import SamplePoints, grid_cells, sample
from reirrad.core.sections import sections_of
from reirrad.core.transforms import identity
from reirrad.phantoms.analytic import sphere_dose
from reirrad.phantoms.closed_forms import lens_volume_cc
from tests.core.specimens import course_with
from tests.core.test_overlap import ball

RADIUS_MM = {"2Gy": 45.0, "50%": 25.0}


def isodoses(x: float, number: int) -> CourseIsodoses:
    dose = sphere_dose((x, 0.0, 0.0), radius_at={2.0: 45, 25.0: 25})
    course = course_with(dose, number=number)
    return course_isodoses(PlacedCourse(course, identity("1.1")))


def region(
    own: CourseIsodoses, motions: FloatArray | None, level: str = "50%"
) -> MovedRegion:
    isodose, lowest_gy = own.named(level)
    voxels = isodose_cells(own.placed, lowest_gy)
    radius = float(voxels.radii_mm.max())
    return MovedRegion(isodose, voxels.points_mm, radius, motions)


@pytest.fixture(scope="module")
def organ() -> SamplePoints:
    return sample(sections_of(ball(9, (0.0, 0.0, 0.0), 90.0)), centred=True)


def motions(n_draws: int, *, shift_mm: float, degrees: float, seed: int) -> FloatArray:
    accuracy = RegistrationAccuracy(shift_mm, degrees, "test")
    drawn = drawn_motions(
        {1: accuracy}, centre_mm=(0, 0, 0), n_draws=n_draws, seed=seed
    )
    return drawn[1]


def shared(
    organ: SamplePoints, later: MovedRegion, earlier: MovedRegion, n_draws: int
) -> FloatArray:
    cells = organ.where(reachable_cells(organ, [later]))
    cells = cells.where(reachable_cells(cells, [earlier]))
    return shared_in_draws(
        cells, later, [earlier], draws=np.arange(n_draws), tolerated_ratio=0.02
    )


def lenses_cc(apart_mm: float, moves: FloatArray, level: str) -> FloatArray:
    """Closed form: the dose looked up at a moved point lies where that came from."""
    centre = np.array([[-apart_mm / 2, 0.0, 0.0]])
    return np.array(
        [
            lens_volume_cc(
                RADIUS_MM[level],
                RADIUS_MM[level],
                distance_mm=float(
                    np.linalg.norm(
                        moved_points(np.linalg.inv(m), centre)[0] + centre[0]
                    )
                ),
            )
            for m in moves
        ]
    )


@pytest.mark.parametrize("level", ["2Gy", "50%"])
@pytest.mark.parametrize("apart_mm", [45.0, 51.0])
def test_every_draw_is_a_lens(organ: SamplePoints, apart_mm: float, level: str) -> None:
    moves = motions(48, shift_mm=3.0, degrees=2.0, seed=3)
    found = shared(
        organ,
        region(isodoses(apart_mm / 2, 2), None, level),
        region(isodoses(-apart_mm / 2, 1), moves, level),
        len(moves),
    )
    assert found == pytest.approx(
        lenses_cc(apart_mm, moves, level), rel=0.05, abs=0.003
    )


def test_a_flat_border_that_cuts_all_cells_alike_is_a_plane() -> None:
    geometry = GridGeometry((20, 20, 20), np.diag([2.0, 2.0, 2.0, 1.0]), "1.1")
    cells = grid_cells(geometry, np.ones(geometry.shape, dtype=np.bool_))
    heights_mm = np.array([3.3, 11.9, 20.45, 26.0])
    moves = np.tile(np.eye(4), (len(heights_mm), 1, 1))
    moves[:, 0, 3] = -heights_mm
    everything = MovedRegion(
        lambda points: np.full(len(points), 100.0), cells.points_mm, 2.0, None
    )
    below = MovedRegion(lambda points: -points[:, 0], cells.points_mm, 2.0, moves)

    found = shared_in_draws(
        cells,
        everything,
        [below],
        draws=np.arange(len(heights_mm)),
        tolerated_ratio=0.02,
    )

    assert found == pytest.approx(1.6 * (heights_mm + 1.0), rel=0.005)


def exact_share(apart_mm: float, shift_mm: float) -> float:
    """Share of all shifts after which the balls share more than 0.001 cc.

    The squared distance of the centres over the variance of one axis is non-central
    chi-squared with three degrees of freedom.
    """
    radius = RADIUS_MM["50%"]
    just_mm = brentq(
        lambda mm: lens_volume_cc(radius, radius, distance_mm=mm) - SMALLEST_OVERLAP_CC,
        40.0,
        50.0,
    )
    variance = shift_mm**2 / 3.0
    return float(ncx2.cdf(just_mm**2 / variance, 3, apart_mm**2 / variance))


@pytest.mark.slow
@pytest.mark.parametrize("apart_mm", [45.0, 51.0])
@pytest.mark.parametrize("shift_mm", [3.0, 5.0])
def test_the_class_flips_as_often_as_the_closed_form_says(
    organ: SamplePoints, apart_mm: float, shift_mm: float
) -> None:
    count = 512
    moves = motions(count, shift_mm=shift_mm, degrees=0.0, seed=11)
    found = shared(
        organ,
        region(isodoses(apart_mm / 2, 2), None),
        region(isodoses(-apart_mm / 2, 1), moves),
        count,
    )
    share = float(np.mean(found > SMALLEST_OVERLAP_CC))
    exact = exact_share(apart_mm, shift_mm)
    error = np.sqrt(exact * (1.0 - exact) / count)
    assert share == pytest.approx(exact, abs=2.0 * error + 0.002)


def test_either_side_may_move(organ: SamplePoints) -> None:
    moves = motions(12, shift_mm=4.0, degrees=3.0, seed=2)
    one, two = isodoses(-22.5, 1), isodoses(22.5, 2)
    first = shared(organ, region(two, None), region(one, moves), 12)
    other = shared(organ, region(one, moves), region(two, None), 12)
    assert first == pytest.approx(other, rel=0.03, abs=1e-3)
    back = np.asarray(np.linalg.inv(moves))
    third = shared(organ, region(two, back), region(one, None), 12)
    assert third == pytest.approx(first, rel=0.05, abs=2e-3)


def test_an_earlier_union_is_at_least_each_of_its_parts(organ: SamplePoints) -> None:
    moves = motions(6, shift_mm=4.0, degrees=0.0, seed=2)
    later = region(isodoses(22.5, 3), None)
    parts = [region(isodoses(-22.5, 1), moves), region(isodoses(60.0, 2), None)]
    cells = organ.where(reachable_cells(organ, [later]))
    cells = cells.where(reachable_cells(cells, parts))
    volumes = [
        shared_in_draws(cells, later, some, draws=np.arange(6), tolerated_ratio=0.01)
        for some in (parts, parts[:1], parts[1:])
    ]
    assert np.all(volumes[0] >= np.maximum(volumes[1], volumes[2]) - 0.01)


def test_what_is_out_of_reach_is_never_asked(organ: SamplePoints) -> None:
    moves = motions(8, shift_mm=3.0, degrees=2.0, seed=1)
    later, earlier = region(isodoses(70, 2), None), region(isodoses(-70, 1), moves)
    assert shared(organ, later, earlier, 8) == pytest.approx(np.zeros(8))
