import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import FloatArray
from reirrad.registration.consensus import fitted
from reirrad.registration.interpolation import (
    Spline,
    cubic_patch,
    linear_patch,
    splined,
)
from reirrad.registration.patches import compared, described, strongest
from reirrad.registration.volumes import Volume

RADIUS = (1, 2, 2)
SPACING_MM = (3.0, 2.5, 2.5)
SHAPE = (26, 40, 40)
AFFINE = np.eye(4)
AFFINE[:3, :3] = np.diag(SPACING_MM)[::-1]

NOISE = Volume(
    np.random.default_rng(3).normal(size=(12, 15, 14)).astype(np.float32), AFFINE
)


def patch_places(middle: FloatArray, turn: FloatArray) -> FloatArray:
    steps = np.moveaxis(np.indices([2 * r + 1 for r in RADIUS]), 0, -1) - RADIUS
    return np.asarray(steps @ turn.T + middle)


@pytest.mark.parametrize("order", [1, 3])
@pytest.mark.parametrize("degrees", [0.0, 25.0])
def test_values_of_a_turned_patch_are_those_of_scipy(
    order: int, degrees: float
) -> None:
    turn = Rotation.from_rotvec(np.radians(degrees) * np.array([0.6, 0.0, 0.8]))
    middle = np.array([5.3, 7.7, 6.45])
    seen = np.empty([2 * r + 1 for r in RADIUS], dtype=np.float32)
    image = NOISE.values if order == 1 else splined(NOISE).coefficients
    fill = linear_patch if order == 1 else cubic_patch
    total = fill(image, middle, turn.as_matrix(), seen)
    places = np.moveaxis(patch_places(middle, turn.as_matrix()), -1, 0)
    expected = ndimage.map_coordinates(
        NOISE.values.astype(np.float64), places, order=order, mode="mirror"
    )
    np.testing.assert_allclose(seen, expected, atol=2e-5)
    np.testing.assert_allclose(total, expected.sum(), atol=2e-4)


def test_the_spline_goes_through_the_voxels() -> None:
    seen = np.empty((3, 5, 5), dtype=np.float32)
    cubic_patch(splined(NOISE).coefficients, np.array([6.0, 7.0, 5.0]), np.eye(3), seen)
    np.testing.assert_allclose(seen, NOISE.values[5:8, 5:10, 3:8], atol=1e-5)


def test_patches_that_would_need_coefficients_beyond_the_image_are_not_compared() -> (
    None
):
    image = balls(np.zeros(3))
    centres = np.array([[2, 20, 20], [12, 20, 20], [23, 20, 20]])
    patches = described(image, centres, radius=RADIUS)
    up, down = np.eye(4), np.eye(4)
    # From index 2 to 1.8: its lowest voxel lies between the first and second slices.
    up[2, 3], down[2, 3] = -0.6, 0.6
    for matrix, shown in ((up, [False, True, True]), (down, [True, True, False])):
        seen = compared(patches, splined(image), matrix)
        np.testing.assert_array_equal(np.isfinite(seen.correlation), shown)
        assert np.isfinite(compared(patches, image, matrix).correlation).all()


def balls(shift_mm: FloatArray) -> Volume:
    """Balls with soft edges, so that a shift needs no interpolation."""
    random = np.random.default_rng(6)
    x, y, z = np.moveaxis(
        np.moveaxis(np.indices(SHAPE), 0, -1) @ AFFINE[:3, :3].T, -1, 0
    )
    values = np.zeros(SHAPE)
    for _ in range(40):
        centre = random.uniform(0.0, (100.0, 100.0, 78.0)) + shift_mm
        far = np.sqrt(
            (x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2
        )
        grey = random.uniform(50.0, 100.0)
        values += grey * (0.5 - 0.5 * np.tanh((far - random.uniform(6.0, 14.0)) / 1.5))
    return Volume(values.astype(np.float32), AFFINE)


@pytest.mark.parametrize("share", [1 / 3, 2 / 3])
def test_a_shift_by_part_of_a_slice_leans_less_than_with_trilinear_values(
    share: float,
) -> None:
    shift = np.array([0.0, 0.0, 3.0 * share])
    fixed, moving = balls(np.zeros(3)), balls(shift)
    whole = Volume(np.ones(SHAPE, dtype=np.float32), AFFINE)
    centres = strongest(fixed, whole, radius=(1, 1, 1), cell_mm=6.0)
    patches = described(fixed, centres, radius=(1, 1, 1))

    def lean_mm(image: Volume | Spline) -> float:
        fit = fitted(patches, image, np.eye(4), n_steps=20, settled_mm=1e-4)
        middle = np.array([50.0, 50.0, 39.0])
        there = fit.matrix[:3, :3] @ middle + fit.matrix[:3, 3]
        return float(np.linalg.norm(there - middle - shift))

    assert lean_mm(splined(moving)) < 0.02
    assert lean_mm(moving) > 0.04
