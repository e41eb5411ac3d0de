from dataclasses import replace

import numpy as np
import pytest

from reirrad.core.geometry import GridGeometry
from reirrad.core.images import Image
from reirrad.errors import RegistrationError
from reirrad.registration.appearance import appearance, body_mask, grey_values
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


def test_a_window_lies_between_nought_and_one() -> None:
    image = abdomen(replace(SMALL, contrast="MR"), moved_by=STILL, frame="1")
    grey = appearance(image, spacing_mm=10.0, name="The image").volume.values
    assert (grey.min(), grey.max()) == pytest.approx((0.0, 1.0), abs=1e-6)


def test_air_and_metal_of_a_ct_are_cut_off_but_an_mr_keeps_its_values() -> None:
    values = np.linspace(-1000.0, 3000.0, 512, dtype=np.float32).reshape(8, 8, 8)
    geometry = GridGeometry((8, 8, 8), np.diag([5.0, 5.0, 5.0, 1.0]), "1")
    ct = grey_values(Image(values, geometry, "CT")).values
    mr = grey_values(Image(values, geometry, "MR")).values
    assert (ct.min(), ct.max()) == (-200.0, 300.0)
    np.testing.assert_array_equal(mr, values)


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
