"""A headless Chromium, and pages that tell what went wrong in them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

__all__ = ["FLAGS", "running_browser", "watched_page"]

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
REFUSED = "Failed to load resource"
LOOPBACK = {"127.0.0.1", "localhost"}
OWN_SCHEMES = {"blob", "data", "file", "about"}


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A browser without GPU and without a way to any other host."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched_page(
    browser: Browser, *, refusals: bool = False, **context_options: Any
) -> Iterator[Page]:
    """A page of 1366 x 768 in a context of its own.

    When it is left, errors of the page, errors in its console and requests to any
    other host fail the test. With `refusals`, the console may tell of answers that
    refuse something: the page shows their words itself.
    """
    options = {"viewport": {"width": 1366, "height": 768}} | context_options
    context = browser.new_context(**options)
    problems: list[str] = []
    context.on(
        "request",
        lambda request: (
            problems.append(f"request to {request.url}")
            if _is_elsewhere(request.url)
            else None
        ),
    )
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.on(
        "console",
        lambda message: (
            problems.append(f"console: {message.text}")
            if message.type == "error" and not (refusals and REFUSED in message.text)
            else None
        ),
    )
    try:
        yield page
    finally:
        context.close()
    assert problems == []


def _is_elsewhere(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in OWN_SCHEMES and parts.hostname not in LOOPBACK
