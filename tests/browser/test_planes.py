"""The three planes show the specimen where arithmetic puts it."""

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import watched_page
from tests.browser.pictures import AXES, drawn, near_colour, picture, placed_plane
from tests.browser.served_case import case_files, serving
from tests.browser.specimens import (
    DOSE_GRID,
    DOSES,
    GREYS_HU,
    IMAGE_GRID,
    MARKERS,
    PAGE,
    grid_axis,
    packed_case,
)

pytestmark = pytest.mark.slow

Point = tuple[float, float, float]
PINK, YELLOW, LILAC = "#ff6be6", "#ffe14d", "#d7b8ff"
BARE = """() => {
  view.setAdjustment(null);
  view.setTool("cross-hair");
  view.set({fusion: "one", image: "C2", other: "C1", wash: "off", lines: false,
    hatch: false, outlines: false, full: null, hidden: [], blend: 0.5, tile_mm: 30,
    levels: start.levels.map((one) => ({...one, label: ""})),
    overlaps: start.overlaps, windows: start.windows, flicker_other: false});
}"""
IDENTITY = np.eye(4)


@pytest.fixture(scope="module")
def opened(browser: Browser) -> Iterator[Page]:
    with (
        serving(case_files(*packed_case(), PAGE)) as address,
        watched_page(browser) as page,
    ):
        page.goto(f"{address}/?native")
        page.wait_for_selector("[data-opened-ms]")
        page.evaluate("() => { window.start = structuredClone(view.state); }")
        yield page


@pytest.fixture
def case(opened: Page) -> Page:
    """The case with nothing over the image of course 2, as it was at the start."""
    opened.emulate_media(reduced_motion="no-preference")
    opened.mouse.move(5, 5)
    opened.focus("[data-plane=axial]")
    opened.keyboard.press("Home")
    drawn(opened, BARE)
    return opened


def _go(page: Page, point: Point) -> None:
    drawn(page, "(p) => view.moveTo({x: p[0], y: p[1], z: p[2]})", point)


def _show(page: Page, change: dict[str, Any]) -> None:
    drawn(page, "(change) => view.set(change)", change)


def _grey(page: Page, plane: str, point: Point) -> float:
    pixels = picture(page, plane)
    column, row = placed_plane(plane, pixels.shape).pixel(point)
    return float(pixels[int(row), int(column)].mean())


def _window_grey(hu: float) -> float:
    return (hu + 160.0) / 400.0 * 255.0


def _marker_middle(course: int) -> Point:
    """Middle of the voxels in the marker."""
    middle = []
    for axis in range(3):
        positions = grid_axis(IMAGE_GRID, axis)
        low, high = MARKERS[course][2 * axis : 2 * axis + 2]
        middle.append(float(positions[(positions >= low) & (positions <= high)].mean()))
    return (middle[0], middle[1], middle[2])


def _radius_mm(
    course: int, gy: float, *, centre: Point, plane: str, at: Point
) -> float:
    """Radius of the isodose circle in the plane through a point."""
    _, highest_gy, sigma_mm = DOSES[course]
    w = AXES[plane][2]
    squared = 2.0 * sigma_mm**2 * math.log(highest_gy / gy) - (at[w] - centre[w]) ** 2
    return math.sqrt(squared)


def _worst_error_px(
    page: Page, plane: str, colour: str, *, circle: tuple[Point, float]
) -> float:
    """Largest distance of a line, in 36 directions, from the circle of arithmetic."""
    pixels = picture(page, plane)
    placed = placed_plane(plane, pixels.shape)
    centre, radius_mm = circle
    radius = radius_mm * placed.px_per_mm
    rows, columns = np.nonzero(near_colour(pixels, colour))
    across, down = np.stack([columns, rows]) + 0.5 - placed.pixel(centre)[:, None]
    distance = np.hypot(across, down) - radius
    sector = np.floor(np.degrees(np.arctan2(down, across)) / 10.0)
    parts = [distance[(np.abs(distance) < 4.0) & (sector == s)] for s in range(-18, 18)]
    assert all(part.size > 0 for part in parts), "no line in one of the directions"
    return max(abs(float(part.mean())) for part in parts)


@pytest.mark.parametrize("plane", AXES)
def test_right_anterior_and_head_are_where_the_letters_say(
    case: Page, plane: str
) -> None:
    middle = _marker_middle(2)
    _go(case, middle)
    pixels = picture(case, plane)
    placed = placed_plane(plane, pixels.shape)
    rows, columns = np.nonzero(pixels.min(axis=-1) > 230)
    drawn_at = np.array([columns.mean(), rows.mean()]) + 0.5
    # Half a pixel and the cross-hair that covers a line of the box.
    assert np.abs(drawn_at - placed.pixel(middle)).max() < 1.5
    # Right or anterior is at the left of the screen, anterior or head at its top.
    assert drawn_at[0] < placed.centre_px[0]
    assert drawn_at[1] < placed.centre_px[1]


@pytest.mark.parametrize("plane", AXES)
def test_the_page_tells_the_pixel_of_a_point(case: Page, plane: str) -> None:
    point = (21.0, -13.0, 8.5)
    told = case.evaluate(
        "([plane, p]) => view.pixelAt(plane, {x: p[0], y: p[1], z: p[2]})",
        [plane, point],
    )
    expected = placed_plane(plane, picture(case, plane).shape).pixel(point)
    assert (told["x"], told["y"]) == pytest.approx(tuple(expected), abs=0.2)


@pytest.mark.parametrize("plane", AXES)
@pytest.mark.parametrize("line", [(2, 20.0, PINK), (1, 30.0, YELLOW), (2, 2.0, LILAC)])
def test_isodose_line_is_on_the_predicted_pixel(
    case: Page, plane: str, line: tuple[int, float, str]
) -> None:
    course, gy, colour = line
    centre = DOSES[course][0]
    at = (centre[0] + 3.3, centre[1] - 2.7, centre[2] + 1.1)
    _go(case, at)
    _show(case, {"lines": True})
    radius_mm = _radius_mm(course, gy, centre=centre, plane=plane, at=at)
    assert _worst_error_px(case, plane, colour, circle=(centre, radius_mm)) < 1.0


def test_overlap_is_hatched_where_both_courses_reach_their_level(case: Page) -> None:
    at = (0.0, 0.0, 1.0)
    _go(case, at)
    _show(case, {"hatch": True, "windows": _dark_windows()})
    pixels = picture(case, "axial")
    placed = placed_plane("axial", pixels.shape)
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]] + 0.5
    depth = np.full(rows.shape, np.inf)
    for course, (centre, highest_gy, _) in DOSES.items():
        radius_mm = _radius_mm(
            course, highest_gy / 2, centre=centre, plane="axial", at=at
        )
        column, row = placed.pixel(centre)
        distance = np.hypot(columns - column, rows - row)
        depth = np.minimum(depth, radius_mm * placed.px_per_mm - distance)
    hatched = pixels.min(axis=-1) > 120
    inside, outside = depth > 2.0, (depth < -2.0) & (depth > -60.0)
    assert inside.sum() > 500
    assert 0.1 < hatched[inside].mean() < 0.7
    assert not hatched[outside].any()
    _show(case, {"hatch": False})
    assert not (picture(case, "axial").min(axis=-1) > 120)[inside].any()


def _dark_windows() -> dict[str, dict[str, float]]:
    return {key: {"black": 3000.0, "white": 4000.0} for key in ("C1", "C2")}


def test_one_image_or_the_other(case: Page) -> None:
    _go(case, (0.0, 0.0, 0.0))
    beside = (31.0, 22.0, 0.0)
    assert _grey(case, "axial", beside) == pytest.approx(
        _window_grey(GREYS_HU[2]), abs=1
    )
    case.keyboard.press("1")
    drawn(case)
    assert _grey(case, "axial", beside) == pytest.approx(
        _window_grey(GREYS_HU[1]), abs=1
    )
    assert case.evaluate("view.state.other") == "C2"


def test_blend_is_between_the_images(case: Page) -> None:
    case.keyboard.press("b")
    _show(case, {"blend": 0.25})
    expected = 0.75 * _window_grey(GREYS_HU[2]) + 0.25 * _window_grey(GREYS_HU[1])
    assert _grey(case, "axial", (31.0, 22.0, 0.0)) == pytest.approx(expected, abs=2)
    case.keyboard.press("b")
    assert case.evaluate("view.state.fusion") == "one"


def test_checkerboard_takes_turns(case: Page) -> None:
    case.keyboard.press("c")
    drawn(case)
    for plane, (u, v, w) in AXES.items():
        for squares in ((0, 0), (1, 0), (-1, 1), (0, -1), (-1, -1)):
            point = [0.0, 0.0, 0.0]
            point[u], point[v] = (30.0 * square + 12.0 for square in squares)
            assert point[w] == 0.0
            course = 1 if sum(squares) % 2 else 2
            expected = _window_grey(GREYS_HU[course])
            grey = _grey(case, plane, (point[0], point[1], point[2]))
            assert grey == pytest.approx(expected, abs=2), (plane, squares)


def test_spyglass_follows_the_pointer(case: Page) -> None:
    case.keyboard.press("s")
    box = case.locator("[data-plane=axial]").bounding_box()
    assert box is not None
    placed = placed_plane("axial", picture(case, "axial").shape)
    column, row = placed.pixel((-40.0, 10.0, 0.0))
    case.mouse.move(box["x"] + column, box["y"] + row)
    drawn(case)
    other, own = (_window_grey(GREYS_HU[course]) for course in (1, 2))
    assert _grey(case, "axial", (-40.0, 10.0, 0.0)) == pytest.approx(other, abs=2)
    assert _grey(case, "axial", (-40.0, 40.0, 0.0)) == pytest.approx(other, abs=2)
    assert _grey(case, "axial", (-40.0, 49.0, 0.0)) == pytest.approx(own, abs=2)
    # Elsewhere the glass is at the cross-hair.
    assert _grey(case, "coronal", (20.0, 0.0, 10.0)) == pytest.approx(other, abs=2)


def test_flicker_takes_turns_unless_little_motion_is_asked_for(case: Page) -> None:
    seen = case.evaluate(
        """async () => {
          view.set({fusion: "flicker", flicker_hz: 20});
          const seen = new Set();
          view.on("state", () => seen.add(view.state.flicker_other));
          await new Promise((done) => setTimeout(done, 200));
          view.set({fusion: "one", flicker_hz: 1});
          return [...seen].sort();
        }"""
    )
    assert seen == [False, True]
    case.emulate_media(reduced_motion="reduce")
    case.keyboard.press("f")
    drawn(case)
    other, own = (_window_grey(GREYS_HU[course]) for course in (1, 2))
    assert _grey(case, "axial", (31.0, 22.0, 0.0)) == pytest.approx(other, abs=1)
    case.wait_for_timeout(150)
    assert case.evaluate("view.state.flicker_other") is True
    case.keyboard.press("f")
    drawn(case)
    assert _grey(case, "axial", (31.0, 22.0, 0.0)) == pytest.approx(own, abs=1)


@pytest.mark.parametrize(
    ("degrees", "shift"), [(0.0, (10.0, -6.0, 4.0)), (25.0, (3.0, 5.0, -2.0))]
)
def test_adjustment_moves_the_earlier_course_alone(
    case: Page, degrees: float, shift: Point
) -> None:
    turn = math.radians(degrees)
    matrix = IDENTITY.copy()
    matrix[:2, :2] = [
        [math.cos(turn), -math.sin(turn)],
        [math.sin(turn), math.cos(turn)],
    ]
    matrix[:3, 3] = shift
    moved = {course: _moved(matrix, centre) for course, (centre, *_) in DOSES.items()}
    at = (0.7, 0.3, 0.4)
    _go(case, at)
    _show(case, {"lines": True, "outlines": True})
    outline = near_colour(picture(case, "axial"), "#7fdcff", 30.0)
    drawn(case, "(matrix) => view.setAdjustment(matrix)", matrix.tolist())
    for plane in AXES:
        radius_mm = _radius_mm(1, 30.0, centre=moved[1], plane=plane, at=at)
        assert _worst_error_px(case, plane, YELLOW, circle=(moved[1], radius_mm)) < 1.0
        own = DOSES[2][0]
        radius_mm = _radius_mm(2, 20.0, centre=own, plane=plane, at=at)
        assert _worst_error_px(case, plane, PINK, circle=(own, radius_mm)) < 1.0
    # An outline that was carried over with the old registration is hidden.
    assert outline.sum() > 50
    assert (
        near_colour(picture(case, "axial"), "#7fdcff", 30.0).sum() < outline.sum() / 10
    )


def _moved(matrix: Any, point: Point) -> Point:
    x, y, z = (matrix @ np.array([*point, 1.0]))[:3]
    return (float(x), float(y), float(z))


def test_adjustment_moves_the_earlier_image(case: Page) -> None:
    x, y, z = _marker_middle(1)
    shift = (-30.0, -20.0, 15.0)
    moved = (x + shift[0], y + shift[1], z + shift[2])
    matrix = IDENTITY.copy()
    matrix[:3, 3] = shift
    _show(case, {"image": "C1"})
    drawn(case, "(matrix) => view.setAdjustment(matrix)", matrix.tolist())
    _go(case, moved)
    for plane in AXES:
        pixels = picture(case, plane)
        rows, columns = np.nonzero(pixels.min(axis=-1) > 230)
        expected = placed_plane(plane, pixels.shape).pixel(moved)
        drawn_at = np.array([columns.mean(), rows.mean()]) + 0.5
        assert np.abs(drawn_at - expected).max() < 1.5


def test_keys_and_drags_of_the_tools_tell_the_whole_movement(case: Page) -> None:
    case.evaluate(
        "() => { window.told = []; view.on('adjust', (one) => told.push(one.matrix)); }"
    )
    drawn(case, "() => view.setTool('move')")
    case.focus("[data-plane=axial]")
    for key in ("ArrowRight", "Shift+ArrowDown", "PageUp"):
        case.keyboard.press(key)
    matrix = np.array(case.evaluate("told.at(-1)"))
    assert matrix[:3, 3] == pytest.approx([0.5, 5.0, 0.5])
    assert case.evaluate("view.state.adjustment") == matrix.tolist()
    drawn(case, "() => { view.setAdjustment(null); view.setTool('rotate'); }")
    _go(case, (10.0, -4.0, 0.0))
    case.focus("[data-plane=axial]")
    case.keyboard.press("Shift+ArrowRight")
    matrix = np.array(case.evaluate("told.at(-1)"))
    # Clockwise on the screen, from left (+x) to posterior (+y), about the cross-hair.
    assert matrix[1, 0] == pytest.approx(math.sin(math.radians(2.0)))
    assert _moved(matrix, (10.0, -4.0, 7.0)) == pytest.approx((10.0, -4.0, 7.0))
    drawn(case, "() => { view.setAdjustment(null); view.setTool('move'); }")
    box = case.locator("[data-plane=coronal]").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    case.mouse.move(x, y)
    case.mouse.down()
    case.mouse.move(x + 30, y - 20, steps=3)
    case.mouse.up()
    scale = placed_plane("coronal", picture(case, "coronal").shape).px_per_mm
    matrix = np.array(case.evaluate("told.at(-1)"))
    assert matrix[:3, 3] == pytest.approx([30 / scale, 0.0, 20 / scale], abs=0.01)


def test_planes_follow_one_another(case: Page) -> None:
    box = case.locator("[data-plane=sagittal]").bounding_box()
    assert box is not None
    placed = placed_plane("sagittal", picture(case, "sagittal").shape)
    middle = _marker_middle(2)
    column, row = placed.pixel(middle)
    case.mouse.click(box["x"] + column, box["y"] + row)
    point = case.evaluate("view.state.point")
    assert point["y"] == pytest.approx(middle[1], abs=0.3)
    assert point["z"] == pytest.approx(middle[2], abs=0.3)
    drawn(case)
    beside = (middle[0] + 3.0, middle[1] + 3.0, middle[2])
    assert _grey(case, "axial", beside) > 230
    label = case.get_attribute("[data-plane=axial]", "aria-label")
    assert label is not None
    assert f"z {point['z']:.1f} mm" in label


def test_keys_alone_reach_everything(case: Page) -> None:
    state = "view.state"
    steps = [("ArrowRight", "x", 2.0), ("ArrowUp", "y", -2.0), ("PageUp", "z", 2.5)]
    for key, axis, step in steps:
        before = case.evaluate(f"{state}.point.{axis}")
        case.keyboard.press(key)
        assert case.evaluate(f"{state}.point.{axis}") == pytest.approx(before + step)
    case.keyboard.press("Home")
    assert case.evaluate(f"{state}.point") == {"x": 0, "y": 0, "z": 0}
    for key, name in (("i", "lines"), ("o", "hatch"), ("l", "outlines")):
        case.keyboard.press(key)
        assert case.evaluate(f"{state}.{name}") is True
    washes = []
    for _ in range(5):
        case.keyboard.press("w")
        washes.append(case.evaluate(f"{state}.wash"))
    assert washes == ["dose-1", "dose-2", "sum", "budget", "off"]
    case.keyboard.press("Enter")
    assert case.evaluate(f"{state}.full") == "axial"
    case.keyboard.press("Escape")
    assert case.evaluate(f"{state}.full") is None
    case.keyboard.press("?")
    assert case.locator("dialog.help").is_visible()
    case.keyboard.press("Escape")
    assert not case.locator("dialog.help").is_visible()


def test_double_click_gives_a_plane_all_the_room(case: Page) -> None:
    before = picture(case, "coronal").shape
    case.dblclick("[data-plane=coronal]")
    drawn(case)
    after = picture(case, "coronal").shape
    assert after[0] > 1.8 * before[0]
    assert after[1] > 1.8 * before[1]
    assert not case.locator("[data-plane=axial]").is_visible()
    case.dblclick("[data-plane=coronal]")
    drawn(case)
    assert picture(case, "coronal").shape == before


def test_wheel_and_zoom(case: Page) -> None:
    case.hover("[data-plane=axial]")
    case.mouse.wheel(0, -100)
    case.wait_for_function("() => view.state.point.z === 2.5")
    scale = "view.pixelAt('axial', {x: 10, y: 0}).x - view.pixelAt('axial', {x: 0}).x"
    before = case.evaluate(scale)
    case.keyboard.press("+")
    assert case.evaluate(scale) == pytest.approx(1.25 * before)
    case.keyboard.press("-")
    assert case.evaluate(scale) == pytest.approx(before)


def test_grey_window_by_drag(case: Page) -> None:
    box = case.locator("[data-plane=axial]").bounding_box()
    assert box is not None
    case.mouse.move(box["x"] + 100, box["y"] + 100)
    case.mouse.down(button="right")
    case.mouse.move(box["x"] + 100, box["y"] + 150)
    case.mouse.up(button="right")
    window = case.evaluate("view.state.windows.C2")
    assert window["white"] - window["black"] == pytest.approx(400.0, rel=0.01)
    assert window["black"] > -160.0


def test_a_level_is_added_and_removed_live(case: Page) -> None:
    at = (12.0, -8.0, 5.0)
    _go(case, at)
    _show(case, {"lines": True})
    case.select_option("select[aria-label='Dose of the new line']", "dose-2")
    case.fill("input[aria-label='Level in Gy']", "32")
    case.click("button:text-is('Add')")
    added = case.evaluate("view.state.levels.at(-1)")
    assert added["label"] == "C2 32 Gy"
    drawn(case)
    radius_mm = _radius_mm(2, 32.0, centre=DOSES[2][0], plane="coronal", at=at)
    error = _worst_error_px(
        case, "coronal", added["colour"], circle=(DOSES[2][0], radius_mm)
    )
    assert error < 1.0
    case.click("button[aria-label='Remove the line C2 32 Gy']")
    drawn(case)
    assert not near_colour(picture(case, "coronal"), added["colour"]).any()


def test_wash_shows_the_sum_in_the_colour_of_its_dose(case: Page) -> None:
    _go(case, DOSES[2][0])
    ranges = case.evaluate("view.state.ranges")
    _show(case, {"wash": "sum", "wash_opacity": 1.0})
    pixels = picture(case, "axial")
    placed = placed_plane("axial", pixels.shape)
    column, row = placed.pixel((14.5, -10.5, 5.0))
    red, _, blue = pixels[int(row), int(column)]
    assert red > blue
    column, row = placed.pixel((58.0, -2.0, 5.0))
    red, _, blue = pixels[int(row), int(column)]
    assert (red, blue) == pytest.approx((102, 102), abs=2)
    column, row = placed.pixel((16.0, -45.0, 5.0))
    red, _, blue = pixels[int(row), int(column)]
    assert blue > red
    _show(case, {"wash_opacity": 0.35})
    assert ranges["sum"]["high"] > ranges["dose-2"]["high"]


def test_readout_says_doses_structures_and_images(case: Page) -> None:
    case.evaluate("() => { asks.answer = () => new Promise(() => {}); }")
    at = (12.0, -8.0, 5.0)
    _go(case, at)
    words = case.inner_text(".readout")
    distance = math.dist(at, DOSES[1][0])
    course_1 = 60.0 * math.exp(-(distance**2) / (2 * 16.0**2))
    assert "12.0  -8.0  5.0 mm" in words
    told = [float(gy) for gy in re.findall(r"([\d.]+) Gy", words)]
    # Course 1, course 2, the ratio, and the sum of both in EQD2.
    expected = [course_1, 40.0, 3.0, 1.2 * (course_1 + 40.0)]
    assert told == pytest.approx(expected, abs=0.3)
    assert "ORGAN" in words
    assert "0 HU" in words
    assert "150 HU" in words


def test_what_is_not_known_is_not_nothing(case: Page) -> None:
    case.evaluate("() => { asks.answer = () => new Promise(() => {}); }")
    _go(case, (-14.0, 6.0, float(grid_axis(DOSE_GRID, 2)[1])))
    dose_1, sum_cell = case.locator(".read.dose").first, case.locator(".read.sum")
    assert "not known here" in dose_1.inner_text()
    assert "not known here" in sum_cell.inner_text()
    _go(case, (-95.0, 6.0, 0.0))
    assert case.locator(".read.dose").last.inner_text().endswith("not known here")


def test_native_reading_comes_late_and_only_for_the_last_point(case: Page) -> None:
    case.evaluate(
        """() => {
          asks.count = 0;
          asks.answer = async (point) => ({point, doses: [{course: 2,
            physical_gy: 12.34, eqd2_gy: null}], eqd2_sum_gy: null, alpha_beta_gy: 2,
            structures: ["LIVER"], images: [], native: true});
          for (let x = 0; x < 20; x++) view.moveTo({x, y: 0, z: 0});
        }"""
    )
    case.wait_for_selector(".read.how:text-is('native grids')")
    assert "12.34 Gy" in case.inner_text(".readout")
    assert case.evaluate("asks.count") == 1
    # With a movement that was not assessed the server's answer would be another one.
    matrix = IDENTITY.tolist()
    drawn(case, "(matrix) => view.setAdjustment(matrix)", matrix)
    assert "review grid, for display" in case.inner_text(".readout")
    case.evaluate("() => { asks.answer = () => new Promise(() => {}); }")


def test_one_image_alone_disables_fusion_and_says_why(browser: Browser) -> None:
    files = case_files(*packed_case(images=[2], with_half=True), {"pairs": []})
    with serving(files) as address, watched_page(browser) as page:
        page.goto(address)
        page.wait_for_selector("[data-opened-ms]")
        assert page.locator("button:text-is('Blend')").is_disabled()
        words = page.inner_text(".controls")
        assert "this case has only one" in words
        assert "No overlap was assessed." in words
        assert "C1 50 % (by target)" in words
        page.focus("[data-plane=axial]")
        page.keyboard.press("c")
        assert page.evaluate("view.state.fusion") == "one"
        # Half of the local level: 0.4 of the highest dose here.
        _go(page, DOSES[2][0])
        radius_mm = _radius_mm(
            2, 16.0, centre=DOSES[2][0], plane="axial", at=DOSES[2][0]
        )
        _show(page, {"outlines": False, "wash": "off"})
        error = _worst_error_px(page, "axial", PINK, circle=(DOSES[2][0], radius_mm))
        assert error < 1.0


def test_no_image_at_all_still_shows_the_doses(browser: Browser) -> None:
    files = case_files(*packed_case(images=[]), PAGE)
    with serving(files) as address, watched_page(browser) as page:
        page.goto(address)
        page.wait_for_selector("[data-opened-ms]")
        assert "There is no image to fuse." in page.inner_text(".controls")
        assert (picture(page, "axial").max(axis=-1) > 150).sum() > 1000


def test_a_case_opened_in_the_place_of_another_is_alone_there(browser: Browser) -> None:
    files = case_files(*packed_case(images=[2]), PAGE)
    with serving(files) as address, watched_page(browser) as page:
        page.goto(address)
        page.wait_for_selector("[data-opened-ms]")
        page.evaluate(
            "() => { window.former = view; return open_again().then(() => 0); }"
        )
        page.focus("[data-plane=axial]")
        page.keyboard.press("PageUp")
        assert page.evaluate("[former.state.point.z, view.state.point.z]") == [0, 2.5]
        assert page.locator("canvas[data-plane]").count() == 3


def test_a_scene_of_another_form_is_refused_in_words(browser: Browser) -> None:
    manifest, parts = packed_case(images=[])
    files = case_files(manifest | {"format": 99}, parts, PAGE)
    with serving(files) as address, browser.new_page() as page:
        page.goto(address)
        words = page.locator("[role=alert]").inner_text()
    assert "another version of reirrad. Assess the case again." in words
