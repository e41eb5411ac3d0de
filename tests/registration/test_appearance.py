from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.geometry import GridGeometry
from reirrad.core.images import Image
from reirrad.errors import RegistrationError
from reirrad.registration.appearance import appearance, body_mask, closer, shrunk
from reirrad.registration.itk import affine_of, array_of, itk_image
from tests.registration.abdomen import View, abdomen

STILL = np.eye(4)
SMALL = View(size_mm=(120.0, 290.0, 400.0), spacing_mm=(6.0, 5.0, 5.0))
BODY_CC = np.pi * 170 * 115 * 120 / 1000.0


@pytest.mark.parametrize("contrast", ["CT", "MR", "T2"])
@pytest.mark.parametrize("bias", [0.0, 0.5])
def test_the_body_is_found_without_the_couch(contrast: str, bias: float) -> None:
    view = replace(
        SMALL, contrast=contrast, bias=bias * (contrast != "CT"), couch=contrast == "CT"
    )
    image = abdomen(view, moved_by=STILL, frame="1")

    seen = appearance(image, spacing_mm=5.0, name="The image")

    volume_cc = np.count_nonzero(seen.body) * np.prod(seen.spacing_mm) / 1000.0
    # A long ellipsoid cut at 60 mm of 400 is a cylinder within one per cent. The low
    # threshold of MR, meant for tissue far from the coil, adds up to 6 mm of air.
    limit = 0.06 if contrast == "CT" else 0.15
    assert volume_cc == pytest.approx(BODY_CC, rel=limit)
    np.testing.assert_allclose(seen.centre_mm, [0.0, 0.0, 0.0], atol=5.0)


def test_gas_inside_belongs_to_the_body() -> None:
    values = np.full((20, 40, 40), -1000.0, dtype=np.float32)
    values[:, 8:32, 8:32] = 0.0
    values[:, 16:24, 16:24] = -1000.0

    body = body_mask(values, spacing_mm=(6.0, 6.0, 6.0), ct=True)

    assert body[10, 20, 20]
    assert not body[10, 2, 2]


def test_air_alone_has_no_body() -> None:
    values = np.full((20, 40, 40), -1000.0, dtype=np.float32)
    assert not body_mask(values, spacing_mm=(6.0, 6.0, 6.0), ct=True).any()


def test_shrinking_averages_whole_blocks_where_they_lie() -> None:
    values = np.zeros((16, 16, 16), dtype=np.float32)
    values[0:2, 0:2, 0:2] = 8.0
    affine = np.diag([1.0, 1.0, 1.0, 1.0])[:, [2, 1, 0, 3]]
    itk = itk_image(Image(values, GridGeometry(values.shape, affine, "1"), "MR"))

    small = shrunk(itk, spacing_mm=2.0)

    assert array_of(small)[0, 0, 0] == 8.0
    assert array_of(small).sum() == 8.0
    np.testing.assert_allclose(affine_of(small) @ [0, 0, 0, 1], [0.5, 0.5, 0.5, 1.0])


def test_shrinking_makes_no_axis_finer() -> None:
    image = abdomen(SMALL, moved_by=STILL, frame="1")
    affine = affine_of(shrunk(itk_image(image), spacing_mm=2.0))
    np.testing.assert_allclose(affine, image.geometry.affine, atol=1e-9)


def test_a_closer_look_keeps_window_and_place() -> None:
    image = abdomen(SMALL, moved_by=STILL, frame="1")
    seen = appearance(image, spacing_mm=10.0, name="The image")
    box = np.array([[-60.0, -60.0, -40.0], [60.0, 60.0, 40.0]])

    near = closer(image, seen, box, spacing_mm=5.0)

    assert near.window == seen.window
    assert near.body.all()
    origin = affine_of(near.values)[:3, 3]
    index = np.rint(image.geometry.indices(origin)).astype(int)
    expected = (image.values[tuple(index)] + 200.0) / 500.0
    assert array_of(near.values)[0, 0, 0] == pytest.approx(
        float(np.clip(expected, 0, 1)), abs=1e-5
    )


def test_a_closer_look_beside_the_image_is_refused() -> None:
    image = abdomen(SMALL, moved_by=STILL, frame="1")
    seen = appearance(image, spacing_mm=10.0, name="The image")
    with pytest.raises(RegistrationError, match="outside one of the planning images"):
        closer(image, seen, np.array([[900.0] * 3, [990.0] * 3]), spacing_mm=5.0)


def plain(value: float, shape: tuple[int, int, int] = (16, 16, 16)) -> Image:
    geometry = GridGeometry(shape, np.diag([5.0, 5.0, 5.0, 1.0]), "1")
    return Image(np.full(shape, value, dtype=np.float32), geometry, "CT")


def test_a_constant_image_is_refused_with_its_value() -> None:
    with pytest.raises(RegistrationError, match=r"same value everywhere \(7\)"):
        appearance(plain(7.0), spacing_mm=5.0, name="The fixed image")


def test_an_image_that_is_not_finite_is_refused() -> None:
    with pytest.raises(RegistrationError, match="not finite"):
        appearance(plain(np.nan), spacing_mm=5.0, name="The fixed image")


def test_an_image_of_few_slices_is_refused() -> None:
    with pytest.raises(RegistrationError, match="at least 8 along each axis"):
        appearance(plain(1.0, (3, 16, 16)), spacing_mm=5.0, name="The fixed image")


def test_an_image_of_air_is_refused() -> None:
    image = plain(-1000.0)
    image.values[4, 4, 4] = 0.0
    with pytest.raises(RegistrationError, match="The moving image shows no body"):
        appearance(image, spacing_mm=5.0, name="The moving image")
