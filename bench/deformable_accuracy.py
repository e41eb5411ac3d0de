"""Error and time of the deformable registration on pairs with a known deformation.

Run from the root of the checkout: ``python bench/deformable_accuracy.py [SEED ...]``.
Errors are distances in the liver, in mm, from the rigid start that is exactly right
for the undeformed patient.
"""

import resource
import sys
import time

import numpy as np

from reirrad.core.deformation import inverse_consistency_mm, jacobian_range
from reirrad.phantoms.deformed_pair import KINDS, Kind, pair_of
from reirrad.registration.deformable import register_deformable


def main() -> None:
    seeds = [int(word) for word in sys.argv[1:]] or [1, 2, 3]
    print(
        "| pair | rigid: mean, 95th | deformable: mean, 95th | least Jacobian | "
        "inverse consistency: mean, 95th | s | MB |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for kind in KINDS:
        for seed in seeds:
            print(f"| {kind} {seed} | {_row(kind, seed)} |", flush=True)


def _row(kind: Kind, seed: int) -> str:
    pair = pair_of(kind, seed)
    begin = time.perf_counter()
    found = register_deformable(pair.fixed, pair.moving, pair.moving_to_fixed)
    seconds = time.perf_counter() - begin
    points, truth = pair.liver_mm, pair.true_mm(pair.liver_mm)
    cells = []
    for way in (pair.moving_to_fixed.inverse(), found.forward):
        away = np.linalg.norm(way.apply(points) - truth, axis=1)
        cells.append(f"{away.mean():.2f}, {np.percentile(away, 95):.2f}")
    jacobian = jacobian_range(found.forward, points)
    cells.append("none" if jacobian is None else f"{jacobian.least:.2f}")
    back = inverse_consistency_mm(found.forward, found.backward, points)
    cells.append(f"{back.mean():.2f}, {np.percentile(back, 95):.2f}")
    cells.append(f"{seconds:.0f}")
    cells.append(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
    return " | ".join(cells)


if __name__ == "__main__":
    main()
