import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from reirrad.core.contour_findings import DrawnOn, contour_findings
from reirrad.core.findings import Finding
from reirrad.core.geometry import FloatArray
from reirrad.core.structures import Contour, Role, Structure
from reirrad.phantoms.analytic import box_geometry

AXIAL: FloatArray = np.eye(3)


def tube(
    x: float, heights: list[float], *, name: str = "organ", number: int = 1
) -> Structure:
    corners = [(x - 5, -5), (x + 5, -5), (x + 5, 5), (x - 5, 5)]
    contours = tuple(
        Contour(np.array([(u, v, z) for u, v in corners])) for z in heights
    )
    return Structure(number, name, None, Role.ORGAN, contours, "1.1")


def image(axes: FloatArray = AXIAL, *, on_slices: bool = True) -> DrawnOn:
    geometry = box_geometry(
        [-20, -20, -12],
        [20, 20, 12],
        spacing_mm=(3.0, 2.0, 2.0),
        frame_of_reference_uid="1.1",
        axes=axes,
    )
    return DrawnOn(geometry, on_slices)


def told(*structures: Structure, on: DrawnOn | None) -> list[Finding]:
    return contour_findings(structures, on, course=1, where="RTSTRUCT rs.dcm")


def slices(on: DrawnOn) -> list[float]:
    k = np.arange(on.geometry.shape[0])
    return list(on.geometry.points_mm(np.stack([k, k * 0, k * 0], axis=1))[:, 2])


def test_contours_on_the_slices_of_their_image_need_no_word() -> None:
    assert told(tube(0.0, slices(image())), on=image()) == []


def test_structures_without_image_are_not_compared_with_one() -> None:
    assert told(tube(0.0, [0.4, 3.4, 6.4]), on=None) == []


@pytest.mark.parametrize(("x", "percent"), [(18.0, "20.0"), (24.0, "80.0")])
def test_the_share_beyond_the_image_is_that_of_the_volume(
    x: float, percent: str
) -> None:
    # The image ends half a voxel beyond its last centres, at 21 mm.
    (finding,) = told(tube(x, slices(image())), on=image())
    assert finding.code == "contours-beyond-image"
    assert f"'organ' ({percent} %)" in finding.message


def test_the_share_beyond_a_turned_image_is_measured_in_its_box() -> None:
    axes = Rotation.from_euler("z", 45, degrees=True).as_matrix()
    wide = tube(0.0, slices(image()))
    corner = Structure(
        2,
        "wide",
        None,
        Role.ORGAN,
        tuple(Contour(c.points_mm * [4.2, 4.2, 1.0]) for c in wide.contours),
        "1.1",
    )
    (finding,) = told(corner, on=image(axes))
    # Two equal squares, one turned by 45 degrees, share an octagon.
    share = 100.0 * (1.0 - 2.0 * (np.sqrt(2.0) - 1.0))
    assert f"({share:.1f} %)" in finding.message


def test_structures_between_slices_are_told_together() -> None:
    heights = [z + 1.2 for z in slices(image())[:-1]]
    one, two = tube(0, heights), tube(0, heights, name="other", number=2)
    (finding,) = told(one, two, on=image())
    assert finding.code == "contours-between-slices"
    assert finding.message.endswith("'organ', 'other'.")
    assert told(one, two, on=image(on_slices=False)) == []


def test_parts_that_were_moved_onto_slices_are_not_used_where_they_lie() -> None:
    heights = slices(image())
    main, stray = tube(0.0, heights), tube(12.0, [z + 0.6 for z in heights[2:5]])
    both = Structure(
        1, "organ", None, Role.ORGAN, main.contours + stray.contours, "1.1"
    )
    (finding,) = told(both, on=image())
    assert finding.code == "contours-moved"
    assert finding.severity == "warning"
    assert "by up to 0.6 mm" in finding.message


def test_structures_in_other_planes_are_told() -> None:
    axes = Rotation.from_euler("x", 10, degrees=True).as_matrix()
    (finding,) = told(tube(0.0, [-3.0, 0.0, 3.0]), on=image(axes))
    assert finding.code == "contours-other-planes"


def test_a_structure_that_makes_no_volume_is_told_and_others_are_judged() -> None:
    line = Contour(np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]]))
    flat = Structure(2, "flat", None, Role.ORGAN, (line,), "1.1")
    codes = [one.code for one in told(flat, tube(40.0, [0.0, 3.0]), on=image())]
    assert codes == ["structure-unusable", "contours-beyond-image"]
