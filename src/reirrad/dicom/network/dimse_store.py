"""Objects sent by C-STORE, each in the transfer syntax that it has."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pynetdicom import _config, build_context
from pynetdicom.association import Association

from reirrad.dicom.network.associations import MOST_CONTEXTS, Line, association
from reirrad.dicom.network.outgoing import OutgoingObject, Shortfall
from reirrad.dicom.network.statuses import SUCCESS, status_words
from reirrad.errors import NetworkError

__all__ = ["DimseDestination"]

# Stored, but something was changed or left out: PS3.4, annex B.2.3.
STORED_WITH_CHANGES = {0xB000, 0xB006, 0xB007}
REPORT_EVERY = 50
_SENDING = threading.Lock()


class _BrokenConnectionError(NetworkError):
    """A connection ended before its time; the same objects can be sent again."""


@dataclass(frozen=True, slots=True)
class DimseDestination:
    """A node that takes objects by C-STORE.

    Parameters
    ----------
    line
        How it is reached.
    """

    line: Line

    def store(
        self, objects: Sequence[OutgoingObject], *, progress: Callable[[str], None]
    ) -> tuple[Shortfall, ...]:
        """Send objects; see Destination."""
        problems: list[Shortfall] = []
        with _files_as_they_are():
            for group in _groups(objects):
                problems += self._sent(group, progress)
        return tuple(problems)

    def _sent(
        self, objects: Sequence[OutgoingObject], progress: Callable[[str], None]
    ) -> Iterator[Shortfall]:
        """Send objects of few enough kinds, over a new connection where one breaks."""
        done = before = 0
        failure: NetworkError | None = None
        while done < len(objects) and failure is None:
            try:
                for problem in self._over_one_connection(objects[done:]):
                    done += 1
                    if problem is not None:
                        yield problem
                    if done % REPORT_EVERY == 0:
                        progress(f"{done} objects sent")
            except _BrokenConnectionError as error:
                failure = error if done == before else None
                before = done
            except NetworkError as error:
                failure = error
        if failure is not None:
            yield from (Shortfall(problem) for problem in failure.problems)
            yield from (one.shortfall("not sent.") for one in objects[done:])

    def _over_one_connection(
        self, objects: Sequence[OutgoingObject]
    ) -> Iterator[Shortfall | None]:
        """Send objects; gives None for each that was stored."""
        kinds = dict.fromkeys(_kind(one) for one in objects)
        contexts = [build_context(uid, [syntax]) for uid, syntax in kinds]
        with association(self.line, contexts) as opened:
            accepted = {
                (str(c.abstract_syntax), str(c.transfer_syntax[0]))
                for c in opened.accepted_contexts
            }
            for one in objects:
                if _kind(one) in accepted:
                    yield self._refusal(opened, one)
                else:
                    yield self._not_offered(one)

    def _refusal(self, opened: Association, one: OutgoingObject) -> Shortfall | None:
        """Send one object; gives None if it was stored."""
        response = opened.send_c_store(one.file) if opened.is_established else Dataset()
        if "Status" not in response:
            msg = (
                f"{self.line.peer}: the connection broke, or no answer to C-STORE came "
                f"within {self.line.timeout_s:g} s."
            )
            raise _BrokenConnectionError(msg)
        status = int(response.Status)
        if status in STORED_WITH_CHANGES:
            return one.shortfall(
                f"the peer stored it with changes of its own "
                f"({status_words(status)}). Compare what it holds with the original."
            )
        if status != SUCCESS:
            return one.shortfall(f"the peer did not store it ({status_words(status)}).")
        return None

    def _not_offered(self, one: OutgoingObject) -> Shortfall:
        uid, syntax = _kind(one)
        context = build_context(uid, [syntax])
        name = context.abstract_syntax.name if context.abstract_syntax else uid
        return one.shortfall(
            f"the peer does not take {name} in the transfer syntax "
            f"{context.transfer_syntax[0].name}. Allow it at the peer, or convert the "
            f"object."
        )


def _kind(one: OutgoingObject) -> tuple[str, str]:
    return one.sop_class_uid, one.transfer_syntax_uid


def _groups(objects: Sequence[OutgoingObject]) -> Iterator[list[OutgoingObject]]:
    """Objects whose kinds fit into one association."""
    group: list[OutgoingObject] = []
    kinds: set[tuple[str, str]] = set()
    for one in objects:
        if len(kinds | {_kind(one)}) > MOST_CONTEXTS:
            yield group
            group, kinds = [], set()
        group.append(one)
        kinds.add(_kind(one))
    yield group


@contextmanager
def _files_as_they_are() -> Iterator[None]:
    """Send the bytes of a file instead of reading and encoding it anew.

    The library knows only a switch for the whole process.
    """
    with _SENDING:
        before = _config.STORE_SEND_CHUNKED_DATASET
        _config.STORE_SEND_CHUNKED_DATASET = True
        try:
            yield
        finally:
            _config.STORE_SEND_CHUNKED_DATASET = before
