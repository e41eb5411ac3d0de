"""Error and time of the automatic rigid registration, case by case.

Run from the root of the checkout: ``python bench/registration_accuracy.py [WORD ...]``;
only cases whose names hold all the words are run. Cases of random moves by 60 mm and 15
degrees (decision 0014) are run if the word "random" is among them. ``--peer`` adds
SimpleITK's mutual information on the same images in the same run.

"generated" pairs are two MR of 100 x 300 x 300 voxels with other field of view, bias,
noise and breathing; the error is that of the rigid anatomy. The other cases are the
test phantom; their error is that of the liver.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813
from scipy.spatial.transform import Rotation

sys.path.insert(0, str(Path(__file__).parent.parent))

from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.core.transforms import RigidTransform
from reirrad.errors import RegistrationError
from reirrad.phantoms.mr_pair import mr_pair, rigid_move
from reirrad.registration.rigid import register_rigid
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
N_TIMES = 5
CONTRASTS = (
    ("CT", "CT", (0.0, 0.0)),
    ("MR", "MR", (0.5, -0.5)),
    ("MR", "T2", (0.5, -0.5)),
    ("CT", "MR", (0.0, 0.5)),
)

CASES = [
    (
        f"{left}-{right} {name}",
        replace(WIDE, contrast=left, bias=bias[0]),
        replace(view, contrast=right, seed=2, bias=bias[1], couch=right == "CT"),
        move,
    )
    for left, right, bias in CONTRASTS
    for name, view, move in (
        ("small move", WIDE, SMALL),
        ("60 mm, 15 degrees", WIDE, FAR),
        ("60 mm, 15 degrees skew, other field of view", HIGH, SKEW),
        ("finer voxels", FINE, SMALL),
    )
]
GENERATED: list[tuple[str, int, FloatArray | None]] = [
    ("generated pair 1", 1, None),
    ("generated pair 2", 2, None),
    (
        "generated pair, 60 mm and 15 degrees",
        3,
        rigid_move(shift_mm=(-35.0, 25.0, -42.0), degrees=(-9.0, 9.0, 8.0)),
    ),
]


@dataclass(frozen=True, eq=False)
class Case:
    """Two images, the true map and where its error counts, in the fixed frame."""

    name: str
    fixed: Image
    moving: Image
    truth: RigidTransform
    points_mm: FloatArray
    organ_mm: FloatArray


def random_cases() -> list[tuple[str, View, View, FloatArray]]:
    """Moves in any direction about any axis; noise and bias field of their own."""
    found = []
    for left, right, _ in CONTRASTS:
        for seed in range(1, 13):
            random = np.random.default_rng(5000 + seed)
            bias = (random.uniform(-0.5, 0.5), random.choice([-0.5, 0.5]))
            fixed, moving = (
                replace(WIDE, contrast=contrast, seed=noise, bias=drift)
                for contrast, noise, drift in (
                    (left, 100 + seed, bias[0] * (left != "CT")),
                    (right, 200 + seed, bias[1] * (right != "CT")),
                )
            )
            moving = replace(moving, couch=right == "CT")
            name, move = f"{left}-{right} random move {seed}", random_move(seed)
            found.append((name, fixed, moving, move))
            coarse = [replace(v, spacing_mm=(5.0, 5.0, 5.0)) for v in (fixed, moving)]
            found.append((f"{name}, voxels of 5 mm", coarse[0], coarse[1], move))
    return found


def random_move(seed: int) -> FloatArray:
    """60 mm, not more than 43 of them along the body, and 15 degrees."""
    random = np.random.default_rng(1000 + seed)
    way = np.array([0.0, 0.0, 1.0])
    while abs(way[2]) >= 0.72:
        way = random.normal(size=3)
        way /= np.linalg.norm(way)
    axis = random.normal(size=3)
    move = np.eye(4)
    turn = np.radians(15.0) * axis / np.linalg.norm(axis)
    move[:3, :3] = Rotation.from_rotvec(turn).as_matrix()
    move[:3, 3] = 60.0 * way
    return move


def cases(words: list[str]) -> Iterator[Case]:
    for name, seed, move in GENERATED:
        if all(word in name for word in words):
            pair = mr_pair(seed, move=move)
            yield Case(
                name,
                pair.fixed,
                pair.moving,
                pair.moving_to_fixed,
                pair.rigid_mm,
                pair.liver_mm,
            )
    for name, fixed_view, moving_view, known in CASES + random_cases():
        if "random" in name and "random" not in words:
            continue
        if all(word in name for word in words):
            points = liver_points()
            yield Case(
                name,
                abdomen(fixed_view, moved_by=np.eye(4), frame="1.1"),
                abdomen(moving_view, moved_by=known, frame="1.2"),
                RigidTransform(known, "1.1", "1.2").inverse(),
                points,
                points,
            )


def registered(case: Case, *, focus: bool) -> RigidTransform:
    there = moved(case.organ_mm, case.truth.inverse().matrix)
    return register_rigid(
        case.fixed,
        case.moving,
        fixed_focus_mm=case.organ_mm if focus else None,
        moving_focus_mm=there if focus else None,
    )


def peer(case: Case) -> RigidTransform:
    """SimpleITK as its manual shows it: mutual information, three resolutions."""

    def itk(image: Image) -> sitk.Image:
        spacing = image.geometry.spacing_mm[::-1]
        result = sitk.GetImageFromArray(image.values)
        result.SetSpacing([float(s) for s in spacing])
        result.SetOrigin(image.geometry.affine[:3, 3].tolist())
        return result

    fixed, moving = itk(case.fixed), itk(case.moving)
    start = sitk.CenteredTransformInitializer(
        fixed,
        moving,
        sitk.Euler3DTransform(),
        sitk.CenteredTransformInitializerFilter.GEOMETRY,
    )
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(50)
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetMetricSamplingPercentage(0.05, 1)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetOptimizerAsGradientDescent(1.0, 100, 1e-6, 10)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetShrinkFactorsPerLevel([4, 2, 1])
    method.SetSmoothingSigmasPerLevel([2, 1, 0])
    method.SetInitialTransform(start, inPlace=False)
    found = method.Execute(fixed, moving)
    corners = np.vstack([np.zeros(3), 100.0 * np.eye(3)])
    ends = np.array([found.TransformPoint(corner.tolist()) for corner in corners])
    there = np.eye(4)
    there[:3, :3] = (ends[1:] - ends[0]).T / 100.0
    there[:3, 3] = ends[0]
    return RigidTransform(there, case.truth.to_frame, case.truth.from_frame).inverse()


def timed(register: Callable[[], RigidTransform]) -> tuple[RigidTransform, float]:
    start = time.perf_counter()
    return register(), time.perf_counter() - start


def measured(
    case: Case, what: str, register: Callable[[], RigidTransform], *, n_times: int
) -> None:
    try:
        runs = [timed(register) for _ in range(n_times)]
    except RegistrationError as error:
        print(f"{case.name:<52} {what:<12} {error}", flush=True)
        return
    there = moved(case.points_mm, case.truth.inverse().matrix)
    found, seconds = runs[-1][0], [one for _, one in runs]
    error_mm = np.linalg.norm(found.apply(there) - case.points_mm, axis=1)
    print(
        f"{case.name:<52} {what:<12} mean {error_mm.mean():7.3f} mm  max "
        f"{error_mm.max():7.3f} mm  median {np.median(seconds):5.2f} s",
        flush=True,
    )


def main() -> None:
    words = [word for word in sys.argv[1:] if word != "--peer"]
    for case in cases(words):
        for focus in (True, False):
            measured(
                case,
                "organ" if focus else "body",
                partial(registered, case, focus=focus),
                n_times=N_TIMES,
            )
        if "--peer" in sys.argv:
            measured(case, "SimpleITK MI", partial(peer, case), n_times=1)


if __name__ == "__main__":
    main()
