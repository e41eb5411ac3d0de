"""report.html from disk: pictures, curves, limits and the record, with no network."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from reirrad.core.assessment import Assessment, StructureAssessment
from reirrad.core.uncertainty import Uncertainty
from reirrad.reports.report_files import write_reports
from reirrad.reports.wording import ALPHA_BETA
from tests.browser.accessibility import violations
from tests.browser.chromium import watched_page
from tests.reports.scene_specimens import specimen_scene
from tests.reports.specimens import two_courses
from tests.reports.test_case_page import cord, drawn

ORGANS = {"Stomach": "ORGAN", "SpinalCord": "PTV2", "Liver": "BODY"}
SCREENS = ((1366, 768, "html"), (3840, 2160, "#viewer"))


def of_the_scene(name: str) -> str:
    return ORGANS.get(name, name)


def renamed(structure: StructureAssessment) -> StructureAssessment:
    name = of_the_scene(structure.name)
    return replace(structure, name=name, standard_name=name)


def specimen() -> Assessment:
    """An assessment whose structures are those of the scene."""
    assessment = two_courses()
    constraints = tuple(
        replace(item, structure=of_the_scene(item.structure))
        for item in assessment.constraints
    )
    unsure = replace(cord(assessment), structure="PTV2")
    return replace(
        assessment,
        structures=tuple(map(renamed, assessment.structures)),
        constraints=constraints,
        uncertainty=Uncertainty(draws=200, seed=1, constraints=(drawn(unsure, 71.0),)),
        scene=specimen_scene(),
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_reports(specimen(), folder)
    return folder / "report.html"


def opened(page: Page, report: Path) -> None:
    page.goto(report.as_uri())
    page.wait_for_selector(".answers .limits")


@pytest.fixture(scope="module")
def opened_report(browser: Browser, report: Path) -> Iterator[Page]:
    with watched_page(browser) as page:
        opened(page, report)
        yield page


def canvas_greys(page: Page) -> list[int]:
    """How many different colours each plane shows."""
    found: list[int] = page.evaluate(
        """() => [...document.querySelectorAll("canvas[data-plane]")].map((canvas) => {
          const { width, height } = canvas;
          const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
          return new Set(new Uint32Array(data.buffer)).size;
        })"""
    )
    return found


def row_of(page: Page, structure: str) -> Any:
    name = page.locator(".limit-name", has_text=structure)
    return page.locator(".limit:visible").filter(has=name).first


def test_pictures_are_drawn_from_disk(page: Page, report: Path) -> None:
    opened(page, report)
    page.wait_for_function(
        """() => {
          const canvas = document.querySelector("canvas[data-plane=axial]");
          if (!canvas || !canvas.width) return false;
          const at = [canvas.width / 2 + 9, canvas.height / 2 + 9, 1, 1];
          return canvas.getContext("2d").getImageData(...at).data[0] > 0;
        }"""
    )
    assert all(count > 50 for count in canvas_greys(page))


def test_the_bar_says_who_what_and_that_nobody_reviewed(opened_report: Page) -> None:
    bar = opened_report.locator(".bar")
    expect(bar.locator(".bar-patient")).to_contain_text("RE-2041")
    expect(bar.locator(".bar-course")).to_have_count(2)
    expect(bar.locator(".bar-course").nth(1)).to_contain_text("45 Gy in 3")
    expect(bar.locator(".bar-course").nth(1)).to_contain_text("343 days")
    expect(bar.locator(".bar-class")).to_have_text("Type 1B")
    expect(bar.locator(".bar-badge")).to_have_text("Registration: ⚠ unreviewed")
    expect(bar.locator(".bar-banner")).to_have_text("⚠ REGISTRATION NOT REVIEWED")


def test_the_banner_leads_to_the_review(opened_report: Page) -> None:
    review = opened_report.locator("#record #review")
    expect(review).not_to_be_in_viewport()
    opened_report.locator(".bar-banner a").press("Enter")
    expect(review).to_be_in_viewport()
    expect(review).to_be_focused()
    opened_report.evaluate("() => window.scrollTo(0, 0)")


def test_the_images_say_that_they_are_lossy(opened_report: Page) -> None:
    manifest = opened_report.locator("#scene-manifest").text_content() or ""
    assert '"display_only":true' in manifest
    images = opened_report.locator(".readout .read.image .value")
    assert set(images.all_text_contents()) == {"display only"}


def test_a_click_on_a_limit_leads_to_the_place_and_the_curve(
    opened_report: Page,
) -> None:
    page = opened_report
    for structure, key in (("ORGAN", None), ("PTV2", "Enter")):
        row = row_of(page, structure)
        if key is None:
            row.click()
        else:
            row.locator(".limit-name").press(key)
        place = page.evaluate(
            """(name) => {
              const text = document.querySelector("#scene-manifest").textContent;
              return JSON.parse(text).places.find(
                (one) => one.structure === name && one.scope === "cumulative"
              ).point_mm;
            }""",
            structure,
        )
        shown = page.locator(".readout .at .value").inner_text().split()
        at = [float(number.replace("\N{MINUS SIGN}", "-")) for number in shown[:3]]
        assert at == pytest.approx([place[axis] for axis in "xyz"], abs=0.051)
        expect(page.locator(".dvh select")).to_have_value(structure)
        expect(row.locator(".limit-name")).to_have_attribute("aria-current", "true")
        expect(row.locator(".limit-source")).to_be_visible()
        assert page.locator(".limit.selected").count() == 1


def test_the_worst_limit_stands_first_and_all_can_be_asked_for(
    opened_report: Page,
) -> None:
    table = opened_report.locator(".limits-table")
    shown = table.locator(".limit:visible")
    expect(shown.first).to_contain_text("✗ exceeded")
    expect(shown.nth(1)).to_contain_text("⚠ met, not sure")
    expect(shown.nth(1)).to_contain_text("met in 71 % of plausible registrations")
    before = shown.count()
    opened_report.get_by_role("button", name="All 7").click()
    assert shown.count() == 7 > before
    unknown = table.locator(".state-not-evaluable")
    expect(unknown).to_have_count(3)
    for row in unknown.all():
        expect(row).to_contain_text("not evaluable")
        expect(row).not_to_contain_text("✓")
    opened_report.get_by_role("button", name="Worst of each structure").click()
    assert shown.count() == before
    expect(opened_report.locator(".not-drawn summary")).to_contain_text("3 limits")


def test_curves_are_drawn_in_their_dashes_with_their_limits(
    opened_report: Page,
) -> None:
    page = opened_report
    page.locator(".dvh select").select_option("ORGAN")
    page.locator(".dvh [data-quantity=EQD2]").click()
    dashes = page.locator(".dvh-chart .dvh-curve").evaluate_all(
        "(all) => all.map((one) => [one.dataset.label,"
        " one.getAttribute('stroke-dasharray')])"
    )
    assert [label for label, _ in dashes] == ["course 1", "course 2", "cumulative"]
    assert dashes[2][1] is None
    assert dashes[0][1] != dashes[1][1]
    mark = page.locator(".dvh-mark")
    expect(mark).to_have_count(1)
    assert mark.locator("text").all_text_contents() == ["✗", "sum"]
    words = mark.locator("title").text_content() or ""
    assert words.startswith("Sum: ")
    assert "✗ exceeded" in words
    assert page.locator(".dvh-limits li").all_text_contents() == [words]
    ratio = next(s for s in two_courses().structures if s.name == "Stomach")
    title = page.locator(".dvh-chart svg > text").last.text_content()
    assert title == f"EQD2 [Gy], {ALPHA_BETA} {ratio.alpha_beta_gy:g} Gy"


def test_the_mark_of_a_limit_stands_at_its_dose(opened_report: Page) -> None:
    page = opened_report
    page.locator(".dvh select").select_option("ORGAN")
    slider = page.locator(".dvh-slider")
    step = page.evaluate(
        """() => {
          const at = (path) => Number(/M([\\d.]+)/.exec(path.getAttribute("d"))[1]);
          const paths = document.querySelectorAll(".dvh-chart .dvh-grid");
          const labels = [...document.querySelectorAll(".dvh-chart text")];
          const zero = at(paths[5]);
          const next = at(paths[6]);
          const words = labels.slice(5, 7).map((one) => Number(one.textContent));
          const mark = at(document.querySelector(".dvh-mark path"));
          return words[0] + (words[1] - words[0]) * (mark - zero) / (next - zero);
        }"""
    )
    assert step == pytest.approx(54.0, abs=0.3)
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    expect(page.locator(".dvh-reading")).to_contain_text("sum")
    assert "Gy: course 1" in (slider.get_attribute("aria-valuetext") or "")


def test_the_read_out_is_the_curve_at_that_dose(opened_report: Page) -> None:
    page = opened_report
    page.locator(".dvh select").select_option("ORGAN")
    slider = page.locator(".dvh-slider")
    slider.fill("200")
    words = page.locator(".dvh-reading").inner_text()
    dose = float(words.split(" Gy")[0])
    total = next(s for s in specimen().structures if s.name == "ORGAN").curves[-1]
    largest = float(total.dose_gy[-1])
    expected = 100.0 * (1.0 - dose / largest) ** 2.2
    assert float(words.rsplit("sum ", 1)[1].split(" %")[0]) == pytest.approx(
        expected, abs=0.3
    )


def test_a_dose_without_curves_says_so(opened_report: Page) -> None:
    page = opened_report
    page.locator(".dvh [data-quantity=physical]").click()
    expect(page.locator(".dvh-note")).to_have_text(
        "There is no curve of this dose for this structure."
    )
    page.locator(".dvh [data-quantity=EQD2]").click()
    page.locator(".dvh select").select_option("")
    expect(page.locator(".dvh-chart .dvh-curve")).to_have_count(4)


def test_tabs_answer_to_the_keyboard(opened_report: Page) -> None:
    page = opened_report
    tabs = page.get_by_role("tab")
    count = tabs.count()
    tabs.first.focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("End")
    expect(tabs.nth(count - 1)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(tabs.first).to_be_focused()
    assert page.get_by_role("tabpanel").count() == 1
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    panel = page.get_by_role("tabpanel")
    expect(panel).to_be_focused()
    expect(panel).to_contain_text("What became of every file")


def test_the_record_can_be_made_wide_and_narrow_again(opened_report: Page) -> None:
    page = opened_report
    answers = page.locator(".answers")
    narrow = answers.bounding_box()
    page.get_by_role("button", name="Wide").click()
    wide = answers.bounding_box()
    assert narrow is not None
    assert wide is not None
    assert wide["width"] > 2 * narrow["width"]
    page.keyboard.press("Escape")
    assert answers.bounding_box() == narrow


def test_the_record_stands_below_and_can_be_reached(opened_report: Page) -> None:
    page = opened_report
    expect(page.locator("#record #findings h2")).to_have_text("Findings")
    page.keyboard.press("Home")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#record")).to_be_in_viewport()
    page.locator("#viewer").scroll_into_view_if_needed()


def test_paper_gets_the_record_and_not_the_pictures(opened_report: Page) -> None:
    page = opened_report
    page.emulate_media(media="print")
    expect(page.locator("#viewer")).to_be_hidden()
    expect(page.locator("#record .verdict strong")).to_be_visible()
    page.emulate_media(media="screen")
    expect(page.locator("#viewer")).to_be_visible()


def test_without_script_the_record_is_readable(browser: Browser, report: Path) -> None:
    with watched_page(browser, java_script_enabled=False) as page:
        page.goto(report.as_uri())
        expect(page.locator("#viewer")).to_be_hidden()
        expect(page.locator("#record .verdict strong")).to_have_text("Type 1B")
        assert "JavaScript" in page.content().partition("<noscript>")[2][:200]


def test_parts_that_are_missing_leave_the_record(
    browser: Browser, report: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "report.html"
    text = report.read_text(encoding="utf-8")
    broken.write_text(text.replace('data-part="dose-1.bin"', ""), encoding="utf-8")
    page = browser.new_page()
    page.goto(broken.as_uri())
    expect(page.get_by_role("alert")).to_contain_text("dose-1.bin")
    expect(page.locator("#record .verdict strong")).to_have_text("Type 1B")
    page.close()


@pytest.mark.slow
def test_nothing_on_the_page_fails_axe(opened_report: Page) -> None:
    page = opened_report
    for width, height, part in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        assert violations(page, part) == []
        across = page.evaluate(
            "document.documentElement.scrollWidth - window.innerWidth"
        )
        assert across <= 0
