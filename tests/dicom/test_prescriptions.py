import pytest

from reirrad.core.courses import TargetPrescription
from reirrad.core.structures import Role, Structure
from reirrad.dicom.prescriptions import named_targets


def structure(number: int, name: str) -> Structure:
    return Structure(number, name, None, Role.PTV, (), "1.2")


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
