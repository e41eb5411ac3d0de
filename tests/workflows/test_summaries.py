"""The assumptions say what is done."""

import numpy as np

from reirrad.core.sections import sections_of
from reirrad.core.structures import Role, Structure
from reirrad.phantoms.analytic import SliceStack, sphere_contours
from reirrad.workflows.settings import load_settings
from reirrad.workflows.summaries import assumptions


def test_contours_are_said_to_stand_for_the_solid_that_they_stand_for() -> None:
    contours = sphere_contours(
        np.zeros(3), 6.0, slices=SliceStack(spacing_mm=3.0), n_vertices=64
    )
    ball = sections_of(Structure(1, "ball", None, Role.ORGAN, contours, "1.2.3"))
    slabs_cc = sum(s.region.area * s.thickness_mm for s in ball.slabs) / 1000.0
    exact_cc = 4.0 / 3.0 * np.pi * 6.0**3 / 1000.0
    assert abs(ball.volume_cc - exact_cc) < abs(slabs_cc - exact_cc)
    (said,) = (text for text in assumptions(load_settings(None)) if "contour" in text)
    assert "slab" not in said
    assert "a round end is followed" in said
