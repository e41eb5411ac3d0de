"""What an archive says it holds, and what it takes to get it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydicom.dataset import Dataset

from reirrad.dicom.elements import text
from reirrad.dicom.network.node import Take
from reirrad.errors import NetworkError

__all__ = ["Archive", "ListedSeries", "SeriesEntry", "studies_of_patient"]


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


def studies_of_patient(
    found: Iterable[Dataset], patient_id: str, peer: str
) -> tuple[str, ...]:
    """Study Instance UIDs in the answers to a query for one patient, sorted.

    Raises
    ------
    NetworkError
        If an answer is of another patient: some peers pass over what they were asked.
    """
    answers = list(found)
    if any(text(one, "PatientID") not in {patient_id, ""} for one in answers):
        msg = (
            f"{peer}: answers with studies of another Patient ID than the one asked "
            f"for. Fetch by --study instead."
        )
        raise NetworkError(msg)
    return tuple(sorted({text(one, "StudyInstanceUID") for one in answers}))


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
