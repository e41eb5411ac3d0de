"""The whole way of one case: received, looked at, adjusted, reviewed and signed."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Position, expect
from pypdf import PdfReader

from reirrad.core.geometry import FloatArray
from reirrad.workflows.demo import write_demo_patient
from tests.browser.accessibility import violations
from tests.browser.desk import (
    ASSESSED_MS,
    Received,
    desk_page,
    open_panel,
    opened_case,
)
from tests.browser.documentation import RENEWING, pictured
from tests.web.server import Client, command_line, running_server

pytestmark = pytest.mark.slow

NAME = "Dr. A. Tester"
DEFAULT_RATIO = "of organs without their own, in Gy"
LARGE = {"width": 3840, "height": 2160}


@pytest.fixture
def page(browser: Browser, received: Received) -> Iterator[Page]:
    with desk_page(browser) as fresh:
        opened_case(fresh, received.server.url, received.case, 1)
        yield fresh


def _typed(page: Page, key: str, value: str) -> None:
    page.fill(f'[data-movement="{key}"]', value)
    page.keyboard.press("Enter")


def _asked(page: Page, panel: str, reason: str) -> int:
    """Ask for a new version from a section."""
    button = page.locator(f'[data-panel="{panel}"]').get_by_role(
        "button", name="Re-assess"
    )
    button.evaluate("one => one.scrollIntoView({ block: 'end' })")
    button.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill(reason)
    with page.expect_response("**/versions") as made:
        dialog.get_by_role("button", name="Re-assess").click()
    # Past steps follow below; what happens now must be seen without looking for it.
    progress = page.locator(".version-progress")
    for part in (progress.get_by_role("paragraph"), progress.get_by_role("status")):
        expect(part.first).to_be_in_viewport(ratio=1)
    return int(made.value.json()["number"])


def _shown(page: Page, number: int) -> None:
    """Wait until the page shows a version that was asked for."""
    page.wait_for_url(f"**/{number}", timeout=ASSESSED_MS)
    page.wait_for_selector('.desk [data-panel="downloads"]')


def _turned(degrees: float) -> FloatArray:
    angle = np.radians(degrees)
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return turn


def _moved(shift: tuple[float, float, float]) -> FloatArray:
    move = np.eye(4)
    move[:3, 3] = shift
    return move


@contextmanager
def _command_line(
    received: Received, matrix: FloatArray, folder: Path
) -> Iterator[Callable[[], Any]]:
    """What `reirrad assess --registration` says with a matrix, once it is asked.

    It runs beside the server's own assessment.
    """
    file = folder / "matrix.txt"
    rows = [" ".join(map(repr, map(float, row))) for row in matrix]
    file.write_text("\n".join(rows), encoding="ascii")
    out = folder / "out"
    options = ("--json-only", "--registration", str(file), "--out", str(out))
    with command_line("assess", str(received.patient), *options) as process:

        def said() -> Any:
            words, _ = process.communicate()
            written = out / "assessment.json"
            assert written.is_file(), words
            return json.loads(written.read_text(encoding="utf-8"))

        yield said


def test_the_list_tells_every_step(received: Received) -> None:
    assert "evaluating constraints" in received.steps
    assert len(received.steps) > 5


def test_from_adjusting_to_a_signed_report(
    page: Page, received: Received, tmp_path: Path
) -> None:
    before = page.inner_text(".answers table.overlap")
    open_panel(page, "adjust")
    page.get_by_role("button", name="Move", exact=True).click()
    page.focus('canvas[data-plane="axial"]')
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert page.input_value('[data-movement="x"]') == "2.0"
    _typed(page, "rz", "1")
    assert page.inner_text(".adjusted") == "Adjusted by 2.0 mm and 1.0°"
    expect(page.get_by_text("REGISTRATION NOT REVIEWED")).to_be_visible()
    number = _asked(page, "adjust", "off by 2 mm at the dome")

    version = received.client.version(received.case, number)
    centre = received.manifest()["centre_mm"]
    about = (centre["x"], centre["y"], centre["z"])
    away = (-about[0], -about[1], -about[2])
    there = (about[0] + 2.0, about[1], about[2])
    movement = _moved(there) @ _turned(1.0) @ _moved(away)
    asked = np.array(version["matrix"])
    np.testing.assert_allclose(asked, movement @ received.matrix(1), atol=1e-6)

    with _command_line(received, asked, tmp_path) as said:
        _shown(page, number)
        expected = said()
    path = f"/api/cases/{received.case}/versions/{number}"
    found = received.client.get(f"{path}/files/assessment.json")
    for key in ("pairs", "registrations", "structures", "constraints", "uncertainty"):
        assert found[key] == expected[key], key
    now = page.inner_text(".answers table.overlap")
    assert now != before
    for overlap in expected["pairs"][0]["overlap"].values():
        assert f"{overlap['organ_cc']:.1f} cc" in now
    assert "off by 2 mm" in open_panel(page, "changes").inner_text()
    assert page.locator(".changes tbody tr").count() > 0

    _sign(page)
    _is_signed(_report(page))
    first = received.client.version(received.case, 1)
    assert first["review"]["registration"] == "unreviewed"


def _is_signed(report: Path) -> None:
    text = "".join(one.extract_text() for one in PdfReader(report).pages)
    assert NAME in text
    assert "NOT REVIEWED" not in text
    assert "approved by" in text.lower()


def _sign(page: Page) -> None:
    """Accept the registration, then approve, and see the page follow at once."""
    review = open_panel(page, "review")
    approve = review.get_by_role("button", name="Approve")
    expect(approve).to_be_disabled()
    assert "when its registration is accepted" in review.inner_text()
    review.get_by_role("button", name="Accept").click()
    expect(review.get_by_text("Give your name.")).to_be_visible()
    review.get_by_label("Name").fill(NAME)
    review.get_by_label("Comment").fill("vessels and dome agree")
    review.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("ASSESSMENT NOT APPROVED")).to_be_visible()
    expect(approve).to_be_enabled()
    approve.click()
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(page.locator(".bar-banner")).to_have_count(0)
    expect(review.get_by_text("This assessment is approved.")).to_be_visible()
    review.locator(".trail summary").click()
    trail = review.locator(".trail-table tbody tr")
    expect(trail.first).to_contain_text("approved")


def _report(page: Page) -> Path:
    """Wait until the report is written with the signature, and load it."""
    downloads = open_panel(page, "downloads")
    link = downloads.get_by_role("link", name="Report, PDF")
    link.wait_for(timeout=ASSESSED_MS)
    with page.expect_download() as download:
        link.click()
    return Path(download.value.path())


def test_landmarks_give_the_error_that_arithmetic_gives(
    page: Page, received: Received
) -> None:
    panel = open_panel(page, "landmarks")
    panel.get_by_role("button", name="Mark a pair").click()
    first = _picked(page, 0.42, 0.40)
    expect(panel.locator(".guide")).to_contain_text("image of course 2")
    second = _picked(page, 0.46, 0.48)
    distance = float(np.linalg.norm(first - second))
    cells = panel.locator("tbody td.number")
    assert float(cells.nth(0).inner_text()) == pytest.approx(distance, abs=0.2)
    assert cells.nth(1).inner_text() == cells.nth(0).inner_text()

    open_panel(page, "adjust")
    _typed(page, "x", "3")
    moved = float(np.linalg.norm(first + np.array([3.0, 0.0, 0.0]) - second))
    assert float(cells.nth(1).inner_text()) == pytest.approx(moved, abs=0.2)
    assert float(cells.nth(0).inner_text()) == pytest.approx(distance, abs=0.2)

    panel.get_by_label("Label of pair 1").fill("Dome")
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_text("Saved.")).to_be_visible()
    path = f"/api/cases/{received.case}/landmarks?version=1"
    kept = received.client.get(path)
    assert [pair["label"] for pair in kept["pairs"]] == ["Dome"]
    shown = float(cells.nth(0).inner_text())
    assert kept["errors_mm"][0] == pytest.approx(shown, abs=0.051)

    page.get_by_role("button", name="Reset", exact=True).first.click()
    page.reload()
    page.wait_for_selector('.desk [data-panel="downloads"]')
    panel = open_panel(page, "landmarks")
    panel.get_by_role("button", name="Show Dome").click()
    np.testing.assert_allclose(_cross_hair(page), second, atol=0.2)
    panel.get_by_role("button", name="Delete Dome").click()
    expect(panel.get_by_text("No pair yet.")).to_be_visible()
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_text("Saved.")).to_be_visible()
    assert received.client.get(path)["pairs"] == []


def _picked(page: Page, across: float, down: float) -> FloatArray:
    """Click into the axial plane; where the cross-hair is then."""
    canvas = page.locator('canvas[data-plane="axial"]')
    box = canvas.bounding_box()
    assert box is not None
    spot = Position(x=box["width"] * across, y=box["height"] * down)
    canvas.click(position=spot)
    return _cross_hair(page)


def _cross_hair(page: Page) -> FloatArray:
    text = page.inner_text(".readout .read.at")
    return np.array([float(word) for word in re.findall(r"-?\d+\.\d", text)])


def test_a_setting_out_of_range_is_told_at_its_field(page: Page) -> None:
    settings = open_panel(page, "settings")
    field = settings.get_by_label(DEFAULT_RATIO)
    field.fill("500")
    settings.get_by_role("button", name="Re-assess").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Re-assess").click()
    assert "Say why." in dialog.inner_text()
    dialog.get_by_label("Reason").fill("trial")
    dialog.get_by_role("button", name="Re-assess").click()
    problem = settings.locator(".field-problem:visible")
    problem.wait_for()
    assert "alpha_beta_gy.default_oar: 500 is outside 0.1 to 100 Gy" in (
        problem.inner_text()
    )
    expect(field).to_have_attribute("aria-invalid", "true")
    assert page.url.endswith("/1")


def test_two_people_at_once_lose_nothing(
    page: Page, browser: Browser, received: Received
) -> None:
    open_panel(page, "adjust")
    _typed(page, "z", "4")
    with desk_page(browser) as other:
        opened_case(other, received.server.url, received.case, 1)
        settings = open_panel(other, "settings")
        settings.get_by_label(DEFAULT_RATIO).fill("2.5")
        number = _asked(other, "settings", "late effects of this organ")
        _shown(other, number)
        expect(page.get_by_role("link", name=f"Open version {number}")).to_be_visible()
        assert page.input_value('[data-movement="z"]') == "4"
        assert page.url.endswith("/1")
        changed = received.client.version(received.case, number)
        assert changed["settings"]["alpha_beta_gy"]["default_oar"] == 2.5
        assert changed["based_on"] == 1

        opened_case(other, received.server.url, received.case, 1)
        review = open_panel(other, "review")
        review.get_by_label("Name").fill("Somebody else")
        review.get_by_label("Comment").fill("stomach is off by a hand")
        review.get_by_role("button", name="Reject").click()
        expect(other.get_by_text("REGISTRATION REJECTED")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.get_by_text("REGISTRATION REJECTED")).to_be_visible()
    told = page.get_by_text("The review of this version was changed by somebody else.")
    expect(told).to_be_visible()
    assert page.input_value('[data-movement="z"]') == "4"


@pytest.mark.parametrize("size", [None, LARGE])
def test_the_case_page_is_accessible(
    browser: Browser, received: Received, size: dict[str, int] | None
) -> None:
    options = {} if size is None else {"viewport": size}
    with desk_page(browser, **options) as page:
        opened_case(page, received.server.url, received.case, 1)
        for name in ("review", "adjust", "landmarks", "settings", "downloads"):
            open_panel(page, name)
        page.locator(".versions summary").click()
        assert violations(page) == []
        answers = page.locator(".answers")
        widths = answers.evaluate("one => [one.scrollWidth, one.clientWidth]")
        assert widths[0] <= widths[1]


def test_pictures_of_page_and_report_are_not_blank(
    browser: Browser, received: Received, tmp_path: Path
) -> None:
    with ExitStack() as opened, desk_page(browser) as page:
        client, case = received.client, received.case
        url = received.server.url
        if RENEWING:
            server = opened.enter_context(running_server(tmp_path / "store"))
            url, client = server.url, server.client()
            case = _demo_case(client, tmp_path / "demo")
        opened_case(page, url, case, 1)
        expect(page.locator(".readout")).to_contain_text("native grids", timeout=60_000)
        pictured(page, "review-page.png")

        client.written(case)
        path = f"/api/cases/{case}/versions/1/files/report.html"
        report = tmp_path / "report.html"
        report.write_bytes(client.http.get(path).content)
        page.goto(f"{report.as_uri()}#record")
        pictured(page, "report.png")


def _demo_case(client: Client, folder: Path) -> str:
    folder.mkdir()
    write_demo_patient(folder)
    case = client.upload(folder)
    client.ended(case)
    return case
