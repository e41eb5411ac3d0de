"""The rigid move on which most patches agree.

Every patch tells how far it moved and how surely. Breathing, bowel and other positions
of arms move some of them otherwise; a rigid move is fitted to all by least squares with
weights that fall to zero for patches at odds with it [1]_. The scale of what is at odds
comes from the quarter that agrees best, so that even half of the patches may have
deformed.

References
----------
.. [1] Holland PW, Welsch RE. Robust regression using iteratively reweighted least-
   squares. Commun Stat Theory Methods 1977;6:813-827.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from reirrad.core.compiled import compiled
from reirrad.core.geometry import FloatArray
from reirrad.registration.interpolation import Spline
from reirrad.registration.patches import Patches, compared
from reirrad.registration.volumes import Volume, inverted

__all__ = ["Fit", "fitted"]

LEAST_PATCHES = 60
# Correlation below which a patch has not found its like.
LEAST_CORRELATION = 0.3
# Part of a patch's own displacement that a rigid move need not explain, one sigma.
LOCAL_MM = 0.1
# Share of the variance of a patch that is taken as unexplained at least.
VARIANCE_FLOOR = 0.02
RIDGE = 1e-3
# Three degrees of freedom: the quartile of the length of a standard normal vector.
QUARTILE = 1.10
LEAST_SCALE = 0.2
CUTOFF = 3.0
N_REWEIGHTINGS = 12
ARM_MM = 80.0
# A patch agrees with the move if it lies no further off.
AGREEING_MM = 1.5


@dataclass(frozen=True, slots=True)
class Fit:
    """A rigid move and what the patches say to it.

    Parameters
    ----------
    matrix
        ``(4, 4)`` fixed point to moving point.
    likeness
        Mean squared correlation of the patches that both images show, 0 to 1.
    agreeing
        Share of these whose own displacement differs by at most 1.5 mm and which
        resemble the other image.
    shown
        Share of all patches that lie in the moving image.
    """

    matrix: FloatArray
    likeness: float
    agreeing: float
    shown: float


def fitted(
    patches: Patches,
    moving: Volume | Spline,
    start: FloatArray,
    *,
    n_steps: int,
    settled_mm: float,
) -> Fit:
    """Improve a rigid move by Gauss-Newton steps.

    Parameters
    ----------
    patches
        Of the fixed image.
    moving
        The other image at a like resolution.
    start
        ``(4, 4)`` fixed point to moving point.
    n_steps
        At most.
    settled_mm
        A step that moves nothing further ends it.

    Returns
    -------
    Fit
        With likeness and agreement of the last step but one. Where fewer than 60
        patches resemble the moving image, the start with an agreement of 0.
    """
    points = patches.points_mm
    centre = points.mean(axis=0)
    matrix, fit = start, Fit(start, 0.0, 0.0, 0.0)
    for _ in range(n_steps):
        seen = compared(patches, moving, matrix)
        shown = np.isfinite(seen.correlation)
        squares = np.where(shown, seen.correlation, 0.0) ** 2
        alike = np.flatnonzero(squares > LEAST_CORRELATION**2)
        n_shown = max(int(np.count_nonzero(shown)), 1)
        likeness = float(squares.sum()) / n_shown
        if len(alike) < LEAST_PATCHES:
            return Fit(matrix, likeness, 0.0, n_shown / len(points))
        way, weight = _displacements(
            seen.pull[alike],
            seen.correlation[alike],
            patches.curvature[alike],
            patches.values.shape[1],
        )
        arms = points[alike] - centre
        step, off_mm = _robust_step(arms, way, weight)
        matrix = matrix @ inverted(_moved(step, centre))
        fit = Fit(
            matrix,
            likeness,
            float(np.count_nonzero(off_mm < AGREEING_MM)) / n_shown,
            n_shown / len(points),
        )
        length = np.linalg.norm(step[3:]) + ARM_MM * np.linalg.norm(step[:3])
        if length < settled_mm:
            break
    return fit


def _robust_step(
    arms: FloatArray, way: FloatArray, weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Rotation vector and shift of the patches, and how far each is at odds with it."""
    step, trust = np.zeros(6), np.empty(len(arms))
    for n in range(N_REWEIGHTINGS):
        odds, _ = _odds(arms, way, weight, step)
        scale = max(float(np.quantile(odds, 0.25)) / QUARTILE, LEAST_SCALE)
        trust = np.maximum(1.0 - (odds / (CUTOFF * scale)) ** 2, 0.0) ** 2
        normal, right = _normal_equations(arms, way, weight, trust)
        better = np.linalg.solve(normal + 1e-12 * np.trace(normal) * np.eye(6), right)
        change = np.linalg.norm(better - step)
        step = better
        if n > 1 and change < 1e-4:
            break
    return step, _odds(arms, way, weight, step)[1]


def _moved(step: FloatArray, centre: FloatArray) -> FloatArray:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_rotvec(step[:3]).as_matrix()
    matrix[:3, 3] = centre - matrix[:3, :3] @ centre + step[3:]
    return matrix


@compiled
def _inverse(m: FloatArray, out: FloatArray) -> None:
    """Inverse of a symmetric (3, 3) matrix."""
    a, b, c, d, e, f = m[0, 0], m[0, 1], m[0, 2], m[1, 1], m[1, 2], m[2, 2]
    p, q, r = d * f - e * e, c * e - b * f, b * e - c * d
    share = 1.0 / (a * p + b * q + c * r)
    out[0, 0] = p * share
    out[0, 1] = out[1, 0] = q * share
    out[0, 2] = out[2, 0] = r * share
    out[1, 1] = (a * f - c * c) * share
    out[1, 2] = out[2, 1] = (b * c - a * e) * share
    out[2, 2] = (a * d - b * b) * share


@compiled
def _displacements(
    pull: FloatArray, correlation: FloatArray, curvature: FloatArray, size: int
) -> tuple[FloatArray, FloatArray]:
    """Displacement of every patch, and the inverse of its covariance."""
    n = len(pull)
    way, weight = np.zeros((n, 3)), np.empty((n, 3, 3))
    bent, cov = np.empty((3, 3)), np.empty((3, 3))
    for m in range(n):
        ridge = RIDGE * (
            curvature[m, 0, 0] + curvature[m, 1, 1] + curvature[m, 2, 2] + 1e-9
        )
        for a in range(3):
            for b in range(3):
                bent[a, b] = curvature[m, a, b]
            bent[a, a] += ridge
        _inverse(bent, cov)
        square = correlation[m] * correlation[m]
        variance = ((1.0 - square) / square + VARIANCE_FLOOR) / size
        for a in range(3):
            for b in range(3):
                way[m, a] += cov[a, b] * pull[m, b] / correlation[m]
        for a in range(3):
            for b in range(3):
                cov[a, b] *= variance
            cov[a, a] += LOCAL_MM * LOCAL_MM
        _inverse(cov, weight[m])
    return way, weight


@compiled
def _odds(
    arms: FloatArray, way: FloatArray, weight: FloatArray, step: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Difference of every patch from a rigid move: in its own sigmas, and in mm."""
    n = len(arms)
    odds, off = np.empty(n), np.empty(n)
    e = np.empty(3)
    for m in range(n):
        x, y, z = arms[m, 0], arms[m, 1], arms[m, 2]
        e[0] = way[m, 0] - step[3] - (step[1] * z - step[2] * y)
        e[1] = way[m, 1] - step[4] - (step[2] * x - step[0] * z)
        e[2] = way[m, 2] - step[5] - (step[0] * y - step[1] * x)
        total = 0.0
        for a in range(3):
            for b in range(3):
                total += e[a] * weight[m, a, b] * e[b]
        odds[m] = np.sqrt(max(total, 0.0))
        off[m] = np.sqrt(e[0] * e[0] + e[1] * e[1] + e[2] * e[2])
    return odds, off


@compiled
def _normal_equations(
    arms: FloatArray, way: FloatArray, weight: FloatArray, trust: FloatArray
) -> tuple[FloatArray, FloatArray]:
    normal, right = np.zeros((6, 6)), np.zeros(6)
    lever, weighed = np.zeros((3, 6)), np.zeros((3, 6))
    for a in range(3):
        lever[a, 3 + a] = 1.0
    for m in range(len(arms)):
        if trust[m] == 0.0:
            continue
        x, y, z = arms[m, 0], arms[m, 1], arms[m, 2]
        lever[0, 1], lever[0, 2] = z, -y
        lever[1, 0], lever[1, 2] = -z, x
        lever[2, 0], lever[2, 1] = y, -x
        for a in range(3):
            for c in range(6):
                total = 0.0
                for b in range(3):
                    total += weight[m, a, b] * lever[b, c]
                weighed[a, c] = trust[m] * total
        for c in range(6):
            for d in range(c, 6):
                normal[c, d] += (
                    lever[0, c] * weighed[0, d]
                    + lever[1, c] * weighed[1, d]
                    + lever[2, c] * weighed[2, d]
                )
            for a in range(3):
                right[c] += weighed[a, c] * way[m, a]
    for c in range(6):
        for d in range(c):
            normal[c, d] = normal[d, c]
    return normal, right
