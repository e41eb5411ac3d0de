import numpy as np
import pytest
from scipy import ndimage

from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.phantoms.deformed_pair import KINDS, Kind, pair_of

COARSE_MM = (10.0, 8.0, 8.0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_field_is_ten_millimetres_in_the_liver_smooth_and_invertible(
    kind: Kind,
) -> None:
    pair = pair_of(kind, 3, spacing_mm=COARSE_MM)
    way = pair.field.way_mm(pair.liver_mm)
    assert np.linalg.norm(way, axis=1).max() == pytest.approx(10.0)
    assert pair.field.reach_mm >= 10.0
    there = pair.true_mm(pair.liver_mm)
    assert pair.true_back_mm(there) == pytest.approx(pair.liver_mm, abs=1e-6)
    steps = [
        (pair.field.way_mm(pair.liver_mm + e) - pair.field.way_mm(pair.liver_mm - e))
        for e in np.eye(3)
    ]
    jacobian = np.eye(3) + np.stack(steps, axis=-1) / 2.0
    assert np.linalg.det(jacobian).min() > 0.5


def grey(image: Image, points_mm: FloatArray) -> FloatArray:
    indices = image.geometry.indices(points_mm).T
    return np.asarray(
        ndimage.map_coordinates(image.values, indices, order=1, mode="nearest"),
        dtype=np.float64,
    )


def test_the_truth_leads_to_the_same_tissue() -> None:
    pair = pair_of("CT", 1, spacing_mm=(4.0, 4.0, 4.0))
    fixed = grey(pair.fixed, pair.liver_mm)
    truly = grey(pair.moving, pair.true_mm(pair.liver_mm))
    rigidly = grey(pair.moving, pair.moving_to_fixed.inverse().apply(pair.liver_mm))
    assert np.corrcoef(fixed, truly)[0, 1] > np.corrcoef(fixed, rigidly)[0, 1] + 0.1
