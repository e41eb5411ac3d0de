"""What a draw says is what an assessment with that very registration says.

The draws ask thinned points; here a few of them are assessed again from the files, with
all points, and compared: the error against the change that the draw makes.
"""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
import pytest

from reirrad.core.assessment import Assessment
from reirrad.core.dvh import STANDARD_METRICS
from reirrad.core.geometry import FloatArray
from reirrad.workflows import robustness
from reirrad.workflows.assess import assess
from reirrad.workflows.structure_robustness import (
    DrawnStructure,
    Draws,
    drawn_structures,
)
from tests.workflows.many_patients import quick_settings

pytestmark = [pytest.mark.slow, pytest.mark.reference]

COMPARED_DRAWS = (1, 3, 6)
# Root mean square error over that of the change, by metric; the hottest parts decide
# limits and are kept as they are, large volumes are estimated from some points.
LARGEST_RATIO = {
    "Mean[Gy]": 0.1,
    "Max[Gy]": 0.1,
    "D0.035cc[Gy]": 0.15,
    "D0.1cc[Gy]": 0.2,
    "D0.5cc[Gy]": 0.3,
    "D1cc[Gy]": 0.3,
    "D2%[Gy]": 0.3,
    "D50%[Gy]": 0.6,
    "D95%[Gy]": 0.6,
    "D98%[Gy]": 0.6,
}


def assessed(files: Sequence[Path], registration: Path) -> Assessment:
    return assess(
        files,
        settings=quick_settings(),
        registration=registration,
        with_views=False,
        progress=lambda _: None,
    )


def test_draws_agree_with_assessments_of_their_registrations(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared: Path
) -> None:
    real = shared / "data" / "liver_ct_two_course"
    seen: list[tuple[Draws, Sequence[DrawnStructure], list[FloatArray]]] = []

    def remembered(
        draws: Draws, kept: Sequence[DrawnStructure], pool: Executor
    ) -> list[FloatArray]:
        found = drawn_structures(draws, kept, pool)
        seen.append((draws, kept, found))
        return found

    monkeypatch.setattr(robustness, "drawn_structures", remembered)
    registered = assessed([real], real / "reg.dcm")
    (draws, kept, found), *_ = seen
    files = [file for file in real.rglob("*.dcm") if file.name != "reg.dcm"]
    to_reference = np.array(registered.registrations[0].matrix)
    errors, changes = defaultdict(list), defaultdict(list)
    for draw in COMPARED_DRAWS:
        # A point meets the dose where the motion of the draw carries it.
        moved = np.linalg.inv(draws.motions[1][draw]) @ to_reference
        matrix = tmp_path / f"{draw}.txt"
        np.savetxt(matrix, moved, fmt="%.12f")
        exact = {s.name: s for s in assessed(files, matrix).structures}
        for one, drawn in zip(kept, found, strict=True):
            if one.placed.label == "BODY":
                continue
            first = len(one.columns)
            for at, name in enumerate(STANDARD_METRICS, start=first):
                truth = exact[one.placed.label].cumulative.eqd2[name]
                value, before = float(drawn[draw - 1, at]), one.reported[at]
                if truth is None or before is None or not np.isfinite(value):
                    continue
                errors[name].append(value - truth)
                changes[name].append(truth - before)
    for name, most in LARGEST_RATIO.items():
        error, change = (
            float(np.sqrt(np.mean(np.square(values[name]))))
            for values in (errors, changes)
        )
        assert error <= most * change, name
