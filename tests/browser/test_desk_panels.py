"""What the sections of the desk let people do, on a case that was assessed before."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from reirrad.core.landmarks import LandmarkPair
from reirrad.reports.wording import ALPHA_BETA
from reirrad.store.landmarks import landmarks, save_landmarks
from tests.browser.desk import desk_page, open_panel, opened_case
from tests.browser.kept_case import KeptCase, KeptServer, kept_server, with_matrices
from tests.reports.specimens import (
    single_course,
    three_courses,
    two_courses,
    undetermined,
)

NAME = "Dr. A. Tester"
MOVED = "The pictures show a movement that this version does not have."
APPROVAL = "**/approval"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptServer]:
    with kept_server(tmp_path_factory.mktemp("kept")) as running:
        yield running


@pytest.fixture
def kept(server: KeptServer) -> KeptCase:
    return server.case(two_courses())


@pytest.fixture
def page(browser: Browser, kept: KeptCase) -> Iterator[Page]:
    with desk_page(browser) as fresh:
        opened_case(fresh, kept.url, kept.case)
        yield fresh


def _typed(page: Page, key: str, text: str) -> None:
    """Type over what stands in a field of the movement, then Enter."""
    page.focus(f'[data-movement="{key}"]')
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def _accepted(page: Page) -> None:
    review = open_panel(page, "review")
    review.get_by_label("Name").fill(NAME)
    review.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("ASSESSMENT NOT APPROVED")).to_be_visible()


def test_what_is_not_assessed_cannot_be_accepted_or_approved(page: Page) -> None:
    review = open_panel(page, "review")
    accept = review.get_by_role("button", name="Accept")
    expect(accept).to_be_enabled()
    adjust = open_panel(page, "adjust")
    _typed(page, "x", "4")
    expect(accept).to_be_disabled()
    expect(review.get_by_text(MOVED)).to_be_visible()
    expect(review.get_by_role("button", name="Reject")).to_be_enabled()
    adjust.get_by_role("button", name="Reset").click()
    expect(accept).to_be_enabled()
    expect(review.get_by_text(MOVED)).to_have_count(0)

    _accepted(page)
    approve = review.get_by_role("button", name="Approve")
    expect(approve).to_be_enabled()
    page.focus('canvas[data-plane="axial"]')
    adjust.get_by_role("button", name="Move", exact=True).click()
    page.focus('canvas[data-plane="axial"]')
    page.keyboard.press("ArrowRight")
    expect(approve).to_be_disabled()
    expect(review.get_by_text(MOVED)).to_be_visible()


def test_an_older_version_is_approved_by_naming_the_newest(
    page: Page, kept: KeptCase
) -> None:
    _accepted(page)
    newest = kept.another_version()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator(".notice.newer")).to_be_visible()
    review = open_panel(page, "review")
    review.get_by_role("button", name="Approve").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(f"Version {newest} of this case exists")).to_be_visible()
    with page.expect_request(APPROVAL) as asked:
        dialog.get_by_role("button", name="Approve version 1").click()
    assert json.loads(asked.value.post_data or "")["newest"] == newest


def test_the_newest_version_is_approved_without_more(page: Page) -> None:
    _accepted(page)
    open_panel(page, "review").get_by_role("button", name="Approve").click()
    with page.expect_request(APPROVAL) as asked:
        page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    assert "newest" not in json.loads(asked.value.post_data or "")
    expect(page.get_by_text("This assessment is approved.")).to_be_visible()


@pytest.mark.parametrize(
    ("text", "size"), [("-5", "5.0 mm"), ("12.5", "12.5 mm"), ("0.5", "0.5 mm")]
)
def test_numbers_are_typed_as_they_are(page: Page, text: str, size: str) -> None:
    open_panel(page, "adjust")
    _typed(page, "x", text)
    expect(page.locator(".adjusted")).to_have_text(f"Adjusted by {size} and 0.0°")
    assert page.input_value('[data-movement="x"]') == text
    page.keyboard.press("Tab")
    assert float(page.input_value('[data-movement="x"]')) == float(text)


@pytest.mark.parametrize("text", ["", "-", "2e"])
def test_what_is_no_number_moves_nothing(page: Page, text: str) -> None:
    open_panel(page, "adjust")
    _typed(page, "x", "3")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator(".adjusted")).to_have_text("Adjusted by 3.0 mm and 0.0°")
    page.keyboard.press("Tab")
    assert page.input_value('[data-movement="x"]') == "3.0"


def test_no_movement_is_no_adjustment(page: Page) -> None:
    open_panel(page, "adjust")
    _typed(page, "x", "3")
    _typed(page, "x", "0")
    expect(page.locator(".adjusted")).to_have_text("Not adjusted")
    accept = open_panel(page, "review").get_by_role("button", name="Accept")
    expect(accept).to_be_enabled()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2,5", "Write the decimal point as a point: 2.5"),
        ("2.5e", "is not a number"),
        ("1-0", "is not a number"),
        ("2..5", "is not a number"),
    ],
)
def test_a_setting_that_cannot_be_read_is_not_sent(
    page: Page, text: str, words: str
) -> None:
    settings = open_panel(page, "settings")
    field = settings.get_by_label("of organs without their own, in Gy")
    again = settings.get_by_role("button", name="Re-assess")
    field.fill("2.5")
    expect(again).to_be_enabled()
    field.fill(text)
    expect(settings.locator(".field-problem:visible")).to_contain_text(words)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(again).to_be_disabled()
    field.fill("2.5")
    expect(settings.locator(".field-problem:visible")).to_have_count(0)
    expect(again).to_be_enabled()


def test_a_half_or_double_row_of_settings_is_not_sent(page: Page) -> None:
    settings = open_panel(page, "settings")
    add = settings.get_by_role(
        "button", name=f"Add a row: {ALPHA_BETA} of single structures"
    )
    again = settings.get_by_role("button", name="Re-assess")
    add.click()
    settings.get_by_label("Structure", exact=True).fill("LIVER")
    expect(settings.get_by_text("only one of its two entries")).to_be_visible()
    expect(again).to_be_disabled()
    settings.get_by_label(f"{ALPHA_BETA} in Gy", exact=True).fill("2")
    expect(again).to_be_enabled()
    add.click()
    settings.get_by_label("Structure", exact=True).last.fill("LIVER")
    settings.get_by_label(f"{ALPHA_BETA} in Gy", exact=True).last.fill("3")
    expect(settings.get_by_text("LIVER stands in two rows.")).to_be_visible()
    expect(again).to_be_disabled()


def _asked_again(page: Page) -> None:
    """Ask for a new version with the movement that is on the screen."""
    adjust = page.locator('[data-panel="adjust"]')
    adjust.get_by_role("button", name="Re-assess").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("closer")
    dialog.get_by_role("button", name="Re-assess").click()
    expect(adjust.get_by_text("Version 2 is being assessed")).to_be_visible()


def test_a_new_version_opens_by_itself_as_the_old_one_was_looked_at(
    page: Page, kept: KeptCase
) -> None:
    page.focus('canvas[data-plane="axial"]')
    for key in ("PageUp", "PageUp", "ArrowRight", "c", "w"):
        page.keyboard.press(key)
    place = page.inner_text(".readout .read.at")
    wash = page.locator(".controls [aria-pressed=true]").all_inner_texts()
    open_panel(page, "adjust")
    _typed(page, "x", "3")
    _asked_again(page)
    kept.finish(2, two_courses())
    page.wait_for_url("**/2")
    page.wait_for_selector('.desk [data-panel="downloads"]')
    assert page.inner_text(".readout .read.at") == place
    assert page.locator(".controls [aria-pressed=true]").all_inner_texts() == wash
    expect(page.locator(".adjusted")).to_have_text("Not adjusted")
    assert page.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize("unsaved", ["comment", "movement"])
def test_a_page_with_something_unsaved_is_not_left_by_itself(
    page: Page, kept: KeptCase, unsaved: str
) -> None:
    open_panel(page, "adjust")
    _typed(page, "x", "3")
    _asked_again(page)
    if unsaved == "comment":
        open_panel(page, "review").get_by_label("Comment").fill("dome is off")
    else:
        _typed(page, "y", "2")
    kept.finish(2, two_courses())
    link = page.get_by_role("link", name="Version 2 is ready: open it")
    expect(link).to_be_visible()
    assert page.url == f"{kept.url}/case/{kept.case}"
    questions: list[str] = []

    def stay(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    link.click(no_wait_after=True)
    page.wait_for_timeout(200)
    assert questions == ["beforeunload"]
    assert page.url == f"{kept.url}/case/{kept.case}"


def test_landmarks_that_somebody_else_saved_are_not_replaced(
    page: Page, kept: KeptCase
) -> None:
    points = (1.0, 2.0, 3.0), (4.0, 5.0, 6.0)
    theirs = LandmarkPair("Landmark 1", 1, *points, frames=("1.2.1", "1.2.2"))
    panel = open_panel(page, "landmarks")
    panel.get_by_role("button", name="Mark a pair").click()
    for _ in range(2):
        panel.get_by_role("button", name="Take the cross-hair").click()
    save_landmarks(kept.parts.store, kept.case, "anna", [theirs])
    save = panel.get_by_role("button", name="Save")
    save.click()
    expect(panel.get_by_text("anna saved landmarks of this case")).to_be_visible()
    assert landmarks(kept.parts.store, kept.case) == (theirs,)
    labels = [panel.get_by_label(f"Label of pair {n}").input_value() for n in (1, 2)]
    assert labels == ["Landmark 1", "Landmark 2"]
    save.click()
    expect(panel.get_by_text("Saved.", exact=True)).to_be_visible()
    saved = landmarks(kept.parts.store, kept.case)
    assert saved[0] == theirs
    assert len(saved) == 2


def test_every_change_of_an_answer_is_told(browser: Browser, kept: KeptCase) -> None:
    before = two_courses()
    (pair,) = before.pairs
    level, volume = next(iter(pair.overlap.items()))
    wider = replace(volume, total_cc=(volume.total_cc or 0.0) + 100.0)
    (one, *others) = before.structures
    changed = replace(
        before,
        pairs=(replace(pair, overlap={**pair.overlap, level: wider}),),
        structures=(replace(one, alpha_beta_gy=7.0), *others),
        findings=(),
    )
    for number, outcome in ((2, before), (3, changed)):
        kept.another_version()
        kept.finish(number, outcome)
    with desk_page(browser) as page:
        opened_case(page, kept.url, kept.case, 2)
        expect(open_panel(page, "changes")).to_contain_text("Nothing differs of what")
        opened_case(page, kept.url, kept.case, 3)
        told = open_panel(page, "changes").locator("tbody").inner_text()
    assert "whole body" in told
    assert f"{ALPHA_BETA} 7 Gy" in told
    assert "Warning" in told


@pytest.fixture
def other(browser: Browser) -> Iterator[Page]:
    with desk_page(browser) as fresh:
        yield fresh


def test_one_course_has_no_registration_to_accept(
    other: Page, server: KeptServer
) -> None:
    kept = server.case(single_course())
    opened_case(other, kept.url, kept.case)
    review = open_panel(other, "review")
    expect(review.get_by_text("No registration: one course.")).to_be_visible()
    expect(review.get_by_role("button", name="Accept")).to_have_count(0)
    expect(review.get_by_role("button", name="Reject")).to_have_count(0)
    expect(review.get_by_role("button", name="Approve")).to_be_enabled()


def test_a_registration_of_which_none_was_used_is_not_accepted(
    other: Page, server: KeptServer
) -> None:
    kept = server.case(undetermined())
    opened_case(other, kept.url, kept.case)
    review = open_panel(other, "review")
    expect(review.get_by_role("button", name="Accept")).to_be_disabled()
    expect(review.get_by_text("The program rejected this registration")).to_be_visible()
    expect(review.get_by_role("button", name="Reject")).to_be_enabled()


def test_who_is_not_signed_in_is_told_what_the_record_shows(page: Page) -> None:
    review = page.locator("#review")
    expect(
        review.get_by_text("the record shows the name that is typed")
    ).to_be_visible()


def test_the_banner_leads_to_the_review(page: Page) -> None:
    page.locator("#review > summary").click()
    expect(page.locator("#review")).not_to_have_attribute("open", "")
    page.locator(".bar-banner a").click()
    expect(page.locator("#review")).to_have_attribute("open", "")
    expect(page.locator("#review")).to_be_in_viewport()


def test_several_courses_that_move_together_or_cannot(
    other: Page, server: KeptServer
) -> None:
    unmoved = np.eye(4)
    away = np.eye(4)
    away[0, 3] = 12.0
    matrices = [unmoved.tolist(), unmoved.tolist()]
    together = server.case(with_matrices(three_courses(), *matrices))
    opened_case(other, together.url, together.case)
    adjust = open_panel(other, "adjust")
    expect(adjust.get_by_text("Courses 1 and 2 move together")).to_be_visible()
    _typed(other, "x", "3")
    expect(adjust.get_by_role("button", name="Re-assess")).to_be_enabled()

    apart = server.case(with_matrices(three_courses(), matrices[0], away.tolist()))
    opened_case(other, apart.url, apart.case)
    adjust = open_panel(other, "adjust")
    _typed(other, "x", "3")
    told = adjust.get_by_text("Courses 1 and 2 were registered separately.")
    expect(told).to_be_visible()
    expect(adjust.get_by_role("button", name="Re-assess")).to_be_disabled()


def test_reports_that_failed_are_asked_for_again(page: Page, kept: KeptCase) -> None:
    kept.fail_report(1, "The disk is full.")
    page.reload()
    downloads = open_panel(page, "downloads")
    expect(downloads.get_by_text("could not be written").first).to_be_visible()
    with page.expect_request("**/versions/1/reports") as asked:
        downloads.get_by_role("button", name="Write them again").click()
    assert asked.value.method == "POST"


def test_the_list_shows_the_type_as_the_case_does(page: Page, kept: KeptCase) -> None:
    badge = page.locator(".bar-class")
    look = """one => {
      const {color, backgroundColor} = getComputedStyle(one);
      return [color, backgroundColor]; }"""
    shown: Any = badge.evaluate(look), badge.inner_text()
    page.goto(kept.url)
    row = page.locator(f'tr[data-case="{kept.case}"] .type-badge')
    assert (row.evaluate(look), row.inner_text()) == shown
