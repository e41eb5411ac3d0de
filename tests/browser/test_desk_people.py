"""Signing in to the pages, what each role may do, and sessions that end."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from reirrad.store.cases import list_cases
from reirrad.store.database import Store
from reirrad.store.people import Role, add_person
from reirrad.web.passwords import hashed
from tests.browser.accessibility import violations
from tests.browser.desk import Received, desk_page, open_panel, opened_case
from tests.web.server import RunningServer, running_server

pytestmark = pytest.mark.slow

PHRASE = "correct horse battery"
PEOPLE: dict[str, Role] = {
    "Vera Viewer": "viewer",
    "Pia Physicist": "physicist",
    "Paul Physician": "physician",
}


@dataclass
class Clinic:
    """A server with accounts and one assessed case."""

    server: RunningServer
    case: str


@pytest.fixture(scope="module")
def clinic(
    received: Received, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Clinic]:
    folder = tmp_path_factory.mktemp("clinic") / "store"
    versions = received.client.get(f"/api/cases/{received.case}")["versions"]
    for version in versions:
        received.client.written(received.case, version["number"])
    shutil.copytree(received.server.store, folder)
    _people(folder)
    with running_server(folder) as server:
        yield Clinic(server, received.case)


def _people(folder: Path) -> None:
    store = Store.open(f"sqlite:///{folder}/reirrad.sqlite")
    password_hash = hashed(PHRASE)
    for name, role in PEOPLE.items():
        add_person(store, name, role, password_hash)
    assert len(list_cases(store)) == 1
    store.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with desk_page(browser) as fresh:
        yield fresh


def _sign_in(page: Page, name: str, password: str = PHRASE) -> None:
    page.get_by_label("Name").last.fill(name)
    page.get_by_label("Password").last.fill(password)
    page.keyboard.press("Enter")


def test_a_page_asks_to_sign_in_and_returns_to_where_one_was(
    page: Page, clinic: Clinic
) -> None:
    page.goto(f"{clinic.server.url}/case/{clinic.case}/1")
    page.wait_for_url("**/sign-in?next=*")
    assert violations(page) == []
    _sign_in(page, "Vera Viewer", "wrong horse battery")
    expect(page.get_by_text("Name or password is wrong")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_focused()
    _sign_in(page, "Vera Viewer")
    page.wait_for_url(f"**/case/{clinic.case}/1")
    expect(page.get_by_text("Vera Viewer, viewer")).to_be_visible()


def test_nobody_is_sent_to_another_site(page: Page, clinic: Clinic) -> None:
    page.goto(f"{clinic.server.url}/sign-in?next=//evil.example/")
    _sign_in(page, "Vera Viewer")
    page.wait_for_url(f"{clinic.server.url}/")
    expect(page.get_by_text("Your role may look at cases.")).to_be_visible()
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.goto(clinic.server.url)
    page.wait_for_url("**/sign-in?next=*")


@pytest.mark.parametrize("name", PEOPLE)
def test_each_role_may_do_what_it_may(page: Page, clinic: Clinic, name: str) -> None:
    page.goto(f"{clinic.server.url}/sign-in")
    _sign_in(page, name)
    page.wait_for_url(f"{clinic.server.url}/")
    opened_case(page, clinic.server.url, clinic.case, 1)
    works = PEOPLE[name] != "viewer"

    review = open_panel(page, "review")
    expect(review.get_by_label("Name")).to_have_value(name)
    expect(review.get_by_label("Name")).not_to_be_editable()
    accept = review.get_by_role("button", name="Accept")
    expect(accept).to_be_enabled(enabled=works)
    expect(review.get_by_role("button", name="Approve")).to_be_disabled()
    reason = {
        "viewer": "Your role may look.",
        "physicist": "A physician approves the assessment.",
        "physician": "when its registration is accepted",
    }[PEOPLE[name]]
    assert reason in review.inner_text()

    adjust = open_panel(page, "adjust")
    page.fill('[data-movement="x"]', "2")
    page.keyboard.press("Enter")
    expect(adjust.get_by_role("button", name="Re-assess")).to_be_enabled(enabled=works)
    marks = open_panel(page, "landmarks").get_by_role("button", name="Mark a pair")
    expect(marks).to_have_count(1 if works else 0)
    field = open_panel(page, "settings").get_by_label("Organ of overlap")
    expect(field).to_be_enabled(enabled=works)


def test_a_session_that_ends_loses_nothing(page: Page, clinic: Clinic) -> None:
    page.goto(f"{clinic.server.url}/sign-in")
    _sign_in(page, "Pia Physicist")
    page.wait_for_url(f"{clinic.server.url}/")
    opened_case(page, clinic.server.url, clinic.case, 1)
    review = open_panel(page, "review")
    review.get_by_label("Comment").fill("vessels agree")
    page.context.clear_cookies()
    review.get_by_role("button", name="Accept").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Your session has ended")).to_be_visible()
    assert violations(page) == []
    _sign_in(page, "Pia Physicist")
    expect(dialog).to_have_count(0)
    expect(review.get_by_text("vessels agree")).to_be_visible()
    expect(page.get_by_text("ASSESSMENT NOT APPROVED")).to_be_visible()
