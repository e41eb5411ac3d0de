"""Closed forms against published vectors, against chance, and at their ends."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reirrad.phantoms.closed_forms import (
    cap_height_mm,
    cap_volume_cc,
    cylinder_volume_cc,
    lens_distance_mm,
    lens_volume_cc,
    sphere_volume_cc,
)

radii = st.floats(1.0, 80.0)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("vector", "radius_mm", "distance_mm"),
    [
        ("G01", 25.0, 45.0),
        ("G02", 25.0, 48.0),
        ("G03", 25.0, 42.0),
        ("G04", 25.0, 51.0),
        ("G05", 25.0, 48.0),
        ("G06", 60.0, 50.0),
        ("G07", 60.0, 53.0),
    ],
)
def test_lens_is_the_reference_value(
    shared: Path, vector: str, radius_mm: float, distance_mm: float
) -> None:
    expected = _vector(shared, vector)
    lens = lens_volume_cc(radius_mm, radius_mm, distance_mm=distance_mm)
    assert lens == pytest.approx(expected, abs=1e-6)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("vector", "radius_mm", "distance_mm"), [("G08", 60.0, 50.0), ("G09", 25.0, 45.0)]
)
def test_three_millimetres_change_a_lens_as_the_reference_says(
    shared: Path, vector: str, radius_mm: float, distance_mm: float
) -> None:
    near = lens_volume_cc(radius_mm, radius_mm, distance_mm=distance_mm)
    far = lens_volume_cc(radius_mm, radius_mm, distance_mm=distance_mm + 3.0)
    change_percent = 100.0 * (far / near - 1.0)
    assert change_percent == pytest.approx(_vector(shared, vector), abs=1e-3)


@pytest.mark.reference
def test_millimetre_voxels_count_the_reference_lens(shared: Path) -> None:
    axis = np.arange(-50.0, 50.0) + 0.5
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij", sparse=True)
    first = (x + 22.5) ** 2 + y**2 + z**2 <= 25.0**2
    second = (x - 22.5) ** 2 + y**2 + z**2 <= 25.0**2
    counted_cc = np.count_nonzero(first & second) / 1000.0
    assert counted_cc == pytest.approx(_vector(shared, "G10"))


@pytest.mark.parametrize(
    ("first_mm", "second_mm", "distance_mm"),
    [(20.0, 14.0, 18.0), (20.0, 8.0, 16.0), (12.0, 12.0, 0.5)],
)
def test_lens_is_what_random_points_say(
    first_mm: float, second_mm: float, distance_mm: float
) -> None:
    rng = np.random.default_rng(1)
    half = max(first_mm, second_mm)
    low, high = -half, distance_mm + half
    box_cc = (high - low) * (2.0 * half) ** 2 / 1000.0
    points = rng.uniform((low, -half, -half), (high, half, half), (200_000, 3))
    away = points - [distance_mm, 0.0, 0.0]
    hits = (np.linalg.norm(points, axis=1) <= first_mm) & (
        np.linalg.norm(away, axis=1) <= second_mm
    )
    share = hits.mean()
    error = 4.0 * math.sqrt(share * (1.0 - share) / len(points)) * box_cc
    lens = lens_volume_cc(first_mm, second_mm, distance_mm=distance_mm)
    assert lens == pytest.approx(share * box_cc, abs=error)


@given(first=radii, second=radii, distance=st.floats(0.0, 200.0))
def test_lens_is_symmetric_and_never_larger_than_either_ball(
    first: float, second: float, distance: float
) -> None:
    lens = lens_volume_cc(first, second, distance_mm=distance)
    assert lens == pytest.approx(
        lens_volume_cc(second, first, distance_mm=distance), abs=1e-9
    )
    smaller = sphere_volume_cc(min(first, second))
    assert -1e-9 <= lens <= smaller * (1.0 + 1e-9)


@given(radius=radii, ratio=st.floats(0.0, 2.0))
def test_two_caps_make_the_ball(radius: float, ratio: float) -> None:
    height = ratio * radius
    both = cap_volume_cc(radius, height) + cap_volume_cc(radius, 2 * radius - height)
    assert both == pytest.approx(sphere_volume_cc(radius))


def test_ball_inside_another_is_the_whole_lens() -> None:
    assert lens_volume_cc(30.0, 10.0, distance_mm=15.0) == sphere_volume_cc(10.0)


def test_cap_stops_at_nothing_and_at_the_ball() -> None:
    assert cap_volume_cc(10.0, -1.0) == 0.0
    assert cap_volume_cc(10.0, 25.0) == pytest.approx(sphere_volume_cc(10.0))


@given(radius=radii, share=st.floats(0.01, 0.99))
def test_caps_and_lenses_have_the_volume_that_is_asked_for(
    radius: float, share: float
) -> None:
    volume = share * sphere_volume_cc(radius)
    height = cap_height_mm(radius, volume)
    distance = lens_distance_mm(radius, volume)
    assert cap_volume_cc(radius, height) == pytest.approx(volume, rel=1e-6)
    shared = lens_volume_cc(radius, radius, distance_mm=distance)
    assert shared == pytest.approx(volume, rel=1e-6)


@pytest.mark.parametrize("inverse", [cap_height_mm, lens_distance_mm])
@pytest.mark.parametrize("volume_cc", [-0.1, 5.0, math.nan])
def test_no_part_of_a_ball_is_larger_than_itself(
    inverse: Callable[[float, float], float], volume_cc: float
) -> None:
    with pytest.raises(ValueError, match=r"has 4\.18879 cc"):
        inverse(10.0, volume_cc)


def test_cylinder_is_area_times_length() -> None:
    assert cylinder_volume_cc(10.0, 10.0) == pytest.approx(math.pi)


@pytest.mark.parametrize("length", [-1.0, math.nan, math.inf])
def test_impossible_lengths_are_refused(length: float) -> None:
    with pytest.raises(ValueError, match="finite and 0 mm or more"):
        sphere_volume_cc(length)
    with pytest.raises(ValueError, match="finite and 0 mm or more"):
        lens_volume_cc(10.0, 10.0, distance_mm=length)


def _vector(shared: Path, name: str) -> float:
    text = (shared / "reference" / "clinical_vectors.json").read_text("utf-8")
    for vector in json.loads(text):
        if vector["id"] == name:
            return float(vector["value"])
    raise KeyError(name)
