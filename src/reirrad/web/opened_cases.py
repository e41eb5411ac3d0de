"""Cases that are open for reading: the last few, opened in the background."""

import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor

from reirrad.errors import ReirradError
from reirrad.store.cases import Version
from reirrad.store.database import Store
from reirrad.web.problems import RefusedError
from reirrad.workflows.case_folders import CaseFolders
from reirrad.workflows.case_reading import OpenedPatient, opened_patient

__all__ = ["OpenedCases"]

MOST_OPEN = 2


class OpenedCases:
    """Patients in memory, the longest unused one closed first."""

    def __init__(self, store: Store, folders: CaseFolders) -> None:
        self._store = store
        self._folders = folders
        self._pool = ThreadPoolExecutor(1)
        self._open: OrderedDict[tuple[str, int], Future[OpenedPatient]] = OrderedDict()
        self._changing = threading.Lock()

    def begin(self, version: Version) -> "Future[OpenedPatient]":
        """Begin to open a version that is done, unless it is open."""
        key = (version.case_id, version.number)
        with self._changing:
            known = self._open.get(key)
            if known is None:
                known = self._pool.submit(self._opened, version)
                self._open[key] = known
            self._open.move_to_end(key)
            while len(self._open) > MOST_OPEN:
                _, oldest = self._open.popitem(last=False)
                oldest.cancel()
        return known

    def patient(self, version: Version) -> OpenedPatient:
        """The opened patient.

        Raises
        ------
        RefusedError
            While it is being opened, and where that failed.
        """
        opening = self.begin(version)
        if not opening.done():
            raise RefusedError(
                503,
                "The dose grids of this case are being opened. Try again in a moment.",
                retry_after_s=1,
            )
        try:
            return opening.result()
        except ReirradError as error:
            self.close(version.case_id)
            raise RefusedError(
                409, "The received objects cannot be read again.", *error.problems
            ) from error

    def close(self, case_id: str) -> None:
        """Let all versions of a case go."""
        with self._changing:
            for key in [key for key in self._open if key[0] == case_id]:
                self._open.pop(key).cancel()

    def stop(self) -> None:
        """Open nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _opened(self, version: Version) -> OpenedPatient:
        return opened_patient(
            self._folders.received(version.case_id),
            version.settings,
            version.summary or {},
        )
