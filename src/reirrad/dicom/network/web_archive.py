"""An archive asked by QIDO-RS, whose objects come by WADO-RS."""

import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from dicomweb_client.web import DICOMwebClient
from pydicom.dataset import Dataset

from reirrad.dicom.elements import text
from reirrad.dicom.network.header import is_uid, read_header
from reirrad.dicom.network.listing import (
    ListedSeries,
    SeriesEntry,
    studies_of_patient,
)
from reirrad.dicom.network.multipart import first_part
from reirrad.dicom.network.node import Take
from reirrad.dicom.network.web import WebService
from reirrad.errors import DicomError, NetworkError

__all__ = ["WebArchive"]

Ask = Callable[..., list[dict[str, dict[str, Any]]]]
MOST_PROBLEMS = 20
# Whichever transfer syntax an object is stored in: PS3.18, section 8.7.3.5.2.
AS_STORED = 'multipart/related; type="application/dicom"; transfer-syntax=*'
# The library tells URLs, with the Patient ID in them, to whoever listens.
logging.getLogger("dicomweb_client").setLevel(logging.CRITICAL)
logging.getLogger("urllib3").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class WebArchive:
    """A DICOMweb server.

    Parameters
    ----------
    service
        How it is asked.
    """

    service: WebService

    def studies(self, patient_id: str) -> tuple[str, ...]:
        """Study Instance UIDs of one patient; see Archive."""
        ask = partial(
            self._client().search_for_studies,
            search_filters={"PatientID": patient_id},
            fields=["PatientID"],
        )
        found = self._found(ask, "StudyInstanceUID")
        return studies_of_patient(found, patient_id, self.service.url)

    def series(self, study_uid: str) -> tuple[SeriesEntry, ...]:
        """Series of one study; see Archive."""
        ask = partial(
            self._client().search_for_series,
            study_uid,
            fields=["Modality", "NumberOfSeriesRelatedInstances"],
        )
        entries = {
            text(one, "SeriesInstanceUID"): SeriesEntry(
                study_uid,
                text(one, "SeriesInstanceUID"),
                text(one, "Modality"),
                _count(text(one, "NumberOfSeriesRelatedInstances")),
            )
            for one in self._found(ask, "SeriesInstanceUID")
        }
        return tuple(entries[uid] for uid in sorted(entries))

    def listed(self, entry: SeriesEntry) -> ListedSeries:
        """Objects of one series; see Archive."""
        ask = partial(
            self._client().search_for_instances, entry.study_uid, entry.series_uid
        )
        return ListedSeries(
            entry,
            {
                text(one, "SOPInstanceUID"): text(one, "SOPClassUID")
                for one in self._found(ask, "SOPInstanceUID")
            },
        )

    def retrieve(self, wanted: Sequence[ListedSeries], take: Take) -> tuple[str, ...]:
        """Get all objects of some series, each by itself; see Archive."""
        problems: list[str] = []
        for one in wanted:
            for uid in one.sop_classes:
                try:
                    self._get(one.entry, uid, take)
                except (DicomError, NetworkError) as error:
                    problems.extend(f"{uid}: {said}" for said in error.problems)
                    if len(problems) > MOST_PROBLEMS:
                        return (*problems, "Given up after so many failures.")
        return tuple(problems)

    def _get(self, entry: SeriesEntry, uid: str, take: Take) -> None:
        url = (
            f"{self.service.url}/studies/{entry.study_uid}/series/{entry.series_uid}"
            f"/instances/{uid}"
        )
        with self.service.faults():
            response = self.service.session.get(
                url, headers={"Accept": AS_STORED}, timeout=self.service.timeout_s
            )
            response.raise_for_status()
        content = first_part(response.headers.get("Content-Type", ""), response.content)
        if content is None:
            msg = f"{self.service.url}: the answer to WADO-RS holds no object."
            raise NetworkError(msg)
        take(content, read_header(content, "the object"))

    def _client(self) -> DICOMwebClient:
        client = DICOMwebClient(
            self.service.url,
            session=self.service.session,
            timeout=self.service.timeout_s,
            permissive_uid=True,
        )
        client.set_http_retry_params(retry=False)
        return client

    def _found(self, ask: Ask, key: str) -> list[Dataset]:
        """Every answer to a query, page after page, each key once.

        The library's own paging does not end at a server that knows no offset.
        """
        found: dict[str, Dataset] = {}
        seen = -1
        while len(found) > seen:
            seen = len(found)
            with self.service.faults():
                answers = ask(offset=seen) if seen else ask()
            for one in self._datasets(answers, key):
                found.setdefault(text(one, key), one)
        return list(found.values())

    def _datasets(
        self, answers: Sequence[dict[str, dict[str, Any]]], key: str
    ) -> list[Dataset]:
        """Answers to a query, each with its key."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found = [Dataset.from_json(answer) for answer in answers]
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                msg = f"{self.service.url}: the answer to QIDO-RS is not DICOM JSON."
                raise NetworkError(msg) from error
        if not all(is_uid(text(one, key)) for one in found):
            msg = f"{self.service.url}: answers with a {key} that is no UID."
            raise NetworkError(msg)
        return found


def _count(found: str) -> int | None:
    return int(found) if found.isdecimal() else None
