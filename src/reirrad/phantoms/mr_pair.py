"""Two MR images of one patient on different days, the move between them known.

The second image has its own position, field of view, coil sensitivity and noise; the
patient breathes otherwise in it, so that diaphragm, front wall and bowel have changed
their shape while spine, kidneys and most of the liver only moved as a whole.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.core.transforms import RigidTransform
from reirrad.phantoms.analytic import box_geometry
from reirrad.phantoms.anatomy import Anatomy, abdomen
from reirrad.phantoms.mr_look import mr_signal, tissue_layers
from reirrad.phantoms.raster import Deformation, Raster

if TYPE_CHECKING:
    from reirrad.phantoms.shapes import Shape

__all__ = ["MrPair", "mr_pair", "rigid_move"]

SPACING_MM = (3.0, 1.5, 1.5)
EXTENT_MM = (300.0, 450.0, 450.0)
FIXED_FRAME, MOVING_FRAME = "1.2.3.1", "1.2.3.2"
FIXED_MIDDLE_MM = (0.0, 0.0, -5.0)
FIELD_SHIFT_MM = (18.0, -12.0, 36.0)
POINT_STEP_MM = 6.0
STILL_MM = 0.02
BIAS = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class MrPair:
    """Two images and the truth about them.

    Parameters
    ----------
    fixed, moving
        100 slices of 300 x 300 voxels, 1.5 x 1.5 x 3 mm, unless told otherwise.
    moving_to_fixed
        The true map of what did not deform.
    liver_mm
        ``(n, 3)`` points of the liver in the fixed frame: the drawn organ, deformed
        part included.
    rigid_mm
        ``(n, 3)`` points in the fixed frame of liver, kidneys and spine that moved as a
        whole and lie in both images.
    """

    fixed: Image
    moving: Image
    moving_to_fixed: RigidTransform
    liver_mm: FloatArray
    rigid_mm: FloatArray

    def errors_mm(self, found: RigidTransform) -> FloatArray:
        """Distance from the truth at every point of the rigid anatomy, shape (n,)."""
        there = self.moving_to_fixed.inverse().apply(self.rigid_mm)
        away = found.apply(there) - self.rigid_mm
        return np.asarray(np.linalg.norm(away, axis=1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Swelling:
    """A smooth displacement inside an ellipsoid, zero from its surface on."""

    centre_mm: tuple[float, float, float]
    semi_axes_mm: tuple[float, float, float]
    way_mm: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class _Breathing:
    swellings: tuple[_Swelling, ...]

    @property
    def reach_mm(self) -> float:
        return float(sum(np.linalg.norm(s.way_mm) for s in self.swellings))

    def way_mm(self, points_mm: FloatArray) -> FloatArray:
        """From points to where their tissue was before the deformation."""
        way = np.zeros_like(points_mm)
        for one in self.swellings:
            centre, half = np.array(one.centre_mm), np.array(one.semi_axes_mm)
            inside = np.maximum(
                1.0 - (((points_mm - centre) / half) ** 2).sum(axis=1), 0.0
            )
            way += (inside**2)[:, None] * np.array(one.way_mm)
        return way


def rigid_move(
    *,
    shift_mm: tuple[float, float, float],
    degrees: tuple[float, float, float],
    about_mm: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> FloatArray:
    """Turn about a point (Euler angles z, y, x), then shift; a ``(4, 4)`` matrix."""
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("zyx", degrees, degrees=True).as_matrix()
    about = np.array(about_mm)
    matrix[:3, 3] = about - matrix[:3, :3] @ about + shift_mm
    return matrix


def mr_pair(
    seed: int,
    *,
    move: FloatArray | None = None,
    spacing_mm: tuple[float, float, float] = SPACING_MM,
) -> MrPair:
    """Pair of images; takes some 20 s.

    Parameters
    ----------
    seed
        Decides the bowel, finer vessels, texture, breathing, coil, noise and, without
        `move`, a move of up to 25 mm along and 6 degrees about each axis.
    move : ndarray, shape (4, 4), optional
        Fixed point to moving point, mm.
    spacing_mm
        Voxel size along k, j and i; coarser images of the same extent are made sooner.
    """
    bowel, vessels, coils, breath, moves, *noise = np.random.default_rng(seed).spawn(7)
    if move is None:
        shift, turn = moves.uniform(-25.0, 25.0, 3), moves.uniform(-6.0, 6.0, 3)
        move = rigid_move(
            shift_mm=(shift[0], shift[1], shift[2]), degrees=(turn[0], turn[1], turn[2])
        )
    anatomy = abdomen(bowel)
    layers = tissue_layers(anatomy, vessels)
    breathing = _breathing(breath)
    to_moving = RigidTransform(move, FIXED_FRAME, MOVING_FRAME)
    middle = to_moving.apply(np.array([FIXED_MIDDLE_MM]))[0] + FIELD_SHIFT_MM
    rasters = (
        Raster(_grid(np.array(FIXED_MIDDLE_MM), spacing_mm, FIXED_FRAME), np.eye(4)),
        Raster(
            _grid(middle, spacing_mm, MOVING_FRAME),
            to_moving.inverse().matrix,
            deformation=Deformation(breathing.way_mm, breathing.reach_mm),
        ),
    )
    images = []
    for raster, noise_rng in zip(rasters, noise, strict=True):
        values = mr_signal(
            raster,
            layers,
            texture_rng=np.random.default_rng(seed),
            noise_rng=noise_rng,
        )
        values = np.rint(values * _bias(raster, coils)).astype(np.float32)
        images.append(Image(values, raster.geometry, "MR"))
    fixed, moving = images
    rigid = _still(anatomy, breathing)
    for image, points in ((fixed, rigid), (moving, to_moving.apply(rigid))):
        index = image.geometry.indices(points)
        last = np.array(image.geometry.shape) - 1
        rigid = rigid[np.all((index >= 0) & (index <= last), axis=1)]
    return MrPair(
        fixed, moving, to_moving.inverse(), _raster_points(anatomy, ("Liver",)), rigid
    )


def _breathing(rng: np.random.Generator) -> _Breathing:
    """Diaphragm down, front wall out, bowel stirred."""
    deep, belly = rng.uniform(8.0, 14.0), rng.uniform(5.0, 9.0)
    swellings = [
        _Swelling((-65.0, -5.0, 100.0), (120.0, 120.0, 75.0), (0.0, 0.0, deep)),
        _Swelling((85.0, 0.0, 95.0), (90.0, 110.0, 60.0), (0.0, 0.0, 0.8 * deep)),
        _Swelling((0.0, -125.0, -30.0), (190.0, 62.0, 160.0), (0.0, belly, 0.0)),
    ]
    for _ in range(6):
        x, y, z = rng.uniform((-60.0, -75.0, -150.0), (100.0, -30.0, -75.0))
        radius = rng.uniform(25.0, 40.0)
        a, b, c = rng.normal(0.0, 5.0, 3)
        swellings.append(_Swelling((x, y, z), (radius, radius, radius), (a, b, c)))
    return _Breathing(tuple(swellings))


def _grid(
    middle_mm: FloatArray, spacing_mm: tuple[float, float, float], frame: str
) -> GridGeometry:
    step = np.array(spacing_mm[::-1])
    half = (np.array(EXTENT_MM[::-1]) - step) / 2.0
    return box_geometry(
        middle_mm - half,
        middle_mm + half,
        spacing_mm=spacing_mm,
        frame_of_reference_uid=frame,
    )


def _bias(raster: Raster, rng: np.random.Generator) -> FloatArray:
    """Smooth sensitivity, up to a third up and down across the image."""
    axes = [np.linspace(-1.0, 1.0, n) for n in raster.geometry.shape]
    total = np.zeros(raster.geometry.shape)
    for _ in range(3):
        k, j, i = (
            np.exp(1j * axis * rng.uniform(-2.5, 2.5)).astype(np.complex64)
            for axis in axes
        )
        wave = k[:, None, None] * j[:, None] * i * np.exp(1j * rng.uniform(0.0, 6.3))
        total += wave.real
    return np.asarray(np.exp(BIAS * total / 3.0), dtype=np.float64)


def _still(anatomy: Anatomy, breathing: _Breathing) -> FloatArray:
    names = ("Liver", "Kidney_L", "Kidney_R", "SpinalCord")
    points = _raster_points(anatomy, names)
    way = np.linalg.norm(breathing.way_mm(points), axis=1)
    return np.asarray(points[way < STILL_MM], dtype=np.float64)


def _raster_points(anatomy: Anatomy, names: tuple[str, ...]) -> FloatArray:
    found = []
    for name in names:
        shape: Shape = anatomy.organs[name]
        low, high = shape.bounds_mm
        axes = [np.arange(a, b, POINT_STEP_MM) for a, b in zip(low, high, strict=True)]
        points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
        found.append(points[shape.level_mm(points) <= 0.0])
    return np.concatenate(found)
