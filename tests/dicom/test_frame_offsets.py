from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.dicom.frame_offsets import plane_offsets_mm
from reirrad.dicom.plane import read_plane
from reirrad.errors import DicomError
from tests.dicom.exports import found_file, item

HEAD_FIRST_SUPINE = [1, 0, 0, 0, 1, 0]
FEET_FIRST_SUPINE = [-1, 0, 0, 0, 1, 0]


def offsets(vector: object, z: float, orientation: Sequence[float]) -> list[float]:
    dataset = item(
        ImagePositionPatient=[0.0, 0.0, z],
        ImageOrientationPatient=orientation,
        PixelSpacing=[1, 1],
        NumberOfFrames=3,
        GridFrameOffsetVector=vector,
    )
    plane = read_plane(dataset, "RTDOSE x")
    return [float(one) for one in plane_offsets_mm(dataset, plane, "RTDOSE x")]


@pytest.mark.parametrize(
    ("vector", "z", "orientation", "expected"),
    [
        pytest.param([0, 2, 4], 10, HEAD_FIRST_SUPINE, [0, 2, 4], id="relative"),
        pytest.param([0, -2, -4], 10, HEAD_FIRST_SUPINE, [0, -2, -4], id="descending"),
        pytest.param([10, 12, 14], 10, HEAD_FIRST_SUPINE, [0, 2, 4], id="absolute"),
        pytest.param([10, 8, 6], 10, HEAD_FIRST_SUPINE, [0, -2, -4], id="abs falling"),
        pytest.param([10, 8, 6], 10, FEET_FIRST_SUPINE, [0, 2, 4], id="abs feet first"),
        pytest.param([-10, -8, -6], 10, FEET_FIRST_SUPINE, [0, 2, 4], id="normal"),
        pytest.param([0, 2, 4], 10, FEET_FIRST_SUPINE, [0, 2, 4], id="rel feet first"),
        pytest.param([0, 2, 5], 10, HEAD_FIRST_SUPINE, [0, 2, 5], id="uneven"),
        pytest.param([10, 8, 3], 10, HEAD_FIRST_SUPINE, [0, -2, -7], id="abs uneven"),
    ],
)
def test_offsets_are_distances_along_the_normal(
    vector: list[float], z: float, orientation: Sequence[float], expected: list[float]
) -> None:
    assert offsets(vector, z, orientation) == expected


@pytest.mark.parametrize(
    ("vector", "message"),
    [
        pytest.param([5, 7, 9], "must begin with 0 or", id="neither"),
        pytest.param([0, 0, 0], "found 0 followed by 0", id="flat"),
        pytest.param([0, 4, 2], "found 4 followed by 2", id="turns back"),
        pytest.param([0, 2, 2.05], "found 2 followed by 2.05", id="plane twice"),
        pytest.param([0, 12, 14], "distances .* and coordinates are mixed", id="mixed"),
        pytest.param([0, 2], "found 2", id="too few"),
        pytest.param(None, "found nothing", id="absent"),
    ],
)
def test_a_vector_that_cannot_be_trusted_is_refused(
    vector: object, message: str
) -> None:
    with pytest.raises(DicomError, match=message):
        offsets(vector, 10, HEAD_FIRST_SUPINE)


@given(
    step=st.floats(0.5, 10).map(lambda v: round(v, 3)),
    z=st.floats(-500, 500).map(lambda v: round(v, 2)).filter(lambda v: abs(v) > 1),
    up=st.booleans(),
)
def test_relative_and_absolute_vectors_mean_the_same(
    step: float, z: float, *, up: bool
) -> None:
    steps = np.arange(3) * (step if up else -step)
    relative = offsets(steps.tolist(), z, HEAD_FIRST_SUPINE)
    absolute = offsets((steps + z).tolist(), z, HEAD_FIRST_SUPINE)
    assert relative == pytest.approx(absolute, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "axes"),
    [
        ("HFS", [(1, 0, 0), (0, 1, 0), (0, 0, 1)]),
        ("HFP", [(-1, 0, 0), (0, -1, 0), (0, 0, 1)]),
        ("HFDL", [(0, -1, 0), (1, 0, 0), (0, 0, 1)]),
        ("HFDR", [(0, 1, 0), (-1, 0, 0), (0, 0, 1)]),
        ("FFS", [(-1, 0, 0), (0, 1, 0), (0, 0, -1)]),
        ("FFP", [(1, 0, 0), (0, -1, 0), (0, 0, -1)]),
        ("FFDL", [(0, 1, 0), (1, 0, 0), (0, 0, -1)]),
        ("FFDR", [(0, -1, 0), (-1, 0, 0), (0, 0, -1)]),
    ],
)
def test_eight_patient_positions_keep_their_axes(
    shared: Path, name: str, axes: list[tuple[int, int, int]]
) -> None:
    file = shared / f"data/rtdose_oddities/RD.DICOMORIENT.Dose_{name}.dcm"
    dataset = found_file(file).dataset
    plane = read_plane(dataset, name)
    distances = plane_offsets_mm(dataset, plane, name)
    affine = plane.affine(float(distances[0]), float(distances[1]))
    i, j, k = (np.array(axis) * 2.0 for axis in axes)
    np.testing.assert_allclose(affine[:3, 2], i)
    np.testing.assert_allclose(affine[:3, 1], j)
    np.testing.assert_allclose(affine[:3, 0], k)
    np.testing.assert_allclose(affine[:3, 3], plane.origin_mm)
