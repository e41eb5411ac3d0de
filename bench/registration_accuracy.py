"""Error in the liver and time of the automatic rigid registration, case by case.

Run from the root of the checkout: ``python bench/registration_accuracy.py``.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from reirrad.errors import RegistrationError
from reirrad.registration.rigid import register_rigid
from reirrad.registration.similarity import image_agreement
from tests.registration.abdomen import (
    View,
    abdomen,
    liver_points,
    matrix,
    moved,
)

SMALL = matrix((12.0, -8.0, 15.0), (3.0, -2.0, 2.0))
FAR = matrix((40.0, -20.0, 40.0), (15.0, 0.0, 0.0))
SKEW = matrix((-35.0, 25.0, -42.0), (-9.0, 9.0, 8.0))
WIDE = View()
HIGH = View(size_mm=(170.0, 250.0, 340.0), centre_mm=(-10.0, 0.0, 35.0))
FINE = View(spacing_mm=(3.0, 1.3, 1.3))

CASES = [
    (
        f"{left}-{right} {name}",
        replace(WIDE, contrast=left, bias=bias[0]),
        replace(view, contrast=right, seed=2, bias=bias[1], couch=right == "CT"),
        move,
    )
    for left, right, bias in (
        ("CT", "CT", (0.0, 0.0)),
        ("MR", "MR", (0.5, -0.5)),
        ("MR", "T2", (0.5, -0.5)),
        ("CT", "MR", (0.0, 0.5)),
    )
    for name, view, move in (
        ("small move", WIDE, SMALL),
        ("60 mm, 15 degrees", WIDE, FAR),
        ("60 mm, 15 degrees skew, other field of view", HIGH, SKEW),
        ("finer voxels", FINE, SMALL),
    )
]


def main() -> None:
    still = np.eye(4)
    points = liver_points()
    for name, fixed_view, moving_view, move in CASES:
        if sys.argv[1:] and sys.argv[1] not in name:
            continue
        fixed = abdomen(fixed_view, moved_by=still, frame="1.1")
        moving = abdomen(moving_view, moved_by=move, frame="1.2")
        for focus in (True, False):
            start = time.perf_counter()
            try:
                found = register_rigid(
                    fixed,
                    moving,
                    fixed_focus_mm=points if focus else None,
                    moving_focus_mm=moved(points, move) if focus else None,
                )
            except RegistrationError as error:
                print(f"{name:<60} {error}")
                continue
            seconds = time.perf_counter() - start
            error_mm = np.linalg.norm(found.apply(moved(points, move)) - points, axis=1)
            judged = image_agreement(fixed, moving, found)
            print(
                f"{name:<52} {'organ' if focus else 'body ':<5} "
                f"mean {error_mm.mean():7.3f} mm  max {error_mm.max():7.3f} mm  "
                f"{seconds:5.1f} s  {judged.metric} {judged.before:.3f} -> "
                f"{judged.after:.3f}  overlap {judged.overlap_percent:.0f} %",
                flush=True,
            )


if __name__ == "__main__":
    main()
