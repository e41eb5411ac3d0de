import warnings
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from reirrad.dicom.elements import day, integer, items, named, number, numbers, text
from reirrad.errors import DicomError
from tests.dicom.exports import item


def raw(keyword: str, vr: str, value: bytes) -> Dataset:
    """A dataset with one element that nothing has decoded yet."""
    dataset = Dataset()
    tag = Tag(keyword)
    dataset[tag] = RawDataElement(
        tag, vr, len(value), value, 0, is_implicit_VR=False, is_little_endian=True
    )
    return dataset


def test_an_attribute_is_named_with_its_tag() -> None:
    assert named("DoseUnits") == "Dose Units (3004,0002)"
    with pytest.raises(ValueError, match="not a DICOM keyword"):
        named("DoseUnit")


def test_what_is_absent_is_empty() -> None:
    empty = Dataset()
    assert text(empty, "DoseUnits") == ""
    assert number(empty, "DoseGridScaling", "x") is None
    assert integer(empty, "NumberOfFrames", "x") is None
    assert numbers(empty, "ContourData", "x") is None
    assert items(empty, "BeamSequence", "x") == []
    assert day(empty, "RTPlanDate") is None


@pytest.mark.parametrize("value", [b"", b" ", b"\0"])
def test_padding_alone_is_empty(value: bytes) -> None:
    assert numbers(raw("ContourData", "DS", value), "ContourData", "x") is None
    assert text(raw("DoseUnits", "CS", value), "DoseUnits") == ""


@pytest.mark.parametrize("value", [b"12,5", b"1e999", b"nan", b"five", b"1\\2"])
def test_what_is_no_number_is_refused(value: bytes) -> None:
    with pytest.raises(DicomError, match=r"RTDOSE a: Dose Grid Scaling \(3004,000E\)"):
        number(raw("DoseGridScaling", "DS", value), "DoseGridScaling", "RTDOSE a")


@pytest.mark.parametrize(("value", "expected"), [(b"5", 5), (b"5.0 ", 5), (b" 7", 7)])
def test_whole_numbers_may_be_written_with_a_point(value: bytes, expected: int) -> None:
    dataset = raw("NumberOfFractionsPlanned", "IS", value)
    assert integer(dataset, "NumberOfFractionsPlanned", "x") == expected


def test_a_broken_whole_number_is_refused() -> None:
    with pytest.raises(DicomError, match=r"a whole number, found '5\.5'"):
        integer(raw("NumberOfFrames", "IS", b"5.5"), "NumberOfFrames", "x")


@pytest.mark.parametrize("value", [b"1\\\\3", b"1\\a", b"1\\inf", b"1\\ \\2"])
def test_a_list_with_a_missing_number_is_refused(value: bytes) -> None:
    with pytest.raises(DicomError, match="must be numbers"):
        numbers(raw("ContourData", "DS", value), "ContourData", "x")


@given(st.lists(st.floats(-5e3, 5e3), min_size=1, max_size=30))
def test_decimal_strings_are_read_as_they_stand(values: list[float]) -> None:
    content = "\\".join(f"{value:.6f}" for value in values).encode()
    found = numbers(raw("ContourData", "DS", content), "ContourData", "x")
    assert found is not None
    np.testing.assert_allclose(found, values, atol=1e-6)


def test_numbers_set_in_memory_are_read_like_numbers_from_a_file() -> None:
    for value in ([1.5, 2.5], 1.5):
        found = numbers(item(ContourData=value), "ContourData", "x")
        assert found is not None
        np.testing.assert_array_equal(found, np.atleast_1d(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"20240229", date(2024, 2, 29)),
        (b"2024.02.29", date(2024, 2, 29)),
        (b"20240230", None),
        (b"2024", None),
        (b"unknown", None),
    ],
)
def test_dates_that_are_none_are_absent(value: bytes, expected: date | None) -> None:
    assert day(raw("RTPlanDate", "DA", value), "RTPlanDate") == expected


def test_a_damaged_sequence_is_refused() -> None:
    dataset = raw("BeamSequence", "SQ", b"abc")
    with pytest.raises(DicomError, match="cannot be decoded"):
        items(dataset, "BeamSequence", "RTPLAN a")


def test_no_message_quotes_more_than_the_attribute(tmp_path: Path) -> None:
    dataset = raw("DoseGridScaling", "DS", b"x")
    dataset.PatientName = "Doe^Jane"
    with pytest.raises(DicomError) as refusal:
        number(dataset, "DoseGridScaling", f"RTDOSE {tmp_path.name}")
    assert "Doe" not in str(refusal.value)


TEXT_KEYWORDS = {
    "CS": "DoseUnits",
    "DA": "StudyDate",
    "DS": "DoseGridScaling",
    "IS": "NumberOfFrames",
    "LO": "PatientID",
    "PN": "PatientName",
    "SH": "RTPlanLabel",
    "TM": "StudyTime",
    "UI": "SOPInstanceUID",
}
PLAIN_OR_ODD = st.one_of(
    st.binary(max_size=12),
    st.text("0123456789+-.eE \0\\", max_size=12).map(str.encode),
    st.text(st.characters(codec="ascii"), max_size=12).map(str.encode),
)


@given(
    vr=st.sampled_from(sorted(TEXT_KEYWORDS)),
    value=PLAIN_OR_ODD,
    charset=st.sampled_from(["", "ISO_IR 192", "ISO_IR 13", "\\ISO 2022 IR 87"]),
    implicit=st.booleans(),
)
def test_text_is_what_the_library_makes_of_it(
    vr: str, value: bytes, charset: str, *, implicit: bool
) -> None:
    keyword = TEXT_KEYWORDS[vr]
    dataset = Dataset()
    dataset.SpecificCharacterSet = charset.split("\\")
    tag = Tag(keyword)
    stated = None if implicit else vr
    dataset[tag] = RawDataElement(
        tag, stated, len(value), value, 0, implicit, is_little_endian=True
    )
    found = text(dataset, keyword)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            decoded = dataset[tag].value
        except (ValueError, TypeError, LookupError, OverflowError):
            decoded = value.decode("ascii", "replace")
    parts = decoded if isinstance(decoded, MultiValue) else [decoded]
    expected = "\\".join("" if part is None else str(part) for part in parts)
    assert found == expected.strip(" \0")


@given(st.integers(0, 2**16 - 1))
def test_binary_whole_numbers_are_read_as_stored(value: int) -> None:
    content = value.to_bytes(2, "little")
    assert integer(raw("Rows", "US", content), "Rows", "x") == value


def test_a_sequence_of_an_unknown_representation_is_left_to_the_library() -> None:
    inner = Dataset()
    inner.BeamNumber = 4
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, True
    write_sequence(
        buffer,
        DataElement(Tag("BeamSequence"), "SQ", Sequence([inner])),
        ["iso8859"],
    )
    for vr in ("UN", "SQ"):
        dataset = Dataset()
        tag, value = Tag("BeamSequence"), buffer.getvalue()
        dataset[tag] = RawDataElement(
            tag, vr, len(value), value, 0, is_implicit_VR=True, is_little_endian=True
        )
        (found,) = items(dataset, "BeamSequence", "x")
        assert integer(found, "BeamNumber", "x") == 4


@pytest.mark.parametrize(
    ("keyword", "values", "bound"),
    [
        ("ContourData", b"1\\2\\5001", "5000 or less"),
        ("ContourData", b"1\\-1e300\\3", "5000 or less"),
        ("PixelSpacing", b"1\\1e-9", "0.001 or more"),
        ("GridFrameOffsetVector", b"0\\1e308", "10000 or less"),
    ],
)
def test_numbers_that_nothing_can_have_are_refused(
    keyword: str, values: bytes, bound: str
) -> None:
    with pytest.raises(DicomError, match=f"must be {bound}"):
        numbers(raw(keyword, "DS", values), keyword, "X")


@pytest.mark.parametrize("values", [b"5000\\-5000\\0", b"-0.001\\0\\1e-30"])
def test_numbers_within_these_bounds_are_read(values: bytes) -> None:
    found = numbers(raw("ContourData", "DS", values), "ContourData", "X")
    assert found is not None
    assert found.tolist() == [float(one) for one in values.split(b"\\")]


@pytest.mark.parametrize("value", [b"5e-324", b"1e300", b"-1e300"])
def test_a_number_that_nothing_can_have_is_refused(value: bytes) -> None:
    with pytest.raises(DicomError, match="Dose Grid Scaling"):
        number(raw("DoseGridScaling", "DS", value), "DoseGridScaling", "X")


def test_a_long_value_is_quoted_in_part() -> None:
    with pytest.raises(DicomError) as caught:
        number(raw("DoseGridScaling", "DS", b"x" * 10**6), "DoseGridScaling", "X")
    assert len(str(caught.value)) < 300


def test_a_sequence_is_no_text_and_no_number() -> None:
    dataset = Dataset()
    dataset.add_new("PatientID", "SQ", Sequence([item(PatientComments="nested")]))
    dataset.add_new("ContourData", "SQ", Sequence([Dataset()]))
    assert text(dataset, "PatientID") == ""
    with pytest.raises(DicomError, match="Contour Data"):
        numbers(dataset, "ContourData", "X")


def test_text_is_no_sequence() -> None:
    dataset = Dataset()
    dataset.add_new("ContourSequence", "LO", "text")
    with pytest.raises(DicomError, match="must be a sequence"):
        items(dataset, "ContourSequence", "X")


@pytest.mark.parametrize("vr", ["UV", "FD", "ZZ", "SQ"])
def test_a_value_that_pydicom_cannot_convert_is_text_as_it_stands(vr: str) -> None:
    assert text(raw("PatientID", vr, b"ABCDE"), "PatientID") in {"ABCDE", ""}
