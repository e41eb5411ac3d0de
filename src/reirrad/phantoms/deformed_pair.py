"""Two images of an abdomen whose liver has changed its shape in a known way.

Both images are functions of points: the deformed patient is computed, not
interpolated. On top of a small rigid move the tissue follows a sum of Gaussian waves,
up to 10 mm inside the liver, smooth and invertible.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.core.transforms import RigidTransform, identity
from reirrad.phantoms.anatomy import abdomen
from reirrad.phantoms.mr_look import mr_signal, tissue_layers
from reirrad.phantoms.raster import Deformation, Raster
from reirrad.phantoms.shapes import Shape
from reirrad.phantoms.soft_tissue import LIVER, Scanner, soft_tissue_image

__all__ = [
    "FIXED_FRAME",
    "KINDS",
    "MOVING_FRAME",
    "DeformedPair",
    "GaussianField",
    "Kind",
    "pair_of",
]

Kind = Literal["CT", "MR", "MR abdomen"]
KINDS: tuple[Kind, ...] = ("CT", "MR", "MR abdomen")

FIXED_FRAME, MOVING_FRAME = "1.2.4.1", "1.2.4.2"
LARGEST_MM = 10.0
N_WAVES = 5
WIDTH_MM = (35.0, 50.0)
POINT_STEP_MM = 5.0
INVERSE_STEPS = 60
ABDOMEN_SIZE_MM = (240.0, 300.0, 360.0)
ABDOMEN_CENTRE_MM = (-20.0, 0.0, 5.0)
SPACING_MM = (3.0, 3.0, 3.0)


@dataclass(frozen=True, slots=True, eq=False)
class GaussianField:
    """Smooth displacement of tissue.

    Parameters
    ----------
    centres_mm
        ``(n, 3)`` middle of each wave.
    ways_mm
        ``(n, 3)`` displacement there.
    widths_mm
        ``(n,)`` standard deviation of each wave.
    """

    centres_mm: FloatArray
    ways_mm: FloatArray
    widths_mm: FloatArray

    def way_mm(self, points_mm: FloatArray) -> FloatArray:
        """Displacement at points, shape (n, 3)."""
        total = np.zeros_like(points_mm)
        for centre, way, width in zip(
            self.centres_mm, self.ways_mm, self.widths_mm, strict=True
        ):
            square = ((points_mm - centre) ** 2).sum(axis=1)
            total += np.exp(-square / (2.0 * width**2))[:, None] * way
        return total

    @property
    def reach_mm(self) -> float:
        """More than the longest displacement anywhere."""
        return float(np.linalg.norm(self.ways_mm, axis=1).sum())

    def origin_mm(self, points_mm: FloatArray) -> FloatArray:
        """Points ``p`` with ``p + way(p)`` at the given points."""
        found = points_mm.copy()
        for _ in range(INVERSE_STEPS):
            found = points_mm - self.way_mm(found)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class DeformedPair:
    """Two images and the truth about them.

    Parameters
    ----------
    fixed, moving
        In frames of their own.
    moving_to_fixed
        The rigid move alone.
    field
        Where the fixed image shows what the moving one shows at a point (after the
        rigid move): a displacement away.
    liver_mm
        ``(n, 3)`` points of the liver in the fixed frame.
    """

    fixed: Image
    moving: Image
    moving_to_fixed: RigidTransform
    field: GaussianField
    liver_mm: FloatArray

    def true_mm(self, points_mm: FloatArray) -> FloatArray:
        """Points of the fixed frame carried into the moving one."""
        return self.moving_to_fixed.inverse().apply(self.field.origin_mm(points_mm))

    def true_back_mm(self, points_mm: FloatArray) -> FloatArray:
        """Points of the moving frame carried into the fixed one."""
        straight = self.moving_to_fixed.apply(points_mm)
        return straight + self.field.way_mm(straight)


def pair_of(
    kind: Kind, seed: int, *, spacing_mm: tuple[float, float, float] = SPACING_MM
) -> DeformedPair:
    """A pair of images; a few seconds.

    Parameters
    ----------
    kind
        "CT" and "MR" show organs of ellipsoids with texture, "MR abdomen" the abdomen
        of :mod:`~reirrad.phantoms.anatomy`. Images of MR have uneven sensitivity.
    seed
        Decides field, rigid move and noise.
    spacing_mm
        Voxel size along k, j and i.
    """
    waves, move, looks = np.random.default_rng(seed).spawn(3)
    to_moving = RigidTransform(_small_move(move), FIXED_FRAME, MOVING_FRAME)
    if kind == "MR abdomen":
        rngs = (waves, looks)
        return _abdominal_pair(seed, rngs, to_moving, spacing_mm)
    liver = _lattice(LIVER.centre_mm - 75.0, LIVER.centre_mm + 75.0)
    outward = (liver - LIVER.centre_mm) @ np.linalg.inv(LIVER.axes_mm)
    liver = liver[np.linalg.norm(outward, axis=1) <= 1.0]
    field = _field(waves, liver)
    bias = 0.35 if kind == "MR" else 0.0
    scanner = Scanner(kind, 20.0, bias, 2 * seed, spacing_mm=spacing_mm)
    other = Scanner(kind, 20.0, -bias, 2 * seed + 1, spacing_mm=spacing_mm)
    return DeformedPair(
        soft_tissue_image(scanner, identity(FIXED_FRAME)),
        soft_tissue_image(other, to_moving, deformation_mm=field.way_mm),
        to_moving.inverse(),
        field,
        liver,
    )


def _abdominal_pair(
    seed: int,
    rngs: tuple[np.random.Generator, np.random.Generator],
    to_moving: RigidTransform,
    spacing_mm: tuple[float, float, float],
) -> DeformedPair:
    waves, looks = rngs
    bowel, vessels, *noise = looks.spawn(4)
    anatomy = abdomen(bowel)
    layers = tissue_layers(anatomy, vessels)
    liver = _inside(anatomy.organs["Liver"])
    field = _field(waves, liver)
    centre = np.array([ABDOMEN_CENTRE_MM])
    rasters = (
        Raster(_grid(centre[0], spacing_mm, FIXED_FRAME), np.eye(4)),
        Raster(
            _grid(to_moving.apply(centre)[0], spacing_mm, MOVING_FRAME),
            to_moving.inverse().matrix,
            deformation=Deformation(field.way_mm, field.reach_mm),
        ),
    )
    fixed, moving = (
        Image(
            mr_signal(
                raster,
                layers,
                texture_rng=np.random.default_rng(seed),
                noise_rng=noise_rng,
            ),
            raster.geometry,
            "MR",
        )
        for raster, noise_rng in zip(rasters, noise, strict=True)
    )
    return DeformedPair(fixed, moving, to_moving.inverse(), field, liver)


def _small_move(rng: np.random.Generator) -> FloatArray:
    matrix = np.eye(4)
    turn = rng.uniform(-3.0, 3.0, 3)
    matrix[:3, :3] = Rotation.from_euler("zyx", turn, degrees=True).as_matrix()
    matrix[:3, 3] = rng.uniform(-8.0, 8.0, 3)
    return matrix


def _field(rng: np.random.Generator, liver_mm: FloatArray) -> GaussianField:
    """Waves in and around the liver; the longest way in it is 10 mm."""
    low, high = liver_mm.min(axis=0), liver_mm.max(axis=0)
    centres = rng.uniform(low, high, (N_WAVES, 3))
    ways = rng.normal(0.0, 1.0, (N_WAVES, 3))
    field = GaussianField(centres, ways, rng.uniform(*WIDTH_MM, N_WAVES))
    longest = np.linalg.norm(field.way_mm(liver_mm), axis=1).max()
    return GaussianField(centres, ways * LARGEST_MM / longest, field.widths_mm)


def _grid(
    middle_mm: FloatArray, spacing_mm: tuple[float, float, float], frame: str
) -> GridGeometry:
    spacing = np.array(spacing_mm)
    n = np.rint(np.array(ABDOMEN_SIZE_MM) / spacing).astype(int)
    affine = np.eye(4)
    affine[:3, :3] = np.diag(spacing)[::-1]
    affine[:3, 3] = middle_mm - (affine[:3, :3] @ (n - 1)) / 2.0
    return GridGeometry((int(n[0]), int(n[1]), int(n[2])), affine, frame)


def _inside(shape: Shape) -> FloatArray:
    points = _lattice(*(np.asarray(end) for end in shape.bounds_mm))
    return np.asarray(points[shape.level_mm(points) <= 0.0], dtype=np.float64)


def _lattice(low_mm: FloatArray, high_mm: FloatArray) -> FloatArray:
    ends = zip(low_mm, high_mm, strict=True)
    axes = [np.arange(low, high, POINT_STEP_MM) for low, high in ends]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
