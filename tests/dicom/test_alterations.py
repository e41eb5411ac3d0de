from pathlib import Path

from pydicom import dcmread

from reirrad.dicom.alterations import alter
from reirrad.phantoms.analytic import box_geometry, sampled_dose
from reirrad.phantoms.plain_course import plain_course, uniform_dose
from reirrad.workflows.commissioning.front_door import written


def test_attributes_are_set_and_removed(tmp_path: Path) -> None:
    geometry = box_geometry(
        [0, 0, 0], [9, 9, 9], spacing_mm=(3, 3, 3), frame_of_reference_uid="1.2"
    )
    dose = sampled_dose(uniform_dose(1.0), geometry)
    written(tmp_path, [plain_course(1, dose, [], prescription_gy=1.0, n_fractions=1)])
    path = tmp_path / "course1" / "RD_1.dcm"
    alter(path, {"DoseUnits": "RELATIVE", "DoseGridScaling": None})
    dataset = dcmread(path)
    assert dataset.DoseUnits == "RELATIVE"
    assert "DoseGridScaling" not in dataset
    assert dataset.PatientID == "REIRRAD-COMMISSION"
