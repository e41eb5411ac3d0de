import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pydicom
import pytest
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.core.transforms import RigidTransform
from reirrad.errors import RegistrationError
from reirrad.phantoms.mr_pair import mr_pair, rigid_move
from reirrad.registration.rigid import register_rigid
from reirrad.registration.similarity import image_agreement
from tests.registration.abdomen import View, abdomen, liver_points, matrix, moved

STILL = np.eye(4)
FAR = matrix((40.0, -20.0, 40.0), (15.0, 0.0, 0.0))
SKEW = matrix((-35.0, 25.0, -42.0), (-9.0, 9.0, 8.0))
WIDE = View()
HIGH = View(size_mm=(170.0, 250.0, 340.0), centre_mm=(-10.0, 0.0, 35.0))


def found_and_errors(
    fixed_view: View, moving_view: View, move: FloatArray, *, focus: bool
) -> tuple[RigidTransform, FloatArray]:
    """The transform, and its errors at points in the liver in mm."""
    fixed = abdomen(fixed_view, moved_by=STILL, frame="1.1")
    moving = abdomen(replace(moving_view, seed=2), moved_by=move, frame="1.2")
    points = liver_points()
    found = register_rigid(
        fixed,
        moving,
        fixed_focus_mm=points if focus else None,
        moving_focus_mm=moved(points, move) if focus else None,
    )
    return found, np.linalg.norm(found.apply(moved(points, move)) - points, axis=1)


def test_the_transform_leads_from_the_moving_frame_into_the_fixed_one() -> None:
    coarse = replace(WIDE, spacing_mm=(5.0, 5.0, 5.0))
    move = matrix((8.0, -5.0, 6.0), (2.0, 0.0, -1.0))
    found, errors_mm = found_and_errors(coarse, coarse, move, focus=False)
    assert (found.from_frame, found.to_frame) == ("1.2", "1.1")
    assert errors_mm.mean() < 0.4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("left", "right", "limit_mm"),
    [("CT", "CT", 0.3), ("MR", "MR", 0.3), ("MR", "T2", 0.4), ("CT", "MR", 0.4)],
)
@pytest.mark.parametrize(
    ("moving_view", "move", "focus"),
    [
        pytest.param(WIDE, FAR, True, id="60 mm, 15 degrees, organ known"),
        pytest.param(HIGH, SKEW, False, id="skew, other field of view"),
    ],
)
def test_a_far_start_bias_and_another_field_of_view_are_overcome(
    left: str,
    right: str,
    *,
    limit_mm: float,
    moving_view: View,
    move: FloatArray,
    focus: bool,
) -> None:
    fixed = replace(WIDE, contrast=left, bias=0.5 * (left != "CT"))
    moving = replace(
        moving_view, contrast=right, bias=-0.5 * (right != "CT"), couch=right == "CT"
    )
    _, errors_mm = found_and_errors(fixed, moving, move, focus=focus)
    assert errors_mm.mean() < limit_mm
    assert errors_mm.max() < 0.5


def test_progress_is_told_in_words() -> None:
    image = abdomen(
        replace(WIDE, spacing_mm=(6.0, 6.0, 6.0)), moved_by=STILL, frame="1.1"
    )
    told: list[str] = []
    register_rigid(image, image, progress=told.append)
    assert told[0] == "finding the body in both planning images"
    assert told == [
        "finding the body in both planning images",
        "searching for a start",
        "refining",
    ]


REPEAT = """
import os
import sys
import numpy as np
from tests.registration.abdomen import View, abdomen, matrix
from reirrad.registration.rigid import register_rigid
if len(sys.argv) > 2:
    os.cpu_count = lambda: int(sys.argv[2])
view = View(contrast="CT", spacing_mm=(5.0, 5.0, 5.0))
other = View(contrast=sys.argv[1], spacing_mm=(5.0, 5.0, 5.0), seed=2)
move = matrix((20.0, -15.0, 18.0), (6.0, -3.0, 4.0))
found = register_rigid(
    abdomen(view, moved_by=np.eye(4), frame="1"),
    abdomen(other, moved_by=move, frame="2"),
)
print(found.matrix.tobytes().hex())
"""


@pytest.mark.slow
@pytest.mark.parametrize("contrast", ["CT", "MR"])
def test_other_processes_and_numbers_of_threads_give_the_same_bits(
    contrast: str,
) -> None:
    root = Path(__file__).parents[2]
    answers = {
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", REPEAT, contrast, *threads],
            capture_output=True,
            check=True,
            cwd=root,
            text=True,
        ).stdout
        for threads in ((), ("1",), ("3",))
    }
    assert len(answers) == 1
    assert len(answers.pop().strip()) == 16 * 16


def test_a_constant_image_is_refused() -> None:
    image = abdomen(
        replace(WIDE, spacing_mm=(6.0, 6.0, 6.0)), moved_by=STILL, frame="1.1"
    )
    flat = replace(image, values=np.zeros_like(image.values))
    with pytest.raises(RegistrationError, match="The moving image has the same value"):
        register_rigid(image, flat)


def test_bodies_that_cannot_lie_on_one_another_are_refused() -> None:
    plate, rod = (np.full((40, 40, 40), -1000.0, dtype=np.float32) for _ in "ab")
    plate[17:23, 4:36, 4:36] = 0.0
    rod[:, 14:26, 14:26] = 0.0
    geometry = GridGeometry((40, 40, 40), np.diag([6.0, 6.0, 6.0, 1.0]), "1")
    with pytest.raises(RegistrationError, match=r"as much as a quarter|agree"):
        register_rigid(Image(plate, geometry, "CT"), Image(rod, geometry, "CT"))


def turned(degrees: float, axis: tuple[float, float, float]) -> FloatArray:
    result = np.eye(4)
    direction = np.array(axis) / np.linalg.norm(axis)
    rotation = Rotation.from_rotvec(np.radians(degrees) * direction)
    result[:3, :3] = rotation.as_matrix()
    return result


@pytest.mark.slow
@pytest.mark.parametrize(("left", "right"), [("CT", "CT"), ("MR", "MR"), ("CT", "MR")])
@pytest.mark.parametrize("mm", [30.0, 60.0, 90.0, 150.0])
@pytest.mark.parametrize(
    ("degrees", "axis"),
    [
        (15.0, (1.0, 0.0, 0.0)),
        (15.0, (-1.0, 1.0, 1.0)),
        (25.0, (0.0, 1.0, -0.3)),
        (40.0, (0.2, 0.1, 1.0)),
    ],
)
def test_within_and_beyond_the_capture_range_it_is_right_or_says_so(
    left: str,
    right: str,
    mm: float,
    degrees: float,
    axis: tuple[float, float, float],
) -> None:
    fixed, moving = (
        coarse_abdomen(contrast, bias, seed)
        for contrast, bias, seed in ((left, 0.4, 1), (right, -0.4, 2))
    )
    move = turned(degrees, axis)
    move[:3, 3] = mm * np.array(axis)[::-1] / np.linalg.norm(axis)
    affine = np.asarray(move @ moving.geometry.affine)
    elsewhere = replace(moving, geometry=replace(moving.geometry, affine=affine))
    try:
        found = register_rigid(fixed, elsewhere)
    except RegistrationError:
        assert mm > 60.0 or degrees > 15.0
        return
    points = liver_points()
    error = np.linalg.norm(found.apply(moved(points, move)) - points, axis=1)
    assert error.mean() < 0.5


@cache
def coarse_abdomen(contrast: str, bias: float, seed: int) -> Image:
    view = View(
        contrast, spacing_mm=(4.0, 4.0, 4.0), bias=bias * (contrast != "CT"), seed=seed
    )
    return abdomen(view, moved_by=STILL, frame=f"1.{seed}")


@pytest.mark.slow
def test_breathing_bias_and_another_field_of_view_are_overcome() -> None:
    move = rigid_move(shift_mm=(-35.0, 25.0, -42.0), degrees=(-9.0, 9.0, 8.0))
    pair = mr_pair(3, move=move, spacing_mm=(3.0, 3.0, 3.0))
    organ = pair.liver_mm
    for focus in (True, False):
        found = register_rigid(
            pair.fixed,
            pair.moving,
            fixed_focus_mm=organ if focus else None,
            moving_focus_mm=moved(organ, move) if focus else None,
        )
        error_mm = pair.errors_mm(found)
        assert error_mm.mean() < 0.15
        assert error_mm.max() < 0.3


@pytest.mark.slow
def test_another_patient_a_mirrored_and_a_turned_one_are_refused() -> None:
    fixed = coarse_abdomen("CT", 0.4, 1)
    mirrored = replace(fixed, values=np.ascontiguousarray(fixed.values[::-1]))
    feet_first = np.diag([-1.0, 1.0, -1.0, 1.0]) @ fixed.geometry.affine
    for other in (
        mirrored,
        replace(fixed, geometry=replace(fixed.geometry, affine=feet_first)),
    ):
        with pytest.raises(
            RegistrationError, match=r"\d+ % of \d+ landmarks in .* are found again"
        ):
            register_rigid(fixed, other)


def test_noise_in_the_shape_of_a_body_is_refused() -> None:
    fixed = abdomen(
        replace(WIDE, spacing_mm=(6.0, 6.0, 6.0)), moved_by=STILL, frame="1.1"
    )
    random = np.random.default_rng(4)
    noise = np.where(
        fixed.values > -300.0, random.normal(0.0, 60.0, fixed.values.shape), -1000.0
    )
    with pytest.raises(RegistrationError, match="are found again"):
        register_rigid(fixed, replace(fixed, values=noise.astype(np.float32)))


def ct_series(folder: Path) -> Image:
    slices = [pydicom.dcmread(path) for path in folder.glob("*.dcm")]
    slices.sort(key=lambda one: float(one.ImagePositionPatient[2]))
    values = np.stack(
        [
            one.pixel_array * float(one.RescaleSlope) + float(one.RescaleIntercept)
            for one in slices
        ]
    )
    first, last = (
        np.array(one.ImagePositionPatient, dtype=np.float64)
        for one in (slices[0], slices[-1])
    )
    orientation = np.array(slices[0].ImageOrientationPatient, dtype=np.float64)
    between_rows, between_columns = (float(v) for v in slices[0].PixelSpacing)
    affine = np.eye(4)
    affine[:3, 0] = (last - first) / (len(slices) - 1)
    affine[:3, 1] = orientation[3:] * between_rows
    affine[:3, 2] = orientation[:3] * between_columns
    affine[:3, 3] = first
    nk, nj, ni = values.shape
    geometry = GridGeometry((nk, nj, ni), affine, slices[0].FrameOfReferenceUID)
    return Image(values.astype(np.float32), geometry, "CT")


def contour_points(path: Path, name: str) -> FloatArray:
    dataset = pydicom.dcmread(path)
    number = next(
        roi.ROINumber for roi in dataset.StructureSetROISequence if roi.ROIName == name
    )
    points = [
        np.array(contour.ContourData, dtype=np.float64).reshape(-1, 3)
        for roi in dataset.ROIContourSequence
        if roi.ReferencedROINumber == number
        for contour in roi.ContourSequence
    ]
    return np.concatenate(points)


@pytest.mark.slow
@pytest.mark.reference
@pytest.mark.parametrize(("swapped", "focus"), [(False, True), (True, False)])
def test_the_real_abdomen_is_registered_within_a_tenth_of_a_millimetre_in_the_liver(
    shared: Path, *, focus: bool, swapped: bool
) -> None:
    case = shared / "data" / "liver_ct_two_course"
    truth = np.array(
        json.loads((case / "truth.json").read_text())["matrix_course1_to_course2"]
    )
    courses = ["course1", "course2"]
    if swapped:
        courses, truth = courses[::-1], np.linalg.inv(truth)
    moving, fixed = (ct_series(case / course / "CT") for course in courses)
    livers = [contour_points(case / c / "RT" / "RS.dcm", "LIVER") for c in courses]

    found = register_rigid(
        fixed,
        moving,
        fixed_focus_mm=livers[1] if focus else None,
        moving_focus_mm=livers[0] if focus else None,
    )

    error = np.linalg.norm(found.apply(livers[0]) - moved(livers[0], truth), axis=1)
    assert error.max() < 0.15
    assert error.mean() < 0.1
    agreement = image_agreement(fixed, moving, found, fixed_focus_mm=livers[1])
    assert agreement.after > 0.6 > agreement.before
    assert agreement.overlap_percent > 95.0
