"""Registrations that are as plausible as the one that was found.

A registration that is off moves a course rigidly against the others. Its error is drawn
about a centre in the reference frame (decision 0027): a shift that is normal along each
axis, and a rotation whose vector (axis times angle) is, too. A stated accuracy is the
root mean square of the shift's *length* and of the rotation's *angle*, so that each
axis has it divided by the square root of three.

Draws are quasi-random: points of a scrambled Sobol sequence, which fill the space of
all errors evenly, so that fewer of them tell as much.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation
from scipy.special import ndtri

from reirrad.core.geometry import FloatArray

__all__ = [
    "Motions",
    "RegistrationAccuracy",
    "drawn_motions",
    "farthest_mm",
    "moved_points",
    "relative_motions",
    "shifts",
    "unmoved",
]

Motions = Mapping[int, FloatArray]
"""Course number to the motions of its draws, shape (n, 4, 4); all have the same n. A
motion carries a point of the reference frame to the place at which that course's dose
is looked up. A course that is not in it never moves."""

PARAMETERS = 6
ALONG_EACH_AXIS = 1.0 / math.sqrt(3.0)
BOX = tuple(np.ndindex(2, 2, 2))
LEAST_SHARE = 2.0**-33
"""Half of the Sobol sequence's finest step: keeps the normal deviates finite."""


@dataclass(frozen=True, slots=True)
class RegistrationAccuracy:
    """How far a registration may be off.

    Parameters
    ----------
    translation_mm
        Root mean square length of the shift; 3 mm makes 2.8 mm on average, and less
        than 4.8 mm in 95 % of all cases.
    rotation_degrees
        Root mean square angle of the rotation.
    source
        Where the numbers come from.

    Raises
    ------
    ValueError
        If a number is negative or not finite.
    """

    translation_mm: float
    rotation_degrees: float
    source: str

    def __post_init__(self) -> None:
        for name in ("translation_mm", "rotation_degrees"):
            value = getattr(self, name)
            if not 0.0 <= value < math.inf:
                msg = f"{name} must be finite and 0 or more, got {value}"
                raise ValueError(msg)


def drawn_motions(
    accuracies: Mapping[int, RegistrationAccuracy],
    *,
    centre_mm: npt.ArrayLike,
    n_draws: int,
    seed: int,
) -> dict[int, FloatArray]:
    """Draw plausible errors of every registration.

    Parameters
    ----------
    accuracies
        Course number to accuracy, of the courses that are moved.
    centre_mm
        ``(3,)`` centre of the rotations, in the reference frame.
    n_draws
        One or more.
    seed
        The same seed gives the same draws.

    Returns
    -------
    dict
        Course number to motions, shape (n_draws, 4, 4).
    """
    if n_draws < 1:
        msg = f"n_draws must be at least 1, got {n_draws}"
        raise ValueError(msg)
    numbers = sorted(accuracies)
    if not numbers:
        return {}
    from scipy.stats import qmc  # noqa: PLC0415 - slow

    sequence = qmc.Sobol(PARAMETERS * len(numbers), seed=np.random.default_rng(seed))
    even = sequence.random_base2(math.ceil(math.log2(n_draws)))[:n_draws]
    normal = ndtri(np.clip(even, LEAST_SHARE, 1.0 - LEAST_SHARE))
    return {
        number: _motions(
            normal[:, PARAMETERS * at : PARAMETERS * (at + 1)],
            accuracies[number],
            np.asarray(centre_mm, dtype=np.float64),
        )
        for at, number in enumerate(numbers)
    }


def _motions(
    normal: FloatArray, accuracy: RegistrationAccuracy, centre_mm: FloatArray
) -> FloatArray:
    shifts = accuracy.translation_mm * ALONG_EACH_AXIS * normal[:, :3]
    angles = math.radians(accuracy.rotation_degrees) * ALONG_EACH_AXIS * normal[:, 3:]
    rotations = Rotation.from_rotvec(angles).as_matrix()
    motions = unmoved(len(normal))
    motions[:, :3, :3] = rotations
    motions[:, :3, 3] = centre_mm - rotations @ centre_mm + shifts
    return motions


def unmoved(n_draws: int) -> FloatArray:
    """Motions that leave every point where it is, shape (n_draws, 4, 4)."""
    return np.tile(np.eye(4), (n_draws, 1, 1))


def shifts(directions: FloatArray, shift_mm: float) -> FloatArray:
    """The registration as it is, then a shift along each unit vector (m, 3).

    Returns
    -------
    ndarray, shape (m + 1, 4, 4)
    """
    motions = unmoved(1 + len(directions))
    motions[1:, :3, 3] = shift_mm * directions
    return motions


def relative_motions(
    motions: Motions, course: int, *, drawn_in: int
) -> FloatArray | None:
    """Where a structure's points meet the dose of a course in each draw.

    Parameters
    ----------
    motions
        Of :func:`drawn_motions`.
    course
        Course whose dose is looked up.
    drawn_in
        Course whose anatomy the structure moves with.

    Returns
    -------
    ndarray, shape (n, 4, 4)
        To be applied to the structure's points as registered; None where both move
        together, so that its dose stays what it is.
    """
    if course == drawn_in:
        return None
    own, carried = motions.get(course), motions.get(drawn_in)
    if carried is None:
        return own
    back = np.linalg.inv(carried)
    return np.asarray(back if own is None else own @ back, dtype=np.float64)


def moved_points(motion: FloatArray, points_mm: FloatArray) -> FloatArray:
    """Points (n, 3) after one motion (4, 4)."""
    return np.asarray(points_mm @ motion[:3, :3].T + motion[:3, 3])


def farthest_mm(motions: FloatArray | None, points_mm: FloatArray) -> float:
    """Longest way that any of the motions moves any of the points, in mm.

    A motion moves no point of a box further than one of the box's corners.
    """
    if motions is None or not len(points_mm):
        return 0.0
    low, high = points_mm.min(axis=0), points_mm.max(axis=0)
    corners = np.array(
        [[(low, high)[bit][axis] for axis, bit in enumerate(bits)] for bits in BOX]
    )
    ways = np.einsum("nij,cj->nci", motions[:, :3, :3], corners)
    ways += motions[:, None, :3, 3] - corners
    return float(np.linalg.norm(ways, axis=2).max())
