"""Doses at points without any anatomy: what a structure receives, put in by hand."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from reirrad.core.accumulation import CourseDose
from reirrad.core.sampling import SamplePoints
from reirrad.core.structure_doses import StructureDoses

__all__ = ["point_doses"]


def point_doses(
    doses: Mapping[int, tuple[npt.ArrayLike, int]],
    *,
    volumes_cc: npt.ArrayLike | None = None,
    uncovered: Mapping[int, Sequence[int]] | None = None,
    all_courses: Sequence[int] | None = None,
) -> StructureDoses:
    """Course number to total doses and number of fractions, at points of one cc each.

    ``uncovered`` lists points outside the dose grid of a course.
    """
    given = {
        number: (np.asarray(dose, dtype=np.float64), n)
        for number, (dose, n) in doses.items()
    }
    n_points = len(next(iter(given.values()))[0])
    volumes = np.ones(n_points) if volumes_cc is None else np.asarray(volumes_cc)
    outside = uncovered or {}
    return StructureDoses(
        SamplePoints(
            np.arange(3.0 * n_points).reshape(-1, 3),
            volumes.astype(np.float64),
            np.ones((n_points, 3)),
            np.eye(3),
        ),
        {
            number: CourseDose(
                ((dose, n),),
                ~np.isin(np.arange(n_points), outside.get(number, [])),
            )
            for number, (dose, n) in given.items()
        },
        tuple(sorted(given)) if all_courses is None else tuple(all_courses),
    )
