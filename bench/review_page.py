"""Time of the review page in headless Chromium without GPU, and the size of its script.

``python bench/review_page.py`` opens the shared liver case, where it is there, and a
scene of 256 x 256 x 144 MR made here. Told for each: from the first request to the
first picture, and a step through the axial planes with images blended, dose, isodose
lines, overlap and outlines shown; from the key to the pixels. Everything stands beside
its limit; what is over it ends in 1.
"""

import gzip
import json
import os
import statistics
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from reirrad.core.review import Review
from reirrad.reports.case_page import case_page
from reirrad.reports.scene_files import packed_scene
from reirrad.reports.viewer_page import joined_script
from reirrad.workflows.assess import assess
from reirrad.workflows.settings import load_settings
from tests.browser.chromium import running_browser, watched_page
from tests.browser.served_case import case_files, serving
from tests.browser.specimens import PAGE, packed_case, packed_volume

FIRST_PICTURE_MS, STEP_MS, SCRIPT_BYTES = 2_000.0, 50.0, 60_000
STEPS = 60
LIVER = Path(__file__).parent.parent.parent / "shared/data/liver_ct_two_course"
MR_GRID = ((-128.0, -128.0, -144.0), (1.0, 1.0, 2.0), (256, 256, 144))
WIDE = {"viewport": {"width": 1920, "height": 1080}}
EVERYTHING = """async () => {
  view.set({fusion: "blend", wash: "sum", lines: true, hatch: true, outlines: true,
    overlaps: view.state.overlaps.map((one) => ({...one, shown: true}))});
  const dose = view.manifest.volumes.find((one) => one.name === "dose-2");
  const middle = (axis) =>
    dose.origin_mm[axis] + dose.spacing_mm[axis] * dose.size[axis] / 2;
  view.moveTo({x: middle("x"), y: middle("y"), z: middle("z")});
}"""
SCROLL = """async (steps) => {
  const canvas = document.querySelector("[data-plane=axial]");
  const context = canvas.getContext("2d");
  const times = [];
  let seen = () => undefined;
  view.on("drawn", () => seen());
  canvas.focus();
  for (let step = 0; step < steps; step++) {
    const key = Math.floor(step / 15) % 2 ? "PageDown" : "PageUp";
    const start = performance.now();
    const drawn = new Promise((done) => (seen = done));
    canvas.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
    await drawn;
    context.getImageData(0, 0, 1, 1);
    times.push(performance.now() - start);
  }
  return times;
}"""


def main() -> int:
    """Measure and print; 1 where a limit is not kept."""
    cases = {"MR 256 x 256 x 144": case_files(*_mr_case(), PAGE)}
    if LIVER.is_dir():
        cases["shared liver case"] = _liver_case()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    ratios = [_script_size()]
    for name, served in cases.items():
        for screen in ({}, WIDE):
            ratios += _measured(name, served, screen)
    return int(max(ratios) > 1.0)


def _script_size() -> float:
    script = joined_script("case_page", files("reirrad.web") / "static")
    size = len(gzip.compress(script.encode(), 9))
    print(f"script of the case page: {size / 1000:.1f} kB gzipped", end="")
    return _told(size, SCRIPT_BYTES)


def _liver_case() -> dict[str, bytes]:
    """The real case as it is served, with all its answers."""
    assessment = assess([LIVER], settings=load_settings(None), progress=lambda _: None)
    assert assessment.scene is not None
    packed = packed_scene(assessment.scene, display_only=False)
    manifest = json.loads(packed.manifest_json)
    page = case_page(assessment, Review())
    return case_files(manifest, dict(packed.parts), page)


def _measured(
    name: str, served: dict[str, bytes], screen: dict[str, Any]
) -> list[float]:
    with (
        serving(served) as address,
        running_browser() as browser,
        watched_page(browser, **screen) as page,
    ):
        page.goto(address)
        page.wait_for_selector("[data-opened-ms]", timeout=60_000)
        opened = page.evaluate("performance.now()")
        page.evaluate(EVERYTHING)
        page.wait_for_timeout(300)
        times = page.evaluate(SCROLL, STEPS)
        size = page.viewport_size
    print(f"{name}, {size}: first picture {opened:.0f} ms", end="")
    ratios = [_told(opened, FIRST_PICTURE_MS)]
    median, worst = statistics.median(times), max(times)
    print(f"  scroll step, median {median:.1f} ms, worst {worst:.1f} ms", end="")
    return [*ratios, _told(median, STEP_MS)]


def _told(value: float, limit: float) -> float:
    print(f" ({value / limit:.2f} of the limit)")
    return value / limit


def _mr_case() -> tuple[dict[str, Any], dict[str, bytes]]:
    """The specimen with MR images: noise on smooth shapes, which packs badly."""
    manifest, parts = packed_case(images=[])
    random = np.random.default_rng(20_261_128)
    for course in (1, 2):
        shape = tuple(reversed(MR_GRID[2]))
        smooth = 400.0 + 200.0 * np.sin(np.arange(shape[2]) / (9.0 + course))
        values = smooth + random.normal(0.0, 20.0, shape)
        entry = packed_volume(
            f"image-{course}", course, MR_GRID, values=values, parts=parts
        )
        entry |= {"modality": "MR", "window": {"black": 0.0, "white": 800.0}}
        manifest["volumes"].append(entry)
    return manifest, parts


if __name__ == "__main__":
    sys.exit(main())
