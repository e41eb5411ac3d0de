"""An archive asked by C-FIND, whose objects come by C-GET or C-MOVE."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import build_context, build_role, evt, sop_class
from pynetdicom.association import Association
from pynetdicom.events import Event
from pynetdicom.presentation import PresentationContext

from reirrad.dicom.elements import text
from reirrad.dicom.network.associations import Line, association
from reirrad.dicom.network.header import is_uid
from reirrad.dicom.network.listing import (
    ListedSeries,
    SeriesEntry,
    studies_of_patient,
)
from reirrad.dicom.network.node import NodeSetup, Take, listening, store_answer
from reirrad.dicom.network.statuses import SUCCESS, status_words
from reirrad.errors import NetworkError

__all__ = ["DimseArchive"]

# Query and retrieval by study, PS3.4, annex C.3.2.
STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_ROOT_GET = "1.2.840.10008.5.1.4.1.2.2.3"
# Pending; pending with unsupported optional keys.
MORE_TO_COME = {0xFF00, 0xFF01}
UNCOMPRESSED = [
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.2",
]
"""Every node reads these; the peer may choose among them."""
COMPRESSED = [
    f"1.2.840.10008.1.2.{tail}"
    for tail in (
        *(f"4.{jpeg}" for jpeg in (50, 51, 57, 70, 80, 81, 90, 91, 92, 93)),
        *(f"4.{newer}" for newer in (110, 111, 112, 201, 202, 203)),
        "5",
        "8.1",
    )
]
USUAL_CLASSES = {
    "CT": ("CTImageStorage", "EnhancedCTImageStorage"),
    "MR": ("MRImageStorage", "EnhancedMRImageStorage"),
    "PT": ("PositronEmissionTomographyImageStorage", "EnhancedPETImageStorage"),
    "REG": ("SpatialRegistrationStorage", "DeformableSpatialRegistrationStorage"),
    "RTDOSE": ("RTDoseStorage",),
    "RTPLAN": ("RTPlanStorage", "RTIonPlanStorage"),
    "RTSTRUCT": ("RTStructureSetStorage",),
}
"""What to expect of a modality where the peer does not state the SOP classes."""


@dataclass(frozen=True, slots=True)
class DimseArchive:
    """A peer that answers C-FIND, and C-GET or C-MOVE.

    Each question has an association of its own: on one that is used again at once, the
    library can take the answer for a request and drop it (decision 0024).

    Parameters
    ----------
    line
        How it is reached.
    mover
        The node to which the peer shall move objects by C-MOVE; None for C-GET.
    """

    line: Line
    mover: NodeSetup | None = None

    def studies(self, patient_id: str) -> tuple[str, ...]:
        """Study Instance UIDs of one patient; see Archive."""
        query = _query("STUDY", StudyInstanceUID="", PatientID=patient_id)
        found = self._found(query, "StudyInstanceUID")
        return studies_of_patient(found, patient_id, str(self.line.peer))

    def series(self, study_uid: str) -> tuple[SeriesEntry, ...]:
        """Series of one study; see Archive."""
        query = _query(
            "SERIES",
            StudyInstanceUID=study_uid,
            SeriesInstanceUID="",
            Modality="",
            NumberOfSeriesRelatedInstances=None,
        )
        found = self._found(query, "SeriesInstanceUID")
        entries = {
            text(one, "SeriesInstanceUID"): SeriesEntry(
                study_uid,
                text(one, "SeriesInstanceUID"),
                text(one, "Modality"),
                _count(text(one, "NumberOfSeriesRelatedInstances")),
            )
            for one in found
        }
        return tuple(entries[uid] for uid in sorted(entries))

    def listed(self, entry: SeriesEntry) -> ListedSeries:
        """Objects of one series; see Archive."""
        query = _query(
            "IMAGE",
            StudyInstanceUID=entry.study_uid,
            SeriesInstanceUID=entry.series_uid,
            SOPInstanceUID="",
            SOPClassUID="",
        )
        found = self._found(query, "SOPInstanceUID")
        return ListedSeries(
            entry,
            {text(one, "SOPInstanceUID"): text(one, "SOPClassUID") for one in found},
        )

    def retrieve(self, wanted: Sequence[ListedSeries], take: Take) -> tuple[str, ...]:
        """Get all objects of some series; see Archive."""
        if self.mover is not None:
            return self._moved(self.mover, wanted, take)
        return tuple(problem for one in wanted for problem in self._got(one, take))

    def _found(self, query: Dataset, key: str) -> list[Dataset]:
        found: list[Dataset] = []
        with self._asking(STUDY_ROOT_FIND) as opened:
            for response, identifier in opened.send_c_find(query, STUDY_ROOT_FIND):
                status = self._status(response, "C-FIND")
                if status in MORE_TO_COME and identifier is not None:
                    found.append(identifier)
                elif status not in {*MORE_TO_COME, SUCCESS}:
                    msg = (
                        f"{self.line.peer}: the query ended with "
                        f"{status_words(status)}. What it found may be incomplete, so "
                        f"nothing was fetched. Ask the administrator of the peer."
                    )
                    raise NetworkError(msg)
        if not all(is_uid(text(one, key)) for one in found):
            msg = f"{self.line.peer}: answers with a {key} that is no UID."
            raise NetworkError(msg)
        return found

    def _got(self, wanted: ListedSeries, take: Take) -> Iterator[str]:
        classes = _classes(wanted)
        contexts = [context for uid in classes for context in _storage_contexts(uid)]

        def stored(event: Event) -> Dataset:
            return store_answer(event, take, tell=_silent)

        with self._asking(
            STUDY_ROOT_GET,
            contexts,
            roles=[build_role(uid, scp_role=True) for uid in classes],
            handlers=[(evt.EVT_C_STORE, stored)],
        ) as opened:
            answers = opened.send_c_get(_series_query(wanted), STUDY_ROOT_GET)
            yield from self._followed(answers, wanted, "C-GET")

    def _moved(
        self, mover: NodeSetup, wanted: Sequence[ListedSeries], take: Take
    ) -> tuple[str, ...]:
        problems: list[str] = []
        said: list[str] = []
        with listening(mover, take, tell=said.append):
            for one in wanted:
                with self._asking(STUDY_ROOT_MOVE) as opened:
                    answers = opened.send_c_move(
                        _series_query(one), mover.title, STUDY_ROOT_MOVE
                    )
                    problems += self._followed(answers, one, "C-MOVE")
        return tuple(problems + said)

    @contextmanager
    def _asking(
        self, model: str, contexts: Sequence[PresentationContext] = (), **more: Any
    ) -> Iterator[Association]:
        """An association on which the peer accepted the query model."""
        asked = build_context(model)
        with association(self.line, [asked, *contexts], **more) as opened:
            accepted = {context.abstract_syntax for context in opened.accepted_contexts}
            if model not in accepted:
                name = asked.abstract_syntax.name if asked.abstract_syntax else model
                msg = (
                    f"{self.line.peer}: does not offer {name}. "
                    f"Fetch with --move, without it, or by --dicomweb."
                )
                raise NetworkError(msg)
            yield opened

    def _followed(
        self,
        responses: Iterator[tuple[Dataset, Dataset | None]],
        wanted: ListedSeries,
        service: str,
    ) -> Iterator[str]:
        """The responses of a retrieval to their end, and what is wrong with them."""
        status = SUCCESS
        for response, _ in responses:
            status = self._status(response, service)
        if status not in {*MORE_TO_COME, SUCCESS}:
            entry = wanted.entry
            yield (
                f"{self.line.peer}: {service} of the {entry.modality} series "
                f"{entry.series_uid} ended with {status_words(status)}."
                f"{_destination_unknown(status, service)}"
            )

    def _status(self, response: Dataset, service: str) -> int:
        if "Status" not in response:
            msg = (
                f"{self.line.peer}: the connection broke, or no answer to {service} "
                f"came within {self.line.timeout_s:g} s."
            )
            raise NetworkError(msg)
        return int(response.Status)


def _silent(_: str) -> None:
    """What a peer is told is in its answer, and the missing object is told later."""


def _destination_unknown(status: int, service: str) -> str:
    if service == "C-MOVE" and status == 0xA801:
        return " Enter this side's AE title, host and port at the peer."
    return ""


def _query(level: str, **keys: object) -> Dataset:
    query = Dataset()
    query.QueryRetrieveLevel = level
    with warnings.catch_warnings():
        # A Patient ID is searched for as it stands, of whatever form it is.
        warnings.simplefilter("ignore")
        for keyword, value in keys.items():
            setattr(query, keyword, value)
    return query


def _series_query(one: ListedSeries) -> Dataset:
    return _query(
        "SERIES",
        StudyInstanceUID=one.entry.study_uid,
        SeriesInstanceUID=one.entry.series_uid,
    )


def _count(found: str) -> int | None:
    return int(found) if found.isdecimal() else None


def _classes(wanted: ListedSeries) -> list[str]:
    """SOP classes that a retrieval of this series needs."""
    stated = {uid for uid in wanted.sop_classes.values() if uid}
    usual = USUAL_CLASSES.get(wanted.entry.modality, ())
    return sorted(stated or {str(getattr(sop_class, name)) for name in usual})


def _storage_contexts(uid: str) -> list[PresentationContext]:
    """One context for uncompressed objects, and one for each compression.

    So objects come as they are stored, whichever compression each of them has.
    """
    return [
        build_context(uid, UNCOMPRESSED),
        *(build_context(uid, syntax) for syntax in COMPRESSED),
    ]
