"""Where the hot part of an organ lies, seen from the nearest target."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from reirrad.core.budget import DecidingPlace
from reirrad.core.geometry import FloatArray
from reirrad.core.sampling import sample
from reirrad.core.sections import Sections, is_inside
from reirrad.core.solid_surface import surface_points

__all__ = ["PlacedTarget", "direction_words", "hottest", "place_of", "placed_target"]

SURFACE_SPACING_MM = 1.0
MINOR_RATIO = 0.5
"""A component below this share of the largest one is not named."""

_WORDS = (("right", "left"), ("anterior", "posterior"), ("inferior", "superior"))


@dataclass(frozen=True, slots=True, eq=False)
class PlacedTarget:
    """A target of the new course in the reference frame.

    Parameters
    ----------
    label
        Name as drawn.
    sections
        Its solid.
    centre_mm
        Its centroid.
    surface
        Tree of points on its surface.
    """

    label: str
    sections: Sections
    centre_mm: FloatArray
    surface: cKDTree

    def distance_mm(self, points_mm: FloatArray) -> float:
        """Least distance to points, shape (n, 3), n above 0; 0 where one lies inside.

        Accurate to about half the spacing of the surface's points, 0.5 mm.
        """
        if is_inside(self.sections, points_mm).any():
            return 0.0
        distances, _ = self.surface.query(points_mm)
        return float(distances.min())


def placed_target(label: str, sections: Sections) -> PlacedTarget:
    """A target whose distance can be asked for."""
    inside = sample(sections)
    return PlacedTarget(
        label=label,
        sections=sections,
        centre_mm=np.average(inside.points_mm, axis=0, weights=inside.volumes_cc),
        surface=cKDTree(surface_points(sections, spacing_mm=SURFACE_SPACING_MM)),
    )


def hottest(
    values_gy: FloatArray, volumes_cc: FloatArray, volume_cc: float | None
) -> npt.NDArray[np.bool_]:
    """The hottest points up to a volume, at least one; all for None.

    Parameters
    ----------
    values_gy, volumes_cc
        ``(n,)`` dose and volume of each point.
    volume_cc
        How much; None for the whole organ, on which a mean hangs.
    """
    if volume_cc is None:
        return np.ones(len(values_gy), dtype=np.bool_)
    order = np.argsort(values_gy)[::-1]
    count = int(np.searchsorted(np.cumsum(volumes_cc[order]), volume_cc, side="right"))
    chosen = np.zeros(len(values_gy), dtype=np.bool_)
    chosen[order[: max(count, 1)]] = True
    return chosen


def place_of(
    points_mm: FloatArray, volumes_cc: FloatArray, targets: Sequence[PlacedTarget]
) -> DecidingPlace:
    """Where points lie, with the nearest target."""
    centroid = np.average(points_mm, axis=0, weights=volumes_cc)
    x, y, z = (float(value) for value in centroid)
    volume = float(volumes_cc.sum())
    if not targets:
        return DecidingPlace((x, y, z), volume)
    distances = [target.distance_mm(points_mm) for target in targets]
    nearest = int(np.argmin(distances))
    return DecidingPlace(
        centroid_mm=(x, y, z),
        volume_cc=volume,
        target=targets[nearest].label,
        distance_mm=distances[nearest],
        direction=direction_words(centroid - targets[nearest].centre_mm),
    )


def direction_words(offset_mm: npt.ArrayLike) -> str:
    """An offset in patient coordinates (LPS) as words, the largest first.

    Examples
    --------
    >>> direction_words([12.0, -8.0, 1.0]), direction_words([0.0, 0.0, -3.0])
    ('left, anterior', 'inferior')
    >>> direction_words([0.0, 0.0, 0.0])
    'at its centre'
    """
    offset = np.asarray(offset_mm, dtype=np.float64)
    size = np.abs(offset)
    if size.max() == 0.0:
        return "at its centre"
    named = [
        axis
        for axis in np.argsort(-size, kind="stable")
        if size[axis] >= MINOR_RATIO * size.max()
    ]
    return ", ".join(_WORDS[axis][int(offset[axis] > 0)] for axis in named)
