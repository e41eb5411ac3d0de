from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from reirrad.core.structures import ContourKind, Role
from reirrad.dicom.rtstruct import (
    StructureSet,
    read_structure_set,
    read_structure_set_header,
)
from reirrad.errors import DicomError
from tests.dicom.exports import (
    contour,
    course_export,
    found_file,
    found_object,
    item,
    square,
)


def meaning(name: str, dicom_type: str) -> tuple[str | None, Role]:
    roles = {role.value: role for role in Role}
    return {"Fegato": "Liver"}.get(name), roles.get(dicom_type, Role.OTHER)


def read(dataset: Dataset, folder: Path) -> StructureSet:
    header = read_structure_set_header(found_object(folder, dataset))
    return read_structure_set(header, understand=meaning, fallback_frame="9.9")


@pytest.fixture
def drawn() -> Dataset:
    return course_export(1)["rs.dcm"]


def contours_of(dataset: Dataset, index: int = 0) -> Sequence[Dataset]:
    contours: Sequence[Dataset] = dataset.ROIContourSequence[index].ContourSequence
    return contours


def codes(structure_set: StructureSet) -> list[str]:
    return [finding.code for finding in structure_set.findings]


def test_structures_have_number_name_meaning_and_frame(
    drawn: Dataset, tmp_path: Path
) -> None:
    liver, target = read(drawn, tmp_path).structures
    assert (liver.number, liver.name, liver.standard_name) == (3, "Fegato", "Liver")
    assert (liver.role, target.role) == (Role.ORGAN, Role.PTV)
    assert liver.frame_of_reference_uid == course_export(1).frame
    assert [one.points_mm[0, 2] for one in liver.contours] == [4.0, 8.0, 12.0]


def test_contour_numbers_are_read_exactly(drawn: Dataset, tmp_path: Path) -> None:
    exact = ["-1.25", "2e1", "4", "5", "6.5", "4", "7", "8", "4.000001"]
    contours_of(drawn)[0].ContourData = exact
    (first, *_) = read(drawn, tmp_path).structures[0].contours
    np.testing.assert_array_equal(
        first.points_mm, [[-1.25, 20, 4], [5, 6.5, 4], [7, 8, 4.000001]]
    )


def test_a_repeated_last_point_is_dropped(drawn: Dataset, tmp_path: Path) -> None:
    ring = [0, 0, 4, 1, 0, 4, 1, 1, 4, 0, 0, 4]
    drawn.ROIContourSequence[0].ContourSequence = [contour(ring)]
    assert len(read(drawn, tmp_path).structures[0].contours[0].points_mm) == 3


def test_xor_contours_are_kept_as_such(drawn: Dataset, tmp_path: Path) -> None:
    contours_of(drawn)[1].ContourGeometricType = "CLOSEDPLANAR_XOR"
    kinds = [one.kind for one in read(drawn, tmp_path).structures[0].contours]
    assert kinds[1] is ContourKind.CLOSEDPLANAR_XOR


@pytest.mark.parametrize(
    "unused",
    [
        pytest.param(contour([1, 2, 3], "POINT"), id="point"),
        pytest.param(contour([1, 2, 3, 4, 5, 6, 7, 8, 9], "OPEN_PLANAR"), id="open"),
        pytest.param(contour([1, 2, 3, 4, 5, 6]), id="two points"),
        pytest.param(item(ContourGeometricType="CLOSED_PLANAR"), id="no points"),
        pytest.param(contour([1, 2, 3, 4, 5, 6], "OPEN_NONPLANAR"), id="bent"),
    ],
)
def test_contours_that_enclose_no_area_are_listed_not_used(
    drawn: Dataset, tmp_path: Path, unused: Dataset
) -> None:
    drawn.ROIContourSequence[0].ContourSequence = [square(4.0), unused]
    result = read(drawn, tmp_path)
    assert len(result.structures[0].contours) == 1
    assert codes(result) == ["contours-not-used"]


@pytest.mark.parametrize("kind", ["", "CLOSED_NONPLANAR"])
def test_a_region_with_contours_of_unknown_type_is_left_out_whole(
    drawn: Dataset, tmp_path: Path, kind: str
) -> None:
    contours_of(drawn)[1].ContourGeometricType = kind
    result = read(drawn, tmp_path)
    assert [one.number for one in result.structures] == [8]
    (finding,) = result.findings
    assert finding.code == "contours-of-unknown-type"
    assert f"Contour Geometric Type (3006,0042) {kind!r}" in finding.message


def test_an_empty_region_is_listed_and_shifts_no_other(
    drawn: Dataset, tmp_path: Path
) -> None:
    drawn.StructureSetROISequence.insert(0, item(ROINumber=40, ROIName="Empty"))
    drawn.ROIContourSequence.insert(0, item(ReferencedROINumber=40))
    result = read(drawn, tmp_path)
    assert [one.number for one in result.structures] == [3, 8]
    assert codes(result) == ["structure-empty"]


def test_a_region_without_contour_item_is_empty(drawn: Dataset, tmp_path: Path) -> None:
    del drawn.ROIContourSequence[0]
    result = read(drawn, tmp_path)
    assert [one.number for one in result.structures] == [8]
    assert codes(result) == ["structure-empty"]


def test_contours_and_observations_of_unlisted_regions_are_tolerated(
    drawn: Dataset, tmp_path: Path
) -> None:
    drawn.ROIContourSequence.append(item(ReferencedROINumber=99))
    drawn.RTROIObservationsSequence.append(item(ReferencedROINumber=98))
    result = read(drawn, tmp_path)
    assert len(result.structures) == 2
    assert codes(result) == ["contours-not-used"]


def test_regions_of_one_name_are_told_apart_by_number(
    drawn: Dataset, tmp_path: Path
) -> None:
    drawn.StructureSetROISequence[1].ROIName = "Fegato"
    result = read(drawn, tmp_path)
    names = [one.name for one in result.structures]
    assert names == ["Fegato (ROI 3)", "Fegato (ROI 8)"]
    assert [one.standard_name for one in result.structures] == ["Liver", "Liver"]
    assert codes(result) == ["structure-name-repeated"]


def test_damaged_contours_are_refused_all_at_once(
    drawn: Dataset, tmp_path: Path
) -> None:
    contours_of(drawn, 0)[0].ContourData = [1, 2, 3, 4]
    contours_of(drawn, 1)[0].ContourData = [1, 2, 3, 4, 5]
    with pytest.raises(DicomError, match="three numbers for each point") as refusal:
        read(drawn, tmp_path)
    assert len(refusal.value.problems) == 2
    assert "'Fegato'" in refusal.value.problems[0]


def test_a_missing_number_is_refused_not_guessed(
    drawn: Dataset, tmp_path: Path
) -> None:
    text = contours_of(drawn)[0]
    text.add_new("ContourData", "DS", ["1", "2", "3"] * 4)
    found = found_object(tmp_path, drawn)
    path = tmp_path / "x.dcm"
    path.write_bytes(path.read_bytes().replace(b"1\\2\\3\\1", b"1\\ \\3\\1", 1))
    found = found_file(path)
    with pytest.raises(DicomError, match="must be numbers"):
        read_structure_set(
            read_structure_set_header(found), understand=meaning, fallback_frame=""
        )


def test_miscounted_points_are_a_warning(drawn: Dataset, tmp_path: Path) -> None:
    contours_of(drawn)[0].NumberOfContourPoints = 5
    result = read(drawn, tmp_path)
    assert codes(result) == ["contour-points-miscounted"]
    assert len(result.structures[0].contours) == 3


def test_a_number_used_twice_is_refused(drawn: Dataset, tmp_path: Path) -> None:
    drawn.StructureSetROISequence[1].ROINumber = 3
    with pytest.raises(DicomError, match="different for every region, found 3"):
        read(drawn, tmp_path)


def test_a_set_without_regions_is_refused(drawn: Dataset, tmp_path: Path) -> None:
    del drawn.StructureSetROISequence, drawn.ROIContourSequence
    with pytest.raises(DicomError, match="holds no regions"):
        read(drawn, tmp_path)


def test_the_frame_is_found_wherever_it_is_stated(
    drawn: Dataset, tmp_path: Path
) -> None:
    frame = course_export(1).frame
    del drawn.ReferencedFrameOfReferenceSequence
    assert read(drawn, tmp_path).structures[0].frame_of_reference_uid == frame
    for roi in drawn.StructureSetROISequence:
        del roi.ReferencedFrameOfReferenceUID
    assert read(drawn, tmp_path).structures[0].frame_of_reference_uid == "9.9"
    drawn.FrameOfReferenceUID = frame
    assert read(drawn, tmp_path).structures[0].frame_of_reference_uid == frame


def test_a_truncated_set_is_refused(drawn: Dataset, tmp_path: Path) -> None:
    found_object(tmp_path, drawn)
    path = tmp_path / "x.dcm"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DicomError, match="cut short"):
        read_structure_set_header(found_file(path))


def test_names_in_other_alphabets_are_decoded(drawn: Dataset, tmp_path: Path) -> None:
    drawn.SpecificCharacterSet = "ISO_IR 192"
    drawn.StructureSetROISequence[0].ROIName = "Rückenmark µ"
    assert read(drawn, tmp_path).structures[0].name == "Rückenmark µ"


def test_real_liver_sets_have_all_their_regions(shared: Path) -> None:
    for number in (1, 2):
        folder = shared / f"data/liver_ct_two_course/course{number}/RT"
        header = read_structure_set_header(found_file(folder / "RS.dcm"))
        result = read_structure_set(header, understand=meaning, fallback_frame="")
        assert len(result.structures) == 17
        assert result.findings == ()


def test_numbers_that_are_not_contiguous_are_kept(shared: Path) -> None:
    file = shared / "data/rtdose_oddities/max_structure_set.dcm"
    header = read_structure_set_header(found_file(file))
    result = read_structure_set(header, understand=meaning, fallback_frame="")
    numbers = [one.number for one in result.structures]
    assert numbers[:3] == [18, 19, 20]


def test_an_isocentre_is_no_structure(shared: Path) -> None:
    file = shared / "data/rtdose_oddities/rtstruct.dcm"
    header = read_structure_set_header(found_file(file))
    result = read_structure_set(header, understand=meaning, fallback_frame="")
    assert [one.name for one in result.structures] == ["patient"]
    assert codes(result).count("structure-empty") == 2


def test_an_empty_real_region_is_a_finding(shared: Path) -> None:
    file = shared / "data/breast_one_course/rtss.dcm"
    header = read_structure_set_header(found_file(file))
    result = read_structure_set(header, understand=meaning, fallback_frame="")
    assert len(result.structures) == 9
    assert [one.about for one in result.findings] == ["Areola"]
