from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reirrad.core.transforms import RigidTransform
from reirrad.errors import InputError
from reirrad.workflows.assess import related
from reirrad.workflows.case_settings import settings_of
from reirrad.workflows.case_versions import VersionOrder, assess_version
from reirrad.workflows.gather import gather
from reirrad.workflows.given_registration import known_transforms
from reirrad.workflows.place import PlacedPatient
from tests.workflows.exports import FRAMES, course, write_patient

MOVED = np.eye(4)
MOVED[0, 3] = -40.0
SWAPPED = {"start_date": {"PLAN1": "2030-01-01"}}


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two courses in two frames; the first lies 40 mm further along x."""
    return write_patient(
        tmp_path_factory.mktemp("received"),
        course(1, target_x=-20.0, offset_mm=40.0, start=date(2023, 3, 1)),
        course(2, target_x=20.0, start=date(2024, 3, 1)),
    )


def order(
    received: Path,
    out: Path,
    settings: Mapping[str, Any],
    frames: tuple[str, str] | None = (FRAMES[1], FRAMES[2]),
) -> VersionOrder:
    return VersionOrder(
        number=2,
        received=received,
        folder=out,
        settings=settings,
        matrix=MOVED.tolist(),
        frames=frames,
    )


def test_a_transform_is_used_between_its_own_frames(received: Path) -> None:
    given = RigidTransform(MOVED, FRAMES[1], FRAMES[2])
    _, patient = related(
        [received],
        settings=settings_of({}),
        registration=given,
        progress=lambda _: None,
    )
    (alignment,) = patient.alignments.values()
    assert alignment.summary.method == "given"
    np.testing.assert_array_equal(alignment.summary.matrix, MOVED)


def test_a_registration_is_not_applied_the_wrong_way_round(
    received: Path, tmp_path: Path
) -> None:
    changed = order(received, tmp_path / "2", SWAPPED)
    with pytest.raises(InputError, match="order of the courses was changed") as no:
        assess_version(changed, lambda _: None)
    assert FRAMES[1] in no.value.problems[0]
    assert not (tmp_path / "2").exists()


def test_a_matrix_without_frames_is_not_applied(received: Path, tmp_path: Path) -> None:
    unknown = order(received, tmp_path / "2", {}, None)
    with pytest.raises(InputError, match="which frames of reference"):
        assess_version(unknown, lambda _: None)


def with_matrix_file(
    received: Path, folder: Path, reference_course: int
) -> PlacedPatient:
    file = folder / "matrix.txt"
    np.savetxt(file, MOVED)
    _, patient = related(
        [received],
        settings=settings_of({}),
        registration=file,
        reference_course=reference_course,
        progress=lambda _: None,
    )
    return patient


def test_a_text_matrix_maps_an_earlier_course(received: Path, tmp_path: Path) -> None:
    (alignment,) = with_matrix_file(received, tmp_path, 2).alignments.values()
    assert alignment.summary.from_course == 1
    np.testing.assert_array_equal(alignment.summary.matrix, MOVED)


def test_a_text_matrix_is_not_applied_to_a_later_course(
    received: Path, tmp_path: Path
) -> None:
    """The same file would mean the opposite; a transform with frames is asked for."""
    with pytest.raises(InputError, match="course 2 is later than the reference") as no:
        with_matrix_file(received, tmp_path, 1)
    assert "--reference-course 2" in no.value.problems[0]
    _, patient = related(
        [received],
        settings=settings_of({}),
        registration=RigidTransform(MOVED, FRAMES[1], FRAMES[2]).inverse(),
        reference_course=1,
        progress=lambda _: None,
    )
    assert patient.alignments[2].summary.method == "given"


def test_a_frame_of_an_earlier_course_is_mapped_for_a_later_one_too(
    received: Path, tmp_path: Path
) -> None:
    """Courses 1 and 3 share a frame, so that the matrix maps course 3 as well."""
    file = tmp_path / "matrix.txt"
    np.savetxt(file, MOVED)
    courses = [
        course(1, target_x=0.0, frame="1.2.1"),
        course(2, target_x=0.0, frame="1.2.2"),
        course(3, target_x=0.0, frame="1.2.1"),
    ]
    known = known_transforms(gather([received], settings_of({})), courses, file)
    found = known(courses[2], courses[1])
    assert found is not None
    assert (found[0].from_frame, found[0].to_frame) == ("1.2.1", "1.2.2")
