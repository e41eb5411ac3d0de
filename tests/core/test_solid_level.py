"""The level of a solid tells inside from outside, and by how much."""

import numpy as np

from reirrad.core.sections import is_inside, sections_of
from reirrad.core.solid_level import level_mm
from reirrad.phantoms.analytic import SliceStack, analytic_structure, sphere_contours

SLICES = SliceStack(3.0)


def test_the_sign_is_that_of_being_inside() -> None:
    outer = sphere_contours([1, 2, 3], 20.0, slices=SLICES, n_vertices=80)
    inner = sphere_contours([1, 2, 3], 9.0, slices=SLICES, n_vertices=40)
    shell = analytic_structure("x", outer + inner, frame_of_reference_uid="1.2")
    sections = sections_of(shell)
    points = np.random.default_rng(0).uniform(-25, 25, (20_000, 3))
    level = level_mm(sections, points)
    np.testing.assert_array_equal(level >= 0.0, is_inside(sections, points))


def test_near_the_outline_it_is_the_distance_in_the_plane() -> None:
    ball = analytic_structure(
        "x",
        sphere_contours([0, 0, 0], 20.0, slices=SLICES, n_vertices=120),
        frame_of_reference_uid="1.2",
    )
    radii = np.linspace(18.0, 22.0, 9)
    points = np.column_stack([radii, np.zeros(9), np.zeros(9)])
    np.testing.assert_allclose(
        level_mm(sections_of(ball), points), 20.0 - radii, atol=0.05
    )
