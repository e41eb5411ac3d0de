import numpy as np
import numpy.typing as npt
import pytest

from reirrad.core.distances import LocatedSolid, located, separation
from reirrad.core.sections import sections_of
from reirrad.core.structures import Contour
from reirrad.errors import FrameMismatchError
from reirrad.phantoms.analytic import (
    SliceStack,
    analytic_structure,
    cylinder_contours,
    sphere_contours,
)
from reirrad.phantoms.closed_forms import lens_volume_cc

TOLERANCE_MM = 0.5


def solid(contours: tuple[Contour, ...], frame: str = "1") -> LocatedSolid:
    structure = analytic_structure("one", contours, frame_of_reference_uid=frame)
    return located(structure, sections_of(structure, slice_spacing_mm=3.0))


def ball(
    centre_mm: npt.ArrayLike,
    radius_mm: float,
    *,
    slices: SliceStack | None = None,
    frame: str = "1",
) -> LocatedSolid:
    stack = slices or SliceStack(spacing_mm=3.0, offset_mm=0.7)
    return solid(sphere_contours(centre_mm, radius_mm, slices=stack), frame)


def box(low_mm: npt.ArrayLike, high_mm: npt.ArrayLike) -> LocatedSolid:
    """Its height is a whole number of slices of 3 mm."""
    low, high = np.asarray(low_mm, dtype=float), np.asarray(high_mm, dtype=float)
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    return solid(
        tuple(
            Contour(
                np.array(
                    [((low, high)[i][0], (low, high)[j][1], height) for i, j in corners]
                )
            )
            for height in np.arange(low[2] + 1.5, high[2], 3.0)
        )
    )


@pytest.mark.parametrize("gap_mm", [0.2, 1.0, 4.0, 35.0])
@pytest.mark.parametrize(
    "direction", [[1, 0, 0], [0, 0, 1], [1, 2, 2], [-3, 1, -8]], ids=str
)
def test_balls_on_thick_slices(direction: list[int], gap_mm: float) -> None:
    along = np.array(direction) / np.linalg.norm(direction)
    second = along * (18.0 + 11.0 + gap_mm)
    found = separation(ball([0, 0, 0], 18.0), ball(second, 11.0))
    assert found.distance_mm == pytest.approx(gap_mm, abs=0.15)
    assert found.shared_cc == 0.0
    # The points may slide along the surfaces; their distance is the one given.
    ends = np.array([found.first_point_mm, found.second_point_mm])
    assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(found.distance_mm)
    assert np.linalg.norm(ends[0]) == pytest.approx(18.0, abs=TOLERANCE_MM)
    assert np.linalg.norm(ends[1] - second) == pytest.approx(11.0, abs=TOLERANCE_MM)


def test_both_ways_alike() -> None:
    one, two = ball([0, 0, 0], 20.0), ball([31, 20, 9], 8.0)
    there, back = separation(one, two), separation(two, one)
    assert there.distance_mm == pytest.approx(back.distance_mm, abs=0.15)


@pytest.mark.parametrize(
    ("low", "high", "expected_mm"),
    [
        ([33, 0, 0], [50, 30, 30], 3.0),
        ([0, 0, 36], [30, 30, 60], 6.0),
        ([34, 33, 0], [50, 50, 30], 5.0),
        ([40, 40, 39], [60, 60, 60], np.sqrt(10**2 + 10**2 + 9**2)),
    ],
    ids=["face", "along the normal", "edge", "corner"],
)
def test_boxes(low: list[float], high: list[float], expected_mm: float) -> None:
    found = separation(box([0, 0, 0], [30, 30, 30]), box(low, high))
    assert found.distance_mm == pytest.approx(expected_mm, abs=TOLERANCE_MM)


def test_boxes_that_share_a_face_touch() -> None:
    found = separation(box([0, 0, 0], [30, 30, 30]), box([30, 0, 0], [50, 30, 30]))
    assert found.distance_mm == 0.0
    assert found.shared_cc == 0.0
    assert found.first_point_mm[0] == pytest.approx(30.0, abs=0.05)


@pytest.mark.parametrize("between_mm", [28.5, 22.0, 12.0])
def test_what_overlapping_balls_share(between_mm: float) -> None:
    found = separation(ball([0, 0, 0], 18.0), ball([between_mm, 0, 0], 11.0))
    shared = lens_volume_cc(18.0, 11.0, distance_mm=between_mm)
    assert found.distance_mm == 0.0
    assert found.shared_cc == pytest.approx(shared, rel=0.03, abs=0.01)
    assert found.first_point_mm == found.second_point_mm
    point = np.array(found.first_point_mm)
    assert np.linalg.norm(point) <= 18.0 + TOLERANCE_MM
    assert np.linalg.norm(point - [between_mm, 0, 0]) <= 11.0 + TOLERANCE_MM


def test_a_target_inside_an_organ_shares_all_of_itself() -> None:
    inner, outer = ball([4, 3, 2], 9.0), ball([0, 0, 0], 60.0)
    for found in (separation(inner, outer), separation(outer, inner)):
        assert found.distance_mm == 0.0
        assert found.shared_cc == pytest.approx(inner.sections.volume_cc, rel=1e-3)


def test_slices_of_other_directions() -> None:
    """A structure carried over from another course has tilted slices."""
    angle = np.deg2rad(25.0)
    turn = np.array(
        [
            [np.cos(angle), 0.0, np.sin(angle)],
            [0.0, 1.0, 0.0],
            [-np.sin(angle), 0.0, np.cos(angle)],
        ]
    )
    tilted = SliceStack(spacing_mm=2.5, offset_mm=0.4, axes=turn)
    found = separation(ball([0, 0, 0], 20.0), ball([12, -9, 36], 10.0, slices=tilted))
    assert found.distance_mm == pytest.approx(np.hypot(15.0, 36.0) - 30.0, abs=0.3)


def test_a_thin_vessel_is_not_missed() -> None:
    vessel = solid(
        cylinder_contours(
            [25.0, 0.3, 0.0], 1.2, length_mm=120.0, slices=SliceStack(spacing_mm=3.0)
        )
    )
    found = separation(ball([0, 0, 0], 18.0), vessel)
    expected = np.hypot(25.0, 0.3) - 18.0 - 1.2
    assert found.distance_mm == pytest.approx(expected, abs=0.3)


def test_another_frame_is_refused() -> None:
    with pytest.raises(FrameMismatchError):
        separation(ball([0, 0, 0], 10.0), ball([30, 0, 0], 10.0, frame="2"))
