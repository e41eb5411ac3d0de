"""A packed case made from arithmetic: no two sides of it are alike.

Packed here by the written form (see `reports/viewer/types.js`), so that the viewer is
held against the form and not against another program of ours.
"""

import gzip
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "BOXES",
    "DOSES",
    "DOSE_GRID",
    "IMAGE_GRID",
    "MARKERS",
    "PAGE",
    "grid_axis",
    "packed_case",
    "packed_volume",
]

Floats = npt.NDArray[np.float64]
Grid = tuple[
    tuple[float, float, float], tuple[float, float, float], tuple[int, int, int]
]

IMAGE_GRID: Grid = ((-100.0, -80.0, -70.0), (2.0, 2.0, 2.5), (100, 80, 56))
DOSE_GRID: Grid = ((-80.0, -65.0, -55.0), (2.5, 2.5, 2.5), (64, 52, 44))
"""Centre of the first voxel, spacing and size along x, y and z."""

UNKNOWN_SLICES = 3
"""Slices of course 1 at the feet in which its dose is not known."""

DOSES = {1: ((-14.0, 6.0, -4.0), 60.0, 16.0), 2: ((12.0, -8.0, 5.0), 40.0, 18.0)}
"""Course to centre, highest dose and standard deviation of a ball of dose."""

GREYS_HU = {1: 150.0, 2: 0.0}
MARKERS = {
    1: (58.0, 70.0, 40.0, 52.0, -50.0, -40.0),
    2: (-70.0, -58.0, -56.0, -46.0, 35.0, 45.0),
}
"""Bright box: course 1 at left, posterior, feet; course 2 at right, anterior, head."""

BOXES: dict[str, tuple[int, bool, str, tuple[float, ...]]] = {
    "ORGAN": (2, False, "#4fb36b", (-40.0, 30.0, -30.0, 26.0, -25.0, 30.0)),
    "PTV1": (1, True, "#7fdcff", (-26.0, -2.0, -6.0, 18.0, -15.0, 7.5)),
    "MARKER": (2, False, "#ffe94a", MARKERS[2]),
}
"""Label to course, carried over, colour, and x, y, z from and to."""

PAGE: dict[str, Any] = {
    "title": "Case",
    "pairs": [
        {
            "title": "Course 1 and course 2",
            "overlap": [
                {
                    "level": level,
                    "earlier": [1],
                    "later": 2,
                    "organ_cc": cc,
                    "total_cc": cc + 1.0,
                    "organ": "LIVER",
                    "interval": None,
                }
                for level, cc in (("2Gy", 61.2), ("50%", 4.7))
            ],
        }
    ],
}


def grid_axis(grid: Grid, axis: int) -> Floats:
    """Positions of the voxels along x (0), y (1) or z (2)."""
    origin, spacing, size = grid
    return np.asarray(origin[axis] + spacing[axis] * np.arange(size[axis]))


def packed_case(
    *, images: Sequence[int] = (1, 2), with_half: bool = False
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Manifest and parts of the case with the images of some courses."""
    parts: dict[str, bytes] = {}
    volumes = [_image(course, parts) for course in images]
    for course, (_, highest_gy, _) in DOSES.items():
        dose = _dose(course)
        volumes.append(
            packed_volume(f"dose-{course}", course, DOSE_GRID, values=dose, parts=parts)
        )
        eqd2 = packed_volume(
            f"eqd2-{course}", course, DOSE_GRID, values=1.2 * dose, parts=parts
        )
        volumes.append(eqd2 | {"alpha_beta_gy": 3.0})
        if with_half:
            half = dose / (0.4 * highest_gy)
            volumes.append(
                packed_volume(
                    f"half-{course}", course, DOSE_GRID, values=half, parts=parts
                )
            )
    budget = np.where(_in_box(DOSE_GRID, BOXES["ORGAN"][3]), 12.0, np.nan)
    volumes.append(packed_volume("budget", None, DOSE_GRID, values=budget, parts=parts))
    planes = {
        "axial": {"first_mm": -70.0, "step_mm": 2.5, "count": 56},
        "sagittal": {"first_mm": -100.0, "step_mm": 2.0, "count": 100},
        "coronal": {"first_mm": -80.0, "step_mm": 2.0, "count": 80},
    }
    structures, words = _structures(planes)
    parts["outlines.bin"] = gzip.compress(words, mtime=0)
    manifest = {
        "format": 1,
        "reference_course": 2,
        "frame_of_reference_uid": "1.2.3",
        "centre_mm": {"x": 0.0, "y": 0.0, "z": 0.0},
        "display_only": False,
        "volumes": volumes,
        "levels_gy": {
            str(course): {"2Gy": 2.0, "50%": highest_gy / 2.0}
            for course, (_, highest_gy, _) in DOSES.items()
        },
        "planes": planes,
        "outlines_part": "outlines.bin",
        "outline_step_mm": 0.1,
        "structures": structures,
        "places": [],
    }
    return manifest, parts


def _points(grid: Grid) -> tuple[Floats, Floats, Floats]:
    x, y, z = (grid_axis(grid, axis) for axis in range(3))
    return x[None, None, :], y[None, :, None], z[:, None, None]


def _in_box(grid: Grid, box: Sequence[float]) -> npt.NDArray[np.bool_]:
    x, y, z = _points(grid)
    inside = (x >= box[0]) & (x <= box[1]) & (y >= box[2]) & (y <= box[3])
    return np.asarray(inside & (z >= box[4]) & (z <= box[5]))


def _image(course: int, parts: dict[str, bytes]) -> dict[str, Any]:
    values = np.where(_in_box(IMAGE_GRID, MARKERS[course]), 1000.0, GREYS_HU[course])
    entry = packed_volume(
        f"image-{course}", course, IMAGE_GRID, values=values, parts=parts
    )
    window = {"black": -160.0, "white": 240.0}
    return entry | {"modality": "CT", "unit": "HU", "window": window}


def _dose(course: int) -> Floats:
    (cx, cy, cz), highest_gy, sigma_mm = DOSES[course]
    x, y, z = _points(DOSE_GRID)
    squared = (x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2
    dose = highest_gy * np.exp(-squared / (2.0 * sigma_mm**2))
    if course == 1:
        dose[:UNKNOWN_SLICES] = np.nan
    return np.asarray(dose)


def packed_volume(
    name: str,
    course: int | None,
    grid: Grid,
    *,
    values: Floats,
    parts: dict[str, bytes],
) -> dict[str, Any]:
    """Entry of the manifest for a volume whose bytes join the parts."""
    is_image = name.startswith("image")
    scale, offset = (1.0, -1000.0) if is_image else (0.002, 0.0)
    codes = np.where(np.isnan(values), 65535, np.round((values - offset) / scale))
    # Differences wrap around within 16 bits.
    rows = np.diff(codes.astype(np.uint16), axis=-1, prepend=np.uint16(0))
    parts[f"{name}.bin"] = gzip.compress(rows.astype("<u2").tobytes(), 1, mtime=0)
    origin, spacing, size = (dict(zip("xyz", one, strict=True)) for one in grid)
    return {
        "name": name,
        "kind": name.partition("-")[0],
        "course": course,
        "modality": "",
        "unit": "Gy",
        "size": size,
        "origin_mm": origin,
        "spacing_mm": spacing,
        "scale": scale,
        "offset": offset,
        "window": None,
        "alpha_beta_gy": None,
        "n_fractions": 5 if name == "budget" else None,
        "encoding": "u16-delta-gzip",
        "part": f"{name}.bin",
        "tiles": None,
        "unknown_part": None,
    }


def _structures(
    planes: dict[str, dict[str, Any]],
) -> tuple[list[dict[str, Any]], bytes]:
    axes = {"axial": (0, 1, 2), "sagittal": (1, 2, 0), "coronal": (0, 2, 1)}
    structures, words = [], list[int]()
    for label, (course, carried_over, colour, box) in BOXES.items():
        entry: dict[str, Any] = {
            "label": label,
            "role": "ORGAN",
            "course": course,
            "carried_over": carried_over,
            "colour": colour,
            "volume_cc": float(np.prod(np.diff(np.reshape(box, (3, 2))))) / 1000.0,
        }
        for plane, (u, v, w) in axes.items():
            first, steps = len(words), planes[plane]
            for index in range(steps["count"]):
                at_mm = steps["first_mm"] + index * steps["step_mm"]
                if box[2 * w] <= at_mm <= box[2 * w + 1]:
                    words += [index, 4, *_rectangle(box, u, v)]
            entry[plane] = {"first": first, "words": len(words) - first}
        structures.append(entry)
    return structures, np.array(words, "<i2").tobytes()


def _rectangle(box: Sequence[float], u: int, v: int) -> list[int]:
    (u0, u1), (v0, v1) = box[2 * u : 2 * u + 2], box[2 * v : 2 * v + 2]
    corners = (u0, v0, u1, v0, u1, v1, u0, v1)
    return [round(10.0 * corner) for corner in corners]
