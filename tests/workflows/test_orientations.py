"""One patient stored in every orientation has one assessment."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread

from reirrad.core.courses import Course, Delivery
from reirrad.core.geometry import GridGeometry
from reirrad.core.transforms import RigidTransform
from reirrad.dicom.alterations import alter
from reirrad.dicom.write_reg import write_registration
from reirrad.phantoms.analytic import box_geometry, sampled_dose, sphere_dose
from reirrad.reports.json_document import assessment_json
from reirrad.workflows.assess import assess
from tests.dicom.pitfalls.encodings import ENCODINGS
from tests.workflows.exports import FEW_DRAWS, FRAMES, PATIENT, course, write_patient
from tests.workflows.stored_otherwise import POSITIONS, dose_in_planes, stored_along

pytestmark = pytest.mark.slow

LARGEST_DIFFERENCE = 0.001
ROUNDING = 1e-9
# Intervals over plausible registrations are estimates from few points. Which points
# these are hangs on the last digit of a dose: a thousandth of a Gy, cc or per cent.
ROUNDING_OF_DRAWS = 1e-3
SHIFT_MM = 15.0
CORONAL = (1, 0, 0, 0, 0, -1)
SAGITTAL = (0, 1, 0, 0, 0, -1)
ODDLY = (0, 0, 1, -1, 0, 0)
# Of the files, not of the patient.
NOT_COMPARED = {
    "created",
    "inputs",
    "links",
    "findings",
    "grid_spacing_mm",
    "spacing_mm",
}


def with_uneven_grid(one: Course, *, shift_mm: float) -> Course:
    """Another size and spacing along each axis, so that no two can be exchanged."""
    (target,) = [s for s in one.structures if s.name == "PTV"]
    centre = np.concatenate([c.points_mm for c in target.contours]).mean(axis=0)
    shift = np.array([shift_mm, 0.0, 0.0])
    geometry = box_geometry(
        shift - np.array([75.0, 80.0, 84.0]),
        shift + np.array([90.0, 88.0, 66.0]),
        spacing_mm=(5.0, 4.0, 3.0),
        frame_of_reference_uid=one.frame_of_reference_uid,
    )
    centre = np.array([round(float(v), 3) for v in centre])
    dose = sphere_dose(centre, radius_at={2.0: 40.0, one.prescription.dose_gy: 10.0})
    grid = sampled_dose(dose.at, geometry)
    return replace(one, deliveries=(Delivery((grid,), 5),), image=_cropped(one))


def _cropped(one: Course) -> Any:
    image = one.image
    assert image is not None
    values = image.values[2:, 1:-2, :-3]
    affine = image.geometry.affine.copy()
    affine[:3, 3] = image.geometry.points_mm([2, 1, 0])
    shape = (values.shape[0], values.shape[1], values.shape[2])
    geometry = GridGeometry(shape, affine, one.frame_of_reference_uid)
    return replace(image, values=np.ascontiguousarray(values), geometry=geometry)


@pytest.fixture(scope="module")
def courses() -> tuple[Course, Course]:
    first = with_uneven_grid(course(1, target_x=-20), shift_mm=0.0)
    second = course(2, target_x=20, offset_mm=SHIFT_MM)
    return first, with_uneven_grid(second, shift_mm=SHIFT_MM)


def written(folder: Path, courses: tuple[Course, Course], position: str) -> Path:
    write_patient(folder, *courses)
    for file in folder.rglob("*.dcm"):
        if dcmread(file, stop_before_pixels=True).Modality in {"MR", "RTDOSE"}:
            alter(file, {"PatientPosition": position})
    matrix = np.eye(4)
    matrix[0, 3] = SHIFT_MM
    shift = RigidTransform(matrix, FRAMES[1], FRAMES[2])
    write_registration(shift, folder, patient=PATIENT, day=date(2024, 3, 1))
    return folder


def assessed(folder: Path) -> Any:
    result = assess(
        [folder],
        settings=FEW_DRAWS,
        with_views=False,
        progress=lambda _: None,
    )
    return json.loads(assessment_json(result))


@pytest.fixture(scope="module")
def head_first_supine(
    courses: tuple[Course, Course], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    return assessed(written(tmp_path_factory.mktemp("hfs"), courses, "HFS"))


def differences(left: Any, right: Any, at: str = "") -> Iterator[str]:
    """Places where two documents say something else, numbers by more than 0.1 %."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted({*left, *right} - NOT_COMPARED):
            yield from differences(left.get(key), right.get(key), f"{at}.{key}")
    elif isinstance(left, list) and isinstance(right, list):
        for n, pair in enumerate(zip_longest(left, right)):
            yield from differences(*pair, f"{at}[{n}]")
    elif not same(left, right, at):
        yield f"{at}: {left!r} and {right!r}"


def same(left: Any, right: Any, at: str) -> bool:
    if isinstance(left, float | int) and isinstance(right, float | int):
        largest = max(abs(left), abs(right))
        drawn = at.startswith(".uncertainty")
        rounding = ROUNDING_OF_DRAWS if drawn else ROUNDING
        return abs(left - right) <= LARGEST_DIFFERENCE * largest + rounding
    return bool(left == right)


def everywhere(cosines: Any) -> Callable[[Course], Course]:
    return lambda one: stored_along(one, cosines)


def in_planes(cosines: Any) -> Callable[[Course], Course]:
    return lambda one: dose_in_planes(one, cosines)


@pytest.mark.parametrize(
    ("first", "second", "position"),
    [
        *(
            pytest.param(everywhere(axes), everywhere(axes), name, id=name)
            for name, axes in POSITIONS.items()
            if name != "HFS"
        ),
        pytest.param(
            everywhere(POSITIONS["HFS"]), everywhere(POSITIONS["FFP"]), "FFP", id="two"
        ),
        pytest.param(in_planes(CORONAL), in_planes(CORONAL), "HFS", id="coronal"),
        pytest.param(in_planes(SAGITTAL), in_planes(CORONAL), "HFS", id="sagittal"),
        pytest.param(in_planes(ODDLY), in_planes(SAGITTAL), "HFS", id="odd"),
    ],
)
def test_the_orientation_of_the_storage_changes_no_number(
    courses: tuple[Course, Course],
    tmp_path: Path,
    head_first_supine: Any,
    *,
    first: Callable[[Course], Course],
    second: Callable[[Course], Course],
    position: str,
) -> None:
    stored = first(courses[0]), second(courses[1])
    result = assessed(written(tmp_path, stored, position))
    assert list(differences(head_first_supine, result)) == []


def test_the_byte_order_changes_no_number(
    courses: tuple[Course, Course], tmp_path: Path, head_first_supine: Any
) -> None:
    folder = written(tmp_path, courses, "HFS")
    for file in folder.rglob("*.dcm"):
        file.write_bytes(ENCODINGS["big-endian"](dcmread(file)))
    result = assessed(folder)
    assert list(differences(head_first_supine, result)) == []


def test_a_difference_is_noticed(head_first_supine: Any) -> None:
    other = json.loads(json.dumps(head_first_supine))
    other["pairs"][0]["overlap"]["2Gy"]["organ_cc"] *= 1.0011
    assert len(list(differences(head_first_supine, other))) == 1


def test_the_patient_has_something_to_compare(head_first_supine: Any) -> None:
    (pair,) = head_first_supine["pairs"]
    assert pair["overlap"]["2Gy"]["organ_cc"] > 10.0
    assert len(head_first_supine["structures"]) >= 3
