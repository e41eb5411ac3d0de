"""Cases of a server as people use them: what tests of the desk share."""

import base64
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from tests.browser.chromium import watched_page
from tests.workflows.exports import course, write_patient

__all__ = [
    "ASSESSED_MS",
    "desk_page",
    "drop_zip",
    "made_patient",
    "open_panel",
    "opened_case",
    "require_accessible",
    "zipped",
]

ASSESSED_MS = 240_000
DROP = """([selector, name, text]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "application/zip" }));
  const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
  const zone = document.querySelector(selector);
  zone.dispatchEvent(new DragEvent("dragover", options));
  zone.dispatchEvent(new DragEvent("drop", options));
}"""


def made_patient(folder: Path) -> Path:
    """Two small courses in frames of their own, 6 mm apart along x."""
    one = course(1, target_x=-10.0)
    return write_patient(folder, one, course(2, target_x=20.0, offset_mm=6.0))


@contextmanager
def desk_page(browser: Browser, **options: object) -> Iterator[Page]:
    """A person's own browser; answers that refuse something may be in its console."""
    with watched_page(browser, refusals=True, **options) as page:
        page.set_default_timeout(30_000)
        yield page


def opened_case(page: Page, url: str, case: str, number: int | None = None) -> None:
    """Open a case and wait until pictures and desk are there."""
    page.goto(f"{url}/case/{case}" + ("" if number is None else f"/{number}"))
    page.wait_for_selector('.desk [data-panel="downloads"]')


def open_panel(page: Page, name: str) -> Locator:
    """Open a section of the desk by keyboard."""
    panel = page.locator(f'[data-panel="{name}"]')
    if panel.get_attribute("open") is None:
        panel.locator("> summary").focus()
        page.keyboard.press("Enter")
    return panel


def zipped(**files: bytes) -> bytes:
    """A zip with these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def drop_zip(page: Page, name: str, content: bytes) -> None:
    """Drop a file on the page as a file manager does."""
    text = base64.b64encode(content).decode("ascii")
    page.evaluate(DROP, [".drop-zone", name, text])


def require_accessible(page: Page) -> None:
    """No violation that axe-core knows of."""
    found = Axe().run(page).response["violations"]
    told = [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]
    assert not told, "\n".join(told)
