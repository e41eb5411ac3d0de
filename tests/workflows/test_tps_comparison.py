from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from reirrad.dicom.alterations import alter
from reirrad.dicom.dvh_sequence import PlanningDvh
from reirrad.errors import InputError
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    box_geometry,
    sampled_dose,
)
from reirrad.phantoms.checks import CheckGroup
from reirrad.phantoms.known_dose_volume import LinearDose, known_metric
from reirrad.phantoms.plain_course import plain_course
from reirrad.phantoms.solids import ball
from reirrad.workflows.commissioning.front_door import written
from reirrad.workflows.settings import load_settings
from reirrad.workflows.tps_comparison import (
    CURVE_METRICS,
    compare_with_planning_system,
    curve_metric,
)
from tests.dicom.exports import item

SOLID = ball([1.0, -2.0, 0.5], 18.0)
DOSE = LinearDose(30.0, np.array([0.2, 0.1, 0.3]))
FRAME = "1.2.3.4"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    geometry = box_geometry(
        [-40.0] * 3, [40.0] * 3, spacing_mm=(3, 3, 3), frame_of_reference_uid=FRAME
    )
    structure = analytic_structure(
        "Liver", SOLID.contours(SliceStack(2.0)), frame_of_reference_uid=FRAME
    )
    course = plain_course(
        1,
        sampled_dose(DOSE.at, geometry),
        [structure],
        prescription_gy=30.0,
        n_fractions=5,
    )
    return written(tmp_path / "export", [course])


def histogram(scale: float = 1.0) -> Dataset:
    """The known curve of the ball in bins of 0.05 Gy, doses multiplied by `scale`."""
    levels = np.arange(0.0, 50.0, 0.05)
    volumes = [DOSE.volume_cc(SOLID, level) for level in levels]
    pairs = np.column_stack([np.full(len(levels), 0.05 * scale), volumes])
    return item(
        DVHType="CUMULATIVE",
        DoseUnits="GY",
        DoseType="PHYSICAL",
        DVHDoseScaling="1",
        DVHVolumeUnits="CM3",
        DVHNumberOfBins=len(levels),
        DVHData=[f"{value:.6f}" for value in pairs.ravel()],
        DVHReferencedROISequence=[
            item(DVHROIContributionType="INCLUDED", ReferencedROINumber=1)
        ],
    )


def compared(export: Path, *files: Path) -> list[CheckGroup]:
    return compare_with_planning_system(
        [export], files, load_settings(None), progress=lambda _: None
    )


def test_the_known_curve_agrees_as_dicom(export: Path) -> None:
    dose = export / "course1" / "RD_1.dcm"
    alter(dose, {"DVHSequence": [histogram()]})
    (group,) = compared(export, dose)
    assert not group.known
    assert [check.subject for check in group.checks] == [
        f"Liver: {metric}" for metric in CURVE_METRICS
    ]
    assert group.holds
    for check, metric in zip(group.checks, CURVE_METRICS, strict=True):
        truth = known_metric(metric, SOLID, DOSE)
        assert check.expected == pytest.approx(truth, rel=2e-3)
        assert check.found == pytest.approx(truth, rel=5e-3)


def test_doses_that_are_5_per_cent_off_are_noticed(export: Path) -> None:
    dose = export / "course1" / "RD_1.dcm"
    alter(dose, {"DVHSequence": [histogram(scale=1.05)]})
    (group,) = compared(export, dose)
    assert [check.holds for check in group.checks] == [True] + 6 * [False]


def test_a_csv_of_metrics_is_compared(export: Path, tmp_path: Path) -> None:
    file = tmp_path / "tps.csv"
    mean = known_metric("Mean[Gy]", SOLID, DOSE)
    volume = known_metric("V30Gy[cc]", SOLID, DOSE)
    file.write_text(
        f"structure,metric,value\nliver,Mean[Gy],{mean}\nliver,V30Gy[cc],{volume}\n"
        f"liver,volume[cc],{SOLID.volume_cc * 1.1}\nHeart,Mean[Gy],1\n",
        encoding="utf-8",
    )
    (group,) = compared(export, file)
    assert [check.holds for check in group.checks] == [True, True, False]
    assert group.remarks == (
        "'Heart': the course has no such structure with contours.",
    )


def test_another_patient_or_frame_is_refused(export: Path, tmp_path: Path) -> None:
    dataset = dcmread(export / "course1" / "RD_1.dcm")
    dataset.DVHSequence = [histogram()]
    dataset.PatientID = "SOMEBODY"
    dataset.FrameOfReferenceUID = "1.2.3.5"
    dataset.save_as(tmp_path / "other.dcm")
    with pytest.raises(InputError) as refusal:
        compared(export, tmp_path / "other.dcm")
    patient, frame = refusal.value.problems
    assert "Patient ID (0010,0020)" in patient
    assert "SOMEBODY" not in patient
    assert "Frame of Reference UID (0020,0052)" in frame


def test_nothing_to_compare_is_refused(export: Path, tmp_path: Path) -> None:
    file = tmp_path / "tps.csv"
    file.write_text("structure,metric,value\nHeart,Mean[Gy],1\n", encoding="utf-8")
    with pytest.raises(InputError, match="no structure can be compared"):
        compared(export, file)


def test_an_export_of_no_course_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("no image", encoding="utf-8")
    with pytest.raises(InputError, match="No DICOM object"):
        compared(tmp_path, tmp_path / "tps.csv")


def test_metrics_of_a_curve_by_hand() -> None:
    curve = PlanningDvh(
        1, None, np.array([0.0, 10.0, 20.0]), np.array([4.0, 4.0, 0.0]), in_cc=True
    )
    assert curve_metric(curve, "volume[cc]") == 4.0
    assert curve_metric(curve, "Mean[Gy]") == pytest.approx(15.0)
    assert curve_metric(curve, "D50%[Gy]") == pytest.approx(15.0)
    assert curve_metric(curve, "D98%[Gy]") == pytest.approx(10.2)
    assert curve_metric(curve, "D0.1cc[Gy]") == pytest.approx(19.75)


def test_a_curve_in_per_cent_has_no_absolute_metric() -> None:
    curve = PlanningDvh(
        1, None, np.array([0.0, 10.0, 20.0]), np.array([100.0, 100.0, 0.0]), in_cc=False
    )
    assert curve_metric(curve, "volume[cc]") is None
    assert curve_metric(curve, "D0.1cc[Gy]") is None
    assert curve_metric(curve, "D50%[Gy]") == pytest.approx(15.0)


@pytest.mark.slow
@pytest.mark.reference
def test_a_real_breast_plan_agrees_but_for_what_is_known(shared: Path) -> None:
    """Heart, lung and tumour bed agree, but for the lung's maximum at its border.

    Body, scar and nodes are debatable, as is where the breast ends.
    """
    data = shared / "data" / "breast_one_course"
    (group,) = compared(data, data / "rtdose.dcm")
    sure = [
        check
        for check in group.checks
        if check.subject.startswith(("Lt Lung: ", "Heart: ", "Tumor Bed"))
    ]
    assert len(sure) == 4 * len(CURVE_METRICS)
    differing = {check.subject for check in sure if not check.holds}
    assert differing <= {"Lt Lung: D0.1cc[Gy]"}
    (ends,) = [text for text in group.remarks if text.startswith("Breast: D50%[Gy]")]
    assert "which the contours allow" in ends
