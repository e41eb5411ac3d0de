"""Compile every loop, so that the first patient need not wait for it."""

import tempfile
from pathlib import Path

import numpy as np

from reirrad.core.sections import sections_of
from reirrad.core.solid_lattice import Lattice, inside_lattice
from reirrad.core.structures import Contour
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    sphere_contours,
)
from reirrad.workflows.commissioning.cumulative import examine_accumulation
from reirrad.workflows.commissioning.registrations import examine_registration

__all__ = ["prepare"]


def prepare() -> None:
    """Run small examples through all loops; their machine code stays on disk.

    A part of the installation (``tools/install``); without it the first assessment
    takes a minute longer.
    """
    with tempfile.TemporaryDirectory() as folder:
        for examine in (examine_accumulation, examine_registration):
            next(iter(examine(Path(folder))), None)
    _draw()


def _draw() -> None:
    """What only pictures ask."""
    slices = SliceStack(spacing_mm=2.0)
    ring = [*_circles(9.0, slices), *_circles(4.0, slices)]
    drawn = analytic_structure("ring", tuple(ring), frame_of_reference_uid="1")
    nodes = np.arange(-10.0, 11.0, 2.0)
    inside_lattice(sections_of(drawn), Lattice(nodes, nodes, nodes))


def _circles(radius_mm: float, slices: SliceStack) -> tuple[Contour, ...]:
    return sphere_contours([0.0, 0.0, 0.0], radius_mm, slices=slices, n_vertices=32)
