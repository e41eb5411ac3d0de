"""Pitfall 54: structures that leave the dose grid."""

from dataclasses import replace
from pathlib import Path

import pytest

from reirrad.core.assessment import Assessment
from reirrad.core.courses import Course
from reirrad.core.dose import DoseGrid
from reirrad.core.geometry import GridGeometry
from reirrad.workflows.assess import assess
from tests.workflows.exports import FEW_DRAWS, course, write_patient


def cut(one: Course, at_x_mm: float = 0.0) -> Course:
    """A course whose dose grid ends at x = 0: half the liver is outside."""
    (delivery,) = one.deliveries
    (grid,) = delivery.doses
    geometry = grid.geometry
    columns = round(float(geometry.indices([at_x_mm, 0.0, 0.0])[2])) + 1
    shape = (geometry.shape[0], geometry.shape[1], columns)
    smaller = GridGeometry(shape, geometry.affine, geometry.frame_of_reference_uid)
    dose = DoseGrid(grid.values_gy[:, :, :columns], smaller)
    return replace(one, deliveries=(replace(delivery, doses=(dose,)),))


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    folder = tmp_path_factory.mktemp("cut")
    first = cut(course(1, target_x=-20, frame="1.2.3"))
    write_patient(folder, first, course(2, target_x=20, frame="1.2.3"))
    return assess(
        [folder],
        settings=FEW_DRAWS,
        with_views=False,
        progress=lambda _: None,
    )


def test_pitfall_54_the_share_outside_the_grid_is_told(result: Assessment) -> None:
    (found,) = [
        one for one in result.findings if one.code == "structure-outside-dose-grid"
    ]
    assert found.about == "course 1"
    # The grid covers half a voxel, 2.5 mm, beyond the middle of a ball of 60 mm.
    assert "Liver 47 %" in found.message
    assert "is not given" in found.message


def test_pitfall_54_metrics_that_hang_on_it_are_null_and_never_zero(
    result: Assessment,
) -> None:
    (liver,) = [one for one in result.structures if one.name == "Liver"]
    first, second = liver.courses
    for name in ("Mean[Gy]", "D50%[Gy]"):
        assert first.physical[name] is None
        assert first.eqd2[name] is None
        assert second.physical[name] is not None
    assert liver.cumulative.eqd2["Mean[Gy]"] is None
    assert 0.0 not in {first.physical["Min[Gy]"], first.physical["D98%[Gy]"]}


def test_pitfall_54_metrics_that_do_not_hang_on_it_are_given(
    result: Assessment,
) -> None:
    (liver,) = [one for one in result.structures if one.name == "Liver"]
    assert liver.courses[0].physical["D0.1cc[Gy]"] == pytest.approx(60.0, abs=15.0)
    (target,) = [one for one in result.structures if one.name.startswith("PTV (cou")]
    assert target.courses[0].physical["Mean[Gy]"] is not None


def test_pitfall_54_an_isodose_that_the_grid_cuts_is_told(result: Assessment) -> None:
    assert "isodose-2gy-cut" in {one.code for one in result.findings}


def test_pitfall_54_dose_that_may_rise_beyond_the_grid_is_null(tmp_path: Path) -> None:
    """The grid ends in the target: what is hottest lies beyond it, or may."""
    first = cut(course(1, target_x=-20, frame="1.2.3"), at_x_mm=-25.0)
    write_patient(tmp_path, first, course(2, target_x=20, frame="1.2.3"))
    result = assess(
        [tmp_path], settings=FEW_DRAWS, with_views=False, progress=lambda _: None
    )
    (liver,) = [one for one in result.structures if one.name == "Liver"]
    for name in ("Max[Gy]", "D0.035cc[Gy]", "D0.1cc[Gy]", "D2%[Gy]"):
        assert liver.courses[0].physical[name] is None
        assert liver.courses[0].eqd2[name] is None
        assert liver.cumulative.eqd2[name] is None
        assert liver.courses[1].physical[name] is not None
    rows = [one for one in result.constraints if one.structure == "Liver"]
    assert {one.verdict for one in rows if one.scope == "cumulative"} == {
        "not evaluable"
    }
    assert result.budget is not None
    assert "is not given" in " ".join(one.message for one in result.findings)
