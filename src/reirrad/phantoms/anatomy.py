"""Organs of an abdomen as smooth shapes, in one frame; x left, y back, z head."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from reirrad.core.geometry import FloatArray
from reirrad.phantoms.shapes import (
    Balls,
    Clipped,
    Ellipsoid,
    Field,
    Grown,
    Joined,
    Shape,
    everywhere,
    merged,
    tube,
)
from reirrad.phantoms.trunk import abdominal_wall, cavity, trunk, wall_point

__all__ = ["Anatomy", "abdomen"]

VERTEBRA_MM = 33.0
SPINE_MM = (0.0, 55.0)
CANAL_MM = (0.0, 84.0)


@dataclass(frozen=True, slots=True, eq=False)
class Anatomy:
    """Everything inside one abdomen.

    Parameters
    ----------
    organs
        Organs that a planner would draw, by TG-263 name.
    wall
        The muscles of the abdominal wall and everything inside them.
    cavity
        Everything inside the wall.
    small_bowel_loops
        The parts of the small bowel.
    skeleton
        "column", "disc", "arch", "canal" and "ribs".
    """

    organs: Mapping[str, Shape]
    wall: Shape
    cavity: Shape
    small_bowel_loops: tuple[Balls, ...]
    skeleton: Mapping[str, Shape]


def abdomen(rng: np.random.Generator) -> Anatomy:
    """An abdomen whose small bowel lies as the random generator says."""
    room = cavity()
    tubes = _vessels_and_gut()
    loops = _small_bowel_loops(rng)
    kidneys = {
        "Kidney_R": _kidney(-1.0, (-66.0, 54.0, -66.0)),
        "Kidney_L": _kidney(1.0, (70.0, 52.0, -48.0)),
    }
    liver = _liver(tubes, kidneys["Kidney_R"], room)
    stomach = Clipped(_stomach(), Grown(room, -2.0), (Grown(liver, 1.5),), 6.0)
    spleen_body = Ellipsoid((112.0, 38.0, 22.0), (27.0, 48.0, 50.0), -28.0, 2.0)
    spleen = Clipped(spleen_body, Grown(room, -4.0), (Grown(stomach, 2.0),), 8.0)
    gut = (Grown(stomach, 1.5), Grown(liver, 1.5))
    duodenum = Clipped(tubes["Duodenum"], None, gut, 2.0)
    beside_colon = (*gut, Grown(spleen, 1.5), *kidneys.values())
    colon = Clipped(tubes["Bowel_Large"], Grown(room, -1.0), beside_colon, 3.0)
    before = (*gut, Grown(duodenum, 1.0), Grown(colon, 1.0), *kidneys.values())
    heart = Ellipsoid((28.0, -42.0, 104.0), (62.0, 46.0, 30.0), 20.0, 1.5)
    above = (Grown(liver, 4.0), Grown(stomach, 4.0))
    drawn: dict[str, Shape] = {
        "External": trunk(),
        "Liver": liver,
        "Stomach": stomach,
        "Duodenum": duodenum,
        "Bowel_Small": Clipped(merged(loops), Grown(room, -2.0), before, 2.0),
        "Bowel_Large": colon,
        **kidneys,
        "Spleen": spleen,
        "Gallbladder": _gallbladder(),
        "Heart": Clipped(heart, Grown(room, -2.0), above, 10.0),
    }
    for name in ("Esophagus", "A_Aorta", "V_Venacava_I", "SpinalCord"):
        drawn[name] = tubes[name]
    return Anatomy(MappingProxyType(drawn), abdominal_wall(), room, loops, _skeleton())


def _liver(tubes: Mapping[str, Shape], kidney: Shape, room: Shape) -> Shape:
    right = Ellipsoid((-80.0, 4.0, 2.0), (76.0, 90.0, 88.0), 0.0, 2.5)
    left = Ellipsoid((2.0, -48.0, 36.0), (82.0, 40.0, 36.0), 12.0, 2.0)
    caudate = Ellipsoid((-25.0, 10.0, 38.0), (31.0, 31.0, 32.0))
    hilum = Ellipsoid((12.0, 6.0, -52.0), (64.0, 60.0, 58.0), 0.0, 2.0)
    behind = Ellipsoid((22.0, 66.0, 20.0), (48.0, 58.0, 300.0))
    beside = Ellipsoid((-25.0, 64.0, -58.0), (38.0, 40.0, 66.0))
    flank = Ellipsoid((-70.0, 86.0, -72.0), (30.0, 34.0, 56.0))
    fissure = Ellipsoid((-20.0, -78.0, 0.0), (5.0, 26.0, 34.0), -15.0)
    away = (
        hilum,
        behind,
        fissure,
        beside,
        flank,
        Grown(kidney, 5.0),
        Grown(_gallbladder(), 1.0),
        Grown(tubes["V_Venacava_I"], 0.5),
    )
    lobes = Joined((right, left, caudate), 34.0)
    return Clipped(
        Clipped(lobes, Grown(room, -3.0), away[:5], 12.0), None, away[5:], 3.0
    )


def _gallbladder() -> Shape:
    neck = tube(
        [(-58.0, -62.0, -64.0), (-50.0, -46.0, -42.0), (-38.0, -26.0, -22.0)],
        (13.0, 12.0, 4.0),
    )
    return Joined((neck, Ellipsoid((-57.0, -60.0, -58.0), (14.0, 15.0, 20.0))), 8.0)


def _kidney(side: float, centre: tuple[float, float, float]) -> Shape:
    body = Ellipsoid(centre, (26.0, 32.0, 54.0), -side * 25.0, 1.0)
    x, y, z = centre
    sinus = Ellipsoid((x - side * 21.0, y - 9.0, z), (17.0, 9.0, 24.0), side * 25.0)
    return Clipped(body, None, (sinus,), 8.0)


def _stomach() -> Shape:
    knots = [
        (70.0, 22.0, 62.0),
        (76.0, -2.0, 40.0),
        (66.0, -34.0, 10.0),
        (38.0, -58.0, -16.0),
        (4.0, -58.0, -22.0),
        (-22.0, -44.0, -18.0),
    ]
    return tube(
        knots, (30.0, 35.0, 30.0, 23.0, 16.0, 9.0), fold_mm=1.2, fold_length_mm=38.0
    )


def _vessels_and_gut() -> Mapping[str, Balls]:
    return {
        "Esophagus": tube(
            [(8, 26, 140), (14, 20, 100), (26, 16, 78), (52, 14, 60)], (8, 8, 8, 9)
        ),
        "A_Aorta": tube(
            [(20, 36, 140), (14, 32, 60), (8, 26, -20), (5, 24, -140)],
            (12.5, 12, 10.5, 9.5),
        ),
        "V_Venacava_I": tube(
            [
                (-10, -8, 96),
                (-20, 12, 64),
                (-24, 20, 20),
                (-20, 24, -60),
                (-17, 24, -140),
            ],
            (14, 13, 12, 11, 11),
        ),
        "SpinalCord": tube([(*CANAL_MM, 140), (*CANAL_MM, -60), (0, 83, -140)], 5.6),
        "Duodenum": tube(
            [
                (-26, -42, -20),
                (-42, -22, -30),
                (-44, 0, -48),
                (-43, 8, -74),
                (-30, 6, -98),
                (4, 2, -104),
                (32, -4, -92),
                (40, -16, -76),
            ],
            (10, 12.5, 13, 13, 13, 12, 12, 11),
            fold_mm=1.0,
            fold_length_mm=14.0,
        ),
        "Bowel_Large": tube(
            [
                (-118, 22, -150),
                (-116, 14, -108),
                (-98, -18, -92),
                (-74, -58, -92),
                (-30, -84, -96),
                (24, -86, -84),
                (70, -70, -56),
                (108, -22, -26),
                (120, 26, -32),
                (124, 42, -80),
                (120, 40, -150),
            ],
            (24, 23, 21, 20, 19, 18, 18, 18, 17, 17, 17),
            fold_mm=3.2,
            fold_length_mm=27.0,
        ),
    }


def _small_bowel_loops(rng: np.random.Generator) -> tuple[Balls, ...]:
    """Bent lengths of small bowel, packed loosely into the middle of the abdomen."""
    places = [
        (x, y, z)
        for z in (-66.0, -88.0, -110.0, -132.0)
        for x in (-48.0, -18.0, 12.0, 42.0, 72.0, 98.0)
        for y in (-66.0, -40.0, -14.0)
        if np.hypot((x - 22.0) / 96.0, (y + 38.0) / 48.0) < 1.0
        and (z < -80.0 or (x > 30.0 and y > -60.0))
    ]
    loops = []
    for place in rng.permutation(np.array(places)):
        centre = place + rng.normal(0.0, 4.0, 3)
        way = rng.normal(0.0, 1.0, 3) * [1.0, 0.9, 0.6]
        way *= rng.uniform(16.0, 26.0) / np.linalg.norm(way)
        bend = np.cross(way, rng.normal(0.0, 1.0, 3))
        bend *= rng.uniform(4.0, 12.0) / np.linalg.norm(bend)
        knots = [centre - way, centre - 0.4 * way + bend, centre + 0.4 * way + bend]
        radius = rng.uniform(9.0, 13.0)
        loops.append(
            tube([*knots, centre + way], radius, fold_mm=0.5, fold_length_mm=7.0)
        )
    return tuple(loops)


def _skeleton() -> Mapping[str, Shape]:
    """Vertebral bodies, discs, arches, the spinal canal and the lower ribs."""
    x0, y0 = SPINE_MM
    canal_x, canal_y = CANAL_MM

    def column(points: FloatArray) -> FloatArray:
        phase = np.abs((points[:, 2] / VERTEBRA_MM) % 1.0 - 0.5) * VERTEBRA_MM
        waist = 2.0 * np.clip((phase - 4.0) / 12.5, 0.0, 1.0) ** 2
        scaled = np.hypot((points[:, 0] - x0) / 23.0, (points[:, 1] - y0) / 18.0)
        return (scaled - 1.0) * 20.0 + 2.0 - waist

    def disc(points: FloatArray) -> FloatArray:
        phase = np.abs((points[:, 2] / VERTEBRA_MM) % 1.0 - 0.5) * VERTEBRA_MM
        return np.maximum(phase - 4.0, column(points))

    def arch(points: FloatArray) -> FloatArray:
        x, y = points[:, 0] - canal_x, points[:, 1] - canal_y
        ring = (np.hypot(x / 17.0, y / 14.0) - 1.0) * 15.0
        phase = (points[:, 2] / VERTEBRA_MM) % 1.0 - 0.5
        level_with = np.abs(phase) * VERTEBRA_MM
        spine = np.maximum(np.abs(x) - 3.5, np.abs(y - 19.0) - 11.0)
        wings = np.hypot((y + 5.0) / 5.0, (level_with - 12.0) / 6.0) * 5.0 - 5.0
        wings = np.maximum(wings, np.abs(x) - 38.0)
        return np.minimum(np.minimum(ring, spine + 0.15 * level_with), wings)

    def canal(points: FloatArray) -> FloatArray:
        x, y = points[:, 0] - canal_x, points[:, 1] - canal_y
        return (np.hypot(x / 10.5, y / 8.5) - 1.0) * 9.0

    return {
        "column": Field(column, _spine_box(26.0, y0 - 22.0, y0 + 22.0)),
        "disc": Field(disc, _spine_box(26.0, y0 - 22.0, y0 + 22.0)),
        "arch": Field(arch, _spine_box(40.0, 66.0, 116.0)),
        "canal": Field(canal, _spine_box(12.0, 74.0, 94.0)),
        "ribs": _ribs(),
    }


def _ribs() -> Shape:
    """Lower ribs, sloping forwards and down in the wall."""
    tubes = []
    for order, z_back in enumerate((150.0, 122.0, 94.0, 66.0, 38.0, 10.0, -18.0)):
        last_angle = (140.0, 140.0, 132.0, 120.0, 105.0, 80.0, 55.0)[order]
        for side in (-1.0, 1.0):
            angles = np.arange(16.0, last_angle, 8.0)
            knots = [
                wall_point(side * a, z_back - 0.72 * (a - 16.0), depth_mm=5.5)
                for a in angles
            ]
            tubes.append(tube(knots, 5.2))
    return merged(tubes)


def _spine_box(half_width: float, front: float, back: float) -> FloatArray:
    box = everywhere()
    box[:, 0] = -half_width, half_width
    box[:, 1] = front, back
    return box
