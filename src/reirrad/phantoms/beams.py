"""Dose of stereotactic beams as a function of points.

Every beam is parallel, shaped to the target as seen along it, blurred at its edge,
attenuated with depth in the body and built up under the skin. No grid is involved, so
the dose is known exactly everywhere, in whatever position the patient lies.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from reirrad.core.geometry import FloatArray
from reirrad.phantoms.shapes import Shape, by_pieces

__all__ = ["BeamDose", "gantry_directions"]

SOURCE_DISTANCE_MM = 900.0
ATTENUATION_PER_MM = 0.0042
BUILD_UP_MM = 6.0
SKIN_SHARE = 0.45
PENUMBRA_MM = 5.0
SCATTER_SHARE = 0.012
SCATTER_REACH_MM = 45.0
SKIN_FADE_MM = 1.5
CENTRE_OVER_PRESCRIPTION = 1.25
# The field is wider than the target along the couch, where every beam has its edge, and
# narrower across, where the beams help one another.
MARGIN_ACROSS_MM = 0.0
MARGIN_ALONG_MM = 5.0


def gantry_directions(
    gantry_degrees: npt.ArrayLike, *, couch_degrees: float = 0.0
) -> FloatArray:
    """Unit vectors from the isocentre to the source, patient head first supine.

    Parameters
    ----------
    gantry_degrees
        ``(n,)`` gantry angles, IEC 61217: 0 from the front, 90 from the patient's left.
    couch_degrees
        Tilt of all beams out of the axial plane, towards the head.

    Returns
    -------
    ndarray, shape (n, 3)
    """
    gantry = np.radians(np.asarray(gantry_degrees, dtype=np.float64))
    couch = np.radians(couch_degrees)
    return np.column_stack(
        [
            np.sin(gantry) * np.cos(couch),
            -np.cos(gantry) * np.cos(couch),
            np.full(gantry.shape, np.sin(couch)),
        ]
    )


@dataclass(frozen=True, slots=True, eq=False)
class BeamDose:
    """Total dose of a course, as a function of points of the patient's anatomy.

    Parameters
    ----------
    prescription_gy
        Dose of the 80 % isodose, which encloses the target.
    isocentre_mm
        Centre of the target.
    semi_axes_mm
        Half lengths of the target along x, y and z.
    towards_source
        ``(n, 3)`` unit vectors, one per beam.
    weights
        ``(n,)`` relative doses of the beams at the isocentre.
    body
        Body outline, where the dose ends.
    trunk_semi_axes_mm
        Half lengths along x and y of the elliptic cylinder about the z axis in which
        depth is measured.
    """

    prescription_gy: float
    isocentre_mm: npt.ArrayLike
    semi_axes_mm: npt.ArrayLike
    towards_source: FloatArray
    weights: npt.ArrayLike
    body: Shape
    trunk_semi_axes_mm: tuple[float, float]

    def at(self, points_mm: FloatArray) -> FloatArray:
        """Dose in Gy at points ``(n, 3)``."""
        return by_pieces(self._at, np.asarray(points_mm, dtype=np.float64))

    def _at(self, points: FloatArray) -> FloatArray:
        centre = np.asarray(self.isocentre_mm, dtype=np.float64)[None]
        weights = np.asarray(self.weights, dtype=np.float64)
        total = np.zeros(len(points))
        for direction, weight in zip(self.towards_source, weights, strict=True):
            reference = self._beam(centre, direction)[0]
            total += weight / reference * self._beam(points, direction)
        inside = ndtr(-self.body.level_mm(points) / SKIN_FADE_MM)
        centre_gy = self.prescription_gy * CENTRE_OVER_PRESCRIPTION
        return np.asarray(centre_gy * total / weights.sum() * inside)

    def _beam(self, points: FloatArray, towards_source: FloatArray) -> FloatArray:
        offset = points - np.asarray(self.isocentre_mm)
        height = offset @ towards_source
        depth = self._depth_mm(points, towards_source)
        primary = np.exp(-ATTENUATION_PER_MM * depth)
        primary *= 1.0 - (1.0 - SKIN_SHARE) * np.exp(-depth / BUILD_UP_MM)
        primary *= (SOURCE_DISTANCE_MM / (SOURCE_DISTANCE_MM - height)) ** 2
        return primary * self._across(offset, towards_source)

    def _across(self, offset: FloatArray, towards_source: FloatArray) -> FloatArray:
        """Profile of a beam: the target's outline along it, blurred, with a tail."""
        across = np.cross([0.0, 0.0, 1.0], towards_source)
        across /= np.linalg.norm(across)
        view = np.array([across, np.cross(towards_source, across)])
        spread = (view * np.asarray(self.semi_axes_mm) ** 2) @ view.T
        reach = np.sqrt(np.diag(spread))
        margin = np.array([MARGIN_ACROSS_MM, MARGIN_ALONG_MM])
        shrunk = (offset @ view.T) * (reach / (reach + margin))
        scaled = shrunk @ np.linalg.cholesky(np.linalg.inv(spread))
        ratio = np.hypot(scaled[:, 0], scaled[:, 1])
        distance = np.hypot(shrunk[:, 0], shrunk[:, 1])
        beyond = np.where(
            ratio > 1e-6, distance * (1.0 - 1.0 / np.maximum(ratio, 1e-6)), -reach.min()
        )
        tail = 1.0 / (1.0 + (distance / SCATTER_REACH_MM) ** 2)
        edge = ndtr(-beyond / PENUMBRA_MM)
        return np.asarray((1.0 - SCATTER_SHARE) * edge + SCATTER_SHARE * tail)

    def _depth_mm(self, points: FloatArray, towards_source: FloatArray) -> FloatArray:
        """Way through the elliptic trunk towards the source; 0 outside it."""
        scale = np.array(self.trunk_semi_axes_mm)
        start = points[:, :2] / scale
        step = towards_source[:2] / scale
        a = step @ step
        b = start @ step
        c = np.einsum("ij,ij->i", start, start) - 1.0
        root = np.sqrt(np.maximum(b**2 - a * c, 0.0))
        return np.where(c < 0.0, (root - b) / a, 0.0)
