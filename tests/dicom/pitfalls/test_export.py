"""Pitfalls 55 to 60: exports that planning systems refuse or read wrongly."""

from collections.abc import Callable

import numpy as np
import pydicom
import pytest
import shapely
from pydicom.dataset import Dataset

from reirrad.core.exportable import ExportedDose
from reirrad.core.slice_planes import slice_planes
from reirrad.core.structures import Role
from reirrad.dicom.rtdose import read_dose, read_dose_header
from reirrad.dicom.rtstruct import read_structure_set, read_structure_set_header
from tests.dicom.exports import found_file
from tests.dicom.results.cases import FIRST_TO_SECOND, Case

POSITIONS = ("axial", "feet first", "oblique")
RTDOSES = ("RTDOSE_EQD2_ab3", "RTDOSE_physical_C1")
TYPE_2 = (
    "PatientName PatientID PatientBirthDate PatientSex StudyDate StudyTime StudyID "
    "ReferringPhysicianName AccessionNumber SeriesNumber Manufacturer"
)


Exported = Callable[[str], Case]


def doses_of(made: Case) -> dict[str, ExportedDose]:
    return dict(
        zip(RTDOSES, (made.exportable.eqd2[0], made.exportable.mapped[0]), strict=True)
    )


def test_pitfall_55_every_dose_refers_to_plans_that_exist(exported: Exported) -> None:
    made = exported("axial")
    plans = {
        number: pydicom.dcmread(made.patient / f"course{number}" / "RP.dcm")
        for number in (1, 2)
    }
    expected = {"RTDOSE_EQD2_ab3": (1, 2), "RTDOSE_physical_C1": (1,)}
    for name, courses in expected.items():
        found = [
            (one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID)
            for one in made.objects[name].ReferencedRTPlanSequence
        ]
        assert found == [
            (plans[number].SOPClassUID, plans[number].SOPInstanceUID)
            for number in courses
        ]
    summation = {name: made.objects[name].DoseSummationType for name in expected}
    assert summation == {"RTDOSE_EQD2_ab3": "MULTI_PLAN", "RTDOSE_physical_C1": "PLAN"}


def test_pitfall_56_no_attribute_that_must_be_there_is_missing(
    exported: Exported,
) -> None:
    for name, dataset in exported("axial").objects.items():
        missing = [keyword for keyword in TYPE_2.split() if keyword not in dataset]
        assert not missing, name
        assert dataset.PatientID == "P1"
        assert dataset.PatientName == "Phantom^Oné"


@pytest.mark.parametrize("position", POSITIONS)
def test_pitfall_57_every_contour_names_the_slice_in_whose_plane_it_lies(
    exported: Exported, position: str
) -> None:
    made = exported(position)
    slices = {
        one.SOPInstanceUID: one
        for path in (made.patient / "course2").glob("MR_*.dcm")
        if (one := pydicom.dcmread(path))
    }
    dataset = made.objects["RTSTRUCT"]
    (frame,) = dataset.ReferencedFrameOfReferenceSequence
    series = frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence[0]
    listed = {one.ReferencedSOPInstanceUID for one in series.ContourImageSequence}
    assert listed == set(slices)
    seen = 0
    for drawn in dataset.ROIContourSequence:
        for contour in drawn.ContourSequence:
            (reference,) = contour.ContourImageSequence
            image = slices[reference.ReferencedSOPInstanceUID]
            assert reference.ReferencedSOPClassUID == image.SOPClassUID
            points = np.array(contour.ContourData, dtype=float).reshape(-1, 3)
            assert contour.NumberOfContourPoints == len(points)
            cosines = np.array(image.ImageOrientationPatient, dtype=float)
            away = points - np.array(image.ImagePositionPatient, dtype=float)
            distance = away @ np.cross(cosines[:3], cosines[3:])
            assert np.abs(distance).max() < 1e-4
            seen += 1
    assert seen > 50


@pytest.mark.parametrize("name", RTDOSES)
@pytest.mark.parametrize("position", POSITIONS)
def test_pitfall_58_a_dose_is_not_transposed(
    exported: Exported, position: str, name: str
) -> None:
    """Read by the project's reader, voxel by voxel, to half a step of the scaling."""
    made = exported(position)
    dose = doses_of(made)[name]
    assert len(set(dose.grid.geometry.shape)) == 3
    path = made.folder / f"reirrad_{name}.dcm"
    voxels = read_dose(read_dose_header(found_file(path)))
    half_step_gy = float(made.objects[name].DoseGridScaling) / 2
    assert half_step_gy < 0.005
    np.testing.assert_allclose(
        voxels.values_gy, dose.grid.values_gy, rtol=0, atol=half_step_gy * (1 + 1e-9)
    )


@pytest.mark.parametrize("name", RTDOSES)
@pytest.mark.parametrize("position", POSITIONS)
def test_pitfall_59_a_dose_is_where_it_was(
    exported: Exported, position: str, name: str
) -> None:
    """The place of every corner by the formula of PS3.3 C.7.6.2.1.1."""
    made = exported(position)
    geometry = doses_of(made)[name].grid.geometry
    dataset = made.objects[name]
    assert dataset.PixelSpacing[0] != dataset.PixelSpacing[1]
    for index in np.ndindex(2, 2, 2):
        k, j, i = (np.array(index) * (np.array(geometry.shape) - 1)).tolist()
        found = _place(dataset, k, j, i)
        np.testing.assert_allclose(found, geometry.points_mm([k, j, i]), atol=1e-6)


@pytest.mark.parametrize("position", POSITIONS)
def test_pitfall_59_the_highest_dose_lies_in_the_target(
    exported: Exported, position: str
) -> None:
    """Found without the program: where the first course aimed, carried over by hand."""
    made = exported(position)
    dataset = made.objects["RTDOSE_physical_C1"]
    stored = np.frombuffer(dataset.PixelData, "<u2").reshape(
        int(dataset.NumberOfFrames), dataset.Rows, dataset.Columns
    )
    k, j, i = (np.argwhere(stored == stored.max()).mean(axis=0)).tolist()
    expected = FIRST_TO_SECOND.apply([-9.0, 0.0, 2.0])
    assert np.linalg.norm(_place(dataset, k, j, i) - expected) < 3.0


def _place(dataset: Dataset, k: float, j: float, i: float) -> np.ndarray:
    cosines = np.array(dataset.ImageOrientationPatient, dtype=float)
    rows_mm, columns_mm = (float(one) for one in dataset.PixelSpacing)
    offsets = np.array(dataset.GridFrameOffsetVector, dtype=float)
    offset = np.interp(k, np.arange(len(offsets)), offsets)
    return np.asarray(
        np.array(dataset.ImagePositionPatient, dtype=float)
        + cosines[:3] * columns_mm * i
        + cosines[3:] * rows_mm * j
        + np.cross(cosines[:3], cosines[3:]) * offset
    )


@pytest.mark.parametrize("position", POSITIONS)
def test_pitfall_60_every_region_has_a_number_name_and_type(
    exported: Exported, position: str
) -> None:
    dataset = exported(position).objects["RTSTRUCT"]
    names = {one.ROINumber: one.ROIName for one in dataset.StructureSetROISequence}
    assert sorted(names) == list(range(1, 11))
    assert len(set(names.values())) == 10
    assert {
        "C1 isodose 2 Gy",
        "C2 isodose 50% (25 Gy)",
        "Overlap 50% C1+C2 in Liver",
    } <= set(names.values())
    observed = {
        one.ReferencedROINumber: one.RTROIInterpretedType
        for one in dataset.RTROIObservationsSequence
    }
    assert observed == dict.fromkeys(names, "DOSE_REGION")


@pytest.mark.parametrize("position", POSITIONS)
def test_pitfall_60_contours_come_back_as_they_were(
    exported: Exported, position: str
) -> None:
    made = exported(position)
    header = read_structure_set_header(found_file(made.folder / "reirrad_RTSTRUCT.dcm"))
    drawn = read_structure_set(
        header,
        understand=lambda _name, _type: (None, Role.OTHER),
        fallback_frame="",
    )
    assert drawn.findings == ()
    for read, region in zip(drawn.structures, made.exportable.regions, strict=True):
        assert read.name == region.name
        for here, there in zip(read.contours, region.contours, strict=True):
            np.testing.assert_allclose(here.points_mm, there.points_mm, atol=1e-3)


@pytest.mark.parametrize("position", POSITIONS)
def test_pitfall_60_areas_of_the_contours_make_the_reported_volumes(
    exported: Exported, position: str
) -> None:
    made = exported(position)
    series = made.exportable.reference.series
    assert series is not None
    planes = slice_planes(series)
    step_mm = planes[1].height_mm - planes[0].height_mm
    overlap = made.assessment.pairs[0].overlap
    expected = {
        "Overlap 2 Gy C1+C2": overlap["2Gy"].total_cc,
        "Overlap 2 Gy C1+C2 in Liver": overlap["2Gy"].organ_cc,
        "Overlap 50% C1+C2": overlap["50%"].total_cc,
        "Overlap 50% C1+C2 in Liver": overlap["50%"].organ_cc,
    }
    for region in made.exportable.regions:
        if region.name in expected:
            area = sum(
                shapely.Polygon(planes[at].coordinates_mm(one.points_mm)).area
                for one, at in zip(region.contours, region.slices, strict=True)
            )
            volume_cc = area * abs(step_mm) / 1000.0
            assert volume_cc == pytest.approx(expected[region.name], rel=0.02)
