"""A structure as points, each standing for a volume.

How a solid is cut into the cells that the points stand for is in
:mod:`reirrad.core.layers`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray, GridGeometry, linear_map
from reirrad.core.layers import layer_cells
from reirrad.core.sections import Sections, is_inside
from reirrad.core.solid import BODY, BOTTOM, TOP
from reirrad.core.solid_cells import Cells

__all__ = [
    "SamplePoints",
    "grid_cells",
    "plausible_volumes_cc",
    "sample",
    "sampling_spacing_mm",
    "shared_cc",
    "split",
]

Scalar = TypeVar("Scalar", bound=np.generic)

FEWEST_POINTS = 15_000
FEWEST_UP_TO_CC = 30.0
MOST_POINTS = 40_000
FINEST_SPACING_MM = 0.2
EVERYWHERE_MM: FloatArray = np.array([[-np.inf] * 3, [np.inf] * 3])
# Sums of multiples of the powers of a fourth root, less their whole part, fill a line
# evenly, and those of three roots a cube: no sum of few comes near a whole number. Of
# the roots of small primes these three fill planes of cells best.
TURNS: FloatArray = np.array([7.0, 13.0, 3.0]) ** np.array([[0.25], [0.5], [0.75]]) % 1


@dataclass(frozen=True, slots=True, eq=False)
class SamplePoints:
    """Points that stand for a volume.

    Parameters
    ----------
    points_mm
        ``(n, 3)`` positions.
    volumes_cc
        ``(n,)`` volume that each point stands for.
    extents_mm
        ``(n, 3)`` size of each point's cell along `axes`.
    axes
        ``(3, 3)``: rows are the unit vectors of the cells' edges.
    largest_cc
        ``(n,)`` volume in the largest plausible solid; may be above zero where
        `volumes_cc` is zero. None where nothing is in doubt.
    ends
        ``(n,)`` BODY for points between the contours, BOTTOM and TOP for those beyond.
    boxes_mm
        ``(n, 6)`` whole cell of each point, in the coordinates of `axes`: centre, and
        size along them. None where a point stands at its cell's centre.
    slopes_per_mm
        ``(n,)`` by how much more of a cell's volume there is a mm further along the
        last of the axes, as a share of what is at its centre. None where it is even,
        or where points do not stand at their cells' centres.
    source
        Structure whose whole cells these are, to cut it finer; None for other cells,
        and where points do not stand at their cells' centres.
    """

    points_mm: FloatArray
    volumes_cc: FloatArray
    extents_mm: FloatArray
    axes: FloatArray
    largest_cc: FloatArray | None = None
    ends: npt.NDArray[np.int8] | None = None
    boxes_mm: FloatArray | None = None
    slopes_per_mm: FloatArray | None = None
    source: Sections | None = None

    @property
    def volume_cc(self) -> float:
        """Total volume."""
        return float(self.volumes_cc.sum())

    @property
    def radii_mm(self) -> FloatArray:
        """Distance from each point to the corners of its cell, shape (n,)."""
        return np.asarray(np.linalg.norm(self.extents_mm, axis=1) / 2.0)

    @property
    def scattered_mm(self) -> FloatArray:
        """Two points anywhere in each cell, opposite to one another, shape (2, n, 3).

        They lie in no cell as in its neighbours, and every part of a cell is as likely
        as it holds volume. Of points that stand at their cells' centres.

        How far a cell's points lie from its centre, in parts of it, is the fraction of
        multiples of its place, which fill a cube evenly (Kronecker's sequence).
        """
        lps, forward = _nearest_axes(self.axes)
        # Counted in cells, where they lie: the same however they are stored.
        places = linear_map(self.points_mm / self.extents_mm[:, np.argsort(lps)], TURNS)
        share = forward * (places % 1.0 - 0.5)[:, lps]
        shares = np.array([share, -share])
        if self.slopes_per_mm is not None:
            # The inverse of the share below, for an evenly rising density.
            rise = self.slopes_per_mm * self.extents_mm[:, 2]
            up = 2.0 * (shares[..., 2] + rise / 8.0)
            shares[..., 2] = up / (1.0 + np.sqrt(np.maximum(1.0 + rise * up, 0.0)))
        return self.points_mm + linear_map(self.extents_mm * shares, self.axes.T)

    @property
    def centres_mm(self) -> FloatArray:
        """Centres of the whole cells, shape (n, 3)."""
        if self.boxes_mm is None:
            return self.points_mm
        return linear_map(self.boxes_mm[:, :3], self.axes.T)

    def where(self, chosen: npt.NDArray[np.bool_]) -> "SamplePoints":
        """The chosen points alone."""
        at = np.flatnonzero(chosen)
        return SamplePoints(
            self.points_mm.take(at, axis=0),
            self.volumes_cc.take(at),
            self.extents_mm.take(at, axis=0),
            self.axes,
            None if self.largest_cc is None else self.largest_cc.take(at),
            None if self.ends is None else self.ends.take(at),
            None if self.boxes_mm is None else self.boxes_mm.take(at, axis=0),
            None if self.slopes_per_mm is None else self.slopes_per_mm.take(at),
            self.source,
        )

    def together_with(self, more: "SamplePoints") -> "SamplePoints":
        """These points, then more of the same structure."""
        return self.replaced(np.zeros(len(self.volumes_cc), dtype=np.bool_), more)

    def replaced(
        self, chosen: npt.NDArray[np.bool_], others: "SamplePoints"
    ) -> "SamplePoints":
        """The points that are not chosen, then others of the same structure."""
        kept = np.flatnonzero(~chosen)

        def rows(
            here: npt.NDArray[Scalar], there: npt.NDArray[Scalar]
        ) -> npt.NDArray[Scalar]:
            found = np.empty((len(kept) + len(there), *here.shape[1:]), here.dtype)
            # Any mode but the default writes straight to where it shall.
            here.take(kept, axis=0, out=found[: len(kept)], mode="clip")
            found[len(kept) :] = there
            return found

        def both(
            here: npt.NDArray[Scalar] | None, there: npt.NDArray[Scalar] | None
        ) -> npt.NDArray[Scalar] | None:
            return None if here is None or there is None else rows(here, there)

        return SamplePoints(
            rows(self.points_mm, others.points_mm),
            rows(self.volumes_cc, others.volumes_cc),
            rows(self.extents_mm, others.extents_mm),
            self.axes,
            both(self.largest_cc, others.largest_cc),
            both(self.ends, others.ends),
            both(self.boxes_mm, others.boxes_mm),
            both(self.slopes_per_mm, others.slopes_per_mm),
        )


def _nearest_axes(axes: FloatArray) -> tuple[list[int], FloatArray]:
    """For each of three axes the one of the frame that it follows, and 1 or -1."""
    lps = max(
        permutations(range(3)),
        key=lambda order: sum(abs(axes[n, order[n]]) for n in range(3)),
    )
    return list(lps), np.array([np.copysign(1.0, axes[n, lps[n]]) for n in range(3)])


def plausible_volumes_cc(samples: SamplePoints) -> Iterator[FloatArray]:
    """What the points stand for if the solid ends elsewhere, ``(n,)`` each.

    Without caps, with the largest ones, and with those at one end only; none where
    nothing is in doubt.
    """
    if samples.largest_cc is None or samples.ends is None:
        return
    for present in ((), (BOTTOM, TOP), (BOTTOM,), (TOP,)):
        capped = np.isin(samples.ends, np.array([BODY, *present], dtype=np.int8))
        yield np.where(capped, samples.largest_cc, 0.0)


def sampling_spacing_mm(volume_cc: float) -> float:
    """Spacing of the cells of a structure: finer for a small one.

    About 15,000 points up to 30 cc (0.4 mm at 1 cc, 1.3 mm at 30 cc); then their number
    grows with the fourth root of the volume up to 40,000 for a liver (3.3 mm).
    """
    more = max(volume_cc / FEWEST_UP_TO_CC, 1.0) ** 0.25
    n_points = min(FEWEST_POINTS * more, MOST_POINTS)
    wanted = (volume_cc * 1000.0 / n_points) ** (1.0 / 3.0)
    return float(max(wanted, FINEST_SPACING_MM))


def sample(
    sections: Sections,
    *,
    spacing_mm: float | None = None,
    centred: bool = False,
    box_mm: FloatArray | None = None,
) -> SamplePoints:
    """Sample the inside of a structure.

    Parameters
    ----------
    sections : Sections
    spacing_mm : float, optional
        Side of the cells; by default chosen from the volume.
    centred : bool
        Whether points lie at half the height of their cells, as splitting them asks,
        rather than at different heights, as dose-volume curves ask.
    box_mm : ndarray, shape (2, 3), optional
        Lowest and highest coordinates along the axes of the structure of the cells that
        are wanted, by their centres.

    Returns
    -------
    SamplePoints
        In the frame of reference of the structure.
    """
    spacing = spacing_mm or sampling_spacing_mm(sections.volume_cc)
    box = EVERYWHERE_MM if box_mm is None else np.asarray(box_mm, dtype=np.float64)
    solid = sections.solid
    parts = [
        layer_cells(solid.tables, body, holes, spacing, centred, box)
        for body, holes in enumerate(solid.holes_of)
    ]
    cells = parts[0]
    if len(parts) > 1:
        cells = Cells(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    return SamplePoints(
        points_mm=linear_map(cells.points_mm, sections.axes.T),
        volumes_cc=cells.volumes_cc,
        extents_mm=cells.extents_mm,
        axes=sections.axes,
        largest_cc=cells.largest_cc,
        ends=cells.ends,
        boxes_mm=cells.boxes_mm,
        slopes_per_mm=cells.slopes_per_mm if centred else None,
        source=sections if centred else None,
    )


def shared_cc(one: Sections, other: Sections) -> float:
    """Volume of a structure that lies in another one of the same frame of reference."""
    points = sample(one, centred=True)
    return float(points.volumes_cc[is_inside(other, points.points_mm)].sum())


def grid_cells(geometry: GridGeometry, chosen: npt.NDArray[np.bool_]) -> SamplePoints:
    """The chosen voxels of a grid as sample points.

    Parameters
    ----------
    geometry : GridGeometry
    chosen : ndarray of bool, shape (k, j, i)
    """
    indices = np.argwhere(chosen)
    count = len(indices)
    spacing = np.asarray(geometry.spacing_mm)
    return SamplePoints(
        geometry.points_mm(indices),
        np.full(count, geometry.voxel_volume_cc),
        np.broadcast_to(spacing, (count, 3)),
        (geometry.affine[:3, :3] / spacing).T,
    )


def split(samples: SamplePoints) -> SamplePoints:
    """Halve every cell along each edge: eight points for one, of the same volume."""
    corners = (np.indices((2, 2, 2)).reshape(3, -1).T - 0.5) / 2.0
    steps_mm = samples.extents_mm[:, None, :] * corners
    largest, ends, slopes = samples.largest_cc, samples.ends, samples.slopes_per_mm
    weights = np.full((len(samples.volumes_cc), 8), 1.0 / 8.0)
    if slopes is not None:
        relative = 1.0 + slopes[:, None] * steps_mm[:, :, 2]
        weights *= relative
        slopes = (slopes[:, None] / relative).ravel()
    return SamplePoints(
        (samples.points_mm[:, None, :] + linear_map(steps_mm, samples.axes.T)).reshape(
            -1, 3
        ),
        (samples.volumes_cc[:, None] * weights).ravel(),
        np.repeat(samples.extents_mm / 2.0, 8, axis=0),
        samples.axes,
        None if largest is None else (largest[:, None] * weights).ravel(),
        None if ends is None else np.repeat(ends, 8),
        slopes_per_mm=slopes,
    )
