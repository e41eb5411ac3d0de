"""The same anatomical point marked in two images, and how far a registration misses it.

The target registration error is the distance that remains between the two after the
registration (Fitzpatrick and West, IEEE Trans Med Imaging 2001;20:917; AAPM TG-132,
Brock et al., Med Phys 2017;44:e43).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reirrad.core.geometry import FloatArray
from reirrad.core.transforms import PointMap

__all__ = ["LandmarkPair", "target_registration_errors_mm"]


@dataclass(frozen=True, slots=True)
class LandmarkPair:
    """One anatomical point, marked in the images of two courses.

    Parameters
    ----------
    label
        What it is, such as "portal bifurcation".
    course
        Number of the earlier course.
    earlier_mm
        (x, y, z) in the earlier course's own frame of reference, LPS.
    reference_mm
        (x, y, z) in the reference course's frame, LPS.
    frames
        Frame of reference UIDs of the two points; None where they are not known.
    """

    label: str
    course: int
    earlier_mm: tuple[float, float, float]
    reference_mm: tuple[float, float, float]
    frames: tuple[str, str] | None = None


def target_registration_errors_mm(
    pairs: Sequence[LandmarkPair], transform: PointMap
) -> FloatArray:
    """Distance that the registration leaves between the two points of each pair.

    Parameters
    ----------
    pairs
        All of one course.
    transform
        From that course's frame into the reference course's.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    ValueError
        If the pairs are of several courses.
    """
    if len({pair.course for pair in pairs}) > 1:
        msg = "landmarks of several courses need their own transform each"
        raise ValueError(msg)
    if not pairs:
        return np.zeros(0)
    earlier = np.array([pair.earlier_mm for pair in pairs], dtype=np.float64)
    reference = np.array([pair.reference_mm for pair in pairs], dtype=np.float64)
    missed = transform.apply(earlier) - reference
    return np.hypot(np.hypot(missed[:, 0], missed[:, 1]), missed[:, 2])
