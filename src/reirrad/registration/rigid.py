"""Automatic rigid registration of two planning images.

From wide to fine, always with the same measure, the squared correlation of small
patches (:mod:`~reirrad.registration.patches`), and the same fit, the rigid move on
which most patches agree (:mod:`~reirrad.registration.consensus`):

1. Starts: the organ's, the bodies' and the images' centres laid on one another, or the
   coordinates as they are. Only if none of them leads to a convincing answer, for each
   of 27 rotations the best of all shifts (:mod:`~reirrad.registration.search`).
2. Each start is refined on images of 12, 6 and 3 mm. The one stays by which most
   landmarks are found again (:mod:`~reirrad.registration.evidence`), if enough are.
3. It is refined on the images as they are, near the organ if it is known, the moving
   one as a spline (:mod:`~reirrad.registration.interpolation`).
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.core.transforms import RigidTransform
from reirrad.errors import RegistrationError
from reirrad.registration.appearance import Appearance, appearance, grey_values
from reirrad.registration.consensus import Fit, fitted
from reirrad.registration.evidence import Evidence, evidence, landmarks
from reirrad.registration.interpolation import splined
from reirrad.registration.patches import Patches, described, strongest
from reirrad.registration.search import likely_starts
from reirrad.registration.similarity import meeting, near_points
from reirrad.registration.volumes import Volume, inverted, shrunk

__all__ = ["register_rigid"]

BODY_MM = 6.0
SKIN_MM = 7.0
N_STARTS = 4
LEAST_OVERLAP_PERCENT = 25.0
# Share of the landmarks found again from which no further start is tried.
CONVINCING = 0.5
FOCUS_REACH_MM = 20.0
FOLLOWED_MM = 3.0
LARGEST_CELL_MM = 24.0
SMALLEST_CELL_MM = 6.0


class _Limits(NamedTuple):
    """Least share of landmarks found again, of all and in the worst half."""

    found: float
    in_half: float


# What right answers reach and wrong ones do not, see decision 0014.
LIKE_CT, LIKE_MR, UNLIKE = _Limits(0.6, 0.4), _Limits(0.45, 0.25), _Limits(0.3, 0.15)


@dataclass(frozen=True, slots=True)
class _Level:
    """How closely is looked.

    Parameters
    ----------
    spacing_mm
        Voxel size aimed at.
    half_patch_mm
        Half the edge of a patch, beside its middle voxel.
    n_patches
        About how many.
    n_steps, settled_mm
        At most so many Gauss-Newton steps, down to this length.
    cubic
        Whether the moving image is a spline between its voxels, or trilinear.
    """

    spacing_mm: float
    half_patch_mm: float
    n_patches: int
    n_steps: int
    settled_mm: float
    cubic: bool = False


WIDE = _Level(12.0, 24.0, 2_000, 12, 0.2)
COARSE = _Level(6.0, 12.0, 4_000, 12, 0.05)
MIDDLE = _Level(3.0, 6.0, 8_000, 8, 0.02)
FINE = _Level(1.5, 3.5, 16_000, 15, 0.003, cubic=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """The two images at one level."""

    level: _Level
    fixed: Volume
    patches: Patches
    moving: Volume

    def fit(self, start: FloatArray) -> Fit:
        return fitted(
            self.patches,
            splined(self.moving) if self.level.cubic else self.moving,
            start,
            n_steps=self.level.n_steps,
            settled_mm=self.level.settled_mm,
        )


def register_rigid(
    fixed: Image,
    moving: Image,
    *,
    fixed_focus_mm: FloatArray | None = None,
    moving_focus_mm: FloatArray | None = None,
    progress: Callable[[str], None] | None = None,
) -> RigidTransform:
    """Find the rigid map between two planning images.

    The same images give the same matrix to the last digit.

    Parameters
    ----------
    fixed, moving
        Planning images; any modality, field of view and orientation.
    fixed_focus_mm, moving_focus_mm : ndarray, shape (n, 3), optional
        Points inside one organ, each in its own image's frame. The organ's centre gives
        a start, and the last stage compares only what lies within 20 mm of the organ.
    progress
        Told what happens, in a few words.

    Returns
    -------
    RigidTransform
        From moving's frame of reference into fixed's.

    Raises
    ------
    RegistrationError
        If an image is unusable, if no transform lays a quarter of the bodies on one
        another, or if the patches do not agree on the best one found.
    """
    say = progress or _silent
    say("finding the body in both planning images")
    with ThreadPoolExecutor(2) as pool:
        seen = pool.submit(
            appearance, fixed, spacing_mm=BODY_MM, name="The fixed image"
        )
        moving_seen = appearance(moving, spacing_mm=BODY_MM, name="The moving image")
        fixed_seen = seen.result()
    inner = _inner(fixed_seen)
    whole = (grey_values(fixed), grey_values(moving))
    levels = [
        _pair(fixed_seen.volume, moving_seen.volume, inner, WIDE),
        _pair(fixed_seen.volume, moving_seen.volume, inner, COARSE),
        _pair(*whole, inner, MIDDLE),
    ]
    say("searching for a start")
    quick = [
        fixed_seen.centre_mm - moving_seen.centre_mm,
        _middle(fixed) - _middle(moving),
        np.zeros(3),
    ]
    if fixed_focus_mm is not None and moving_focus_mm is not None:
        quick.insert(0, fixed_focus_mm.mean(axis=0) - moving_focus_mm.mean(axis=0))
    limits = _limits(fixed, moving)
    fit, found = _best_fit(quick, (fixed_seen, moving_seen), levels, inner)
    _require(found, limits, "the body")
    say("refining")
    region, of_body = inner, fit
    if fixed_focus_mm is not None:
        near = near_points(fixed_seen, fixed_focus_mm, reach_mm=FOCUS_REACH_MM)
        region = Volume(inner.values * near, inner.affine)
        # The organ may lie otherwise in the body than it did: look for it anew.
        for level in (COARSE, MIDDLE):
            fit = _pair(*whole, region, level).fit(fit.matrix)
    fit = _pair(*whole, region, FINE).fit(fit.matrix)
    if _overlap_percent(fixed_seen, moving_seen, fit) < LEAST_OVERLAP_PERCENT:
        raise RegistrationError(_no_overlap())
    where = "the body"
    if fixed_focus_mm is not None:
        where = "the organ's surroundings"
        if _farthest_mm(of_body, fit, fixed_focus_mm) <= FOLLOWED_MM:
            # As the body says, which was borne out already: ask it once more.
            region, where = inner, "the body"
    _require(_evidence(levels[-1], region)(fit), limits, where)
    return RigidTransform(
        inverted(fit.matrix),
        moving.geometry.frame_of_reference_uid,
        fixed.geometry.frame_of_reference_uid,
    )


def _farthest_mm(one: Fit, other: Fit, points_mm: FloatArray) -> float:
    """Largest distance between what two moves make of points."""
    change = one.matrix - other.matrix
    moved = points_mm @ change[:3, :3].T + change[:3, 3]
    return float(np.linalg.norm(moved, axis=1).max())


def _silent(_: str) -> None:
    """Tell nobody."""


def _middle(image: Image) -> FloatArray:
    return np.asarray(image.geometry.corners_mm().mean(axis=0), dtype=np.float64)


def _inner(image: Appearance) -> Volume:
    """The body without its skin, which arms, couch and clothes press into shape."""
    depth = ndimage.distance_transform_edt(image.body, sampling=image.spacing_mm)
    return Volume((depth > SKIN_MM).astype(np.float32), image.volume.affine)


def _pair(fixed: Volume, moving: Volume, mask: Volume, level: _Level) -> _Pair:
    fixed = shrunk(fixed, spacing_mm=level.spacing_mm)
    k, j, i = np.maximum(np.rint(level.half_patch_mm / fixed.spacing_mm), 1)
    radius = (int(k), int(j), int(i))
    volume_mm3 = float(mask.values.sum()) * float(np.prod(mask.spacing_mm))
    cell_mm = np.clip(
        np.cbrt(volume_mm3 / level.n_patches), SMALLEST_CELL_MM, LARGEST_CELL_MM
    )
    centres = strongest(fixed, mask, radius=radius, cell_mm=float(cell_mm))
    patches = described(fixed, centres, radius=radius)
    return _Pair(level, fixed, patches, shrunk(moving, spacing_mm=level.spacing_mm))


def _evidence(pair: _Pair, region: Volume) -> Callable[[Fit], Evidence]:
    marks = landmarks(pair.fixed, region)
    return lambda fit: evidence(marks, pair.moving, fit.matrix)


def _starts(
    quick: list[FloatArray], fixed: Appearance, moving: Appearance
) -> Iterator[tuple[FloatArray, int]]:
    """Where to start, and at which level; the search comes only when asked for."""
    for shift in quick:
        matrix = np.eye(4)
        matrix[:3, 3] = -shift
        yield matrix, 0
    for found in likely_starts(fixed, moving, n_starts=N_STARTS):
        # Patches of the widest level need much common field: go without it too.
        yield inverted(found.matrix), 0
        yield inverted(found.matrix), 1


def _best_fit(
    quick: list[FloatArray],
    bodies: tuple[Appearance, Appearance],
    levels: list[_Pair],
    inner: Volume,
) -> tuple[Fit, Evidence]:
    """Refine one start after another until one convinces; else the best of all."""
    weigh = _evidence(levels[-1], inner)
    best, most = None, Evidence(0, -1.0, 0.0)
    for start, first in _starts(quick, *bodies):
        fit = Fit(start, 0.0, 0.0, 0.0)
        for pair in levels[first:]:
            fit = pair.fit(fit.matrix)
        if _overlap_percent(*bodies, fit) < LEAST_OVERLAP_PERCENT:
            continue
        seen = weigh(fit)
        if seen.found > most.found:
            best, most = fit, seen
        if most.found >= CONVINCING and most.least_half >= CONVINCING / 2.0:
            break
    if best is None:
        raise RegistrationError(_no_overlap())
    return best, most


def _overlap_percent(fixed: Appearance, moving: Appearance, fit: Fit) -> float:
    return meeting(fixed, moving, inverted(fit.matrix)).overlap_percent


def _limits(fixed: Image, moving: Image) -> _Limits:
    if fixed.modality != moving.modality:
        return UNLIKE
    return LIKE_CT if fixed.modality == "CT" else LIKE_MR


def _require(seen: Evidence, limits: _Limits, where: str) -> None:
    if seen.found < limits.found or seen.least_half < limits.in_half:
        msg = (
            f"On the best rigid transform found, {100.0 * seen.found:.0f} % of "
            f"{seen.n_shown} landmarks in {where} are found again "
            f"({100.0 * seen.least_half:.0f} % in the worst half of it); at least "
            f"{100.0 * limits.found:.0f} % ({100.0 * limits.in_half:.0f} % in "
            f"every half) must agree, so it is not used. Check that both show the "
            f"same region of the same patient; automatic registration is made for "
            f"moves of up to 60 mm and 15 degrees. Or supply a DICOM spatial "
            f"registration object or a matrix."
        )
        raise RegistrationError(msg)


def _no_overlap() -> str:
    return (
        "No rigid transform lays as much as a quarter of the two bodies on one "
        "another. Check that both planning images show the same region of the same "
        "patient, or supply a DICOM spatial registration object or a matrix."
    )
