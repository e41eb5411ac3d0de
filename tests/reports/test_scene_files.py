"""A packed scene gives its numbers back to whoever follows the manifest."""

import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from reirrad.core.scene import Scene, SceneVolume
from reirrad.reports.scene_files import PackedScene, packed_scene, write_scene
from tests.reports.scene_specimens import specimen_scene


@pytest.fixture(scope="module")
def scene() -> Scene:
    return specimen_scene()


@pytest.fixture(scope="module")
def packed(scene: Scene) -> PackedScene:
    return packed_scene(scene, display_only=False)


def manifest_of(packed: PackedScene) -> Any:
    return json.loads(packed.manifest_json)


def numbers(packed: PackedScene, entry: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """What a viewer reads: undo the differences, then scale."""
    size = entry["size"]
    shape = (size["z"], size["y"], size["x"])
    changes = np.frombuffer(gzip.decompress(packed.parts[entry["part"]]), dtype="<u2")
    codes = np.cumsum(changes.reshape(shape), axis=2, dtype=np.uint16)
    values = entry["offset"] + entry["scale"] * codes.astype(np.float64)
    return np.where(codes == 65535, np.nan, values)


def test_every_number_comes_back(scene: Scene, packed: PackedScene) -> None:
    entries = manifest_of(packed)["volumes"]
    assert [e["name"] for e in entries] == [v.name for v in scene.volumes]
    for volume, entry in zip(scene.volumes, entries, strict=True):
        assert entry["encoding"] == "u16-delta-gzip"
        np.testing.assert_allclose(
            numbers(packed, entry), volume.values, atol=0.51 * entry["scale"]
        )
        assert entry["origin_mm"] == dict(zip("xyz", volume.origin_mm, strict=True))
        assert entry["spacing_mm"] == dict(zip("xyz", volume.spacing_mm, strict=True))


def test_doses_have_steps_of_a_hundredth_of_a_gray(packed: PackedScene) -> None:
    doses = [e for e in manifest_of(packed)["volumes"] if e["kind"] != "image"]
    assert {(e["scale"], e["offset"]) for e in doses} == {(0.01, 0.0)}


def altered(volume: SceneVolume, factor: float, *, unit: str) -> SceneVolume:
    return replace(volume, values=np.float32(factor) * volume.values, unit=unit)


@pytest.mark.parametrize(
    ("name", "factor", "unit"),
    [
        ("dose-1", 40.0, "Gy"),
        ("image-2", 1.3, ""),
        ("image-2", 1e6, ""),
        ("image-2", 80.0, "HU"),
    ],
)
def test_large_numbers_get_coarser_steps(
    scene: Scene, name: str, factor: float, unit: str
) -> None:
    (volume,) = [v for v in scene.volumes if v.name == name]
    large = altered(volume, factor, unit=unit)
    found = packed_scene(replace(scene, volumes=(large,)), display_only=False)
    (entry,) = manifest_of(found)["volumes"]
    np.testing.assert_allclose(
        numbers(found, entry), large.values, atol=0.51 * entry["scale"], rtol=1e-6
    )


def test_what_is_unknown_everywhere_stays_unknown(scene: Scene) -> None:
    nothing = replace(
        scene.volumes[0], values=np.full((2, 3, 4), np.nan, dtype=np.float32)
    )
    found = packed_scene(replace(scene, volumes=(nothing,)), display_only=False)
    (entry,) = manifest_of(found)["volumes"]
    assert np.isnan(numbers(found, entry)).all()


def polygons(
    packed: PackedScene, run: Mapping[str, int]
) -> list[tuple[int, npt.NDArray[np.float64]]]:
    words = np.frombuffer(gzip.decompress(packed.parts["outlines.bin"]), dtype="<i2")
    own = words[run["first"] : run["first"] + run["words"]]
    found, at = [], 0
    while at < len(own):
        count = int(own[at + 1])
        vertices = own[at + 2 : at + 2 + 2 * count].reshape(count, 2)
        found.append((int(own[at]), vertices * 0.1))
        at += 2 + 2 * count
    return found


def test_every_polygon_comes_back(scene: Scene, packed: PackedScene) -> None:
    structures = manifest_of(packed)["structures"]
    for outline, entry in zip(scene.outlines, structures, strict=True):
        assert entry["label"] == outline.label
        assert entry["carried_over"] is outline.carried_over
        for plane in ("axial", "sagittal", "coronal"):
            drawn = getattr(outline, plane)
            found = polygons(packed, entry[plane])
            assert [n for n, _ in found] == [n for n, _ in drawn]
            for (_, expected), (_, ring) in zip(drawn, found, strict=True):
                np.testing.assert_allclose(ring, expected, atol=0.051)


def test_places_levels_and_planes_are_named(packed: PackedScene) -> None:
    manifest = manifest_of(packed)
    assert manifest["format"] == 1
    assert manifest["levels_gy"]["1"] == {"2Gy": 2.0, "50%": 25.0}
    assert manifest["planes"]["axial"] == {
        "first_mm": -50.0,
        "step_mm": 2.5,
        "count": 40,
    }
    assert manifest["places"][0] == {
        "structure": "ORGAN",
        "scope": "course 1",
        "point_mm": {"x": -15.0, "y": -5.0, "z": 4.0},
    }


def test_for_display_images_are_pictures_and_doses_stay_numbers(scene: Scene) -> None:
    shown = packed_scene(scene, display_only=True)
    manifest = manifest_of(shown)
    assert manifest["display_only"] is True
    kinds = {e["name"]: e["encoding"] for e in manifest["volumes"]}
    assert kinds["image-2"] == kinds["image-1"] == "webp"
    assert kinds["dose-1"] == kinds["budget"] == "u16-delta-gzip"
    entry, values = manifest["volumes"][0], scene.volumes[0].values
    sheet = np.asarray(Image.open(io.BytesIO(shown.parts[entry["part"]])).convert("L"))
    tiles, (n_k, n_j, n_i) = entry["tiles"], values.shape
    assert sheet.shape == (tiles["rows"] * n_j, tiles["columns"] * n_i)
    assert tiles["rows"] * tiles["columns"] >= n_k
    black, white = entry["window"]["black"], entry["window"]["white"]
    for plane in (0, 19, n_k - 1):
        row, column = divmod(plane, tiles["columns"])
        tile = sheet[row * n_j : (row + 1) * n_j, column * n_i : (column + 1) * n_i]
        greys = np.clip(entry["offset"] + entry["scale"] * tile, black, white)
        expected = np.clip(values[plane], black, white)
        assert np.mean(np.abs(greys - expected)) < 0.03 * (white - black)


def test_a_picture_says_apart_where_the_image_is_not_known(scene: Scene) -> None:
    image, whole = scene.volumes[0], scene.volumes[1]
    values = image.values.copy()
    values[:3, 5:, ::7] = np.nan
    gaps = replace(scene, volumes=(replace(image, values=values),))
    found = packed_scene(gaps, display_only=True)
    (entry,) = manifest_of(found)["volumes"]
    bits = np.frombuffer(gzip.decompress(found.parts[entry["unknown_part"]]), np.uint8)
    unknown = np.unpackbits(bits, count=values.size, bitorder="little")
    np.testing.assert_array_equal(unknown.reshape(values.shape), np.isnan(values))
    # Numbers say it themselves, and an image without gaps has nothing to say.
    (entry,) = manifest_of(packed_scene(gaps, display_only=False))["volumes"]
    assert entry["unknown_part"] is None
    filled = replace(whole, values=np.nan_to_num(whole.values))
    found = packed_scene(replace(scene, volumes=(filled,)), display_only=True)
    (entry,) = manifest_of(found)["volumes"]
    assert entry["unknown_part"] is None
    assert len(found.parts) == 2


@pytest.mark.parametrize("display_only", [False, True])
def test_the_same_scene_gives_the_same_bytes(
    scene: Scene, *, display_only: bool
) -> None:
    first, second = (packed_scene(scene, display_only=display_only) for _ in range(2))
    assert first.parts == second.parts
    assert first.manifest_json == second.manifest_json


def test_files_are_the_parts(packed: PackedScene, tmp_path: Path) -> None:
    write_scene(packed, tmp_path / "scene")
    written = {f.name: f.read_bytes() for f in (tmp_path / "scene").iterdir()}
    assert json.loads(written.pop("manifest.json")) == manifest_of(packed)
    assert written == packed.parts


def test_an_outline_too_far_away_has_coarser_steps(scene: Scene) -> None:
    (first, *_) = scene.outlines
    moved = tuple((n, ring + 5000.0) for n, ring in first.axial)
    far = replace(scene, outlines=(replace(first, axial=moved),))
    found = packed_scene(far, display_only=False)
    step = manifest_of(found)["outline_step_mm"]
    assert step > 0.1
    (entry,) = manifest_of(found)["structures"]
    _, ring = polygons(found, entry["axial"])[0]
    np.testing.assert_allclose(ring / 0.1 * step, moved[0][1], atol=0.51 * step)
