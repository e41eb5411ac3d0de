import numpy as np
import pytest

from reirrad.core.refinement import decisive_cells, halved, likely_cells
from reirrad.core.sampling import SamplePoints, sample
from reirrad.core.sections import Sections, is_inside, sections_of
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
)
from reirrad.phantoms.known_dose_volume import LinearDose, known_metric
from reirrad.phantoms.solids import Frustum, ball
from tests.core.specimens import KnownCase


def cells(count: int, volume_cc: float) -> SamplePoints:
    side = (volume_cc * 1000) ** (1 / 3)
    return SamplePoints(
        np.zeros((count, 3)),
        np.full(count, volume_cc),
        np.full((count, 3), side),
        np.eye(3),
    )


def test_the_hottest_cells_of_a_large_organ_are_too_coarse() -> None:
    dose = np.arange(40_000.0)
    chosen = decisive_cells(cells(40_000, 0.04), dose[None], structure_cc=1600.0)
    assert chosen[-50:].all()
    assert chosen.sum() < 100


def test_each_course_and_their_sum_have_hottest_cells_of_their_own() -> None:
    rising = np.arange(40_000.0)
    for choose in (likely_cells, decisive_cells):
        chosen = choose(
            cells(40_000, 0.04), np.array([rising, rising[::-1]]), structure_cc=1600.0
        )
        assert chosen[:50].all()
        assert chosen[-50:].all()
        assert not chosen[1000:-1000].any()


def test_likely_cells_reach_well_beyond_the_decisive_ones() -> None:
    dose = np.arange(40_000.0)[None]
    likely = likely_cells(cells(40_000, 0.04), dose, structure_cc=1600.0)
    decisive = decisive_cells(cells(40_000, 0.04), dose, structure_cc=1600.0)
    assert likely[decisive].all()
    assert likely.sum() > 2 * decisive.sum()


def test_where_the_dose_falls_steeply_more_cells_are_split() -> None:
    """By a twentieth or a fifth at twice the volume, over cells of 0.001 cc."""
    rank = np.arange(20_000.0, 0.0, -1.0)
    samples = cells(20_000, 0.001)
    flat, steep = (
        int(decisive_cells(samples, dose[None], structure_cc=20.0).sum())
        for dose in (rank ** -np.log2(1 / 0.95), rank ** -np.log2(1 / 0.8))
    )
    assert flat < steep
    assert steep >= 100


def test_no_dose_at_all_is_no_steep_one() -> None:
    nothing = np.zeros((1, 40_000))
    chosen = decisive_cells(cells(40_000, 0.04), nothing, structure_cc=1600.0)
    assert 0 < chosen.sum() < 100


def test_fine_cells_stay() -> None:
    fine, dose = cells(20_000, 1e-4), np.arange(20_000.0)[None]
    assert not likely_cells(fine, dose, structure_cc=2.0).any()
    assert not decisive_cells(fine, dose, structure_cc=2.0).any()


@pytest.mark.parametrize("volume_cc", [35.0, 150.0, 500.0])
def test_splitting_the_hottest_cells_loses_no_hot_volume(volume_cc: float) -> None:
    """Wherever the border between split and whole cells lies."""
    names = ["D0.035cc[Gy]", "D0.1cc[Gy]", "D0.5cc[Gy]", "D1cc[Gy]", "D2%[Gy]"]
    radius = (volume_cc * 750 / np.pi) ** (1 / 3)
    off = []
    rng = np.random.default_rng(4)
    for number in range(6):
        solid = ball(rng.uniform(-2, 2, 3), radius)
        direction = rng.normal(size=3)
        direction *= 28.0 / radius / np.linalg.norm(direction)
        dose = LinearDose(30.0 - float(direction @ solid.centroid_mm), direction)
        slices = SliceStack(1.0 + number % 3, offset_mm=0.7)
        doses = KnownCase(solid, dose, slices).doses()
        known = [known_metric(name, solid, dose) for name in names]
        found = [doses.metric(name, 1, "physical", None) for name in names]
        off.append(np.array(found, dtype=np.float64) / known - 1)
    assert np.abs(np.mean(off, axis=0)).max() < 0.0015
    assert np.abs(off).max() < 0.006


def tube() -> Sections:
    solid = Frustum(np.zeros(3), 60.0, 40.0, 40.0)
    contours = solid.contours(SliceStack(3.0, offset_mm=1.0))
    structure = analytic_structure("organ", contours, frame_of_reference_uid="1")
    return sections_of(structure, slice_spacing_mm=3.0)


def test_halves_lie_inside_and_keep_the_volume() -> None:
    sections = tube()
    coarse = sample(sections, spacing_mm=6.0)
    at_edge = np.hypot(*coarse.points_mm[:, :2].T) > 36
    edge = coarse.where(at_edge & (coarse.volumes_cc > 0))
    fine = halved(halved(edge, sections), sections)
    assert fine.volume_cc == pytest.approx(edge.volume_cc)
    assert is_inside(sections, fine.points_mm).mean() > 0.999
    assert np.hypot(*fine.points_mm[:, :2].T).max() < 40.01


def test_cells_of_a_grid_cannot_be_halved() -> None:
    with pytest.raises(ValueError, match="from a solid"):
        halved(cells(3, 0.1), tube())
