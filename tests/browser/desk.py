"""Cases of a server as people use them: what tests of the desk share."""

import base64
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Locator, Page

from reirrad.core.geometry import FloatArray
from tests.browser.chromium import watched_page
from tests.web.server import Client, RunningServer, running_server
from tests.workflows.exports import course, write_patient

__all__ = [
    "ASSESSED_MS",
    "Received",
    "desk_page",
    "drop_zip",
    "made_patient",
    "open_panel",
    "opened_case",
    "receiving",
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


@dataclass
class Received:
    """A case that came in through the page."""

    server: RunningServer
    client: Client
    case: str
    patient: Path
    steps: list[str]

    def matrix(self, number: int) -> FloatArray:
        """Registration of a version, course 1 to course 2."""
        page = self.client.get(f"/api/cases/{self.case}/versions/{number}/page")
        return np.array(page["registrations"][0]["matrix"])

    def manifest(self) -> Any:
        path = f"/api/cases/{self.case}/versions/1/scene/manifest"
        return self.client.get(path)


@contextmanager
def receiving(browser: Browser, folder: Path) -> Iterator[Received]:
    """Bring a patient in by the page of a new server."""
    patient = made_patient(folder / "export")
    store = folder / "store"
    with running_server(store) as server, desk_page(browser) as page:
        page.goto(server.url)
        page.wait_for_selector(".drop-zone")
        page.set_input_files('[data-choose="folder"]', patient)
        row = page.locator("tr[data-case]")
        row.wait_for(timeout=60_000)
        steps = _steps_until_done(page)
        case = row.get_attribute("data-case")
        yield Received(server, server.client(), str(case), patient, steps)


def _steps_until_done(page: Page) -> list[str]:
    """What the list said of the only case until it was assessed."""
    page.evaluate(
        """() => { window.told = [];
        const look = () => {
          const words = document.querySelector("[data-step]")?.textContent;
          if (words && words !== window.told.at(-1)) { window.told.push(words); }
        };
        new MutationObserver(look).observe(document.body,
          { childList: true, subtree: true, characterData: true }); look(); }"""
    )
    page.wait_for_selector('tr[data-state="done"]', timeout=ASSESSED_MS)
    told: list[str] = page.evaluate("window.told")
    return told
