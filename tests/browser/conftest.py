"""A browser that the tests share, and a page for each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import running_browser, watched_page
from tests.browser.desk import Received, receiving


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium without GPU and without a way to any other host."""
    with running_browser() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new page; its errors and requests to other hosts fail the test."""
    with watched_page(browser) as watched:
        yield watched


@pytest.fixture(scope="package")
def received(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Received]:
    """A case that came in through the page, on a server where nobody signs in."""
    with receiving(browser, tmp_path_factory.mktemp("desk")) as case:
        yield case
