"""The list of cases: what it shows, bringing cases in, failures, deleting."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from reirrad.store import jobs
from reirrad.store.cases import add_case, add_version, finish_version
from reirrad.store.database import Store
from reirrad.store.reviews import Signer, approve, review_of, review_registration
from tests.browser.accessibility import violations
from tests.browser.desk import ASSESSED_MS, desk_page, drop_zip, zipped
from tests.browser.documentation import pictured
from tests.web.server import Client, RunningServer, running_server

pytestmark = pytest.mark.slow

N_CASES = 50
TYPES = ("1A", "1B", "2", "undetermined", None)


def _filled(folder: Path) -> None:
    """Cases that were assessed, without their files."""
    folder.mkdir(parents=True, exist_ok=True)
    store = Store.open(f"sqlite:///{folder}/reirrad.sqlite")
    for number in range(N_CASES):
        case = add_case(store, by="test", source="upload")
        add_version(
            store,
            case.id,
            by="test",
            reason="first assessment",
            settings={},
            matrix=None,
            based_on=None,
        )
        finish_version(store, case.id, 1, _summary(number))
        _decide(store, case.id, number)
    while (job := jobs.claim(store, "test")) is not None:
        seen = review_of(store, job.case_id, job.version)
        jobs.finish_report(store, job.id, seen)
    store.close()


def _decide(store: Store, case: str, number: int) -> None:
    """Accept some registrations, reject some, and approve some assessments."""
    signer = Signer(by="test", name="Dr. A. Tester", role="physician")
    if number % 5 == 2 or (number % 5 == 0 and number > 0):
        verdict: Literal["accepted", "rejected"] = (
            "rejected" if number % 7 == 0 else "accepted"
        )
        review_registration(
            store, case, 1, signer, verdict=verdict, comment="looked at"
        )
        if verdict == "accepted" and number % 5 == 0:
            approve(store, case, 1, signer, comment="", newest=None)


def _summary(number: int) -> dict[str, object]:
    kind = TYPES[number % len(TYPES)]
    exceeded = number % 4
    return {
        "label": f"P{number:03d}",
        "resbrt_type": kind,
        "interval_days": None if kind is None else 30 * number,
        "flags": [f"{exceeded + 1} limits exceeded"] if exceeded else [],
        "organ": "Liver",
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    store = tmp_path_factory.mktemp("list") / "store"
    exports = tmp_path_factory.mktemp("exports")
    (exports / "nothing").mkdir()
    (exports / "nothing" / "notes.txt").write_text("no DICOM here")
    _filled(store)
    with running_server(store, "--import-from", str(exports)) as running:
        yield running


@pytest.fixture
def client(server: RunningServer) -> Client:
    return server.client()


@pytest.fixture
def cases(browser: Browser, server: RunningServer) -> Iterator[Page]:
    with desk_page(browser) as page:
        page.goto(server.url)
        page.wait_for_selector("tr[data-case]")
        yield page


def _labels(page: Page) -> list[str]:
    return page.locator("tr[data-case] th").all_inner_texts()


def test_fifty_cases_are_listed_sorted_and_filtered_by_keyboard(cases: Page) -> None:
    assert len(_labels(cases)) == N_CASES
    row = cases.locator("tr[data-case]", has_text="P001")
    assert "Type 1B" in row.inner_text()
    assert "30 days" in row.inner_text()
    assert "2 limits exceeded" in row.inner_text()
    assert "Not reviewed" in row.inner_text()
    assert "Not approved" in row.inner_text()
    assert "Withheld" in cases.locator("tr[data-case]", has_text="P003").inner_text()
    assert "One course" in cases.locator("tr[data-case]", has_text="P004").inner_text()

    cases.focus("[data-sort=label]")
    cases.keyboard.press("Enter")
    assert _labels(cases) == [f"P{number:03d}" for number in range(N_CASES)]
    cases.keyboard.press("Enter")
    assert _labels(cases)[0] == "P049"
    sorted_by = cases.locator("th[aria-sort]")
    assert sorted_by.get_attribute("aria-sort") == "descending"

    cases.fill("#filter", "type 1b not reviewed")
    assert _labels(cases) == [f"P{n:03d}" for n in range(46, 0, -5)]
    expect(cases.locator(".list-head [role=status]")).to_have_text("10 of 50 cases")
    cases.fill("#filter", "nobody")
    expect(cases.get_by_text("No case matches the filter.")).to_be_visible()


def test_one_request_lists_all_cases(cases: Page) -> None:
    asked: list[str] = []
    cases.on("request", lambda request: asked.append(urlsplit(request.url).path))
    cases.reload()
    cases.wait_for_selector("tr[data-case]")
    assert asked.count("/api/cases") == 1
    assert not [path for path in asked if path.startswith("/api/cases/")]


def test_a_picture_of_the_list_is_not_blank(cases: Page) -> None:
    path = cases.get_by_label("Path on the server")
    path.evaluate("one => { one.placeholder = 'A folder or zip below /data/exports'; }")
    pictured(cases, "case-list.png")


def test_list_and_its_dialog_are_accessible(cases: Page) -> None:
    assert violations(cases) == []
    cases.get_by_role("button", name="Delete case P000").click()
    assert violations(cases) == []


def test_deleting_asks_first_and_gives_the_focus_back(cases: Page) -> None:
    button = cases.get_by_role("button", name="Delete case P000")
    button.focus()
    cases.keyboard.press("Enter")
    dialog = cases.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    cases.keyboard.press("Escape")
    expect(button).to_be_focused()
    assert "P000" in _labels(cases)

    cases.keyboard.press("Enter")
    dialog.get_by_role("button", name="Delete").click()
    expect(cases.locator("tr[data-case]", has_text="P000")).to_have_count(0)


def test_a_dropped_zip_that_fails_says_why_in_the_words_of_the_server(
    cases: Page, client: Client
) -> None:
    drop_zip(cases, "export.zip", zipped(notes=b"no DICOM here"))
    failed = cases.locator('tr[data-state="failed"]').first
    failed.wait_for(timeout=ASSESSED_MS)
    case = failed.get_attribute("data-case")
    problems = client.version(str(case))["problems"]
    assert problems
    assert cases.locator(f'[data-why="{case}"] li').all_inner_texts() == problems
    assert violations(cases) == []

    failed.locator("a").click()
    cases.wait_for_selector('[data-panel="settings"][open]')
    assert cases.locator(".undone > .problems li").all_inner_texts() == problems
    assert violations(cases) == []


def test_a_path_that_is_not_below_an_import_folder_is_refused(cases: Page) -> None:
    cases.get_by_label("Path on the server").fill("/etc")
    cases.keyboard.press("Enter")
    refusal = cases.locator(".import .problems")
    refusal.wait_for()
    assert "in the import folders of this server" in refusal.inner_text()


def test_an_empty_folder_is_told(cases: Page) -> None:
    cases.evaluate(
        """() => document.querySelector(".drop-zone").dispatchEvent(
        new DragEvent("drop", { dataTransfer: new DataTransfer(), bubbles: true }))"""
    )
    told = cases.locator(".upload-status .problems")
    told.wait_for()
    assert "There is no file in what was dropped." in told.inner_text()


def test_an_upload_can_be_cancelled(
    cases: Page, server: RunningServer, client: Client
) -> None:
    before = len(client.get("/api/cases"))
    cases.route("**/api/uploads/*/files", lambda _: None)
    drop_zip(cases, "export.zip", zipped(notes=b"x"))
    cases.get_by_role("button", name="Cancel upload").click()
    expect(cases.get_by_text("The upload was cancelled.")).to_be_visible()
    assert len(client.get("/api/cases")) == before
    client.until(lambda: not any((server.store / "uploads").iterdir()))


def test_an_upload_can_be_cancelled_before_the_server_has_answered(
    cases: Page, server: RunningServer, client: Client
) -> None:
    before = len(client.get("/api/cases"))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    cases.route("**/api/uploads", hold)
    with cases.expect_request("**/api/uploads"):
        drop_zip(cases, "export.zip", zipped(notes=b"x"))
    cases.get_by_role("button", name="Cancel upload").click()
    expect(cases.get_by_text("The upload was cancelled.")).to_be_visible()
    with cases.expect_response(lambda answer: answer.request.method == "DELETE"):
        held[0].continue_()
    assert list((server.store / "uploads").iterdir()) == []
    assert len(client.get("/api/cases")) == before


def test_an_empty_list_says_what_to_do_and_a_lost_server_is_told(
    browser: Browser, tmp_path: Path
) -> None:
    with desk_page(browser) as page, running_server(tmp_path / "store") as server:
        page.goto(server.url)
        expect(page.get_by_role("heading", name="No case yet")).to_be_visible()
        assert violations(page) == []
        port = server.url.rsplit(":", 1)[1]
        server.kill()
        expect(page.get_by_text("Connection lost, trying again.")).to_be_visible()
        drop_zip(page, "export.zip", zipped(notes=b"no DICOM here"))
        retry = page.get_by_role("button", name="Go on with the upload")
        retry.wait_for()
        assert "The server does not answer." in page.inner_text(".upload-status")

        with running_server(server.store, "--port", port):
            retry.click()
            page.wait_for_selector("tr[data-case]")
            expect(page.get_by_text("Connection lost")).to_be_hidden(timeout=10_000)


def test_no_name_of_a_file_stands_in_an_address_or_in_the_log(
    cases: Page, server: RunningServer
) -> None:
    asked: list[str] = []
    cases.on("request", lambda request: asked.append(request.url))
    with cases.expect_response("**/finish"):
        drop_zip(cases, "DOE^JOHN.zip", zipped(notes=b"no DICOM here"))
    assert any("/files" in url for url in asked)
    assert not [url for url in asked if "DOE" in url]
    assert "DOE" not in server.log()
