"""The walk gives what pydicom reads, or nothing."""

import io
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from reirrad.dicom.audit import Audit
from reirrad.dicom.elements import Elements, items, numbers, text
from reirrad.dicom.pixels import stored_values
from reirrad.dicom.scan import scan
from reirrad.dicom.walk import WalkedItem, walk_file, walk_items
from tests.dicom.exports import course_export, item
from tests.dicom.test_reading import saved, with_undefined_lengths

NAMES = ("ct0.dcm", "rs.dcm", "rp.dcm", "rd.dcm")


def encoded(name: str, *, implicit: bool, undefined: bool) -> bytes:
    """An object with private elements and a name in another script."""
    dataset = course_export(1)[name]
    dataset.SpecificCharacterSet = ["ISO 2022 IR 6", "ISO 2022 IR 144"]
    dataset.PatientName = "Иванов^Иван"
    block = dataset.private_block(0x0021, "A MAKER", create=True)
    block.add_new(1, "LO", "Größe")
    block.add_new(2, "SQ", Sequence([item(PatientComments="nested")]))
    dataset.OperatorsName = ""
    if undefined:
        with_undefined_lengths(dataset)
    syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    dataset.file_meta.TransferSyntaxUID = syntax
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return saved(dataset)


FILES = [
    encoded(name, implicit=implicit, undefined=undefined)
    for name in NAMES
    for implicit in (False, True)
    for undefined in (False, True)
]


def assert_same_items(found: list[WalkedItem], expected: Sequence) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert_same(one.dataset(), other)


def assert_same(found: Dataset, expected: Dataset) -> None:
    """Equal elements, undecoded where pydicom leaves them so, and equal encodings."""
    assert list(found.keys()) == list(expected.keys())
    assert found.original_encoding == expected.original_encoding
    assert charsets(found) == charsets(expected)
    for tag in list(found.keys()):
        ours: object = found.get_item(tag)
        theirs: object = expected.get_item(tag)
        if isinstance(ours, RawDataElement) and isinstance(theirs, RawDataElement):
            assert ours[:4] == theirs[:4]
            assert ours.is_implicit_VR == theirs.is_implicit_VR
            assert ours.is_little_endian == theirs.is_little_endian
        if isinstance(ours, RawDataElement) and is_sequence(found, tag):
            walked = walk_items(found, ours)
            if walked is not None:
                assert_same_items(walked, expected[tag].value)


def charsets(dataset: Dataset) -> list[str]:
    stated = dataset.original_character_set
    return [stated] if isinstance(stated, str) else list(stated)


def is_sequence(dataset: Dataset, tag: int) -> bool:
    copy = Dataset(dict(dataset.items()))
    with suppress(Exception):
        return bool(copy[tag].VR == "SQ")
    return False


def assert_walked_like_the_library(content: bytes) -> bool:
    """Whether there was a walk."""
    walked = walk_file(content)
    if walked is None:
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = dcmread(io.BytesIO(content))
        found, place = walked.dataset, walked.pixels
        if place is not None:
            part = content[place.position : place.position + place.length]
            element = place.element(part)
            found[element.tag] = element
        assert found.file_meta == expected.file_meta
        assert_same(found, expected)
    return True


@pytest.mark.parametrize("content", FILES)
def test_common_files_are_walked(content: bytes) -> None:
    assert assert_walked_like_the_library(content)


@given(
    content=st.sampled_from(FILES),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=3),
    kept=st.floats(0.5, 1),
)
def test_of_a_damaged_file_comes_what_the_library_reads_or_nothing(
    content: bytes, changes: list[tuple[float, int]], kept: float
) -> None:
    damaged = bytearray(content[: 132 + int(kept * (len(content) - 132))])
    for place, value in changes:
        damaged[132 + int(place * (len(damaged) - 133))] = value
    assert_walked_like_the_library(bytes(damaged))


@given(st.sampled_from(FILES), st.floats(0, 1))
def test_a_file_that_ends_inside_an_element_is_not_walked(
    content: bytes, part: float
) -> None:
    pixels = content.find(b"\xe0\x7f\x10\0")
    begin = pixels + 12 if pixels > 0 else len(content) - 4
    cut = begin + int(part * (len(content) - 1 - begin))
    assert walk_file(content[:cut]) is None


@pytest.mark.parametrize(
    "syntax", [ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian, RLELossless]
)
def test_other_transfer_syntaxes_are_left_to_the_library(syntax: UID) -> None:
    dataset = course_export(1)["ct0.dcm"]
    if syntax == RLELossless:
        dataset.compress(RLELossless)
    dataset.file_meta.TransferSyntaxUID = syntax
    assert walk_file(saved(dataset)) is None


def test_a_file_without_its_beginning_is_left_to_the_library() -> None:
    content = FILES[0]
    first = content.index(b"\x08\0\x05\0CS")
    for part in (b"", content[132:], content[first:], content[:132] + content[first:]):
        assert walk_file(part) is None


def test_a_file_that_is_explicit_against_its_word_is_left_to_the_library() -> None:
    explicit = saved(course_export(1)["rp.dcm"])
    stated = ExplicitVRLittleEndian.encode() + b"\0"
    claimed = ImplicitVRLittleEndian.encode().ljust(len(stated), b"\0")
    assert walk_file(explicit.replace(stated, claimed)) is None


def test_nested_values_are_decoded_with_the_character_set_of_their_file() -> None:
    dataset = course_export(1)["rs.dcm"]
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.StructureSetROISequence[0].ROIName = "Größe"
    for undefined in (False, True):
        if undefined:
            with_undefined_lengths(dataset)
        walked = walk_file(saved(dataset))
        assert walked is not None
        rois = items(walked.dataset, "StructureSetROISequence", "x")
        assert text(rois[0], "ROIName") == "Größe"


def files_of(shared: Path) -> list[Path]:
    data = shared / "data"
    images = sorted(data.glob("liver_ct_two_course/course?/CT/*.dcm"))[::25]
    objects = sorted(data.glob("liver_ct_two_course/course?/RT/*.dcm"))
    others = [*data.glob("rtdose_oddities/*.dcm"), *data.glob("breast*/*.dcm")]
    return [*images, *objects, *sorted(others)]


@pytest.mark.slow
def test_real_files_are_walked_like_the_library(shared: Path) -> None:
    walked = [
        assert_walked_like_the_library(path.read_bytes()) for path in files_of(shared)
    ]
    assert sum(walked) >= 30


@pytest.mark.slow
def test_real_pixels_and_contours_are_those_of_the_library(shared: Path) -> None:
    n_pixels = n_contours = 0
    for path in files_of(shared):
        (*found,) = scan([path], Audit(), progress=lambda _: None)
        if not found or found[0].truncation is not None:
            continue
        (one,) = found
        expected = dcmread(path, force=True)
        if expected.get("PixelData") and expected.file_meta.get("TransferSyntaxUID"):
            stored = stored_values(one.with_pixels(), path.name)
            np.testing.assert_array_equal(np.squeeze(stored), expected.pixel_array)
            n_pixels += 1
        if "ROIContourSequence" in expected:
            n_contours += assert_same_contours(one.dataset, expected)
    assert n_pixels >= 20
    assert n_contours > 1500


def assert_same_contours(found: Elements, expected: Dataset) -> int:
    """Every number equal to the last bit; how many contours there were."""
    count = 0
    groups = items(found, "ROIContourSequence", "x")
    for group, other in zip(groups, expected.ROIContourSequence, strict=True):
        contours = items(group, "ContourSequence", "x")
        theirs = other.get("ContourSequence", [])
        for contour, one in zip(contours, theirs, strict=True):
            values = numbers(contour, "ContourData", "x")
            assert values is not None
            assert values.tolist() == [float(value) for value in one.ContourData]
            count += 1
    return count
