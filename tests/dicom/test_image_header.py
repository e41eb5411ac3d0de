"""What is kept of an image's header suffices for everything that is asked of it."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from reirrad.dicom.audit import Audit
from reirrad.dicom.elements import text
from reirrad.dicom.image_header import without_acquisition
from reirrad.dicom.images import image_series, read_image
from reirrad.dicom.scan import scan
from tests.dicom.exports import SLICES, course_export, item, written


def scanner_slice() -> Dataset:
    one = course_export(1)["ct0.dcm"]
    one.KVP = "120"
    one.PatientPosition = "HFS"
    one.SourceImageSequence = [item(ReferencedSOPInstanceUID="1.2.3")]
    one.private_block(0x0019, "SCANNER", create=True).add_new(1, "LO", "private")
    return one


def test_place_scale_and_identity_stay() -> None:
    whole = scanner_slice()
    kept = without_acquisition(whole)

    for keyword in (
        "PatientID",
        "SOPInstanceUID",
        "SeriesInstanceUID",
        "FrameOfReferenceUID",
        "ImagePositionPatient",
        "ImageOrientationPatient",
        "PixelSpacing",
        "RescaleSlope",
        "PatientPosition",
    ):
        assert text(kept, keyword) == text(whole, keyword) != ""
    assert kept.file_meta.TransferSyntaxUID == whole.file_meta.TransferSyntaxUID


def test_acquisition_and_private_elements_go() -> None:
    kept = without_acquisition(scanner_slice())

    assert "KVP" not in kept
    assert "SourceImageSequence" not in kept
    assert not any(tag.is_private for tag in kept.keys())  # noqa: SIM118


def test_slices_of_one_encoding_share_their_file_meta() -> None:
    one, two = (without_acquisition(scanner_slice()) for _ in range(2))

    assert one.file_meta is two.file_meta


def test_an_image_is_the_same_from_what_is_kept(tmp_path: Path) -> None:
    export = course_export(1)
    written(tmp_path, export)
    found = scan([tmp_path], Audit(), progress=print)
    (series,) = image_series(one for one in found if one.kind == "CT")
    image = read_image(series)

    for k in range(SLICES):
        stored = export[f"ct{k}.dcm"].pixel_array
        np.testing.assert_array_equal(image.values[k], 2.0 * stored - 1000.0)
