"""A scene as files for a viewer: a manifest and the parts that it names.

``manifest.json`` says of each volume its size, origin and spacing (x, y, z, LPS mm),
and how its part is encoded:

* ``u16-delta-gzip``: gzip of little-endian 16-bit codes in (k, j, i) order, each row
  along x as the difference, modulo 65536, from the voxel before it, the first from 0.
  A value is offset + scale x code; code 65535 means not known.
* ``webp``, of images that are for display only: one grey lossy picture with slice t in
  column t % columns and row t // columns of ``tiles``. A value is offset + scale x
  grey. ``unknown_part`` names a gzip of bits in (k, j, i) order, the least significant
  of a byte first; a bit is 1 where the image is not known. It is null where there is
  no such place.

``outlines.bin`` is gzip of little-endian signed 16-bit words: for each structure and
plane direction a run of records (plane index, number of vertices, u, v, u, v, ...),
with u and v in steps of ``outline_step_mm``; ``first`` and ``words`` of a structure say
where its run is. Polygons are closed without repeating their first vertex.
"""

import gzip
import io
import json
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from reirrad.core.processors import processors
from reirrad.core.scene import (
    PlanePolygon,
    PlanePositions,
    Scene,
    SceneOutline,
    SceneVolume,
)

__all__ = ["PackedScene", "packed_scene", "read_scene", "write_scene"]

FORMAT = 1
MANIFEST_FILE = "manifest.json"
OUTLINES_PART = "outlines.bin"

UNKNOWN = 65535
LAST_CODE = 65534
DOSE_STEP_GY = 0.01
FEWEST_STEPS, IMAGE_STEPS = 500, 4095
GZIP_LEVEL = 6

GREY_STEPS = 255
WEBP_QUALITY = 60
WEBP_METHOD = 2
WIDER_RATIO = 0.5
"""Of a window's width: how far beyond it the greys of a lossy picture reach."""

POLYGON_STEP_MM = 0.1
FARTHEST = 32767

Codes = npt.NDArray[np.uint16]
Words = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True, eq=False)
class PackedScene:
    """A scene ready to be written or embedded.

    Parameters
    ----------
    manifest
        What JSON knows; names every part.
    parts
        File name to bytes.
    """

    manifest: Mapping[str, object]
    parts: Mapping[str, bytes]

    @property
    def manifest_json(self) -> str:
        """Text of the manifest."""
        return json.dumps(self.manifest, allow_nan=False, separators=(",", ":"))


class _Packed(NamedTuple):
    entry: dict[str, object]
    parts: dict[str, bytes]


def packed_scene(scene: Scene, *, display_only: bool) -> PackedScene:
    """Pack a scene; the same scene gives the same bytes.

    Parameters
    ----------
    scene
        What is to be drawn.
    display_only
        Whether images become lossy pictures; doses stay numbers.
    """
    with ThreadPoolExecutor(processors()) as pool:
        waiting = [
            pool.submit(_packed_volume, volume, display_only=display_only)
            for volume in scene.volumes
        ]
        step_mm = _polygon_step_mm(scene.outlines)
        structures, words = _packed_outlines(scene.outlines, step_mm)
        volumes = [one.result() for one in waiting]
    planes = scene.planes
    manifest: dict[str, object] = {
        "format": FORMAT,
        "reference_course": scene.reference_course,
        "frame_of_reference_uid": scene.frame_of_reference_uid,
        "centre_mm": _named(scene.centre_mm),
        "display_only": display_only,
        "volumes": [volume.entry for volume in volumes],
        "levels_gy": {
            str(number): {name: _short(level) for name, level in levels.items()}
            for number, levels in sorted(scene.levels_gy.items())
        },
        "planes": {
            "axial": _positions(planes.axial),
            "sagittal": _positions(planes.sagittal),
            "coronal": _positions(planes.coronal),
        },
        "outlines_part": OUTLINES_PART,
        "outline_step_mm": step_mm,
        "structures": structures,
        "places": [
            {
                "structure": place.structure,
                "scope": place.scope,
                "point_mm": _named(place.point_mm),
            }
            for place in scene.places
        ],
    }
    parts = {name: part for one in volumes for name, part in one.parts.items()}
    parts[OUTLINES_PART] = _gzipped(words.tobytes())
    return PackedScene(manifest, parts)


def write_scene(packed: PackedScene, folder: Path) -> None:
    """Write the manifest and all parts into a folder, which is created."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in packed.parts.items():
        (folder / name).write_bytes(content)
    text = packed.manifest_json + "\n"
    (folder / MANIFEST_FILE).write_text(text, encoding="utf-8", newline="\n")


def read_scene(folder: Path) -> PackedScene:
    """A packed scene from the files of :func:`write_scene`.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    parts = {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.name != MANIFEST_FILE
    }
    return PackedScene(manifest, parts)


def _packed_volume(volume: SceneVolume, *, display_only: bool) -> _Packed:
    tiles: dict[str, int] | None = None
    if display_only and volume.window is not None:
        scale, offset, tiles, content = _as_picture(volume.values, volume.window)
        encoding, part = "webp", f"{volume.name}.webp"
    else:
        scale, offset = _code_scale(volume)
        content = _gzipped(_differences(_codes(volume.values, scale, offset)))
        encoding, part = "u16-delta-gzip", f"{volume.name}.bin"
    parts = {part: content}
    unknown_part = None
    unknown = np.isnan(volume.values)
    if tiles is not None and unknown.any():
        # A lossy grey cannot say it.
        unknown_part = f"{volume.name}.unknown.bin"
        parts[unknown_part] = _gzipped(
            np.packbits(unknown, axis=None, bitorder="little").tobytes()
        )
    n_k, n_j, n_i = volume.values.shape
    window = volume.window
    entry: dict[str, object] = {
        "name": volume.name,
        "kind": volume.kind,
        "course": volume.course,
        "modality": volume.modality,
        "unit": volume.unit,
        "size": {"x": n_i, "y": n_j, "z": n_k},
        "origin_mm": _named(volume.origin_mm),
        "spacing_mm": _named(volume.spacing_mm),
        "scale": scale,
        "offset": offset,
        "window": None
        if window is None
        else {"black": _short(window[0]), "white": _short(window[1])},
        "alpha_beta_gy": volume.alpha_beta_gy,
        "n_fractions": volume.n_fractions,
        "encoding": encoding,
        "part": part,
        "tiles": tiles,
        "unknown_part": unknown_part,
    }
    return _Packed(entry, parts)


def _code_scale(volume: SceneVolume) -> tuple[float, float]:
    """Step and offset of the codes; round numbers, so that both sides agree."""
    known = volume.values[np.isfinite(volume.values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    if volume.kind != "image":
        step = DOSE_STEP_GY
        while high / step > LAST_CODE:
            step *= 2.0
        return step, 0.0
    offset = float(math.floor(low))
    most = LAST_CODE if volume.unit == "HU" else IMAGE_STEPS
    if FEWEST_STEPS <= high - offset <= most:
        return 1.0, offset
    return max((high - offset) / IMAGE_STEPS, 1e-6), offset


def _codes(values: npt.NDArray[np.float32], scale: float, offset: float) -> Codes:
    known = np.isfinite(values)
    steps = np.rint((np.where(known, values, offset) - offset) / scale)
    codes = np.clip(steps, 0, LAST_CODE).astype("<u2")
    codes[~known] = UNKNOWN
    return codes


def _differences(codes: Codes) -> bytes:
    """Each row's first code, then what is added to reach the next, modulo 65536."""
    changes = codes.copy()
    changes[..., 1:] -= codes[..., :-1]
    return changes.tobytes()


def _as_picture(
    values: npt.NDArray[np.float32], window: tuple[float, float]
) -> tuple[float, float, dict[str, int], bytes]:
    """Step and offset of the greys, the layout of the slices, and the WebP."""
    black, white = window
    wider = WIDER_RATIO * (white - black)
    offset = black - wider
    scale = (white - black + 2.0 * wider) / GREY_STEPS
    steps = np.rint((np.nan_to_num(values, nan=offset) - offset) / scale)
    greys = np.clip(steps, 0, GREY_STEPS).astype(np.uint8)
    n_k, n_j, n_i = greys.shape
    columns = max(round(math.sqrt(n_k * n_j / n_i)), 1)
    rows = math.ceil(n_k / columns)
    sheet = np.zeros((rows * n_j, columns * n_i), dtype=np.uint8)
    for number, grey in enumerate(greys):
        row, column = divmod(number, columns)
        sheet[row * n_j : (row + 1) * n_j, column * n_i : (column + 1) * n_i] = grey
    content = io.BytesIO()
    Image.fromarray(sheet).save(
        content, "WEBP", quality=WEBP_QUALITY, method=WEBP_METHOD
    )
    return scale, offset, {"columns": columns, "rows": rows}, content.getvalue()


def _polygon_step_mm(outlines: Sequence[SceneOutline]) -> float:
    """0.1 mm; more where a frame's origin is so far away that 16 bits do not reach."""
    farthest = max(
        (
            float(np.abs(vertices_mm).max())
            for outline in outlines
            for polygons in (outline.axial, outline.sagittal, outline.coronal)
            for _, vertices_mm in polygons
        ),
        default=0.0,
    )
    return _short(
        POLYGON_STEP_MM * max(math.ceil(farthest / POLYGON_STEP_MM / FARTHEST), 1)
    )


def _packed_outlines(
    outlines: Sequence[SceneOutline], step_mm: float
) -> tuple[list[dict[str, object]], Words]:
    """Entries of the manifest, and the words of all polygons."""
    words: list[Words] = [np.empty(0, dtype="<i2")]
    entries = []
    first = 0
    for outline in outlines:
        runs: dict[str, object] = {}
        for plane, polygons in (
            ("axial", outline.axial),
            ("sagittal", outline.sagittal),
            ("coronal", outline.coronal),
        ):
            run = [_record(polygon, step_mm) for polygon in polygons]
            length = sum(len(record) for record in run)
            runs[plane] = {"first": first, "words": length}
            words += run
            first += length
        entries.append(
            {
                "label": outline.label,
                "role": outline.role,
                "course": outline.course,
                "carried_over": outline.carried_over,
                "colour": outline.colour,
                "volume_cc": _short(outline.volume_cc),
                **runs,
            }
        )
    return entries, np.concatenate(words)


def _record(polygon: PlanePolygon, step_mm: float) -> Words:
    index, vertices_mm = polygon
    # A number of vertices that no screen shows is thinned to what a word can count.
    every = 1 + len(vertices_mm) // FARTHEST
    steps = np.rint(vertices_mm[::every] / step_mm)
    return np.concatenate([[index, len(steps)], steps.ravel()]).astype("<i2")


def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, GZIP_LEVEL, mtime=0)


def _named(xyz: Sequence[float]) -> dict[str, float]:
    return {name: _short(value) for name, value in zip("xyz", xyz, strict=True)}


def _positions(planes: PlanePositions) -> dict[str, float]:
    return {
        "first_mm": _short(planes.first_mm),
        "step_mm": _short(planes.step_mm),
        "count": planes.count,
    }


def _short(value: float) -> float:
    """A number without the digits that no grid has, and without minus zero."""
    return round(float(value), 6) + 0.0
