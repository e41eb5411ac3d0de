"""Pixels of the viewer's planes, and where mm of a plane lie among them."""

import base64
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from playwright.sync_api import Page

from tests.browser.specimens import DOSE_GRID, IMAGE_GRID

__all__ = ["AXES", "PlacedPlane", "drawn", "near_colour", "picture", "placed_plane"]

AXES = {"axial": (0, 1, 2), "sagittal": (1, 2, 0), "coronal": (0, 2, 1)}
MARGIN = 0.94
Pixels = npt.NDArray[np.int16]


@dataclass(frozen=True)
class PlacedPlane:
    """Arithmetic of one plane: its middle is the middle of the dose."""

    plane: str
    middle: tuple[float, float]
    centre_px: tuple[float, float]
    px_per_mm: float

    def pixel(self, point: tuple[float, float, float]) -> npt.NDArray[np.float64]:
        """Column and row of a point of the plane; 0.5 is the middle of the first."""
        u, v, _ = AXES[self.plane]
        # Towards the feet and towards posterior is down.
        down = 1.0 if self.plane == "axial" else -1.0
        return np.array(
            [
                self.centre_px[0] + (point[u] - self.middle[0]) * self.px_per_mm,
                self.centre_px[1] + down * (point[v] - self.middle[1]) * self.px_per_mm,
            ]
        )


def placed_plane(plane: str, shape: tuple[int, ...]) -> PlacedPlane:
    """Where the plane of the specimen must lie in a picture of that shape."""
    bounds = []
    for axis in AXES[plane][:2]:
        low, high = [], []
        for origin, spacing, size in (DOSE_GRID, IMAGE_GRID):
            low.append(origin[axis] - spacing[axis] / 2)
            high.append(origin[axis] + (size[axis] - 0.5) * spacing[axis])
        bounds.append((max(low), min(high)))
    (u0, u1), (v0, v1) = bounds
    height, width = shape[:2]
    return PlacedPlane(
        plane,
        ((u0 + u1) / 2, (v0 + v1) / 2),
        (width / 2, height / 2),
        MARGIN * min(width / (u1 - u0), height / (v1 - v0)),
    )


def drawn(page: Page, script: str = "() => {}", argument: Any = None) -> None:
    """Run a script in the page and wait until the planes are drawn again."""
    page.evaluate(
        f"""async (argument) => {{
          ({script})(argument);
          const isDrawn = new Promise((done) => view.on("drawn", done));
          view.set({{}});
          await isDrawn;
        }}""",
        argument,
    )


def picture(page: Page, plane: str) -> Pixels:
    """Red, green and blue of a plane, shape (rows, columns, 3)."""
    url = page.evaluate(
        "(plane) => document.querySelector(`[data-plane=${plane}]`).toDataURL()", plane
    )
    data = base64.b64decode(url.partition(",")[2])
    image = Image.open(io.BytesIO(data)).convert("RGB")
    return np.asarray(image).astype(np.int16)


def near_colour(
    pixels: Pixels, colour: str, within: float = 70.0
) -> npt.NDArray[np.bool_]:
    """Where the picture has about this colour, "#rrggbb"."""
    wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
    return np.asarray(np.linalg.norm(pixels - wanted, axis=-1) < within)
