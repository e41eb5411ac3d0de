from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from reirrad.dicom.dvh_sequence import read_dvh_file
from reirrad.errors import DicomError
from tests.dicom.exports import course_export, item


def histogram(**attributes: object) -> Dataset:
    """Cumulative histogram of 10 cc: all get 1 Gy, half get 2 Gy, none 3 Gy."""
    values: dict[str, object] = {
        "DVHType": "CUMULATIVE",
        "DoseUnits": "GY",
        "DoseType": "PHYSICAL",
        "DVHDoseScaling": "1",
        "DVHVolumeUnits": "CM3",
        "DVHNumberOfBins": 3,
        "DVHData": [1.0, 10.0, 1.0, 10.0, 1.0, 5.0],
        "DVHReferencedROISequence": [
            item(DVHROIContributionType="INCLUDED", ReferencedROINumber=7)
        ],
    }
    return item(**(values | attributes))


def dose_file(folder: Path, *histograms: Dataset) -> Path:
    dataset = course_export(1)["rd.dcm"]
    if histograms:
        dataset.DVHSequence = list(histograms)
    path = folder / "rd.dcm"
    dataset.save_as(path)
    return path


def test_a_cumulative_histogram_starts_at_the_lower_edge(tmp_path: Path) -> None:
    (found,) = read_dvh_file(dose_file(tmp_path, histogram())).histograms
    assert found.roi_number == 7
    assert found.in_cc
    np.testing.assert_allclose(found.dose_gy, [0.0, 1.0, 2.0, 3.0])
    np.testing.assert_allclose(found.volume, [10.0, 10.0, 5.0, 0.0])


def test_a_differential_histogram_is_summed_from_the_hot_end(tmp_path: Path) -> None:
    data = [1.0, 0.0, 1.0, 5.0, 1.0, 5.0]
    one = histogram(DVHType="DIFFERENTIAL", DVHData=data)
    (found,) = read_dvh_file(dose_file(tmp_path, one)).histograms
    np.testing.assert_allclose(found.volume, [10.0, 10.0, 5.0, 0.0])


def test_the_dose_scaling_is_applied(tmp_path: Path) -> None:
    one = histogram(DVHDoseScaling="0.01")
    (found,) = read_dvh_file(dose_file(tmp_path, one)).histograms
    np.testing.assert_allclose(found.dose_gy, [0.0, 0.01, 0.02, 0.03])


def test_a_histogram_in_per_cent_is_marked(tmp_path: Path) -> None:
    one = histogram(DVHVolumeUnits="PERCENT")
    (found,) = read_dvh_file(dose_file(tmp_path, one)).histograms
    assert not found.in_cc


def test_noise_of_the_last_volume_is_no_fault(tmp_path: Path) -> None:
    one = histogram(DVHData=[1.0, 10.0, 1.0, 5.0, 1.0, -1e-12])
    (found,) = read_dvh_file(dose_file(tmp_path, one)).histograms
    assert found.volume.min() == 0.0


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"DoseUnits": "RELATIVE"}, r"Dose Units \(3004,0002\) must be GY"),
        ({"DoseType": "EFFECTIVE"}, "must be PHYSICAL, found EFFECTIVE"),
        ({"DVHType": "NATURAL"}, "must be CUMULATIVE or DIFFERENTIAL, found NATURAL"),
        ({"DVHVolumeUnits": "PER_U"}, "must be CM3 or PERCENT"),
        ({"DVHDoseScaling": None}, "must be above 0, found nothing"),
        ({"DVHDoseScaling": "-1"}, "must be above 0, found -1"),
        ({"DVHData": [1.0, 10.0, 1.0]}, "found 3 numbers"),
        ({"DVHData": None}, "found 0 numbers"),
        ({"DVHData": [1.0, 10.0, -1.0, 5.0]}, "below 0"),
        ({"DVHData": [1.0, 0.0, 1.0, 0.0]}, "no volume at all"),
        ({"DVHData": [1.0, 5.0, 1.0, 10.0]}, "must not rise with dose"),
        ({"DVHReferencedROISequence": []}, "must name one region, found 0"),
        (
            {
                "DVHReferencedROISequence": [
                    item(DVHROIContributionType="INCLUDED", ReferencedROINumber=1),
                    item(DVHROIContributionType="EXCLUDED", ReferencedROINumber=2),
                ]
            },
            "found 2",
        ),
    ],
)
def test_a_histogram_that_cannot_be_compared_says_why(
    tmp_path: Path, attributes: dict[str, object], words: str
) -> None:
    with pytest.raises(DicomError, match=words):
        read_dvh_file(dose_file(tmp_path, histogram(**attributes)))


def test_others_are_read_beside_a_bad_one(tmp_path: Path) -> None:
    bad = histogram(DoseUnits="RELATIVE")
    found = read_dvh_file(dose_file(tmp_path, bad, histogram()))
    assert len(found.histograms) == 1
    (remark,) = found.remarks
    assert "histogram 1" in remark


def nothing(path: Path) -> None:
    path.unlink()


def plan(path: Path) -> None:
    course_export(1)["rp.dcm"].save_as(path)


def text_file(path: Path) -> None:
    path.write_text("structure,dose", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (nothing, "cannot be read .no such file"),
        (plan, "must be RTDOSE, found RTPLAN"),
        (text_file, "not a DICOM object|cannot be decoded"),
    ],
)
def test_a_file_that_is_none_is_refused(
    tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    path = dose_file(tmp_path, histogram())
    spoil(path)
    with pytest.raises(DicomError, match=words):
        read_dvh_file(path)


def test_a_dose_without_histograms_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DicomError, match=r"DVH Sequence \(3004,0050\) is missing"):
        read_dvh_file(dose_file(tmp_path))


@pytest.mark.reference
def test_a_real_export_whose_mean_is_in_per_cent(shared: Path) -> None:
    found = read_dvh_file(shared / "data" / "breast_one_course" / "rtdose.dcm")
    assert len(found.histograms) == 9
    lung = {one.roi_number: one for one in found.histograms}[6]
    assert lung.volume[0] == pytest.approx(2008.9486)
    assert np.trapezoid(lung.volume, lung.dose_gy) / lung.volume[0] < 1.0
