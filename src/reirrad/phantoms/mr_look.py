"""How an abdomen looks in a balanced steady-state MR image at 0.35 T.

Signals follow the ratio T2/T1: fluid, fat and blood bright, muscle and liver dark,
cortical bone, lung and gas black. Added are texture, liver vessels, the sensitivity of
the receiving coils and Rician noise.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.phantoms.anatomy import Anatomy
from reirrad.phantoms.raster import LevelBlock, Raster
from reirrad.phantoms.shapes import (
    Balls,
    Clipped,
    Ellipsoid,
    Field,
    Grown,
    Shape,
    everywhere,
    merged,
    tube,
)

__all__ = ["Paint", "mr_signal", "tissue_layers"]

FloatImage = npt.NDArray[np.float32]

FAT, MUSCLE, LIVER, LUNG, MARROW = 640.0, 165.0, 262.0, 34.0, 330.0
FLUID, CORTICAL, GAS, WALL = 860.0, 70.0, 12.0, 235.0
NOISE = 15.0
TEXTURE_CELL_MM = 7.0
TEXTURE_HALF_MM = 280.0


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """One tissue to be painted over what is there.

    Parameters
    ----------
    shape
        Where.
    signal
        Mean signal.
    texture
        Standard deviation of the slow variation within the tissue.
    edge_mm
        Width of its edge.
    """

    shape: Shape
    signal: float
    texture: float = 0.0
    edge_mm: float = 1.8


def tissue_layers(anatomy: Anatomy, rng: np.random.Generator) -> list[Paint]:
    """All tissues from the skin inwards; later ones cover earlier ones.

    Parameters
    ----------
    anatomy
        The organs.
    rng
        Decides the finer vessels.
    """
    named, bones, wall = anatomy.organs, anatomy.skeleton, anatomy.wall
    skin = named["External"]
    return [
        Paint(skin, 250.0),
        Paint(Grown(skin, -2.0), FAT, 26.0),
        Paint(wall, MUSCLE, 16.0),
        Paint(Grown(wall, -4.2), 0.6 * FAT, 60.0),
        Paint(Grown(wall, -5.2), MUSCLE, 16.0),
        Paint(anatomy.cavity, FAT - 30.0, 40.0, 2.5),
        *_back_muscles(),
        *_lungs(anatomy),
        Paint(bones["ribs"], CORTICAL, 10.0),
        Paint(Grown(bones["ribs"], -2.4), MARROW + 120.0, 30.0, 2.5),
        Paint(Grown(bones["column"], 1.0), CORTICAL, 0.0),
        Paint(Grown(bones["column"], -1.5), MARROW, 22.0),
        Paint(bones["disc"], 270.0, 10.0),
        Paint(bones["arch"], CORTICAL + 60.0, 25.0),
        Paint(Grown(bones["arch"], -3.0), MARROW - 20.0, 25.0),
        Paint(bones["canal"], FLUID, 15.0),
        Paint(named["SpinalCord"], 430.0, 8.0),
        Paint(_mesentery(rng), 430.0, 90.0, 2.6),
        *_gut(anatomy, rng),
        Paint(_pancreas(named), 340.0, 60.0),
        *_kidneys(named),
        Paint(named["Spleen"], 330.0, 14.0),
        Paint(named["A_Aorta"], 520.0, 12.0),
        Paint(named["Heart"], 270.0, 15.0),
        Paint(_chambers(named["Heart"]), 560.0, 18.0, 3.0),
        Paint(Grown(named["Liver"], 0.8), 190.0, 0.0),
        Paint(named["Liver"], LIVER, 13.0),
        Paint(_liver_vessels(named["Liver"], rng), 440.0, 10.0, 2.6),
        Paint(named["V_Venacava_I"], 500.0, 12.0),
        Paint(named["Gallbladder"], 280.0, 0.0),
        Paint(Grown(named["Gallbladder"], -1.4), FLUID - 20.0, 15.0),
    ]


def mr_signal(
    raster: Raster,
    layers: list[Paint],
    *,
    texture_rng: np.random.Generator,
    noise_rng: np.random.Generator,
) -> FloatImage:
    """Image of the layers, with texture, coil sensitivity and noise.

    Parameters
    ----------
    raster
        Voxels of the image.
    layers
        What to paint, in order.
    texture_rng
        Seeds the tissue texture: the same for all images of one patient.
    noise_rng
        Seeds coil sensitivity and noise: another for every image.

    Returns
    -------
    ndarray, shape of the raster's geometry, float32
        Whole numbers, 0 or more.
    """
    signal = np.full(raster.geometry.shape, 4.0, dtype=np.float32)
    texture = _texture(raster, texture_rng)
    for layer in layers:
        block = raster.level(layer.shape)
        if block is not None:
            _paint(signal, texture, block, layer)
    blurred = ndimage.gaussian_filter(signal, (0.25, 0.5, 0.5))
    blurred *= _coil_sensitivity(raster.geometry, noise_rng)
    return _with_noise(blurred, noise_rng)


def _paint(
    signal: FloatImage, texture: FloatImage, block: LevelBlock, layer: Paint
) -> None:
    share = np.clip(0.5 - block.level_mm / np.float32(layer.edge_mm), 0.0, 1.0)
    view = signal[block.window]
    tone = np.float32(layer.signal) + np.float32(layer.texture) * texture[block.window]
    view += share * (tone - view)


def _texture(raster: Raster, rng: np.random.Generator) -> FloatImage:
    """Smooth unit noise fixed to the anatomy."""
    n = int(2 * TEXTURE_HALF_MM / TEXTURE_CELL_MM) + 2
    lattice = rng.standard_normal((n, n, n)).astype(np.float32)
    lattice = lattice + 2.5 * ndimage.gaussian_filter(lattice, 1.5, mode="wrap") * 3.0
    if raster.deformation is None:
        values = _rigid_texture(raster, lattice)
    else:
        values = _deformed_texture(raster, lattice)
    return np.asarray(values / values.std(), dtype=np.float32)


def _rigid_texture(raster: Raster, lattice: FloatImage) -> FloatImage:
    to_lattice = raster.anatomy_from_image @ raster.geometry.affine
    matrix = to_lattice[:3, :3] / TEXTURE_CELL_MM
    offset = (to_lattice[:3, 3] + TEXTURE_HALF_MM) / TEXTURE_CELL_MM
    values = ndimage.affine_transform(
        lattice,
        matrix,
        offset,
        output_shape=raster.geometry.shape,
        output=np.float32,
        order=1,
        mode="nearest",
    )
    return np.asarray(values)


def _deformed_texture(raster: Raster, lattice: FloatImage) -> FloatImage:
    values = np.empty(raster.geometry.shape, dtype=np.float32)
    plane = np.indices((1, *raster.geometry.shape[1:])).reshape(3, -1).T
    for k, row in enumerate(values):
        points = raster.anatomy_mm(plane + np.array([float(k), 0.0, 0.0]))
        places = (points.T + TEXTURE_HALF_MM) / TEXTURE_CELL_MM
        ndimage.map_coordinates(
            lattice, places, output=row.reshape(-1), order=1, mode="nearest"
        )
    return values


def _coil_sensitivity(geometry: GridGeometry, rng: np.random.Generator) -> FloatImage:
    """Slow brightness change: brighter near the coils, fading to the ends."""
    axes = [np.linspace(-1.0, 1.0, n, dtype=np.float32) for n in geometry.shape]
    k, j, i = np.meshgrid(*axes, indexing="ij", sparse=True)
    tilt = rng.uniform(-0.09, 0.09, size=3)
    near = 0.16 + 0.06 * rng.uniform(size=2)
    field = 1.0 + tilt[0] * k + tilt[1] * j + tilt[2] * i
    field = field + near[0] * j**2 + near[1] * i**2 * 0.6 - 0.08 * k**4
    return np.asarray(field, dtype=np.float32)


def _with_noise(signal: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Magnitude of the signal in complex noise that interpolation has smoothed."""
    parts = []
    for _ in range(2):
        noise = rng.standard_normal(signal.shape, dtype=np.float32)
        noise = ndimage.gaussian_filter(noise, (0.0, 0.55, 0.55))
        parts.append(noise * np.float32(NOISE / noise.std()))
    magnitude = np.rint(np.hypot(signal + parts[0], parts[1]))
    return np.asarray(magnitude, dtype=np.float32)


def _back_muscles() -> list[Paint]:
    shapes: list[Shape] = []
    for side in (-1.0, 1.0):
        shapes.append(Ellipsoid((side * 32.0, 86.0, 0.0), (29.0, 17.0, 900.0)))
        shapes.append(
            tube(
                [(side * 24, 58, 0), (side * 34, 58, -60), (side * 44, 56, -150)],
                (6, 15, 22),
            )
        )
        crus = [(side * 12, 32, 40), (side * 17, 36, 0), (side * 14, 40, -45)]
        shapes.append(tube(crus, (5, 6, 3)))
    return [Paint(shape, MUSCLE, 18.0, 2.5) for shape in shapes]


def _lungs(anatomy: Anatomy) -> list[Paint]:
    """Lungs above and behind the diaphragm, with the diaphragm as a dark line."""

    def above(points: FloatArray) -> FloatArray:
        x, y, z = points.T
        slope = 48.0 - 0.6 * (y + 20.0) - 0.3 * (np.abs(x) - 70.0)
        height, middle = 0.75 * (slope - z), 30.0 + 0.1 * y - np.abs(x)
        return np.asarray(np.maximum(height, middle), dtype=np.float64)

    box = everywhere()
    box[0, 2] = -45.0
    left_dome = Ellipsoid((92.0, 2.0, -20.0), (98.0, 112.0, 98.0), 0.0, 2.0)
    below = [Grown(anatomy.organs[name], 3.0) for name in ("Liver", "Stomach", "Heart")]
    room = Clipped(
        Field(above, box), Grown(anatomy.cavity, -1.0), (*below, left_dome), 6.0
    )
    return [Paint(room, MUSCLE, 10.0), Paint(Grown(room, -2.5), LUNG, 12.0, 4.0)]


def _gut(anatomy: Anatomy, rng: np.random.Generator) -> list[Paint]:
    """Walls dark, contents between fluid and food, gas in front."""
    named = anatomy.organs

    def gas_over(name: str, front_mm: float, depth_mm: float) -> Shape:
        front = Field(lambda points: points[:, 1] - front_mm)
        return Grown(Clipped(named[name], Grown(front, depth_mm)), -depth_mm)

    paints = []
    for loop in anatomy.small_bowel_loops:
        content = rng.uniform(330.0, 620.0)
        paints.append(Paint(Clipped(loop, Grown(anatomy.cavity, -2.0)), WALL, 15.0))
        paints.append(Paint(Grown(paints[-1].shape, -2.0), content, 60.0, 2.5))
    contents = {
        "Esophagus": (250.0, 20.0, 3.0),
        "Stomach": (560.0, 100.0, 3.0),
        "Duodenum": (480.0, 90.0, 2.5),
        "Bowel_Large": (360.0, 100.0, 2.2),
    }
    for name, (signal, texture, thickness) in contents.items():
        paints.append(Paint(named[name], WALL, 15.0))
        paints.append(Paint(Grown(named[name], -thickness), signal, texture, 2.5))
    paints.append(Paint(gas_over("Stomach", -62.0, 3.0), GAS, 6.0))
    paints.append(Paint(gas_over("Bowel_Large", -86.0, 2.2), GAS, 6.0))
    return paints


def _mesentery(rng: np.random.Generator) -> Balls:
    """Vessels that fan out through the fat from the great vessels to the bowel."""
    tubes = []
    for _ in range(60):
        start = rng.normal((12.0, -4.0, -70.0), (14.0, 7.0, 34.0))
        end = rng.normal((25.0, -62.0, -70.0), (62.0, 18.0, 45.0))
        middle = (start + end) / 2.0 + rng.normal(0.0, 9.0, 3)
        tubes.append(tube([start, middle, end], (2.1, 1.6, 0.9)))
    for _ in range(30):
        start = rng.normal((95.0, 0.0, -40.0), (22.0, 35.0, 45.0))
        end = start + rng.normal(0.0, 20.0, 3)
        tubes.append(tube([start, end], (1.4, 0.8)))
    return merged(tubes)


def _pancreas(named: Mapping[str, Shape]) -> Shape:
    knots = [(-26, -8, -42), (0, -20, -28), (34, -8, -12), (72, 18, 6)]
    away = tuple(Grown(named[name], 1.0) for name in ("Duodenum", "Stomach", "Liver"))
    gland = tube(knots, (13, 9, 9, 8), fold_mm=1.5, fold_length_mm=16.0)
    return Clipped(gland, None, away, 3.0)


def _kidneys(named: Mapping[str, Shape]) -> list[Paint]:
    paints = []
    for name in ("Kidney_L", "Kidney_R"):
        kidney = named[name]
        paints += [
            Paint(kidney, 430.0, 12.0),
            Paint(Grown(kidney, -7.0), 520.0, 45.0, 3.0),
        ]
    return paints


def _chambers(heart: Shape) -> Shape:
    septum = Field(
        lambda points: np.abs(points[:, 0] - 0.4 * points[:, 1] - 40.0) - 5.0
    )
    return Clipped(Grown(heart, -9.0), None, (septum,), 6.0)


def _liver_vessels(liver: Shape, rng: np.random.Generator) -> Shape:
    """Hepatic veins, portal branches and their finer ramifications."""
    trunks = [
        [(-20, 12, 64), (-50, 24, 52), (-88, 34, 34), (-112, 34, 12)],
        [(-21, 10, 62), (-44, -16, 48), (-66, -40, 26), (-76, -50, 4)],
        [(-18, 8, 64), (-8, -16, 54), (8, -38, 44), (30, -52, 36)],
        [(8, 8, -36), (-14, 0, -14), (-34, -2, 0), (-58, 4, 6), (-84, 18, -8)],
        [(-58, 4, 6), (-84, -12, 20), (-106, -22, 34)],
        [(-84, 18, -8), (-104, 26, -30), (-114, 20, -52)],
        [(-34, -2, 0), (-24, -28, 16), (-4, -44, 28), (20, -56, 30)],
    ]
    widths = (
        (5.5, 2.2),
        (5, 2),
        (5, 1.8),
        (7, 3.2),
        (4.2, 1.8),
        (3.2, 1.6),
        (4.5, 1.8),
    )
    tubes = []
    for knots, (wide, thin) in zip(trunks, widths, strict=True):
        tubes.append(tube(knots, np.linspace(wide, thin, len(knots)).tolist()))
        points = np.array(knots, dtype=np.float64)
        for _ in range(9):
            piece = int(rng.integers(1, len(points)))
            start = points[piece - 1] + rng.uniform() * (
                points[piece] - points[piece - 1]
            )
            way = points[piece] - points[piece - 1] + rng.normal(0.0, 22.0, 3)
            way *= rng.uniform(24.0, 46.0) / np.linalg.norm(way)
            bend = start + 0.5 * way + rng.normal(0.0, 4.0, 3)
            tubes.append(tube([start, bend, start + way], (2.0, 1.6, 1.0)))
    return Clipped(merged(tubes), Grown(liver, -2.0))
