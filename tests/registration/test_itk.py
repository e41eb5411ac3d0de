from typing import Any

import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st

from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.errors import RegistrationError
from reirrad.registration.itk import (
    affine_of,
    image_of,
    inverted,
    itk_failures,
    itk_image,
    itk_rigid,
    matrix_of,
)
from tests.registration.abdomen import matrix, moved

SHAPE = (4, 5, 6)
sitk: Any = SimpleITK


def axes(order: tuple[int, int, int], signs: tuple[int, int, int]) -> FloatArray:
    """Oblique affine whose k, j, i axes follow the given body axes."""
    affine = np.eye(4)
    turned = matrix((0, 0, 0), (10.0, -5.0, 7.0))[:3, :3]
    for column, (axis, sign) in enumerate(zip(order, signs, strict=True)):
        affine[:3, column] = sign * (1.5 + column) * turned[:, axis]
    affine[:3, 3] = (-20.0, 30.0, 11.0)
    return affine


def image(affine: FloatArray) -> Image:
    values = np.arange(np.prod(SHAPE), dtype=np.float32).reshape(SHAPE)
    return Image(values, GridGeometry(SHAPE, affine, "1.2.3"), "MR")


orders = st.permutations([0, 1, 2]).map(tuple)
signs = st.tuples(*[st.sampled_from([-1, 1])] * 3)


@given(order=orders, sign=signs)
def test_every_voxel_keeps_its_place_and_value_for_any_order_of_axes(
    order: tuple[int, int, int], sign: tuple[int, int, int]
) -> None:
    source = image(axes(order, sign))

    itk: Any = itk_image(source)

    for kji in [(0, 0, 0), (3, 4, 5), (2, 1, 4)]:
        point = source.geometry.points_mm(kji)
        assert (
            itk.GetPixel(itk.TransformPhysicalPointToIndex(point.tolist()))
            == (source.values[kji])
        )
    assert np.linalg.det(np.array(itk.GetDirection()).reshape(3, 3)) > 0


def test_left_handed_slices_come_back_turned_over_at_the_same_points() -> None:
    source = image(axes((2, 1, 0), (-1, 1, 1)))

    back = image_of(itk_image(source), frame_of_reference_uid="1.2.3", modality="MR")

    np.testing.assert_array_equal(back.values, source.values[::-1])
    np.testing.assert_allclose(
        back.geometry.points_mm([3, 0, 0]),
        source.geometry.points_mm([0, 0, 0]),
        atol=1e-9,
    )


def test_right_handed_slices_come_back_unchanged() -> None:
    source = image(axes((2, 1, 0), (1, 1, 1)))

    back = image_of(itk_image(source), frame_of_reference_uid="1.2.3", modality="MR")

    np.testing.assert_array_equal(back.values, source.values)
    np.testing.assert_allclose(back.geometry.affine, source.geometry.affine, atol=1e-9)
    assert back.modality == "MR"


def test_the_source_array_is_copied_not_shared() -> None:
    source = image(axes((2, 1, 0), (1, 1, 1)))
    before = source.values.copy()

    itk: Any = itk_image(source)
    itk[0, 0, 0] = -1.0

    np.testing.assert_array_equal(source.values, before)


def test_affine_maps_slice_row_column() -> None:
    itk = sitk.Image([6, 5, 4], sitk.sitkFloat32)
    itk.SetSpacing([1.0, 2.0, 3.0])
    itk.SetOrigin([10.0, 20.0, 30.0])

    point = affine_of(itk) @ [1.0, 2.0, 3.0, 1.0]

    np.testing.assert_allclose(point, [13.0, 24.0, 33.0, 1.0])


@given(
    shift=st.tuples(*[st.floats(-80, 80)] * 3),
    degrees=st.tuples(*[st.floats(-25, 25)] * 3),
    centre=st.tuples(*[st.floats(-200, 200)] * 3),
)
def test_a_rigid_matrix_survives_the_way_through_simpleitk(
    shift: tuple[float, float, float],
    degrees: tuple[float, float, float],
    centre: tuple[float, float, float],
) -> None:
    rigid = matrix(shift, degrees)

    transform: Any = itk_rigid(rigid, centre_mm=np.array(centre))

    np.testing.assert_allclose(matrix_of(transform), rigid, atol=1e-9)
    point = np.array([12.0, -34.0, 56.0])
    np.testing.assert_allclose(
        np.array(transform.TransformPoint(point.tolist())),
        moved(point, rigid),
        atol=1e-9,
    )
    np.testing.assert_allclose(inverted(rigid) @ rigid, np.eye(4), atol=1e-9)


def test_a_rotation_rounded_to_few_digits_is_made_exact() -> None:
    rough = np.round(matrix((1, 2, 3), (4.0, 5.0, 6.0)), 4)

    rotation = matrix_of(itk_rigid(rough, centre_mm=np.zeros(3)))[:3, :3]

    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(rotation, rough[:3, :3], atol=1e-4)


def test_a_failure_of_simpleitk_becomes_a_sentence() -> None:
    with (
        pytest.raises(
            RegistrationError, match=r"^The fine stage failed \(.+\)"
        ) as info,
        itk_failures("The fine stage"),
    ):
        sitk.ReadImage("no such file.mha")
    assert "DICOM spatial registration" in str(info.value)


def test_a_mistake_of_the_program_is_not_disguised() -> None:
    with pytest.raises(ValueError, match="plain"), itk_failures("The fine stage"):
        raise ValueError("plain")  # noqa: EM101


@pytest.mark.parametrize("shown", [True, False])
def test_the_display_of_warnings_is_left_as_it_was(*, shown: bool) -> None:
    sitk.ProcessObject.SetGlobalWarningDisplay(flag=shown)
    try:
        with itk_failures("Anything"):
            assert not sitk.ProcessObject.GetGlobalWarningDisplay()
        assert sitk.ProcessObject.GetGlobalWarningDisplay() == shown
    finally:
        sitk.ProcessObject.GlobalWarningDisplayOn()
