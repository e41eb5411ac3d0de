"""Automatic rigid registration of two planning images.

Three steps, from wide to fine; the optimiser is never believed, only measured:

1. Starts: for each of 27 rotations the best of all shifts by the direction of edges
   (:mod:`~reirrad.registration.search`); the organ's, the bodies' and the images'
   centres laid on one another.
2. Each start is refined on coarse images. The one with the highest mutual information
   over a sufficient overlap stays.
3. The best is refined on fine images, near the organ if it is known. Images of like
   contrast are matched by the correlation of their locally normalised values. Others by
   mutual information, which alone ends up to 1 mm off, and then by squared correlation
   over neighbourhoods of five voxels, which takes seconds longer.
"""

from collections.abc import Callable

import numpy as np

from reirrad.core.geometry import FloatArray
from reirrad.core.images import Image
from reirrad.core.transforms import RigidTransform
from reirrad.errors import RegistrationError
from reirrad.registration.appearance import (
    Appearance,
    appearance,
    closer,
)
from reirrad.registration.contrast import (
    local_correlation,
    normalised_mutual_information,
)
from reirrad.registration.itk import inverted, itk_failures
from reirrad.registration.refinement import Likeness, Stage, refined, views
from reirrad.registration.search import likely_starts
from reirrad.registration.similarity import (
    FOCUS_REACH_MM,
    meeting,
    near_points,
)

__all__ = ["register_rigid"]

COARSE_MM = 5.0
# Aimed-at voxel size of the last stage, with an organ to look at and without. Squared
# correlation visits every voxel, so its images are coarser.
FINE_MM = {
    Likeness.CORRELATION: (2.0, 3.0),
    Likeness.MUTUAL_INFORMATION: (3.0, 4.0),
}
N_STARTS = 3
LEAST_OVERLAP_PERCENT = 25.0
LIKE_CONTRAST = 0.75
WIDE_NEIGHBOURHOOD_MM = 25.0
NARROW_NEIGHBOURHOOD_MM = 12.0

COARSE = Stage(n_samples=8_000, first_step_mm=8.0, last_step_mm=0.2, n_iterations=60)
MIDDLE = Stage(n_samples=20_000, first_step_mm=4.0, last_step_mm=0.1, n_iterations=60)
FINE = Stage(n_samples=60_000, first_step_mm=1.0, last_step_mm=0.003, n_iterations=80)
EVERY_VOXEL = Stage(n_samples=0, first_step_mm=1.0, last_step_mm=0.03, n_iterations=25)


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
        a start, and the last stage compares only what lies within 30 mm of the organ.
    progress
        Told what happens, in a few words.

    Returns
    -------
    RigidTransform
        From moving's frame of reference into fixed's.

    Raises
    ------
    RegistrationError
        If an image is unusable, or no transform lays a quarter of the bodies on one
        another.
    """
    say = progress or _silent
    with itk_failures("The registration of the planning images"):
        say("finding the body in both planning images")
        fixed_seen = appearance(fixed, spacing_mm=COARSE_MM, name="The fixed image")
        moving_seen = appearance(moving, spacing_mm=COARSE_MM, name="The moving image")
        say("searching for a start")
        starts = [
            start.matrix
            for start in likely_starts(fixed_seen, moving_seen, n_starts=N_STARTS)
        ]
        starts += [
            _shift(_middle(fixed) - _middle(moving)),
            _shift(fixed_seen.centre_mm - moving_seen.centre_mm),
        ]
        if fixed_focus_mm is not None and moving_focus_mm is not None:
            organ_shift = fixed_focus_mm.mean(axis=0) - moving_focus_mm.mean(axis=0)
            starts.append(_shift(organ_shift))
        say(f"comparing {len(starts)} starts")
        matrix, likeness = _best_of(starts, fixed_seen, moving_seen)
        say("refining")
        matrix = _finely(
            (fixed, fixed_seen),
            (moving, moving_seen),
            matrix,
            likeness=likeness,
            focus_mm=fixed_focus_mm,
        )
        _require_overlap(fixed_seen, moving_seen, matrix)
    return RigidTransform(
        matrix,
        moving.geometry.frame_of_reference_uid,
        fixed.geometry.frame_of_reference_uid,
    )


def _silent(_: str) -> None:
    """Tell nobody."""


def _shift(vector_mm: FloatArray) -> FloatArray:
    matrix = np.eye(4)
    matrix[:3, 3] = vector_mm
    return matrix


def _middle(image: Image) -> FloatArray:
    return np.asarray(image.geometry.corners_mm().mean(axis=0), dtype=np.float64)


def _best_of(
    starts: list[FloatArray], fixed: Appearance, moving: Appearance
) -> tuple[FloatArray, Likeness]:
    """Refine every start coarsely; the best by measure, and how to go on from it."""
    shown = views(
        fixed, moving, neighbourhood_mm=WIDE_NEIGHBOURHOOD_MM, smoothing_mm=COARSE_MM
    )
    best, best_score = None, -np.inf
    for start in starts:
        try:
            matrix = refined(
                shown, start, likeness=Likeness.MUTUAL_INFORMATION, stage=COARSE
            )
        except RuntimeError:
            continue  # the optimiser lost the overlap: one start less
        score = _score(fixed, moving, matrix)
        if score > best_score:
            best, best_score = matrix, score
    if best is None:
        raise RegistrationError(_no_overlap())
    met = meeting(fixed, moving, best)
    like = local_correlation(
        met.fixed,
        met.moving,
        met.both,
        sigma=NARROW_NEIGHBOURHOOD_MM / fixed.spacing_mm,
    )
    likeness = (
        Likeness.CORRELATION if like > LIKE_CONTRAST else Likeness.MUTUAL_INFORMATION
    )
    return refined(shown, best, likeness=likeness, stage=MIDDLE), likeness


def _score(fixed: Appearance, moving: Appearance, matrix: FloatArray) -> float:
    met = meeting(fixed, moving, matrix)
    if met.overlap_percent < LEAST_OVERLAP_PERCENT:
        return -np.inf
    return normalised_mutual_information(met.fixed[met.both], met.moving[met.both])


def _finely(
    fixed: tuple[Image, Appearance],
    moving: tuple[Image, Appearance],
    matrix: FloatArray,
    *,
    likeness: Likeness,
    focus_mm: FloatArray | None,
) -> FloatArray:
    spacing = FINE_MM[likeness][0 if focus_mm is not None else 1]
    region = fixed[1].points_mm if focus_mm is None else focus_mm
    box = _box(region, margin_mm=FOCUS_REACH_MM)
    back = inverted(matrix)
    near_fixed = closer(*fixed, box, spacing_mm=spacing)
    near_moving = closer(
        *moving, box @ back[:3, :3].T + back[:3, 3], spacing_mm=spacing
    )
    shown = views(
        near_fixed,
        near_moving,
        neighbourhood_mm=NARROW_NEIGHBOURHOOD_MM,
        smoothing_mm=0.0,
        fixed_region=None if focus_mm is None else near_points(near_fixed, focus_mm),
    )
    matrix = refined(shown, matrix, likeness=likeness, stage=FINE)
    if likeness is Likeness.CORRELATION:
        return matrix
    return refined(
        shown, matrix, likeness=Likeness.SQUARED_CORRELATION, stage=EVERY_VOXEL
    )


def _box(points_mm: FloatArray, *, margin_mm: float) -> FloatArray:
    """Corners of the bounding box of points, widened on all sides."""
    low, high = points_mm.min(axis=0) - margin_mm, points_mm.max(axis=0) + margin_mm
    choice = np.indices((2, 2, 2)).reshape(3, -1).T
    return np.asarray(np.where(choice == 1, high, low), dtype=np.float64)


def _require_overlap(fixed: Appearance, moving: Appearance, matrix: FloatArray) -> None:
    if meeting(fixed, moving, matrix).overlap_percent < LEAST_OVERLAP_PERCENT:
        raise RegistrationError(_no_overlap())


def _no_overlap() -> str:
    return (
        "No rigid transform lays as much as a quarter of the two bodies on one "
        "another. Check that both planning images show the same region of the same "
        "patient, or supply a DICOM spatial registration object or a matrix."
    )
