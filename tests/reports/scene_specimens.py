"""A small scene made from arithmetic, for tests of packing and of the viewer.

Two courses, balls of dose, and structures that are different on every side: a marker
at the right-anterior-head, an organ with a hole, a target. Nothing is symmetric.
"""

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray
from reirrad.core.scene import (
    HottestPoint,
    PlanePolygon,
    PlanePositions,
    Scene,
    SceneOutline,
    ScenePlanes,
    SceneVolume,
    VolumeKind,
)

__all__ = ["specimen_scene"]

ORIGIN_MM = (-90.0, -70.0, -50.0)
SPACING_MM = (3.0, 3.0, 2.5)
SIZE = (60, 50, 40)
"""Voxels along x, y and z."""

ALPHA_BETA_GY = 3.0
N_FRACTIONS = {1: 25, 2: 5}
PRESCRIBED_GY = {1: 50.0, 2: 30.0}

BALLS = {1: ((-15.0, -5.0, 4.0), 30.0), 2: ((12.0, 6.0, -6.0), 22.0)}
"""Course number to the centre and the radius at which the dose is half."""

BOXES = {
    "BODY": ("EXTERNAL", 2, False, "#c8c8c8", (-80.0, 80.0, -60.0, 65.0, -48.0, 46.0)),
    "ORGAN": ("ORGAN", 2, False, "#4fb36b", (-50.0, 30.0, -30.0, 25.0, -30.0, 26.0)),
    "PTV2": ("PTV", 2, False, "#ff6b5e", (2.0, 24.0, -4.0, 16.0, -16.0, 4.0)),
    "PTV1": ("PTV", 1, True, "#7fdcff", (-30.0, 0.0, -16.0, 8.0, -8.0, 16.0)),
    "MARKER RAH": (
        "OTHER",
        2,
        False,
        "#ffe94a",
        (-70.0, -60.0, -55.0, -45.0, 30.0, 42.0),
    ),
}
"""Label to role, course, carried over, colour, and x, y, z from and to, mm."""

HOLE_MM = (-10.0, 10.0, -10.0, 5.0, -12.0, 8.0)
"""Taken out of ORGAN."""


def grid_points() -> FloatArray:
    """Centres of the voxels, shape (k, j, i, 3)."""
    x, y, z = (
        start + step * np.arange(n)
        for start, step, n in zip(ORIGIN_MM, SPACING_MM, SIZE, strict=True)
    )
    k, j, i = np.meshgrid(z, y, x, indexing="ij")
    return np.stack([i, j, k], axis=-1)


def ball_dose_gy(course: int, points_mm: FloatArray) -> FloatArray:
    """Dose of a course at points (..., 3): a smooth step in the distance."""
    centre, radius_mm = BALLS[course]
    distance = np.linalg.norm(points_mm - np.array(centre), axis=-1)
    share = 1.0 / (1.0 + np.exp((distance - radius_mm) / 5.0))
    return np.asarray(PRESCRIBED_GY[course] * share)


def specimen_scene() -> Scene:
    """The scene."""
    points = grid_points()
    doses = {course: ball_dose_gy(course, points) for course in BALLS}
    # Course 1 was not calculated at the feet.
    doses[1][:4] = np.nan
    volumes = [
        _volume("image-2", 2, _image(points), kind="image"),
        _volume("image-1", 1, _image(points + np.array([2.0, 0.0, 0.0])), kind="image"),
    ]
    for course, dose in doses.items():
        volumes.append(_volume(f"dose-{course}", course, dose, kind="dose"))
        per_fraction = dose / N_FRACTIONS[course]
        eqd2 = dose * (per_fraction + ALPHA_BETA_GY) / (2.0 + ALPHA_BETA_GY)
        volumes.append(_volume(f"eqd2-{course}", course, eqd2, kind="eqd2"))
    volumes.append(_volume("budget", None, _budget(points), kind="budget"))
    planes = ScenePlanes(
        axial=PlanePositions(ORIGIN_MM[2], SPACING_MM[2], SIZE[2]),
        sagittal=PlanePositions(ORIGIN_MM[0], 2.0, 89),
        coronal=PlanePositions(ORIGIN_MM[1], 2.0, 74),
    )
    return Scene(
        reference_course=2,
        frame_of_reference_uid="1.2.3",
        centre_mm=(0.0, 0.0, 0.0),
        volumes=tuple(volumes),
        levels_gy={
            course: {"2Gy": 2.0, "50%": gy / 2.0}
            for course, gy in PRESCRIBED_GY.items()
        },
        planes=planes,
        outlines=tuple(_outline(label, planes) for label in BOXES),
        places=(
            HottestPoint("ORGAN", "course 1", BALLS[1][0]),
            HottestPoint("ORGAN", "course 2", BALLS[2][0]),
            HottestPoint("ORGAN", "cumulative", BALLS[2][0]),
            HottestPoint("PTV2", "cumulative", BALLS[2][0]),
        ),
    )


def _volume(
    name: str, course: int | None, values: FloatArray, *, kind: VolumeKind
) -> SceneVolume:
    image = kind == "image"
    return SceneVolume(
        name,
        kind,
        course,
        values.astype(np.float32),
        ORIGIN_MM,
        SPACING_MM,
        unit="HU" if image else "Gy",
        window=(-160.0, 240.0) if image else None,
        alpha_beta_gy=ALPHA_BETA_GY if kind == "eqd2" else None,
        n_fractions=5 if kind == "budget" else None,
        modality="CT" if image else "",
    )


def _in_box(
    points: FloatArray, box: tuple[float, float, float, float, float, float]
) -> npt.NDArray[np.bool_]:
    low, high = np.array(box[::2]), np.array(box[1::2])
    return np.asarray(np.all((points >= low) & (points <= high), axis=-1))


def _image(points: FloatArray) -> FloatArray:
    """Air, body, organ with a hole, and a bright marker at right, anterior, head."""
    values = np.full(points.shape[:-1], -1000.0)
    values[_in_box(points, BOXES["BODY"][4])] = 20.0
    values[_in_box(points, BOXES["ORGAN"][4])] = 90.0
    values[_in_box(points, HOLE_MM)] = -60.0
    values[_in_box(points, BOXES["MARKER RAH"][4])] = 800.0
    return values


def _budget(points: FloatArray) -> FloatArray:
    """Less towards the left, inside the organ alone."""
    inside = _in_box(points, BOXES["ORGAN"][4])
    return np.where(inside, 20.0 - 0.2 * points[..., 0], np.nan)


def _outline(label: str, planes: ScenePlanes) -> SceneOutline:
    role, course, carried_over, colour, box = BOXES[label]
    boxes = [box, HOLE_MM] if label == "ORGAN" else [box]
    volume = [np.prod([b[1] - b[0], b[3] - b[2], b[5] - b[4]]) for b in boxes]
    return SceneOutline(
        label,
        role,
        course,
        carried_over,
        colour,
        float(volume[0] - sum(volume[1:])) / 1000.0,
        axial=_cuts(boxes, planes.axial, (0, 1, 2)),
        sagittal=_cuts(boxes, planes.sagittal, (1, 2, 0)),
        coronal=_cuts(boxes, planes.coronal, (0, 2, 1)),
    )


def _cuts(
    boxes: list[tuple[float, float, float, float, float, float]],
    planes: PlanePositions,
    axes: tuple[int, int, int],
) -> tuple[PlanePolygon, ...]:
    u, v, fixed = axes
    cuts = []
    for index in range(planes.count):
        position = planes.first_mm + index * planes.step_mm
        for box in boxes:
            if box[2 * fixed] <= position <= box[2 * fixed + 1]:
                low_u, high_u = box[2 * u : 2 * u + 2]
                low_v, high_v = box[2 * v : 2 * v + 2]
                corners = [
                    (low_u, low_v),
                    (high_u, low_v),
                    (high_u, high_v),
                    (low_u, high_v),
                ]
                cuts.append((index, np.array(corners)))
    return tuple(cuts)
