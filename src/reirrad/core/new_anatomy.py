"""The anatomy for which a new course is to be planned, before there is a plan."""

from dataclasses import dataclass
from datetime import date

from reirrad.core.images import Image
from reirrad.core.sources import CourseSource
from reirrad.core.structures import Structure

__all__ = ["NewAnatomy"]


@dataclass(frozen=True, slots=True, eq=False)
class NewAnatomy:
    """A structure set with its image and without dose.

    Parameters
    ----------
    day
        Structure Set Date, else the date of the image.
    label
        Structure Set Label.
    frame_of_reference_uid
        Frame of image and structures.
    structures
        Regions with at least one closed contour.
    image
        The image that they were drawn on.
    source
        The study that results join; it has no plan.
    """

    day: date
    label: str
    frame_of_reference_uid: str
    structures: tuple[Structure, ...]
    image: Image
    source: CourseSource
