import io
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from reirrad.core.assessment import StructureAssessment
from reirrad.core.planar_view import PlanarView
from reirrad.reports.curves import curve_pages
from reirrad.reports.figures import report_figures
from reirrad.reports.fusion import fusion_figure
from reirrad.reports.isodose_planes import planes_figure
from reirrad.reports.raster import (
    grey_window,
    pixel_centres_mm,
    visible_frame,
)
from tests.reports.specimens import (
    single_course,
    three_courses,
    two_courses,
    undetermined,
)


def labels(figure: Figure) -> set[str]:
    """Words of the figure's legend."""
    (legend,) = figure.legends
    return {text.get_text() for text in legend.get_texts()}


def written_on(figure: Figure, panel: int = 0) -> dict[str, tuple[float, float]]:
    """Texts of a panel with their positions in it."""
    return {text.get_text(): text.get_position() for text in figure.axes[panel].texts}


def axial() -> PlanarView:
    return two_courses().views[0]


def test_a_whole_assessment_gives_every_picture() -> None:
    assert list(report_figures(two_courses())) == ["planes", "fusion", "dvh-1"]


def test_pictures_that_cannot_be_drawn_are_absent() -> None:
    assert report_figures(single_course()) == {}
    assert "fusion" not in report_figures(undetermined())


def test_pictures_are_the_same_bytes_twice() -> None:
    assert report_figures(two_courses()) == report_figures(two_courses())


def test_pictures_carry_no_date_and_no_program() -> None:
    for png in report_figures(two_courses()).values():
        assert b"Software" not in png
        assert b"tIME" not in png


def test_isodose_levels_are_in_the_legend() -> None:
    assessment = two_courses()
    figure = planes_figure(assessment.views, pair=assessment.pairs[0], modality="CT")
    assert labels(figure) == {
        "Course 1: 2 Gy",
        "Course 1: 50 % = 25 Gy",
        "Course 2: 2 Gy",
        "Course 2: 50 % = 22.5 Gy",
        "Ov2Gy in Liver",
        "Ov50% in Liver",
        "Liver",
        "Targets",
    }


def test_a_withheld_pair_shows_no_overlap_even_where_doses_are_known() -> None:
    views = two_courses().views
    figure = planes_figure(views, pair=undetermined().pairs[0], modality="CT")
    assert not any(label.startswith("Ov") for label in labels(figure))


def test_every_earlier_course_of_a_united_pair_is_drawn() -> None:
    assessment = three_courses()
    figure = planes_figure(
        assessment.views, pair=assessment.united_pairs[0], modality="CT"
    )
    assert {f"Course {number}: 2 Gy" for number in (1, 2, 3)} <= labels(figure)


def test_without_a_pair_the_isodoses_are_still_drawn() -> None:
    figure = planes_figure([axial()], pair=None, modality="CT")
    assert "Course 1: 2 Gy" in labels(figure)


def test_letters_stand_at_the_patient_sides_of_each_plane() -> None:
    assessment = two_courses()
    figure = planes_figure(assessment.views, pair=None, modality="CT")
    expected = (
        {"R": (0, 0.5), "L": (1, 0.5), "A": (0.5, 1), "P": (0.5, 0)},
        {"A": (0, 0.5), "P": (1, 0.5), "S": (0.5, 1), "I": (0.5, 0)},
        {"R": (0, 0.5), "L": (1, 0.5), "S": (0.5, 1), "I": (0.5, 0)},
    )
    for panel, sides in enumerate(expected):
        found = written_on(figure, panel)
        for letter, place in sides.items():
            assert found[letter] == pytest.approx(place, abs=0.03)


def test_letters_follow_a_view_that_is_seen_from_the_other_side() -> None:
    left, right, bottom, top = axial().extent_mm
    mirrored = replace(axial(), extent_mm=(right, left, top, bottom))
    found = written_on(planes_figure([mirrored], pair=None, modality="CT"))
    assert found["L"][0] < found["R"][0]
    assert found["P"][1] > found["A"][1]


@pytest.mark.parametrize("flip", [False, True], ids=["as seen", "mirrored"])
def test_an_isodose_lies_where_arithmetic_says(flip: bool) -> None:  # noqa: FBT001
    view = axial()
    left, right, bottom, top = view.extent_mm
    if flip:
        view = replace(view, extent_mm=(right, left, top, bottom))
    across, down = pixel_centres_mm(view)
    # dose falls by 1 Gy for each 10 mm from a point at the left front of the patient
    distance = np.hypot(across[np.newaxis, :] - 50.0, down[:, np.newaxis] + 30.0)
    dose = (10.0 - distance / 10.0).astype(np.float32)
    view = replace(
        view,
        doses_gy={1: dose},
        isodoses_gy={1: {"2Gy": 8.0}},
        structures={},
        roles={},
    )
    figure = planes_figure([view], pair=None, modality="CT")
    (lines,) = figure.axes[0].collections
    (path,) = lines.get_paths()
    vertices = np.asarray(path.vertices, dtype=np.float64)
    radii = np.hypot(vertices[:, 0] - 50.0, vertices[:, 1] + 30.0)
    assert radii == pytest.approx(np.full(len(radii), 20.0), abs=0.1)


def test_the_overlap_is_filled_inside_the_organ_only() -> None:
    assessment = two_courses()
    figure = planes_figure([axial()], pair=assessment.pairs[0], modality="CT")
    (path,) = figure.axes[0].collections[0].get_paths()
    filled = np.asarray(path.vertices, dtype=np.float64)
    # the liver of the specimen is an ellipse about (-60, -5)
    assert np.all(
        ((filled[:, 0] + 60) / 88) ** 2 + ((filled[:, 1] + 5) / 78) ** 2 < 1.02
    )


def test_a_level_that_is_nowhere_reached_draws_no_line() -> None:
    view = replace(axial(), structures={}, roles={}, isodoses_gy={1: {"2Gy": 999.0}})
    figure = planes_figure([view], pair=None, modality="CT")
    assert len(figure.axes[0].collections) == 0


def test_doses_unknown_outside_their_grid_are_drawn_without_complaint() -> None:
    view = axial()
    hidden = {n: np.where(dose > 1, dose, np.nan) for n, dose in view.doses_gy.items()}
    assessment = replace(two_courses(), views=(replace(view, doses_gy=hidden),))
    assert "planes" in report_figures(assessment)


def test_the_frame_keeps_its_direction_and_holds_what_is_wanted() -> None:
    view = axial()
    wanted = np.zeros(view.image.shape, dtype=bool)
    wanted[60:70, 80:90] = True
    left, right, bottom, top = visible_frame(view, wanted)
    across, down = pixel_centres_mm(view)
    assert left < across[80] < across[89] < right
    assert top < down[60] < down[69] < bottom


def test_nothing_wanted_shows_everything() -> None:
    view = axial()
    nothing = np.zeros(view.image.shape, dtype=bool)
    assert visible_frame(view, nothing) == view.extent_mm


def test_grey_windows() -> None:
    nothing = np.full((3, 3), np.nan, dtype=np.float32)
    flat = np.ones((3, 3), dtype=np.float32)
    assert grey_window(nothing) == (0.0, 1.0)
    assert grey_window(flat) == (1.0, 2.0)
    assert grey_window(flat, "CT") == (-160.0, 240.0)


def test_fused_pictures_are_grey_where_the_images_agree() -> None:
    view = replace(axial(), other_image=axial().image)
    figure = fusion_figure([view], modality="CT", other_modality="CT")
    fused = np.asarray(figure.axes[0].images[0].get_array())
    assert np.array_equal(fused[..., 0], fused[..., 1])


def test_fused_pictures_are_red_where_only_the_reference_is_bright() -> None:
    view = replace(axial(), other_image=np.full_like(axial().image, -1000.0))
    figure = fusion_figure([view], modality="CT", other_modality="CT")
    fused = np.asarray(figure.axes[0].images[0].get_array())
    assert fused[..., 0].max() > 0.5
    assert fused[..., 1].max() == 0.0


def named(name: str) -> StructureAssessment:
    return replace(two_courses().structures[0], name=name)


def test_curves_are_dashed_for_courses_and_solid_for_the_sum() -> None:
    (page,) = curve_pages([named("Liver")])
    styles = [line.get_linestyle() for line in page.axes[0].lines]
    assert styles == ["--", "--", "-"]
    assert labels(page) == {"Course 1", "Course 2", "Cumulative"}


def test_many_structures_fill_several_pages() -> None:
    pages = curve_pages([named(f"Organ {number}") for number in range(13)])
    assert len(pages) == 2


def test_structures_without_curves_and_the_body_get_no_panel() -> None:
    assert curve_pages([replace(named("Liver"), curves=())]) == []
    assert curve_pages([replace(named("Body"), role="EXTERNAL")]) == []


def test_a_name_with_dollars_is_not_taken_for_mathematics() -> None:
    assessment = two_courses()
    odd = replace(assessment, structures=(named("$\\frac{$ 肝"),))
    png = report_figures(odd)["dvh-1"]
    assert imread(io.BytesIO(png)).shape[2] == 4
