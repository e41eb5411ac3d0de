"""Outlines of a scene: as drawn in their planes, smooth across them."""

import numpy as np
import pytest
import shapely

from reirrad.core import scene_outlines
from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.core.scene import PlanePolygon, PlanePositions, ScenePlanes
from reirrad.core.scene_grids import Box, image_grid
from reirrad.core.scene_outlines import outline_colours, outlines_of, scene_planes
from reirrad.core.sections import sections_of
from reirrad.core.structure_doses import PlacedStructure
from reirrad.core.structures import Contour, Role
from reirrad.phantoms.analytic import (
    AXIAL_AXES,
    SliceStack,
    analytic_structure,
    box_geometry,
    sphere_contours,
)

CENTRE = np.array([5.0, -3.0, 7.0])
RADIUS_MM = 20.0
PLANES = ScenePlanes(
    axial=PlanePositions(-30.0, 3.0, 25),
    sagittal=PlanePositions(-41.0, 2.0, 46),
    coronal=PlanePositions(-40.0, 2.0, 41),
)
FIXED = {"axial": 2, "sagittal": 0, "coronal": 1}
SHOWN = {"axial": (0, 1), "sagittal": (1, 2), "coronal": (0, 2)}


def placed(
    label: str,
    contours: tuple[Contour, ...],
    *,
    role: Role = Role.ORGAN,
    spacing_mm: float = 3.0,
) -> PlacedStructure:
    structure = analytic_structure(
        label, contours, frame_of_reference_uid="1", role=role
    )
    sections = sections_of(structure, slice_spacing_mm=spacing_mm)
    return PlacedStructure(
        structure,
        sections,
        label,
        2,
        transferred=False,
        alpha_beta_gy=3.0,
        alpha_beta_source="",
    )


def ball(slices: SliceStack) -> PlacedStructure:
    return placed("ball", sphere_contours(CENTRE, RADIUS_MM, slices=slices))


def polygons_in(
    polygons: tuple[PlanePolygon, ...], plane: int
) -> list[shapely.Polygon]:
    return [shapely.Polygon(ring) for number, ring in polygons if number == plane]


def distances_mm(plane: str, polygons: tuple[PlanePolygon, ...]) -> FloatArray:
    """Of all vertices from the surface of the ball, where it is not flat."""
    positions: PlanePositions = getattr(PLANES, plane)
    found = []
    for number, ring in polygons:
        height = positions.first_mm + number * positions.step_mm
        height -= CENTRE[FIXED[plane]]
        if abs(height) < 0.8 * RADIUS_MM:
            circle = np.sqrt(RADIUS_MM**2 - height**2)
            far = np.linalg.norm(ring - CENTRE[list(SHOWN[plane])], axis=1)
            found.append(far - circle)
    return np.concatenate(found)


@pytest.mark.parametrize("plane", ["axial", "sagittal", "coronal"])
@pytest.mark.parametrize("offset_mm", [0.0, 1.0])
def test_a_ball_is_round_in_every_plane(plane: str, offset_mm: float) -> None:
    (outline,) = outlines_of([ball(SliceStack(3.0, offset_mm))], PLANES)
    polygons = getattr(outline, plane)
    positions: PlanePositions = getattr(PLANES, plane)
    shown = {number for number, _ in polygons}
    numbers = np.arange(positions.count)
    heights = positions.first_mm + numbers * positions.step_mm - CENTRE[FIXED[plane]]
    assert set(numbers[np.abs(heights) < RADIUS_MM - 2.0]) <= shown
    assert shown <= set(numbers[np.abs(heights) < RADIUS_MM + 1.0])
    assert np.abs(distances_mm(plane, polygons)).max() < 1.0
    assert np.percentile(np.abs(distances_mm(plane, polygons)), 90) < 0.35


def test_across_slices_there_are_no_stairs() -> None:
    (outline,) = outlines_of([ball(SliceStack(3.0))], PLANES)
    middle = round((CENTRE[0] - PLANES.sagittal.first_mm) / PLANES.sagittal.step_mm)
    (polygon,) = polygons_in(outline.sagittal, middle)
    # Stairs would be a quarter longer than the circle.
    assert polygon.length == pytest.approx(2 * np.pi * RADIUS_MM, rel=0.02)


def test_in_their_own_planes_the_drawn_polygons_are_shown() -> None:
    drawn = ball(SliceStack(3.0))
    (outline,) = outlines_of([drawn], PLANES)
    contours = {round(float(c.points_mm[0, 2])): c for c in drawn.structure.contours}
    for number, ring in outline.axial:
        height = round(PLANES.axial.first_mm + number * PLANES.axial.step_mm)
        vertices = contours[height].points_mm[:, :2]
        nearest = np.linalg.norm(ring[:, None] - vertices, axis=2).min(axis=1)
        assert nearest.max() < 1e-9
    assert {n for n, _ in outline.axial} == {
        round((h - PLANES.axial.first_mm) / 3.0) for h in contours
    }


def test_tilted_contours_are_shown_along_the_patient_axes() -> None:
    tilt = np.radians(25.0)
    axes = np.array(AXIAL_AXES)
    axes[1:, 1:] = [[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]]
    (outline,) = outlines_of([ball(SliceStack(3.0, axes=axes))], PLANES)
    for plane in FIXED:
        distances = distances_mm(plane, getattr(outline, plane))
        assert np.percentile(np.abs(distances), 90) < 0.6


def test_holes_and_parts_are_kept() -> None:
    slices = SliceStack(3.0)
    beside = CENTRE + np.array([-30.0, 20.0, 0.0])
    contours = (
        *sphere_contours(CENTRE, RADIUS_MM, slices=slices),
        *sphere_contours(CENTRE, 8.0, slices=slices),
        *sphere_contours(beside, 7.0, slices=slices),
    )
    (outline,) = outlines_of([placed("x", contours)], PLANES)
    axial = polygons_in(outline.axial, 12)
    assert sorted(round(p.area, -1) for p in axial) == [150, 200, 1250]
    middle = round((CENTRE[1] - PLANES.coronal.first_mm) / PLANES.coronal.step_mm)
    coronal = polygons_in(outline.coronal, middle)
    assert len(coronal) == 2
    assert shapely.Polygon(coronal[0]).area != coronal[1].area


def test_what_reaches_beyond_the_scene_is_closed_at_its_border() -> None:
    few = ScenePlanes(
        PlanePositions(0.0, 3.0, 3), PlanePositions(0.0, 2.0, 4), PLANES.coronal
    )
    (outline,) = outlines_of([ball(SliceStack(3.0))], few)
    assert {n for n, _ in outline.axial} == {0, 1, 2}
    assert {n for n, _ in outline.sagittal} == {0, 1, 2, 3}
    for _, ring in outline.sagittal:
        assert ring[:, 1].min() > -3.0
        assert ring[:, 1].max() < 9.0


def test_what_lies_beside_the_scene_has_no_outline_across_slices() -> None:
    away = placed("far", sphere_contours([400, 0, 0], 9.0, slices=SliceStack(3.0)))
    (outline,) = outlines_of([away], PLANES)
    assert (outline.sagittal, outline.coronal) == ((), ())


def test_planes_are_the_slices_and_two_millimetres_apart() -> None:
    geometry = box_geometry(
        [-30, -24, -20], [30, 24, 20], spacing_mm=(4, 3, 3), frame_of_reference_uid="1"
    )
    image = Image(np.zeros(geometry.shape, dtype=np.float32), geometry, "MR")
    everywhere = Box(np.full(3, -1e3), np.full(3, 1e3))
    planes = scene_planes(image_grid(image, everywhere))
    assert planes.axial == PlanePositions(-20.0, 4.0, 11)
    assert planes.sagittal == PlanePositions(-30.0, 2.0, 31)
    assert planes.coronal == PlanePositions(-24.0, 2.0, 25)


def test_colours_are_told_apart_and_stay() -> None:
    contours = sphere_contours(CENTRE, 9.0, slices=SliceStack(3.0))
    roles = [Role.EXTERNAL, Role.PTV, Role.GTV, *[Role.ORGAN] * 12, Role.OTHER]
    structures = [placed(f"s{n}", contours, role=role) for n, role in enumerate(roles)]
    colours = outline_colours(structures)
    assert len(set(colours.values())) == len(structures)
    assert colours == outline_colours(structures)
    for colour in colours.values():
        red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
        # Readable on black: brighter than a middle grey.
        assert 0.2126 * red + 0.7152 * green + 0.0722 * blue > 100


def test_many_large_helping_structures_are_shown_as_drawn_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scene_outlines, "MOST_OTHER_NODES", 20_000)
    slices = SliceStack(3.0)
    small, large, organ = (
        placed(label, sphere_contours(CENTRE, radius, slices=slices), role=role)
        for label, radius, role in (
            ("small", 9.0, Role.OTHER),
            ("large", 22.0, Role.OTHER),
            ("organ", 22.0, Role.ORGAN),
        )
    )
    shown = {o.label: o for o in outlines_of([large, small, organ], PLANES)}
    assert list(shown) == ["large", "small", "organ"]
    assert (shown["large"].sagittal, shown["large"].coronal) == ((), ())
    assert [n for n, _ in shown["large"].axial] == [n for n, _ in shown["organ"].axial]
    assert shown["small"].sagittal
    assert shown["organ"].sagittal
