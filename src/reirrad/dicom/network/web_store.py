"""Objects sent by STOW-RS, in batches."""

import json
import secrets
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import requests
from pydicom.dataset import Dataset

from reirrad.dicom.elements import items, text
from reirrad.dicom.network.multipart import MultipartBody
from reirrad.dicom.network.outgoing import OutgoingObject, Shortfall
from reirrad.dicom.network.statuses import status_words
from reirrad.dicom.network.web import WebService
from reirrad.errors import DicomError, NetworkError

__all__ = ["WebDestination"]

# Large enough that the answers cost nothing, small enough for the limits of servers.
BATCH_BYTES = 32 << 20
BATCH_OBJECTS = 100
# Some or all objects of a message were not stored: PS3.18, section 10.5.3.
PARTLY_STORED = {202, 409}


@dataclass(frozen=True, slots=True)
class WebDestination:
    """A server that takes objects by STOW-RS.

    Parameters
    ----------
    service
        How it is asked.
    """

    service: WebService

    def store(
        self, objects: Sequence[OutgoingObject], *, progress: Callable[[str], None]
    ) -> tuple[Shortfall, ...]:
        """Send objects; see Destination."""
        problems: list[Shortfall] = []
        waiting = list(_batches(objects))
        sent = 0
        while waiting:
            batch = waiting.pop(0)
            try:
                problems += self._sent(batch)
            except NetworkError as error:
                problems += [Shortfall(problem) for problem in error.problems]
                problems += [
                    one.shortfall("whether it was stored is not known.")
                    for one in batch
                ]
                problems += [
                    one.shortfall("not sent.") for later in waiting for one in later
                ]
                break
            sent += len(batch)
            progress(f"{sent} objects sent")
        return tuple(problems)

    def _sent(self, batch: Sequence[OutgoingObject]) -> Iterator[Shortfall]:
        """Send one message; gives a sentence for each object that was not stored."""
        body = MultipartBody([one.file for one in batch], secrets.token_hex(24))
        with self.service.faults():
            response = self.service.session.post(
                f"{self.service.url}/studies",
                data=body,
                headers={
                    "Content-Type": body.content_type,
                    "Accept": "application/dicom+json",
                },
                timeout=self.service.timeout_s,
            )
            if response.status_code not in PARTLY_STORED:
                response.raise_for_status()
        stored, failed = self._answer(response)
        for one in batch:
            if one.sop_instance_uid in failed:
                reason = status_words(failed[one.sop_instance_uid])
                yield one.shortfall(f"the server did not store it ({reason}).")
            elif one.sop_instance_uid not in stored:
                yield one.shortfall("the server does not say that it stored it.")

    def _answer(self, response: requests.Response) -> tuple[set[str], dict[str, int]]:
        """UIDs of what was stored, and reasons by UID of what was not."""
        where = f"{self.service.url}: answer to STOW-RS"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                content = json.loads(response.content)
                answer = Dataset.from_json(content)
                stored = {
                    text(one, "ReferencedSOPInstanceUID")
                    for one in items(answer, "ReferencedSOPSequence", where)
                }
                failed = {
                    text(one, "ReferencedSOPInstanceUID"): int(
                        text(one, "FailureReason") or 0
                    )
                    for one in items(answer, "FailedSOPSequence", where)
                }
        except (ValueError, TypeError, KeyError, AttributeError, DicomError) as error:
            msg = (
                f"{where}: it does not say which objects were stored (status "
                f"{response.status_code})."
            )
            raise NetworkError(msg) from error
        return stored, failed


def _batches(objects: Sequence[OutgoingObject]) -> Iterator[list[OutgoingObject]]:
    batch: list[OutgoingObject] = []
    size = 0
    for one in objects:
        length = one.file.stat().st_size
        if batch and (size + length > BATCH_BYTES or len(batch) == BATCH_OBJECTS):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += length
    yield batch
