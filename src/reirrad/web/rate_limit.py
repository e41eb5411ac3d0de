"""How often an address may ask: a bucket that fills again with time."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["RateLimit"]

MOST_ADDRESSES = 10_000


class RateLimit:
    """Lets every address do so much in a minute, in one go or spread.

    Parameters
    ----------
    per_minute
        How much; whoever used it up gets it back evenly.
    clock
        Seconds, growing.
    """

    def __init__(
        self, per_minute: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = float(per_minute)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._counting = threading.Lock()

    def wait_s(self, address: str, amount: float = 1.0) -> float:
        """Count a request, or say how long to wait until it may come.

        Returns
        -------
        float
            0 where it was counted.
        """
        now = self._clock()
        with self._counting:
            left, then = self._left.pop(address, (self._per_minute, now))
            left = min(self._per_minute, left + (now - then) * self._per_minute / 60.0)
            allowed = left >= amount
            self._left[address] = (left - amount if allowed else left, now)
            while len(self._left) > MOST_ADDRESSES:
                self._left.popitem(last=False)
        return 0.0 if allowed else (amount - left) * 60.0 / self._per_minute
