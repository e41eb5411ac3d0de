"""Levels on a lattice are those of the solid, point by point."""

import numpy as np
import pytest

from reirrad.core.geometry import FloatArray
from reirrad.core.sections import Sections, is_inside, sections_of
from reirrad.core.solid_lattice import Lattice, inside_lattice, lattice_levels
from reirrad.core.solid_level import level_mm
from reirrad.core.structures import Contour
from reirrad.phantoms.analytic import (
    AXIAL_AXES,
    SliceStack,
    analytic_structure,
    sphere_contours,
)

TILT = np.radians(20.0)
TILTED = (
    (1.0, 0.0, 0.0),
    (0.0, float(np.cos(TILT)), float(np.sin(TILT))),
    (0.0, float(-np.sin(TILT)), float(np.cos(TILT))),
)
NODES = Lattice(
    np.arange(-30.0, 75.0, 2.0),
    np.arange(-28.0, 30.0, 2.0),
    np.arange(-30.0, 34.0, 1.5),
)


def shell_and_ball(axes: tuple[tuple[float, ...], ...] = AXIAL_AXES) -> Sections:
    """A ball with a hole, and another one beside it."""
    slices = SliceStack(3.0, axes=axes)
    contours = (
        *sphere_contours([1, 2, 3], 21.0, slices=slices, n_vertices=80),
        *sphere_contours([3, 2, 1], 9.0, slices=slices, n_vertices=40),
        *sphere_contours([55, 0, -5], 13.0, slices=slices, n_vertices=60),
    )
    return sections_of(analytic_structure("x", contours, frame_of_reference_uid="1"))


def points_of(nodes: Lattice) -> FloatArray:
    planes = [nodes.plane_mm(n).reshape(-1, 3) for n in range(len(nodes.z_mm))]
    return np.concatenate(planes)


@pytest.mark.parametrize("axes", [AXIAL_AXES, TILTED])
def test_inside_is_inside(axes: tuple[tuple[float, ...], ...]) -> None:
    sections = shell_and_ball(axes)
    inside = inside_lattice(sections, NODES)
    assert inside.shape == NODES.shape
    assert 0 < inside.sum() < inside.size
    np.testing.assert_array_equal(inside.ravel(), is_inside(sections, points_of(NODES)))


def test_nodes_on_the_drawn_outline_are_decided_alike() -> None:
    square = np.array([[-10.0, -10], [10, -10], [10, 10], [-10, 10]])
    drawn = tuple(
        Contour(np.column_stack([square, np.full(4, z)]))
        for z in np.arange(-10.0, 11.0, 2.0)
    )
    box = analytic_structure("box", drawn, frame_of_reference_uid="1")
    sections = sections_of(box)
    nodes = Lattice(*(np.arange(-12.0, 12.5, 1.0) for _ in range(3)))
    np.testing.assert_array_equal(
        inside_lattice(sections, nodes).ravel(), is_inside(sections, points_of(nodes))
    )


def test_levels_are_those_of_the_solid_near_the_outline() -> None:
    sections = shell_and_ball()
    found = lattice_levels(sections, NODES, outside_mm=-4.0).ravel()
    expected = np.maximum(level_mm(sections, points_of(NODES)), -4.0)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_levels_of_tilted_sections_are_near_those_of_the_solid() -> None:
    sections = shell_and_ball(TILTED)
    found = lattice_levels(sections, NODES, outside_mm=-4.0).ravel()
    expected = level_mm(sections, points_of(NODES))
    near = np.abs(expected) < 1.0
    # In-plane distances change fast near the poles, where slices touch the balls.
    assert np.percentile(np.abs(found - expected)[near], 90) < 0.3


def test_a_lattice_elsewhere_is_outside() -> None:
    away = Lattice(*(np.array([500.0, 502.0]) for _ in range(3)))
    assert not inside_lattice(shell_and_ball(), away).any()
    levels = lattice_levels(shell_and_ball(TILTED), away, outside_mm=-3.0)
    np.testing.assert_array_equal(levels, np.full((2, 2, 2), -3.0))
