from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.accumulation import PlacedCourse, course_dose
from reirrad.core.budget_map import (
    LimitedSolid,
    VoxelLimit,
    limited_solids,
    remaining_dose,
    target_grid,
)
from reirrad.core.geometry import FloatArray
from reirrad.core.sections import Sections, sections_of
from reirrad.core.structure_doses import PlacedStructure
from reirrad.core.structures import Role, Structure
from reirrad.core.transforms import identity
from reirrad.phantoms.analytic import SliceStack, sphere_contours, sphere_dose
from tests.core.budget_specimens import constraint
from tests.core.specimens import course_with

FRAME = "1.1"
CENTRE = np.array([10.0, 0.0, 0.0])


def structure(
    name: str, centre_mm: FloatArray, radius_mm: float, role: Role = Role.ORGAN
) -> PlacedStructure:
    contours = sphere_contours(centre_mm, radius_mm, slices=SliceStack(spacing_mm=2.0))
    drawn = Structure(1, name, name, role, contours, FRAME)
    return PlacedStructure(
        structure=drawn,
        sections=sections_of(drawn),
        label=name,
        source_course=1,
        transferred=False,
        alpha_beta_gy=3.0,
        alpha_beta_source="test",
    )


def organ(centre_mm: FloatArray, radius_mm: float) -> Sections:
    return structure("organ", centre_mm, radius_mm).sections


def background() -> list[PlacedCourse]:
    dose = sphere_dose(CENTRE, radius_at={2.0: 60.0, 50.0: 10.0})
    return [PlacedCourse(course_with(dose), identity(FRAME))]


def closed_form_gy(
    background_gy: float, limit_gy: float, n_fractions: int, ratio_gy: float
) -> float:
    """Root of D (D/n + r)/(2 + r) = L - B, as a schoolbook quadratic."""
    left = limit_gy - background_gy
    if left <= 0:
        return 0.0
    roots = np.roots([1.0 / n_fractions, ratio_gy, -left * (2.0 + ratio_gy)])
    return float(roots.real.max())


@pytest.mark.parametrize("n_fractions", [1, 5, 30])
@pytest.mark.parametrize("limit_gy", [20.0, 98.0])
def test_every_point_has_the_closed_form(n_fractions: int, limit_gy: float) -> None:
    solid = LimitedSolid("organ", organ(CENTRE, 30.0), (VoxelLimit("", limit_gy, 3.0),))
    points = CENTRE + np.array([[0, 0, 0], [12, 0, 0], [0, 20, 3], [-25, 0, 0.0]])
    found = remaining_dose(points, [solid], background(), n_fractions=n_fractions)
    earlier = course_dose(background()[0], points).physical_gy()
    eqd2 = earlier * (earlier / 5 + 3.0) / 5.0
    expected = [closed_form_gy(b, limit_gy, n_fractions, 3.0) for b in eqd2]
    np.testing.assert_allclose(found.dose_gy, expected, rtol=1e-9, atol=1e-9)
    assert found.organs == ("organ",)
    # Giving it back uses up the limit where anything was left.
    new = found.dose_gy * (found.dose_gy / n_fractions + 3.0) / 5.0
    left = found.dose_gy > 0
    np.testing.assert_allclose((eqd2 + new)[left], limit_gy, rtol=1e-9)
    assert np.all(eqd2[~left] >= limit_gy)


def test_outside_the_organs_nothing_is_said() -> None:
    solid = LimitedSolid("organ", organ(CENTRE, 15.0), (VoxelLimit("", 98.0, 3.0),))
    found = remaining_dose(
        CENTRE + np.array([[0, 0, 40.0]]), [solid], background(), n_fractions=5
    )
    assert np.isnan(found.dose_gy).all()
    assert not found.limited.any()
    assert found.organs == ()


def test_where_organs_overlap_the_least_counts() -> None:
    wide = LimitedSolid("wide", organ(CENTRE, 40.0), (VoxelLimit("", 98.0, 3.0),))
    small = LimitedSolid(
        "small",
        organ(CENTRE + np.array([30, 0, 0]), 8.0),
        (VoxelLimit("", 54.0, 2.5), VoxelLimit("", 8.0, None)),
    )
    points = CENTRE + np.array([[30, 0, 0], [-30, 0, 0.0]])
    both = remaining_dose(points, [wide, small], background(), n_fractions=3)
    alone = [
        remaining_dose(points, [one], background(), n_fractions=3).dose_gy
        for one in (wide, small)
    ]
    assert both.dose_gy[0] == min(alone[0][0], alone[1][0])
    assert both.dose_gy[0] == 8.0
    assert both.dose_gy[1] == alone[0][1]


def test_a_limit_of_the_new_course_alone_has_no_background() -> None:
    limit = VoxelLimit("", 25.0, 2.0, cumulative=False)
    solid = LimitedSolid("cord", organ(CENTRE, 15.0), (limit,))
    found = remaining_dose(CENTRE[None], [solid], background(), n_fractions=5)
    assert found.dose_gy[0] == pytest.approx(closed_form_gy(0.0, 25.0, 5, 2.0))


def test_unknown_background_is_not_zero() -> None:
    beyond = CENTRE + np.array([150.0, 0.0, 0.0])
    solid = LimitedSolid("organ", organ(beyond, 15.0), (VoxelLimit("", 98.0, 3.0),))
    found = remaining_dose(beyond[None], [solid], background(), n_fractions=5)
    assert np.isnan(found.dose_gy).all()
    assert found.limited.all()
    assert not found.known.any()


ROW = constraint("D0.1cc[Gy]", 54.0, alpha_beta_gy=2.5, level="mandatory")


def test_only_binding_limits_of_maxima_bound_a_voxel() -> None:
    rows = [
        ROW,
        replace(ROW, metric="Max[Gy]", quantity="BED", limit=90.0),
        replace(ROW, metric="D10cc[Gy]"),
        replace(ROW, metric="Mean[Gy]"),
        replace(ROW, level="optimal", limit=20.0),
        replace(ROW, level="alternative reading", limit=10.0),
        replace(ROW, metric="Max[Gy]", basis="minus GTV", limit=5.0),
    ]
    (found,) = limited_solids(
        [structure("Duodenum", CENTRE, 10.0)], rows, n_fractions=5
    )
    assert [limit.level_gy for limit in found.limits] == pytest.approx(
        [54.0, 90.0 * 2.5 / 4.5]
    )


def test_an_organ_without_such_a_limit_is_not_in_the_map() -> None:
    rows = [replace(ROW, metric="Mean[Gy]")]
    assert not limited_solids(
        [structure("Duodenum", CENTRE, 10.0)], rows, n_fractions=5
    )
    assert not limited_solids([structure("Heart", CENTRE, 10.0)], rows, n_fractions=5)


def test_the_grid_reaches_five_centimetres_around_the_targets() -> None:
    grid = target_grid([organ(CENTRE, 10.0)], FRAME)
    corners = grid.corners_mm()
    assert grid.spacing_mm == (2.5, 2.5, 2.5)
    assert np.all(corners.min(axis=0) <= CENTRE - 59.5)
    assert np.all(corners.max(axis=0) >= CENTRE + 59.5)
    assert np.all(corners.max(axis=0) <= CENTRE + 70.0)
    step = grid.points_mm([[0, 0, 1], [0, 1, 0], [1, 0, 0]]) - grid.points_mm([0, 0, 0])
    np.testing.assert_allclose(step, 2.5 * np.eye(3))
