"""Cumulative EQD2 of two courses against a plain read-and-write of the same arrays.

At all sample points of the 15 structures of the generated case, and at as many points
as the 2 mm dose grid has voxels. The plain operation reads the two doses and writes
their sum into an array that is there already. Results go to
``bench/.results/equivalent_dose.json``.
"""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813
from generated_case import DOSE_GRIDS

from reirrad.core.radiobiology import summed_eqd2
from reirrad.core.sampling import sample
from reirrad.core.sections import sections_of
from reirrad.workflows.gather import survey
from reirrad.workflows.settings import load_settings

HERE = Path(__file__).parent
CASE = HERE / ".case" / "generated"
RESULTS = HERE / ".results" / "equivalent_dose.json"
RUNS = 15
RATIO, FRACTIONS = 3.0, 5


def median_s(action: Callable[[], object]) -> float:
    """Median time of an action, after one run that is not counted."""
    action()
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def measured(n_points: int) -> dict[str, float]:
    """Times in ms of every way to do it."""
    rng = np.random.default_rng(7)
    first, second = rng.uniform(0.0, 60.0, (2, n_points))
    deliveries = [(one, FRACTIONS) for one in (first, second)]
    out, scratch = np.empty(n_points), np.empty(n_points)

    def plain() -> None:
        np.add(first, second, out=out)

    def ours() -> np.ndarray:
        return summed_eqd2(deliveries, alpha_beta_gy=RATIO)

    def numpy_in_place() -> None:
        for dose, there in ((first, out), (second, scratch)):
            np.multiply(dose, 1.0 / (FRACTIONS * (RATIO + 2.0)), out=there)
            np.add(there, RATIO / (RATIO + 2.0), out=there)
            np.multiply(there, dose, out=there)
        np.add(out, scratch, out=out)

    images = [
        sitk.GetImageFromArray(one.astype(np.float32).reshape(1, 1, -1))
        for one in (first, second)
    ]

    def simpleitk() -> sitk.Image:
        a, b = 1.0 / (FRACTIONS * (RATIO + 2.0)), RATIO / (RATIO + 2.0)
        parts = [one * (one * a + b) for one in images]
        total: sitk.Image = parts[0] + parts[1]
        return total

    np.testing.assert_allclose(ours()[:1000], _formula(first, second)[:1000])
    actions = {
        "plain read and write": plain,
        "reirrad": ours,
        "numpy, in place": numpy_in_place,
        "SimpleITK, float32": simpleitk,
    }
    return {name: 1000.0 * median_s(action) for name, action in actions.items()}


def _formula(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    both = np.stack([first, second])
    return np.asarray((both * (both / FRACTIONS + RATIO) / (2.0 + RATIO)).sum(axis=0))


def main() -> None:
    """Measure both sizes, print and keep the results."""
    (course,) = survey([CASE / "course1"], load_settings(None)).courses
    n_samples = sum(
        len(sample(sections_of(one, slice_spacing_mm=3.0)).volumes_cc)
        for one in course.structures
    )
    sizes = {
        "sample points of 15 structures": n_samples,
        "voxels of the 2 mm dose": int(np.prod(DOSE_GRIDS[1][0])),
    }
    results = {}
    for name, n_points in sizes.items():
        times_ms = measured(n_points)
        results[name] = {"n_points": n_points, "times_ms": times_ms}
        print(f"{name} ({n_points:,})")
        for way, spent in times_ms.items():
            ratio = spent / times_ms["plain read and write"]
            print(f"  {way:24} {spent:8.2f} ms  {ratio:6.2f} times plain")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
