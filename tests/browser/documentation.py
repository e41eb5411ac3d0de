"""Pictures of pages for the documentation, renewed by the tests when asked to."""

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page

__all__ = ["RENEWING", "pictured"]

RENEWING = os.environ.get("REIRRAD_RENEW_IMAGES") == "1"
"""Whether the pictures of the documentation are written again."""

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SIZE = (1600, 900)


def pictured(page: Page, name: str) -> None:
    """Take a picture of a page, which must not be blank, and keep it where asked to."""
    page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
    page.wait_for_timeout(500)
    content = page.screenshot(animations="disabled")
    picture = Image.open(io.BytesIO(content))
    assert picture.size == SIZE
    grey = np.asarray(picture.convert("L"))
    assert grey.std() > 8
    assert len(np.unique(grey)) > 50
    if RENEWING:
        (IMAGES / name).write_bytes(content)
