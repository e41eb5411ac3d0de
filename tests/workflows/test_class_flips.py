"""From DICOM to a share of the type: two balls of isodose, against the closed form."""

from dataclasses import replace
from pathlib import Path

import pytest

from reirrad.core.courses import Course, Delivery
from reirrad.phantoms.analytic import box_geometry, sampled_dose, sphere_dose
from reirrad.workflows.assess import assess
from reirrad.workflows.settings import load_settings
from tests.core.test_overlap_draws import RADIUS_MM, exact_share
from tests.workflows.exports import course, write_patient

FRAME = "1.2.3"
DRAWS = 512


def ball(number: int, x_mm: float) -> Course:
    """50 Gy whose half-dose and 2 Gy isodoses are balls, on a grid of 3 mm."""
    one = course(number, target_x=x_mm, frame=FRAME)
    dose = sphere_dose(
        (x_mm, 0.0, 0.0), radius_at={2.0: RADIUS_MM["2Gy"], 25.0: RADIUS_MM["50%"]}
    )
    geometry = box_geometry(
        [-90.0] * 3,
        [90.0] * 3,
        spacing_mm=(3.0, 3.0, 3.0),
        frame_of_reference_uid=FRAME,
    )
    return replace(one, deliveries=(Delivery((sampled_dose(dose.at, geometry),), 5),))


@pytest.mark.slow
@pytest.mark.parametrize(("apart_mm", "reported"), [(45.0, "1B"), (51.0, "1A")])
def test_the_reported_share_is_that_of_the_closed_form(
    tmp_path: Path, apart_mm: float, reported: str
) -> None:
    write_patient(tmp_path, ball(1, -apart_mm / 2.0), ball(2, apart_mm / 2.0))
    settings = replace(
        load_settings(None),
        translation_mm=3.0,
        rotation_degrees=0.0,
        registration_draws=DRAWS,
    )

    result = assess(
        [tmp_path], settings=settings, with_views=False, progress=lambda _: None
    )

    assert result.pairs[0].classification.resbrt_type == reported
    assert result.uncertainty is not None
    (pair,) = result.uncertainty.pairs
    exact = exact_share(apart_mm, 3.0)
    error = (exact * (1.0 - exact) / DRAWS) ** 0.5
    share = pair.resbrt_type["1B"] / 100.0
    assert share == pytest.approx(exact, abs=2.0 * error + 0.002)
    assert sum(pair.resbrt_type.values()) == pytest.approx(100.0)
