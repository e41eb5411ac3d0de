"""Beams: where they come from, how they fall off, where they end."""

import numpy as np
import pytest

from reirrad.phantoms.beams import BeamDose, gantry_directions
from reirrad.phantoms.shapes import Ellipsoid

BODY = Ellipsoid((0.0, 0.0, 0.0), (170.0, 110.0, 400.0))


def dose(gantry: tuple[float, ...]) -> BeamDose:
    return BeamDose(
        prescription_gy=50.0,
        isocentre_mm=(-40.0, 0.0, 0.0),
        semi_axes_mm=(18.0, 20.0, 16.0),
        towards_source=gantry_directions(gantry),
        weights=np.ones(len(gantry)),
        body=BODY,
        trunk_semi_axes_mm=(170.0, 110.0),
    )


@pytest.mark.parametrize(
    ("gantry", "direction"),
    [(0, (0, -1, 0)), (90, (1, 0, 0)), (180, (0, 1, 0)), (270, (-1, 0, 0))],
)
def test_gantry_angles_are_those_of_the_standard(
    gantry: float, direction: tuple[float, float, float]
) -> None:
    np.testing.assert_allclose(gantry_directions([gantry])[0], direction, atol=1e-12)


def test_couch_tilts_beams_out_of_the_axial_plane() -> None:
    direction = gantry_directions([0.0], couch_degrees=30.0)[0]
    np.testing.assert_allclose(direction, (0.0, -np.cos(np.pi / 6), 0.5), atol=1e-12)


def test_centre_has_a_quarter_more_than_the_prescription() -> None:
    beams = dose((0, 60, 120, 180, 240, 300))
    assert beams.at(np.array([[-40.0, 0.0, 0.0]]))[0] == pytest.approx(62.5)


def test_single_beam_is_higher_in_front_than_behind() -> None:
    front, behind = dose((0,)).at(np.array([[-40.0, -60.0, 0.0], [-40.0, 60.0, 0.0]]))
    assert front > 62.5 > behind > 20.0


def test_beam_edge_is_the_target_as_seen_along_it() -> None:
    beams = dose((0,))
    wide = beams.at(np.array([[-40.0 + 18.0, 0.0, 0.0], [-40.0, 0.0, 16.0 + 5.0]]))
    np.testing.assert_allclose(wide / 62.5, 0.5, atol=0.03)


def test_skin_is_spared_and_air_is_empty() -> None:
    skin, deeper, air = dose((0,)).at(
        np.array([[-40.0, -104.0, 0.0], [-40.0, -85.0, 0.0], [-40.0, -125.0, 0.0]])
    )
    assert skin < 0.8 * deeper
    assert air < 1e-3


def test_many_beams_leave_little_away_from_their_plane() -> None:
    beams = dose(tuple(range(0, 360, 30)))
    assert beams.at(np.array([[-40.0, 0.0, 80.0]]))[0] < 1.0


def test_dose_at_a_point_does_not_depend_on_its_neighbours() -> None:
    beams = dose((10, 130, 250))
    points = np.random.default_rng(2).uniform(-90, 90, (50, 3))
    alone = np.concatenate([beams.at(points[[n]]) for n in range(50)])
    np.testing.assert_allclose(beams.at(points), alone, rtol=1e-12)
