import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.coverage import covered_cells
from reirrad.core.sections import rings_of

angles = st.lists(st.floats(0.0, 6.28), min_size=3, max_size=12, unique=True)


def _star(radii: list[float], at: list[float]) -> shapely.Polygon:
    """A polygon around the origin, so that it never crosses itself."""
    ordered = sorted(at)
    points = [
        (r * np.cos(a), r * np.sin(a)) for r, a in zip(radii, ordered, strict=False)
    ]
    return shapely.Polygon(points)


@given(
    angles,
    st.lists(st.floats(1.0, 20.0), min_size=12, max_size=12),
    st.floats(0.2, 7.0),
)
def test_area_and_centroid_are_those_of_the_polygon(
    at: list[float], radii: list[float], spacing: float
) -> None:
    polygon = _star(radii, at)
    if not polygon.is_valid or polygon.area < 0.1:
        return
    cells = covered_cells(rings_of(polygon), spacing=spacing)
    assert cells.ratios.sum() * spacing**2 == pytest.approx(polygon.area, rel=1e-7)
    centroid = np.average(cells.centroids, axis=0, weights=cells.ratios)
    assert centroid == pytest.approx(polygon.centroid.coords[0], abs=1e-5)


def test_each_cell_holds_what_a_polygon_library_finds_there() -> None:
    ring = shapely.Point(0, 0).buffer(10).difference(shapely.box(-3, -2, 4, 3.3))
    spacing = 1.3
    rings = rings_of(ring)
    origin = np.min([r.min(axis=0) for r in rings], axis=0)
    cells = covered_cells(rings, spacing=spacing)
    for centroid, ratio in zip(cells.centroids, cells.ratios, strict=True):
        corner = origin + np.floor((centroid - origin) / spacing) * spacing
        part = ring.intersection(shapely.box(*corner, *(corner + spacing)))
        assert part.area / spacing**2 == pytest.approx(ratio, abs=1e-9)


def test_a_square_on_the_lattice_fills_its_cells() -> None:
    square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
    cells = covered_cells([square], spacing=1.0)
    assert cells.ratios == pytest.approx([1.0] * 4)
    assert sorted(map(tuple, cells.centroids)) == [
        (0.5, 0.5),
        (0.5, 1.5),
        (1.5, 0.5),
        (1.5, 1.5),
    ]
