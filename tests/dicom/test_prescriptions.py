import numpy as np
import pytest

from reirrad.core.courses import TargetPrescription
from reirrad.core.dose import DoseGrid
from reirrad.core.geometry import GridGeometry
from reirrad.core.structures import Role, Structure
from reirrad.dicom.prescriptions import highest_gy, named_targets


def blob(dose_gy: float, x_mm: float = 0.0) -> DoseGrid:
    values = np.zeros((5, 5, 5))
    values[1:4, 1:4, 1:4] = dose_gy
    affine = np.array([[0, 0, 2, x_mm], [0, 2, 0, 0], [2, 0, 0, 0], [0, 0, 0, 1.0]])
    return DoseGrid(values, GridGeometry((5, 5, 5), affine, "1.2"))


def structure(number: int, name: str) -> Structure:
    return Structure(number, name, None, Role.PTV, (), "1.2")


def test_the_highest_dose_of_one_grid_is_its_highest_voxel() -> None:
    assert highest_gy([blob(19.7)]) == 19.7
    assert highest_gy([]) == 0


def test_one_grid_given_twice_counts_twice() -> None:
    once = blob(20)
    assert highest_gy([once, once]) == pytest.approx(40, rel=1e-3)


def test_doses_at_one_place_add_up() -> None:
    assert highest_gy([blob(20), blob(30)]) == pytest.approx(50, rel=1e-3)


def test_doses_far_apart_do_not_add_up() -> None:
    assert highest_gy([blob(20), blob(30, x_mm=500)]) == pytest.approx(30, rel=1e-3)


def test_a_target_is_known_by_its_description() -> None:
    target = TargetPrescription(50.0, None, " ptv ")
    (found,) = named_targets([target], [structure(4, "GTV"), structure(9, "PTV")])
    assert found.roi_number == 9


@pytest.mark.parametrize(
    ("target", "names"),
    [
        pytest.param(TargetPrescription(50.0, None, "PTV"), ["GTV"], id="no such name"),
        pytest.param(TargetPrescription(50.0, None, "PTV"), ["PTV", "ptv"], id="two"),
        pytest.param(TargetPrescription(50.0, 3, "PTV"), ["PTV"], id="has a number"),
        pytest.param(TargetPrescription(50.0, None, ""), ["PTV"], id="no description"),
    ],
)
def test_a_target_is_otherwise_left_as_it_is(
    target: TargetPrescription, names: list[str]
) -> None:
    structures = [structure(10 + n, name) for n, name in enumerate(names)]
    assert named_targets([target], structures) == (target,)
