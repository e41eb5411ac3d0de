"""The arithmetic of the viewer's modules, asked in the browser."""

import gzip
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.chromium import watched_page
from tests.browser.served_case import case_files, serving
from tests.browser.specimens import PAGE, packed_case

BLANK = (
    b'<!doctype html><html lang="en"><title>-</title><link rel="icon" href="data:,">'
)


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    files = case_files(*packed_case(images=[]), PAGE) | {"/": BLANK}
    with serving(files) as address, watched_page(browser) as page:
        page.goto(address)
        yield page


def _asked(page: Page, module: str, script: str, argument: Any = None) -> Any:
    return page.evaluate(
        f"async (given) => {{ const its = await import('/viewer/{module}.js');"
        f" return ({script})(its, given); }}",
        argument,
    )


def test_a_movement_and_its_inverse_cancel(blank: Page) -> None:
    product = _asked(
        blank,
        "geometry",
        """(its) => {
          const about = {x: 12, y: -30, z: 7};
          const turn = its.rotationMatrix("y", "z", 33, about);
          const m = its.matrixProduct(its.translationMatrix({x: 1, y: 2, z: 3}), turn);
          return its.matrixProduct(m, its.rigidInverse(m));
        }""",
    )
    assert np.array(product) == pytest.approx(np.eye(4))


def test_rotation_goes_from_the_first_axis_to_the_second(blank: Page) -> None:
    moved = _asked(
        blank,
        "geometry",
        """(its) => its.movedPoint(
          its.rotationMatrix("x", "y", 90, {x: 1, y: 1, z: 0}), {x: 3, y: 1, z: 5})""",
    )
    assert moved == pytest.approx({"x": 1.0, "y": 3.0, "z": 5.0})


def test_translation_comes_after_what_it_is_multiplied_onto(blank: Page) -> None:
    moved = _asked(
        blank,
        "geometry",
        """(its) => {
          const turn = its.rotationMatrix("x", "y", 90, {x: 0, y: 0, z: 0});
          const shift = its.translationMatrix({x: 10, y: 0, z: 0});
          return its.movedPoint(its.matrixProduct(shift, turn), {x: 1, y: 0, z: 0});
        }""",
    )
    assert moved == pytest.approx({"x": 10.0, "y": 1.0, "z": 0.0})


def test_codes_wrap_around_and_start_again_in_each_row(blank: Page) -> None:
    codes = np.array([[5, 65535, 0], [7, 7, 6]], dtype=np.uint16)
    rows = np.diff(codes, axis=-1, prepend=np.uint16(0)).ravel().tolist()
    read = _asked(
        blank,
        "volume",
        "(its, rows) => [...its.undelta(new Uint16Array(rows), 3)]",
        rows,
    )
    assert read == codes.ravel().tolist()


SEGMENTS = """(its, [values, nu, nv, level]) => {
  const numbers = new Float32Array(values.map((value) => value ?? NaN));
  const raster = {nu, nv, u0: 10, v0: 20, du: 2, dv: 4, values: numbers};
  const out = its.traceLevel(raster, numbers, level, its.noSegments());
  return [...out.ends.slice(0, 4 * out.count)];
}"""


def test_line_crosses_edges_where_the_level_is_reached(blank: Page) -> None:
    ends = _asked(blank, "isolines", SEGMENTS, [[0, 4, 0, 4], 2, 2, 1])
    assert sorted(np.reshape(ends, (2, 2)).tolist()) == [[10.5, 20.0], [10.5, 24.0]]


@pytest.mark.parametrize(("high", "n_around_high"), [(2.0, 0), (1.1, 2)])
def test_saddle_follows_its_middle(
    blank: Page, high: float, n_around_high: int
) -> None:
    # Two high corners: joined where the middle is above the level, parted otherwise.
    ends = _asked(blank, "isolines", SEGMENTS, [[high, 0.5, 0.5, high], 2, 2, 1])
    segments = np.reshape(ends, (2, 2, 2))
    corners = np.array([[10.0, 20.0], [12.0, 24.0]])
    shares_a_high_corner = [
        any(np.isclose(segment, corner).any(axis=1).all() for corner in corners)
        for segment in segments
    ]
    assert sum(shares_a_high_corner) == n_around_high


def test_no_line_where_a_corner_is_not_known(blank: Page) -> None:
    assert _asked(blank, "isolines", SEGMENTS, [[0, 4, None, 4], 2, 2, 1]) == []


def test_area_of_a_level_is_that_of_its_polygons(blank: Page) -> None:
    polygons = _asked(
        blank,
        "isolines",
        """(its) => {
          const values = new Float32Array([0, 2, 2, 0, 0, 2, 2, 0]);
          const raster = {nu: 4, nv: 2, u0: 0, v0: 0, du: 1, dv: 1, values};
          const found = [];
          its.fillLevel(raster, values, 1, {polygon: (points) => found.push(points)});
          return found;
        }""",
    )
    areas = []
    for points in polygons:
        x, y = np.reshape(points, (-1, 2)).T
        areas.append(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)
    assert sorted(areas) == pytest.approx([0.5, 0.5, 1.0])


ASKED = """(its, [values, size, w, shift]) => {
  const volume = {
    entry: {scale: 1, offset: 0}, size, origin: [0, 0, 0], spacing: [1, 1, 2],
    values: new Float32Array(values.map((value) => value ?? NaN)), highest: 9,
  };
  const raster = its.emptyRaster();
  const matrix = shift && [[1, 0, 0, shift], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
  its.layOut(raster, "axial", [{volume, matrix: null}]);
  its.askRaster(volume, raster, "axial", w, matrix, raster.values);
  return [...raster.values].map((value) => (Number.isNaN(value) ? null : value));
}"""
VALUES = [1, 2, 3, 4, 5, None, 11, 12, 13, 14, 15, 16]


def test_planes_between_slices_are_linear_and_unknown_stays_unknown(
    blank: Page,
) -> None:
    given = [VALUES, [3, 2, 2], 0.5, None]
    assert _asked(blank, "slices", ASKED, given) == [3.5, 4.5, 5.5, 6.5, 7.5, None]
    given = [VALUES, [3, 2, 2], 2.0, None]
    assert _asked(blank, "slices", ASKED, given) == [11, 12, 13, 14, 15, 16]
    given = [VALUES, [3, 2, 2], 2.5, None]
    assert _asked(blank, "slices", ASKED, given) == [None] * 6


def test_a_moved_volume_is_asked_through_the_inverse(blank: Page) -> None:
    given = [VALUES, [3, 2, 2], 2.0, 0.25]
    answer = _asked(blank, "slices", ASKED, given)
    assert answer == pytest.approx([None, 11.75, 12.75, None, 14.75, 15.75])


def test_tiles_of_one_picture_become_slices(blank: Page) -> None:
    nx, ny, nz, columns = 24, 16, 5, 2
    k, j, i = np.meshgrid(np.arange(nz), np.arange(ny), np.arange(nx), indexing="ij")
    codes = (20 + 40 * k + 2 * i + j).astype(np.uint8)
    sheet = np.zeros((3 * ny, columns * nx), np.uint8)
    for t in range(nz):
        row, column = divmod(t, columns)
        at = np.s_[row * ny : (row + 1) * ny, column * nx : (column + 1) * nx]
        sheet[at] = codes[t]
    packed = io.BytesIO()
    Image.fromarray(sheet).save(packed, "WEBP", quality=95)
    unknown = np.zeros(codes.shape, bool)
    unknown[1, 3:9, 5:] = unknown[4] = True
    bits = gzip.compress(np.packbits(unknown, axis=None, bitorder="little").tobytes())
    read = _asked(
        blank,
        "volume",
        """async (its, [parts, size]) => [...(await its.readVolume({
          kind: "image", encoding: "webp", size, tiles: {columns: 2},
          origin_mm: {x: 0, y: 0, z: 0}, spacing_mm: {x: 1, y: 1, z: 1},
          part: "picture", unknown_part: "unknown",
        }, async (name) => new Uint8Array(parts[name]))).values]""",
        [
            {"picture": list(packed.getvalue()), "unknown": list(bits)},
            {"x": nx, "y": ny, "z": nz},
        ],
    )
    found = np.reshape(read, codes.shape)
    np.testing.assert_array_equal(found == 65535, unknown)
    error = np.where(unknown, 0.0, found - codes.astype(float))
    assert np.abs(error).mean() < 4.0
    assert np.abs(error.mean(axis=(1, 2))).max() < 3.0


SCENE = """async (its, {gone, courses}) => {
  const json = async (name) => (await fetch(name)).json();
  const manifest = await json("/scene/manifest.json");
  manifest.volumes = manifest.volumes.filter((one) => !gone.includes(one.name));
  const course_line = courses.map((number) => ({number}));
  const page = {...(await json("/page.json")), course_line};
  const part = async (name) =>
    new Uint8Array(await (await fetch(`/scene/${name}`)).arrayBuffer());
  const source = {manifest, part, page, reading: null};
  const scene = await its.readScene(source);
  const outlines_js = await import("/viewer/outlines.js");
  const outlines = await outlines_js.readOutlines(manifest, await part("outlines.bin"));
  const state = its.firstState(source, scene);
  const others = {};
  for (const name of ["readout", "layers", "panels"]) {
    others[name] = await import(`/viewer/${name}.js`);
  }
  const model = {state, manifest, scene, outlines};
  return (ASKED);
}"""


def _of_scene(
    page: Page, asked: str, *, courses: list[int], gone: list[str] | None = None
) -> Any:
    given = {"gone": gone or [], "courses": courses}
    return _asked(page, "case_state", SCENE.replace("ASKED", asked), given)


@pytest.mark.parametrize(
    ("courses", "gone", "known"),
    [([1, 2], [], True), ([1, 2], ["dose-1", "eqd2-1"], False), ([1, 2, 3], [], False)],
)
def test_the_sum_needs_every_course_of_the_case(
    blank: Page, courses: list[int], gone: list[str], known: bool
) -> None:
    wash, reading = _of_scene(
        blank,
        """[its.washChoices(model.scene).map((choice) => choice.key),
          others.readout.reviewReading(model)]""",
        courses=courses,
        gone=gone,
    )
    assert ("sum" in wash) is known
    assert (reading["eqd2_sum_gy"] is not None) is known
    assert [dose["course"] for dose in reading["doses"]] == courses


def test_the_read_out_names_a_course_that_the_server_leaves_out(blank: Page) -> None:
    words = _of_scene(
        blank,
        """(() => {
          const footer = document.createElement("footer");
          const reading = {...others.readout.reviewReading(model), eqd2_sum_gy: 7};
          reading.doses = reading.doses.filter((dose) => dose.course === 2);
          others.readout.showReading(footer, reading, model.scene, "");
          return [...footer.querySelectorAll(".dose, .sum")].map((c) => c.textContent);
        })()""",
        courses=[1, 2],
        gone=["dose-1", "eqd2-1"],
    )
    assert words[0] == "C1 not known here"
    assert words[1].startswith("C2 ")
    assert words[1].endswith("Gy")
    assert words[2] == "EQD2 sum (α/β 3 Gy) not known here"


AT_DOSE_1 = """(() => {
  model.state.point = {x: -14, y: 6, z: -4};
  model.state.adjustment = [[1, 0, 0, 10], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
  model.state.movable = MOVABLE ?? model.state.movable;
  const reading = others.readout.reviewReading(model);
  const layer = new others.layers.DoseLayer(model.scene, "axial");
  layer.moveTo(-4, {adjustment: null, movable: [1, 2]});
  const still = layer.raster.nu;
  layer.moveTo(-4, model.state);
  return {movable: model.state.movable, gy: reading.doses[0].physical_gy,
    structures: reading.structures, wider: layer.raster.nu > still};
})()"""


@pytest.mark.parametrize(
    ("movable", "moved"), [("null", True), ("[1]", True), ("[3]", False), ("[]", False)]
)
def test_only_the_movable_courses_move(blank: Page, movable: str, moved: bool) -> None:
    asked = AT_DOSE_1.replace("MOVABLE", movable)
    found = _of_scene(blank, asked, courses=[1, 2, 3])
    assert found["wider"] is moved
    assert (found["gy"] < 55.0) is moved
    # An outline that a registration carried over is not where it was any more.
    assert found["structures"] == (["ORGAN"] if moved else ["ORGAN", "PTV1"])
    if movable == "null":
        assert found["movable"] == [1, 3]


UNKNOWN_WASH = """(() => {
  const layer = new others.layers.DoseLayer(model.scene, "axial");
  layer.moveTo(model.scene.doses.get("dose-1").origin[2], model.state);
  return ["dose-1", "dose-2", "sum", "budget"].map((name) =>
    [...layer.wash(name, {low: 2, high: 60}).pixels].filter((pixel) => pixel).length);
})()"""


def test_what_is_not_known_is_not_washed_as_little_dose(blank: Page) -> None:
    # In this slice course 1 is known nowhere; course 2 is everywhere, below 2 Gy.
    one, two, total, budget = _of_scene(blank, UNKNOWN_WASH, courses=[1, 2])
    assert one > 100
    assert total == one
    assert (two, budget) == (0, 0)


def test_a_lossy_image_has_no_value_and_no_window_beyond_its_greys(
    blank: Page,
) -> None:
    words, fitting = _of_scene(
        blank,
        """(() => {
          const entry = {encoding: "webp", offset: -360, scale: 800 / 255};
          const reading = {...others.readout.reviewReading(model), images: [
            {course: 1, value: 37, unit: "HU", lossy: true},
            {course: 2, value: null, unit: "HU", lossy: true},
            {course: 3, value: 37, unit: "HU"}]};
          const footer = document.createElement("footer");
          others.readout.showReading(footer, reading, model.scene, "");
          const names = Object.keys(its.CT_WINDOWS);
          return [[...footer.querySelectorAll(".image .value")].map((c) => c.textContent),
            names.filter((name) => its.hasWindow({entry}, its.CT_WINDOWS[name]))];
        })()""",
        courses=[1, 2],
    )
    assert words == ["display only", "not known here", "37 HU"]
    assert fitting == ["abdomen", "brain"]


def test_a_limit_whose_name_several_have_is_not_hidden_as_not_drawn(
    blank: Page,
) -> None:
    rows = [
        {"structure": name, "about": None, "drawn_as": drawn_as, "why": "2 have it"}
        | {"state": "not evaluable", "unsure": False}
        for name, drawn_as in (
            ("Liver", ["L1", "L2"]),
            ("Liver", ["L1", "L2"]),
            ("Skin", []),
        )
    ]
    shown, words = _asked(
        blank,
        "limits",
        """(its, rows) => [[...its.worstOfEach(rows)].map((row) => row.structure),
          its.notDrawnNote(rows).textContent]""",
        rows,
    )
    assert shown == ["Liver", "Liver"]
    assert words == "– 1 limit not evaluable: 1 structure is not drawnSkin"


def test_the_overlap_beside_the_hatch_is_of_organ_and_body(blank: Page) -> None:
    overlaps = _of_scene(blank, "model.state.overlaps", courses=[1, 2])
    assert [one["amount"] for one in overlaps] == [
        "LIVER 61.2 cc, body 62.2 cc",
        "LIVER 4.7 cc, body 5.7 cc",
    ]


def test_a_line_of_the_sum_names_its_ratio(blank: Page) -> None:
    label = _of_scene(
        blank,
        "its.addedLevel('sum', 60, [], model.scene).label",
        courses=[1, 2],
    )
    assert label == "EQD2 sum 60 Gy (α/β 3 Gy)"


def test_no_two_courses_have_the_same_dashes(blank: Page) -> None:
    labels = [f"course {number}" for number in range(1, 9)]
    dashes = _asked(
        blank, "curves", "(its, labels) => labels.map(its.dashesOf)", labels
    )
    assert len(set(dashes)) == len(labels)


def test_a_limit_in_the_chart_says_of_which_course(blank: Page) -> None:
    marks = [
        {"scope": scope, "words": "D0.1cc ≤ 30 Gy: ✓ met"}
        for scope in ("course 2", "cumulative")
    ]
    words = _asked(
        blank,
        "dvh",
        """(its, marks) => its.marksList(marks)
          .flatMap((one) => [...one.querySelectorAll("li")])
          .map((one) => one.textContent)""",
        marks,
    )
    assert words == ["C2: D0.1cc ≤ 30 Gy: ✓ met", "Sum: D0.1cc ≤ 30 Gy: ✓ met"]


def test_letters_and_labels_give_way_to_the_title(blank: Page) -> None:
    title, letters, labels = _asked(
        blank,
        "marks",
        """(its) => {
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [220, 180];
          const context = canvas.getContext("2d");
          const place = {width: 220, height: 180, u: 0, v: 0, scale: 1, up: 1};
          const lines = ["Sagittal  x -123.4 mm", "C2 CT + C1 mapped MR", "C1 moved"];
          const title = its.placedTitle(context, lines, 12);
          const letters = its.placedLetters("sagittal", place, title, 12);
          const taken = [...title, ...letters];
          const level = {label: "C1 50 % (30 Gy)", colour: "#ffffff"};
          for (const y of [2, 40, 175, 175]) {
            its.drawLineLabel(context, level, {x: 90, y, isRight: true}, 12, taken);
          }
          return [title, letters, taken.slice(title.length + letters.length)];
        }""",
    )
    assert title[0]["right"] > 110.0
    everything = [*title, *letters, *labels]
    assert len(labels) == 4
    for at, one in enumerate(everything):
        assert 6.0 <= one["y"] <= 174.0
        for other in everything[:at]:
            beside = one["left"] >= other["right"] or one["right"] <= other["left"]
            assert beside or abs(one["y"] - other["y"]) >= 12.0 - 1e-6


def test_the_banner_is_a_link_only_where_there_is_a_review(blank: Page) -> None:
    found = _of_scene(
        blank,
        """(() => {
          const link = () => {
            const bar = document.createElement("header");
            others.panels.fillBar(bar, page);
            document.body.replaceChildren(bar, ...document.querySelectorAll("details"));
            return bar.querySelector(".bar-banner a");
          };
          const before = link();
          const panel = document.createElement("details");
          panel.id = "review";
          panel.append(document.createElement("summary"));
          document.body.append(panel);
          const after = link();
          after.click();
          const focused = document.activeElement === panel.firstChild;
          panel.remove();
          return [before, after.textContent, panel.open, focused];
        })()""",
        courses=[1, 2],
    )
    assert found == [None, "⚠ ASSESSMENT NOT APPROVED", True, True]
