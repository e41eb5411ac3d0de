"""An upper abdomen as ellipsoids, seen by CT or MR after a known move of the patient.

A function of points: the moved patient is computed, not interpolated. The organs differ
in contrast between CT and MR as tissue does, so that no mapping of grey values relates
the two; texture and noise differ too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray, GridGeometry
from reirrad.core.images import Image
from reirrad.core.transforms import RigidTransform
from reirrad.phantoms.solids import TiltedEllipsoid

__all__ = ["LIVER", "Scanner", "soft_tissue_image"]

# Centre and half axes in mm, Hounsfield units, MR signal. Later ones lie on top.
TISSUES = (
    ((0, 0, 0), (165, 112, 900), -95, 700),  # subcutaneous fat
    ((0, 4, 0), (146, 94, 900), 50, 310),  # muscle
    ((0, -12, -8), (124, 72, 330), -100, 690),  # fat of the abdomen
    ((-52, -8, 30), (72, 66, 64), 108, 500),  # liver
    ((84, 22, 42), (30, 38, 44), 118, 390),  # spleen
    ((-58, 44, -52), (24, 27, 48), 155, 430),  # right kidney
    ((63, 46, -38), (24, 26, 50), 155, 430),  # left kidney
    ((0, 62, 0), (21, 19, 900), 340, 440),  # spine
    ((9, 32, 0), (10, 10, 900), 175, 160),  # aorta
    ((42, -34, 24), (34, 28, 30), 25, 270),  # stomach
    ((18, -42, -68), (66, 28, 30), 30, 320),  # bowel
    ((26, -52, -72), (24, 14, 15), -780, 35),  # gas
    ((-58, -12, 44), (56, 6, 6), 165, 240),  # portal vein
    ((-72, 6, 22), (6, 42, 8), 158, 250),  # hepatic vein
    ((-44, -24, 12), (12, 13, 11), 62, 340),  # lesion
    ((-84, -28, 50), (8, 9, 8), 66, 345),  # second lesion
)
LIVER = TiltedEllipsoid(
    np.array(TISSUES[3][0], dtype=np.float64), np.diag(TISSUES[3][1]).astype(np.float64)
)
AIR = {"CT": -1000.0, "MR": 10.0}
EDGE_MM = 1.5
TEXTURE = {"CT": 12.0, "MR": 24.0}
N_WAVES = 10
BIAS_WAVE_PER_MM = (0.008, 0.011, 0.006)


@dataclass(frozen=True, slots=True)
class Scanner:
    """How the abdomen is looked at.

    Parameters
    ----------
    modality
        "CT" or "MR".
    noise
        Standard deviation of the noise: Hounsfield units or MR signal.
    bias
        Largest logarithm of the receiver's uneven sensitivity; 0 for CT.
    seed
        Of the noise.
    size_mm, spacing_mm
        Extent and voxel distances along k, j and i, around the origin of the frame.
    """

    modality: Literal["CT", "MR"]
    noise: float
    bias: float = 0.0
    seed: int = 1
    size_mm: tuple[float, float, float] = (216.0, 255.0, 360.0)
    spacing_mm: tuple[float, float, float] = (3.0, 2.5, 2.5)


def soft_tissue_image(
    scanner: Scanner,
    own_from_anatomy: RigidTransform,
    *,
    deformation_mm: Callable[[FloatArray], FloatArray] | None = None,
) -> Image:
    """Image of the abdomen in the frame that the move leads into.

    Parameters
    ----------
    scanner
        Modality, noise and voxels.
    own_from_anatomy
        Where the anatomy lies in the image's frame.
    deformation_mm
        Points ``(n, 3)`` of the anatomy to the way ``(n, 3)`` from each to the point
        whose tissue is found there; None where it is all rigid.
    """
    geometry = _geometry(scanner, own_from_anatomy.to_frame)
    indices = np.moveaxis(np.indices(geometry.shape), 0, -1).reshape(-1, 3)
    places = geometry.points_mm(indices)
    there = own_from_anatomy.inverse().apply(places)
    if deformation_mm is not None:
        there += deformation_mm(there)
    values = _tissue(there, scanner.modality)
    values *= np.exp(scanner.bias * np.sin(places @ np.array(BIAS_WAVE_PER_MM)))
    random = np.random.default_rng(scanner.seed)
    values += random.normal(0.0, scanner.noise, len(values))
    mr = scanner.modality == "MR"
    values = np.abs(values) if mr else np.maximum(values, -1024.0)
    pixels = np.rint(values).astype(np.float32).reshape(geometry.shape)
    return Image(pixels, geometry, scanner.modality)


def _geometry(scanner: Scanner, frame_of_reference_uid: str) -> GridGeometry:
    spacing = np.array(scanner.spacing_mm)
    n = np.rint(np.array(scanner.size_mm) / spacing).astype(int)
    affine = np.eye(4)
    affine[:3, :3] = np.diag(spacing)[::-1]
    affine[:3, 3] = -(affine[:3, :3] @ (n - 1)) / 2.0
    shape = (int(n[0]), int(n[1]), int(n[2]))
    return GridGeometry(shape, affine, frame_of_reference_uid)


def _tissue(points: FloatArray, modality: Literal["CT", "MR"]) -> FloatArray:
    """Grey values without bias and noise, at points ``(n, 3)``."""
    values = np.full(len(points), AIR[modality])
    texture = TEXTURE[modality] * _texture(points)
    for centre, half, hounsfield, signal in TISSUES:
        near = np.flatnonzero(_near(points, centre, half))
        scaled = (points[near] - centre) / half
        radius = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))
        inside = 0.5 - 0.5 * np.tanh((radius - 1.0) * min(half) / EDGE_MM)
        grey = (hounsfield if modality == "CT" else signal) + texture[near]
        values[near] += inside * (grey - values[near])
    return values


def _near(
    points: FloatArray, centre: npt.ArrayLike, half: npt.ArrayLike
) -> npt.NDArray[np.bool_]:
    """Points in a box that leaves room for the soft edge."""
    reach = np.asarray(half, dtype=np.float64) * 1.5
    inside = np.ones(len(points), dtype=np.bool_)
    for axis, middle in enumerate(np.asarray(centre, dtype=np.float64)):
        inside &= np.abs(points[:, axis] - middle) < reach[axis]
    return inside


def _texture(points: FloatArray) -> FloatArray:
    """Plane waves of 14 to 40 mm in fixed directions, of unit variance."""
    random = np.random.default_rng(11)
    total = np.zeros(len(points))
    for _ in range(N_WAVES):
        direction = random.normal(size=3)
        wave = direction / np.linalg.norm(direction) * 2.0 * np.pi
        wave /= random.uniform(14.0, 40.0)
        total += np.sin(points @ wave + random.uniform(0.0, 2.0 * np.pi))
    return np.asarray(total * np.sqrt(2.0 / N_WAVES))
