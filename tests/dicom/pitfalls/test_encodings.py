"""Pitfalls 47, 48 and 50: how the bytes of an object are written."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from reirrad.workflows.gather import Survey, survey
from reirrad.workflows.settings import load_settings
from tests.dicom.exports import CourseExport
from tests.dicom.pitfalls.dose_cases import (
    Lattice,
    assert_is_ramp,
    assert_names,
    codes,
    only_dose,
    refusal,
    surveyed,
)
from tests.dicom.pitfalls.encodings import ENCODINGS, WITHOUT_META, swapped_pixels
from tests.workflows.exports import course, write_patient


def encoded(
    folder: Path, export: CourseExport, encode: Callable[[Dataset], bytes]
) -> Survey:
    folder.mkdir()
    for name, dataset in export.objects.items():
        (folder / name).write_bytes(encode(dataset))
    return survey([folder], load_settings(None, organ="Fegato"))


def assert_is_the_course(result: Survey) -> None:
    assert_is_ramp(only_dose(result), Lattice().points_mm())
    (one,) = result.courses
    assert one.prescription.dose_gy == 45.0
    assert one.prescription.n_fractions == 5
    assert [len(s.contours) for s in one.structures] == [3, 3]
    assert one.image is not None
    np.testing.assert_array_equal(one.image.values[2], -796.0)


@pytest.mark.parametrize("name", WITHOUT_META)
def test_pitfall_47_missing_file_meta_is_inferred_and_said(
    export: CourseExport, tmp_path: Path, name: str
) -> None:
    result = encoded(tmp_path / "export", export, ENCODINGS[name])
    assert_is_the_course(result)
    assert codes(result) == ["file-meta-missing"]


def test_pitfall_47_a_missing_preamble_alone_changes_nothing(
    export: CourseExport, tmp_path: Path
) -> None:
    result = encoded(tmp_path / "export", export, ENCODINGS["without preamble"])
    assert_is_the_course(result)


@pytest.mark.parametrize("name", ["implicit", "explicit", "deflated", "big-endian"])
def test_pitfall_48_every_plain_transfer_syntax_gives_the_same_course(
    export: CourseExport, tmp_path: Path, name: str
) -> None:
    result = encoded(tmp_path / "export", export, ENCODINGS[name])
    assert_is_the_course(result)
    assert codes(result) == []


def test_pitfall_48_values_in_the_wrong_byte_order_are_not_taken(
    export: CourseExport, tmp_path: Path
) -> None:
    dose = export["rd.dcm"]
    dose.PixelData = swapped_pixels(dose)
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "byte order of Pixel Data", "1000 times")


def test_pitfall_48_written_objects_are_little_endian(tmp_path: Path) -> None:
    folder = write_patient(tmp_path, course(1, target_x=-20))
    syntaxes = {
        dcmread(file, stop_before_pixels=True).file_meta.TransferSyntaxUID
        for file in folder.rglob("*.dcm")
    }
    assert syntaxes == {ExplicitVRLittleEndian}
    assert ExplicitVRBigEndian not in syntaxes


@pytest.mark.parametrize(
    ("keyword", "value", "found"),
    [
        (
            "PixelData",
            bytes(958),
            "must have 960 bytes for 5 frames of 6 x 8, found 958",
        ),
        ("PixelData", bytes(1152), "found 1152. Number of Frames (0028,0008)"),
        ("PixelData", None, "has no Pixel Data (7FE0,0010)"),
        ("NumberOfFrames", None, "(0028,0008) must be 5, the number of values of"),
        ("NumberOfFrames", 4, "for each of 4 frames, found 5"),
        ("Rows", 12, "must have 1920 bytes for 5 frames of 12 x 8, found 960"),
        ("Rows", 3, "must have 480 bytes for 5 frames of 3 x 8, found 960"),
        ("BitsAllocated", 16, "must have 480 bytes for 5 frames of 6 x 8, found 960"),
    ],
)
def test_pitfall_50_pixels_that_do_not_fit_their_size_are_refused(
    export: CourseExport, tmp_path: Path, *, keyword: str, value: object, found: str
) -> None:
    if value is None:
        del export["rd.dcm"][keyword]
    else:
        setattr(export["rd.dcm"], keyword, value)
    result = surveyed(tmp_path, export)
    assert result.courses == ()
    assert_names(result.problems[0], "rd.dcm", found)


def test_pitfall_50_a_file_that_ends_within_its_pixels_is_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    surveyed(tmp_path, export)
    file = tmp_path / "c1" / "rd.dcm"
    file.write_bytes(file.read_bytes()[:-100])
    result = survey([tmp_path], load_settings(None, organ="Fegato"))
    assert_names(refusal(result), "rd.dcm", "cut short", "claims 960 bytes and has 860")
