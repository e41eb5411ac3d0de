import io
import warnings
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from reirrad.dicom.reading import dicom_faults, looks_like_dicom, parse_object
from reirrad.errors import DicomError
from tests.dicom.exports import course_export


def saved(dataset: Dataset) -> bytes:
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def with_undefined_lengths(dataset: Dataset) -> Dataset:
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True
                with_undefined_lengths(item)
    return dataset


STRUCTURES = saved(course_export(1)["rs.dcm"])
STRUCTURES_OPEN = saved(with_undefined_lengths(course_export(1)["rs.dcm"]))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (bytes(128) + b"DICM", True),
        (b"\x08\0\x16\0UI\x02\0", True),
        (b"\0\x08\0\x16UI\0\x02", True),
        (b"\x08\0", False),
        (b"", False),
        (b"%PDF-1.7 and so on", False),
        (b"PK\x03\x04" + bytes(200), False),
    ],
)
def test_dicom_is_known_by_its_beginning(content: bytes, *, expected: bool) -> None:
    assert looks_like_dicom(content) is expected


def test_a_whole_file_is_not_truncated() -> None:
    for content in (STRUCTURES, STRUCTURES_OPEN):
        parsed = parse_object(content, "x")
        assert parsed.has_meta
        assert parsed.truncation is None


@given(st.floats(0, 1), st.sampled_from([STRUCTURES, STRUCTURES_OPEN]))
def test_a_file_cut_inside_its_contours_never_passes(
    part: float, content: bytes
) -> None:
    contours = content.index(b"\x06\x30\x39\x00SQ") + 12
    observations = content.index(b"\x06\x30\x80\x00SQ")
    cut = contours + int(part * (observations - contours - 1))
    try:
        parsed = parse_object(content[:cut], "x")
    except DicomError:
        return
    assert parsed.truncation is not None


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    for content in (noise, b"\x08\0" + noise, bytes(128) + b"DICM" + noise):
        with suppress(DicomError):
            assert parse_object(content, "x").dataset is not None


def test_faults_of_the_program_are_not_taken_for_faults_of_the_file() -> None:
    with pytest.raises(ZeroDivisionError), dicom_faults("x"):
        _ = 1 / 0


def test_warnings_of_the_library_are_kept_not_shown() -> None:
    with dicom_faults("x") as caught:
        warnings.warn("odd value", UserWarning, stacklevel=1)
    assert len(caught) == 1
