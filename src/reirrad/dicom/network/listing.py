"""What an archive says it holds, and what it takes to get it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from reirrad.dicom.network.node import Take

__all__ = ["Archive", "ListedSeries", "SeriesEntry"]


@dataclass(frozen=True, slots=True)
class SeriesEntry:
    """A series in an archive.

    Parameters
    ----------
    study_uid, series_uid
        Which it is.
    modality
        As the archive states it, or empty.
    n_promised
        How many objects it says it has; None if it does not say.
    """

    study_uid: str
    series_uid: str
    modality: str
    n_promised: int | None


@dataclass(frozen=True, slots=True)
class ListedSeries:
    """A series with the objects in it.

    Parameters
    ----------
    entry
        Which it is.
    sop_classes
        SOP Class UID of every object, or empty where not stated, by SOP Instance UID.
    """

    entry: SeriesEntry
    sop_classes: dict[str, str]


class Archive(Protocol):
    """A peer that can be asked for its objects, by whichever protocol."""

    def studies(self, patient_id: str) -> tuple[str, ...]:
        """Study Instance UIDs of one patient."""
        ...

    def series(self, study_uid: str) -> tuple[SeriesEntry, ...]:
        """Series of one study."""
        ...

    def listed(self, entry: SeriesEntry) -> ListedSeries:
        """Objects of one series."""
        ...

    def retrieve(self, wanted: Sequence[ListedSeries], take: Take) -> tuple[str, ...]:
        """Get all objects of some series, and tell what went wrong, in sentences."""
        ...
