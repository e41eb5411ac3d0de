import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from reirrad.core.drawn_planes import DrawnPlanes, planes_of
from reirrad.core.structures import Contour, Role, Structure
from reirrad.errors import InputError


def square(z: float, *, rise_mm: float = 0.0, half: float = 20.0) -> Contour:
    corners = [(-half, -half, z), (half, -half, z), (half, half, z), (-half, half, z)]
    points = np.array(corners)
    points[1:3, 2] += rise_mm
    return Contour(points)


def drawn(*contours: Contour, spacing_mm: float | None = 3.0) -> DrawnPlanes:
    structure = Structure(1, "organ", None, Role.ORGAN, contours, "1.1")
    return planes_of(structure, slice_spacing_mm=spacing_mm)


def codes(planes: DrawnPlanes) -> list[str]:
    return [remark.code for remark in planes.remarks]


@pytest.mark.parametrize(
    ("heights", "joined", "told"),
    [
        ([0, 3, 6, 9], [True, True, True], []),
        ([0, 3, 9, 12], [True, False, True], ["gap"]),
        ([0, 6], [False], ["gap"]),
        ([0, 6, 12], [True, True], ["skip-slices"]),
        ([0, 3, 6, 12, 18], [True, True, True, True], ["skip-slices"]),
        ([0, 9, 18], [False, False], ["gap"]),
        ([0, 9, 18, 27], [True, True, True], ["skip-slices"]),
        ([0, 4, 7, 10], [True, True, True], []),
        ([0, 3, 6, 15, 24, 33], [True] * 5, ["skip-slices"]),
        ([0, 9, 18, 27, 30, 33], [True] * 5, ["skip-slices"]),
        ([0, 3, 6, 9, 18, 27], [True, True, True, False, False], ["gap"]),
        ([0, 3, 6, 15, 18, 27, 30], [True, True, False, True, False, True], ["gap"]),
        ([0, 1, 2, 3, 6, 7, 8], [True] * 6, []),
        ([0, 1, 2, 3, 7, 8, 9], [True] * 3 + [False] + [True] * 2, ["gap"]),
    ],
)
def test_planes_are_joined_over_slices_or_a_distance_that_repeats(
    heights: list[float], joined: list[bool], told: list[str]
) -> None:
    planes = drawn(*[square(z) for z in heights])
    assert [plane.joined for plane in planes.planes[:-1]] == joined
    assert codes(planes) == told


def test_without_slices_the_contours_alone_decide() -> None:
    planes = drawn(*[square(z) for z in (0, 9, 18)], spacing_mm=None)
    assert [plane.joined for plane in planes.planes] == [True, True, False]
    assert planes.remarks == ()


def test_many_places_are_told_by_their_first() -> None:
    planes = drawn(*[square(float(z)) for k in range(6) for z in (20 * k, 20 * k + 3)])
    (gap,) = planes.remarks
    assert gap.text.startswith("no contour between 3.0 and 20.0 mm, between 23.0 and")
    assert "and 2 more" in gap.text


@pytest.mark.parametrize("tilted", [0, 1, 4])
def test_one_tilted_contour_tilts_no_other(tilted: int) -> None:
    contours = [square(3.0 * k) for k in range(5)]
    contours[tilted] = square(3.0 * tilted - 1.25, rise_mm=2.5, half=21.0)
    planes = drawn(*contours)
    np.testing.assert_allclose(planes.axes[2], [0, 0, 1], atol=1e-12)
    assert [plane.height_mm for plane in planes.planes] == pytest.approx(
        [0, 3, 6, 9, 12]
    )
    assert codes(planes) == ["flattened"]


def test_a_tilt_of_all_contours_is_a_direction_and_no_fault() -> None:
    rotation = Rotation.from_euler("xy", [30, 10], degrees=True).as_matrix()
    contours = [Contour(square(3.0 * k).points_mm @ rotation.T) for k in range(4)]
    planes = drawn(*contours)
    np.testing.assert_allclose(planes.axes[2], rotation[:, 2], atol=1e-12)
    assert planes.remarks == ()


@pytest.mark.parametrize(
    "contour",
    [
        pytest.param(square(3.0, rise_mm=3.5), id="by more than a slice"),
        pytest.param(square(3.0, rise_mm=2.5, half=1.0), id="steeply"),
    ],
)
def test_a_contour_in_another_direction_is_refused(contour: Contour) -> None:
    with pytest.raises(InputError, match="parallel planes"):
        drawn(square(0.0), contour, square(6.0))


def test_contours_of_both_senses_have_one_direction() -> None:
    reversed_one = Contour(square(3.0).points_mm[::-1])
    planes = drawn(square(0.0), reversed_one, square(6.0))
    np.testing.assert_allclose(planes.axes[2], [0, 0, 1], atol=1e-12)
