"""A synthetic abdomen, defined at every point, so that no move needs interpolation.

Body, liver with vessels, kidneys, spleen, spine and gut are ellipsoids and cylinders
with soft edges; tissue has its own texture. The same anatomy is seen as CT or MR.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image

# centre, half axes (mm), grey value in CT (HU), T1 and T2 weighted MR
ORGANS = (
    ((0, 0, 0), (170, 115, 400), -90, 750, 700),  # fat
    ((0, 5, 0), (150, 95, 400), 45, 330, 250),  # muscle
    ((0, -15, -10), (125, 70, 300), -100, 720, 650),  # fat of the abdomen
    ((-55, -10, 35), (75, 70, 70), 105, 520, 300),  # liver
    ((85, 20, 45), (32, 40, 45), 115, 380, 560),  # spleen
    ((-60, 45, -55), (25, 28, 50), 160, 410, 600),  # right kidney
    ((65, 45, -35), (25, 27, 50), 160, 410, 600),  # left kidney
    ((0, 60, 0), (22, 20, 400), 350, 450, 420),  # spine
    ((8, 30, 0), (10, 10, 400), 180, 150, 130),  # aorta
    ((40, -35, 20), (35, 30, 30), 20, 260, 850),  # stomach
    ((20, -40, -70), (70, 30, 30), 30, 300, 620),  # bowel
    ((25, -50, -75), (25, 15, 15), -800, 30, 20),  # gas
    ((-60, -15, 50), (60, 6, 6), 160, 250, 520),  # portal vein
    ((-75, 5, 25), (6, 45, 8), 155, 250, 520),  # hepatic vein
    ((-45, -25, 15), (12, 13, 11), 60, 350, 480),  # lesion
    ((-85, -30, 55), (8, 9, 8), 65, 340, 470),  # second lesion
    ((-30, 10, 60), (7, 7, 25), 155, 250, 520),  # vena cava branch
)
LIVER = 3
COLUMN = {"CT": 2, "MR": 3, "T2": 4}
AIR = {"CT": -1000.0, "MR": 8.0, "T2": 8.0}
TEXTURE = {"CT": 12.0, "MR": 25.0, "T2": 25.0}
NOISE = {"CT": 15.0, "MR": 20.0, "T2": 20.0}


@dataclass(frozen=True)
class View:
    """How the abdomen is looked at."""

    contrast: str = "CT"
    centre_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    size_mm: tuple[float, float, float] = (240.0, 270.0, 380.0)  # k, j, i
    spacing_mm: tuple[float, float, float] = (3.0, 2.5, 2.5)
    bias: float = 0.0
    couch: bool = False
    seed: int = 1


def matrix(
    shift_mm: tuple[float, float, float], degrees: tuple[float, float, float]
) -> FloatArray:
    """Rigid matrix that turns about the body's centre (Euler zyx), then shifts."""
    result = np.eye(4)
    result[:3, :3] = Rotation.from_euler("zyx", degrees, degrees=True).as_matrix()
    result[:3, 3] = shift_mm
    return result


def liver_points() -> FloatArray:
    """Points of a 8 mm raster inside the liver of the unmoved abdomen."""
    centre, half = (np.array(part, dtype=np.float64) for part in ORGANS[LIVER][:2])
    raster = np.stack(
        np.meshgrid(*[np.arange(-80.0, 81.0, 8.0)] * 3, indexing="ij"), axis=-1
    ).reshape(-1, 3)
    inside = ((raster / half) ** 2).sum(axis=1) <= 1.0
    return np.asarray(raster[inside] + centre, dtype=np.float64)


def moved(points_mm: FloatArray, by: FloatArray) -> FloatArray:
    return np.asarray(points_mm @ by[:3, :3].T + by[:3, 3], dtype=np.float64)


def abdomen(view: View, *, moved_by: FloatArray, frame: str) -> Image:
    """Image of the abdomen after a move of the patient."""
    shape = tuple(
        round(size / step)
        for size, step in zip(view.size_mm, view.spacing_mm, strict=True)
    )
    affine = np.eye(4)
    affine[:3, :3] = np.diag(view.spacing_mm)[::-1]
    half = affine[:3, :3] @ (np.array(shape) - 1) / 2.0
    affine[:3, 3] = np.array(view.centre_mm) - half
    geometry = GridGeometry((shape[0], shape[1], shape[2]), affine, frame)
    places = geometry.points_mm(np.moveaxis(np.indices(shape), 0, -1))
    values = _tissue(
        moved(places, np.asarray(np.linalg.inv(moved_by), dtype=np.float64)),
        view.contrast,
    )
    if view.couch:
        y = places[..., 1]
        values[(y > 135.0 + view.centre_mm[1]) & (y < 141.0 + view.centre_mm[1])] = 80.0
    values *= np.exp(view.bias * np.sin(places @ np.array([0.008, 0.011, 0.006])))
    random = np.random.default_rng(view.seed)
    values += random.normal(0.0, NOISE[view.contrast], shape)
    modality = "CT" if view.contrast == "CT" else "MR"
    return Image(values.astype(np.float32), geometry, modality)


def with_contrast(view: View, contrast: str, *, seed: int) -> View:
    return replace(view, contrast=contrast, seed=seed)


def _tissue(points: FloatArray, contrast: str) -> FloatArray:
    values = np.full(points.shape[:-1], AIR[contrast])
    texture = _texture(points) * TEXTURE[contrast]
    for number, organ in enumerate(ORGANS):
        centre, half = (np.array(part, dtype=np.float64) for part in organ[:2])
        radius = np.sqrt((((points - centre) / half) ** 2).sum(axis=-1))
        inside = 0.5 - 0.5 * np.tanh((radius - 1.0) * float(half.min()) / 1.5)
        grey = organ[COLUMN[contrast]] + texture * (1.0 if number != 11 else 0.0)
        values = values * (1.0 - inside) + grey * inside
    return np.asarray(values, dtype=np.float64)


def _texture(points: FloatArray) -> FloatArray:
    """Sum of plane waves of 12 to 40 mm, of unit variance."""
    random = np.random.default_rng(7)
    total = np.zeros(points.shape[:-1])
    n_waves = 12
    for _ in range(n_waves):
        direction = random.normal(size=3)
        wave = direction / np.linalg.norm(direction) * 2 * np.pi
        wave /= random.uniform(12.0, 40.0)
        total += np.sqrt(2.0 / n_waves) * np.sin(points @ wave + random.uniform(0, 6.3))
    return total
