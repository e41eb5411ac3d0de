"""Pitfall 49: compressed doses."""

from pathlib import Path
from typing import Any

import gdcm
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
)

from reirrad.core.geometry import FloatArray
from tests.dicom.exports import CourseExport, course_export
from tests.dicom.pitfalls.dose_cases import (
    Lattice,
    assert_names,
    codes,
    only_dose,
    place,
    ramp_gy,
    refusal,
    surveyed,
)

LATTICE = Lattice()
STEP_GY = {16: 0.001, 32: 1e-7}
SYNTAXES = {
    "RLE": (gdcm.TransferSyntax.RLELossless, (16, 32)),
    "JPEG lossless": (gdcm.TransferSyntax.JPEGLosslessProcess14, (16,)),
    "JPEG lossless SV1": (gdcm.TransferSyntax.JPEGLosslessProcess14_1, (16,)),
    "JPEG-LS": (gdcm.TransferSyntax.JPEGLSLossless, (16,)),
}


@pytest.fixture
def export() -> CourseExport:
    return course_export(1)


def dose_of(bits: int, export: CourseExport) -> FloatArray:
    """Store the ramp in 16 or 32 bits; what is stored, in gray."""
    dose = place(export["rd.dcm"], LATTICE)
    dose.BitsAllocated = dose.BitsStored = bits
    dose.HighBit = bits - 1
    dose.DoseGridScaling = STEP_GY[bits]
    stored = np.round(ramp_gy(LATTICE.points_mm()) / STEP_GY[bits])
    dose.PixelData = stored.astype(f"<u{bits // 8}").tobytes()
    return np.asarray(stored * STEP_GY[bits])


def compress(dose: Dataset, syntax: int, folder: Path) -> Dataset:
    """Compress by another library than the one that reads."""
    plain, packed = folder / "plain", folder / "packed"
    dose.save_as(plain, enforce_file_format=True)
    reader: Any = gdcm.ImageReader()
    reader.SetFileName(str(plain))
    assert reader.Read()
    change: Any = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer: Any = gdcm.ImageWriter()
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(packed))
    assert writer.Write()
    read = dcmread(packed)
    plain.unlink()
    packed.unlink()
    assert read.file_meta.TransferSyntaxUID != ExplicitVRLittleEndian
    return read


@pytest.mark.parametrize(
    ("name", "bits"),
    [(name, bits) for name, (_, many) in SYNTAXES.items() for bits in many],
)
def test_pitfall_49_a_compressed_dose_is_the_same_to_the_last_bit(
    export: CourseExport, tmp_path: Path, name: str, bits: int
) -> None:
    expected_gy = dose_of(bits, export)
    export.objects["rd.dcm"] = compress(export["rd.dcm"], SYNTAXES[name][0], tmp_path)
    result = surveyed(tmp_path, export)
    np.testing.assert_array_equal(only_dose(result).values_gy, expected_gy)
    assert codes(result) == []


def test_pitfall_49_jpeg_2000_is_decoded(export: CourseExport, tmp_path: Path) -> None:
    plain = dcmread(str(get_testdata_file("MR_small.dcm", download=False)))
    packed = dcmread(
        str(get_testdata_file("MR_small_jp2klossless.dcm", download=False))
    )
    dose = place(export["rd.dcm"], Lattice(rows=64, columns=64))
    for keyword in ("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"):
        setattr(dose, keyword, getattr(packed, keyword))
    (frame,) = generate_frames(packed.PixelData, number_of_frames=1)
    dose.PixelData = encapsulate([frame] * 5)
    dose["PixelData"].is_undefined_length = True
    dose.file_meta.TransferSyntaxUID = JPEG2000Lossless
    dose.DoseGridScaling = 50.0 / plain.pixel_array.max()
    grid = only_dose(surveyed(tmp_path, export))
    for plane in grid.values_gy:
        np.testing.assert_allclose(
            plane, plain.pixel_array * float(dose.DoseGridScaling), rtol=1e-12
        )


def test_pitfall_49_the_missing_codec_is_named(
    export: CourseExport, tmp_path: Path
) -> None:
    dose_of(16, export)
    dose = compress(export["rd.dcm"], SYNTAXES["RLE"][0], tmp_path)
    dose.file_meta.TransferSyntaxUID = HTJ2KLossless
    export.objects["rd.dcm"] = dose
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "High-Throughput JPEG 2000", "pylibjpeg-openjpeg")
    assert "Export it uncompressed" in problem


@pytest.mark.parametrize("syntax", [JPEGLossless, JPEGLosslessSV1, JPEGLSLossless])
@pytest.mark.parametrize("keyword", ["BitsAllocated", "BitsStored"])
def test_pitfall_49_more_bits_than_a_compression_has_are_refused(
    export: CourseExport, tmp_path: Path, syntax: str, keyword: str
) -> None:
    """A decoder ended the whole program where it was given these."""
    dose_of(16, export)
    dose = compress(export["rd.dcm"], SYNTAXES["RLE"][0], tmp_path)
    setattr(dose, keyword, 32)
    dose.file_meta.TransferSyntaxUID = UID(syntax)
    export.objects["rd.dcm"] = dose
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", UID(syntax).name, "16 bits at most", "says 32")


def test_pitfall_49_damaged_frames_are_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    dose_of(16, export)
    dose = compress(export["rd.dcm"], SYNTAXES["JPEG-LS"][0], tmp_path)
    dose.PixelData = encapsulate([bytes(60)] * 5)
    export.objects["rd.dcm"] = dose
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "JPEG-LS Lossless", "they are damaged")


def test_pitfall_49_compressed_values_of_no_stated_kind_are_refused(
    export: CourseExport, tmp_path: Path
) -> None:
    dose_of(16, export)
    packed = compress(export["rd.dcm"], SYNTAXES["RLE"][0], tmp_path)
    export["rd.dcm"].PixelData = packed.PixelData
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "is compressed", "Explicit VR Little Endian")


@pytest.mark.parametrize("marked", [True, False])
def test_pitfall_49_a_dose_compressed_with_loss_is_refused(
    export: CourseExport, tmp_path: Path, *, marked: bool
) -> None:
    dose_of(16, export)
    dose = compress(export["rd.dcm"], SYNTAXES["RLE"][0], tmp_path)
    if marked:
        dose.LossyImageCompression = "01"
    else:
        dose.file_meta.TransferSyntaxUID = JPEGExtended12Bit
    export.objects["rd.dcm"] = dose
    problem = refusal(surveyed(tmp_path, export))
    assert_names(problem, "rd.dcm", "compressed with loss")
