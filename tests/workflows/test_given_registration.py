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
