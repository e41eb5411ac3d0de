"""Which DICOM objects a course came from, as plain values.

A course made by the program itself has no source. What stands here is needed by nothing
that is computed: only by results that must lie beside the objects they are about.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reirrad.core.geometry import FloatArray

__all__ = ["CourseSource", "ObjectReference", "SeriesReference", "StudyReference"]


@dataclass(frozen=True, slots=True)
class ObjectReference:
    """SOP Class UID (0008,0016) and SOP Instance UID (0008,0018) of an object."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class StudyReference:
    """A study as its objects state it; what they do not state is empty.

    Parameters
    ----------
    uid
        Study Instance UID (0020,000D).
    date, time
        Study Date (0008,0020) as YYYYMMDD and Study Time (0008,0030).
    id
        Study ID (0020,0010).
    accession_number
        Accession Number (0008,0050).
    referring_physician
        Referring Physician's Name (0008,0090).
    description
        Study Description (0008,1030).
    """

    uid: str
    date: str
    time: str
    id: str
    accession_number: str
    referring_physician: str
    description: str


@dataclass(frozen=True, slots=True, eq=False)
class SeriesReference:
    """The slices of an image series, in the order of its grid.

    Parameters
    ----------
    study_uid, series_uid
        Study Instance UID and Series Instance UID (0020,000E); empty where the slices
        do not state them.
    slices
        One reference for each slice.
    positions_mm
        ``(n, 3)`` Image Position (Patient) (0020,0032) of each slice: the centre of
        its first voxel, as stated and not as the regular grid has it.
    along_row, along_column
        ``(3,)`` unit vectors of growing column and growing row index.
    """

    study_uid: str
    series_uid: str
    slices: tuple[ObjectReference, ...]
    positions_mm: FloatArray
    along_row: FloatArray
    along_column: FloatArray

    def __post_init__(self) -> None:
        for name in ("positions_mm", "along_row", "along_column"):
            array: npt.NDArray[np.float64] = np.array(getattr(self, name), dtype=float)
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        if self.positions_mm.shape != (len(self.slices), 3):
            msg = (
                f"positions_mm must be ({len(self.slices)}, 3), got "
                f"{self.positions_mm.shape}"
            )
            raise ValueError(msg)

    @property
    def is_identified(self) -> bool:
        """Whether study and series are stated, so that others can refer to them."""
        return bool(self.study_uid and self.series_uid)


@dataclass(frozen=True, slots=True)
class CourseSource:
    """The objects behind a course.

    Parameters
    ----------
    study
        Study of the planning image, else of the dose.
    plans
        Its plans, earliest first; empty where the export has doses alone.
    """

    study: StudyReference
    plans: tuple[ObjectReference, ...]
