"""Cases that are open for reading: the last few, opened in the background."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from reirrad.errors import ReirradError
from reirrad.store.cases import Version
from reirrad.web.problems import RefusedError
from reirrad.workflows.case_reading import OpenedPatient

__all__ = ["OpenedCases"]

MOST_OPEN = 2
MOST_WAITING = 4
WAIT_S = 5.0


class OpenedCases:
    """Patients in memory: those that were asked for last.

    One is opened at a time. An opening that has begun is never given up, so that people
    who look at several cases all get theirs.

    Parameters
    ----------
    opened
        Reads a version that is done.
    wait_s
        How long somebody waits for an opening before being sent away.
    """

    def __init__(
        self, opened: Callable[[Version], OpenedPatient], *, wait_s: float = WAIT_S
    ) -> None:
        self._opened = opened
        self._wait_s = wait_s
        self._pool = ThreadPoolExecutor(1)
        self._open: OrderedDict[tuple[str, int], Future[OpenedPatient]] = OrderedDict()
        self._changing = threading.Lock()

    def begin(self, version: Version) -> "Future[OpenedPatient]":
        """Begin to open a version that is done, unless it is open."""
        key = (version.case_id, version.number)
        with self._changing:
            known = self._open.get(key)
            fresh = known is None
            if known is None:
                known = self._pool.submit(self._opened, version)
                self._open[key] = known
            self._open.move_to_end(key)
            self._let_go()
        if fresh:
            known.add_done_callback(self._one_ended)
        return known

    async def patient(self, version: Version) -> OpenedPatient:
        """The opened patient, waited for a moment.

        Raises
        ------
        RefusedError
            While it is being opened, and where that failed.
        """
        opening = self.begin(version)
        await _ended(opening, self._wait_s)
        if not opening.done() or opening.cancelled():
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

    def _one_ended(self, opening: "Future[OpenedPatient]") -> None:
        # A cancelled one was let go by whoever holds the lock.
        if not opening.cancelled():
            with self._changing:
                self._let_go()

    def _let_go(self) -> None:
        """Let the ones go that nobody has asked for longest."""
        opened = [key for key, one in self._open.items() if one.done()]
        waiting = [
            key
            for key, one in self._open.items()
            if not one.done() and not one.running()
        ]
        for key in opened[: max(0, len(opened) - MOST_OPEN)]:
            del self._open[key]
        for key in waiting[: max(0, len(waiting) - MOST_WAITING)]:
            # One that began just now is kept.
            if self._open[key].cancel():
                del self._open[key]


async def _ended(opening: "Future[OpenedPatient]", wait_s: float) -> None:
    """Wait without holding a thread, at most so long."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def tell(_: object) -> None:
        # Whoever waited may be gone, and the loop with them.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(ended.set)

    opening.add_done_callback(tell)
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await ended.wait()
