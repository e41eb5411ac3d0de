import numpy as np

from reirrad.core.transforms import RigidTransform, identity
from reirrad.phantoms.soft_tissue import LIVER, Scanner, soft_tissue_image

COARSE = (6.0, 6.0, 6.0)
CT = Scanner("CT", noise=10.0, spacing_mm=COARSE)
MR = Scanner("MR", noise=10.0, bias=0.4, spacing_mm=COARSE)


def test_the_liver_is_where_the_solid_says() -> None:
    image = soft_tissue_image(CT, identity("1"))
    index = np.rint(
        image.geometry.indices(LIVER.centre_mm + np.array([20.0, 25.0, -25.0]))
    ).astype(int)
    near = image.values[tuple(slice(n - 1, n + 2) for n in index)]
    assert abs(near.mean() - 108.0) < 25.0
    assert image.values[0, 0, 0] < -900.0


def test_a_move_moves_the_anatomy_by_whole_voxels() -> None:
    matrix = np.eye(4)
    matrix[0, 3] = 12.0
    quiet = Scanner("CT", noise=0.0, spacing_mm=COARSE)
    still = soft_tissue_image(quiet, identity("1")).values
    moved = soft_tissue_image(quiet, RigidTransform(matrix, "1", "2")).values
    np.testing.assert_allclose(moved[:, :, 2:], still[:, :, :-2], atol=1.0)


def test_the_same_seed_gives_the_same_image_and_another_one_another() -> None:
    first, second = (soft_tissue_image(MR, identity("1")).values for _ in range(2))
    np.testing.assert_array_equal(first, second)
    other = soft_tissue_image(
        Scanner("MR", noise=10.0, bias=0.4, seed=2, spacing_mm=COARSE), identity("1")
    )
    assert np.abs(other.values - first).max() > 10.0


def test_both_modalities_can_be_stored() -> None:
    assert soft_tissue_image(CT, identity("1")).values.min() >= -1024.0
    assert soft_tissue_image(MR, identity("1")).values.min() >= 0.0
