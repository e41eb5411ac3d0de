"""Pitfalls of image series: slice positions, orientations, frames and values."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import gdcm
import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import FloatArray
from reirrad.dicom.pixels import stored_values
from reirrad.workflows.gather import survey
from tests.dicom.exports import SLICES, CourseExport, found_file, item, written
from tests.dicom.pitfalls.drawn import SETTINGS, codes, found_in, only, surveyed
from tests.dicom.pitfalls.series import (
    as_modality,
    brightness,
    enhanced,
    image_of,
    placed,
    planning_image,
    points_of_voxels,
    slices_of,
)

OBLIQUE = Rotation.from_euler("xyz", [25.0, -18.0, 40.0], degrees=True).as_matrix()
ORIENTATIONS = {
    "HFS": [1, 0, 0, 0, 1, 0],
    "HFP": [-1, 0, 0, 0, -1, 0],
    "FFS": [-1, 0, 0, 0, 1, 0],
    "FFP": [1, 0, 0, 0, -1, 0],
    "HFDL": [0, -1, 0, 1, 0, 0],
    "HFDR": [0, 1, 0, -1, 0, 0],
    "FFDL": [0, 1, 0, 1, 0, 0],
    "FFDR": [0, -1, 0, -1, 0, 0],
    "coronal": [1, 0, 0, 0, 0, -1],
    "sagittal": [0, 1, 0, 0, 0, -1],
}


def axes_of(orientation: str) -> FloatArray:
    cosines = np.array(ORIENTATIONS[orientation], dtype=float)
    row, column = cosines[:3], cosines[3:]
    return np.stack([row, column, np.cross(row, column)], axis=1)


def refused(folder: Path, export: CourseExport) -> str:
    """Why the planning image is not used; the course itself is."""
    found = surveyed(folder, export)
    assert found.problems == ()
    (course,) = found.courses
    assert course.image is None
    told = found_in(found, "image-not-usable")
    assert told.severity == "warning"
    assert "Course 1 is assessed without its planning image" in told.message
    images = [row for row in found.inputs if "ct" in row.path or "enh" in row.path]
    assert {row.status for row in images} == {"refused"}
    return told.message


# --- slice positions ------------------------------------------------------------------


def test_pitfall_38_uneven_slices_are_put_on_a_grid_and_told(tmp_path: Path) -> None:
    export = placed(heights=(0.0, 3.0, 6.0, 12.0, 18.0))
    found = surveyed(tmp_path, export)
    image = image_of(found)
    assert image.geometry.spacing_mm == pytest.approx((3.0, 3.0, 2.0))
    assert image.geometry.shape[0] == 7
    expected = brightness(points_of_voxels(image))
    np.testing.assert_allclose(image.values, expected, atol=0.01)
    told = found_in(found, "image-uneven")
    assert told.severity == "warning"
    assert "Image Position (Patient) (0020,0032)" in told.message
    assert "6.00 mm from CT" in told.message
    assert "ct2.dcm to CT" in told.message


def test_pitfall_38_a_missing_slice_is_told_and_the_others_stay(tmp_path: Path) -> None:
    export = placed()
    del export.objects["ct2.dcm"]
    found = surveyed(tmp_path, export)
    image = image_of(found)
    assert image.geometry.shape[0] == SLICES
    np.testing.assert_allclose(
        image.values, brightness(points_of_voxels(image)), atol=0.01
    )
    told = found_in(found, "image-uneven").message
    assert "slices are 4.00 mm apart" in told
    assert "8.00 mm from" in told
    assert "ct1.dcm to " in told
    assert "1 more image(s)" in found_in(found, "image-incomplete").message


def test_pitfall_38_spacing_is_not_averaged_over_many_missing_slices(
    tmp_path: Path,
) -> None:
    message = refused(tmp_path, placed(heights=(0.0, 4.0, 8.0, 20.0, 24.0)))
    assert "12.00 mm from" in message
    assert "Slices are missing or uneven; export the whole series" in message


def test_pitfall_38_rounded_positions_are_even(tmp_path: Path) -> None:
    export = placed(heights=(0.0, 3.3, 6.5, 9.8, 13.1))
    found = surveyed(tmp_path, export)
    assert image_of(found).geometry.spacing_mm[0] == pytest.approx(13.1 / 4)
    assert "image-uneven" not in codes(found)


def test_pitfall_39_slices_are_sorted_along_their_normal(tmp_path: Path) -> None:
    export = placed()
    for n, one in enumerate(slices_of(export)):
        one.InstanceNumber = (7 * n) % 5
        one.SliceThickness = 11.0
        one.SpacingBetweenSlices = -9.0
        one.SliceLocation = 100.0 - 3 * n
    image = planning_image(tmp_path, export)
    assert image.geometry.spacing_mm[0] == pytest.approx(4.0)
    np.testing.assert_allclose(image.values, brightness(points_of_voxels(image)))


# --- orientations ---------------------------------------------------------------------


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_every_orientation_shows_each_place_as_it_is(
    tmp_path: Path, orientation: str
) -> None:
    image = planning_image(tmp_path, placed(axes_of(orientation)))
    np.testing.assert_allclose(
        image.values, brightness(points_of_voxels(image)), atol=0.51
    )
    assert image.geometry.spacing_mm == pytest.approx((4.0, 3.0, 2.0))


@pytest.mark.parametrize("heights", [(0, 4, 8, 12, 16), (0, 4, 8, 16, 20)])
def test_oblique_series_keep_their_own_planes(
    tmp_path: Path, heights: tuple[float, ...]
) -> None:
    image = planning_image(tmp_path, placed(OBLIQUE, heights=heights))
    np.testing.assert_allclose(
        image.values, brightness(points_of_voxels(image)), atol=0.51
    )
    np.testing.assert_allclose(
        image.geometry.affine[:3, :3] / [4.0, 3.0, 2.0],
        OBLIQUE[:, [2, 1, 0]],
        atol=1e-6,
    )


def test_an_overview_in_the_series_is_set_aside(tmp_path: Path) -> None:
    export = placed()
    scout = deepcopy(export["ct0.dcm"])
    scout.SOPInstanceUID = "1.2.3.99"
    scout.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    scout.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    export.objects["scout.dcm"] = scout
    found = surveyed(tmp_path, export)
    assert image_of(found).geometry.shape[0] == SLICES
    assert codes(found) == []
    (row,) = [row for row in found.inputs if row.path.endswith("scout.dcm")]
    assert (row.status, row.reason) == (
        "ignored",
        "an overview (localizer), no slice of a volume",
    )


def test_mixed_orientations_are_refused_with_what_was_found(tmp_path: Path) -> None:
    export = placed()
    export["ct3.dcm"].ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    message = refused(tmp_path, export)
    assert "Image Orientation (Patient) (0020,0037)" in message
    assert "1 0 0 0 1 0 in 4, 0 1 0 0 0 -1 in 1 slice(s)" in message
    assert "Export the planning series alone" in message


def test_a_pixel_spacing_that_varies_is_refused(tmp_path: Path) -> None:
    export = placed()
    export["ct3.dcm"].PixelSpacing = [3.0, 2.5]
    message = refused(tmp_path, export)
    assert "Pixel Spacing (0028,0030): 3 2 in 4, 3 2.5 in 1" in message


def test_a_tilted_gantry_is_refused_with_its_shift(tmp_path: Path) -> None:
    export = placed()
    for n, one in enumerate(slices_of(export)):
        one.ImagePositionPatient = [-7.0, -8.0 + 0.5 * n, 4.0 * n]
    assert "beside one another, by 2.0 mm (tilted gantry)" in refused(tmp_path, export)


# --- several images in one series -----------------------------------------------------


@pytest.mark.parametrize(
    ("keyword", "values", "told"),
    [
        ("TemporalPositionIdentifier", (1, 2), "(0020,0100): 1, 2"),
        ("AcquisitionNumber", (1, 2), "Acquisition Number (0020,0012): 1, 2"),
        ("EchoTime", (4.6, 9.2), "Echo Time (0018,0081): 4.6, 9.2"),
        ("InstanceNumber", (1, 2), "no attribute tells why"),
    ],
)
def test_phases_in_one_series_are_refused_and_what_tells_them_apart_is_named(
    tmp_path: Path, keyword: str, values: tuple[float, float], told: str
) -> None:
    export = placed()
    for k, one in enumerate(slices_of(export)):
        again = deepcopy(one)
        again.SOPInstanceUID = f"1.2.3.{k}"
        setattr(one, keyword, values[0])
        setattr(again, keyword, values[1])
        export.objects[f"ct{k}b.dcm"] = again
    message = refused(tmp_path, export)
    assert told in message
    assert "5 such pairs" in message
    assert "export the planning image alone" in message


# --- values ---------------------------------------------------------------------------


def test_the_rescale_slope_of_each_slice_counts(tmp_path: Path) -> None:
    export = placed()
    as_modality(export, "PT")
    for k, one in enumerate(slices_of(export)):
        one.RescaleSlope, one.RescaleIntercept = 0.5 * (k + 1), 0
    image = planning_image(tmp_path, export)
    assert image.modality == "PT"
    slopes = 0.5 * (np.arange(SLICES) + 1.0)[:, None, None]
    expected = brightness(points_of_voxels(image)) * slopes
    np.testing.assert_allclose(image.values, expected, rtol=1e-6)


def test_hounsfield_units_do_not_depend_on_how_they_are_shown(tmp_path: Path) -> None:
    export = placed()
    for one in slices_of(export):
        one.PhotometricInterpretation = "MONOCHROME1"
    found = surveyed(tmp_path, export)
    image = image_of(found)
    np.testing.assert_allclose(image.values, brightness(points_of_voxels(image)))
    assert codes(found) == []


def test_an_inverted_mr_is_turned_round_and_told(tmp_path: Path) -> None:
    export = placed()
    as_modality(export, "MR")
    for one in slices_of(export):
        one.PhotometricInterpretation = "MONOCHROME1"
    found = surveyed(tmp_path, export)
    image = image_of(found)
    shown = brightness(points_of_voxels(image))
    np.testing.assert_allclose(image.values, shown.max() + shown.min() - shown)
    assert "(0028,0004) is MONOCHROME1" in only(found, "image-inverted").message


def test_slices_shown_in_two_ways_are_refused(tmp_path: Path) -> None:
    export = placed()
    export["ct1.dcm"].PhotometricInterpretation = "MONOCHROME1"
    assert "Photometric Interpretation (0028,0004)" in refused(tmp_path, export)


@pytest.mark.parametrize(
    "compression", ["RLE", "JPEG lossless", "JPEG 2000", "JPEG-LS"]
)
def test_compressed_slices_have_their_values(tmp_path: Path, compression: str) -> None:
    folder = written(tmp_path, placed()) / "c1"
    for path in sorted(folder.glob("ct*.dcm")):
        compress(path, compression)
    image = image_of(survey([tmp_path], SETTINGS))
    np.testing.assert_allclose(image.values, brightness(points_of_voxels(image)))


def compress(path: Path, compression: str) -> None:
    """Compress the pixels of a file by gdcm."""
    syntaxes = {
        "RLE": gdcm.TransferSyntax.RLELossless,
        "JPEG lossless": gdcm.TransferSyntax.JPEGLosslessProcess14_1,
        "JPEG 2000": gdcm.TransferSyntax.JPEG2000Lossless,
        "JPEG-LS": gdcm.TransferSyntax.JPEGLSLossless,
    }
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntaxes[compression]))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()


@pytest.mark.parametrize(
    "name",
    ["MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm"],
)
def test_packaged_compressed_slices_equal_the_plain_one(name: str) -> None:
    def stored(file: str) -> FloatArray:
        path = get_testdata_file(file, download=False)
        assert isinstance(path, str)
        found = found_file(Path(path))
        return np.asarray(stored_values(found.with_pixels(), file))

    np.testing.assert_array_equal(stored(name), stored("MR_small.dcm"))


# --- objects of several frames --------------------------------------------------------


@pytest.mark.parametrize("modality", ["CT", "MR", "PT"])
def test_enhanced_images_are_read_like_single_slices(
    tmp_path: Path, modality: str
) -> None:
    export = placed(OBLIQUE)
    enhanced(export, modality)
    found = surveyed(tmp_path, export)
    image = image_of(found)
    assert image.modality == modality
    assert image.geometry.shape[0] == SLICES
    np.testing.assert_allclose(
        image.values, brightness(points_of_voxels(image)), atol=0.51
    )
    (plan,) = found.trees[0].courses[0].children
    (node,) = plan.children[1].children
    assert node.label == f"{modality}, {SLICES} slice(s)"
    assert node.link == "by reference"
    assert "contours-other-planes" in codes(found)


def test_frames_are_sorted_by_their_positions(tmp_path: Path) -> None:
    export = placed(heights=(8.0, 0.0, 16.0, 4.0, 12.0))
    enhanced(export)
    found = surveyed(tmp_path, export)
    image = image_of(found)
    np.testing.assert_allclose(image.values, brightness(points_of_voxels(image)))
    assert codes(found) == []


def test_frames_have_their_own_rescale(tmp_path: Path) -> None:
    def scale(number: int, group: Dataset) -> None:
        (transformation,) = group.PixelValueTransformationSequence
        transformation.RescaleSlope = 2.0 + number
        transformation.RescaleIntercept = -1000.0 * number

    export = placed()
    enhanced(export, "PT", change=scale)
    image = planning_image(tmp_path, export)
    slope = np.arange(SLICES)[:, None, None]
    expected = brightness(points_of_voxels(image)) * (2.0 + slope) - 1000.0 * slope
    np.testing.assert_allclose(image.values, expected, rtol=1e-6)


def test_attributes_may_be_shared_or_those_of_the_frame(tmp_path: Path) -> None:
    def own(_: int, group: Dataset) -> None:
        group.PlaneOrientationSequence = [
            item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
        ]
        group.PixelMeasuresSequence = [item(PixelSpacing=[3.0, 2.0])]
        del group.PixelValueTransformationSequence

    export = placed()
    made = enhanced(export, change=own)
    transformation = item(RescaleSlope=3, RescaleIntercept=5)
    made.SharedFunctionalGroupsSequence = [
        item(PixelValueTransformationSequence=[transformation])
    ]
    image = planning_image(tmp_path, export)
    expected = brightness(points_of_voxels(image)) * 3 + 5
    np.testing.assert_allclose(image.values, expected, rtol=1e-6)


def test_uneven_frames_are_treated_like_uneven_slices(tmp_path: Path) -> None:
    export = placed(heights=(0.0, 3.0, 6.0, 12.0, 18.0))
    enhanced(export)
    found = surveyed(tmp_path, export)
    told = found_in(found, "image-uneven").message
    assert "frame 3 to enhanced CT" in told
    np.testing.assert_allclose(
        image_of(found).values, brightness(points_of_voxels(image_of(found))), atol=0.01
    )


def several(sequence: str, keyword: str, *values: object) -> Callable[..., None]:
    """Give the first frames another value of an attribute than the last ones."""

    def changed(number: int, group: Dataset) -> None:
        if sequence not in group:
            setattr(group, sequence, [item()])
        setattr(group[sequence].value[0], keyword, values[number > 2])

    return changed


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            several("FrameContentSequence", "StackID", "1", "2"),
            "2 values of Stack ID (0020,9056) (1, 2)",
        ),
        (
            several("FrameContentSequence", "TemporalPositionIndex", 1, 2),
            "Temporal Position Index (0020,9128) (1, 2)",
        ),
        (
            several("MREchoSequence", "EffectiveEchoTime", 5.0, 80.0),
            "Effective Echo Time (0018,9082) (5.0, 80.0)",
        ),
    ],
)
def test_frames_of_several_images_are_refused(
    tmp_path: Path, change: Callable[[int, Dataset], None], told: str
) -> None:
    export = placed()
    enhanced(export, "MR", change=change)
    message = refused(tmp_path, export)
    assert told in message
    assert "are several images. Export the planning image alone" in message


def test_frames_at_one_place_are_refused_and_told_apart(tmp_path: Path) -> None:
    export = placed(heights=(0.0, 4.0, 8.0, 8.0, 4.0))
    change = several("MRDiffusionSequence", "DiffusionBValue", 50.0, 800.0)
    enhanced(export, "MR", change=change)
    message = refused(tmp_path, export)
    assert "Diffusion b-value (0018,9087): 50.0, 800.0" in message
    assert "frame 2 and enhanced MR" in message


def without(sequence: str) -> Callable[[int, Dataset], None]:
    def changed(number: int, group: Dataset) -> None:
        if number == 3:
            delattr(group, sequence)

    return changed


def test_a_frame_without_position_is_refused_by_its_number(tmp_path: Path) -> None:
    export = placed()
    enhanced(export, change=without("PlanePositionSequence"))
    message = refused(tmp_path, export)
    assert "enhanced.dcm, frame 4: Image Position (Patient) (0020,0032)" in message
    assert "found nothing" in message


def test_frames_without_groups_are_refused(tmp_path: Path) -> None:
    export = placed()
    made = enhanced(export)
    made.PerFrameFunctionalGroupsSequence = made.PerFrameFunctionalGroupsSequence[:-1]
    message = refused(tmp_path, export)
    assert "each of the 5 frames of Number of Frames (0028,0008), found 4" in message
    del made.PerFrameFunctionalGroupsSequence
    message = refused(tmp_path, export)
    assert "(5200,9230), which places each frame, is absent" in message
